package review

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/use"
)

// Unregistered says which of the institutions that may ask, or that have a veto and no committee, have no record on the ledger. An institution can make its record
// later, so a policy can name it before.
func Unregistered(policy records.Policy, rosters map[string]Roster, registered []string) []rules.Reason {
	var reasons []rules.Reason
	say := func(clause, institution string) {
		reason := rules.Reason{Code: rules.InstitutionUnknown, Message: noRecord(institution), Clause: clause}
		if !slices.Contains(registered, institution) && !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	for _, named := range use.Namings(policy) {
		for _, institution := range named.Institutions {
			say(named.Clause, institution)
		}
	}
	for i, veto := range policy.Vetoes {
		if roster := rosters[veto.Committee()]; roster.Unregistered {
			say(fmt.Sprintf("vetoes[%d]", i), veto.Institution)
		}
	}
	return reasons
}
