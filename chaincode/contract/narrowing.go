package contract

import (
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
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
			return withReasons(refusal.New(refusal.PolicyNotNarrower, "a policy applies to existing grants only when it narrows, and this one is not narrower than %s: %s",
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
	before, err := mustPolicy(tx, body.Dataset, number)
	if err != nil {
		return nil, nil, err
	}
	hierarchy, err := placed(tx, body.Ontologies, diseasesOf(body.Policy), diseasesOf(before.Record.Body.Policy))
	if err != nil {
		return nil, nil, err
	}
	return before, rules.Wider(body.Policy, before.Record.Body.Policy, hierarchy), nil
}

// applying is the latest policy before a moment that applies to a grant although it was given under an earlier one, or nil. One policy is read; earlier ones only for a
// moment before it. A break-glass grant has none: no policy gave it, and none takes it.
func applying(tx *ledger.Tx, grant *ledger.Sealed[records.Grant], at records.Time) (*ledger.Sealed[records.PolicyVersion], error) {
	body := grant.Record.Body
	if body.Breakglass != "" {
		return nil, nil
	}
	head, err := latest(tx, body.Dataset)
	if err != nil {
		return nil, err
	}
	for number := head.Record.Body.NarrowedBy; number > body.PolicyVersion; {
		policy, err := mustPolicy(tx, body.Dataset, number)
		if err != nil {
			return nil, err
		}
		if follows := policy.Record.Body.Follows; at < policy.Record.CreatedAt() && follows < number {
			number = follows
			continue
		}
		return policy, nil
	}
	return nil, nil
}

// narrowed gives the reason why a grant has ended at a moment by a later policy that applies to existing grants, or nil. The grant's record is not touched: it is
// derived.
func narrowed(tx *ledger.Tx, grant *ledger.Sealed[records.Grant], at records.Time) (*rules.Reason, error) {
	body := grant.Record.Body
	policy, err := applying(tx, grant, at)
	if err != nil {
		return endedBy(err, grant.Key)
	}
	if policy == nil {
		return nil, nil
	}
	version := policy.Record.Body
	hierarchy, err := placed(tx, version.Ontologies, body.Purpose.Diseases, diseasesOf(version.Policy))
	if err != nil {
		return nil, err
	}
	verdict := rules.Decide(version.Policy, rules.NarrowedAsk(body, hierarchy))
	if verdict.Answer == rules.Review && missing(version.Ontologies, body.Purpose.Diseases, hierarchy) {
		// Whoever loaded the pages could take them away, and must not keep a grant alive by that.
		return endedBy(refusal.New(refusal.NotFound, "the hierarchy that %s goes by is not whole on the ledger", policy.Record.ID), policy.Key)
	}
	if verdict.Answer != rules.Deny {
		return nil, nil
	}
	return &rules.Reason{Code: rules.PolicyNarrowed, Clause: policy.Key, Message: "the grant ended at " + policy.Record.CreatedAt().String() + ": " + policy.Record.ID +
		" applies to existing grants and does not permit it: " + rules.Sentences(verdict.Reasons)}, nil
}

// endedBy denies when what would have to be looked at is forged or gone; other errors stay errors.
func endedBy(err error, key string) (*rules.Reason, error) {
	if refusal.Is(err, refusal.Forged) || refusal.Is(err, refusal.NotFound) {
		return &rules.Reason{Code: rules.EvidenceMissing, Message: "whether a later policy has narrowed the grant cannot be seen: " + refusal.From(err).Message, Clause: key}, nil
	}
	return nil, err
}
