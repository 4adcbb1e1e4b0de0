package contract

import (
	"slices"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

type requestName struct {
	Request string `json:"request"`
}

func (a requestName) check(c *input.Checker) { c.TxPrefix("request", a.Request) }

// requestAnswer shows a request with its state at the effective time. Votes are shown by request.get alone, the grant once there is one.
type requestAnswer struct {
	Request   ledger.View   `json:"request"`
	State     rules.State   `json:"state"`
	Why       string        `json:"why,omitzero"`
	DecidedAt records.Time  `json:"decided_at,omitzero"`
	WaitsFor  []rules.Tally `json:"waits_for"`
	Votes     []ledger.View `json:"votes,omitzero"`
	Grant     any           `json:"grant,omitzero"`
	// NotCounted are votes and rosters that are forged.
	NotCounted []ledger.Forgery `json:"not_counted,omitzero"`
}

func (c *reviewCase) answer(tx *ledger.Tx) (requestAnswer, rules.Outcome) {
	outcome := c.outcome(tx)
	answer := requestAnswer{
		Request: c.request.View(), State: outcome.State, Why: outcome.Why, DecidedAt: outcome.DecidedAt,
		WaitsFor: []rules.Tally{}, NotCounted: c.forgeries,
	}
	if outcome.Undecided() {
		for _, tally := range outcome.Tallies {
			if tally.Missing > 0 {
				answer.WaitsFor = append(answer.WaitsFor, tally)
			}
		}
	}
	return answer, outcome
}

func getRequest(tx *ledger.Tx, a requestName) (any, error) {
	found, err := findCase(tx, a.Request)
	if err != nil {
		return nil, err
	}
	answer, outcome := found.answer(tx)
	answer.Votes = []ledger.View{}
	slices.SortFunc(found.votes, func(x, y *ledger.Sealed[records.Vote]) int { return int(x.Record.Body.Seq - y.Record.Body.Seq) })
	for _, vote := range found.votes {
		answer.Votes = append(answer.Votes, vote.View())
	}
	if outcome.State == rules.Approved {
		grant, err := tx.Grant(outcome.DecidedBy)
		switch {
		case refusal.Is(err, refusal.Forged) || refusal.Is(err, refusal.NotFound):
			answer.NotCounted = append(answer.NotCounted, ledger.Forgery{Key: records.GrantType + "/" + outcome.DecidedBy, Why: refusal.From(err).Message})
		case err != nil:
			return nil, err
		default:
			answer.Grant = grant.View()
		}
	}
	return answer, nil
}

type requestFilter struct {
	pageArgument
	Owner      string `json:"owner"`
	Requester  string `json:"requester"`
	State      string `json:"state"`
	WaitingFor string `json:"waiting_for"`
}

func (a requestFilter) check(c *input.Checker) {
	a.pageArgument.check(c)
	if a.Owner != "" {
		c.Institution("owner", a.Owner)
	}
	if a.Requester != "" {
		c.Institution("requester", a.Requester)
	}
	if a.State != "" {
		c.Require(slices.Contains(rules.States, rules.State(a.State)), "state", "it is not one of submitted, in-review, approved, rejected, withdrawn, lapsed")
	}
	if a.WaitingFor != "" {
		institution, role, _ := records.SplitPerson(a.WaitingFor)
		c.Require(records.IsInstitution(institution) && records.IsCommitteeRole(role), "waiting_for", "it is not a committee (like hanbit/dac)")
	}
}

// listing chooses the index that leads to the fewest others.
func (a requestFilter) listing(now records.Time) ledger.Listing {
	open := a.State == string(rules.Submitted) || a.State == string(rules.InReview)
	switch {
	case a.WaitingFor != "":
		institution, role, _ := records.SplitPerson(a.WaitingFor)
		return ledger.WaitingRequests(institution, role, now)
	case a.Owner != "" && open:
		return ledger.OpenRequests(a.Owner, now)
	case a.Requester != "":
		return ledger.RequestsByRequester(a.Requester)
	case a.Owner != "":
		return ledger.RequestsByOwner(a.Owner)
	}
	return ledger.AllRequests()
}

func (a requestFilter) wants(request requestAnswer, body records.Request) bool {
	owner, _, _ := records.SplitDataset(body.Dataset)
	return (a.Owner == "" || a.Owner == owner) && (a.Requester == "" || a.Requester == body.Requester.Institution) &&
		(a.State == "" || a.State == string(request.State)) &&
		(a.WaitingFor == "" || slices.ContainsFunc(request.WaitsFor, func(t rules.Tally) bool { return records.CommitteeID(t.Institution, t.Role) == a.WaitingFor }))
}

func listRequests(tx *ledger.Tx, a requestFilter) (any, error) {
	show := func(tx *ledger.Tx, request *ledger.Sealed[records.Request]) (any, bool, error) {
		found, err := openCase(tx, request)
		if err != nil {
			return asForgery(request.Key, err)
		}
		answer, _ := found.answer(tx)
		return answer, a.wants(answer, request.Record.Body), nil
	}
	return listed(ledger.List(tx, a.listing(tx.Time), a.page(), show))
}
