package contract_test

import (
	"fmt"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/machines"
)

// prepared makes a situation's preparation of acts.
func prepared(acts ...attempt) func(*sample.World) subject {
	return func(w *sample.World) subject {
		for _, act := range acts {
			must(act)(w, subject{})
		}
		return subject{}
	}
}

// by is an act of somebody that is the same whatever stands.
func by(who, name string, argument object) attempt {
	return func(w *sample.World, _ subject) *refusal.Error { return try(w, who, name, argument) }
}

func TestInvitationMachine(t *testing.T) {
	invited := func(until any, acts ...attempt) func(*sample.World) subject {
		return func(w *sample.World) subject {
			s := subject{request: w.Submitted()}
			argument := object{"request": s.request, "reviewer": "nuri/park", "question": "?", "until": until}
			s.invitation = sample.In(w.Do("hanbit/c:dac", "request.invite", argument), "id").(string)
			for _, act := range acts {
				must(act)(w, s)
			}
			return s
		}
	}
	soon := time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC).Format(time.RFC3339)
	answer := func(w *sample.World, s subject) *refusal.Error {
		return try(w, sample.Park, "request.remark", object{"request": s.request, "kind": "opinion", "invitation": s.invitation, "text": "well"})
	}
	walk(t, machines.InvitationMachine, []situation[machines.InvitationState]{
		{says: "open", state: machines.InvitationOpen, by: machines.ActInvite, prepare: invited(soon)},
		{says: "answered", state: machines.InvitationAnswered, prepare: invited(soon, answer)},
		{says: "answered, and over", state: machines.InvitationAnswered, prepare: invited(soon, answer, afterDays(5))},
		{says: "over", state: machines.InvitationExpired, prepare: invited(soon, afterDays(5))},
	}, map[string]attempt{machines.ActAnswer: answer, machines.Time: afterDays(5)}, func(w *sample.World, s subject) (machines.InvitationState, string) {
		shown := sample.In(w.Ask("invitation.list", object{"reviewer": "nuri/park"}), "items", 0)
		switch {
		case sample.In(shown, "answered") == true:
			return machines.InvitationAnswered, ""
		case sample.In(shown, "open") == true:
			return machines.InvitationOpen, ""
		}
		return machines.InvitationExpired, ""
	})
}

func TestCohortMachine(t *testing.T) {
	begin := by(sample.Privacy, machines.ActBegin, sample.Consent(nil))
	end := by(sample.Privacy, machines.ActEndCohort, object{"cohort": "hanbit/oncology", "reason": "because"})
	made := func(acts ...attempt) func(*sample.World) subject {
		return func(w *sample.World) subject {
			must(begin)(w, subject{})
			w.Later(2 * time.Hour)
			return prepared(acts...)(w)
		}
	}
	again := func(w *sample.World, s subject) *refusal.Error {
		if refused := begin(w, s); refused == nil || refused.Code != refusal.Conflict {
			t.Errorf("a cohort is begun again: %v", refused)
		}
		return elsewhere // it makes another, and this one is there
	}
	walk(t, machines.CohortMachine, []situation[machines.CohortState]{
		{says: "active", state: machines.CohortActive, by: machines.ActBegin, prepare: made()},
		{says: "ended", state: machines.CohortEnded, prepare: made(end)},
	}, map[string]attempt{
		machines.ActBegin: again, machines.ActNextEpoch: by(sample.Privacy, machines.ActNextEpoch, sample.Epoch(object{"epoch": 2})),
		machines.ActExclude: by(sample.Privacy, machines.ActExclude, sample.Exclusion(object{"epoch": 1})), machines.ActEndCohort: end,
	}, func(w *sample.World, _ subject) (machines.CohortState, string) {
		return machines.CohortState(sample.In(w.Ask("consent.get", object{"cohort": "hanbit/oncology"}), "cohort", "record", "status").(string)), ""
	})
}

func TestBasisMachine(t *testing.T) {
	articles := 0
	set := func(w *sample.World, _ subject) *refusal.Error { // something else each time: what changes nothing is refused
		articles++
		return try(w, sample.Privacy, machines.ActSetBasis, sample.With(sample.Basis(), object{"article": fmt.Sprint(articles)}))
	}
	name := "hanbit/" + sample.Basis()["slug"].(string)
	end := by(sample.Privacy, machines.ActEndBasis, object{"basis": name, "reason": "because"})
	walk(t, machines.BasisMachine, []situation[machines.BasisState]{
		{says: "active", state: machines.BasisActive, by: machines.ActSetBasis, prepare: prepared(set)},
		{says: "ended", state: machines.BasisEnded, prepare: prepared(set, end)},
	}, map[string]attempt{machines.ActSetBasis: set, machines.ActEndBasis: end}, func(w *sample.World, _ subject) (machines.BasisState, string) {
		return machines.BasisState(sample.In(w.Ask("basis.get", object{"basis": name}), "record", "status").(string)), ""
	})
}
