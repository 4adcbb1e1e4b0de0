package ledger

import (
	"strings"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// DelegationAt reads the delegation that a vote names, by all that its key is made of.
//
// Refuses with NOT_FOUND, FORGED.
func (tx *Tx) DelegationAt(institution, role, member, id string) (*Sealed[records.Delegation], error) {
	key := strings.Join([]string{records.DelegationType, institution, role, member, id}, "/")
	finding, err := at[records.Delegation](tx, key, "delegation "+id)
	if err != nil {
		return nil, err
	}
	return finding.Must()
}

// Delegation finds a delegation of an institution by its id, or by a prefix of it that no other sealed one has. Only keys that end so are verified.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORGED.
func (tx *Tx) Delegation(institution, id string) (*Sealed[records.Delegation], error) {
	finding := Finding[records.Delegation]{what: "delegation of " + institution + " that begins with " + id}
	var found []*Sealed[records.Delegation]
	start, end := under(records.DelegationType + "/" + institution)
	err := tx.scan(start, end, func(key string, value []byte) (bool, error) {
		if !strings.HasPrefix(key[strings.LastIndexByte(key, '/')+1:], id) {
			return true, nil
		}
		sealed, forgery, err := verify[records.Delegation](tx, key, value)
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
		return nil, refusal.New(refusal.Ambiguous, "%d delegations of %s begin with %s", len(found), institution, id).Hinting("give more digits of the id")
	case len(found) == 1:
		finding.Record = relyOn(tx, found[0])
	}
	return finding.Must()
}

// Delegations lists the delegations of an institution, or of one of its committees, or of one member there; of every institution when it is empty.
func Delegations(institution, role, member string) Listing {
	prefix := records.DelegationType
	for _, part := range []string{institution, role, member} {
		if part == "" {
			break
		}
		prefix += "/" + part
	}
	return Listing{prefix: prefix}
}

func delegationsTo(deputy string) string { return "i/delegation-deputy/" + deputy } // earliest end first

func delegationEntries(delegation *records.Record[records.Delegation]) []Entry {
	body := delegation.Body
	prefix := delegationsTo(records.Person{Institution: body.Institution, ID: body.Deputy}.String())
	return []Entry{{prefix + "/" + ascending(body.Until) + "/" + body.Role + "/" + body.Member + "/" + delegation.ID, delegation.Owner}}
}

// DelegationsTo lists what a person is or was a deputy by, the earliest end first; what ended by `from` is left out.
func DelegationsTo(institution, deputy string, from records.Time) Listing {
	listing := indexed(delegationsTo(records.Person{Institution: institution, ID: deputy}.String()))
	listing.from = listing.prefix + "/" + ascending(from.Add(1))
	listing.target = func(entry string) string {
		// i/delegation-deputy/<institution>/<deputy>/<until>/<role>/<member>/<tx>
		_, name, _ := strings.Cut(strings.TrimPrefix(entry, listing.prefix+"/"), "/")
		return records.DelegationType + "/" + institution + "/" + name
	}
	return listing
}

// maxDeputyFor bounds how many entries are looked at for what a person is a deputy by.
const maxDeputyFor = 200

// DeputyFor lists the sealed delegations by which a person is a deputy and that have not run out at a moment. Entries that are false or lead to a forgery are passed over.
func (tx *Tx) DeputyFor(institution, deputy string, at records.Time) ([]*Sealed[records.Delegation], error) {
	listing := DelegationsTo(institution, deputy, at)
	_, end := under(listing.prefix)
	var found []*Sealed[records.Delegation]
	seen := 0
	err := tx.scan(listing.from, end, func(entry string, _ []byte) (bool, error) {
		seen++
		record, forgery, err := leadsTo[records.Delegation](tx, listing.target(entry))
		if err != nil || forgery != nil || !leadsHere(entry, &record.Record) {
			return seen < maxDeputyFor, err
		}
		found = append(found, record)
		return seen < maxDeputyFor, nil
	})
	return found, err
}
