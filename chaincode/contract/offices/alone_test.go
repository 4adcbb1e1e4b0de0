package offices_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// What looks like taking away, and lets one person permit more, waits for a second officer.
func TestWhatOnlyLooksLikeTakingAway(t *testing.T) {
	version := func(w *sample.World) any {
		return sample.In(w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"}), "version", "digest")
	}
	timed := func(months int, duties ...object) []object {
		use := object{"permission": "HMB", "limits": []object{{"term": "TS", "months": months}}}
		if duties != nil {
			use["duties"] = duties
		}
		return []object{use}
	}
	publishing := object{"term": "PUB"}
	epoch := func(was, next []object) func(*sample.World) object {
		return func(w *sample.World) object {
			w.Do(sample.Privacy, "consent.begin", sample.Consent(object{"use": was}))
			w.Later(time.Hour)
			return sample.Epoch(object{"epoch": 2, "use": next})
		}
	}
	basis := func(was, next []object) func(*sample.World) object {
		return func(w *sample.World) object {
			w.Do(sample.Privacy, "basis.set", sample.With(sample.Basis(), object{"purposes": was}))
			return sample.With(sample.Basis(), object{"purposes": next})
		}
	}
	images := func(volumes int) []object {
		return []object{{"modality": "CT", "body_part": "chest", "faces": "not-present", "volumes": volumes, "checked": 5, "checked_by": "p"}}
	}
	imaged := func(volumes int) func(*sample.World) object {
		return func(w *sample.World) object {
			w.States(sample.Statement(object{"images": images(100)}))
			return object{"dataset": "hanbit/breast-cancer", "version_digest": version(w), "statement": sample.Statement(object{"images": images(volumes)})}
		}
	}
	majority := func(change object) func(*sample.World) object {
		return func(w *sample.World) object {
			members := []object{{"id": "a"}}
			for _, id := range []string{"b", "c"} {
				members = append(members, sample.With(object{"id": id, "key": w.KeyOf("hanbit/" + id)}, change))
			}
			return object{"role": "dac", "members": members}
		}
	}
	for says, c := range map[string]struct {
		who, name string
		argument  func(*sample.World) object
		waits     bool
	}{
		"people bound the time no more":     {sample.Privacy, "consent.epoch", epoch(timed(6), []object{{"permission": "HMB"}}), true},
		"people permit it for longer":       {sample.Privacy, "consent.epoch", epoch(timed(6), timed(12)), true},
		"people permit it for less long":    {sample.Privacy, "consent.epoch", epoch(timed(6), timed(3)), false},
		"people ask nothing in return":      {sample.Privacy, "consent.epoch", epoch(timed(6, publishing), timed(6)), true},
		"people ask something in return":    {sample.Privacy, "consent.epoch", epoch(timed(6), timed(6, publishing)), false},
		"the law bounds the time no more":   {sample.Privacy, "basis.set", basis(timed(6), []object{{"permission": "HMB"}}), true},
		"the law asks nothing in return":    {sample.Privacy, "basis.set", basis(timed(6, publishing), timed(6)), true},
		"fewer volumes, as many looked at":  {sample.Privacy, "deid.state", imaged(5), true},
		"more volumes, as many looked at":   {sample.Privacy, "deid.state", imaged(200), false},
		"the others' seats soon end":        {"hanbit/a:dac,steward", "committee.set", majority(object{"until": "2026-11-24T10:01:00Z"}), true},
		"the others' seats begin in a year": {"hanbit/a:dac,steward", "committee.set", majority(object{"from": "2027-11-24T10:01:00Z"}), true},
		"seats of others soon end":          {sample.Steward, "committee.set", majority(object{"until": "2026-11-24T10:01:00Z"}), false},
	} {
		w := sample.New(t)
		argument := c.argument(w)
		proposal := w.Alone(c.who, c.name, argument)
		if (proposal != nil) != c.waits {
			t.Errorf("%s: waits as %v", says, proposal)
		} else if proposal != nil {
			w.Confirmed(proposal)
		}
	}
}

// A steward who sits on a committee and lets the others' seats run out decides with them all the same.
func TestAMajorityOfOne(t *testing.T) {
	w := sample.New(t)
	w.Do(sample.Steward, "policy.set", sample.PolicyArgument(object{"stages": []object{{"institution": "hanbit", "role": "dac", "rule": "majority"}}}))
	members := []object{{"id": "a"}}
	for _, id := range []string{"b", "c"} {
		members = append(members, object{"id": id, "key": w.KeyOf("hanbit/" + id), "until": "2026-11-24T10:01:00Z"})
	}
	w.Alone("hanbit/a:dac,steward", "committee.set", object{"role": "dac", "members": members})
	w.Later(time.Hour)
	w.Vote("hanbit/a:dac", w.Submitted(), "approve")
	w.Expect(w.Check(nil)["decision"], "deny")
}

// What is confirmed names the hierarchies by which it is understood: who adopts another meanwhile changes what is confirmed.
func TestAProposalNamesItsHierarchies(t *testing.T) {
	for name, widened := range map[string]func(*sample.World) (who string, argument object){
		"policy.set": func(*sample.World) (string, object) {
			return sample.Steward, sample.PolicyArgument(object{"use": []object{{"permission": "DS", "diseases": []string{"DOID:1612"}}}})
		},
		"basis.set": func(w *sample.World) (string, object) {
			w.Do(sample.Privacy, "basis.set", sample.With(sample.Basis(), object{"purposes": []object{{"permission": "DS", "diseases": []string{"ICD10:C50"}}}}))
			return sample.Privacy, sample.With(sample.Basis(), object{"purposes": []object{{"permission": "DS", "diseases": []string{"DOID:1612"}}}})
		},
		"consent.epoch": func(w *sample.World) (string, object) {
			w.Do(sample.Privacy, "consent.begin", sample.Consent(object{"use": []object{{"permission": "DS", "diseases": []string{"ICD10:C50"}}}}))
			w.Later(time.Hour)
			return sample.Privacy, sample.Epoch(object{"epoch": 2, "use": []object{{"permission": "DS", "diseases": []string{"DOID:1612"}}}})
		},
	} {
		w := sample.New(t)
		w.Do("nuri/op:operator", "institution.set", sample.With(sample.Profile(), object{"title": "Nuri"}))
		w.Do("saerom/op:operator", "institution.set", sample.With(sample.Profile(), object{"title": "Saerom"}))
		everywhere := func(pages []object) string {
			digest := w.Loaded(sample.NuriSteward, pages)
			w.Do(sample.HanbitSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
			return digest
		}
		first := everywhere(sample.Cancers())
		who, argument := widened(w)
		proposal := w.Alone(who, name, argument)
		if !strings.Contains(fmt.Sprint(sample.In(proposal, "body", "widens")), first) {
			t.Errorf("%s does not say by which hierarchy: %v", name, sample.In(proposal, "body", "widens"))
		}
		w.Later(time.Minute)
		pages := sample.Cancers()
		pages[1]["terms"] = append(pages[1]["terms"].([]object)[:2:2], sample.Term("9", []string{"1612"}, []string{"1612", "162", "4"})) // everything is a cancer
		everywhere(pages)
		w.Bare = true
		w.Refused(refusal.Conflict, sample.Second(sample.Steward), "proposal.confirm", w.Confirmation(proposal))
	}
}

// Whoever has a seat or an office by a key that was never announced has a key all the same: another one takes two.
func TestAnotherFirstKey(t *testing.T) {
	for _, person := range []string{"a", "steward"} { // one has a seat, the other an office
		w := sample.New(t)
		w.Keys["hanbit/"+person], w.People = ledgertest.NewKey(), map[string][]byte{} // as a registrar has it certified
		w.Do("hanbit/"+person+":researcher", "person.announce", object{})
		if w.Alone(sample.Privacy, "person.admit", object{"person": person, "key": w.KeyOf("hanbit/" + person)}) == nil {
			t.Errorf("%s has another key by one officer's word", person)
		}
	}
	w := sample.New(t)
	w.Do("hanbit/a:dac", "person.announce", object{})
	if w.Alone(sample.Privacy, "person.admit", object{"person": "a", "key": w.KeyOf("hanbit/a")}) != nil {
		t.Error("the key that a seat counts for waits")
	}
}

// One key is one person, whatever the certificates say: it does not open what it proposed.
func TestOneKeyBreaksNoGlass(t *testing.T) {
	w := sample.Guarded(t)
	w.Keys["hanbit/p2"] = w.Keys["hanbit/p"]
	id, confirmation := w.Proposed()
	w.Install("hanbit/p2:privacy")
	w.Keys["hanbit/p2"] = w.Keys["hanbit/p"]
	w.Refused(refusal.OwnRequest, "hanbit/p2:privacy", "breakglass.confirm", confirmation)
	w.Do(sample.Steward, "breakglass.confirm", confirmation)
	w.Later(2 * time.Hour)
	w.Refused(refusal.OwnRequest, "hanbit/p2:privacy", "breakglass.justify", object{"breakglass": id, "justification": "x"})
	w.Do("hanbit/q:privacy", "breakglass.justify", object{"breakglass": id, "justification": "x"})
}

// Who has the steward's certificate for another key brings in no hierarchy.
func TestAHierarchyIsAnOfficers(t *testing.T) {
	w := sample.Registered(t)
	digest := w.Loaded(sample.NuriSteward, sample.Cancers())
	w.Install(sample.HanbitSteward)
	w.Bare = true
	w.Keys["hanbit/steward"], w.People = ledgertest.NewKey(), map[string][]byte{}
	pages := w.Paged(sample.HanbitSteward, sample.Cancers())
	w.Refused(refusal.Forbidden, sample.HanbitSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	w.Refused(refusal.Forbidden, sample.HanbitSteward, "ontology.publish", sample.Publish(pages))
}

// One key is one person: it has one seat on a committee, and is nobody's deputy beside it.
func TestOneKeyHasOneVote(t *testing.T) {
	w := sample.New(t)
	w.Install(sample.Steward)
	key := w.KeyOf("hanbit/a")
	twice := object{"role": "dac", "members": []object{{"id": "a2", "key": key}}}
	w.Refused(refusal.Conflict, sample.Steward, "committee.seat", twice)
	w.Refused(refusal.Conflict, sample.Steward, "committee.set", object{"role": "dac", "members": []object{{"id": "a"}, {"id": "a2", "key": key}}})
	w.Refused(refusal.Conflict, sample.Steward, "committee.set", object{"role": "dac", "members": []object{{"id": "x", "key": w.KeyOf("hanbit/x")}, {"id": "y", "key": w.KeyOf("hanbit/x")}}})
	lent := object{"role": "dac", "deputy": "a2", "deputy_key": key, "until": "2026-12-24T00:00:00Z"}
	w.Refused(refusal.Invalid, "hanbit/b:dac", "committee.delegate", lent)
}

// What waits for a second officer is so much that they can read it: neither thousands of proposals nor long ones.
func TestProposalsAreBounded(t *testing.T) {
	w := sample.New(t)
	w.Install(sample.Steward)
	open := sample.PolicyArgument(object{"automatic": true})
	_, _, refused := w.Simulate(sample.Steward, "policy.set", sample.Text(open)+strings.Repeat(" ", records.MaxProposalBytes))
	if refused == nil || refused.Code != refusal.TooLarge {
		t.Error("a long proposal:", refused)
	}
	w.Bare = true
	for range records.MostProposals - 1 { // the sample has seated a committee
		w.Do(sample.Steward, "policy.set", open)
	}
	w.Refused(refusal.LimitExceeded, sample.Steward, "policy.set", open)
	w.Refused(refusal.LimitExceeded, sample.Steward, "committee.seat", object{"role": "dac", "members": []object{{"id": "x", "key": w.KeyOf("hanbit/x")}}})
	w.Do(sample.Steward, "policy.set", sample.PolicyArgument(object{"max_duration_seconds": 86400})) // what takes away waits for nobody
	w.Do(sample.Second(sample.Steward), "policy.set", open)
	w.Later(30 * 24 * time.Hour)
	w.Do(sample.Steward, "policy.set", open)
}

// Nobody uses up what a dataset's policy can be narrowed by.
func TestAPolicyCanAlwaysBeNarrowed(t *testing.T) {
	w := sample.New(t)
	for i := range ledger.MaxChanges + 1 {
		w.Do(sample.Steward, "policy.set", sample.PolicyArgument(object{"max_duration_seconds": 86400 - i}))
	}
	w.Do(sample.Steward, "dataset.publish", sample.NextVersion())
	w.Do(sample.Steward, "policy.set", sample.With(sample.PolicyArgument(object{"max_duration_seconds": 3600}), object{"applies": "existing"}))
}

// Whoever dismisses officers leaves somebody who can name others.
func TestAnOperatorIsLeft(t *testing.T) {
	w := sample.New(t)
	w.Install("hanbit/op:operator")
	operators := []string{}
	for _, officer := range w.Officers["hanbit"] {
		if slices.Contains(officer["roles"].([]string), "operator") {
			operators = append(operators, officer["id"].(string))
		}
	}
	w.Install("hanbit/z:steward")
	w.Install("hanbit/y:steward")
	w.Bare = true
	w.Refused(refusal.Conflict, "hanbit/op:operator", "institution.dismiss", object{"officers": operators})
	w.Do("hanbit/op:operator", "institution.dismiss", object{"officers": operators[1:]})
}

// Nor is it too much that waits for the second person of an emergency.
func TestEmergenciesAreBounded(t *testing.T) {
	w := sample.Guarded(t)
	for range records.MostBreakglass {
		w.Proposed()
	}
	w.Refused(refusal.LimitExceeded, sample.Privacy, "breakglass.propose", sample.Emergency())
	w.Do("hanbit/q:privacy", "breakglass.propose", sample.Emergency())
	w.Later(24 * time.Hour)
	w.Proposed()
}

// One key is one person, whatever the names: in the two committees that a policy asks, as who asks and who votes, as who publishes and who says what it rests on, as who seats
// and who is seated.
func TestOneKeyUnderTwoNames(t *testing.T) {
	again := func(w *sample.World, name, person string) {
		w.Keys["hanbit/"+name] = ledgertest.KeyNamed("hanbit/" + person)
	}
	t.Run("in two committees", func(t *testing.T) {
		w := sample.New(t)
		again(w, "a2", "a")
		w.Do(sample.Steward, "committee.set", object{"role": "ethics", "members": sample.Members("a2", "e")})
		w.Do(sample.Steward, "policy.set", sample.PolicyArgument(object{"stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 1}, {"institution": "hanbit", "role": "ethics", "threshold": 1}}}))
		id := w.Submitted()
		w.Vote("hanbit/a:dac", id, "approve")
		w.Refused(refusal.AlreadyVoted, "hanbit/a2:ethics", "request.vote", w.Ballot(id, "approve", "ethics"))
		w.Expect(w.Vote("hanbit/e:ethics", id, "approve")["state"], "approved") // the control
		id = w.Submitted()
		w.Vote("hanbit/a:dac", id, "approve")
		w.Expect(w.Vote("hanbit/a2:ethics", id, "reject")["state"], "in-review") // a word against is taken
	})
	t.Run("as a deputy", func(t *testing.T) {
		w := sample.New(t)
		again(w, "d", "e")
		w.Do(sample.Steward, "committee.set", object{"role": "ethics", "members": sample.Members("e")})
		w.Do(sample.Steward, "policy.set", sample.PolicyArgument(object{"stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 1}, {"institution": "hanbit", "role": "ethics", "threshold": 1}}}))
		lent := w.Delegated("hanbit/a:dac", "d")
		id := w.Submitted()
		w.Vote("hanbit/e:ethics", id, "approve")
		w.Refused(refusal.AlreadyVoted, "hanbit/d:dac", "request.vote", sample.With(w.Ballot(id, "approve", "dac"), object{"for": "a", "delegation": lent}))
	})
	t.Run("who asks and who votes", func(t *testing.T) {
		w := sample.New(t)
		again(w, "kim", "a")
		w.Do(sample.Steward, "policy.set", sample.PolicyArgument(object{"own_institution_votes": true, "stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 1}}}))
		id := sample.In(w.Do("hanbit/kim:researcher", "request.submit", w.Request()), "id").(string)
		w.Refused(refusal.OwnRequest, "hanbit/a:dac", "request.vote", w.Ballot(id, "approve", "dac"))
		w.Expect(w.Vote("hanbit/b:dac", id, "approve")["state"], "approved") // the control
	})
	t.Run("who publishes and who says what it rests on", func(t *testing.T) {
		w := sample.New(t)
		again(w, "y", "x")
		w.Install("hanbit/x:steward")
		w.Install("hanbit/y:privacy")
		w.Bare = true
		w.Do("hanbit/x:steward", "dataset.publish", sample.With(sample.Publication(), object{"slug": "other"}))
		digest := sample.In(w.Ask("dataset.get", object{"dataset": "hanbit/other"}), "version", "digest")
		rests := object{"dataset": "hanbit/other", "version_digest": digest, "bases": []string{"hanbit/irb-waiver"}}
		stated := object{"dataset": "hanbit/other", "version_digest": digest, "statement": sample.Statement(nil)}
		for name, argument := range map[string]object{"ground.set": rests, "deid.state": stated} {
			if w.Alone("hanbit/y:privacy", name, argument) == nil {
				t.Errorf("%s: one person publishes and says the rest", name)
			}
		}
	})
	t.Run("who seats and who is seated", func(t *testing.T) {
		w := sample.New(t)
		w.Refused(refusal.Forbidden, sample.Steward, "committee.seat", object{"role": "ethics", "members": []object{{"id": "x", "key": w.KeyOf("hanbit/steward")}}})
		w.Do(sample.Second(sample.Steward), "committee.seat", object{"role": "ethics", "members": []object{{"id": "x", "key": w.KeyOf("hanbit/steward")}, {"id": "y", "key": w.KeyOf("hanbit/y")}}})
		w.Refused(refusal.Forbidden, sample.Steward, "committee.unseat", object{"role": "ethics", "members": []string{"y"}})
	})
}
