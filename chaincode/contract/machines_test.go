package contract_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

// subject is what the acts of a machine are tried on, and who tries them where that is not always the same person.
type subject struct {
	request, invitation, grant, parent, delegation, breakglass string
	voter                                                      string
}

// situation is a world in which the subject stands in a state, for a reason. by is the act that has just made it, if one has.
type situation[S ~string] struct {
	says    string
	state   S
	why     string
	by      string
	prepare func(w *world) subject
}

// attempt is an act by the right person. It gives the refusal, or nil when it was done, or elsewhere.
type attempt func(w *world, s subject) *refusal.Error

// elsewhere is what an attempt gives that does not concern what stands there.
var elsewhere = &refusal.Error{}

// branch is a world of its own that stands where this one stands.
func (w *world) branch(t *testing.T) *world {
	return &world{T: t, ledger: w.ledger.Clone(), now: w.now, count: w.count, people: w.people}
}

// try does what can be done, endorsed by everyone; world.simulate makes sure that a refusal writes nothing.
func (w *world) try(who, name string, argument object) *refusal.Error {
	w.Helper()
	stub, _, refused := w.simulate(who, name, text(argument))
	if refused != nil {
		return refused
	}
	if code := w.ledger.Commit(stub, institutions...); code != ledgertest.Valid {
		w.Fatalf("%s by %s: %s", name, who, code)
	}
	return nil
}

// walk tries every act of a machine in every situation: what the table allows is done and leads where it says, everything else is refused with its code, and every
// step of the table is seen.
func walk[S ~string](t *testing.T, m rules.Machine[S], situations []situation[S], attempts map[string]attempt, stateOf func(*world, subject) (S, string)) {
	t.Helper()
	type edge struct {
		does     string
		from, to S
	}
	seen := map[edge]bool{}
	for _, s := range situations {
		t.Run(s.says, func(t *testing.T) {
			base := sample(t)
			on := s.prepare(base)
			if state, why := stateOf(base, on); state != s.state || why != s.why {
				t.Fatalf("it stands in %q (%s), not in %q (%s)", state, why, s.state, s.why)
			}
			for _, act := range m.Acts {
				attempt := attempts[act.Does]
				if attempt == nil {
					continue
				}
				w := base.branch(t)
				refused := attempt(w, on)
				if refused == elsewhere {
					continue
				}
				state, _ := stateOf(w, on)
				code, leads := act.Refuses(s.state, s.why), act.Leads(s.state, s.why)
				switch {
				case code == "" && refused != nil:
					t.Errorf("%s is refused with %v", act.Does, refused)
				case code == "" && !slices.Contains(leads, state):
					t.Errorf("%s leads to %s, not to one of %v", act.Does, state, leads)
				case code != "" && (refused == nil || refused.Code != code || state != s.state):
					t.Errorf("%s: wanted %s, got %v, and it stands in %s", act.Does, code, refused, state)
				}
				seen[edge{act.Does, s.state, state}] = true
			}
		})
	}
	for _, act := range m.Acts {
		for _, step := range act.Steps {
			if len(step.From) == 0 {
				if !slices.ContainsFunc(situations, func(s situation[S]) bool { return s.by == act.Does && s.state == step.To }) {
					t.Errorf("%s was not seen to make one that is %s", act.Does, step.To)
				}
				continue
			}
			if attempts[act.Does] == nil {
				t.Errorf("%s was not tried", act.Does)
			}
			for _, from := range step.From {
				to := step.To
				if to == rules.Stays {
					to = from
				}
				if !seen[edge{act.Does, from, to}] {
					t.Errorf("%s was not seen to lead from %s to %s", act.Does, from, to)
				}
			}
		}
	}
	for _, state := range m.Names() {
		if !slices.ContainsFunc(situations, func(s situation[S]) bool { return s.state == state }) {
			t.Errorf("%s %s was not tried", m.Name, state)
		}
	}
	for does := range attempts {
		if _, ok := m.Act(does); !ok {
			t.Errorf("%s is no act of a %s", does, m.Name)
		}
	}
}

// after makes a situation's preparation of a request and what is then done with it.
func after(acts ...func(w *world, s subject)) func(w *world) subject {
	return func(w *world) subject {
		s := subject{request: w.submitted(), voter: "hanbit/c:dac"}
		s.invitation = w.invited(s.request, "nuri/park")
		for _, act := range acts {
			act(w, s)
		}
		return s
	}
}

func voted(who, vote string) func(*world, subject) {
	return func(w *world, s subject) { w.vote(who, s.request, vote) }
}

// asking makes a situation's preparation of a request under a policy with other stages.
func asking(stages []object, acts ...func(*world, subject)) func(w *world) subject {
	return func(w *world) subject {
		w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": with(policy(), object{"stages": stages})})
		return after(acts...)(w)
	}
}

// oneVoteDecides is a request that asks one member of one committee.
func oneVoteDecides(w *world) subject {
	w.do(steward, "committee.set", object{"role": "dac", "members": members("a")})
	s := asking([]object{{"institution": "hanbit", "role": "dac", "threshold": 1}})(w)
	s.voter = "hanbit/a:dac"
	return s
}

func unanimous(w *world) subject {
	return asking([]object{{"institution": "hanbit", "role": "dac", "rule": "unanimous"}}, voted("hanbit/a:dac", "approve"), voted("hanbit/b:dac", "approve"))(w)
}

// automatic is a request that no stage is asked about.
func automatic(w *world) subject {
	w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": with(policy(), object{"automatic": true})})
	return subject{request: w.submitted(), voter: "hanbit/c:dac"}
}

func ballotOf(vote string) attempt {
	return func(w *world, s subject) *refusal.Error {
		return w.try(s.voter, "request.vote", with(w.ballot(s.request, vote, "dac"), object{"reason": "because"}))
	}
}

func voteOf(who, vote string) func(*world, subject) {
	return func(w *world, s subject) {
		s.voter = who
		must(ballotOf(vote))(w, s)
	}
}

func otherPolicy(w *world, s subject) *refusal.Error {
	stages := []object{{"institution": "saerom", "role": "ethics", "threshold": 1}}
	never := object{"stages": stages, "max_duration_seconds": 300*86400 - w.count} // the same
	return w.try(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": with(policy(), never)})
}

func afterAMonth(w *world, s subject) *refusal.Error {
	w.later(31 * 24 * time.Hour)
	return nil
}

func must(act attempt) func(*world, subject) {
	return func(w *world, s subject) {
		w.Helper()
		if refused := act(w, s); refused != nil {
			w.Fatal(refused)
		}
	}
}

func TestRequestMachine(t *testing.T) {
	withdraw := func(w *world, s subject) *refusal.Error {
		return w.try(kim, "request.withdraw", object{"request": s.request})
	}
	stop := func(w *world, s subject) *refusal.Error {
		return w.try(steward, "request.vote", with(w.ballot(s.request, "close", "steward"), object{"reason": "because"}))
	}
	attempts := map[string]attempt{
		rules.ActAmend: func(w *world, s subject) *refusal.Error {
			return w.try(kim, "request.amend", object{"request": s.request, "project": "later signs"})
		},
		rules.ActApprove: ballotOf("approve"), rules.ActReject: ballotOf("reject"), rules.ActRecuse: ballotOf("recuse"), rules.ActReturn: ballotOf("return"),
		rules.ActClose: stop, rules.ActWithdraw: withdraw,
		rules.ActInvite: func(w *world, s subject) *refusal.Error {
			return w.try(s.voter, "request.invite", object{"request": s.request, "reviewer": "nuri/lim", "question": "?"})
		},
		rules.ActOpinion: func(w *world, s subject) *refusal.Error {
			if s.invitation == "" { // nobody can be invited to what no stage is asked about
				return elsewhere
			}
			return w.try(park, "request.remark", object{"request": s.request, "kind": "opinion", "invitation": s.invitation, "text": "well"})
		},
		rules.ActRemark: func(w *world, s subject) *refusal.Error {
			return w.try(kim, "request.remark", object{"request": s.request, "text": "well"})
		},
		"policy.set": otherPolicy, rules.Time: afterAMonth,
	}
	first := voted("hanbit/a:dac", "approve")
	walk(t, rules.RequestMachine, []situation[rules.State]{
		{says: "submitted", state: rules.Submitted, by: "request.submit", prepare: after()},
		{says: "submitted, one vote decides", state: rules.Submitted, prepare: oneVoteDecides},
		{says: "in review", state: rules.InReview, prepare: after(first)},
		{says: "in review, an approval decides", state: rules.InReview, prepare: after(first, voted("saerom/e-1:ethics", "approve"))},
		{says: "in review, and a conflict of interest is declared", state: rules.InReview, prepare: after(voteOf("hanbit/a:dac", "recuse"))},
		{says: "in review, a declared conflict leaves nobody who has not approved", state: rules.InReview, prepare: unanimous},
		{says: "in review, a rejection decides", state: rules.InReview, prepare: after(voted("hanbit/a:dac", "reject"))},
		{says: "returned, and a conflict of interest is declared", state: rules.Returned, prepare: after(voteOf("hanbit/a:dac", "recuse"), voteOf("hanbit/b:dac", "return"))},
		{says: "returned", state: rules.Returned, prepare: after(first, voteOf("hanbit/b:dac", "return"))},
		{says: "approved", state: rules.Approved, prepare: after(first, voted("saerom/e-1:ethics", "approve"), voted("hanbit/b:dac", "approve"))},
		{says: "approved automatically", state: rules.Approved, by: "request.submit", prepare: automatic},
		{says: "rejected", state: rules.Rejected, prepare: after(voted("saerom/e-1:ethics", "reject"), voted("saerom/e-2:ethics", "reject"))},
		{says: "withdrawn", state: rules.Withdrawn, prepare: after(first, must(withdraw))},
		{says: "closed", state: rules.Closed, prepare: after(first, must(stop))},
		{says: "lapsed by its deadline", state: rules.Lapsed, why: rules.Deadline, prepare: after(first, must(afterAMonth))},
		{says: "lapsed by another policy", state: rules.Lapsed, why: rules.PolicyChanged, prepare: after(first, must(otherPolicy))},
	}, attempts, func(w *world, s subject) (rules.State, string) {
		shown := w.ask("request.get", object{"request": s.request})
		return rules.State(in(shown, "state").(string)), fmt.Sprint(or(shown["why"], ""))
	})
}

func or(value, otherwise any) any {
	if value == nil {
		return otherwise
	}
	return value
}
