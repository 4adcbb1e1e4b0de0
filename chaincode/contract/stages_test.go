package contract_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

// desk is the sample under another policy: by majority of hanbit's committee, then the ethics board of whoever asks (here nuri's), with a veto of hanbit's privacy
// officers and with conflicts to be declared.
func desk(t *testing.T) *world {
	t.Helper()
	w := sample(t)
	w.do("nuri/steward:steward", "committee.set", object{"role": "ethics", "members": members("n-1", "n-2")})
	w.do(steward, "committee.set", object{"role": "privacy", "members": members("p")})
	w.set(object{
		"stages": []object{{"institution": "hanbit", "role": "dac", "rule": "majority"}, {"of": "requester", "role": "ethics", "threshold": 1, "step": 2}},
		"vetoes": []object{{"institution": "hanbit", "role": "privacy"}}, "conflicts": "declare",
	}, nil)
	return w
}

// says is a ballot of the desk's policy.
func (w *world) says(request, vote, role string, changes object) object {
	w.Helper()
	ballot := w.ballot(request, vote, role)
	switch vote {
	case "approve", "reject":
		ballot["no_conflict"] = true
	default:
		ballot["reason"] = "because"
	}
	return with(ballot, changes)
}

func letter(until string) object {
	return object{"attestation": object{"board": "IRB of Nuri", "number": "2026-11", "sha256": digestOf("letter"), "valid_until": until}}
}

func TestADeskOfTwoSteps(t *testing.T) {
	w := desk(t)
	id := w.submitted()
	n1 := "nuri/n-1:ethics"
	w.refused(refusal.StageNotOpen, n1, "request.vote", w.says(id, "approve", "ethics", letter("2026-12-10T00:00:00Z")))
	w.expect(w.refused(refusal.ConflictUndeclared, "hanbit/a:dac", "request.vote", w.ballot(id, "approve", "dac")).Field, "no_conflict")
	w.refused(refusal.Forbidden, "saerom/e-1:ethics", "request.vote", w.says(id, "approve", "ethics", nil))
	w.refused(refusal.Forbidden, "hanbit/p:privacy", "request.vote", w.says(id, "approve", "privacy", nil))
	w.refused(refusal.Forbidden, "hanbit/p:privacy", "request.vote", w.says(id, "return", "privacy", nil))
	shown := w.ask("request.get", object{"request": id})
	w.expect(in(shown, "waits_for", 0, "threshold"), 2.0)
	w.expect(in(shown, "waits_for", 0, "rule"), "majority")
	w.expect(in(shown, "waits_for", 0, "since"), "2026-11-24T10:00:00Z")
	w.expect(in(shown, "waits_for", 0, "waits_for", 2), "c")
	w.expect(in(shown, "waits_for", 1, "open"), false)
	w.expect(in(shown, "waits_for", 1, "institution"), "nuri")
	w.later(time.Hour)
	w.do("hanbit/a:dac", "request.vote", w.says(id, "approve", "dac", nil))
	w.do("hanbit/b:dac", "request.vote", w.says(id, "approve", "dac", nil))
	w.expect(in(w.ask("request.get", object{"request": id}), "waits_for", 0, "since"), "2026-11-24T11:00:00Z")
	w.refused(refusal.OwnRequest, "nuri/kim:ethics", "request.vote", w.says(id, "approve", "ethics", nil))
	w.expect(w.refused(refusal.AttestationMissing, n1, "request.vote", w.says(id, "approve", "ethics", nil)).Field, "attestation")
	w.expect(w.refused(refusal.Expired, n1, "request.vote", w.says(id, "approve", "ethics", letter("2026-11-24T11:00:00Z"))).Field, "attestation.valid_until")
	w.expect(w.refused(refusal.Invalid, "hanbit/c:dac", "request.vote", w.says(id, "approve", "dac", letter("2026-12-10T00:00:00Z"))).Field, "attestation")
	grant := w.do(n1, "request.vote", w.says(id, "approve", "ethics", letter("2026-12-10T00:00:00Z")))["grant"].(object)
	w.expect(in(grant, "body", "until"), "2026-12-10T00:00:00Z") // not 30 days
	w.expect(w.check(nil)["decision"], "permit")
	w.later(15*24*time.Hour + 14*time.Hour)
	w.expect(reasons(w.check(nil)), []string{"GRANT_EXPIRED"})
}

func TestAVeto(t *testing.T) {
	w := desk(t)
	id := w.submitted()
	w.refused(refusal.Forbidden, "hanbit/x:privacy", "request.vote", w.says(id, "reject", "privacy", nil))
	w.refused(refusal.ConflictUndeclared, "hanbit/p:privacy", "request.vote", w.says(id, "reject", "privacy", object{"no_conflict": nil}))
	w.expect(w.do("hanbit/p:privacy", "request.vote", w.says(id, "reject", "privacy", nil))["state"], "rejected")
	w.refused(refusal.Decided, "hanbit/a:dac", "request.vote", w.says(id, "approve", "dac", nil))
}

func TestConflictsOfInterest(t *testing.T) {
	w := desk(t)
	id := w.submitted()
	w.expect(w.refused(refusal.Invalid, "hanbit/a:dac", "request.vote", w.says(id, "recuse", "dac", object{"reason": nil})).Field, "reason")
	w.expect(w.refused(refusal.Invalid, "hanbit/a:dac", "request.vote", w.says(id, "recuse", "dac", object{"no_conflict": true})).Field, "no_conflict")
	w.expect(w.do("hanbit/a:dac", "request.vote", w.says(id, "recuse", "dac", nil))["state"], "in-review")
	w.refused(refusal.Recused, "hanbit/a:dac", "request.vote", w.says(id, "approve", "dac", nil))
	w.refused(refusal.Recused, "hanbit/a:dac", "request.vote", w.says(id, "recuse", "dac", nil))
	shown := w.ask("request.get", object{"request": id})
	w.expect(in(shown, "waits_for", 0, "threshold"), 2.0) // of three, as before
	w.expect(in(shown, "waits_for", 0, "recused"), 1.0)
	w.do(kim, "request.amend", object{"request": id, "project": "late signs"})
	w.refused(refusal.Recused, "hanbit/a:dac", "request.vote", w.says(id, "approve", "dac", nil))
	w.do("hanbit/b:dac", "request.vote", w.says(id, "reject", "dac", nil))
	w.expect(w.ask("request.get", object{"request": id})["state"], "rejected") // of three one is left
}

func TestReturnAndAmend(t *testing.T) {
	w := sample(t)
	id := w.submitted()
	w.vote("saerom/e-1:ethics", id, "approve")
	w.refused(refusal.AlreadyVoted, "saerom/e-1:ethics", "request.vote", w.says(id, "return", "ethics", nil))
	w.expect(w.do("hanbit/a:dac", "request.vote", w.says(id, "return", "dac", nil))["state"], "returned")
	w.refused(refusal.Returned, "hanbit/b:dac", "request.vote", w.ballot(id, "approve", "dac"))
	w.refused(refusal.Returned, "hanbit/b:dac", "request.vote", w.says(id, "return", "dac", nil))
	w.expect(len(w.ask("request.get", object{"request": id})["waits_for"].([]any)), 0)
	w.expect(ids(w.ask("request.list", object{"requester": "nuri", "state": "returned"}), "request", "record", "id"), []string{id})
	w.expect(ids(w.ask("request.list", object{"owner": "hanbit", "state": "returned"}), "request", "record", "id"), []string{id})
	w.expect(len(ids(w.ask("request.list", object{"waiting_for": "hanbit/dac"}), "request", "record", "id")), 0)

	amend := object{"request": id[:8], "duration_seconds": 20 * 86400, "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.2"}}}
	w.refused(refusal.Forbidden, "nuri/park:researcher", "request.amend", amend)
	w.refused(refusal.Forbidden, "saerom/kim:researcher", "request.amend", amend)
	w.refused(refusal.Forbidden, "nuri/kim:steward", "request.amend", amend)
	w.refused(refusal.Invalid, kim, "request.amend", object{"request": id})
	w.refused(refusal.Invalid, kim, "request.amend", object{"request": id, "mode": "download"})
	w.expect(w.refused(refusal.Invalid, kim, "request.amend", object{"request": id, "mode": ""}).Field, "mode")
	w.refused(refusal.LimitExceeded, kim, "request.amend", object{"request": id, "duration_seconds": 91 * 86400})
	w.refused(refusal.PolicyDenies, kim, "request.amend", object{"request": id, "mode": "enclave"})
	w.refused(refusal.TermsNotAccepted, kim, "request.amend", object{"request": id, "accepted_terms": digestOf("x")})
	before := w.ballot(id, "approve", "dac")
	w.later(time.Hour)
	stub, _, _ := w.simulate(kim, "request.amend", text(amend))
	w.expect(len(stub.Writes), 2) // the record and its seal
	if code := w.ledger.Commit(stub, "nuri"); code != ledgertest.Valid {
		t.Fatal("the requester's institution alone amends:", code)
	}
	shown := w.ask("request.get", object{"request": id})
	w.expect(shown["state"], "submitted")
	w.expect(in(shown, "request", "record", "body", "review_until"), "2026-12-24T10:00:00Z")
	w.expect(in(shown, "request", "record", "body", "project"), "early signs")
	w.expect(in(shown, "waits_for", 1, "since"), "2026-11-24T11:00:00Z")
	w.expect(len(shown["votes"].([]any)), 2)
	w.expect(ids(w.ask("request.list", object{"waiting_for": "saerom/ethics"}), "request", "record", "id"), []string{id})
	w.expect(w.refused(refusal.Conflict, "hanbit/b:dac", "request.vote", before).Field, "request_digest")
	w.vote("saerom/e-1:ethics", id, "approve") // who had voted votes anew
	w.vote("hanbit/a:dac", id, "approve")
	grant := w.vote("hanbit/b:dac", id, "approve")["grant"]
	w.expect(in(grant, "body", "until"), "2026-12-14T11:00:00Z")
	w.expect(len(in(grant, "body", "votes").([]any)), 3)
	w.expect(w.check(object{"purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.2"}}})["decision"], "permit")
	w.refused(refusal.Decided, kim, "request.amend", object{"request": id, "project": "more"})
}

// A requester's chaincode amends what ours would have refused.
func TestAnAmendmentThatTheContractRefuses(t *testing.T) {
	w := sample(t)
	id := w.submitted()
	w.do(kim, "request.amend", object{"request": id, "project": "late signs"})
	key := "request/" + id
	honest := string(w.ledger.Value(key))
	for from, to := range map[string]string{
		`"mode":"download"`: `"mode":"federated"`, `"duration_seconds":2592000`: `"duration_seconds":25920000`, `"review_until":"2026-12-24T10:00:00Z"`: `"review_until":"2026-12-24T11:00:00Z"`,
	} {
		changed := strings.Replace(honest, from, to, 1)
		w.expect(changed != honest, true)
		w.ledger.Attack(put(key, changed), seal("nuri", key, changed))
		w.refused(refusal.Forged, "hanbit/a:dac", "request.get", object{"request": id})
	}
	w.ledger.Attack(put(key, honest), seal("nuri", key, honest))
	w.expect(w.ask("request.get", object{"request": id})["state"], "submitted")
}

func TestAmendingEnds(t *testing.T) {
	w := sample(t)
	id := w.submitted()
	for i := range 149 {
		w.do(kim, "request.amend", object{"request": id, "duration_seconds": 100 + i})
	}
	w.refused(refusal.LimitExceeded, kim, "request.amend", object{"request": id, "duration_seconds": 99})
	w.do(kim, "request.withdraw", object{"request": id})
	late := w.submitted()
	w.set(object{"modes": []string{"enclave", "download"}}, nil)
	w.refused(refusal.Conflict, kim, "request.amend", object{"request": late, "project": "x"})
	late = w.submitted()
	w.later(30 * 24 * time.Hour)
	w.refused(refusal.Expired, kim, "request.amend", object{"request": late, "project": "x"})
}

func TestClose(t *testing.T) {
	w := sample(t)
	id := w.submitted()
	w.vote("hanbit/a:dac", id, "approve")
	ballot := w.says(id, "close", "steward", nil)
	w.refused(refusal.Forbidden, "hanbit/a:dac", "request.vote", ballot)
	w.refused(refusal.Forbidden, "saerom/s:steward", "request.vote", ballot)
	w.refused(refusal.Invalid, "hanbit/a:dac", "request.vote", w.says(id, "close", "dac", nil))
	w.refused(refusal.Invalid, steward, "request.vote", w.says(id, "approve", "steward", nil))
	w.expect(w.do(steward, "request.vote", ballot)["state"], "closed")
	w.refused(refusal.Decided, "hanbit/b:dac", "request.vote", w.ballot(id, "approve", "dac"))
	w.refused(refusal.Decided, kim, "request.amend", object{"request": id, "project": "x"})
	w.refused(refusal.Decided, kim, "request.withdraw", object{"request": id})
	w.expect(ids(w.ask("request.list", object{"state": "closed"}), "request", "record", "id"), []string{id})
	returned := w.submitted()
	w.do("hanbit/a:dac", "request.vote", w.says(returned, "return", "dac", nil))
	w.expect(w.do(steward, "request.vote", w.says(returned, "close", "steward", nil))["state"], "closed")
}

// Two of three declare conflicts, and a request by unanimity is completed by the last of them.
func TestAConflictCompletes(t *testing.T) {
	w := sample(t)
	w.set(object{"stages": []object{{"institution": "hanbit", "role": "dac", "rule": "unanimous"}}}, nil)
	id := w.submitted()
	w.vote("hanbit/a:dac", id, "approve")
	w.vote("hanbit/b:dac", id, "approve")
	done := w.do("hanbit/c:dac", "request.vote", w.says(id, "recuse", "dac", nil))
	w.expect(done["state"], "approved")
	w.expect(w.check(nil)["grant"], in(done, "grant", "id"))
}

func atOnce() object { return object{"automatic": true} }

func TestAutomaticApproval(t *testing.T) {
	w := sample(t)
	w.set(atOnce(), nil)
	explained := w.ask("explain", object{"dataset": "hanbit/breast-cancer", "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}}, "mode": "download"})
	w.expect(explained["automatic"], true)
	stub, answer, refused := w.simulate(kim, "request.submit", text(w.request()))
	if refused != nil {
		t.Fatal(refused)
	}
	if code := w.ledger.Commit(stub, "nuri", "saerom"); code == ledgertest.Valid {
		t.Fatal("it is granted without the owner's seal")
	}
	if code := w.ledger.Commit(stub, "nuri", "hanbit"); code != ledgertest.Valid {
		t.Fatal(code)
	}
	id := answer["id"].(string)
	shown := w.ask("request.get", object{"request": id})
	w.expect(shown["state"], "approved")
	w.expect(in(shown, "grant", "record", "id"), id)
	w.expect(len(in(shown, "grant", "record", "body", "votes").([]any)), 0)
	w.expect(w.check(nil)["grant"], id)
	w.expect(len(w.ledger.Keys("i/request-open/"))+len(w.ledger.Keys("i/request-waiting/")), 0)
	w.refused(refusal.Decided, "hanbit/a:dac", "request.vote", w.ballot(id, "approve", "dac"))
	w.refused(refusal.Decided, kim, "request.withdraw", object{"request": id})
	w.refused(refusal.Decided, kim, "request.amend", object{"request": id, "project": "x"})

	review := in(w.do(kim, "request.submit", with(w.request(), object{"purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.1"}, "linking": true}})), "id").(string)
	w.expect(w.ask("request.get", object{"request": review})["state"], "submitted") // people look at it
	w.do(kim, "request.amend", object{"request": review, "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.1"}}})
	w.expect(w.ask("request.get", object{"request": review})["state"], "submitted") // an amended one is never approved by itself
	w.vote("hanbit/a:dac", review, "approve")
	w.vote("saerom/e-1:ethics", review, "approve")
	w.expect(w.vote("hanbit/b:dac", review, "approve")["state"], "approved")

	w.do(steward, "committee.set", object{"role": "dac", "members": members("a")})
	w.refused(refusal.PolicyUnmeetable, kim, "request.submit", w.request()) // nor what explain denies
}

// The requester's chaincode seals a request as if the policy approved it: without the owner's seal there is no grant.
func TestAutomaticApprovalIsTheOwners(t *testing.T) {
	w := sample(t)
	w.set(atOnce(), nil)
	id := w.forge("hanbit", kim, "request.submit", w.request())
	w.expect(reasons(w.check(nil)), []string{"FORGED", "NO_GRANT"})
	w.expect(in(w.ask("request.get", object{"request": id}), "grant"), nil)
	// and an owner that seals a grant on a request which the policy leaves to people
	w.set(nil, nil)
	other := w.submitted()
	key := "grant/" + other
	forged := strings.ReplaceAll(string(w.ledger.Value("grant/"+id)), id, other)
	w.ledger.Attack(put(key, forged), seal("hanbit", key, forged), put("i/grant-person/nuri/kim/hanbit/breast-cancer/000000000001/"+other, "1"))
	w.expect(w.check(nil)["decision"], "deny")
}

func TestWhoeverAsksSitsThere(t *testing.T) {
	w := sample(t)
	w.set(object{"stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 1}, {"of": "requester", "role": "dac", "threshold": 1}}}, nil)
	denied := w.refused(refusal.PolicyDenies, "hanbit/r:researcher", "request.submit", w.request())
	w.expect(in(denied.Details[0], "code"), "STAGE_UNMEETABLE")
	w.expect(in(denied.Details[0], "clause"), "stages[1]")
	w.refused(refusal.PolicyUnmeetable, kim, "request.submit", w.request()) // nuri has no such committee
	explained := w.ask("explain", object{"dataset": "hanbit/breast-cancer", "institution": "hanbit", "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}}, "mode": "download"})
	w.expect(slices.Contains(reasons(explained), "STAGE_UNMEETABLE"), true)
	w.do("nuri/steward:steward", "committee.set", object{"role": "dac", "members": members("n", "kim")})
	id := w.submitted()
	w.vote("hanbit/a:dac", id, "approve")
	w.expect(w.vote("nuri/n:dac", id, "approve")["state"], "approved")
}

func TestPoliciesOfStages(t *testing.T) {
	w := sample(t)
	stages := func(stages ...object) object { return object{"stages": stages} }
	dac := object{"institution": "hanbit", "role": "dac"}
	for field, changes := range map[string]object{
		"policy.stages[0].threshold":   stages(dac),
		"policy.stages[0].rule":        stages(with(dac, object{"threshold": 1, "rule": "majority"})),
		"policy.stages[0].of":          stages(with(dac, object{"of": "requester", "threshold": 1})),
		"policy.stages[0].institution": stages(object{"role": "dac", "threshold": 1}),
		"policy.stages[0].step":        stages(with(dac, object{"threshold": 1, "step": 9})),
		"policy.stages[0].attests":     stages(with(dac, object{"threshold": 1, "attests": true})),
		"policy.stages[1]":             stages(object{"of": "requester", "role": "dac", "threshold": 1}, object{"of": "requester", "role": "dac", "rule": "majority"}),
		"policy.vetoes":                {"vetoes": []object{dac, dac, dac, dac, dac}},
		"policy.vetoes[1]":             {"vetoes": []object{dac, dac}},
		"policy.vetoes[0].role":        {"vetoes": []object{{"institution": "hanbit", "role": "steward"}}},
		"policy.conflicts":             {"conflicts": "maybe"},
	} {
		w.expect(w.notSet(refusal.Invalid, changes, nil).Field, field)
	}
	w.refused(refusal.Invalid, steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": with(policy(), stages(with(dac, object{"rule": "most"})))})
	w.refused(refusal.Invalid, steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": with(policy(), stages(with(dac, object{"threshold": 1, "step": -1})))})
	w.expect(w.notSet(refusal.PolicyNotNarrower, atOnce(), applies).Field, "policy.automatic")
	lint := w.ask("policy.lint", object{"policy": with(policy(), object{
		"stages": []object{{"of": "requester", "role": "ethics", "rule": "unanimous", "step": 2}, with(dac, object{"rule": "majority"})}, "automatic": true,
		"vetoes": []object{dac}, "conflicts": "declare",
	})})
	w.expect(len(lint["unmeetable"].([]any)), 0)
	words := text(lint)
	for _, part := range []string{
		"approved at once", "the ethics committee of whoever asks", "with an attestation that the grant does not outlive", "in step 2", "more than half of hanbit/dac", "One rejection by hanbit/dac", "no conflict of interest",
	} {
		if !strings.Contains(words, part) {
			t.Errorf("%q is not in %s", part, words)
		}
	}
}

// A policy as it was before there were rules, steps and vetoes has the very same bytes.
func TestPlainPoliciesStayAsTheyWere(t *testing.T) {
	w := sample(t)
	w.submitted()
	value := string(w.ledger.Value(w.only("policy/hanbit/breast-cancer/")))
	for _, part := range []string{
		`"stages":[{"institution":"hanbit","role":"dac","threshold":2},{"institution":"saerom","role":"ethics","threshold":1}]`,
		`"recipients":[],"review_period_seconds":2592000,"stages"`, `"modes":["download"],"own_institution_votes":false,"recipients"`,
	} {
		if !strings.Contains(value, part) {
			t.Errorf("%s is not in %s", part, value)
		}
	}
}
