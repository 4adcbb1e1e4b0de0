package contract_test

import (
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
)

// The main job: publish, request, approve, check, revoke.
func TestTheMainJob(t *testing.T) {
	w := sample.New(t)
	w.Expect(w.Check(nil)["decision"], "deny")
	w.Expect(sample.Reasons(w.Check(nil)), []string{"NO_GRANT"})

	id := w.Submitted()
	w.Expect(w.Ask("request.get", object{"request": id[:8]})["state"], "submitted")
	w.Expect(w.Vote("hanbit/a:dac", id, "approve")["state"], "in-review")
	shown := w.Ask("request.get", object{"request": id})
	w.Expect(sample.In(shown, "waits_for", 0, "missing"), 1.0)
	w.Expect(sample.In(shown, "waits_for", 1, "institution"), "saerom")
	w.Vote("saerom/e-1:ethics", id, "approve")
	done := w.Vote("hanbit/b:dac", id, "approve")
	w.Expect(done["state"], "approved")
	grant := sample.In(done, "grant", "id").(string)
	w.Expect(sample.In(w.Ask("request.get", object{"request": id}), "grant", "record", "id"), grant)

	permit := w.Check(nil)
	w.Expect(permit["decision"], "permit")
	w.Expect(sample.Reasons(permit), []string{"GRANTED"})
	w.Expect(sample.In(permit, "obligations", 0), "no-reidentification")
	w.Expect(w.Check(object{"purpose": object{"kind": "general-research"}})["decision"], "deny")
	w.Expect(w.Check(object{"purpose": object{"kind": "disease", "diseases": []string{"MONDO:1"}}})["decision"], "review")
	w.Expect(sample.Reasons(w.Check(object{"for": "nuri/lee"})), []string{"NO_GRANT"})
	w.Expect(sample.Reasons(w.Check(object{"mode": "enclave"})), []string{"MODE_NOT_COVERED"})
	w.Expect(sample.Reasons(w.Check(object{"at": "2027-06-01T00:00:00Z"})), []string{"GRANT_EXPIRED", "ASKED_ABOUT"})

	w.Later(time.Hour)
	w.Do("hanbit/q:privacy", "grant.revoke", object{"grant": grant[:6], "reason": "an incident"})
	w.Expect(sample.Reasons(w.Check(nil)), []string{"GRANT_REVOKED"})
	w.Expect(w.Check(object{"at": "2026-11-24T10:30:00Z"})["decision"], "permit")
	w.Refused(refusal.Decided, "hanbit/q:privacy", "grant.revoke", object{"grant": grant, "reason": "again"})

	trail := w.Ask("audit.trail", object{"dataset": "hanbit/breast-cancer"})
	types := []string{}
	for _, item := range trail["items"].([]any) {
		types = append(types, sample.In(item, "record", "type").(string))
	}
	w.Expect(len(types), 9)
}

func TestExpiry(t *testing.T) {
	w := sample.New(t)
	w.Granted()
	w.Later(31 * 24 * time.Hour)
	w.Expect(sample.Reasons(w.Check(nil)), []string{"GRANT_EXPIRED"})
}
