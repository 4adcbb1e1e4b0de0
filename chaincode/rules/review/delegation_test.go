package review_test

import (
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/rulestest"
)

// lent is a committee of a, b and c, of whom a has d for a deputy.
func lent() *rulestest.Scene {
	s := rulestest.NewScene(rulestest.Stage("hanbit", "dac", 2)).Seat("hanbit/dac", "a", "b", "c")
	s.Delegations = map[string]review.Delegation{"x": review.NewDelegation(delegation("hanbit", "dac", "a", "d"))}
	return s
}

// by has the last ballot be a deputy's.
func by(s *rulestest.Scene, member, delegation string, changes int64) *rulestest.Scene {
	return s.Change(func(v *records.Vote) {
		v.DeputyFor = &records.DeputyFor{Member: member, Delegation: delegation, Changes: changes, Digest: s.Delegations[delegation].Digest(changes)}
	})
}

func TestDeputies(t *testing.T) {
	counted := func(s *rulestest.Scene) int { return len(review.Derive(s.Case).Counted) }
	approve := func(s *rulestest.Scene, id string) *rulestest.Scene {
		return s.Vote(110, "hanbit", "dac", id, "approve")
	}
	if outcome := review.Derive(by(approve(lent(), "d"), "a", "x", 1).Case); len(outcome.Counted) != 1 || outcome.Tallies[0].Approvals != 1 || len(outcome.Tallies[0].WaitsFor) != 2 {
		t.Error("a deputy's word is the member's:", outcome)
	}
	if got := approve(by(approve(lent(), "d"), "a", "x", 1), "b").State(); got != machines.Approved {
		t.Error("and counts with the others':", got)
	}
	for says, s := range map[string]*rulestest.Scene{
		"without naming the member":          approve(lent(), "d"),
		"by another delegation":              by(approve(lent(), "d"), "a", "y", 1),
		"for another member":                 by(approve(lent(), "d"), "b", "x", 1),
		"somebody else":                      by(approve(lent(), "e"), "a", "x", 1),
		"before the delegation was made":     by(approve(lent(), "d"), "a", "x", 0),
		"at another institution":             by(lent().Vote(110, "saerom", "dac", "d", "approve"), "a", "x", 1),
		"before it begins":                   by(lent().Vote(49, "hanbit", "dac", "d", "approve"), "a", "x", 1),
		"when the member has lost the seat":  by(approve(lent().Unseat("hanbit/dac", "a", 105), "d"), "a", "x", 1),
		"a conflict of interest":             by(lent().Vote(110, "hanbit", "dac", "d", "recuse"), "a", "x", 1),
		"for oneself":                        by(approve(lent(), "a"), "a", "x", 1),
		"when it has run out":                by(approve(remade(func(r *records.Record[records.Delegation]) { r.Body.Until = 110 }), "d"), "a", "x", 1),
		"in another role":                    by(approve(remade(func(r *records.Record[records.Delegation]) { r.Body.Role = "ethics" }), "d"), "a", "x", 1),
		"for oneself, by a record of that":   by(approve(remade(func(r *records.Record[records.Delegation]) { r.Body.Deputy = "a" }), "a"), "a", "x", 1),
		"with a delegation of no time":       by(approve(remade(func(r *records.Record[records.Delegation]) { r.Body.Until = 50 }), "d"), "a", "x", 1),
		"with one that lasts too long":       by(approve(remade(func(r *records.Record[records.Delegation]) { r.Body.Until = 9_000_000 }), "d"), "a", "x", 1),
		"with one that somebody else made":   by(approve(remade(func(r *records.Record[records.Delegation]) { r.Changes[0].By.ID = "s" }), "d"), "a", "x", 1),
		"with one that was never made":       by(approve(remade(func(r *records.Record[records.Delegation]) { r.Changes = nil }), "d"), "a", "x", 1),
		"with one whose status is not alive": by(approve(remade(func(r *records.Record[records.Delegation]) { r.Status = records.Ended }), "d"), "a", "x", 1),
	} {
		if counted(s) != 0 {
			t.Error("a deputy votes", says)
		}
	}
	for says, s := range map[string]*rulestest.Scene{
		"the member after the deputy":         approve(by(approve(lent(), "d"), "a", "x", 1), "a"),
		"the deputy after the member":         by(approve(approve(lent(), "a"), "d"), "a", "x", 1),
		"the deputy a second time":            by(approve(by(approve(lent(), "d"), "a", "x", 1), "d"), "a", "x", 1),
		"the deputy after the member's recus": by(approve(lent().Vote(109, "hanbit", "dac", "a", "recuse"), "d"), "a", "x", 1),
		"the deputy with a seat, again":       approve(by(approve(lent().Seat("hanbit/dac", "d"), "d"), "a", "x", 1), "d"),
	} {
		if counted(s) != 1 {
			t.Error(says, "counts too")
		}
	}
}

func remade(change func(*records.Record[records.Delegation])) *rulestest.Scene {
	record := delegation("hanbit", "dac", "a", "d")
	change(&record)
	s := lent()
	s.Delegations["x"] = review.NewDelegation(record)
	return s
}

// A delegation that was ended lets nobody vote who saw that, and a vote that was cast before stays.
func TestAnEndedDelegation(t *testing.T) {
	record := delegation("hanbit", "dac", "a", "d")
	record.Status = records.Ended
	record.Changes = append(record.Changes, records.Change{Action: "delegation.ended", At: 120})
	s := lent()
	s.Delegations["x"] = review.NewDelegation(record)
	if got := review.Derive(by(s.Vote(110, "hanbit", "dac", "d", "approve"), "a", "x", 1).Case); len(got.Counted) != 1 {
		t.Error("what was cast before counts")
	}
	s.Ballots = nil
	if got := review.Derive(by(s.Vote(110, "hanbit", "dac", "d", "approve"), "a", "x", 2).Case); len(got.Counted) != 0 {
		t.Error("nobody votes by it any more")
	}
	for at, want := range map[records.Time]machines.DelegationState{40: machines.DelegationPlanned, 60: machines.DelegationActive, 5000: machines.DelegationExpired} {
		if got := review.DelegationStateAt(delegation("hanbit", "dac", "a", "d"), at); got != want {
			t.Error(at, got)
		}
	}
	if got := review.DelegationStateAt(record, 40); got != machines.DelegationEnded {
		t.Error(got)
	}
}

// The requester's people are no deputies for its own request, nor is anybody for them.
func TestDeputiesAreAdmittedToo(t *testing.T) {
	s := rulestest.NewScene(rulestest.Stage("nuri", "dac", 1)).Seat("nuri/dac", "park", "lee")
	s.Policy.OwnInstitutionVotes = true
	s.Delegations = map[string]review.Delegation{
		"x": review.NewDelegation(delegation("nuri", "dac", "park", "kim")), "y": review.NewDelegation(delegation("nuri", "dac", "lee", "seo")),
		"z": review.NewDelegation(delegation("nuri", "dac", "park", "seo")),
	}
	by(by(s.Vote(110, "nuri", "dac", "kim", "approve"), "park", "x", 1).Vote(111, "nuri", "dac", "seo", "approve"), "lee", "y", 1)
	if got := s.State(); got != machines.Submitted {
		t.Error("the requester votes as a deputy, or a researcher by one:", got)
	}
	if got := by(s.Vote(112, "nuri", "dac", "seo", "approve"), "park", "z", 1).State(); got != machines.Approved {
		t.Error("others do:", got)
	}
}
