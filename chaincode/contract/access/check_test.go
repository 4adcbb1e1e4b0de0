package access_test

import (
	"fmt"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
)

type (
	object = map[string]any
	TimeOf = time.Time
)

func TestRevocation(t *testing.T) {
	w := sample.New(t)
	grant := w.Granted()
	reason := object{"grant": grant, "reason": "an incident"}
	w.Refused(refusal.Forbidden, "hanbit/a:dac", "grant.revoke", reason)
	w.Refused(refusal.Forbidden, "saerom/s:steward", "grant.revoke", reason)
	w.Refused(refusal.Invalid, sample.Steward, "grant.revoke", object{"grant": grant})
	w.Refused(refusal.Invalid, sample.Steward, "grant.revoke", object{"grant": grant[:5], "reason": "x"})
	w.Refused(refusal.NotFound, sample.Steward, "grant.revoke", object{"grant": sample.DigestOf("none"), "reason": "x"})
	w.Expect(w.Ask("grant.get", object{"grant": grant})["state"], "active")
	revoked := w.Do(sample.Steward, "grant.revoke", reason)
	w.Expect(sample.In(revoked, "changes", 1, "note"), "an incident")
	w.Expect(w.Ask("grant.get", object{"grant": grant})["state"], "revoked")
	second := w.Granted()
	w.Later(30 * 24 * time.Hour)
	w.Refused(refusal.Expired, sample.Steward, "grant.revoke", object{"grant": second, "reason": "x"})
	w.Expect(w.Ask("grant.get", object{"grant": second})["state"], "expired")
}

func TestCheckLooksAtOneVersion(t *testing.T) {
	w := sample.New(t)
	w.Granted()
	w.Do(sample.Steward, "dataset.publish", sample.NextVersion())
	w.Expect(sample.Reasons(w.Check(nil)), []string{"VERSION_NOT_COVERED"})
	w.Expect(w.Check(object{"version": 1})["decision"], "permit")
	// a later policy does not touch a grant that exists
	w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.Policy(), object{"modes": []string{"enclave"}})})
	w.Expect(w.Check(object{"version": 1})["decision"], "permit")
	w.Refused(refusal.NotFound, sample.Kim, "check", object{"dataset": "hanbit/breast-cancer", "version": 9, "for": "nuri/kim", "purpose": object{"kind": "origins"}, "mode": "download"})
}

func TestCheckTakesTheBestGrant(t *testing.T) {
	w := sample.New(t)
	first := w.Granted()
	w.Later(time.Hour)
	second := w.Granted()
	w.Expect(w.Check(nil)["grant"], second)
	w.Do(sample.Steward, "grant.revoke", object{"grant": second, "reason": "x"})
	w.Expect(w.Check(nil)["grant"], first)
	w.Do(sample.Steward, "grant.revoke", object{"grant": first, "reason": "x"})
	w.Expect(sample.Reasons(w.Check(nil)), []string{"GRANT_REVOKED", "GRANT_REVOKED"})
	w.Expect(w.Check(nil)["grant"], nil)
}

// A check costs the same whatever else is on the ledger.
func TestCheckIsFlat(t *testing.T) {
	w := sample.New(t)
	w.Granted()
	w.Check(nil)
	before := w.Last.RoundTrips
	// One call for each key that is not asked for together with others, seal, post and range, and none to close a range that was read to its end.
	w.Expect(before, len(w.Last.Reads)-w.Last.Together+len(w.Last.PrivateReads)+len(w.Last.Ranges)+w.Last.Pages)
	for i := range 50 {
		researcher := fmt.Sprintf("nuri/r-%d:researcher", i)
		id := sample.In(w.Do(researcher, "request.submit", w.Request()), "id").(string)
		for _, voter := range []string{"hanbit/a:dac", "saerom/e-1:ethics", "hanbit/b:dac"} {
			w.Vote(voter, id, "approve")
		}
	}
	w.Check(nil)
	w.Expect(w.Last.RoundTrips, before)
}
