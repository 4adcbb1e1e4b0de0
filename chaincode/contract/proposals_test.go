package contract_test

import (
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

// What makes or widens a permit waits for a second officer; what takes away, or changes nothing of what is permitted, does not.
func TestWhatWidensWaits(t *testing.T) {
	version := func(w *sample.World) any {
		return sample.In(w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"}), "version", "digest")
	}
	basis := sample.Basis()
	withBasis := func(changes object) func(*sample.World) object {
		return func(w *sample.World) object {
			w.Do(sample.Privacy, "basis.set", sample.With(basis, object{"purposes": []object{{"permission": "HMB"}}}))
			return sample.With(basis, changes)
		}
	}
	ground := func(changes object) func(*sample.World) object {
		return func(w *sample.World) object {
			w.Do(sample.Privacy, "consent.begin", sample.Consent(nil))
			return sample.With(object{"dataset": "hanbit/breast-cancer", "version_digest": version(w)}, changes)
		}
	}
	stated := func(changes object) func(*sample.World) object {
		return func(w *sample.World) object {
			w.States(sample.Statement(nil))
			return object{"dataset": "hanbit/breast-cancer", "version_digest": version(w), "statement": sample.Statement(changes)}
		}
	}
	epoch := func(changes object) func(*sample.World) object {
		return func(w *sample.World) object {
			w.Do(sample.Privacy, "consent.begin", sample.Consent(object{"use": []object{{"permission": "HMB"}}, "withdrawn": "under-20"}))
			w.Later(time.Hour)
			return sample.Epoch(sample.With(object{"epoch": 2, "withdrawn": "under-20"}, changes))
		}
	}
	withdrawn := func(number int, band string, as int) func(*sample.World) object {
		return func(w *sample.World) object {
			w.Do(sample.Privacy, "consent.begin", sample.Consent(nil))
			w.NextEpoch(number, object{"withdrawn": band})
			return sample.Exclusion(object{"epoch": as})
		}
	}
	policy := func(changes object) func(*sample.World) object {
		return func(*sample.World) object { return sample.PolicyArgument(changes) }
	}
	again := func(changes object) func(*sample.World) object {
		return func(*sample.World) object {
			return sample.With(sample.With(sample.Publication(), object{"title": "Again"}), changes)
		}
	}
	seats := func(ids ...string) func(*sample.World) object {
		return func(w *sample.World) object {
			members := []object{}
			for _, id := range ids {
				members = append(members, object{"id": id, "key": w.KeyOf("hanbit/" + id)})
			}
			return object{"role": "dac", "members": members}
		}
	}
	one := []object{{"institution": "hanbit", "role": "dac", "threshold": 1}, {"institution": "saerom", "role": "ethics", "threshold": 1}}
	for says, c := range map[string]struct {
		who, name string
		argument  func(*sample.World) object
		waits     bool
	}{
		"approved by itself":           {sample.Steward, "policy.set", policy(object{"automatic": true}), true},
		"more uses":                    {sample.Steward, "policy.set", policy(object{"use": []object{{"permission": "HMB"}}}), true},
		"fewer approvals":              {sample.Steward, "policy.set", policy(object{"stages": one}), true},
		"a committee less":             {sample.Steward, "policy.set", policy(object{"stages": one[1:]}), true},
		"own people vote":              {sample.Steward, "policy.set", policy(object{"own_institution_votes": true}), true},
		"longer":                       {sample.Steward, "policy.set", policy(object{"max_duration_seconds": 91 * 86400}), true},
		"shorter":                      {sample.Steward, "policy.set", policy(object{"max_duration_seconds": 89 * 86400}), false},
		"more time to decide":          {sample.Steward, "policy.set", policy(object{"review_period_seconds": 31 * 86400}), false},
		"fewer uses":                   {sample.Steward, "policy.set", policy(object{"use": []object{{"permission": "DS", "diseases": []string{"ICD10:C50.1"}}}}), false},
		"a version by the same policy": {sample.Steward, "dataset.publish", again(object{"policy": nil}), false},
		"a version by a wider one":     {sample.Steward, "dataset.publish", again(object{"policy": sample.With(sample.Policy(), object{"automatic": true})}), true},
		"another dataset":              {sample.Steward, "dataset.publish", again(object{"slug": "other", "policy": sample.With(sample.Policy(), object{"automatic": true})}), false},
		"a seat more":                  {sample.Steward, "committee.set", seats("a", "b", "c", "d"), true},
		"seats besides": {sample.Steward, "committee.seat", func(w *sample.World) object {
			return object{"role": "dac", "members": []object{{"id": "d", "key": w.KeyOf("hanbit/d")}}}
		}, true},
		"a seat less": {sample.Steward, "committee.set", seats("a", "b"), false},
		"a seat for another key": {sample.Steward, "committee.set", func(w *sample.World) object {
			return object{"role": "dac", "members": []object{{"id": "a", "key": w.KeyOf("hanbit/x")}}}
		}, true},
		"a ground less":                 {sample.Privacy, "ground.set", ground(object{"cohorts": []string{"hanbit/oncology"}}), true},
		"a ground more":                 {sample.Privacy, "ground.set", ground(object{"cohorts": []string{"hanbit/oncology"}, "bases": []string{"hanbit/irb-waiver"}}), false},
		"purposes without a bound":      {sample.Privacy, "basis.set", withBasis(nil), true},
		"more purposes":                 {sample.Privacy, "basis.set", withBasis(object{"purposes": []object{{"permission": "GRU"}}}), true},
		"fewer purposes":                {sample.Privacy, "basis.set", withBasis(object{"purposes": []object{{"permission": "DS", "diseases": []string{"ICD10:C50"}}}}), false},
		"another law":                   {sample.Privacy, "basis.set", withBasis(object{"purposes": []object{{"permission": "HMB"}}, "code": "KR-PIPA-28-2"}), true},
		"another basis":                 {sample.Privacy, "basis.set", func(*sample.World) object { return sample.With(basis, object{"slug": "other"}) }, false},
		"people permit more":            {sample.Privacy, "consent.epoch", epoch(object{"use": []object{{"permission": "GRU"}}}), true},
		"people permit less":            {sample.Privacy, "consent.epoch", epoch(object{"use": []object{{"permission": "DS", "diseases": []string{"ICD10:C50"}}}}), false},
		"nobody has withdrawn any more": {sample.Privacy, "consent.epoch", epoch(object{"use": []object{{"permission": "HMB"}}, "withdrawn": "none"}), true},
		"who withdrew is left out":      {sample.Privacy, "consent.exclude", withdrawn(2, "under-20", 2), true},
		"as of an epoch without any":    {sample.Steward, "consent.exclude", withdrawn(2, "none", 2), false},
		"as of the epoch before":        {sample.Privacy, "consent.exclude", withdrawn(2, "under-20", 1), false},
		"as of the same epoch again, by another list": {sample.Privacy, "consent.exclude", func(w *sample.World) object {
			argument := withdrawn(2, "under-20", 2)(w)
			w.Do(sample.Steward, "consent.exclude", argument)
			return sample.With(argument, object{"exclusion_list": sample.DigestOf("another list")})
		}, false},
		"a better statement": {sample.Privacy, "deid.state", stated(object{"term": "anonymous"}), true},
		"a worse statement":  {sample.Privacy, "deid.state", stated(object{"term": "identified"}), false},
		"what one published rests on": {"hanbit/steward:steward,privacy", "ground.set", func(w *sample.World) object {
			w.Do(sample.Steward, "dataset.publish", again(object{"policy": nil})(w))
			return object{"dataset": "hanbit/breast-cancer", "version_digest": version(w), "bases": []string{"hanbit/irb-waiver"}}
		}, true},
		"how one published de-identified": {"hanbit/steward:steward,privacy", "deid.state", func(w *sample.World) object {
			return object{"dataset": "hanbit/breast-cancer", "version_digest": version(w), "statement": sample.Statement(nil)}
		}, true},
		"a seat less beside one's own": {"hanbit/a:dac,steward", "committee.set", seats("a"), true},
		"an institution's title":       {sample.Operator, "institution.set", func(*sample.World) object { return anotherTitle() }, false},
	} {
		w := sample.New(t)
		argument := c.argument(w)
		proposal := w.Alone(c.who, c.name, argument)
		if (proposal != nil) != c.waits {
			t.Errorf("%s: waits as %v", says, proposal)
			continue
		}
		if proposal != nil {
			if words := sample.In(proposal, "body", "widens").([]any); len(words) == 0 || words[0] == "" {
				t.Errorf("%s: it does not say what it widens", says)
			}
			w.Confirmed(proposal)
		}
	}
}

// A suspension is lifted by two, and nothing of it counts before.
func TestASuspensionIsLiftedByTwo(t *testing.T) {
	w := sample.New(t)
	grant := w.Granted()
	w.Do(sample.Privacy, "grant.suspend", object{"grant": grant, "reason": "x"})
	proposal := w.Alone(sample.Privacy, "grant.lift", object{"grant": grant, "reason": "x"})
	w.Expect(w.Check(nil)["decision"], "deny")
	w.Confirmed(proposal)
	w.Expect(w.Check(nil)["decision"], "permit")
}

// A proposal waits for others, is tried when it is shown, and is run by the rules of now.
func TestTheLifeOfAProposal(t *testing.T) {
	w := sample.New(t)
	open := sample.PolicyArgument(object{"automatic": true})
	proposal := w.Alone(sample.Steward, "policy.set", open)
	id := proposal["id"].(string)
	other := sample.Second(sample.Steward)
	waiting := func(who string) int {
		t.Helper()
		return len(w.As(who, "proposal.list", object{"waiting": true})["items"].([]any))
	}
	w.Expect([]any{waiting(other), waiting(sample.Steward), waiting(sample.Kim), waiting("hanbit/x:steward"), waiting(sample.NuriSteward)}[0], 1)
	w.Expect(waiting(sample.Steward)+waiting(sample.Kim)+waiting("hanbit/x:steward")+waiting(sample.NuriSteward), 0)
	shown := w.Ask("proposal.get", object{"proposal": id[:8]})
	w.Expect(shown["state"], "proposed")
	w.Expect(shown["why"], nil)
	w.Expect(shown["confirm_until"], "2026-12-24T10:00:00Z")
	w.Expect(sample.In(shown, "proposal", "record", "body", "function"), "policy.set")
	w.Expect(sample.In(w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"}), "policy", "record", "body", "version"), 1.0)
	w.Refused(refusal.Conflict, other, "proposal.confirm", object{"proposal": id, "digest": sample.DigestOf("x")})

	// two that race: one counts
	stub, _, refused := w.Simulate(other, "proposal.confirm", sample.Text(w.Confirmation(proposal)))
	if refused != nil {
		t.Fatal(refused)
	}
	// the policy narrows meanwhile: it would now widen more than it says
	w.Do(sample.Steward, "policy.set", sample.PolicyArgument(object{"max_duration_seconds": 86400}))
	if code := w.Ledger.Commit(stub, sample.Institutions...); !sample.Overtaken(code) {
		t.Error("a confirmation past another policy", code)
	}
	w.Refused(refusal.Conflict, other, "proposal.confirm", w.Confirmation(proposal))
	w.Expect(strings.HasPrefix(w.Ask("proposal.get", object{"proposal": id})["why"].(string), "things have changed"), true)
	w.Refused(refusal.Forbidden, sample.Kim, "proposal.reject", object{"proposal": id})
	w.Commits(other, "proposal.reject", object{"proposal": id, "reason": "no"}, "hanbit")
	w.Expect(w.Ask("proposal.get", object{"proposal": id})["state"], "rejected")
	w.Refused(refusal.Decided, other, "proposal.confirm", w.Confirmation(proposal))
	w.Refused(refusal.Decided, other, "proposal.reject", object{"proposal": id})

	withdrawn := w.Alone(sample.Steward, "policy.set", open)
	w.Do(sample.Steward, "proposal.reject", object{"proposal": withdrawn["id"]})
	w.Expect(w.Ask("proposal.get", object{"proposal": withdrawn["id"]})["state"], "withdrawn")

	lapsing := w.Alone(sample.Steward, "policy.set", open)
	w.Later(30 * 24 * time.Hour)
	w.Refused(refusal.Expired, other, "proposal.confirm", w.Confirmation(lapsing))
	w.Expect(len(w.As(other, "proposal.list", object{"state": "lapsed"})["items"].([]any)), 1)

	// who has lost the office proposes nothing any more
	last := w.Alone(sample.Steward, "policy.set", open)
	kept := []object{}
	for _, officer := range w.Officers["hanbit"] {
		if officer["id"] != "steward" {
			kept = append(kept, officer)
		}
	}
	w.Do("hanbit/chair:operator", "institution.set", sample.With(sample.Profile(), object{"officers": kept}))
	w.Refused(refusal.Forbidden, other, "proposal.confirm", w.Confirmation(last))
}

// What something wider has overtaken would widen nothing, and says so.
func TestAProposalThatWouldWidenNothing(t *testing.T) {
	w := sample.New(t)
	overtaken := w.Alone(sample.Steward, "policy.set", sample.PolicyArgument(object{"automatic": true, "max_duration_seconds": 86400}))
	w.Confirmed(w.Alone(sample.Steward, "policy.set", sample.PolicyArgument(object{"automatic": true})))
	refused := w.Refused(refusal.Conflict, sample.Second(sample.Steward), "proposal.confirm", w.Confirmation(overtaken))
	w.Expect(refused.Message, "things have changed since it was proposed: it would now widen nothing, and what widens nothing waits for nobody")
	w.Expect(w.Ask("proposal.get", object{"proposal": overtaken["id"]})["why"], refused.Message)
}

// Whoever has the steward's certificate for another key, as a registrar can, acts for nobody: they seat nobody, publish nothing and confirm nothing.
func TestACertificateIsNoOffice(t *testing.T) {
	w := sample.New(t)
	proposal := w.Alone(sample.Steward, "policy.set", sample.PolicyArgument(object{"automatic": true}))
	w.Bare = true
	w.Keys["hanbit/steward"], w.Keys["hanbit/second"], w.People = ledgertest.NewKey(), ledgertest.NewKey(), map[string][]byte{}
	w.Refused(refusal.Forbidden, sample.Steward, "committee.set", object{"role": "dac", "members": []object{{"id": "x", "key": w.KeyOf("hanbit/x")}}})
	w.Refused(refusal.Forbidden, sample.Steward, "policy.set", sample.PolicyArgument(object{"automatic": true}))
	w.Refused(refusal.Forbidden, sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"slug": "other"}))
	w.Refused(refusal.Forbidden, "hanbit/second:operator", "proposal.confirm", w.Confirmation(proposal))
	w.Do(sample.Steward, "committee.set", object{"role": "dac", "members": []object{}}) // what takes away takes the role alone
}
