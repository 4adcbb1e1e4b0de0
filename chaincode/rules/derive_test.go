package rules_test

import (
	"fmt"
	"math/rand"
	"reflect"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// scene builds a case in a few words. Times are seconds; the request was made at 100 and is reviewed until 1000.
type scene struct{ rules.Case }

const (
	seated = records.Time(1) // since when the founding members sit
	setTx  = "set-1"
)

func newScene(stages ...records.Stage) *scene {
	s := &scene{rules.Case{
		Request: records.Record[records.Request]{ID: "request", Type: records.RequestType, Status: records.Open, Changes: []records.Change{{Action: "request.created", At: 100}}, Body: records.Request{
			Dataset: "hanbit/x", VersionDigest: "v", PolicyVersion: 1, PolicyDigest: "p", ReviewUntil: 1000,
			Requester: records.Person{Institution: "nuri", ID: "kim"}, Researchers: []string{"kim", "lee"},
		}},
		Digest: "r", Policy: records.Policy{Stages: stages}, Rosters: map[string]rules.Roster{}, LatestPolicy: 1, Now: 500,
	}}
	for _, stage := range stages {
		s.Rosters[stage.Committee()] = rules.Roster{Order: map[string]int64{setTx: 1}, Changes: 1, Committee: records.Committee{Institution: stage.Institution, Role: stage.Role}}
	}
	return s
}

func (s *scene) seat(committee string, ids ...string) *scene {
	roster := s.Rosters[committee]
	for _, id := range ids {
		roster.Committee.Seats = append(roster.Committee.Seats, records.Seat{ID: id, From: seated, SetTx: setTx})
	}
	s.Rosters[committee] = roster
	return s
}

// unseat ends a seat in a change of its own.
func (s *scene) unseat(committee, id string, at records.Time) *scene {
	roster := s.Rosters[committee]
	roster.Changes++
	tx := fmt.Sprintf("set-%d", roster.Changes)
	roster.Order[tx] = roster.Changes
	for i, seat := range roster.Committee.Seats {
		if seat.ID == id {
			roster.Committee.Seats[i].PlannedUntil, roster.Committee.Seats[i].Until, roster.Committee.Seats[i].EndedTx = seat.Until, at, tx
		}
	}
	s.Rosters[committee] = roster
	return s
}

// vote adds "hanbit/dac a approve" at a moment, judged by the rosters as they are now.
func (s *scene) vote(at records.Time, institution, role, id, word string) *scene {
	rosters := []records.Roster{}
	for _, id := range rules.Committees(s.Policy) {
		rosters = append(rosters, records.Roster{Committee: id, Changes: s.Rosters[id].Changes})
	}
	seq := int64(len(s.Ballots) + 1)
	s.Ballots = append(s.Ballots, rules.Ballot{ID: fmt.Sprintf("vote-%d", seq), At: at, Vote: records.Vote{
		Seq: seq, Voter: records.Person{Institution: institution, ID: id}, Role: role, Vote: word, RequestDigest: "r", VersionDigest: "v", PolicyDigest: "p", Rosters: rosters,
	}})
	return s
}

func (s *scene) state() rules.State { return rules.Derive(s.Case).State }

func stage(institution, role string, threshold int64) records.Stage {
	return records.Stage{Institution: institution, Role: role, Threshold: threshold}
}

// usual is hanbit's committee of three, two of whom must approve, and saerom's board of two, one of whom must.
func usual() *scene {
	return newScene(stage("hanbit", "dac", 2), stage("saerom", "ethics", 1)).seat("hanbit/dac", "a", "b", "c").seat("saerom/ethics", "e", "f")
}

func TestStates(t *testing.T) {
	for _, c := range []struct {
		says string
		of   func() *scene
		want rules.State
	}{
		{"without a vote it is submitted", usual, rules.Submitted},
		{"with a vote it is in review", func() *scene { return usual().vote(110, "hanbit", "dac", "a", "approve") }, rules.InReview},
		{"one stage is not enough", func() *scene {
			return usual().vote(110, "hanbit", "dac", "a", "approve").vote(120, "hanbit", "dac", "b", "approve")
		}, rules.InReview},
		{"all stages are met", func() *scene {
			return usual().vote(110, "hanbit", "dac", "a", "approve").vote(120, "saerom", "ethics", "e", "approve").vote(130, "hanbit", "dac", "b", "approve")
		}, rules.Approved},
		{"one person has one vote", func() *scene {
			return usual().vote(110, "hanbit", "dac", "a", "approve").vote(120, "saerom", "ethics", "e", "approve").vote(130, "hanbit", "dac", "a", "approve")
		}, rules.InReview},
		{"a changed mind does not count", func() *scene {
			return usual().vote(110, "saerom", "ethics", "e", "approve").vote(120, "saerom", "ethics", "e", "reject").vote(121, "saerom", "ethics", "f", "reject")
		}, rules.InReview},
		{"one rejection leaves enough others", func() *scene { return usual().vote(110, "hanbit", "dac", "a", "reject") }, rules.InReview},
		{"a stage that cannot be met any more is rejected", func() *scene {
			return usual().vote(110, "hanbit", "dac", "a", "reject").vote(120, "hanbit", "dac", "b", "reject")
		}, rules.Rejected},
		{"after a rejection nothing is approved", func() *scene {
			return usual().vote(110, "saerom", "ethics", "e", "reject").vote(111, "saerom", "ethics", "f", "reject").
				vote(112, "hanbit", "dac", "a", "approve").vote(113, "hanbit", "dac", "b", "approve")
		}, rules.Rejected},
		{"after an approval nothing is rejected", func() *scene {
			return usual().vote(110, "hanbit", "dac", "a", "approve").vote(120, "saerom", "ethics", "e", "approve").vote(130, "hanbit", "dac", "b", "approve").
				vote(140, "saerom", "ethics", "f", "reject").vote(150, "hanbit", "dac", "c", "reject")
		}, rules.Approved},
		{"a person without a seat has no vote", func() *scene { return usual().vote(110, "hanbit", "dac", "x", "approve") }, rules.Submitted},
		{"a committee that is not asked has no vote", func() *scene { return usual().vote(110, "nuri", "dac", "x", "approve") }, rules.Submitted},
		{"a vote for another role does not count", func() *scene { return usual().vote(110, "hanbit", "ethics", "a", "approve") }, rules.Submitted},
		{"a vote that is neither does not count", func() *scene { return usual().vote(110, "hanbit", "dac", "a", "abstain") }, rules.Submitted},
		{"a vote at the deadline is too late", func() *scene { return usual().vote(1000, "hanbit", "dac", "a", "approve") }, rules.Submitted},
		{"the deadline lapses", func() *scene { s := usual(); s.Now = 1000; return s }, rules.Lapsed},
		{"another policy lapses", func() *scene { s := usual(); s.LatestPolicy = 2; return s }, rules.Lapsed},
		{"a decision does not lapse", func() *scene {
			s := usual().vote(110, "hanbit", "dac", "a", "approve").vote(120, "saerom", "ethics", "e", "approve").vote(130, "hanbit", "dac", "b", "approve")
			s.Now, s.LatestPolicy = 5000, 2
			return s
		}, rules.Approved},
		{"withdrawn is withdrawn", func() *scene {
			s := usual().vote(110, "hanbit", "dac", "a", "approve")
			s.Request.Status = records.Withdrawn
			return s
		}, rules.Withdrawn},
		{"no stage, no approval", func() *scene { return newScene().vote(110, "hanbit", "dac", "a", "approve") }, rules.Submitted},
		{"who lost the seat before the last vote is not counted", func() *scene {
			return usual().vote(110, "hanbit", "dac", "a", "approve").vote(120, "saerom", "ethics", "e", "approve").
				unseat("hanbit/dac", "a", 125).vote(130, "hanbit", "dac", "b", "approve")
		}, rules.InReview},
		{"who loses the seat after the decision was counted", func() *scene {
			return usual().vote(110, "hanbit", "dac", "a", "approve").vote(120, "saerom", "ethics", "e", "approve").
				vote(130, "hanbit", "dac", "b", "approve").unseat("hanbit/dac", "a", 130)
		}, rules.Approved},
		{"the ledger's order counts, not two clients' clocks", func() *scene {
			return usual().vote(110, "hanbit", "dac", "a", "approve").vote(120, "saerom", "ethics", "e", "approve").
				vote(400, "hanbit", "dac", "b", "approve").unseat("hanbit/dac", "a", 130).unseat("hanbit/dac", "b", 130)
		}, rules.Approved},
		{"a smaller committee is rejected sooner", func() *scene {
			return usual().unseat("hanbit/dac", "c", 105).vote(110, "hanbit", "dac", "a", "reject")
		}, rules.Rejected},
		{"who lost the seat cannot vote", func() *scene {
			return usual().unseat("hanbit/dac", "a", 105).vote(105, "hanbit", "dac", "a", "approve")
		}, rules.Submitted},
	} {
		if got := c.of().state(); got != c.want {
			t.Errorf("%s: %s", c.says, got)
		}
	}
}

func TestTheRequestersInstitution(t *testing.T) {
	own := func(ownVotes bool) *scene {
		s := newScene(stage("nuri", "dac", 1)).seat("nuri/dac", "kim", "lee", "park")
		s.Policy.OwnInstitutionVotes = ownVotes
		return s
	}
	if got := own(false).vote(110, "nuri", "dac", "park", "approve").state(); got != rules.Submitted {
		t.Error("its people do not vote:", got)
	}
	if got := own(true).vote(110, "nuri", "dac", "park", "approve").state(); got != rules.Approved {
		t.Error("its people vote when the policy lets them:", got)
	}
	if got := own(true).vote(110, "nuri", "dac", "kim", "approve").vote(111, "nuri", "dac", "lee", "approve").state(); got != rules.Submitted {
		t.Error("requester and researchers never vote:", got)
	}
	if got := own(true).vote(110, "nuri", "dac", "park", "reject").state(); got != rules.Rejected {
		t.Error("those who may not vote are not waited for:", got)
	}
}

func TestWhatItWaitsFor(t *testing.T) {
	outcome := rules.Derive(usual().vote(110, "hanbit", "dac", "a", "approve").vote(111, "hanbit", "dac", "b", "reject").Case)
	want := []rules.Tally{
		{Institution: "hanbit", Role: "dac", Step: 1, Open: true, Since: 100, Threshold: 2, Approvals: 1, Rejections: 1, Seated: 3, Missing: 1, WaitsFor: []string{"c"}},
		{Institution: "saerom", Role: "ethics", Step: 1, Open: true, Since: 100, Threshold: 1, Seated: 2, Missing: 1, WaitsFor: []string{"e", "f"}},
	}
	if !reflect.DeepEqual(outcome.Tallies, want) || outcome.NextSeq() != 3 || !outcome.Undecided() {
		t.Fatal(outcome)
	}
}

func TestTheLastNumber(t *testing.T) {
	s := usual().vote(110, "saerom", "ethics", "e", "approve")
	s.Ballots[0].Vote.Seq = rules.MaxSeq
	outcome := rules.Derive(s.Case)
	if outcome.NextSeq() != rules.MaxSeq {
		t.Fatal("the last number is shared:", outcome.NextSeq())
	}
	s.vote(111, "hanbit", "dac", "a", "reject").vote(112, "hanbit", "dac", "b", "reject")
	s.Ballots[1].Vote.Seq, s.Ballots[2].Vote.Seq = rules.MaxSeq, rules.MaxSeq
	if got := s.state(); got != rules.Rejected {
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
		var first rules.State
		for range 4 {
			s := usual()
			at := records.Time(110)
			for _, i := range random.Perm(len(people)) {
				if words[i] != "" {
					s.vote(at, people[i].institution, people[i].role, people[i].id, words[i])
					at++
				}
			}
			random.Shuffle(len(s.Ballots), func(i, j int) { s.Ballots[i], s.Ballots[j] = s.Ballots[j], s.Ballots[i] })
			outcome := rules.Derive(s.Case)
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
			s := newScene(stage("hanbit", "dac", 1)).seat("hanbit/dac", "a").vote(200, "hanbit", "dac", "a", records.Approve)
			if got := s.state(); got != rules.Approved {
				t.Fatalf("as it is shown: %s", got)
			}
			change(&s.Ballots[0].Vote)
			if got := s.state(); got != rules.Submitted {
				t.Errorf("%s, and the request is %s", name, got)
			}
		})
	}
}
