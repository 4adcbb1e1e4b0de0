package contract_test

import (
	"testing"
	"time"

	"medconsent.org/chaincode/refusal"
)

// The main job: publish, request, approve, check, revoke.
func TestTheMainJob(t *testing.T) {
	w := sample(t)
	w.expect(w.check(nil)["decision"], "deny")
	w.expect(reasons(w.check(nil)), []string{"NO_GRANT"})

	id := w.submitted()
	w.expect(w.ask("request.get", object{"request": id[:8]})["state"], "submitted")
	w.expect(w.vote("hanbit/a:dac", id, "approve")["state"], "in-review")
	shown := w.ask("request.get", object{"request": id})
	w.expect(in(shown, "waits_for", 0, "missing"), 1.0)
	w.expect(in(shown, "waits_for", 1, "institution"), "saerom")
	w.vote("saerom/e-1:ethics", id, "approve")
	done := w.vote("hanbit/b:dac", id, "approve")
	w.expect(done["state"], "approved")
	grant := in(done, "grant", "id").(string)
	w.expect(in(w.ask("request.get", object{"request": id}), "grant", "record", "id"), grant)

	permit := w.check(nil)
	w.expect(permit["decision"], "permit")
	w.expect(reasons(permit), []string{"GRANTED"})
	w.expect(in(permit, "obligations", 0), "no-reidentification")
	w.expect(w.check(object{"purpose": object{"kind": "general-research"}})["decision"], "deny")
	w.expect(w.check(object{"purpose": object{"kind": "disease", "diseases": []string{"MONDO:1"}}})["decision"], "review")
	w.expect(reasons(w.check(object{"for": "nuri/lee"})), []string{"NO_GRANT"})
	w.expect(reasons(w.check(object{"mode": "enclave"})), []string{"MODE_NOT_COVERED"})
	w.expect(reasons(w.check(object{"at": "2027-06-01T00:00:00Z"})), []string{"GRANT_EXPIRED", "ASKED_ABOUT"})

	w.later(time.Hour)
	w.do("hanbit/q:privacy", "grant.revoke", object{"grant": grant[:6], "reason": "an incident"})
	w.expect(reasons(w.check(nil)), []string{"GRANT_REVOKED"})
	w.expect(w.check(object{"at": "2026-11-24T10:30:00Z"})["decision"], "permit")
	w.refused(refusal.Decided, "hanbit/q:privacy", "grant.revoke", object{"grant": grant, "reason": "again"})

	trail := w.ask("audit.trail", object{"dataset": "hanbit/breast-cancer"})
	types := []string{}
	for _, item := range trail["items"].([]any) {
		types = append(types, in(item, "record", "type").(string))
	}
	w.expect(len(types), 9)
}

func TestExpiry(t *testing.T) {
	w := sample(t)
	w.granted()
	w.later(31 * 24 * time.Hour)
	w.expect(reasons(w.check(nil)), []string{"GRANT_EXPIRED"})
}
