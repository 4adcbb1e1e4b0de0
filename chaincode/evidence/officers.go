package evidence

import (
	"slices"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// NeedOffice refuses with FORBIDDEN who does not hold one of the offices at their institution by the key that signed: a certificate alone can be had from the CA by one
// person.
func NeedOffice(tx *ledger.Tx, caller ledger.Caller, roles ...string) error {
	holds, err := HoldsOffice(tx, caller, roles...)
	if err != nil || holds {
		return err
	}
	return refusal.New(refusal.Forbidden, "%s is no officer of %s by the key %.12s", caller.Person(), caller.Institution, caller.Key).
		Hinting("institution.get shows its officers; an operator and a second officer change them (institution.set)")
}

// HoldsOffice tells whether the caller is an officer of their institution by the key that signed, in one of the roles, which the certificate carries too.
func HoldsOffice(tx *ledger.Tx, caller ledger.Caller, roles ...string) (bool, error) {
	institution, err := Maybe(FindInstitution(tx, caller.Institution))
	if err != nil || institution == nil {
		return false, err
	}
	return slices.ContainsFunc(institution.Record.Body.Officers, func(officer records.Officer) bool {
		return officer.ID == caller.ID && officer.Key == caller.Key && slices.ContainsFunc(officer.Roles, func(role string) bool {
			return slices.Contains(roles, role) && caller.Has(role)
		})
	}), nil
}

// ActiveKey gives the key of a person that stands.
//
// Refuses with NOT_FOUND when none does.
func ActiveKey(tx *ledger.Tx, institution, person string) (*ledger.Sealed[records.Key], error) {
	keys, _, err := ReadKeys(tx, institution, person)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if key.Record.Status == records.Active {
			return key, nil
		}
	}
	return nil, refusal.New(refusal.NotFound, "no key of %s/%s stands on the ledger", institution, person).
		Hinting("they announce it (person.announce), and an officer of %s admits it (person.admit)", institution)
}
