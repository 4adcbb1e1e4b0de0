package review

import (
	"cmp"
	"slices"
	"strings"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/review"
)

type requestName struct {
	Request string `json:"request"`
}

func (a requestName) Check(c *input.Checker) { c.TxPrefix("request", a.Request) }

// requestAnswer shows a request with its state at the effective time. Votes are shown by request.get alone, the grant once there is one.
type requestAnswer struct {
	Request   ledger.View    `json:"request"`
	State     machines.State `json:"state"`
	Why       string         `json:"why,omitzero"`
	DecidedAt records.Time   `json:"decided_at,omitzero"`
	WaitsFor  []review.Tally `json:"waits_for"`
	Votes     []ledger.View  `json:"votes,omitzero"`
	Grant     any            `json:"grant,omitzero"`
	talkAnswer
	// NotCounted are votes and rosters that are forged.
	NotCounted []ledger.Forgery `json:"not_counted,omitzero"`
}

func answerRequest(c *evidence.Case, tx *ledger.Tx) (requestAnswer, review.Outcome) {
	outcome := c.Outcome(tx)
	answer := requestAnswer{
		Request: c.Request.View(), State: outcome.State, Why: outcome.Why, DecidedAt: outcome.DecidedAt,
		WaitsFor: []review.Tally{}, NotCounted: c.Forgeries,
	}
	if outcome.Undecided() && outcome.State != machines.Returned { // a returned one waits for its requester
		for _, tally := range outcome.Tallies {
			if tally.Missing > 0 {
				answer.WaitsFor = append(answer.WaitsFor, tally)
			}
		}
	}
	return answer, outcome
}

func getRequest(tx *ledger.Tx, a requestName) (any, error) {
	found, err := evidence.FindCase(tx, a.Request)
	if err != nil {
		return nil, err
	}
	answer, outcome := answerRequest(found, tx)
	answer.Votes = []ledger.View{}
	slices.SortFunc(found.Votes, func(x, y *ledger.Sealed[records.Vote]) int { // numbers begin again when the request is amended
		return cmp.Or(cmp.Compare(x.Record.CreatedAt(), y.Record.CreatedAt()), cmp.Compare(x.Record.Body.Seq, y.Record.Body.Seq), cmp.Compare(x.Key, y.Key))
	})
	for _, vote := range found.Votes {
		answer.Votes = append(answer.Votes, vote.View())
	}
	forgeries, err := showTalk(found, tx, &answer.talkAnswer)
	if err != nil {
		return nil, err
	}
	answer.NotCounted = append(answer.NotCounted, forgeries...)
	if outcome.State == machines.Approved {
		owner, _, _ := records.SplitDataset(found.Request.Record.Body.Dataset)
		grant, err := evidence.ReadGrantOf(tx, owner, found.Request.Record.ID)
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
	transaction.Page
	Owner      string `json:"owner"`
	Requester  string `json:"requester"`
	State      string `json:"state"`
	WaitingFor string `json:"waiting_for"`
	// WaitingPerson is somebody of the committee that is waited for, or a deputy there.
	WaitingPerson string `json:"waiting_person"`
}

func (a requestFilter) Check(c *input.Checker) {
	a.Page.Check(c)
	c.Optional("owner", a.Owner, c.Institution)
	c.Optional("requester", a.Requester, c.Institution)
	transaction.StateFilter(c, a.State, machines.RequestMachine)
	if a.WaitingFor != "" {
		c.Name("waiting_for", a.WaitingFor, records.CommitteeForm)
	}
	if a.WaitingPerson != "" {
		c.Person("waiting_person", a.WaitingPerson)
		c.Require(a.WaitingFor != "", "waiting_person", "an enrolment id is one of a committee: name that in waiting_for")
	}
}

// listing chooses the index that leads to the fewest others.
func (a requestFilter) listing(now records.Time) records.Listing {
	open := a.State != "" && review.Outcome{State: machines.State(a.State)}.Undecided()
	switch {
	case a.WaitingFor != "":
		institution, role, _ := records.SplitPerson(a.WaitingFor)
		return records.WaitingRequests(institution, role, now)
	case a.Owner != "" && open:
		return records.OpenRequests(a.Owner, now)
	case a.Requester != "":
		return records.RequestsByRequester(a.Requester)
	case a.Owner != "":
		return records.RequestsByOwner(a.Owner)
	}
	return records.AllRequests()
}

func (a requestFilter) wants(request requestAnswer, body records.Request) bool {
	owner, _, _ := records.SplitDataset(body.Dataset)
	return (a.Owner == "" || a.Owner == owner) && (a.Requester == "" || a.Requester == body.Requester.Institution) &&
		(a.State == "" || a.State == string(request.State))
}

// waited tells whether a request waits for the committee that is asked about, and there for one of these people. The person who asks as a deputy for others must have
// a vote left as well.
func (a requestFilter) waited(request requestAnswer, outcome review.Outcome, found *evidence.Case, members []string) bool {
	institution, _, _ := strings.Cut(a.WaitingFor, "/")
	at := slices.IndexFunc(request.WaitsFor, func(t review.Tally) bool { return t.Open && records.CommitteeID(t.Institution, t.Role) == a.WaitingFor })
	if at < 0 || a.WaitingPerson == "" {
		return at >= 0
	}
	asks := records.Person{Institution: institution, ID: a.WaitingPerson}
	return !outcome.Voted(asks) && !found.Asks(asks) && slices.ContainsFunc(members, func(id string) bool { return slices.Contains(request.WaitsFor[at].WaitsFor, id) })
}

// members are the people for whom the person who asks can speak in the committee that is asked about: themself, and those for whom they are a deputy.
func (a requestFilter) members(tx *ledger.Tx) ([]string, error) {
	if a.WaitingPerson == "" {
		return nil, nil
	}
	institution, role, _ := strings.Cut(a.WaitingFor, "/")
	delegations, err := evidence.ReadDeputations(tx, institution, a.WaitingPerson, tx.Time)
	members := []string{a.WaitingPerson}
	for _, delegation := range delegations {
		body := delegation.Record.Body
		if review.NewDelegation(delegation.Record).Lets(records.Person{Institution: institution, ID: a.WaitingPerson}, body.DeputyKey, role, body.Member, tx.Time, int64(len(delegation.Record.Changes))) {
			members = append(members, body.Member)
		}
	}
	return members, err
}

func listRequests(tx *ledger.Tx, a requestFilter) (any, error) {
	members, err := a.members(tx.Scope())
	if err != nil {
		return nil, err
	}
	show := func(tx *ledger.Tx, request *ledger.Sealed[records.Request]) (any, bool, error) {
		found, err := evidence.OpenCase(tx, request)
		if err != nil {
			return transaction.AsForgery(request.Key, err)
		}
		answer, outcome := answerRequest(found, tx)
		return answer, a.wants(answer, request.Record.Body) && (a.WaitingFor == "" || a.waited(answer, outcome, found, members)), nil
	}
	return transaction.Listed(ledger.ListAhead(tx, a.listing(tx.Time), a.Of(), evidence.AheadOfRequests, show))
}
