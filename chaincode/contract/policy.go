package contract

import (
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

type policyArgument struct {
	Dataset string         `json:"dataset"`
	Policy  records.Policy `json:"policy"`
}

func (a policyArgument) check(c *input.Checker) {
	c.Dataset("dataset", a.Dataset)
	c.Policy("policy", a.Policy)
}

// setPolicy gives a dataset another policy. Grants that exist are not touched; undecided requests under the old one lapse.
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
	head, err := latest(tx, a.Dataset)
	if err != nil {
		return nil, err
	}
	body := head.Record.Body
	body.LatestPolicy++
	policy, err := writePolicy(tx, caller, a.Dataset, body.LatestPolicy, a.Policy)
	if err != nil {
		return nil, err
	}
	if _, err := ledger.Update(tx, caller.By, head, body, records.Active, "policy-set", "policy "+numeral(body.LatestPolicy)); err != nil {
		return nil, err
	}
	return policy.Raw, nil
}

// writePolicy queues a policy after asking whether committees could ever meet it.
//
// Refuses with POLICY_UNMEETABLE.
func writePolicy(tx *ledger.Tx, caller ledger.Caller, dataset string, number int64, policy records.Policy) (*ledger.Sealed[records.PolicyVersion], error) {
	if number > records.MaxNumber {
		return nil, refusal.New(refusal.LimitExceeded, "%s has had %d policies, which is the most a dataset can have", dataset, records.MaxNumber)
	}
	rosters, _, err := rostersOf(tx, policy)
	if err != nil {
		return nil, err
	}
	if err := unmeetable(rules.Unmeetable(policy, rosters, rules.Electorate{}, tx.Now()), "the policy"); err != nil {
		return nil, err
	}
	body := records.PolicyVersion{Dataset: dataset, Version: number, Policy: policy}
	return ledger.Create(tx, caller.By, records.Numbered(dataset, '#', number), body, records.Final, "")
}

func unmeetable(reasons []rules.Reason, what string) error {
	if len(reasons) == 0 {
		return nil
	}
	refused := refusal.New(refusal.PolicyUnmeetable, "%s could never be met: %s", what, reasons[0].Message).
		Hinting("seat more people (committee.set), or ask for fewer approvals")
	for _, reason := range reasons {
		refused = refused.With(reason)
	}
	return refused
}

// rostersOf reads the committees of a policy's stages. One that does not exist, or only as a forgery, has nobody; forgeries are told apart.
func rostersOf(tx *ledger.Tx, policy records.Policy) (map[string]rules.Roster, []ledger.Forgery, error) {
	rosters := make(map[string]rules.Roster, len(policy.Stages))
	var forgeries []ledger.Forgery
	for _, stage := range policy.Stages {
		finding, err := tx.Committee(stage.Institution, stage.Role)
		if err != nil {
			return nil, nil, err
		}
		committee, err := finding.Maybe()
		if err != nil {
			return nil, nil, err
		}
		forgeries = append(forgeries, finding.Forgeries...)
		if committee != nil {
			rosters[stage.Committee()] = rules.NewRoster(committee.Record)
		}
	}
	return rosters, forgeries, nil
}

type numberedName struct {
	Dataset string `json:"dataset"`
	Version *int64 `json:"version"`
}

func (a numberedName) check(c *input.Checker) {
	c.Dataset("dataset", a.Dataset)
	c.Number("version", a.Version)
}

func (a numberedName) or(latest int64) int64 {
	if a.Version != nil {
		return *a.Version
	}
	return latest
}

func getPolicy(tx *ledger.Tx, a numberedName) (any, error) {
	head, err := latest(tx, a.Dataset)
	if err != nil {
		return nil, err
	}
	policy, err := mustPolicy(tx, a.Dataset, a.or(head.Record.Body.LatestPolicy))
	if err != nil {
		return nil, err
	}
	return policy.View(), nil
}
