package review

import (
	"reflect"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/machines"
)

// amendArgument is what is to change; what is left out stays.
type amendArgument struct {
	Request string `json:"request"`
	input.Amendment
	// Texts take the place of those of the same kinds.
	Texts []records.TextRef `json:"texts"`
}

func (a amendArgument) Check(c *input.Checker) {
	c.TxPrefix("request", a.Request)
	c.Amendment(a.Amendment)
	c.Texts("texts", a.Texts, input.MaxTexts)
}

// applied is the request as it would stand.
func (a amendArgument) applied(body records.Request) records.Request {
	set(&body.Purpose, a.Purpose)
	set(&body.Mode, a.Mode)
	set(&body.DurationSeconds, a.DurationSeconds)
	set(&body.Project, a.Project)
	set(&body.AcceptedTerms, a.AcceptedTerms)
	if a.Researchers != nil {
		body.Researchers = a.Researchers
	}
	body.Texts = replacing(body.Texts, a.Texts)
	return body
}

func set[T any](member *T, value *T) {
	if value != nil {
		*member = *value
	}
}

// amendRequest states an undecided request anew, by the rules of request.submit as of now. The record changes, and with it the digest that votes name: they count no
// longer, but for declared conflicts of interest. Only the request itself is written, so its own institution's endorsement is enough; the deadline stays.
func amendRequest(tx *ledger.Tx, a amendArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	if err := caller.Need("researcher"); err != nil {
		return nil, err
	}
	found, err := evidence.FindCase(tx, a.Request)
	if err != nil {
		return nil, err
	}
	if !found.Asks(caller.Person()) {
		return nil, refusal.New(refusal.Forbidden, "only the requester or a researcher of the request can amend it")
	}
	outcome := found.Outcome(tx)
	if err := refuseUnlessPossible(found, machines.ActAmend, outcome); err != nil {
		return nil, err
	}
	body := a.applied(found.Request.Record.Body)
	if body.Deliveries, err = evidence.Deliveries(tx, body.Requester.Institution, body.Researchers); err != nil {
		return nil, err
	}
	if reflect.DeepEqual(body, found.Request.Record.Body) {
		return nil, refusal.New(refusal.Invalid, "it changes nothing of the request").Hinting("name what is to be different: purpose, mode, duration_seconds, project, accepted_terms, researchers or texts")
	}
	if err := roomForTexts(found.Request.Record.Body.Texts, a.Texts, body.Texts); err != nil {
		return nil, err
	}
	if _, _, err := stated(tx, found.Facts.Policy, found.Ontologies, &body); err != nil {
		return nil, err
	}
	body = found.Request.Record.Body.Amending(body)
	return transaction.Written(ledger.Update(tx, caller.By, found.Request, body, records.Open, records.Amended, ""))
}
