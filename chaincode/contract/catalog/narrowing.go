package catalog

import (
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/use"
)

// narrows makes sure that a policy that is to apply to existing grants allows at most what the policy that stands allows, and at most what the last one that applied
// to existing grants allowed: so a grant that has ended by that one stays ended, and looking at the newest is enough.
//
// Refuses with POLICY_NOT_NARROWER and every reason.
func narrows(tx *ledger.Tx, body records.PolicyVersion, was records.Dataset) error {
	for _, number := range narrowerThan(was.LatestPolicy, was.NarrowedBy) {
		before, reasons, err := widerThan(tx, body, number)
		if err != nil {
			return err
		}
		if len(reasons) > 0 {
			return rules.WithReasons(refusal.New(refusal.PolicyNotNarrower, "a policy applies to existing grants only when it narrows, and this one is not narrower than %s: %s",
				before.Record.ID, reasons[0].Message).At("policy."+reasons[0].Clause).
				Hinting("leave applies out and grants stay as they are; grant.revoke ends a single one"), reasons)
		}
	}
	return nil
}

// narrowerThan are the numbers of the policies that one which applies to existing grants has to be narrower than: the one that stands, and the last one that
// applied to existing grants (0: none).
func narrowerThan(standing, narrowedBy int64) []int64 {
	numbers := []int64{standing}
	if narrowedBy != 0 && narrowedBy != standing {
		numbers = append(numbers, narrowedBy)
	}
	return numbers
}

// widerThan says why a policy is not shown to be narrower than an earlier one of its dataset.
func widerThan(tx *ledger.Tx, body records.PolicyVersion, number int64) (*ledger.Sealed[records.PolicyVersion], []rules.Reason, error) {
	before, err := evidence.ReadPolicy(tx, body.Dataset, number)
	if err != nil {
		return nil, nil, err
	}
	changed := evidence.ChangedVersions(body, before.Record.Body)
	if len(use.Wider(body.Policy, before.Record.Body.Policy, nil, changed...)) == 0 { // shown without a hierarchy, which stands where others can write
		return before, nil, nil
	}
	hierarchy, err := evidence.PlaceTerms(tx, body.Ontologies, evidence.DiseasesOf(body.Policy), evidence.DiseasesOf(before.Record.Body.Policy))
	if err != nil {
		return nil, nil, err
	}
	return before, use.Wider(body.Policy, before.Record.Body.Policy, hierarchy, changed...), nil
}
