package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// scanLimit is where a peer that has no `ledger.state.totalQueryLimit` of its own cuts a range short without a word. What lies behind is asked for anew.
const scanLimit = 10_000

// scan visits the keys from start to before end, in order, until visit says stop. Fabric protects the range against phantoms.
func (tx *Tx) scan(start, end string, visit func(key string, value []byte) (more bool, err error)) error {
	for start != "" {
		next, err := tx.scanPart(start, end, visit)
		if err != nil {
			return err
		}
		start = next
	}
	return nil
}

// scanPart visits as many as a peer gives at once. It gives where the rest begins, or nothing when there is none, or visit said stop.
func (tx *Tx) scanPart(start, end string, visit func(key string, value []byte) (more bool, err error)) (next string, err error) {
	rows, err := tx.stub.GetStateByRange(start, end)
	if err != nil {
		return "", err
	}
	defer func() {
		// A peer closes by itself what it has sent to the end: to ask it for that would be one more round trip for each lookup.
		if rows.HasNext() {
			err = cmp.Or(err, rows.Close())
		}
	}()
	for n := 1; rows.HasNext(); n++ {
		row, err := rows.Next()
		if err != nil {
			return "", err
		}
		if more, err := visit(row.Key, row.Value); err != nil || !more {
			return "", err
		}
		if n == scanLimit {
			return row.Key + "\x00", nil
		}
	}
	return "", nil
}

// NamesUnder lists what comes next in the keys under a prefix, each once and in order: anybody can write there, so it is only what may have a record.
func (tx *Tx) NamesUnder(prefix string) ([]string, error) {
	var names []string
	start, end := under(prefix)
	err := tx.scan(start, end, func(key string, _ []byte) (bool, error) {
		name, _, _ := strings.Cut(key[len(prefix)+1:], "/")
		if len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
		return true, nil
	})
	return names, err
}

// under is the range of the keys that lie under a prefix: "/" is followed by "0" in ASCII.
func under(prefix string) (start, end string) { return prefix + "/", prefix + "0" }

// Under verifies everything that stands under a prefix, in the order of the keys. Nothing is relied on yet. The range is protected against phantoms: of two
// transactions of which each writes there and reads it, one is invalidated.
func Under[B records.Body](tx *Tx, prefix string) (sealed []*Sealed[B], forgeries []Forgery, err error) {
	start, end := under(prefix)
	return all[B](tx, start, end)
}

// all verifies everything that stands in a range.
func all[B records.Body](tx *Tx, start, end string) (sealed []*Sealed[B], forgeries []Forgery, err error) {
	err = tx.scan(start, end, func(key string, value []byte) (bool, error) {
		record, forgery, err := verify[B](tx, key, value)
		switch {
		case err != nil:
			return false, err
		case forgery != nil:
			forgeries = append(forgeries, *forgery)
		default:
			sealed = append(sealed, record)
		}
		return true, nil
	})
	return sealed, forgeries, err
}

// Finding is the outcome of a lookup: at most one sealed record, and whatever else stands in its place.
type Finding[B records.Body] struct {
	Record    *Sealed[B]
	Forgeries []Forgery
	what      string
	// lost says that the owner posted it, and what stands there is not what it sealed.
	lost bool
}

// Must gives the record, or refuses with NOT_FOUND, or with FORGED when only forgeries stand there.
func (f Finding[B]) Must() (*Sealed[B], error) {
	switch {
	case f.Record != nil:
		return f.Record, nil
	case len(f.Forgeries) > 0:
		return nil, refusal.New(refusal.Forged, "%s is forged: %s", f.what, f.Forgeries[0].Why).With(details(f.Forgeries)...).
			Hinting("it counts for nothing; tell the consortium's operators which key it is")
	default:
		return nil, refusal.New(refusal.NotFound, "there is no %s", f.what)
	}
}

// Maybe gives the record or nil when there is none; forgeries count as none.
func (f Finding[B]) Maybe() (*Sealed[B], error) {
	if f.Record == nil && !f.lost {
		return nil, nil
	}
	return f.Must()
}

func details(forgeries []Forgery) []any {
	const shown = 20
	list := make([]any, 0, shown)
	for _, forgery := range forgeries[:min(len(forgeries), shown)] {
		list = append(list, forgery)
	}
	return list
}

// besides is how much is looked at of what others put beside a record.
const besides = 20

// Named looks a record up by its name: where its owner's post says that it stands. A query also names what others have put beside it, as far as it looks.
func Named[B records.Body](tx *Tx, like B, id string) (Finding[B], error) {
	prefix, owner := like.Place(id)
	finding := Finding[B]{what: fmt.Sprintf("%s %s", like.RecordType(), id)}
	if prefix == "" {
		return finding, nil
	}
	if known, ok := tx.found[tx.named(prefix)].(Finding[B]); ok {
		if known.Record != nil {
			RelyOn(tx, known.Record)
		}
		return known, nil
	}
	whole := records.KindOf(like.RecordType()).IsWhole()
	var rows []*queryresult.KV
	var err error
	if !whole && !tx.quiet {
		if rows, err = tx.beside(prefix); err != nil {
			return finding, err
		}
	}
	finding, err = Posted(tx, owner, prefix, finding.what, func(r *records.Record[B]) bool { return r.ID == id })
	if err != nil {
		return finding, err
	}
	if !whole && tx.quiet && finding.Record == nil { // what stands in its place is the reason why it is missing
		if rows, err = tx.beside(prefix); err != nil {
			return finding, err
		}
	}
	for _, row := range rows {
		if err := addBeside(tx, row, &finding); err != nil {
			return finding, err
		}
	}
	tx.found[tx.named(prefix)] = finding
	return finding, nil
}

// named is where a finding is kept: a quiet one has looked less.
func (tx *Tx) named(prefix string) string {
	if tx.quiet {
		return "named quietly " + prefix
	}
	return "named " + prefix
}

// beside reads what stands under a name, the record that has it and what others have put there. Nothing is decided from that, so a query alone looks, and not without end.
func (tx *Tx) beside(prefix string) ([]*queryresult.KV, error) {
	if tx.Acts {
		return nil, nil
	}
	start, end := under(prefix)
	rows, err := tx.rows(start, end, besides)
	for _, row := range rows {
		tx.ahead[row.Key] = row.Value
	}
	return rows, err
}

// addBeside adds to a finding why what stands beside the record counts for nothing.
func addBeside[B records.Body](tx *Tx, row *queryresult.KV, finding *Finding[B]) error {
	if finding.Record != nil && row.Key == finding.Record.Key || slices.ContainsFunc(finding.Forgeries, func(f Forgery) bool { return f.Key == row.Key }) {
		return nil
	}
	_, forgery, err := verify[B](tx, row.Key, row.Value)
	if err != nil {
		return err
	}
	if forgery == nil {
		forgery = &Forgery{Key: row.Key, Sealed: true, Why: "its owner sealed it, and has not posted it"}
	}
	finding.Forgeries = append(finding.Forgeries, *forgery)
	return nil
}

// ByTx looks a record up by the transaction that made it, or by a prefix of its id that no other sealed record has.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORGED.
func ByTx[B records.Body](tx *Tx, id string) (*Sealed[B], error) {
	var like B
	kind := like.RecordType()
	if records.IsTx(id) {
		finding, err := At[B](tx, kind+"/"+id, fmt.Sprintf("%s %s", kind, id))
		if err != nil {
			return nil, err
		}
		return finding.Must()
	}
	sealed, forgeries, err := all[B](tx, kind+"/"+id, kind+"/"+id+"~")
	if err != nil {
		return nil, err
	}
	if len(sealed) > 1 {
		refused := refusal.New(refusal.Ambiguous, "%d %ss begin with %s", len(sealed), kind, id).Hinting("give more digits of the id")
		for _, record := range sealed[:min(len(sealed), 20)] {
			refused = refused.With(record.Record.ID)
		}
		return nil, refused
	}
	finding := Finding[B]{Forgeries: forgeries, what: fmt.Sprintf("%s that begins with %s", kind, id)}
	if len(sealed) == 1 {
		finding.Record = RelyOn(tx, sealed[0])
	}
	return finding.Must()
}

// Ending looks for the one sealed record under a prefix whose key ends in an id that begins so. Only keys that fit are verified.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORGED.
func Ending[B records.Body](tx *Tx, prefix, id, owner string) (*Sealed[B], error) {
	var like B
	kind := like.RecordType()
	finding := Finding[B]{what: fmt.Sprintf("%s of %s that begins with %s", kind, owner, id)}
	var found []*Sealed[B]
	start, end := under(prefix)
	err := tx.scan(start, end, func(key string, value []byte) (bool, error) {
		if !strings.HasPrefix(key[strings.LastIndexByte(key, '/')+1:], id) {
			return true, nil
		}
		sealed, forgery, err := verify[B](tx, key, value)
		if forgery != nil {
			finding.Forgeries = append(finding.Forgeries, *forgery)
		} else if sealed != nil {
			found = append(found, sealed)
		}
		return true, err
	})
	switch {
	case err != nil:
		return nil, err
	case len(found) > 1:
		return nil, refusal.New(refusal.Ambiguous, "%d %ss of %s begin with %s", len(found), kind, owner, id).Hinting("give more digits of the id")
	case len(found) == 1:
		finding.Record = RelyOn(tx, found[0])
	}
	return finding.Must()
}

// Stands tells whether anything stands at a key.
func (tx *Tx) Stands(key string) (bool, error) {
	value, err := tx.state(key)
	return value != nil, err
}

// Lists are the keys of the entries by which a record is in the lists in which everybody looks for it.
func Lists(record records.Any) []string {
	entries := records.KindOf(record.RecordType()).Lasting(record)
	keys := make([]string, len(entries))
	for i, entry := range entries {
		keys[i] = entry.Key
	}
	return keys
}

// Unlisted gives those of some records that are not everywhere in the lists in which everybody looks for them: whoever made one has left entries out, or taken them away.
// All entries are read in one round trip.
func (tx *Tx) Unlisted(sought ...records.Any) ([]records.Any, error) {
	lists := make([][]string, len(sought))
	for i, record := range sought {
		lists[i] = Lists(record)
	}
	if err := tx.ReadAhead(slices.Concat(lists...)...); err != nil {
		return nil, err
	}
	var unlisted []records.Any
	for i, record := range sought {
		for _, key := range lists[i] {
			stands, err := tx.Stands(key)
			if err != nil {
				return nil, err
			}
			if !stands {
				unlisted = append(unlisted, record)
				break
			}
		}
	}
	return unlisted, nil
}

// At reads one key; what is it called when it is missing.
func At[B records.Body](tx *Tx, key, what string) (Finding[B], error) {
	finding := Finding[B]{what: what}
	if known, ok := tx.found[key].(*Sealed[B]); ok {
		finding.Record = RelyOn(tx, known)
		return finding, nil
	}
	value, err := tx.state(key)
	if err != nil || value == nil {
		return finding, err
	}
	sealed, forgery, err := verify[B](tx, key, value)
	if err != nil {
		return finding, err
	}
	if forgery != nil {
		finding.Forgeries = []Forgery{*forgery}
		return finding, nil
	}
	finding.Record = RelyOn(tx, sealed)
	return finding, nil
}
