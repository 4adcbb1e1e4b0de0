package ledger

import (
	"slices"
	"strings"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// Institution finds an institution's record by its MSP ID.
func (tx *Tx) Institution(name string) (Finding[records.Institution], error) {
	return Named(tx, records.Institution{}, name)
}

// Registered lists the institutions that have a sealed record of themselves, in the order of their names.
func (tx *Tx) Registered() ([]string, error) {
	sealed, _, err := Under[records.Institution](tx, records.InstitutionType)
	names := make([]string, 0, len(sealed))
	for _, record := range sealed {
		names = append(names, RelyOn(tx, record).Record.Owner)
	}
	return slices.Compact(names), err
}

// Committee finds an institution's roster for a role.
func (tx *Tx) Committee(institution, role string) (Finding[records.Committee], error) {
	return Named(tx, records.Committee{Institution: institution, Role: role}, records.CommitteeID(institution, role))
}

// Dataset finds a dataset's head.
func (tx *Tx) Dataset(id string) (Finding[records.Dataset], error) {
	return Named(tx, records.Dataset{}, id)
}

// Version finds one version of a dataset.
func (tx *Tx) Version(dataset string, number int64) (Finding[records.Version], error) {
	return Named(tx, records.Version{Dataset: dataset, Version: number}, records.Numbered(dataset, '@', number))
}

// Manifest finds the text of one version's manifest.
func (tx *Tx) Manifest(dataset string, number int64) (Finding[records.Manifest], error) {
	return Named(tx, records.Manifest{Dataset: dataset, Version: number}, records.Numbered(dataset, '@', number))
}

// Policy finds one version of a dataset's policy.
func (tx *Tx) Policy(dataset string, number int64) (Finding[records.PolicyVersion], error) {
	return Named(tx, records.PolicyVersion{Dataset: dataset, Version: number}, records.Numbered(dataset, '#', number))
}

// Request reads a request by its id or a unique prefix of it.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORGED.
func (tx *Tx) Request(id string) (*Sealed[records.Request], error) {
	return ByTx[records.Request](tx, id)
}

// Grant reads a grant by its id or a unique prefix of it.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORGED.
func (tx *Tx) Grant(id string) (*Sealed[records.Grant], error) {
	return ByTx[records.Grant](tx, id)
}

// Votes reads every sealed vote on a request. Forged votes count for nothing and are told apart.
func (tx *Tx) Votes(request string) ([]*Sealed[records.Vote], []Forgery, error) {
	return everything[records.Vote](tx, records.VoteType+"/"+request)
}

// Remarks reads every sealed remark on a request, as Votes does.
func (tx *Tx) Remarks(request string) ([]*Sealed[records.Remark], []Forgery, error) {
	return everything[records.Remark](tx, records.RemarkType+"/"+request)
}

// Invitations reads every sealed invitation to give an opinion on a request, as Votes does.
func (tx *Tx) Invitations(request string) ([]*Sealed[records.Invitation], []Forgery, error) {
	return everything[records.Invitation](tx, records.InvitationType+"/"+request)
}

// Acceptances reads every sealed word of a grantee on a grant's terms, as Votes does.
func (tx *Tx) Acceptances(grant string, person records.Person) ([]*Sealed[records.Acceptance], []Forgery, error) {
	return everything[records.Acceptance](tx, records.AcceptanceType+"/"+grant+"/"+person.String())
}

// everything reads and relies on what is sealed under a prefix, in the order of the keys.
func everything[B records.Body](tx *Tx, prefix string) ([]*Sealed[B], []Forgery, error) {
	sealed, forgeries, err := Under[B](tx, prefix)
	for _, record := range sealed {
		RelyOn(tx, record)
	}
	return sealed, forgeries, err
}

// AuthorOf finds who made the sealed remark on a request that names a commitment. Forged remarks count for nothing.
func (tx *Tx) AuthorOf(request, commitment string) (author records.Person, ok bool, err error) {
	sealed, _, err := Under[records.Remark](tx, records.RemarkType+"/"+request)
	for _, remark := range sealed {
		if err == nil && remark.Record.Body.Commitment == commitment {
			return RelyOn(tx, remark).Record.Body.Author, true, nil
		}
	}
	return records.Person{}, false, err
}

// Breakglass reads a break-glass record by its id or a unique prefix of it.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORGED.
func (tx *Tx) Breakglass(id string) (*Sealed[records.Breakglass], error) {
	return ByTx[records.Breakglass](tx, id)
}

// Emergencies finds what an institution has to keep in mind about its break-glass grants.
func (tx *Tx) Emergencies(institution string) (Finding[records.Emergencies], error) {
	return Named(tx, records.Emergencies{}, institution)
}

// DelegationAt reads the delegation that a vote names, by all that its key is made of.
//
// Refuses with NOT_FOUND, FORGED.
func (tx *Tx) DelegationAt(institution, role, member, id string) (*Sealed[records.Delegation], error) {
	key := strings.Join([]string{records.DelegationType, institution, role, member, id}, "/")
	finding, err := At[records.Delegation](tx, key, "delegation "+id)
	if err != nil {
		return nil, err
	}
	return finding.Must()
}

// Delegation finds a delegation of an institution by its id, or by a prefix of it that no other sealed one has.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORGED.
func (tx *Tx) Delegation(institution, id string) (*Sealed[records.Delegation], error) {
	return Ending[records.Delegation](tx, records.DelegationType+"/"+institution, id, institution)
}

// maxDeputyFor bounds how many entries are looked at for what a person is a deputy by.
const maxDeputyFor = 200

// DeputyFor lists the sealed delegations by which a person is a deputy and that have not run out at a moment. Entries that are false or lead to a forgery are passed over.
func (tx *Tx) DeputyFor(institution, deputy string, at records.Time) ([]*Sealed[records.Delegation], error) {
	var found []*Sealed[records.Delegation]
	seen := 0
	err := Visit(tx, records.DelegationsTo(institution, deputy, at), func(_ *Tx, delegation *Sealed[records.Delegation], _ *Forgery) (bool, error) {
		if delegation != nil {
			found = append(found, RelyOn(tx, delegation))
		}
		seen++
		return seen < maxDeputyFor, nil
	})
	return found, err
}

// GrantsOf visits the grants that a person holds on a dataset, the latest end first, until visit says stop: so what expired long ago costs nothing.
// Index entries may be missing or false under attack: what they lead to is verified, and a false one can only cost a little time.
func (tx *Tx) GrantsOf(person, dataset string, visit func(scope *Tx, grant *Sealed[records.Grant], forgery *Forgery) (more bool, err error)) error {
	listing := records.GrantsByPerson(person, dataset)
	listing.Fits = func(entry string, record records.Any) bool {
		grant, ok := record.(*records.Record[records.Grant])
		return ok && entry == records.PersonEntry(grant, person).Key
	}
	return Visit(tx, listing, func(scope *Tx, grant *Sealed[records.Grant], forgery *Forgery) (bool, error) {
		if grant == nil && forgery == nil {
			return true, nil
		}
		return visit(scope, grant, forgery)
	})
}

// Ground finds what a dataset version rests on.
func (tx *Tx) Ground(dataset string, version int64) (Finding[records.Ground], error) {
	return Named(tx, records.Ground{Dataset: dataset, Version: version}, records.Numbered(dataset, '@', version))
}

// Cohort finds a cohort's head.
func (tx *Tx) Cohort(id string) (Finding[records.Cohort], error) {
	return Named(tx, records.Cohort{}, id)
}

// Epoch finds one epoch of a cohort.
func (tx *Tx) Epoch(cohort string, number int64) (Finding[records.Epoch], error) {
	return Named(tx, records.Epoch{Cohort: cohort, Epoch: number}, records.Numbered(cohort, '~', number))
}

// Exclusion finds what the owner attests of a cohort's withdrawn in a dataset version.
func (tx *Tx) Exclusion(dataset string, version int64, cohort string) (Finding[records.Exclusion], error) {
	return Named(tx, records.Exclusion{Dataset: dataset, Version: version, Cohort: cohort}, records.ExclusionID(dataset, version, cohort))
}

// Basis finds a legal basis.
func (tx *Tx) Basis(id string) (Finding[records.Basis], error) {
	return Named(tx, records.Basis{}, id)
}

// Deid finds the statement of how a dataset version was de-identified.
func (tx *Tx) Deid(dataset string, version int64) (Finding[records.Deid], error) {
	return Named(tx, records.Deid{Dataset: dataset, Version: version}, records.Numbered(dataset, '@', version))
}

// OntologyPage gives the stored form of a page, or nil when no key has bytes of that hash.
func (tx *Tx) OntologyPage(sha256 string) ([]byte, error) {
	return tx.ByHash(records.OntologyPageType, sha256)
}

// OntologyIndex gives the index whose digest that is, or nil when it is not there.
func (tx *Tx) OntologyIndex(digest string) (*records.OntologyIndex, error) {
	return parsed(tx, records.OntologyIndexType, digest, records.ParseOntologyIndex)
}

// KeepOntologyPage queues a page unless it is there, with the institution's key-level policy. It gives the page's hash, and whether it is new.
func (tx *Tx) KeepOntologyPage(institution string, stored []byte) (sha256 string, isNew bool, err error) {
	return tx.KeepByHash(records.OntologyPageType, institution, stored)
}

// KeepOntologyIndex queues an index unless it is there, with the institution's key-level policy. It gives the index's hash, which is the ontology's digest.
func (tx *Tx) KeepOntologyIndex(institution string, stored []byte) (digest string, isNew bool, err error) {
	return tx.KeepByHash(records.OntologyIndexType, institution, stored)
}

// parsed gives what stands by its hash, or nil: bytes of that hash that are no such thing nobody publishes, adopts or names.
func parsed[V any](tx *Tx, kind, sha256 string, parse func([]byte) (V, error)) (*V, error) {
	return Once(tx, kind+"/"+sha256, func() (*V, error) {
		stored, err := tx.ByHash(kind, sha256)
		if stored == nil || err != nil {
			return nil, err
		}
		value, err := parse(stored)
		if err != nil {
			return nil, nil
		}
		return &value, nil
	})
}

// Adoption finds the record of one institution that says that it goes by a version of a hierarchy.
func (tx *Tx) Adoption(system, digest, institution string) (Finding[records.Ontology], error) {
	return Named(tx, records.Ontology{System: system, Index: digest}, records.OntologyID(system, digest)+"/"+institution)
}

// Adoptions finds the records of all institutions that say that they go by a version of a hierarchy, in the order of their names. An institution that sealed two
// under one name has not spoken.
func (tx *Tx) Adoptions(system, digest string) ([]*Sealed[records.Ontology], error) {
	return tx.adoptions(records.OntologyID(system, digest))
}

// AdoptionsOf finds the records of all institutions on all versions of a system's hierarchy, sorted by digest and name.
func (tx *Tx) AdoptionsOf(system string) ([]*Sealed[records.Ontology], error) {
	return tx.adoptions(system)
}

func (tx *Tx) adoptions(name string) ([]*Sealed[records.Ontology], error) {
	sealed, _, err := Under[records.Ontology](tx, records.OntologyType+"/"+name)
	if err != nil {
		return nil, err
	}
	same := func(a, b *Sealed[records.Ontology]) bool { return a.Record.ID == b.Record.ID }
	spoken := make([]*Sealed[records.Ontology], 0, len(sealed))
	for i, record := range sealed { // sorted by key, so by id
		if i > 0 && same(sealed[i-1], record) || i+1 < len(sealed) && same(record, sealed[i+1]) {
			continue
		}
		spoken = append(spoken, RelyOn(tx, record))
	}
	return spoken, nil
}

// Term looks one term up in a version of a hierarchy, for a decision: two reads, the index and one page, whatever the size of the hierarchy; each is compared with its
// hash, so whoever names the digest gets the terms that were in it then. Nil when that version has no such term.
//
// Refuses with NOT_FOUND when the index or the page is not on the ledger.
func (tx *Tx) Term(system, digest, code string) (*records.Term, error) {
	index, err := tx.OntologyIndex(digest)
	if err != nil {
		return nil, err
	}
	if index == nil || index.System != system {
		return nil, NoOntology(system, digest)
	}
	tx.Rely(records.OntologyIndexType+"/"+digest, 0, Ref{Type: records.OntologyType, ID: system + "@" + index.Version, Digest: digest})
	after, exact := slices.BinarySearchFunc(index.Pages, code, func(page records.PageRef, code string) int { return strings.Compare(page.First, code) })
	if !exact {
		after--
	}
	if after < 0 {
		return nil, nil
	}
	page, err := parsed(tx, records.OntologyPageType, index.Pages[after].SHA256, records.ParseOntologyPage)
	if err != nil {
		return nil, err
	}
	if page == nil {
		return nil, NoOntology(system, digest)
	}
	at, exact := slices.BinarySearchFunc(page.Terms, code, func(term records.Term, code string) int { return strings.Compare(term.Code, code) })
	if !exact {
		return nil, nil
	}
	return &page.Terms[at], nil
}

// NoOntology is the refusal for a version of a hierarchy that is not on the ledger, or not whole.
func NoOntology(system, digest string) error {
	return refusal.New(refusal.NotFound, "there is no %s ontology %s on the ledger, or a page of it is not there", system, digest).
		Hinting("load its file (ontology load): pages stand by their hash, so whoever has the file can put back what is missing")
}
