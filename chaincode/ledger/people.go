package ledger

import (
	"strings"

	"medconsent.org/chaincode/records"
)

// Ground finds what a dataset version rests on.
func (tx *Tx) Ground(dataset string, version int64) (Finding[records.Ground], error) {
	return named(tx, records.Ground{Dataset: dataset, Version: version}, records.Numbered(dataset, '@', version))
}

// Cohort finds a cohort's head.
func (tx *Tx) Cohort(id string) (Finding[records.Cohort], error) {
	return named(tx, records.Cohort{}, id)
}

// Epoch finds one epoch of a cohort.
func (tx *Tx) Epoch(cohort string, number int64) (Finding[records.Epoch], error) {
	return named(tx, records.Epoch{Cohort: cohort, Epoch: number}, records.Numbered(cohort, '~', number))
}

// Exclusion finds what the owner attests of a cohort's withdrawn in a dataset version.
func (tx *Tx) Exclusion(dataset string, version int64, cohort string) (Finding[records.Exclusion], error) {
	return named(tx, records.Exclusion{Dataset: dataset, Version: version, Cohort: cohort}, records.ExclusionID(dataset, version, cohort))
}

// Basis finds a legal basis.
func (tx *Tx) Basis(id string) (Finding[records.Basis], error) {
	return named(tx, records.Basis{}, id)
}

// Deid finds the statement of how a dataset version was de-identified.
func (tx *Tx) Deid(dataset string, version int64) (Finding[records.Deid], error) {
	return named(tx, records.Deid{Dataset: dataset, Version: version}, records.Numbered(dataset, '@', version))
}

// Cohorts lists the cohorts in the order of their names; of one institution, or of all when it is empty.
func Cohorts(institution string) Listing {
	return Listing{prefix: join(records.CohortType, institution)}
}

// Bases lists the legal bases in the order of their names; of one institution, or of all when it is empty.
func Bases(institution string) Listing { return Listing{prefix: join(records.BasisType, institution)} }

func restingOn(cohort string) string { return "i/cohort-dataset/" + cohort }

// RestingEntries are the index entries of a ground among the versions that rest on its cohorts.
func RestingEntries(ground *records.Record[records.Ground]) []Entry {
	entries := make([]Entry, 0, len(ground.Body.Cohorts))
	for _, cohort := range ground.Body.Cohorts {
		entries = append(entries, Entry{restingOn(cohort) + strings.TrimPrefix(ground.Key(), records.GroundType), ground.Owner})
	}
	return entries
}

// NewRestingEntries are those that a ground needs besides the ones it had. Those that it no longer fits stay, and are passed over.
func NewRestingEntries(before, after *records.Record[records.Ground]) []Entry {
	var entries []Entry
	for _, entry := range RestingEntries(after) {
		if !leadsAmong(entry.Key, RestingEntries(before)) {
			entries = append(entries, entry)
		}
	}
	return entries
}

// RestingOn reads one page of the grounds that name a cohort, in the order of the datasets' names. Items are what show makes of them, or *Forgery.
//
// Refuses with INVALID when the bookmark is not of this list.
func (tx *Tx) RestingOn(cohort string, page Page, show Show[records.Ground]) (items []any, bookmark string, err error) {
	items = []any{}
	listing := Listing{prefix: restingOn(cohort)}
	bookmark, err = tx.walk(listing, page, func(entry string, _ []byte) (bool, error) {
		// i/cohort-dataset/<institution>/<cohort>/<institution>/<slug>/<8 digits>/<tx>
		key := records.GroundType + strings.TrimPrefix(entry, listing.prefix)
		scope := tx.Scope()
		ground, forgery, err := leadsTo[records.Ground](scope, key)
		switch {
		case err != nil:
			return false, err
		case forgery != nil:
			items = append(items, forgery)
			return true, nil
		case !leadsAmong(entry, RestingEntries(&ground.Record)):
			return false, nil
		}
		item, take, err := show(scope, ground)
		if err == nil && take {
			items = append(items, item)
		}
		return take, err
	})
	return items, bookmark, err
}

func leadsAmong(entry string, entries []Entry) bool {
	for _, expected := range entries {
		if expected.Key == entry {
			return true
		}
	}
	return false
}

// remarked is what a remark on a request says of a private text, and no more. Remarks are records of the request's review.
type remarked struct {
	Request    string         `json:"request"`
	Author     records.Person `json:"author"`
	Commitment string         `json:"commitment,omitzero"`
}

const remarkType = "remark"

// RecordType implements records.Body.
func (remarked) RecordType() string { return remarkType }

// Place implements records.Body.
func (r remarked) Place(id string) (prefix, owner string) {
	if !records.IsTx(r.Request) || !records.IsTx(id) || !records.IsInstitution(r.Author.Institution) {
		return "", ""
	}
	return remarkType + "/" + r.Request, r.Author.Institution
}

// AuthorOf finds who made the sealed remark on a request that names a commitment. Forged remarks count for nothing.
func (tx *Tx) AuthorOf(request, commitment string) (author records.Person, ok bool, err error) {
	start, end := under(remarkType + "/" + request)
	sealed, _, err := all[remarked](tx, start, end)
	for _, remark := range sealed {
		if err == nil && remark.Record.Body.Commitment == commitment {
			relyOn(tx, remark)
			return remark.Record.Body.Author, true, nil
		}
	}
	return records.Person{}, false, err
}
