package evidence

import (
	"fmt"
	"time"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/machines"
)

// AcceptedAt is when a grantee accepted the terms in person, or zero. What is sealed is judged again: it is their own word, in their own transaction. Forgeries are
// told apart.
func AcceptedAt(tx *ledger.Tx, grant *ledger.Sealed[records.Grant], person records.Person, terms string) (records.Time, []ledger.Forgery, error) {
	acceptances, forgeries, err := tx.Acceptances(grant.Record.ID, person)
	if err != nil {
		return 0, nil, err
	}
	for _, acceptance := range acceptances {
		by := acceptance.Record.Changes[0].By
		if acceptance.Record.Body.Terms == terms && by.Institution == person.Institution && by.ID == person.ID && acceptance.Record.CreatedAt() >= grant.Record.CreatedAt() {
			return acceptance.Record.CreatedAt(), forgeries, nil
		}
	}
	return 0, forgeries, nil
}

// clocksApart is how much earlier than something before it an honest change can be dated, in seconds: by two clocks that are off in opposite directions.
const clocksApart = records.Time(2 * ledger.ClockTolerance / time.Second)

// RefuseEnded refuses when a grant has ended: with DECIDED, or with EXPIRED when its time is over.
func RefuseEnded(grant records.Record[records.Grant], state machines.GrantState, why string) error {
	switch state {
	case machines.GrantExpired:
		return refusal.New(refusal.Expired, "grant %.12s ended at %s", grant.ID, grant.Body.Until)
	case machines.GrantRevoked, machines.GrantRelinquished:
		return refusal.New(refusal.Decided, "grant %.12s was %s at %s", grant.ID, state, grant.UpdatedAt)
	case machines.GrantNarrowed, machines.GrantEnded:
		return refusal.New(refusal.Decided, "grant %.12s has ended: %s", grant.ID, why)
	}
	return nil
}

func RefuseSuspended(grant records.Record[records.Grant], why string) error {
	if why == "" {
		why = "a privacy officer of " + grant.Owner + " lifts it (grant.lift)"
	}
	return refusal.New(refusal.Conflict, "grant %.12s is suspended", grant.ID).Hinting("%s", why)
}

// StateOf derives where a grant stands at a moment, and says why when that is not in its own record: a later policy has narrowed, or the grant that it joins has ended.
// It is asked only of one that has not ended otherwise.
func StateOf(tx *ledger.Tx, grant *ledger.Sealed[records.Grant], at records.Time) (machines.GrantState, string, error) {
	state := grants.GrantStateAt(grant.Record, at)
	if state.Ended() {
		return state, "", nil
	}
	reason, err := Narrowed(tx, grant, at)
	if err != nil {
		return state, "", err
	}
	if reason != nil && reason.Code == rules.PolicyNarrowed {
		return machines.GrantNarrowed, reason.Message, nil
	}
	above, reason, err := ParentState(tx, grant, at)
	if err != nil || reason == nil {
		return state, "", err
	}
	if above == machines.GrantSuspended {
		return machines.GrantSuspended, reason.Message, nil
	}
	return machines.GrantEnded, reason.Message, nil
}

// ParentState gives the reason why a grant that joins another is of no use at a moment, with the other's state; no reason when it stands alone or the other is active.
// A parent that joins another itself is not one that the contract would have let it join.
func ParentState(tx *ledger.Tx, grant *ledger.Sealed[records.Grant], at records.Time) (machines.GrantState, *rules.Reason, error) {
	id := grant.Record.Body.Joins
	if id == "" {
		return "", nil, nil
	}
	ended := func(format string, arguments ...any) *rules.Reason {
		return &rules.Reason{Code: rules.ParentEnded, Message: "the grant that it joins " + fmt.Sprintf(format, arguments...), Clause: records.GrantType + "/" + id}
	}
	if !records.IsTx(id) {
		return machines.GrantEnded, &rules.Reason{Code: rules.ParentEnded, Message: "the grant that it joins is none", Clause: grant.Key}, nil
	}
	parent, err := tx.Grant(id)
	if refusal.Is(err, refusal.NotFound) || refusal.Is(err, refusal.Forged) {
		return machines.GrantEnded, ended("does not hold: %s", refusal.From(err).Message), nil
	}
	if err != nil {
		return "", nil, err
	}
	state := grants.GrantStateAt(parent.Record, at)
	if parent.Record.Body.Joins != "" || parent.Record.Body.Dataset != grant.Record.Body.Dataset {
		return machines.GrantEnded, ended("is none that can be joined"), nil
	}
	if state.Ended() || state == machines.GrantSuspended {
		return state, ended("is %s", state), nil
	}
	reason, err := Narrowed(tx, parent, at)
	if err != nil || reason == nil {
		return state, nil, err
	}
	return machines.GrantNarrowed, ended("has ended: %s", reason.Message), nil
}
