package contract

import (
	"fmt"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

// stateOf derives where a grant stands at a moment, and says why when that is not in its own record: a later policy has narrowed, or the grant that it joins has ended.
// It is asked only of one that has not ended otherwise.
func stateOf(tx *ledger.Tx, grant *ledger.Sealed[records.Grant], at records.Time) (rules.GrantState, string, error) {
	state := rules.GrantStateAt(grant.Record, at)
	if state.Ended() {
		return state, "", nil
	}
	reason, err := narrowed(tx, grant, at)
	if err != nil {
		return state, "", err
	}
	if reason != nil && reason.Code == rules.PolicyNarrowed {
		return rules.GrantNarrowed, reason.Message, nil
	}
	above, reason, err := parentState(tx, grant, at)
	if err != nil || reason == nil {
		return state, "", err
	}
	if above == rules.GrantSuspended {
		return rules.GrantSuspended, reason.Message, nil
	}
	return rules.GrantEnded, reason.Message, nil
}

// parentState gives the reason why a grant that joins another is of no use at a moment, with the other's state; no reason when it stands alone or the other is active.
// A parent that joins another itself is not one that the contract would have let it join.
func parentState(tx *ledger.Tx, grant *ledger.Sealed[records.Grant], at records.Time) (rules.GrantState, *rules.Reason, error) {
	id := grant.Record.Body.Joins
	if id == "" {
		return "", nil, nil
	}
	ended := func(format string, arguments ...any) *rules.Reason {
		return &rules.Reason{Code: rules.ParentEnded, Message: "the grant that it joins " + fmt.Sprintf(format, arguments...), Clause: records.GrantType + "/" + id}
	}
	if !records.IsTx(id) {
		return rules.GrantEnded, &rules.Reason{Code: rules.ParentEnded, Message: "the grant that it joins is none", Clause: grant.Key}, nil
	}
	parent, err := tx.Grant(id)
	if refusal.Is(err, refusal.NotFound) || refusal.Is(err, refusal.Forged) {
		return rules.GrantEnded, ended("does not hold: %s", refusal.From(err).Message), nil
	}
	if err != nil {
		return "", nil, err
	}
	state := rules.GrantStateAt(parent.Record, at)
	if parent.Record.Body.Joins != "" || parent.Record.Body.Dataset != grant.Record.Body.Dataset {
		return rules.GrantEnded, ended("is none that can be joined"), nil
	}
	if state.Ended() || state == rules.GrantSuspended {
		return state, ended("is %s", state), nil
	}
	reason, err := narrowed(tx, parent, at)
	if err != nil || reason == nil {
		return state, nil, err
	}
	return rules.GrantNarrowed, ended("has ended: %s", reason.Message), nil
}
