package evidence

import (
	"slices"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/use"
)

// GoverningPolicies are the policies that a grant must keep to at a moment: its own, and a later one that applies to it. A break-glass has none.
func GoverningPolicies(tx *ledger.Tx, grant *ledger.Sealed[records.Grant], at records.Time) ([]records.Policy, error) {
	body := grant.Record.Body
	if body.Breakglass != "" {
		return nil, nil
	}
	own, err := ReadPolicy(tx, body.Dataset, body.PolicyVersion)
	if err != nil {
		return nil, err
	}
	policies := []records.Policy{own.Record.Body.Policy}
	later, err := ApplyingPolicy(tx, grant, at)
	if later != nil {
		policies = append(policies, later.Record.Body.Policy)
	}
	return policies, err
}

// ApplyingPolicy is the latest policy before a moment that applies to a grant although it was given under an earlier one, or nil. One policy is read; earlier ones only for a
// moment before it. A break-glass grant has none: no policy gave it, and none takes it.
func ApplyingPolicy(tx *ledger.Tx, grant *ledger.Sealed[records.Grant], at records.Time) (*ledger.Sealed[records.PolicyVersion], error) {
	body := grant.Record.Body
	if body.Breakglass != "" {
		return nil, nil
	}
	head, err := ReadHead(tx, body.Dataset)
	if err != nil {
		return nil, err
	}
	for number := head.Record.Body.NarrowedBy; number > body.PolicyVersion; {
		policy, err := ReadPolicy(tx, body.Dataset, number)
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

// Narrowed gives the reason why a grant has ended at a moment by a later policy that applies to existing grants, or nil. The grant's record is not touched: it is
// derived.
func Narrowed(tx *ledger.Tx, grant *ledger.Sealed[records.Grant], at records.Time) (*rules.Reason, error) {
	body := grant.Record.Body
	policy, err := ApplyingPolicy(tx, grant, at)
	if err != nil {
		return endedBy(err, grant.Key)
	}
	if policy == nil {
		return nil, nil
	}
	reasons, err := Denies(tx, policy.Record.Body, body)
	if err != nil {
		return endedBy(err, policy.Key)
	}
	if len(reasons) == 0 {
		return nil, nil
	}
	return &rules.Reason{Code: rules.PolicyNarrowed, Clause: policy.Key, Message: "the grant ended at " + policy.Record.CreatedAt().String() + ": " + policy.Record.ID +
		" applies to existing grants and does not permit it: " + rules.Sentences(reasons)}, nil
}

// Denies gives the reasons why a policy does not permit what a grant gave; none when it does.
//
// Refuses with NOT_FOUND when the policy's hierarchy is not whole on the ledger: whoever loaded the pages could take them away, and must not keep a grant alive by that.
func Denies(tx *ledger.Tx, version records.PolicyVersion, grant records.Grant) ([]rules.Reason, error) {
	hierarchy, err := PlaceTerms(tx, version.Ontologies, grant.Purpose.Diseases, DiseasesOf(version.Policy))
	if err != nil {
		return nil, err
	}
	verdict := use.Decide(version.Policy, grants.NarrowedAsk(grant, hierarchy))
	if verdict.Answer == rules.Review && missing(version.Ontologies, grant.Purpose.Diseases, hierarchy) {
		return nil, refusal.New(refusal.NotFound, "the hierarchy that %s goes by is not whole on the ledger", records.Numbered(version.Dataset, '#', version.Version))
	}
	if verdict.Answer != rules.Deny {
		return nil, nil
	}
	permits := func(reason rules.Reason) bool { return reason.Code == rules.UsePermitted } // which is none why it ends
	return slices.DeleteFunc(verdict.Reasons, permits), nil
}

// DraftPolicy is a policy as it would be written now for a dataset, with the versions of the hierarchies that it would go by.
func DraftPolicy(tx *ledger.Tx, head records.Dataset, dataset string, policy records.Policy, applies string) (records.PolicyVersion, error) {
	draft := records.PolicyVersion{Dataset: dataset, Version: head.LatestPolicy + 1, Policy: policy, Applies: applies}
	owner, _, _ := records.SplitDataset(dataset)
	if applies == "" {
		var err error
		draft.Ontologies, err = PinVersions(tx, owner, policy)
		return draft, err
	}
	stands, err := ReadPolicy(tx, dataset, head.LatestPolicy)
	if err != nil {
		return draft, err
	}
	draft.Ontologies, err = KeepVersions(tx, owner, policy, stands.Record.Body)
	return draft, err
}

// endedBy denies when what would have to be looked at is forged or gone; other errors stay errors.
func endedBy(err error, key string) (*rules.Reason, error) {
	if refusal.Is(err, refusal.Forged) || refusal.Is(err, refusal.NotFound) {
		return &rules.Reason{Code: rules.EvidenceMissing, Message: "whether a later policy has narrowed the grant cannot be seen: " + refusal.From(err).Message, Clause: key}, nil
	}
	return nil, err
}
