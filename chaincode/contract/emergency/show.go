package emergency

import (
	"errors"
	"strings"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/machines"
)

type breakglassName struct {
	Breakglass string `json:"breakglass"`
}

func (a breakglassName) Check(c *input.Checker) { c.TxPrefix("breakglass", a.Breakglass) }

type breakglassAnswer struct {
	Breakglass ledger.View              `json:"breakglass"`
	State      machines.BreakglassState `json:"state"`
	Why        string                   `json:"why,omitzero"`
	// ConfirmUntil is the moment from which a proposal can no longer be confirmed.
	ConfirmUntil records.Time `json:"confirm_until,omitzero"`
}

// properProposal judges a sealed proposal by the rules of breakglass.propose again: its owner seals it alone, and the owner's chaincode may not be ours.
//
// Refuses with FORGED.
func properProposal(tx *ledger.Tx, record *ledger.Sealed[records.Breakglass]) error {
	roster, err := evidence.ReadRoster(tx, record.Record.Owner, "privacy")
	if err != nil {
		return err
	}
	reasons := grants.Unproposed(record.Record, roster)
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
		grant, err := evidence.ReadGrant(tx, record.Record.Body.Grant)
		switch {
		case refusal.Is(err, refusal.Forged) || refusal.Is(err, refusal.NotFound):
			answer.Why = refusal.From(err).Message
		case err != nil:
			return answer, err
		default:
			state := grants.GrantStateAt(grant.Record, tx.Now())
			lasts = !state.Ended()
			if state != machines.GrantActive {
				answer.Why = "its grant is " + string(state)
			}
		}
	}
	answer.State = grants.BreakglassStateAt(record.Record, lasts, tx.Now())
	if answer.State != machines.BreakglassProposed {
		return answer, nil
	}
	answer.ConfirmUntil = grants.ConfirmableUntil(record.Record)
	_, hindrance := unhindered(tx, record.Record.Owner, record.Record.Body)
	if refused := (*refusal.Error)(nil); errors.As(hindrance, &refused) {
		answer.Why = refused.Message
		return answer, nil
	}
	return answer, hindrance
}

func getBreakglass(tx *ledger.Tx, a breakglassName) (any, error) {
	record, err := evidence.ReadBreakglass(tx, a.Breakglass)
	return transaction.Shown(tx, record, err, showBreakglass)
}

type breakglassFilter struct {
	transaction.Page
	Owner string `json:"owner"`
	State string `json:"state"`
	// Waiting asks for what waits for the caller: by the certificate, as whoever asks cannot say for somebody else which roles they have.
	Waiting bool `json:"waiting"`
}

func (a breakglassFilter) Check(c *input.Checker) {
	a.Page.Check(c)
	c.Optional("owner", a.Owner, c.Institution)
	transaction.StateFilter(c, a.State, machines.BreakglassMachine)
}

// waitsFor tells whether the next step is somebody's to take: to confirm what was proposed, or to justify what has ended. What hinders a confirmation for a while
// changes nothing of who has to see to it.
func waitsFor(tx *ledger.Tx, caller ledger.Caller, record *ledger.Sealed[records.Breakglass], state machines.BreakglassState) (bool, error) {
	switch state {
	case machines.BreakglassProposed:
		return admitted(isSecond(tx, caller, record))
	case machines.BreakglassUnjustified:
		return admitted(mayJustify(caller, record))
	case machines.BreakglassOpen, machines.BreakglassLapsed, machines.BreakglassJustified:
	}
	return false, nil
}

// admitted tells whether nothing was refused; what is no refusal stays an error.
func admitted(err error) (bool, error) {
	if refused := (*refusal.Error)(nil); errors.As(err, &refused) && refused.Code != refusal.Internal {
		return false, nil
	}
	return err == nil, err
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
	return transaction.Listed(ledger.List(tx, listing, a.Of(), func(tx *ledger.Tx, record *ledger.Sealed[records.Breakglass]) (any, bool, error) {
		answer, err := showBreakglass(tx, record)
		if err == nil && a.Waiting && answer.State == machines.BreakglassProposed {
			if err := properProposal(tx, record); err != nil {
				return transaction.AsForgery(record.Key, err)
			}
		}
		if err != nil || a.State != "" && a.State != string(answer.State) || !a.Waiting {
			return answer, a.State == "" || a.State == string(answer.State), err
		}
		waits, err := waitsFor(tx, caller, record, answer.State)
		return answer, waits, err
	}))
}
