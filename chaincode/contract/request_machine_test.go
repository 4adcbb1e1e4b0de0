package contract_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/machines"
)

// subject is what the acts of a machine are tried on, and who tries them where that is not always the same person.
type subject struct {
	request, invitation, grant, parent, delegation, breakglass string
	renewal, addition                                          string // requests that would renew the grant, or add somebody to it
	voter                                                      string
}

// situation is a world in which the subject stands in a state, for a reason. by is the act that has just made it, if one has.
type situation[S ~string] struct {
	says    string
	state   S
	why     string
	by      string
	prepare func(w *sample.World) subject
}

// attempt is an act by the right person. It gives the refusal, or nil when it was done, or elsewhere.
type attempt func(w *sample.World, s subject) *refusal.Error

// elsewhere is what an attempt gives that does not concern what stands there.
var elsewhere = &refusal.Error{}

// branch is a world of its own that stands where this one stands.
func branch(w *sample.World, t *testing.T) *sample.World {
	officers := map[string][]object{}
	for institution, named := range w.Officers {
		officers[institution] = slices.Clone(named)
	}
	return &sample.World{T: t, Ledger: w.Ledger.Clone(), Now: w.Now, Count: w.Count, People: maps.Clone(w.People), Keys: maps.Clone(w.Keys), Officers: officers}
}

// try does what can be done, endorsed by everyone, and has a second officer confirm what waits; world.simulate makes sure that a refusal writes nothing.
func try(w *sample.World, who, name string, argument object) *refusal.Error {
	w.Helper()
	stub, answer, refused := w.Simulate(who, name, sample.Text(argument))
	if refused != nil {
		return refused
	}
	if code := w.Ledger.Commit(stub, sample.Institutions...); code != ledgertest.Valid {
		w.Fatalf("%s by %s: %s", name, who, code)
	}
	if proposal, waits := answer["proposal"].(object); waits {
		w.Confirmed(proposal)
	}
	return nil
}

// walk tries every act of a machine in every situation: what the table allows is done and leads where it says, everything else is refused with its code, and every
// step of the table is seen.
func walk[S ~string](t *testing.T, m machines.Machine[S], situations []situation[S], attempts map[string]attempt, stateOf func(*sample.World, subject) (S, string)) {
	t.Helper()
	type edge struct {
		does     string
		from, to S
	}
	seen := map[edge]bool{}
	for _, s := range situations {
		t.Run(s.says, func(t *testing.T) {
			base := sample.New(t)
			on := s.prepare(base)
			if state, why := stateOf(base, on); state != s.state || why != s.why {
				t.Fatalf("it stands in %q (%s), not in %q (%s)", state, why, s.state, s.why)
			}
			for _, act := range m.Acts {
				attempt := attempts[act.Does]
				if attempt == nil {
					continue
				}
				w := branch(base, t)
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
				if to == machines.Stays {
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
func after(acts ...func(w *sample.World, s subject)) func(w *sample.World) subject {
	return func(w *sample.World) subject {
		s := subject{request: w.Submitted(), voter: "hanbit/c:dac"}
		s.invitation = w.Invited(s.request, "nuri/park")
		for _, act := range acts {
			act(w, s)
		}
		return s
	}
}

func voted(who, vote string) func(*sample.World, subject) {
	return func(w *sample.World, s subject) { w.Vote(who, s.request, vote) }
}

// asking makes a situation's preparation of a request under a policy with other stages.
func asking(stages []object, acts ...func(*sample.World, subject)) func(w *sample.World) subject {
	return func(w *sample.World) subject {
		w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.Policy(), object{"stages": stages})})
		return after(acts...)(w)
	}
}

// oneVoteDecides is a request that asks one member of one committee.
func oneVoteDecides(w *sample.World) subject {
	w.Do(sample.Steward, "committee.set", object{"role": "dac", "members": sample.Members("a")})
	s := asking([]object{{"institution": "hanbit", "role": "dac", "threshold": 1}})(w)
	s.voter = "hanbit/a:dac"
	return s
}

func unanimous(w *sample.World) subject {
	return asking([]object{{"institution": "hanbit", "role": "dac", "rule": "unanimous"}}, voted("hanbit/a:dac", "approve"), voted("hanbit/b:dac", "approve"))(w)
}

// automatic is a request that no stage is asked about.
func automatic(w *sample.World) subject {
	w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.Policy(), object{"automatic": true})})
	return subject{request: w.Submitted(), voter: "hanbit/c:dac"}
}

func ballotOf(vote string) attempt {
	return func(w *sample.World, s subject) *refusal.Error {
		return try(w, s.voter, "request.vote", sample.With(w.Ballot(s.request, vote, "dac"), object{"reason": "because"}))
	}
}

func voteOf(who, vote string) func(*sample.World, subject) {
	return func(w *sample.World, s subject) {
		s.voter = who
		must(ballotOf(vote))(w, s)
	}
}

func otherPolicy(w *sample.World, s subject) *refusal.Error {
	stages := []object{{"institution": "saerom", "role": "ethics", "threshold": 1}}
	never := object{"stages": stages, "max_duration_seconds": 300*86400 - w.Count} // the same
	return try(w, sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.Policy(), never)})
}

func afterAMonth(w *sample.World, s subject) *refusal.Error {
	w.Later(31 * 24 * time.Hour)
	return nil
}

func must(act attempt) func(*sample.World, subject) {
	return func(w *sample.World, s subject) {
		w.Helper()
		if refused := act(w, s); refused != nil {
			w.Fatal(refused)
		}
	}
}

func TestRequestMachine(t *testing.T) {
	withdraw := func(w *sample.World, s subject) *refusal.Error {
		return try(w, sample.Kim, "request.withdraw", object{"request": s.request})
	}
	stop := func(w *sample.World, s subject) *refusal.Error {
		return try(w, sample.Steward, "request.vote", sample.With(w.Ballot(s.request, "close", "steward"), object{"reason": "because"}))
	}
	attempts := map[string]attempt{
		machines.ActAmend: func(w *sample.World, s subject) *refusal.Error {
			return try(w, sample.Kim, "request.amend", object{"request": s.request, "project": "later signs"})
		},
		machines.ActApprove: ballotOf("approve"), machines.ActReject: ballotOf("reject"), machines.ActRecuse: ballotOf("recuse"), machines.ActReturn: ballotOf("return"),
		machines.ActClose: stop, machines.ActWithdraw: withdraw,
		machines.ActInvite: func(w *sample.World, s subject) *refusal.Error {
			return try(w, s.voter, "request.invite", object{"request": s.request, "reviewer": "nuri/lim", "question": "?"})
		},
		machines.ActOpinion: func(w *sample.World, s subject) *refusal.Error {
			if s.invitation == "" { // nobody can be invited to what no stage is asked about
				return elsewhere
			}
			return try(w, sample.Park, "request.remark", object{"request": s.request, "kind": "opinion", "invitation": s.invitation, "text": "well"})
		},
		machines.ActRemark: func(w *sample.World, s subject) *refusal.Error {
			return try(w, sample.Kim, "request.remark", object{"request": s.request, "text": "well"})
		},
		"policy.set": otherPolicy, machines.Time: afterAMonth,
	}
	first := voted("hanbit/a:dac", "approve")
	walk(t, machines.RequestMachine, []situation[machines.State]{
		{says: "submitted", state: machines.Submitted, by: "request.submit", prepare: after()},
		{says: "submitted, one vote decides", state: machines.Submitted, prepare: oneVoteDecides},
		{says: "in review", state: machines.InReview, prepare: after(first)},
		{says: "in review, an approval decides", state: machines.InReview, prepare: after(first, voted("saerom/e-1:ethics", "approve"))},
		{says: "in review, and a conflict of interest is declared", state: machines.InReview, prepare: after(voteOf("hanbit/a:dac", "recuse"))},
		{says: "in review, a declared conflict leaves nobody who has not approved", state: machines.InReview, prepare: unanimous},
		{says: "in review, a rejection decides", state: machines.InReview, prepare: after(voted("hanbit/a:dac", "reject"))},
		{says: "returned, and a conflict of interest is declared", state: machines.Returned, prepare: after(voteOf("hanbit/a:dac", "recuse"), voteOf("hanbit/b:dac", "return"))},
		{says: "returned", state: machines.Returned, prepare: after(first, voteOf("hanbit/b:dac", "return"))},
		{says: "approved", state: machines.Approved, prepare: after(first, voted("saerom/e-1:ethics", "approve"), voted("hanbit/b:dac", "approve"))},
		{says: "approved automatically", state: machines.Approved, by: "request.submit", prepare: automatic},
		{says: "rejected", state: machines.Rejected, prepare: after(voted("saerom/e-1:ethics", "reject"), voted("saerom/e-2:ethics", "reject"))},
		{says: "withdrawn", state: machines.Withdrawn, prepare: after(first, must(withdraw))},
		{says: "closed", state: machines.Closed, prepare: after(first, must(stop))},
		{says: "lapsed by its deadline", state: machines.Lapsed, why: machines.Deadline, prepare: after(first, must(afterAMonth))},
		{says: "lapsed by another policy", state: machines.Lapsed, why: machines.PolicyChanged, prepare: after(first, must(otherPolicy))},
	}, attempts, func(w *sample.World, s subject) (machines.State, string) {
		shown := w.Ask("request.get", object{"request": s.request})
		return machines.State(sample.In(shown, "state").(string)), fmt.Sprint(or(shown["why"], ""))
	})
}

func or(value, otherwise any) any {
	if value == nil {
		return otherwise
	}
	return value
}
