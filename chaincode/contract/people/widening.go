package people

import (
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/lawful"
)

// ofTheirOwn notes that who published a version also says what it rests on, or how it was de-identified: by that its policy begins to count, and one person would have made
// all of it. One key is one person, whatever the name.
func ofTheirOwn(tx *ledger.Tx, caller ledger.Caller, version *ledger.Sealed[records.Version], what string) {
	if by := version.Record.Changes[0].By; by.ID == caller.ID || by.Key == caller.Key {
		tx.Widens(caller.ID + ", who published " + version.Record.ID + ", also says " + what)
	}
}

// widerUses says what people, or a law's purposes, permit that they did not before.
func widerUses(tx *ledger.Tx, what string, next, was []records.Alternative, nextRefs, wasRefs []records.OntologyRef) ([]string, error) {
	one, other := records.Policy{Use: next}, records.Policy{Use: was}
	after := records.PolicyVersion{Policy: one, Ontologies: nextRefs}
	changed := evidence.ChangedVersions(after, records.PolicyVersion{Policy: other, Ontologies: wasRefs})
	if len(lawful.WiderUses(what, next, was, nil, changed...)) == 0 { // shown without a hierarchy, which stands where others can write
		return nil, nil
	}
	hierarchy, err := evidence.PlaceTerms(tx, nextRefs, evidence.DiseasesOf(one), evidence.DiseasesOf(other))
	if err != nil {
		return nil, err
	}
	return evidence.Widened(lawful.WiderUses(what, next, was, hierarchy, changed...), after), nil
}
