package review

import (
	"fmt"

	"medconsent.org/chaincode/contract/transaction"
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
	found, err := evidence.FindCaseByName(tx, a.Request)
	if err != nil {
		return nil, err
	}
	request := found.Request
	if caller.Institution != request.Record.Owner || !found.Mine(caller.ID) {
		return nil, refusal.New(refusal.Forbidden, "only the requester or a researcher of the request can withdraw it")
	}
	if err := refuseUnlessPossible(found, machines.ActWithdraw, found.Outcome(tx)); err != nil {
		return nil, err
	}
	return transaction.Written(ledger.End(tx, caller.By, request, request.Record.Body, records.Withdrawn, "withdrawn", a.Reason))
}

// refuseUnlessPossible refuses an act that the state of the request does not allow, with the code that machines.RequestMachine gives it.
func refuseUnlessPossible(c *evidence.Case, act string, outcome review.Outcome) error {
	return machines.RequestMachine.Refuse(act, outcome.State, outcome.Why, func() (sentence, hint string) { return stands(c, outcome) })
}

// stands says where a request stands in which something is not possible, and what can be done instead.
func stands(c *evidence.Case, outcome review.Outcome) (sentence, hint string) {
	id, body := c.Request.Record.ID, c.Request.Record.Body
	switch {
	case outcome.State == machines.Withdrawn:
		return fmt.Sprintf("request %.12s was withdrawn", id), ""
	case outcome.State == machines.Returned:
		return fmt.Sprintf("request %.12s was returned for changes", id), "its requester amends it (request.amend); then it can be voted on"
	case outcome.Why == machines.PolicyChanged:
		return fmt.Sprintf("the policy of %s has changed since the request was made, so it lapsed", body.Dataset), "the researcher can submit it again under the policy that stands"
	case outcome.State == machines.Lapsed:
		return fmt.Sprintf("the time for review ended at %s", body.ReviewUntil), ""
	}
	return fmt.Sprintf("request %.12s was %s at %s", id, outcome.State, outcome.DecidedAt), ""
}
