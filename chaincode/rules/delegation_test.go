package rules_test

import (
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// lent is a committee of a, b and c, of whom a has d for a deputy.
func lent() *scene {
	s := newScene(stage("hanbit", "dac", 2)).seat("hanbit/dac", "a", "b", "c")
	s.Delegations = map[string]rules.Delegation{"x": rules.NewDelegation(delegation("hanbit", "dac", "a", "d"))}
	return s
}

// by has the last ballot be a deputy's.
func (s *scene) by(member, delegation string, changes int64) *scene {
	return s.change(func(v *records.Vote) {
		v.DeputyFor = &records.DeputyFor{Member: member, Delegation: delegation, Changes: changes}
	})
}

func TestDeputies(t *testing.T) {
	counted := func(s *scene) int { return len(rules.Derive(s.Case).Counted) }
	approve := func(s *scene, id string) *scene { return s.vote(110, "hanbit", "dac", id, "approve") }
	if outcome := rules.Derive(approve(lent(), "d").by("a", "x", 1).Case); len(outcome.Counted) != 1 || outcome.Tallies[0].Approvals != 1 || len(outcome.Tallies[0].WaitsFor) != 2 {
		t.Error("a deputy's word is the member's:", outcome)
	}
	if got := approve(approve(lent(), "d").by("a", "x", 1), "b").state(); got != rules.Approved {
		t.Error("and counts with the others':", got)
	}
	for says, s := range map[string]*scene{
		"without naming the member":          approve(lent(), "d"),
		"by another delegation":              approve(lent(), "d").by("a", "y", 1),
		"for another member":                 approve(lent(), "d").by("b", "x", 1),
		"somebody else":                      approve(lent(), "e").by("a", "x", 1),
		"before the delegation was made":     approve(lent(), "d").by("a", "x", 0),
		"at another institution":             lent().vote(110, "saerom", "dac", "d", "approve").by("a", "x", 1),
		"before it begins":                   lent().vote(49, "hanbit", "dac", "d", "approve").by("a", "x", 1),
		"when the member has lost the seat":  approve(lent().unseat("hanbit/dac", "a", 105), "d").by("a", "x", 1),
		"a conflict of interest":             lent().vote(110, "hanbit", "dac", "d", "recuse").by("a", "x", 1),
		"for oneself":                        approve(lent(), "a").by("a", "x", 1),
		"when it has run out":                approve(remade(func(r *records.Record[records.Delegation]) { r.Body.Until = 110 }), "d").by("a", "x", 1),
		"in another role":                    approve(remade(func(r *records.Record[records.Delegation]) { r.Body.Role = "ethics" }), "d").by("a", "x", 1),
		"for oneself, by a record of that":   approve(remade(func(r *records.Record[records.Delegation]) { r.Body.Deputy = "a" }), "a").by("a", "x", 1),
		"with a delegation of no time":       approve(remade(func(r *records.Record[records.Delegation]) { r.Body.Until = 50 }), "d").by("a", "x", 1),
		"with one that lasts too long":       approve(remade(func(r *records.Record[records.Delegation]) { r.Body.Until = 9_000_000 }), "d").by("a", "x", 1),
		"with one that somebody else made":   approve(remade(func(r *records.Record[records.Delegation]) { r.Changes[0].By.ID = "s" }), "d").by("a", "x", 1),
		"with one that was never made":       approve(remade(func(r *records.Record[records.Delegation]) { r.Changes = nil }), "d").by("a", "x", 1),
		"with one whose status is not alive": approve(remade(func(r *records.Record[records.Delegation]) { r.Status = records.Ended }), "d").by("a", "x", 1),
	} {
		if counted(s) != 0 {
			t.Error("a deputy votes", says)
		}
	}
	for says, s := range map[string]*scene{
		"the member after the deputy":         approve(approve(lent(), "d").by("a", "x", 1), "a"),
		"the deputy after the member":         approve(approve(lent(), "a"), "d").by("a", "x", 1),
		"the deputy a second time":            approve(approve(lent(), "d").by("a", "x", 1), "d").by("a", "x", 1),
		"the deputy after the member's recus": approve(lent().vote(109, "hanbit", "dac", "a", "recuse"), "d").by("a", "x", 1),
		"the deputy with a seat, again":       approve(approve(lent().seat("hanbit/dac", "d"), "d").by("a", "x", 1), "d"),
	} {
		if counted(s) != 1 {
			t.Error(says, "counts too")
		}
	}
}

func remade(change func(*records.Record[records.Delegation])) *scene {
	record := delegation("hanbit", "dac", "a", "d")
	change(&record)
	s := lent()
	s.Delegations["x"] = rules.NewDelegation(record)
	return s
}

// A delegation that was ended lets nobody vote who saw that, and a vote that was cast before stays.
func TestAnEndedDelegation(t *testing.T) {
	record := delegation("hanbit", "dac", "a", "d")
	record.Status = records.Ended
	record.Changes = append(record.Changes, records.Change{Action: "delegation.ended", At: 120})
	s := lent()
	s.Delegations["x"] = rules.NewDelegation(record)
	if got := rules.Derive(s.vote(110, "hanbit", "dac", "d", "approve").by("a", "x", 1).Case); len(got.Counted) != 1 {
		t.Error("what was cast before counts")
	}
	s.Ballots = nil
	if got := rules.Derive(s.vote(110, "hanbit", "dac", "d", "approve").by("a", "x", 2).Case); len(got.Counted) != 0 {
		t.Error("nobody votes by it any more")
	}
	for at, want := range map[records.Time]rules.DelegationState{40: rules.DelegationPlanned, 60: rules.DelegationActive, 5000: rules.DelegationExpired} {
		if got := rules.DelegationStateAt(delegation("hanbit", "dac", "a", "d"), at); got != want {
			t.Error(at, got)
		}
	}
	if got := rules.DelegationStateAt(record, 40); got != rules.DelegationEnded {
		t.Error(got)
	}
}

// The requester's people are no deputies for its own request, nor is anybody for them.
func TestDeputiesAreAdmittedToo(t *testing.T) {
	s := newScene(stage("nuri", "dac", 1)).seat("nuri/dac", "park", "lee")
	s.Policy.OwnInstitutionVotes = true
	s.Delegations = map[string]rules.Delegation{
		"x": rules.NewDelegation(delegation("nuri", "dac", "park", "kim")), "y": rules.NewDelegation(delegation("nuri", "dac", "lee", "seo")),
		"z": rules.NewDelegation(delegation("nuri", "dac", "park", "seo")),
	}
	s.vote(110, "nuri", "dac", "kim", "approve").by("park", "x", 1).vote(111, "nuri", "dac", "seo", "approve").by("lee", "y", 1)
	if got := s.state(); got != rules.Submitted {
		t.Error("the requester votes as a deputy, or a researcher by one:", got)
	}
	if got := s.vote(112, "nuri", "dac", "seo", "approve").by("park", "z", 1).state(); got != rules.Approved {
		t.Error("others do:", got)
	}
}
