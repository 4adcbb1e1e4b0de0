package access

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/machines"
)

type endsArgument struct {
	transaction.Page
	Dataset string         `json:"dataset"`
	Policy  records.Policy `json:"policy"`
}

func (a endsArgument) Check(c *input.Checker) {
	a.Page.Check(c)
	c.Dataset("dataset", a.Dataset)
	c.Policy("policy", a.Policy)
}

// endingGrant is a grant that has not ended, and why a policy would end it, or suspend it until the statement is what it asks.
type endingGrant struct {
	grantAnswer
	// Becomes is the state in which it would be: narrowed, ended or suspended.
	Becomes machines.GrantState `json:"becomes"`
	Reasons []rules.Reason      `json:"reasons"`
}

// endsByPolicy lists the grants of a dataset that a policy which is not set yet would end, or suspend, if it applied to existing grants. Nothing is written.
func endsByPolicy(tx *ledger.Tx, a endsArgument) (any, error) {
	head, err := evidence.ReadHead(tx, a.Dataset)
	if err != nil {
		return nil, err
	}
	draft, err := evidence.DraftPolicy(tx, head.Record.Body, a.Dataset, a.Policy, records.Existing)
	if err != nil {
		return nil, err
	}
	return transaction.Listed(ledger.ListAhead(tx, records.GrantsByDataset(a.Dataset), a.Of(), evidence.AheadOfGrants, func(tx *ledger.Tx, grant *ledger.Sealed[records.Grant]) (any, bool, error) {
		answer, err := showGrant(tx, grant)
		if err != nil || answer.State.Ended() {
			return nil, false, err
		}
		becomes, reasons, err := wouldEnd(tx, draft, grant)
		return endingGrant{answer, becomes, reasons}, len(reasons) > 0, err
	}))
}

// wouldEnd gives the state in which a grant would be by a policy, and the reasons why the policy would end it, or the one that it joins, or suspend it; no reasons when it would
// go on. A grant by broken glass is ended by none.
func wouldEnd(tx *ledger.Tx, draft records.PolicyVersion, grant *ledger.Sealed[records.Grant]) (becomes machines.GrantState, reasons []rules.Reason, err error) {
	if grant.Record.Body.Breakglass != "" {
		return "", nil, nil
	}
	if reasons, err = denied(tx, draft, grant.Record.Body); err != nil || len(reasons) > 0 {
		return machines.GrantNarrowed, reasons, err
	}
	if grant.Record.Body.Joins != "" {
		joined, err := evidence.ReadGrant(tx, grant.Record.Body.Joins)
		if err != nil {
			return "", nil, err
		}
		if reasons, err = denied(tx, draft, joined.Record.Body); err != nil {
			return "", nil, err
		}
		if len(reasons) > 0 {
			return machines.GrantEnded, append([]rules.Reason{{Code: rules.ParentEnded, Message: "the grant that it joins would end", Clause: joined.Key}}, reasons...), nil
		}
	}
	reasons, err = short(tx, draft, grant.Record.Body)
	return machines.GrantSuspended, reasons, err
}

// short gives the reasons why the statement about a grant's version, as it stands, is not what a policy asks.
func short(tx *ledger.Tx, draft records.PolicyVersion, grant records.Grant) ([]rules.Reason, error) {
	if draft.Policy.Deidentification == nil {
		return nil, nil
	}
	resting, err := evidence.Statement(tx, grant)
	if err != nil {
		return nil, err
	}
	return lawful.Shortfall(resting, []records.Policy{draft.Policy}), nil
}

// denied gives the reasons why a policy does not permit what a grant gave.
//
// Refuses with NOT_FOUND when the policy's hierarchy is not whole on the ledger.
func denied(tx *ledger.Tx, draft records.PolicyVersion, grant records.Grant) ([]rules.Reason, error) {
	later, err := evidence.AsLater(tx, draft, grant)
	if err != nil {
		return nil, err
	}
	reasons, unseen := later.Against(grant)
	if unseen != "" {
		return nil, refusal.New(refusal.NotFound, "%s", unseen)
	}
	return reasons, nil
}
