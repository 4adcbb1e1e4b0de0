package contract

import (
	"errors"
	"strings"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

type breakglassName struct {
	Breakglass string `json:"breakglass"`
}

func (a breakglassName) check(c *input.Checker) { c.TxPrefix("breakglass", a.Breakglass) }

type breakglassAnswer struct {
	Breakglass ledger.View           `json:"breakglass"`
	State      rules.BreakglassState `json:"state"`
	Why        string                `json:"why,omitzero"`
	// ConfirmUntil is the moment from which a proposal can no longer be confirmed.
	ConfirmUntil records.Time `json:"confirm_until,omitzero"`
}

// properProposal judges a sealed proposal by the rules of breakglass.propose again: its owner seals it alone, and the owner's chaincode may not be ours.
//
// Refuses with FORGED.
func properProposal(tx *ledger.Tx, record *ledger.Sealed[records.Breakglass]) error {
	roster, err := rosterOf(tx, record.Record.Owner, "privacy")
	if err != nil {
		return err
	}
	reasons := rules.Unproposed(record.Record, roster)
	var c input.Checker
	c.Proposal(record.Record.Body)
	if err := c.Err(); err != nil {
		reasons = append(reasons, refusal.From(err).Message)
	}
	if len(reasons) == 0 {
		return nil
	}
	why := strings.Join(reasons, "; ")
	return refusal.New(refusal.Forged, "break-glass %.12s was sealed by %s although the contract refuses such a proposal: %s", record.Record.ID, record.Record.Owner, why).
		With(ledger.Forgery{Key: record.Key, Sealed: true, Why: why})
}

// showBreakglass derives the state; whether an open one has ended is read from its grant. Of a proposal it says what stands in the way of confirming it.
func showBreakglass(tx *ledger.Tx, record *ledger.Sealed[records.Breakglass]) (breakglassAnswer, error) {
	answer := breakglassAnswer{Breakglass: record.View()}
	lasts := false
	if record.Record.Status == records.Open && records.IsTx(record.Record.Body.Grant) {
		grant, err := tx.Grant(record.Record.Body.Grant)
		switch {
		case refusal.Is(err, refusal.Forged) || refusal.Is(err, refusal.NotFound):
			answer.Why = refusal.From(err).Message
		case err != nil:
			return answer, err
		default:
			state := rules.GrantStateAt(grant.Record, tx.Now())
			lasts = !state.Ended()
			if state != rules.GrantActive {
				answer.Why = "its grant is " + string(state)
			}
		}
	}
	answer.State = rules.BreakglassStateAt(record.Record, lasts, tx.Now())
	if answer.State != rules.BreakglassProposed {
		return answer, nil
	}
	answer.ConfirmUntil = rules.ConfirmableUntil(record.Record)
	_, hindrance := unhindered(tx, record)
	if refused := (*refusal.Error)(nil); errors.As(hindrance, &refused) {
		answer.Why = refused.Message
		return answer, nil
	}
	return answer, hindrance
}

func getBreakglass(tx *ledger.Tx, a breakglassName) (any, error) {
	record, err := tx.Breakglass(a.Breakglass)
	if err != nil {
		return nil, err
	}
	answer, err := showBreakglass(tx, record)
	if err != nil {
		return nil, err
	}
	return answer, nil
}

type breakglassFilter struct {
	pageArgument
	Owner string `json:"owner"`
	State string `json:"state"`
	// Waiting asks for what waits for the caller: by the certificate, as whoever asks cannot say for somebody else which roles they have.
	Waiting bool `json:"waiting"`
}

func (a breakglassFilter) check(c *input.Checker) {
	a.pageArgument.check(c)
	if a.Owner != "" {
		c.Institution("owner", a.Owner)
	}
	stateFilter(c, a.State, rules.BreakglassMachine)
}

// waitsFor tells whether the next step is somebody's to take: to confirm what was proposed, or to justify what was opened. What hinders a confirmation for a while
// changes nothing of who has to see to it.
func waitsFor(caller ledger.Caller, record *ledger.Sealed[records.Breakglass], state rules.BreakglassState) bool {
	switch state {
	case rules.BreakglassProposed:
		return isSecond(caller, record) == nil
	case rules.BreakglassOpen, rules.BreakglassUnjustified:
		return mayJustify(caller, record) == nil
	case rules.BreakglassLapsed, rules.BreakglassJustified:
	}
	return false
}

func listBreakglass(tx *ledger.Tx, a breakglassFilter) (any, error) {
	var caller ledger.Caller
	if a.Waiting {
		var err error
		if caller, err = tx.Caller(); err != nil {
			return nil, err
		}
		if a.Owner == "" {
			a.Owner = caller.Institution // nothing of another's waits for anybody
		}
	}
	listing := records.AllBreakglass()
	if a.Owner != "" {
		listing = records.BreakglassByOwner(a.Owner)
	}
	return listed(ledger.List(tx, listing, a.page(), func(tx *ledger.Tx, record *ledger.Sealed[records.Breakglass]) (any, bool, error) {
		answer, err := showBreakglass(tx, record)
		if err == nil && a.Waiting && answer.State == rules.BreakglassProposed {
			if err := properProposal(tx, record); err != nil {
				return asForgery(record.Key, err)
			}
		}
		return answer, (a.State == "" || a.State == string(answer.State)) && (!a.Waiting || waitsFor(caller, record, answer.State)), err
	}))
}
