package contract

import (
	"slices"

	"medconsent.org/chaincode/input"
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
	return before, rules.Wider(body.Policy, before.Record.Body.Policy, hierarchy, changedVersions(body, before.Record.Body)...), nil
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
	reasons, err := denies(tx, policy.Record.Body, body)
	if err != nil {
		return endedBy(err, policy.Key)
	}
	if len(reasons) == 0 {
		return nil, nil
	}
	return &rules.Reason{Code: rules.PolicyNarrowed, Clause: policy.Key, Message: "the grant ended at " + policy.Record.CreatedAt().String() + ": " + policy.Record.ID +
		" applies to existing grants and does not permit it: " + rules.Sentences(reasons)}, nil
}

// denies gives the reasons why a policy does not permit what a grant gave; none when it does.
//
// Refuses with NOT_FOUND when the policy's hierarchy is not whole on the ledger: whoever loaded the pages could take them away, and must not keep a grant alive by that.
func denies(tx *ledger.Tx, version records.PolicyVersion, grant records.Grant) ([]rules.Reason, error) {
	hierarchy, err := placed(tx, version.Ontologies, grant.Purpose.Diseases, diseasesOf(version.Policy))
	if err != nil {
		return nil, err
	}
	verdict := rules.Decide(version.Policy, rules.NarrowedAsk(grant, hierarchy))
	if verdict.Answer == rules.Review && missing(version.Ontologies, grant.Purpose.Diseases, hierarchy) {
		return nil, refusal.New(refusal.NotFound, "the hierarchy that %s goes by is not whole on the ledger", records.Numbered(version.Dataset, '#', version.Version))
	}
	if verdict.Answer != rules.Deny {
		return nil, nil
	}
	permits := func(reason rules.Reason) bool { return reason.Code == rules.UsePermitted } // which is none why it ends
	return slices.DeleteFunc(verdict.Reasons, permits), nil
}

type endsArgument struct {
	pageArgument
	Dataset string         `json:"dataset"`
	Policy  records.Policy `json:"policy"`
}

func (a endsArgument) check(c *input.Checker) {
	a.pageArgument.check(c)
	c.Dataset("dataset", a.Dataset)
	c.Policy("policy", a.Policy)
}

// endingGrant is a grant that has not ended, and why a policy would end it.
type endingGrant struct {
	grantAnswer
	Reasons []rules.Reason `json:"reasons"`
}

// endsByPolicy lists the grants of a dataset that a policy which is not set yet would end if it applied to existing grants. Nothing is written.
func endsByPolicy(tx *ledger.Tx, a endsArgument) (any, error) {
	head, err := latest(tx, a.Dataset)
	if err != nil {
		return nil, err
	}
	draft, err := drafted(tx, head.Record.Body, a.Dataset, a.Policy, records.Existing)
	if err != nil {
		return nil, err
	}
	return listed(ledger.List(tx, records.GrantsByDataset(a.Dataset), a.page(), func(tx *ledger.Tx, grant *ledger.Sealed[records.Grant]) (any, bool, error) {
		answer, err := showGrant(tx, grant)
		if err != nil || answer.State.Ended() {
			return nil, false, err
		}
		reasons, err := wouldEnd(tx, draft, grant)
		return endingGrant{answer, reasons}, len(reasons) > 0, err
	}))
}

// drafted is a policy as it would be written now for a dataset, with the versions of the hierarchies that it would go by.
func drafted(tx *ledger.Tx, head records.Dataset, dataset string, policy records.Policy, applies string) (records.PolicyVersion, error) {
	draft := records.PolicyVersion{Dataset: dataset, Version: head.LatestPolicy + 1, Policy: policy, Applies: applies}
	owner, _, _ := records.SplitDataset(dataset)
	if applies == "" {
		var err error
		draft.Ontologies, err = pins(tx, owner, policy)
		return draft, err
	}
	stands, err := mustPolicy(tx, dataset, head.LatestPolicy)
	if err != nil {
		return draft, err
	}
	draft.Ontologies, err = keptVersions(tx, owner, policy, stands.Record.Body)
	return draft, err
}

// wouldEnd gives the reasons why a policy would end a grant, or the one that it joins. A grant by broken glass is ended by none.
func wouldEnd(tx *ledger.Tx, draft records.PolicyVersion, grant *ledger.Sealed[records.Grant]) ([]rules.Reason, error) {
	if grant.Record.Body.Breakglass != "" {
		return nil, nil
	}
	reasons, err := denies(tx, draft, grant.Record.Body)
	if err != nil || len(reasons) > 0 || grant.Record.Body.Joins == "" {
		return reasons, err
	}
	joined, err := tx.Grant(grant.Record.Body.Joins)
	if err != nil {
		return nil, err
	}
	if reasons, err = denies(tx, draft, joined.Record.Body); err != nil || len(reasons) == 0 {
		return nil, err
	}
	return append([]rules.Reason{{Code: rules.ParentEnded, Message: "the grant that it joins would end", Clause: joined.Key}}, reasons...), nil
}

// endedBy denies when what would have to be looked at is forged or gone; other errors stay errors.
func endedBy(err error, key string) (*rules.Reason, error) {
	if refusal.Is(err, refusal.Forged) || refusal.Is(err, refusal.NotFound) {
		return &rules.Reason{Code: rules.EvidenceMissing, Message: "whether a later policy has narrowed the grant cannot be seen: " + refusal.From(err).Message, Clause: key}, nil
	}
	return nil, err
}
