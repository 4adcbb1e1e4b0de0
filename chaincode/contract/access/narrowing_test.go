package access_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
)

func TestANarrowedPolicyEndsGrants(t *testing.T) {
	w := sample.New(t)
	health := sample.Use(object{"permission": "HMB"})
	w.Set(sample.With(health, object{"modes": []string{"download", "enclave"}}), nil) // 2
	breast, lung := object{"kind": "disease", "diseases": []string{"ICD10:C50"}}, object{"kind": "disease", "diseases": []string{"ICD10:C34"}}
	kept := sample.In(approved(w, object{"purpose": breast}), "id").(string)
	ended := sample.In(approved(w, object{"purpose": lung}), "id").(string)
	check := func(purpose object) object { return w.Check(object{"purpose": purpose}) }
	w.Expect(check(lung)["decision"], "permit")

	w.Later(time.Hour)
	before := w.Now
	wider := w.NotSet(refusal.PolicyNotNarrower, sample.Use(object{"permission": "GRU"}), sample.Applies)
	w.Expect(wider.Field, "policy.use[0]")
	w.Expect(sample.In(wider.Details[0], "code"), "NOT_NARROWER")
	w.NotSet(refusal.PolicyNotNarrower, sample.With(health, object{"modes": []string{"federated"}}), sample.Applies)
	w.Set(object{"modes": []string{"download"}}, nil) // 3: narrower, but it does not say that it applies
	w.Expect(check(lung)["decision"], "permit")
	w.Later(time.Hour)
	set := w.Set(nil, sample.Applies) // 4
	w.Expect(sample.In(set, "body", "applies"), "existing")
	w.Expect(sample.In(set, "body", "follows"), nil)

	w.Expect(check(breast)["decision"], "permit")
	denied := check(lung)
	w.Expect(denied["decision"], "deny")
	w.Expect(slices.Contains(sample.Reasons(denied), "POLICY_NARROWED"), true)
	w.Expect(sample.In(w.Ask("grant.get", object{"grant": ended}), "state"), "narrowed")
	w.Expect(strings.Contains(sample.In(w.Ask("grant.get", object{"grant": ended}), "why").(string), "hanbit/breast-cancer#4"), true)
	w.Expect(sample.In(w.Ask("grant.get", object{"grant": kept}), "state"), "active")
	w.Expect(sample.Ids(w.Ask("grant.list", object{"state": "narrowed"}), "grant", "record", "id"), []string{ended})
	w.Expect(len(sample.In(w.Ask("grant.get", object{"grant": ended}), "grant", "record", "changes").([]any)), 1) // the record is as it was
	w.Expect(w.Check(object{"purpose": lung, "at": before.Format("2006-01-02T15:04:05Z")})["decision"], "permit")

	// what has ended stays ended, whatever is permitted to others later
	w.Set(health, nil) // 5
	w.Expect(check(lung)["decision"], "deny")
	w.NotSet(refusal.PolicyNotNarrower, health, sample.Applies) // not within 4
	w.Later(time.Hour)
	w.Expect(sample.In(w.Set(object{"max_duration_seconds": 31 * 86400}, sample.Applies), "body", "follows"), 4.0) // 6
	w.Expect(check(lung)["decision"], "deny")
	w.Expect(check(breast)["decision"], "permit")
	w.Expect(slices.Contains(sample.Reasons(w.Check(object{"purpose": lung, "at": w.Now.Add(-30 * time.Minute).Format("2006-01-02T15:04:05Z")})), "POLICY_NARROWED"), true)
	w.Set(object{"max_duration_seconds": 29 * 86400}, sample.Applies) // 7: less time than was granted
	w.Expect(check(breast)["decision"], "deny")
}

// A narrowing costs a check the same whatever the number of grants and of policies.
func TestANarrowingIsFlat(t *testing.T) {
	w := sample.New(t)
	w.Granted()
	w.Set(nil, sample.Applies)
	w.Check(nil)
	before := w.Last.RoundTrips
	for i := range 20 {
		w.Set(object{"max_duration_seconds": 90*86400 - 1 - i}, sample.Applies)
	}
	w.Expect(w.Check(nil)["decision"], "permit")
	w.Expect(w.Last.RoundTrips, before)
}

// A policy that applies to existing grants goes by the hierarchy of the policy that stands: under another version something else could lie under the same term, so
// that the same words permit more, and a grant that has ended comes back.
func TestANarrowingGoesByTheSameHierarchy(t *testing.T) {
	w := sample.Registered(t)
	w.Do("hanbit/steward:steward", "committee.set", object{"role": "dac", "members": sample.Members("a", "b", "c")})
	w.Do("saerom/steward:steward", "committee.set", object{"role": "ethics", "members": sample.Members("e-1", "e-2")})
	inForce := func(pages []object) string {
		digest := w.Loaded(sample.HanbitSteward, pages)
		w.Do(sample.NuriSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
		w.Later(time.Second)
		return digest
	}
	first := inForce(sample.Cancers())
	breast := sample.With(sample.Policy(), sample.Use(object{"permission": "DS", "diseases": []string{"DOID:1612"}}))
	same := object{"dataset": "hanbit/breast-cancer", "policy": breast}
	pinned := func(written any) any { return sample.In(written, "body", "ontologies", 0, "digest") }
	w.Expect(pinned(w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"policy": breast}))["policy"]), first)
	w.Do(sample.Privacy, "basis.set", sample.Basis())
	w.Rests(nil)
	nine := object{"kind": "disease", "diseases": []string{"DOID:9"}}
	decide := func() any {
		return w.Ask("explain", object{"dataset": "hanbit/breast-cancer", "purpose": nine, "mode": "download"})["decision"]
	}
	w.Expect(decide(), "deny")
	moved := sample.Cancers()
	moved[1]["terms"].([]object)[2] = sample.Term("9", []string{"1612"}, []string{"1612", "162", "4"})
	second := inForce(moved)
	diff := w.Ask("policy.diff", same)
	w.Expect(diff["narrower"], false)
	w.Expect(sample.In(diff, "wider", 0, "message"), "no alternative of the policy before is shown to allow all that this one allows: "+
		"it goes by another version of DOID, in which other diseases may lie under the same term")
	w.Expect(strings.Contains(sample.In(diff, "removed", 0).(string), first), true)
	w.Expect(strings.Contains(sample.In(diff, "added", 0).(string), second), true)
	w.Expect(sample.In(diff, "existing", "narrower"), true) // it would go by what the policy that stands goes by
	w.Expect(pinned(w.Do(sample.Steward, "policy.set", sample.With(same, sample.Applies))), first)
	w.Expect(decide(), "deny")
	w.Refused(refusal.Conflict, sample.Steward, "policy.set", sample.With(same, sample.Applies))

	w.Expect(pinned(w.Do(sample.Steward, "policy.set", same)), second) // a policy of its own goes by what is in force
	w.Expect(decide(), "permit")
	w.Expect(w.Ask("policy.diff", object{"dataset": "hanbit/breast-cancer"})["narrower"], false)
	held := w.GrantTo(object{"purpose": nine})
	// it would have to be narrower than the second policy too, which goes by the first version
	refused := w.Refused(refusal.PolicyNotNarrower, sample.Steward, "policy.set", sample.With(same, sample.Applies))
	w.Expect(strings.Contains(refused.Message, "it goes by another version of DOID"), true)
	w.Expect(sample.In(w.Ask("policy.diff", same), "existing", "narrower"), false)
	w.Expect(w.State(held), "active")
}

// Whoever takes diseases of a hierarchy out of a policy, for existing grants too, looks nothing up that others can write beside.
func TestNothingHoldsANarrowingBack(t *testing.T) {
	w := sample.New(t)
	for _, institution := range []string{"nuri", "saerom"} {
		w.Do(institution+"/op:operator", "institution.set", sample.With(sample.Profile(), object{"title": institution}))
	}
	digest := w.Loaded(sample.NuriSteward, sample.Cancers())
	w.Do(sample.HanbitSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	by := func(changes object, diseases ...string) object {
		uses := sample.Use(object{"permission": "DS", "diseases": diseases})
		return object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.With(sample.Policy(), uses), changes)}
	}
	w.Do(sample.Steward, "policy.set", by(nil, "DOID:162", "DOID:9"))
	held := w.GrantTo(object{"purpose": object{"kind": "disease", "diseases": []string{"DOID:9"}}})
	for says, next := range map[string]object{
		"fewer diseases": by(nil, "DOID:162"),
		"a shorter time": by(object{"max_duration_seconds": 3600}, "DOID:162", "DOID:9"),
	} {
		stub, answer, refused := w.Simulate(sample.Steward, "policy.set", sample.Text(sample.With(next, sample.Applies)))
		if refused != nil || answer["proposal"] != nil {
			t.Fatal(says, refused, answer)
		}
		if where := stub.Reachable(); len(where) > 0 {
			t.Errorf("%s: others can write into what it reads: %v", says, where)
		}
		w.Expect(sample.In(answer, "body", "ontologies", 0, "digest"), digest)
	}
	w.Do(sample.Steward, "policy.set", sample.With(by(nil, "DOID:162"), sample.Applies))
	w.Expect(w.State(held), "narrowed")
}
