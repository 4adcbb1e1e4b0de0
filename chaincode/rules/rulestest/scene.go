package rulestest

import (
	"fmt"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/review"
)

// Scene builds a case in a few words. Times are seconds; the request was made at 100 and is reviewed until 1000.
type Scene struct{ review.Case }

const (
	seated = records.Time(1) // since when the founding members sit
	SetTx  = "set-1"
)

// NewScene is a request under a policy with these stages, and a committee with nobody on it for each.
func NewScene(stages ...records.Stage) *Scene {
	s := &Scene{review.Case{
		Request: records.Record[records.Request]{ID: "request", Type: records.RequestType, Status: records.Open, Changes: []records.Change{{Action: "request.created", At: 100}}, Body: records.Request{
			Dataset: "hanbit/x", VersionDigest: "v", PolicyVersion: 1, PolicyDigest: "p", ReviewUntil: 1000,
			Requester: records.Person{Institution: "nuri", ID: "kim"}, Researchers: []string{"kim", "lee"},
		}},
		Digest: "r", Policy: records.Policy{Stages: stages}, Rosters: map[string]review.Roster{}, LatestPolicy: 1, Now: 500,
	}}
	for _, stage := range stages {
		s.Rosters[stage.Committee()] = review.Roster{Order: map[string]int64{SetTx: 1}, Changes: 1, Committee: records.Committee{Institution: stage.Institution, Role: stage.Role}}
	}
	return s
}

// Seat gives people seats on a committee.
func (s *Scene) Seat(committee string, ids ...string) *Scene {
	roster := s.Rosters[committee]
	for _, id := range ids {
		roster.Committee.Seats = append(roster.Committee.Seats, records.Seat{ID: id, Key: id, From: seated, SetTx: SetTx})
	}
	s.Rosters[committee] = roster
	return s
}

// Unseat ends a seat in a change of its own.
func (s *Scene) Unseat(committee, id string, at records.Time) *Scene {
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

// Vote adds "hanbit/dac a approve" at a moment, judged by the rosters as they are now.
func (s *Scene) Vote(at records.Time, institution, role, id, word string) *Scene {
	rosters := []records.Roster{}
	for _, id := range review.Committees(s.Policy) {
		rosters = append(rosters, s.Rosters[id].State(id))
	}
	seq := int64(len(s.Ballots) + 1)
	s.Ballots = append(s.Ballots, review.Ballot{ID: fmt.Sprintf("vote-%d", seq), At: at, Key: id, Vote: records.Vote{
		Seq: seq, Voter: records.Person{Institution: institution, ID: id}, Role: role, Vote: word, RequestDigest: "r", VersionDigest: "v", PolicyDigest: "p", Rosters: rosters,
	}})
	return s
}

// State is what the votes come to.
func (s *Scene) State() machines.State { return review.Derive(s.Case).State }

// Stage is a stage that asks for so many approvals.
func Stage(institution, role string, threshold int64) records.Stage {
	return records.Stage{Institution: institution, Role: role, Threshold: threshold}
}

// Usual is hanbit's committee of three, two of whom must approve, and saerom's board of two, one of whom must.
func Usual() *Scene {
	return NewScene(Stage("hanbit", "dac", 2), Stage("saerom", "ethics", 1)).Seat("hanbit/dac", "a", "b", "c").Seat("saerom/ethics", "e", "f")
}

// Change alters the ballot that was added last.
func (s *Scene) Change(do func(*records.Vote)) *Scene {
	do(&s.Ballots[len(s.Ballots)-1].Vote)
	return s
}
