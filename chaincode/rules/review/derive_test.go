package review_test

import (
	"math/rand"
	"reflect"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/rulestest"
)

func TestStates(t *testing.T) {
	for _, c := range []struct {
		says string
		of   func() *rulestest.Scene
		want machines.State
	}{
		{"without a vote it is submitted", rulestest.Usual, machines.Submitted},
		{"with a vote it is in review", func() *rulestest.Scene { return rulestest.Usual().Vote(110, "hanbit", "dac", "a", "approve") }, machines.InReview},
		{"one stage is not enough", func() *rulestest.Scene {
			return rulestest.Usual().Vote(110, "hanbit", "dac", "a", "approve").Vote(120, "hanbit", "dac", "b", "approve")
		}, machines.InReview},
		{"all stages are met", func() *rulestest.Scene {
			return rulestest.Usual().Vote(110, "hanbit", "dac", "a", "approve").Vote(120, "saerom", "ethics", "e", "approve").Vote(130, "hanbit", "dac", "b", "approve")
		}, machines.Approved},
		{"one person has one vote", func() *rulestest.Scene {
			return rulestest.Usual().Vote(110, "hanbit", "dac", "a", "approve").Vote(120, "saerom", "ethics", "e", "approve").Vote(130, "hanbit", "dac", "a", "approve")
		}, machines.InReview},
		{"a changed mind does not count", func() *rulestest.Scene {
			return rulestest.Usual().Vote(110, "saerom", "ethics", "e", "approve").Vote(120, "saerom", "ethics", "e", "reject").Vote(121, "saerom", "ethics", "f", "reject")
		}, machines.InReview},
		{"one rejection leaves enough others", func() *rulestest.Scene { return rulestest.Usual().Vote(110, "hanbit", "dac", "a", "reject") }, machines.InReview},
		{"a stage that cannot be met any more is rejected", func() *rulestest.Scene {
			return rulestest.Usual().Vote(110, "hanbit", "dac", "a", "reject").Vote(120, "hanbit", "dac", "b", "reject")
		}, machines.Rejected},
		{"after a rejection nothing is approved", func() *rulestest.Scene {
			return rulestest.Usual().Vote(110, "saerom", "ethics", "e", "reject").Vote(111, "saerom", "ethics", "f", "reject").
				Vote(112, "hanbit", "dac", "a", "approve").Vote(113, "hanbit", "dac", "b", "approve")
		}, machines.Rejected},
		{"after an approval nothing is rejected", func() *rulestest.Scene {
			return rulestest.Usual().Vote(110, "hanbit", "dac", "a", "approve").Vote(120, "saerom", "ethics", "e", "approve").Vote(130, "hanbit", "dac", "b", "approve").
				Vote(140, "saerom", "ethics", "f", "reject").Vote(150, "hanbit", "dac", "c", "reject")
		}, machines.Approved},
		{"a person without a seat has no vote", func() *rulestest.Scene { return rulestest.Usual().Vote(110, "hanbit", "dac", "x", "approve") }, machines.Submitted},
		{"a committee that is not asked has no vote", func() *rulestest.Scene { return rulestest.Usual().Vote(110, "nuri", "dac", "x", "approve") }, machines.Submitted},
		{"a vote for another role does not count", func() *rulestest.Scene { return rulestest.Usual().Vote(110, "hanbit", "ethics", "a", "approve") }, machines.Submitted},
		{"a vote that is neither does not count", func() *rulestest.Scene { return rulestest.Usual().Vote(110, "hanbit", "dac", "a", "abstain") }, machines.Submitted},
		{"a vote at the deadline is too late", func() *rulestest.Scene { return rulestest.Usual().Vote(1000, "hanbit", "dac", "a", "approve") }, machines.Submitted},
		{"the deadline lapses", func() *rulestest.Scene { s := rulestest.Usual(); s.Now = 1000; return s }, machines.Lapsed},
		{"another policy lapses", func() *rulestest.Scene { s := rulestest.Usual(); s.LatestPolicy = 2; return s }, machines.Lapsed},
		{"a decision does not lapse", func() *rulestest.Scene {
			s := rulestest.Usual().Vote(110, "hanbit", "dac", "a", "approve").Vote(120, "saerom", "ethics", "e", "approve").Vote(130, "hanbit", "dac", "b", "approve")
			s.Now, s.LatestPolicy = 5000, 2
			return s
		}, machines.Approved},
		{"withdrawn is withdrawn", func() *rulestest.Scene {
			s := rulestest.Usual().Vote(110, "hanbit", "dac", "a", "approve")
			s.Request.Status = records.Withdrawn
			return s
		}, machines.Withdrawn},
		{"no stage, no approval", func() *rulestest.Scene { return rulestest.NewScene().Vote(110, "hanbit", "dac", "a", "approve") }, machines.Submitted},
		{"who lost the seat before the last vote is not counted", func() *rulestest.Scene {
			return rulestest.Usual().Vote(110, "hanbit", "dac", "a", "approve").Vote(120, "saerom", "ethics", "e", "approve").
				Unseat("hanbit/dac", "a", 125).Vote(130, "hanbit", "dac", "b", "approve")
		}, machines.InReview},
		{"who loses the seat after the decision was counted", func() *rulestest.Scene {
			return rulestest.Usual().Vote(110, "hanbit", "dac", "a", "approve").Vote(120, "saerom", "ethics", "e", "approve").
				Vote(130, "hanbit", "dac", "b", "approve").Unseat("hanbit/dac", "a", 130)
		}, machines.Approved},
		{"the ledger's order counts, not two clients' clocks", func() *rulestest.Scene {
			return rulestest.Usual().Vote(110, "hanbit", "dac", "a", "approve").Vote(120, "saerom", "ethics", "e", "approve").
				Vote(400, "hanbit", "dac", "b", "approve").Unseat("hanbit/dac", "a", 130).Unseat("hanbit/dac", "b", 130)
		}, machines.Approved},
		{"a smaller committee is rejected sooner", func() *rulestest.Scene {
			return rulestest.Usual().Unseat("hanbit/dac", "c", 105).Vote(110, "hanbit", "dac", "a", "reject")
		}, machines.Rejected},
		{"who lost the seat cannot vote", func() *rulestest.Scene {
			return rulestest.Usual().Unseat("hanbit/dac", "a", 105).Vote(105, "hanbit", "dac", "a", "approve")
		}, machines.Submitted},
	} {
		if got := c.of().State(); got != c.want {
			t.Errorf("%s: %s", c.says, got)
		}
	}
}

func TestTheRequestersInstitution(t *testing.T) {
	own := func(ownVotes bool) *rulestest.Scene {
		s := rulestest.NewScene(rulestest.Stage("nuri", "dac", 1)).Seat("nuri/dac", "kim", "lee", "park")
		s.Policy.OwnInstitutionVotes = ownVotes
		return s
	}
	if got := own(false).Vote(110, "nuri", "dac", "park", "approve").State(); got != machines.Submitted {
		t.Error("its people do not vote:", got)
	}
	if got := own(true).Vote(110, "nuri", "dac", "park", "approve").State(); got != machines.Approved {
		t.Error("its people vote when the policy lets them:", got)
	}
	if got := own(true).Vote(110, "nuri", "dac", "kim", "approve").Vote(111, "nuri", "dac", "lee", "approve").State(); got != machines.Submitted {
		t.Error("requester and researchers never vote:", got)
	}
	if got := own(true).Vote(110, "nuri", "dac", "park", "reject").State(); got != machines.Rejected {
		t.Error("those who may not vote are not waited for:", got)
	}
}

func TestWhatItWaitsFor(t *testing.T) {
	outcome := review.Derive(rulestest.Usual().Vote(110, "hanbit", "dac", "a", "approve").Vote(111, "hanbit", "dac", "b", "reject").Case)
	want := []review.Tally{
		{Institution: "hanbit", Role: "dac", Step: 1, Open: true, Since: 100, Threshold: 2, Approvals: 1, Rejections: 1, Seated: 3, Missing: 1, WaitsFor: []string{"c"}},
		{Institution: "saerom", Role: "ethics", Step: 1, Open: true, Since: 100, Threshold: 1, Seated: 2, Missing: 1, WaitsFor: []string{"e", "f"}},
	}
	if !reflect.DeepEqual(outcome.Tallies, want) || outcome.NextSeq() != 3 || !outcome.Undecided() {
		t.Fatal(outcome)
	}
}

func TestTheLastNumber(t *testing.T) {
	s := rulestest.Usual().Vote(110, "saerom", "ethics", "e", "approve")
	s.Ballots[0].Vote.Seq = review.MaxSeq
	outcome := review.Derive(s.Case)
	if outcome.NextSeq() != review.MaxSeq {
		t.Fatal("the last number is shared:", outcome.NextSeq())
	}
	s.Vote(111, "hanbit", "dac", "a", "reject").Vote(112, "hanbit", "dac", "b", "reject")
	s.Ballots[1].Vote.Seq, s.Ballots[2].Vote.Seq = review.MaxSeq, review.MaxSeq
	if got := s.State(); got != machines.Rejected {
		t.Fatal("nobody is kept from rejecting:", got)
	}
}

// While rosters stand still the order of the votes does not matter, and nobody counts twice.
func TestOrderDoesNotMatter(t *testing.T) {
	random := rand.New(rand.NewSource(8)) //nolint:gosec // a test
	people := []struct{ institution, role, id string }{
		{"hanbit", "dac", "a"}, {"hanbit", "dac", "b"}, {"hanbit", "dac", "c"}, {"saerom", "ethics", "e"}, {"saerom", "ethics", "f"}, {"hanbit", "dac", "x"},
	}
	for range 2000 {
		words := make([]string, len(people))
		for i := range people {
			words[i] = []string{"approve", "approve", "reject", ""}[random.Intn(4)]
		}
		var first machines.State
		for range 4 {
			s := rulestest.Usual()
			at := records.Time(110)
			for _, i := range random.Perm(len(people)) {
				if words[i] != "" {
					s.Vote(at, people[i].institution, people[i].role, people[i].id, words[i])
					at++
				}
			}
			random.Shuffle(len(s.Ballots), func(i, j int) { s.Ballots[i], s.Ballots[j] = s.Ballots[j], s.Ballots[i] })
			outcome := review.Derive(s.Case)
			if first == "" {
				first = outcome.State
			}
			if outcome.State != first {
				t.Fatalf("%v: %s and %s", words, first, outcome.State)
			}
			counted := map[records.Person]bool{}
			for _, ballot := range outcome.Counted {
				if counted[ballot.Vote.Voter] || ballot.Vote.Voter.ID == "x" {
					t.Fatalf("%v counts twice, or has no seat", ballot.Vote.Voter)
				}
				counted[ballot.Vote.Voter] = true
			}
		}
	}
}

// A vote counts only for exactly what its voter was shown: whatever digest it names that is another, it is passed over, whoever sealed it.
func TestAVoteOnSomethingElse(t *testing.T) {
	for name, change := range map[string]func(*records.Vote){
		"another request": func(v *records.Vote) { v.RequestDigest = "other" },
		"another version": func(v *records.Vote) { v.VersionDigest = "other" },
		"another policy":  func(v *records.Vote) { v.PolicyDigest = "other" },
	} {
		t.Run(name, func(t *testing.T) {
			s := rulestest.NewScene(rulestest.Stage("hanbit", "dac", 1)).Seat("hanbit/dac", "a").Vote(200, "hanbit", "dac", "a", records.Approve)
			if got := s.State(); got != machines.Approved {
				t.Fatalf("as it is shown: %s", got)
			}
			change(&s.Ballots[0].Vote)
			if got := s.State(); got != machines.Submitted {
				t.Errorf("%s, and the request is %s", name, got)
			}
		})
	}
}
