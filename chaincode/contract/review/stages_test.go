package review_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

// desk is the sample under another policy: by majority of hanbit's committee, then the ethics board of whoever asks (here nuri's), with a veto of hanbit's privacy
// officers and with conflicts to be declared.
func desk(t *testing.T) *sample.World {
	t.Helper()
	w := sample.New(t)
	w.Do("nuri/steward:steward", "committee.set", object{"role": "ethics", "members": sample.Members("n-1", "n-2")})
	w.Do(sample.Steward, "committee.set", object{"role": "privacy", "members": sample.Members("p")})
	w.Set(object{
		"stages": []object{{"institution": "hanbit", "role": "dac", "rule": "majority"}, {"of": "requester", "role": "ethics", "threshold": 1, "step": 2}},
		"vetoes": []object{{"institution": "hanbit", "role": "privacy"}}, "conflicts": "declare",
	}, nil)
	return w
}

func letter(until string) object {
	return object{"attestation": object{"board": "IRB of Nuri", "number": "2026-11", "sha256": sample.DigestOf("letter"), "valid_until": until}}
}

func TestADeskOfTwoSteps(t *testing.T) {
	w := desk(t)
	id := w.Submitted()
	n1 := "nuri/n-1:ethics"
	w.Refused(refusal.StageNotOpen, n1, "request.vote", w.Says(id, "approve", "ethics", letter("2026-12-10T00:00:00Z")))
	w.Expect(w.Refused(refusal.ConflictUndeclared, "hanbit/a:dac", "request.vote", w.Ballot(id, "approve", "dac")).Field, "no_conflict")
	w.Refused(refusal.Forbidden, "saerom/e-1:ethics", "request.vote", w.Says(id, "approve", "ethics", nil))
	w.Refused(refusal.Forbidden, "hanbit/p:privacy", "request.vote", w.Says(id, "approve", "privacy", nil))
	w.Refused(refusal.Forbidden, "hanbit/p:privacy", "request.vote", w.Says(id, "return", "privacy", nil))
	shown := w.Ask("request.get", object{"request": id})
	w.Expect(sample.In(shown, "waits_for", 0, "threshold"), 2.0)
	w.Expect(sample.In(shown, "waits_for", 0, "rule"), "majority")
	w.Expect(sample.In(shown, "waits_for", 0, "since"), "2026-11-24T10:00:00Z")
	w.Expect(sample.In(shown, "waits_for", 0, "waits_for", 2), "c")
	w.Expect(sample.In(shown, "waits_for", 1, "open"), false)
	w.Expect(sample.In(shown, "waits_for", 1, "institution"), "nuri")
	w.Later(time.Hour)
	w.Do("hanbit/a:dac", "request.vote", w.Says(id, "approve", "dac", nil))
	w.Do("hanbit/b:dac", "request.vote", w.Says(id, "approve", "dac", nil))
	w.Expect(sample.In(w.Ask("request.get", object{"request": id}), "waits_for", 0, "since"), "2026-11-24T11:00:00Z")
	w.Refused(refusal.OwnRequest, "nuri/kim:ethics", "request.vote", w.Says(id, "approve", "ethics", nil))
	w.Expect(w.Refused(refusal.AttestationMissing, n1, "request.vote", w.Says(id, "approve", "ethics", nil)).Field, "attestation")
	w.Expect(w.Refused(refusal.Expired, n1, "request.vote", w.Says(id, "approve", "ethics", letter("2026-11-24T11:00:00Z"))).Field, "attestation.valid_until")
	w.Expect(w.Refused(refusal.Invalid, "hanbit/c:dac", "request.vote", w.Says(id, "approve", "dac", letter("2026-12-10T00:00:00Z"))).Field, "attestation")
	grant := w.Do(n1, "request.vote", w.Says(id, "approve", "ethics", letter("2026-12-10T00:00:00Z")))["grant"].(object)
	w.Expect(sample.In(grant, "body", "until"), "2026-12-10T00:00:00Z") // not 30 days
	w.Expect(w.Check(nil)["decision"], "permit")
	w.Later(15*24*time.Hour + 14*time.Hour)
	w.Expect(sample.Reasons(w.Check(nil)), []string{"GRANT_EXPIRED"})
}

func TestAVeto(t *testing.T) {
	w := desk(t)
	id := w.Submitted()
	w.Refused(refusal.Forbidden, "hanbit/x:privacy", "request.vote", w.Says(id, "reject", "privacy", nil))
	w.Refused(refusal.ConflictUndeclared, "hanbit/p:privacy", "request.vote", w.Says(id, "reject", "privacy", object{"no_conflict": nil}))
	w.Expect(w.Do("hanbit/p:privacy", "request.vote", w.Says(id, "reject", "privacy", nil))["state"], "rejected")
	w.Refused(refusal.Decided, "hanbit/a:dac", "request.vote", w.Says(id, "approve", "dac", nil))
}

// A requester's own chaincode states a request anew that was vetoed: as its next revision, sealed and locked. What was decided on the former text stays decided.
func TestAVetoedRequestIsStatedAnew(t *testing.T) {
	w := desk(t)
	id := w.Submitted()
	w.Do("hanbit/p:privacy", "request.vote", w.Says(id, "reject", "privacy", object{"no_conflict": true}))
	w.Expect(w.Ask("request.get", object{"request": id})["state"], "rejected")
	w.Restate("request/"+id, func(record object) { record["body"].(object)["project"] = "another" })
	w.Expect(w.Ask("request.get", object{"request": id})["state"], "rejected")
	w.Refused(refusal.Decided, "hanbit/a:dac", "request.vote", w.Says(id, "approve", "dac", nil))
}

// Another date would begin its time anew. It does not help that a majority lists the request under that date too.
func TestARequestIsNotDatedAnew(t *testing.T) {
	w := desk(t)
	id := w.Submitted()
	key := "request/" + id
	value := string(w.Ledger.Value(key))
	anew := strings.NewReplacer("2026-11-24T10:00:00Z", "2026-11-24T10:00:01Z", "2026-12-24T10:00:00Z", "2026-12-24T10:00:01Z", `"revision":1`, `"revision":2`).Replace(value)
	w.Ledger.Attack(append(sample.Listed(key, anew), sample.Put(key, anew), sample.Seal("nuri", key, anew))...)
	w.Later(time.Minute)
	w.Refused(refusal.Forged, sample.Kim, "request.get", object{"request": id})
}

func TestConflictsOfInterest(t *testing.T) {
	w := desk(t)
	id := w.Submitted()
	w.Expect(w.Refused(refusal.Invalid, "hanbit/a:dac", "request.vote", w.Says(id, "recuse", "dac", object{"reason": nil})).Field, "reason")
	w.Expect(w.Refused(refusal.Invalid, "hanbit/a:dac", "request.vote", w.Says(id, "recuse", "dac", object{"no_conflict": true})).Field, "no_conflict")
	w.Expect(w.Do("hanbit/a:dac", "request.vote", w.Says(id, "recuse", "dac", nil))["state"], "in-review")
	w.Refused(refusal.Recused, "hanbit/a:dac", "request.vote", w.Says(id, "approve", "dac", nil))
	w.Refused(refusal.Recused, "hanbit/a:dac", "request.vote", w.Says(id, "recuse", "dac", nil))
	shown := w.Ask("request.get", object{"request": id})
	w.Expect(sample.In(shown, "waits_for", 0, "threshold"), 2.0) // of three, as before
	w.Expect(sample.In(shown, "waits_for", 0, "recused"), 1.0)
	w.Do(sample.Kim, "request.amend", object{"request": id, "project": "late signs"})
	w.Refused(refusal.Recused, "hanbit/a:dac", "request.vote", w.Says(id, "approve", "dac", nil))
	w.Do("hanbit/b:dac", "request.vote", w.Says(id, "reject", "dac", nil))
	w.Expect(w.Ask("request.get", object{"request": id})["state"], "rejected") // of three one is left
}

func TestReturnAndAmend(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	w.Vote("saerom/e-1:ethics", id, "approve")
	w.Refused(refusal.AlreadyVoted, "saerom/e-1:ethics", "request.vote", w.Says(id, "return", "ethics", nil))
	w.Expect(w.Do("hanbit/a:dac", "request.vote", w.Says(id, "return", "dac", nil))["state"], "returned")
	w.Refused(refusal.Returned, "hanbit/b:dac", "request.vote", w.Ballot(id, "approve", "dac"))
	w.Refused(refusal.Returned, "hanbit/b:dac", "request.vote", w.Says(id, "return", "dac", nil))
	for _, word := range []string{"approve", "reject", "return", "recuse"} { // who returned it is told so too, whatever they say now
		w.Refused(refusal.Returned, "hanbit/a:dac", "request.vote", w.Says(id, word, "dac", nil))
		w.Refused(refusal.Returned, "saerom/e-1:ethics", "request.vote", w.Says(id, word, "ethics", nil))
	}
	w.Expect(len(w.Ask("request.get", object{"request": id})["waits_for"].([]any)), 0)
	w.Expect(sample.Ids(w.Ask("request.list", object{"requester": "nuri", "state": "returned"}), "request", "record", "id"), []string{id})
	w.Expect(sample.Ids(w.Ask("request.list", object{"owner": "hanbit", "state": "returned"}), "request", "record", "id"), []string{id})
	w.Expect(len(sample.Ids(w.Ask("request.list", object{"waiting_for": "hanbit/dac"}), "request", "record", "id")), 0)

	amend := object{"request": id[:8], "duration_seconds": 20 * 86400, "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.2"}}}
	w.Refused(refusal.Forbidden, "nuri/park:researcher", "request.amend", amend)
	w.Refused(refusal.Forbidden, "saerom/kim:researcher", "request.amend", amend)
	w.Refused(refusal.Forbidden, "nuri/kim:steward", "request.amend", amend)
	w.Refused(refusal.Invalid, sample.Kim, "request.amend", object{"request": id})
	w.Refused(refusal.Invalid, sample.Kim, "request.amend", object{"request": id, "mode": "download"})
	w.Expect(w.Refused(refusal.Invalid, sample.Kim, "request.amend", object{"request": id, "mode": ""}).Field, "mode")
	w.Refused(refusal.LimitExceeded, sample.Kim, "request.amend", object{"request": id, "duration_seconds": 91 * 86400})
	w.Refused(refusal.PolicyDenies, sample.Kim, "request.amend", object{"request": id, "mode": "enclave"})
	w.Refused(refusal.TermsNotAccepted, sample.Kim, "request.amend", object{"request": id, "accepted_terms": sample.DigestOf("x")})
	before := w.Ballot(id, "approve", "dac")
	w.Later(time.Hour)
	stub, _, _ := w.Simulate(sample.Kim, "request.amend", sample.Text(amend))
	w.Expect(len(stub.Writes), 3) // the record, a seal and the seal's lock
	if code := w.Ledger.Commit(stub, "nuri"); code != ledgertest.Valid {
		t.Fatal("the requester's institution alone amends:", code)
	}
	shown := w.Ask("request.get", object{"request": id})
	w.Expect(shown["state"], "submitted")
	w.Expect(sample.In(shown, "request", "record", "body", "review_until"), "2026-12-24T10:00:00Z")
	w.Expect(sample.In(shown, "request", "record", "body", "project"), "early signs")
	w.Expect(sample.In(shown, "waits_for", 1, "since"), "2026-11-24T11:00:00Z")
	w.Expect(len(shown["votes"].([]any)), 2)
	w.Expect(sample.Ids(w.Ask("request.list", object{"waiting_for": "saerom/ethics"}), "request", "record", "id"), []string{id})
	w.Expect(w.Refused(refusal.Conflict, "hanbit/b:dac", "request.vote", before).Field, "request_digest")
	w.Vote("saerom/e-1:ethics", id, "approve") // who had voted votes anew
	w.Vote("hanbit/a:dac", id, "approve")
	grant := w.Vote("hanbit/b:dac", id, "approve")["grant"]
	w.Expect(sample.In(grant, "body", "until"), "2026-12-14T11:00:00Z")
	w.Expect(len(sample.In(grant, "body", "votes").([]any)), 3)
	w.Expect(w.Check(object{"purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.2"}}})["decision"], "permit")
	w.Refused(refusal.Decided, sample.Kim, "request.amend", object{"request": id, "project": "more"})
}

// A requester's chaincode amends what ours would have refused.
func TestAnAmendmentThatTheContractRefuses(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	w.Do(sample.Kim, "request.amend", object{"request": id, "project": "late signs"})
	key := "request/" + id
	honest := string(w.Ledger.Value(key))
	for from, to := range map[string]string{
		`"mode":"download"`: `"mode":"federated"`, `"duration_seconds":2592000`: `"duration_seconds":25920000`, `"review_until":"2026-12-24T10:00:00Z"`: `"review_until":"2026-12-24T11:00:00Z"`,
	} {
		changed := strings.Replace(honest, from, to, 1)
		w.Expect(changed != honest, true)
		w.Ledger.Attack(sample.Put(key, changed), sample.Seal("nuri", key, changed))
		w.Refused(refusal.Forged, "hanbit/a:dac", "request.get", object{"request": id})
	}
	w.Ledger.Attack(sample.Put(key, honest), sample.Seal("nuri", key, honest))
	w.Expect(w.Ask("request.get", object{"request": id})["state"], "submitted")
}

func TestAmendingEnds(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	for i := range 149 {
		w.Do(sample.Kim, "request.amend", object{"request": id, "duration_seconds": 100 + i})
	}
	w.Refused(refusal.LimitExceeded, sample.Kim, "request.amend", object{"request": id, "duration_seconds": 99})
	w.Do(sample.Kim, "request.withdraw", object{"request": id})
	late := w.Submitted()
	w.Set(object{"modes": []string{"enclave", "download"}}, nil)
	w.Refused(refusal.Conflict, sample.Kim, "request.amend", object{"request": late, "project": "x"})
	late = w.Submitted()
	w.Later(30 * 24 * time.Hour)
	w.Refused(refusal.Expired, sample.Kim, "request.amend", object{"request": late, "project": "x"})
}

func TestClose(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	w.Vote("hanbit/a:dac", id, "approve")
	ballot := w.Says(id, "close", "steward", nil)
	w.Refused(refusal.Forbidden, "hanbit/a:dac", "request.vote", ballot)
	w.Refused(refusal.Forbidden, "saerom/s:steward", "request.vote", ballot)
	w.Refused(refusal.Invalid, "hanbit/a:dac", "request.vote", w.Says(id, "close", "dac", nil))
	w.Refused(refusal.Invalid, sample.Steward, "request.vote", w.Says(id, "approve", "steward", nil))
	w.Expect(w.Do(sample.Steward, "request.vote", ballot)["state"], "closed")
	w.Refused(refusal.Decided, "hanbit/b:dac", "request.vote", w.Ballot(id, "approve", "dac"))
	w.Refused(refusal.Decided, sample.Kim, "request.amend", object{"request": id, "project": "x"})
	w.Refused(refusal.Decided, sample.Kim, "request.withdraw", object{"request": id})
	w.Expect(sample.Ids(w.Ask("request.list", object{"state": "closed"}), "request", "record", "id"), []string{id})
	returned := w.Submitted()
	w.Do("hanbit/a:dac", "request.vote", w.Says(returned, "return", "dac", nil))
	w.Expect(w.Do(sample.Steward, "request.vote", w.Says(returned, "close", "steward", nil))["state"], "closed")
}

// Two of three declare conflicts, and a request by unanimity is completed by the last of them.
func TestAConflictCompletes(t *testing.T) {
	w := sample.New(t)
	w.Set(object{"stages": []object{{"institution": "hanbit", "role": "dac", "rule": "unanimous"}}}, nil)
	id := w.Submitted()
	w.Vote("hanbit/a:dac", id, "approve")
	w.Vote("hanbit/b:dac", id, "approve")
	done := w.Do("hanbit/c:dac", "request.vote", w.Says(id, "recuse", "dac", nil))
	w.Expect(done["state"], "approved")
	w.Expect(w.Check(nil)["grant"], sample.In(done, "grant", "id"))
}

func atOnce() object { return object{"automatic": true} }

func TestAutomaticApproval(t *testing.T) {
	w := sample.New(t)
	w.Set(atOnce(), nil)
	explained := w.Ask("explain", object{"dataset": "hanbit/breast-cancer", "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}}, "mode": "download"})
	w.Expect(explained["automatic"], true)
	stub, answer, refused := w.Simulate(sample.Kim, "request.submit", sample.Text(w.Request()))
	if refused != nil {
		t.Fatal(refused)
	}
	if code := w.Ledger.Commit(stub, "nuri", "saerom"); code == ledgertest.Valid {
		t.Fatal("it is granted without the owner's seal")
	}
	if code := w.Ledger.Commit(stub, "nuri", "hanbit"); code != ledgertest.Valid {
		t.Fatal(code)
	}
	id := answer["id"].(string)
	shown := w.Ask("request.get", object{"request": id})
	w.Expect(shown["state"], "approved")
	w.Expect(sample.In(shown, "grant", "record", "id"), id)
	w.Expect(len(sample.In(shown, "grant", "record", "body", "votes").([]any)), 0)
	w.Expect(w.Check(nil)["grant"], id)
	w.Expect(len(w.Ledger.Keys("i/request-open/"))+len(w.Ledger.Keys("i/request-waiting/")), 0)
	w.Refused(refusal.Decided, "hanbit/a:dac", "request.vote", w.Ballot(id, "approve", "dac"))
	w.Refused(refusal.Decided, sample.Kim, "request.withdraw", object{"request": id})
	w.Refused(refusal.Decided, sample.Kim, "request.amend", object{"request": id, "project": "x"})

	review := sample.In(w.Do(sample.Kim, "request.submit", sample.With(w.Request(), object{"purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.1"}, "linking": true}})), "id").(string)
	w.Expect(w.Ask("request.get", object{"request": review})["state"], "submitted") // people look at it
	w.Do(sample.Kim, "request.amend", object{"request": review, "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.1"}}})
	w.Expect(w.Ask("request.get", object{"request": review})["state"], "submitted") // an amended one is never approved by itself
	w.Vote("hanbit/a:dac", review, "approve")
	w.Vote("saerom/e-1:ethics", review, "approve")
	w.Expect(w.Vote("hanbit/b:dac", review, "approve")["state"], "approved")

	w.Do(sample.Steward, "committee.set", object{"role": "dac", "members": sample.Members("a")})
	w.Refused(refusal.PolicyUnmeetable, sample.Kim, "request.submit", w.Request()) // nor what explain denies
}

// The requester's chaincode seals a request as if the policy approved it: without the owner's seal there is no grant.
func TestAutomaticApprovalIsTheOwners(t *testing.T) {
	w := sample.New(t)
	w.Set(atOnce(), nil)
	id := w.Forge("hanbit", sample.Kim, "request.submit", w.Request())
	w.Expect(sample.Reasons(w.Check(nil)), []string{"FORGED", "NO_GRANT"})
	w.Expect(sample.In(w.Ask("request.get", object{"request": id}), "grant"), nil)
	// and an owner that seals a grant on a request which the policy leaves to people
	w.Set(nil, nil)
	other := w.Submitted()
	key := "grant/" + other
	forged := strings.ReplaceAll(string(w.Ledger.Value("grant/"+id)), id, other)
	w.Ledger.Attack(sample.Put(key, forged), sample.Seal("hanbit", key, forged), sample.Put("i/grant-person/nuri/kim/hanbit/breast-cancer/000000000001/"+other, "1"))
	w.Expect(w.Check(nil)["decision"], "deny")
}

func TestWhoeverAsksSitsThere(t *testing.T) {
	w := sample.New(t)
	w.Set(object{"stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 1}, {"of": "requester", "role": "dac", "threshold": 1}}}, nil)
	denied := w.Refused(refusal.PolicyDenies, "hanbit/r:researcher", "request.submit", w.Request())
	w.Expect(sample.In(denied.Details[0], "code"), "STAGE_UNMEETABLE")
	w.Expect(sample.In(denied.Details[0], "clause"), "stages[1]")
	w.Refused(refusal.PolicyUnmeetable, sample.Kim, "request.submit", w.Request()) // nuri has no such committee
	explained := w.Ask("explain", object{"dataset": "hanbit/breast-cancer", "institution": "hanbit", "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}}, "mode": "download"})
	w.Expect(slices.Contains(sample.Reasons(explained), "STAGE_UNMEETABLE"), true)
	w.Do("nuri/steward:steward", "committee.set", object{"role": "dac", "members": sample.Members("n", "kim")})
	id := w.Submitted()
	w.Vote("hanbit/a:dac", id, "approve")
	w.Expect(w.Vote("nuri/n:dac", id, "approve")["state"], "approved")
}

func TestPoliciesOfStages(t *testing.T) {
	w := sample.New(t)
	stages := func(stages ...object) object { return object{"stages": stages} }
	dac := object{"institution": "hanbit", "role": "dac"}
	for field, changes := range map[string]object{
		"policy.stages[0].threshold":   stages(dac),
		"policy.stages[0].rule":        stages(sample.With(dac, object{"threshold": 1, "rule": "majority"})),
		"policy.stages[0].of":          stages(sample.With(dac, object{"of": "requester", "threshold": 1})),
		"policy.stages[0].institution": stages(object{"role": "dac", "threshold": 1}),
		"policy.stages[0].step":        stages(sample.With(dac, object{"threshold": 1, "step": 9})),
		"policy.stages[0].attests":     stages(sample.With(dac, object{"threshold": 1, "attests": true})),
		"policy.stages[1]":             stages(object{"of": "requester", "role": "dac", "threshold": 1}, object{"of": "requester", "role": "dac", "rule": "majority"}),
		"policy.vetoes":                {"vetoes": []object{dac, dac, dac, dac, dac}},
		"policy.vetoes[1]":             {"vetoes": []object{dac, dac}},
		"policy.vetoes[0].role":        {"vetoes": []object{{"institution": "hanbit", "role": "steward"}}},
		"policy.conflicts":             {"conflicts": "maybe"},
	} {
		w.Expect(w.NotSet(refusal.Invalid, changes, nil).Field, field)
	}
	w.Refused(refusal.Invalid, sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.Policy(), stages(sample.With(dac, object{"rule": "most"})))})
	w.Refused(refusal.Invalid, sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.Policy(), stages(sample.With(dac, object{"threshold": 1, "step": -1})))})
	w.Expect(w.NotSet(refusal.PolicyNotNarrower, atOnce(), sample.Applies).Field, "policy.automatic")
	lint := w.Ask("policy.lint", object{"policy": sample.With(sample.Policy(), object{
		"stages": []object{{"of": "requester", "role": "ethics", "rule": "unanimous", "step": 2}, sample.With(dac, object{"rule": "majority"})}, "automatic": true,
		"vetoes": []object{dac}, "conflicts": "declare",
	})})
	w.Expect(len(lint["unmeetable"].([]any)), 0)
	words := sample.Text(lint)
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
	w := sample.New(t)
	w.Submitted()
	value := string(w.Ledger.Value(w.Only("policy/hanbit/breast-cancer/")))
	for _, part := range []string{
		`"stages":[{"institution":"hanbit","role":"dac","threshold":2},{"institution":"saerom","role":"ethics","threshold":1}]`,
		`"recipients":[],"review_period_seconds":2592000,"stages"`, `"modes":["download"],"own_institution_votes":false,"recipients"`,
	} {
		if !strings.Contains(value, part) {
			t.Errorf("%s is not in %s", part, value)
		}
	}
}

// One person unseats the others of a committee that decides by majority, or unanimously: the majority stays that of those whom two officers had seated, until two
// officers say that those are gone.
func TestNobodyBecomesAMajorityByUnseatingTheOthers(t *testing.T) {
	for _, rule := range []string{"majority", "unanimous"} {
		for _, act := range []string{"committee.unseat", "committee.set"} {
			w := sample.New(t)
			w.Set(object{"stages": []object{{"institution": "hanbit", "role": "dac", "rule": rule}}}, nil)
			away := object{"role": "dac", "members": []string{"b", "c"}}
			if act == "committee.set" {
				away["members"] = []object{{"id": "a"}}
			}
			w.Bare = true
			if answer := w.Do(sample.Steward, act, away); answer["proposal"] != nil {
				t.Fatalf("%s waits for somebody", act)
			}
			w.Bare = false
			id := w.Submitted()
			w.Expect(w.Vote("hanbit/a:dac", id, "approve")["state"], "in-review")
			w.Expect(w.Check(nil)["decision"], "deny")
			shown := w.Ask("request.get", object{"request": id})
			w.Expect(sample.In(shown, "waits_for", 0, "seated"), 1.0)
			w.Expect(sample.In(shown, "waits_for", 0, "threshold"), map[string]float64{"majority": 2, "unanimous": 3}[rule])

			settled := object{"role": "dac", "members": []object{{"id": "a"}}}
			w.Bare = true
			proposal, waits := w.Do(sample.Steward, "committee.set", settled)["proposal"].(object)
			w.Bare = false
			if !waits {
				t.Fatal("one person settles it")
			}
			w.Expect(sample.In(proposal, "body", "widens", 0), "b, who was unseated, counts no more where hanbit/dac decides by majority or unanimously")
			w.Confirmed(proposal)
			w.Later(time.Minute)
			again := w.Submitted()
			w.Expect(w.Vote("hanbit/a:dac", again, "approve")["state"], "approved")
		}
	}
}
