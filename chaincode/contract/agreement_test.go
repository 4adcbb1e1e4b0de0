package contract_test

import (
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
)

// Whatever a check denies a grant for, the vote that would complete the approval is refused for, and the other way round: they are one rule (grants.Judge).
func TestTheCompletingVoteAndTheCheckAgree(t *testing.T) {
	kim := object{"researchers": []string{"kim"}}
	joining := func(w *sample.World) object {
		first := w.GrantTo(object{"researchers": []string{"lee"}})
		w.Later(time.Minute)
		return object{"joins": first, "researchers": []string{"kim"}, "duration_seconds": 86400}
	}
	onConsent := func(w *sample.World) object {
		w.Do(sample.Privacy, "consent.begin", sample.Consent(nil))
		w.Rests(object{"cohorts": []string{"hanbit/oncology"}})
		w.Later(2 * time.Hour)
		return kim
	}
	asIs := func(*sample.World) object { return kim }
	parent := func(w *sample.World, who, name string) {
		first := sample.In(w.Ask("grant.list", object{"holder": "nuri/lee"}), "items", 0, "grant", "record", "id")
		w.Do(who, name, object{"grant": first, "reason": "because"})
	}
	for says, c := range map[string]struct {
		asks   func(w *sample.World) object
		brings func(w *sample.World)
		code   refusal.Code // of the vote; empty when it is given
	}{
		"nothing happens":               {asIs, func(*sample.World) {}, ""},
		"nothing happens to what joins": {joining, func(*sample.World) {}, ""},
		"the legal basis ends": {asIs, func(w *sample.World) {
			w.Do(sample.Privacy, "basis.end", object{"basis": "hanbit/irb-waiver", "reason": "because"})
		}, refusal.PolicyDenies},
		"the legal basis has no notice any more": {asIs, func(w *sample.World) {
			w.Do(sample.Privacy, "basis.set", sample.With(sample.Basis(), object{"notice": nil}))
		}, refusal.PolicyDenies},
		"the consent ends": {onConsent, func(w *sample.World) {
			w.Do(sample.Privacy, "consent.end", object{"cohort": "hanbit/oncology", "reason": "because"})
		}, refusal.PolicyDenies},
		"the people permit something else": {onConsent, func(w *sample.World) {
			w.NextEpoch(2, object{"use": []object{{"permission": "POA"}}})
		}, refusal.PolicyDenies},
		"the people permit as much": {onConsent, func(w *sample.World) { w.NextEpoch(2, nil) }, ""},
		"the ground is another": {onConsent, func(w *sample.World) {
			w.Do(sample.Privacy, "basis.set", sample.With(sample.Basis(), object{"slug": "baa", "code": "US-HIPAA-BAA"}))
			w.Rests(object{"bases": []string{"hanbit/baa"}})
		}, refusal.PolicyDenies},
		"the grant that is joined is revoked":   {joining, func(w *sample.World) { parent(w, sample.Steward, "grant.revoke") }, refusal.Decided},
		"the grant that is joined is suspended": {joining, func(w *sample.World) { parent(w, sample.Privacy, "grant.suspend") }, refusal.Conflict},
	} {
		t.Run(says, func(t *testing.T) {
			base := sample.New(t)
			request := sample.In(base.Do(sample.Kim, "request.submit", sample.With(base.Request(), c.asks(base))), "id").(string)
			base.Vote("hanbit/a:dac", request, "approve")
			base.Vote("saerom/e-1:ethics", request, "approve")
			ballot := base.Ballot(request, "approve", "dac")

			before := branch(base, t)
			c.brings(before)
			refused := try(before, "hanbit/b:dac", "request.vote", ballot)
			if c.code == "" && refused != nil || c.code != "" && (refused == nil || refused.Code != c.code) {
				t.Errorf("the vote: wanted %q, got %v", c.code, refused)
			}

			after := branch(base, t)
			if refused := try(after, "hanbit/b:dac", "request.vote", ballot); refused != nil {
				t.Fatal(refused)
			}
			c.brings(after)
			answer := after.Check(nil)["decision"]
			if (c.code == "") != (answer == "permit") || (c.code != "") != (answer == "deny") {
				t.Errorf("the vote is answered with %q, and the check with %s for %v", c.code, answer, sample.Reasons(after.Check(nil)))
			}
		})
	}
}
