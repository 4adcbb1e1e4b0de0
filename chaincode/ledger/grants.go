package ledger

import "medconsent.org/chaincode/records"

// LastingGrantsOf lists the grants of a person on a dataset whose time is not over, the latest end first. What expired costs nothing.
func LastingGrantsOf(person, dataset string, now records.Time) Listing {
	listing := indexed(grantsOf(person, dataset))
	listing.to = listing.prefix + "/" + descending(now)
	return listing
}

// Acceptances reads every sealed word of a grantee on a grant's terms, in the order of the keys. Forged ones count for nothing and are told apart.
func (tx *Tx) Acceptances(grant string, person records.Person) ([]*Sealed[records.Acceptance], []Forgery, error) {
	start, end := under(records.AcceptanceType + "/" + grant + "/" + person.String())
	sealed, forgeries, err := all[records.Acceptance](tx, start, end)
	for _, acceptance := range sealed {
		relyOn(tx, acceptance)
	}
	return sealed, forgeries, err
}

// Breakglass reads a break-glass record by its id or a unique prefix of it.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORGED.
func (tx *Tx) Breakglass(id string) (*Sealed[records.Breakglass], error) {
	return byTx[records.Breakglass](tx, records.BreakglassType, id)
}

// Emergencies finds what an institution has to keep in mind about its break-glass grants.
func (tx *Tx) Emergencies(institution string) (Finding[records.Emergencies], error) {
	return named(tx, records.Emergencies{}, institution)
}

// AllBreakglass lists every break-glass record, newest first.
func AllBreakglass() Listing { return indexed(allBreakglass()) }

// BreakglassByOwner lists the break-glass records on an institution's datasets, newest first.
func BreakglassByOwner(institution string) Listing { return indexed(breakglassByOwner(institution)) }

func allBreakglass() string                       { return "i/breakglass-all" }
func breakglassByOwner(institution string) string { return "i/breakglass-owner/" + institution }

func breakglassEntries(record *records.Record[records.Breakglass]) []Entry {
	last := "/" + descending(record.CreatedAt()) + "/" + record.ID
	return []Entry{
		{allBreakglass() + last, record.Owner},
		{breakglassByOwner(record.Owner) + last, record.Owner},
		trailEntry(record.Body.Dataset, record.CreatedAt(), record.Key()),
	}
}
