package review

import (
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/review"
)

type withdrawArgument struct {
	Request string `json:"request"`
	Reason  string `json:"reason"`
}

func (a withdrawArgument) Check(c *input.Checker) {
	c.TxPrefix("request", a.Request)
	c.Text("reason", a.Reason, 0, 500)
}

// withdrawRequest ends a request that is not decided. Only the request itself is written, so its own institution's endorsement is enough; the index entries stay
// and lead to a withdrawn request.
func withdrawRequest(tx *ledger.Tx, a withdrawArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	found, err := evidence.FindCase(tx, a.Request)
	if err != nil {
		return nil, err
	}
	request := found.Request
	if caller.Institution != request.Record.Owner || !found.Mine(caller.ID) {
		return nil, refusal.New(refusal.Forbidden, "only the requester or a researcher of the request can withdraw it")
	}
	outcome := found.Outcome(tx)
	if err := refuseDecided(outcome, request.Record.ID); err != nil {
		return nil, err
	}
	if outcome.State == machines.Lapsed {
		return nil, refusal.New(refusal.Expired, "the request has lapsed (%s)", outcome.Why)
	}
	written, err := ledger.Update(tx, caller.By, request, request.Record.Body, records.Withdrawn, "withdrawn", a.Reason)
	if err != nil {
		return nil, err
	}
	return written.Raw, nil
}

// refuseDecided refuses with DECIDED when nothing can be done about the request any more.
func refuseDecided(outcome review.Outcome, id string) error {
	switch outcome.State {
	case machines.Approved, machines.Rejected, machines.Closed:
		return refusal.New(refusal.Decided, "request %.12s was %s at %s", id, outcome.State, outcome.DecidedAt)
	case machines.Withdrawn:
		return refusal.New(refusal.Decided, "request %.12s was withdrawn", id)
	}
	return nil
}
