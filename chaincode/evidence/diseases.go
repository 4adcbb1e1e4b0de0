package evidence

import (
	"slices"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/use"
)

// PinVersions names the versions of the hierarchies that a policy's diseases go by: those in force when it is written that its owner has adopted too. A later version
// changes nothing; where there is none, other terms than the very ones of the policy are for people to judge.
func PinVersions(tx *ledger.Tx, owner string, policy records.Policy) ([]records.OntologyRef, error) {
	var refs []records.OntologyRef
	for _, system := range records.HierarchySystems {
		if !NamesDiseases(policy, system) {
			continue
		}
		state, err := InForceFor(tx, system, owner)
		if refusal.Is(err, refusal.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		refs = append(refs, records.OntologyRef{System: system, Digest: state.Digest})
	}
	return refs, nil
}

// KeepVersions names the versions that a policy goes by which applies to existing grants: of a system that the policy which stands names too, what that one goes by, be it none.
// By another version something else could lie under the same term, and a grant that has ended could come back.
func KeepVersions(tx *ledger.Tx, owner string, policy records.Policy, stands records.PolicyVersion) ([]records.OntologyRef, error) {
	kept := StillNamed(stands.Ontologies, policy.Use)
	if NamesNoOther(policy.Use, stands.Policy.Use) { // nothing is looked up: whoever only takes away is held back by nothing that others write
		return kept, nil
	}
	fresh, err := PinVersions(tx, owner, policy)
	if err != nil {
		return nil, err
	}
	var refs []records.OntologyRef
	for _, system := range records.HierarchySystems {
		from := fresh
		if NamesDiseases(stands.Policy, system) {
			from = kept
		}
		if digest := Pinned(from, system); digest != "" {
			refs = append(refs, records.OntologyRef{System: system, Digest: digest})
		}
	}
	return refs, nil
}

// ChangedVersions are the systems of whose hierarchy two policies go by different versions, or one of them by none.
func ChangedVersions(one, other records.PolicyVersion) []string {
	return slices.DeleteFunc(slices.Clone(records.HierarchySystems), func(system string) bool {
		return Pinned(one.Ontologies, system) == Pinned(other.Ontologies, system)
	})
}

// Pinned is the digest of the version of a system's hierarchy that a policy goes by; empty for none.
func Pinned(refs []records.OntologyRef, system string) string {
	for _, ref := range refs {
		if ref.System == system {
			return ref.Digest
		}
	}
	return ""
}

// NamesDiseases tells whether a policy names diseases of a system.
func NamesDiseases(policy records.Policy, system string) bool {
	return slices.ContainsFunc(DiseasesOf(policy), func(term string) bool { return use.SystemOf(term) == system })
}

// NamesNoOther tells whether uses name diseases of no other system than earlier ones.
func NamesNoOther(next, was []records.Alternative) bool {
	return !slices.ContainsFunc(records.HierarchySystems, func(system string) bool {
		return NamesDiseases(records.Policy{Use: next}, system) && !NamesDiseases(records.Policy{Use: was}, system)
	})
}

// StillNamed are those of some versions of hierarchies whose system uses name.
func StillNamed(refs []records.OntologyRef, uses []records.Alternative) []records.OntologyRef {
	return slices.DeleteFunc(slices.Clone(refs), func(ref records.OntologyRef) bool { return !NamesDiseases(records.Policy{Use: uses}, ref.System) })
}

// GoesBy says by which version of a system's hierarchy a policy's diseases go; nothing when it names none of that system.
func GoesBy(version records.PolicyVersion, system string) []string {
	switch digest := Pinned(version.Ontologies, system); {
	case !NamesDiseases(version.Policy, system):
		return nil
	case digest == "":
		return []string{"Diseases of " + system + " go by no version of its hierarchy: none was in force."}
	default:
		return []string{"Diseases of " + system + " go by the version of its hierarchy with the digest " + digest + "."}
	}
}

// Widened is what something widens, in words, with the hierarchies that its diseases go by: those are looked up when it is written, and somebody could have adopted others
// since the words were read. Nothing is widened without words.
func Widened(words []string, by records.PolicyVersion) []string {
	if len(words) == 0 {
		return nil
	}
	for _, system := range records.HierarchySystems {
		words = append(words, GoesBy(by, system)...)
	}
	return words
}

// PlaceTerms looks terms up in the pinned versions of their hierarchies: of each asked or allowed term at most three reads, whatever the size of the hierarchy. Allowed
// terms are looked up only in systems that are asked about. Terms that a version no longer tells, because it is not whole on the ledger, are lost: what needs them is denied.
func PlaceTerms(tx *ledger.Tx, refs []records.OntologyRef, asked, allowed []string) (use.Hierarchy, error) {
	hierarchy := use.Hierarchy{}
	for _, ref := range refs {
		ofSystem := func(term string) bool { return use.SystemOf(term) == ref.System }
		if !slices.ContainsFunc(asked, ofSystem) {
			continue
		}
		for _, term := range slices.Concat(asked, allowed) {
			if _, known := hierarchy[term]; known || !ofSystem(term) {
				continue
			}
			_, code, _ := records.SplitDisease(term)
			found, err := PlaceTerm(tx, ref.System, ref.Digest, code)
			if refusal.Is(err, refusal.NotFound) {
				found.Lost, err = true, nil
			}
			if err != nil {
				return nil, err
			}
			hierarchy[term] = found
		}
	}
	return hierarchy, nil
}

// DiseasesOf are the diseases that a policy's alternatives name.
func DiseasesOf(policy records.Policy) []string {
	var terms []string
	for _, alternative := range policy.Use {
		terms = append(terms, alternative.Diseases...)
	}
	return terms
}
