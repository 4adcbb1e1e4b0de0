package contract

import (
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
}

// showBreakglass derives the state; whether an open one has ended is read from its grant.
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
	return answer, nil
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
}

func (a breakglassFilter) check(c *input.Checker) {
	a.pageArgument.check(c)
	if a.Owner != "" {
		c.Institution("owner", a.Owner)
	}
	stateFilter(c, a.State, rules.BreakglassMachine)
}

func listBreakglass(tx *ledger.Tx, a breakglassFilter) (any, error) {
	listing := ledger.AllBreakglass()
	if a.Owner != "" {
		listing = ledger.BreakglassByOwner(a.Owner)
	}
	return listed(ledger.List(tx, listing, a.page(), func(tx *ledger.Tx, record *ledger.Sealed[records.Breakglass]) (any, bool, error) {
		answer, err := showBreakglass(tx, record)
		return answer, a.State == "" || a.State == string(answer.State), err
	}))
}
