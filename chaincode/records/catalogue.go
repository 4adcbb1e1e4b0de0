package records

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// Catalogue is every type of record, in the order of docs/contract.md. A new one needs an entry here, a file with its body beside it, and the transactions of its area.
var Catalogue []Kind

// It is filled here because a body's index entries are made from its record's key, which looks the record's type up in it.
func init() {
	Catalogue = []Kind{
		Type[Institution]{Noun: "institution", Statuses: []Status{Active}},
		Type[Committee]{Noun: "committee", Statuses: []Status{Active}, Anew: true},
		Type[Key]{Noun: "person", ID: ByTransaction, Statuses: []Status{Announced, Active, Ended}, Posts: keyPosts, Anew: true, Fixed: true},
		Type[Proposal]{Noun: "proposal", ID: ByTransaction, Statuses: []Status{Proposed, Confirmed, Rejected, Withdrawn}, Index: proposalEntries, Posts: proposalPosts},
		Type[Dataset]{Noun: "dataset", Statuses: []Status{Active}, Trail: func(r *Record[Dataset]) string { return r.ID }},
		Type[Version]{Noun: "version", Statuses: []Status{Final}, Trail: func(r *Record[Version]) string { return r.Body.Dataset }},
		Type[Manifest]{Noun: "manifest", Statuses: []Status{Final}},
		Type[PolicyVersion]{Noun: "policy", Statuses: []Status{Final}, Trail: func(r *Record[PolicyVersion]) string { return r.Body.Dataset }},
		Type[Request]{Noun: "request", ID: ByTransaction, Statuses: []Status{Open, Withdrawn}, Fixed: true, Made: Request.made, Index: requestEntries, Passing: func(r *Record[Request]) []Entry { return []Entry{OpenEntry(r)} }, Trail: func(r *Record[Request]) string { return r.Body.Dataset }},
		Type[Vote]{Noun: "vote", ID: ByTransaction, Statuses: []Status{Final}, Posts: InSeries[Vote], Whole: true},
		Type[Delegation]{Noun: "delegation", ID: ByTransaction, Statuses: []Status{Active, Ended}, Index: delegationEntries, Posts: delegationPosts},
		Type[Grant]{Noun: "grant", ID: ByTransaction, Statuses: []Status{Active, Suspended, Revoked, Relinquished}, Fixed: true, Index: grantEntries, Posts: grantPosts, Trail: func(r *Record[Grant]) string { return r.Body.Dataset }},
		Type[Acceptance]{Noun: "acceptance", ID: ByTransaction, Statuses: []Status{Final}, Posts: InSeries[Acceptance], Trail: func(r *Record[Acceptance]) string { return r.Body.Dataset }},
		Type[Breakglass]{Noun: "breakglass", ID: ByTransaction, Statuses: []Status{Proposed, Open, Justified}, Index: breakglassEntries, Posts: breakglassPosts, Trail: func(r *Record[Breakglass]) string { return r.Body.Dataset }},
		Type[Emergencies]{Noun: "emergencies", Statuses: []Status{Active}},
		Type[Remark]{Noun: "remark", ID: ByTransaction, Statuses: []Status{Final}, Posts: remarkPosts, Trail: func(r *Record[Remark]) string { return r.Body.Dataset }},
		Type[Invitation]{Noun: "invitation", ID: ByTransaction, Statuses: []Status{Final}, Index: invitationEntries, Posts: InSeries[Invitation], Trail: func(r *Record[Invitation]) string { return r.Body.Dataset }},
		Type[Ground]{Noun: "ground", Statuses: []Status{Active}, Index: RestingEntries, Trail: func(r *Record[Ground]) string { return r.Body.Dataset }},
		Type[Cohort]{Noun: "cohort", Statuses: []Status{Active, Ended}},
		Type[Epoch]{Noun: "epoch", Statuses: []Status{Final}, Whole: true},
		Type[Exclusion]{Noun: "exclusion", Statuses: []Status{Active}, Trail: func(r *Record[Exclusion]) string { return r.Body.Dataset }},
		Type[Basis]{Noun: "basis", Statuses: []Status{Active, Ended}},
		Type[Deid]{Noun: "deid", Statuses: []Status{Active}, Trail: func(r *Record[Deid]) string { return r.Body.Dataset }},
		Type[Archive]{Noun: "archive", ID: ByTransaction, Statuses: []Status{Final}, Posts: archivePosts, Trail: func(r *Record[Archive]) string { return r.Body.Dataset }},
		Type[Receipt]{Noun: "receipt", ID: ByTransaction, Statuses: []Status{Open, Completed, Aborted}, Index: receiptEntries, Posts: receiptPosts, ForGood: true, Fixed: true, Made: Receipt.asOpened, Trail: func(r *Record[Receipt]) string { return r.Body.Dataset }},
		Type[Ontology]{Noun: "ontology", Statuses: []Status{Active}, Posts: ontologyPosts},
	}
}

// Naming says how a record's id is made.
type Naming string

const (
	// ByName: the id is made from what the record is about, and is the same whoever writes it.
	ByName Naming = ""
	// ByTransaction: the id is that of the transaction that made the record.
	ByTransaction Naming = "transaction"
)

// Type is the catalogue's entry of the records with the body B: all that the rest of the program has to know of them.
type Type[B Body] struct {
	// Noun is what sentences call a record of this type.
	Noun string
	// ID says how its id is made.
	ID Naming
	// Statuses are what its owner can say about it.
	Statuses []Status
	// Trail gives the dataset in whose trail the record stands; nil when it stands in none.
	Trail func(record *Record[B]) (dataset string)
	// Index gives the index entries that a new record gets besides that of the trail; nil when its keys are in the order of its names, and that is enough.
	Index func(record *Record[B]) []Entry
	// Passing gives those of its index entries that are taken away while the record stands; nil when there are none.
	Passing func(record *Record[B]) []Entry
	// Posts gives where its owner says that it is there, besides that a record with a name is posted under its name.
	Posts func(record *Record[B]) []Post
	// Anew says that the record can be made anew when its owner has lost it: what it said before counts no more then, and nothing that it took away comes back by that.
	Anew bool
	// Fixed says that the record tells what it was made with, in the first of the statuses: its body is that, and what changes while it stands is its status alone.
	Fixed bool
	// Made gives the body as it was made, where Fixed has something that is said later; nil where it has not.
	Made func(body B) B
	// Whole says that the record stands in its posts itself, at no public key: so it needs nobody's endorsement but its owner's. It is Final, and in no index.
	Whole bool
	// ForGood says that nobody can take its index entries away, its owner neither.
	ForGood bool
}

// Post is a name under which an owner says in its own collection that a record is there: of that record alone, or of a series of them, which are numbered.
type Post struct {
	Name   string
	Series bool
	// Most is how many a series has at most; zero is as many as are read.
	Most int
	// Anew lets another post of that name follow one that leads to nothing any more.
	Anew bool
}

// InSeries posts a record in the series of those that have the same place.
func InSeries[B Body](record *Record[B]) []Post {
	prefix, _ := record.Body.Place(record.ID)
	return []Post{{Name: prefix, Series: true}}
}

// Kind is a Type whatever its body.
type Kind interface {
	// Name is the record's `type` and the first segment of its key.
	Name() string
	// Called is what sentences call a record of this type.
	Called() string
	// NamedByTx tells whether a record has the id of the transaction that made it.
	NamedByTx() bool
	// InTrail tells whether a record stands in the trail of a dataset.
	InTrail() bool
	// Says lists the statuses that a record can have.
	Says() []Status
	// IsFinal tells whether a record is never changed once it is there.
	IsFinal() bool
	// CanEnd tells whether a record can have a status that is an end.
	CanEnd() bool
	// Decode reads stored bytes.
	Decode(stored []byte) (Any, error)
	// Entries lists the index entries that a new record gets.
	Entries(record Any) []Entry
	// Lasting lists those of them that stand as long as the record does: where everybody looks for it.
	Lasting(record Any) []Entry
	// Posted lists where the owner of a new record says that it is there.
	Posted(record Any) []Post
	// IsWhole tells whether a record stands in its posts itself.
	IsWhole() bool
	// CanBeAnew tells whether a record that its owner has lost can be made anew.
	CanBeAnew() bool
	// FirstState is the stored form that a record was made with which tells it; nil where it does not.
	FirstState(record Any) ([]byte, error)
}

// KindOf is the catalogue's entry of a type, or nil when there is no such type.
func KindOf(name string) Kind {
	i := slices.IndexFunc(Catalogue, func(kind Kind) bool { return kind.Name() == name })
	if i < 0 {
		return nil
	}
	return Catalogue[i]
}

// TypeOf is the type that a key claims: its first segment.
func TypeOf(key string) string {
	kind, _, _ := strings.Cut(key, "/")
	return kind
}

// Name implements Kind.
func (Type[B]) Name() string {
	var body B
	return body.RecordType()
}

// Called implements Kind.
func (t Type[B]) Called() string { return t.Noun }

// NamedByTx implements Kind.
func (t Type[B]) NamedByTx() bool { return t.ID == ByTransaction }

// InTrail implements Kind.
func (t Type[B]) InTrail() bool { return t.Trail != nil }

// Says implements Kind.
func (t Type[B]) Says() []Status { return t.Statuses }

// IsFinal implements Kind.
func (t Type[B]) IsFinal() bool { return len(t.Statuses) == 1 && t.Statuses[0] == Final }

// CanEnd implements Kind.
func (t Type[B]) CanEnd() bool { return slices.ContainsFunc(t.Statuses, Status.IsEnd) }

// Decode implements Kind.
func (Type[B]) Decode(stored []byte) (Any, error) {
	record := &Record[B]{}
	return record, json.Unmarshal(stored, record)
}

// IsWhole implements Kind.
func (t Type[B]) IsWhole() bool { return t.Whole }

// CanBeAnew implements Kind.
func (t Type[B]) CanBeAnew() bool { return t.Anew }

// FirstState implements Kind. A record with another body has none.
func (t Type[B]) FirstState(record Any) ([]byte, error) {
	r, ok := record.(*Record[B])
	if !ok || !t.Fixed || len(r.Changes) == 0 {
		return nil, nil
	}
	first := *r
	if t.Made != nil {
		first.Body = t.Made(r.Body)
	}
	first.Revision, first.Status, first.Changes, first.UpdatedAt = 1, t.Statuses[0], r.Changes[:1], r.CreatedAt()
	return first.Bytes()
}

// Posted implements Kind. A record with another body is posted nowhere.
func (t Type[B]) Posted(record Any) []Post {
	r, ok := record.(*Record[B])
	if !ok {
		return nil
	}
	var posts []Post
	if t.ID == ByName {
		prefix, _ := r.Body.Place(r.ID)
		posts = append(posts, Post{Name: prefix, Anew: t.Anew})
	}
	if t.Posts != nil {
		posts = append(posts, t.Posts(r)...)
	}
	return posts
}

// Entries implements Kind. A record with another body has none.
func (t Type[B]) Entries(record Any) []Entry {
	r, ok := record.(*Record[B])
	if !ok {
		return nil
	}
	var entries []Entry
	if t.Index != nil {
		entries = t.Index(r)
	}
	if t.Trail != nil {
		entries = append(entries, trailEntry(t.Trail(r), r.CreatedAt(), r.Key()))
	}
	if t.ForGood {
		for i := range entries {
			entries[i].Policy = Nobody
		}
	}
	return entries
}

// Lasting implements Kind.
func (t Type[B]) Lasting(record Any) []Entry {
	entries := t.Entries(record)
	r, ok := record.(*Record[B])
	if !ok || t.Passing == nil {
		return entries
	}
	passing := t.Passing(r)
	return slices.DeleteFunc(entries, func(entry Entry) bool { return hasEntry(passing, entry.Key) })
}
