package catalog

import (
	"slices"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/use"
)

type policyArgument struct {
	Dataset string         `json:"dataset"`
	Policy  records.Policy `json:"policy"`
	Applies string         `json:"applies"`
	// PolicyDigest is the digest of the policy that the steward compared it with; it may be left out.
	PolicyDigest string `json:"policy_digest"`
}

func (a policyArgument) Check(c *input.Checker) {
	c.Body(records.PolicyVersion{Dataset: a.Dataset, Policy: a.Policy, Applies: a.Applies})
	c.Optional("policy_digest", a.PolicyDigest, c.Digest)
}

// setPolicy gives a dataset another policy; undecided requests under the old one lapse. Grants that exist are not touched, unless it says that it applies to them:
// then it must be shown to narrow, and those that it does not permit have ended.
//
// Refuses with CONFLICT when it would change nothing: requests would lapse for it; and when the policy that stands is not the one that the caller was shown.
func setPolicy(tx *ledger.Tx, a policyArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	if err := caller.Need("steward"); err != nil {
		return nil, err
	}
	if owner, _, _ := records.SplitDataset(a.Dataset); owner != caller.Institution {
		return nil, refusal.New(refusal.Forbidden, "%s belongs to %s, and %s is of %s", a.Dataset, owner, caller.ID, caller.Institution)
	}
	head, err := evidence.ReadHead(tx, a.Dataset)
	if err != nil {
		return nil, err
	}
	body := head.Record.Body
	was := body
	if err := refuseAnother(tx, a.Dataset, was.LatestPolicy, a.PolicyDigest); err != nil {
		return nil, err
	}
	stands, err := unchanged(tx, a.Dataset, was, a.Policy, a.Applies)
	if err != nil {
		return nil, err
	}
	if stands != nil && (a.Applies == "" || was.NarrowedBy == was.LatestPolicy) {
		return nil, transaction.Same(stands.Record.ID, "policy", "nothing is left to do; had it been set again, every undecided request would have lapsed")
	}
	body.LatestPolicy++
	version := records.PolicyVersion{Dataset: a.Dataset, Version: body.LatestPolicy, Policy: a.Policy, Applies: a.Applies}
	note := "policy " + numeral(body.LatestPolicy)
	if a.Applies == records.Existing {
		version.Follows, body.NarrowedBy = was.NarrowedBy, body.LatestPolicy
		note += ", which applies to existing grants"
	}
	policy, err := writePolicy(tx, caller, version, was)
	if err != nil {
		return nil, err
	}
	widens, err := noteWidening(tx, policy.Record.Body, was)
	if err != nil {
		return nil, err
	}
	if !widens {
		tx.TakesAway()
	}
	if _, err := ledger.Roll(tx, caller.By, head, body, records.Active, "policy-set", note); err != nil {
		return nil, err
	}
	return policy.Raw, nil
}

// refuseAnother refuses with CONFLICT when the policy that stands is not the one of that digest; an empty digest names none.
func refuseAnother(tx *ledger.Tx, dataset string, number int64, digest string) error {
	if digest == "" {
		return nil
	}
	stands, err := evidence.ReadPolicy(tx, dataset, number)
	if err != nil {
		return err
	}
	if stands.Digest != digest {
		return transaction.Stale("policy_digest", stands.Record.ID, stands.Digest)
	}
	return nil
}

// writePolicy queues a policy after asking whether it contradicts itself, whether committees could ever meet it, and, when it applies to existing grants, whether it
// narrows what stood. It pins the hierarchies by which its diseases are understood.
//
// Refuses with POLICY_CONTRADICTS, POLICY_UNMEETABLE, POLICY_NOT_NARROWER.
func writePolicy(tx *ledger.Tx, caller ledger.Caller, body records.PolicyVersion, was records.Dataset) (*ledger.Sealed[records.PolicyVersion], error) {
	if body.Version > records.MaxNumber {
		return nil, refusal.New(refusal.LimitExceeded, "%s has had %d policies, which is the most a dataset can have", body.Dataset, records.MaxNumber)
	}
	if reasons := use.Contradictions(body.Policy); len(reasons) > 0 {
		return nil, rules.WithReasons(refusal.New(refusal.PolicyContradicts, "the policy contradicts itself: %s", reasons[0].Message).
			At("policy."+reasons[0].Clause).Hinting("policy.lint tells in words what a policy says"), reasons)
	}
	rosters, _, err := evidence.ReadRosters(tx, body.Policy)
	if err != nil {
		return nil, err
	}
	reasons, _ := unmet(tx, body.Policy, rosters)
	if err := review.RefuseUnmeetable(reasons, "the policy"); err != nil {
		return nil, err
	}
	draft, err := evidence.DraftPolicy(tx, was, body.Dataset, body.Policy, body.Applies)
	if err != nil {
		return nil, err
	}
	body.Ontologies = draft.Ontologies
	if body.Applies == records.Existing {
		if err := narrows(tx, body, was); err != nil {
			return nil, err
		}
	}
	return ledger.Create(tx, caller.By, records.Numbered(body.Dataset, '#', body.Version), body, records.Final, "")
}

// noteWidening says in words what a policy allows that the one which stands does not, and who is asked less.
func noteWidening(tx *ledger.Tx, next records.PolicyVersion, was records.Dataset) (widens bool, err error) {
	stands, reasons, err := widerThan(tx, next, was.LatestPolicy)
	if refusal.Is(err, refusal.Forged) || refusal.Is(err, refusal.NotFound) {
		tx.Widens(evidence.Widened([]string{next.Dataset + " gets a policy in the place of one that does not count"}, next)...)
		return true, nil
	}
	if err != nil {
		return false, err
	}
	words := []string{}
	for _, reason := range reasons {
		words = append(words, reason.Clause+": "+reason.Message)
	}
	words = append(words, use.Looser(next.Policy, stands.Record.Body.Policy)...)
	if len(words) == 0 {
		return false, nil
	}
	removed, added := use.Differences(stands.Record.Body.Policy, next.Policy)
	for i := range words {
		words[i] = next.Dataset + ": " + words[i]
	}
	for _, line := range removed {
		words = append(words, "no longer: "+line)
	}
	for _, line := range added {
		words = append(words, "from now on: "+line)
	}
	tx.Widens(evidence.Widened(words, next)...)
	return true, nil
}

// unchanged gives the policy that stands when another would say just the same and go by the same hierarchies, otherwise nil.
func unchanged(tx *ledger.Tx, dataset string, head records.Dataset, policy records.Policy, applies string) (*ledger.Sealed[records.PolicyVersion], error) {
	if head.LatestPolicy == 0 {
		return nil, nil
	}
	stands, err := evidence.ReadPolicy(tx, dataset, head.LatestPolicy)
	if refusal.Is(err, refusal.Forged) || refusal.Is(err, refusal.NotFound) {
		return nil, nil // another takes its place
	}
	if err != nil {
		return nil, err
	}
	draft, err := evidence.DraftPolicy(tx, head, dataset, policy, applies)
	if err != nil || !slices.Equal(draft.Ontologies, stands.Record.Body.Ontologies) {
		return nil, err
	}
	if same, err := transaction.Alike(policy, stands.Record.Body.Policy); err != nil || !same {
		return nil, err
	}
	return stands, nil
}

func getPolicy(tx *ledger.Tx, a transaction.NumberedName) (any, error) {
	head, err := evidence.ReadHead(tx, a.Dataset)
	if err != nil {
		return nil, err
	}
	policy, err := evidence.ReadPolicy(tx, a.Dataset, transaction.Or(a.Version, head.Record.Body.LatestPolicy))
	if err != nil {
		return nil, err
	}
	return policy.View(), nil
}
