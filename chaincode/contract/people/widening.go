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

// uses are what people, or a law's purposes, permitted, with the versions of the hierarchies that they went by.
type uses struct {
	permitted []records.Alternative
	refs      []records.OntologyRef
}

// goesBy names the versions of the hierarchies that uses go by. Those that stay as they are, or are shown to be fewer without a look at a hierarchy, go by what they went by: whoever
// only takes away looks nothing up, and is held back by nothing that others write.
func goesBy(tx *ledger.Tx, institution string, next []records.Alternative, was uses) ([]records.OntologyRef, error) {
	switch {
	case len(was.permitted) > 0 && lawful.SameUses(next, was.permitted):
		return was.refs, nil
	case len(was.permitted) > 0 && len(lawful.WiderUses("", next, was.permitted, nil)) == 0 && evidence.NamesNoOther(next, was.permitted):
		return evidence.StillNamed(was.refs, next), nil
	}
	return evidence.PinVersions(tx, institution, records.Policy{Use: next})
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
