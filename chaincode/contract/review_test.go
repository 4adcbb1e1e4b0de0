package contract_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

func TestSubmit(t *testing.T) {
	w := sample(t)
	w.refused(refusal.Forbidden, steward, "request.submit", w.request())
	w.refused(refusal.NotFound, kim, "request.submit", with(w.request(), object{"dataset": "hanbit/none"}))
	w.refused(refusal.NotFound, kim, "request.submit", with(w.request(), object{"version": 2}))
	w.expect(w.refused(refusal.Conflict, kim, "request.submit", with(w.request(), object{"version_digest": digestOf("x")})).Field, "version_digest")
	w.expect(w.refused(refusal.Conflict, kim, "request.submit", with(w.request(), object{"policy_digest": digestOf("x")})).Field, "policy_digest")
	w.expect(w.refused(refusal.Conflict, kim, "request.submit", with(w.request(), object{"policy_version": 2})).Field, "policy_version")
	w.expect(w.refused(refusal.LimitExceeded, kim, "request.submit", with(w.request(), object{"duration_seconds": 90*86400 + 1})).Field, "duration_seconds")
	denied := w.refused(refusal.PolicyDenies, kim, "request.submit", with(w.request(), object{"mode": "enclave", "purpose": object{"kind": "origins"}, "duration_seconds": 90*86400 + 1}))
	w.expect(len(denied.Details), 3)
	for field, changes := range map[string]object{
		"purpose.kind":        {"purpose": object{"kind": "curiosity"}},
		"purpose.diseases":    {"purpose": object{"kind": "disease"}},
		"purpose.diseases[0]": {"purpose": object{"kind": "disease", "diseases": []string{"C50"}}},
		"mode":                {"mode": "post"},
		"duration_seconds":    {"duration_seconds": 0},
		"project":             {"project": ""},
		"researchers[1]":      {"researchers": []string{"kim", "kim"}},
		"researchers":         {"researchers": []string{}},
	} {
		w.expect(w.refused(refusal.Invalid, kim, "request.submit", with(w.request(), changes)).Field, field)
	}
	w.refused(refusal.Invalid, kim, "request.submit", with(w.request(), object{"purpose": object{"kind": "origins", "diseases": []string{"ICD10:C50"}}}))
	request := w.do(kim, "request.submit", with(w.request(), object{"researchers": []string{"lee", "park"}}))
	w.expect(in(request, "body", "researchers", 1), "park")
	w.expect(in(request, "body", "review_until"), "2026-12-24T10:00:00Z")
	// what a person has to judge can be asked for
	w.do(kim, "request.submit", with(w.request(), object{"purpose": object{"kind": "disease", "diseases": []string{"MONDO:1"}}}))
	// the owner's own committee may not decide on the owner's own request
	w.refused(refusal.PolicyUnmeetable, "hanbit/r:researcher", "request.submit", w.request())
	w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": with(policy(), object{"recipients": []string{"onnuri"}})})
	w.expect(in(w.refused(refusal.PolicyDenies, kim, "request.submit", w.request()).Details[1], "code"), "RECIPIENT_NOT_ALLOWED")
}

func TestVotes(t *testing.T) {
	w := sample(t)
	id := w.submitted()
	ballot := w.ballot(id, "approve", "dac")
	w.refused(refusal.OwnRequest, kim, "request.vote", ballot)
	w.refused(refusal.Forbidden, "hanbit/a:ethics", "request.vote", ballot)
	w.refused(refusal.Forbidden, "hanbit/x:dac", "request.vote", ballot)
	w.refused(refusal.Forbidden, "saerom/e-1:dac", "request.vote", ballot)
	w.refused(refusal.Forbidden, "nuri/lee:dac", "request.vote", ballot)
	w.refused(refusal.Invalid, "hanbit/a:dac", "request.vote", with(ballot, object{"vote": "reject"}))
	w.refused(refusal.Invalid, "hanbit/a:dac", "request.vote", with(ballot, object{"vote": "maybe"}))
	w.refused(refusal.NotFound, "hanbit/a:dac", "request.vote", with(ballot, object{"request": digestOf("none")}))
	for _, digest := range []string{"request_digest", "version_digest", "policy_digest"} {
		w.expect(w.refused(refusal.Conflict, "hanbit/a:dac", "request.vote", with(ballot, object{digest: digestOf("x")})).Field, digest)
	}
	w.vote("hanbit/a:dac", id, "approve")
	w.refused(refusal.AlreadyVoted, "hanbit/a:dac", "request.vote", ballot)
	w.refused(refusal.AlreadyVoted, "hanbit/a:dac,privacy", "request.vote", w.ballot(id, "reject", "dac")) // another certificate of the same person
	w.do(steward, "committee.set", object{"role": "dac", "members": members("b", "c", "d")})
	w.refused(refusal.Forbidden, "hanbit/a:dac", "request.vote", ballot)
	w.vote("saerom/e-1:ethics", id, "approve")
	w.expect(w.vote("hanbit/b:dac", id, "approve")["state"], "in-review") // a has lost the seat
	w.expect(w.vote("hanbit/d:dac", id, "approve")["state"], "approved")
	w.refused(refusal.Decided, "hanbit/c:dac", "request.vote", w.ballot(id, "reject", "dac"))
	w.refused(refusal.Decided, kim, "request.withdraw", object{"request": id})
}

func TestRejection(t *testing.T) {
	w := sample(t)
	id := w.submitted()
	w.expect(w.vote("saerom/e-1:ethics", id, "reject")["state"], "in-review")
	w.expect(w.vote("saerom/e-2:ethics", id, "reject")["state"], "rejected")
	shown := w.ask("request.get", object{"request": id})
	w.expect(shown["state"], "rejected")
	w.expect(in(shown, "votes", 1, "record", "body", "reason"), "not now")
	w.expect(len(shown["waits_for"].([]any)), 0)
	w.refused(refusal.Decided, "hanbit/a:dac", "request.vote", w.ballot(id, "approve", "dac"))
}

func TestWithdrawal(t *testing.T) {
	w := sample(t)
	id := in(w.do(kim, "request.submit", with(w.request(), object{"researchers": []string{"lee"}})), "id").(string)
	w.refused(refusal.Forbidden, "nuri/park:researcher", "request.withdraw", object{"request": id})
	w.refused(refusal.Forbidden, "saerom/kim:researcher", "request.withdraw", object{"request": id})
	w.expect(w.do("nuri/lee:researcher", "request.withdraw", object{"request": id, "reason": "no funds"})["status"], "withdrawn")
	w.refused(refusal.Decided, kim, "request.withdraw", object{"request": id})
	w.refused(refusal.Decided, "hanbit/a:dac", "request.vote", w.ballot(id, "approve", "dac"))
	w.expect(w.ask("request.get", object{"request": id})["state"], "withdrawn")
}

func TestLapse(t *testing.T) {
	w := sample(t)
	id, other := w.submitted(), w.submitted()
	w.set(object{"modes": []string{"enclave", "download"}}, nil)
	shown := w.ask("request.get", object{"request": id})
	w.expect(shown["state"], "lapsed")
	w.expect(shown["why"], "policy-changed")
	w.refused(refusal.Conflict, "hanbit/a:dac", "request.vote", w.ballot(id, "approve", "dac"))
	late := w.submitted()
	w.later(30 * 24 * time.Hour)
	w.expect(w.ask("request.get", object{"request": other})["why"], "deadline")
	w.refused(refusal.Expired, "hanbit/a:dac", "request.vote", w.ballot(late, "approve", "dac"))
	w.refused(refusal.Expired, kim, "request.withdraw", object{"request": late})
}

func TestRevocation(t *testing.T) {
	w := sample(t)
	grant := w.granted()
	reason := object{"grant": grant, "reason": "an incident"}
	w.refused(refusal.Forbidden, "hanbit/a:dac", "grant.revoke", reason)
	w.refused(refusal.Forbidden, "saerom/s:steward", "grant.revoke", reason)
	w.refused(refusal.Invalid, steward, "grant.revoke", object{"grant": grant})
	w.refused(refusal.Invalid, steward, "grant.revoke", object{"grant": grant[:5], "reason": "x"})
	w.refused(refusal.NotFound, steward, "grant.revoke", object{"grant": digestOf("none"), "reason": "x"})
	w.expect(w.ask("grant.get", object{"grant": grant})["state"], "active")
	revoked := w.do(steward, "grant.revoke", reason)
	w.expect(in(revoked, "changes", 1, "note"), "an incident")
	w.expect(w.ask("grant.get", object{"grant": grant})["state"], "revoked")
	second := w.granted()
	w.later(30 * 24 * time.Hour)
	w.refused(refusal.Expired, steward, "grant.revoke", object{"grant": second, "reason": "x"})
	w.expect(w.ask("grant.get", object{"grant": second})["state"], "expired")
}

func ids(answer object, path ...any) []string {
	list := []string{}
	for _, item := range answer["items"].([]any) {
		id, _ := in(item, path...).(string)
		list = append(list, id)
	}
	return list
}

func TestRequestLists(t *testing.T) {
	w := sample(t)
	list := func(filter object) []string { return ids(w.ask("request.list", filter), "request", "record", "id") }
	first := w.submitted()
	w.later(time.Minute)
	second := w.submitted()
	w.later(time.Minute)
	third := w.submitted()
	w.vote("saerom/e-1:ethics", second, "approve")
	w.vote("saerom/e-1:ethics", third, "reject")
	w.vote("saerom/e-2:ethics", third, "reject")
	w.expect(list(object{}), []string{third, second, first})
	w.expect(list(object{"owner": "hanbit"}), []string{third, second, first})
	w.expect(list(object{"owner": "saerom"}), []string{})
	w.expect(list(object{"requester": "nuri"}), []string{third, second, first})
	w.expect(list(object{"requester": "nuri", "owner": "saerom"}), []string{})
	w.expect(list(object{"owner": "hanbit", "state": "submitted"}), []string{first})
	w.expect(list(object{"state": "in-review"}), []string{second})
	w.expect(list(object{"requester": "nuri", "state": "rejected"}), []string{third})
	w.expect(list(object{"waiting_for": "hanbit/dac"}), []string{first, second})
	w.expect(list(object{"waiting_for": "saerom/ethics"}), []string{first})
	w.expect(list(object{"waiting_for": "hanbit/dac", "state": "in-review"}), []string{second})
	w.refused(refusal.Invalid, kim, "request.list", object{"state": "open"})
	w.refused(refusal.Invalid, kim, "request.list", object{"waiting_for": "hanbit/steward"})
	w.refused(refusal.Invalid, kim, "request.list", object{"waiting_for": "hanbit"})
	w.later(30 * 24 * time.Hour)
	w.expect(list(object{"waiting_for": "hanbit/dac"}), []string{})
	w.expect(list(object{"owner": "hanbit", "state": "submitted"}), []string{})
	w.expect(list(object{"owner": "hanbit", "state": "lapsed"}), []string{second, first})
	item := w.ask("request.list", object{"page_size": 1})
	w.expect(in(item, "items", 0, "votes"), nil)
	w.expect(ids(w.ask("request.list", object{"page_size": 1, "bookmark": item["bookmark"]}), "request", "record", "id"), []string{second})
}

func TestGrantLists(t *testing.T) {
	w := sample(t)
	list := func(filter object) []string { return ids(w.ask("grant.list", filter), "grant", "record", "id") }
	first := w.granted()
	w.later(time.Minute)
	second := w.granted()
	w.do(steward, "grant.revoke", object{"grant": first, "reason": "x"})
	for _, all := range []object{{}, {"owner": "hanbit"}, {"holder": "nuri"}, {"holder": "nuri/kim"}, {"dataset": "hanbit/breast-cancer"}, {"dataset": "hanbit/breast-cancer", "holder": "nuri/kim"}} {
		w.expect(list(all), []string{second, first})
	}
	for _, none := range []object{{"owner": "nuri"}, {"holder": "hanbit"}, {"holder": "nuri/lee"}, {"dataset": "hanbit/other"}, {"dataset": "hanbit/breast-cancer", "holder": "saerom"}} {
		w.expect(list(none), []string{})
	}
	w.expect(list(object{"state": "revoked"}), []string{first})
	w.expect(list(object{"holder": "nuri", "state": "active"}), []string{second})
	w.refused(refusal.Invalid, kim, "grant.list", object{"state": "lapsed"})
	w.refused(refusal.Invalid, kim, "grant.list", object{"holder": "nuri/kim/x"})
}

func TestAPersonsGrantsAreNotSoughtAmongThoseOfOthers(t *testing.T) {
	w := sample(t)
	own := object{"holder": "nuri/lee"}
	w.expect(len(ids(w.ask("grant.list", own), "grant", "record", "id")), 0)
	before := w.last.RoundTrips
	for range 3 {
		w.granted()
	}
	w.expect(len(ids(w.ask("grant.list", own), "grant", "record", "id")), 0)
	w.expect(w.last.RoundTrips, before)
}

func TestPrefixes(t *testing.T) {
	w := sample(t)
	id := w.submitted()
	w.expect(in(w.ask("request.get", object{"request": id[:6]}), "request", "record", "id"), id)
	w.refused(refusal.Invalid, kim, "request.get", object{"request": id[:5]})
	w.refused(refusal.Invalid, kim, "request.get", object{"request": strings.ToUpper(id)})
	w.refused(refusal.NotFound, kim, "request.get", object{"request": "ffffff"})
	// a twin that begins alike: its id is chosen, as an attacker can
	stub := w.ledger.Begin(id[:10]+digestOf("twin")[:54], w.now, w.people[kim])
	response := run(w, stub, "request.submit", text(w.request()))
	if response.Status != 200 || w.ledger.Commit(stub, institutions...) != ledgertest.Valid {
		t.Fatal(response)
	}
	w.expect(len(w.refused(refusal.Ambiguous, kim, "request.get", object{"request": id[:6]}).Details), 2)
	w.ask("request.get", object{"request": id[:12]})
}

func TestExplain(t *testing.T) {
	w := sample(t)
	ask := func(changes object) object {
		return w.ask("explain", with(object{"dataset": "hanbit/breast-cancer", "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}}, "mode": "download"}, changes))
	}
	permit := ask(nil)
	w.expect(permit["decision"], "permit")
	w.expect(in(permit, "stages", 0, "seated"), 3.0)
	w.expect(in(permit, "evaluated", 0, "type"), "dataset")
	w.expect(len(permit["obligations"].([]any)), 2)
	w.expect(reasons(ask(object{"mode": "enclave", "duration_seconds": 90*86400 + 1})), []string{"USE_PERMITTED", "MODE_NOT_ALLOWED", "DURATION_TOO_LONG"})
	w.expect(ask(object{"purpose": object{"kind": "disease", "diseases": []string{"DOID:1"}}})["decision"], "review")
	own := ask(object{"institution": "hanbit"})
	w.expect(own["decision"], "deny")
	w.expect(reasons(own), []string{"USE_PERMITTED", "STAGE_UNMEETABLE"})
	w.refused(refusal.NotFound, kim, "explain", object{"dataset": "hanbit/none", "purpose": object{"kind": "origins"}, "mode": "download"})
}

func TestCheckLooksAtOneVersion(t *testing.T) {
	w := sample(t)
	w.granted()
	w.do(steward, "dataset.publish", with(publication(), object{"policy": nil}))
	w.expect(reasons(w.check(nil)), []string{"VERSION_NOT_COVERED"})
	w.expect(w.check(object{"version": 1})["decision"], "permit")
	// a later policy does not touch a grant that exists
	w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": with(policy(), object{"modes": []string{"enclave"}})})
	w.expect(w.check(object{"version": 1})["decision"], "permit")
	w.refused(refusal.NotFound, kim, "check", object{"dataset": "hanbit/breast-cancer", "version": 9, "for": "nuri/kim", "purpose": object{"kind": "origins"}, "mode": "download"})
}

func TestCheckTakesTheBestGrant(t *testing.T) {
	w := sample(t)
	first := w.granted()
	w.later(time.Hour)
	second := w.granted()
	w.expect(w.check(nil)["grant"], second)
	w.do(steward, "grant.revoke", object{"grant": second, "reason": "x"})
	w.expect(w.check(nil)["grant"], first)
	w.do(steward, "grant.revoke", object{"grant": first, "reason": "x"})
	w.expect(reasons(w.check(nil)), []string{"GRANT_REVOKED", "GRANT_REVOKED"})
	w.expect(w.check(nil)["grant"], nil)
}

// A check costs the same whatever else is on the ledger.
func TestCheckIsFlat(t *testing.T) {
	w := sample(t)
	w.granted()
	w.check(nil)
	before := w.last.RoundTrips
	// One call for each key, seal and range, and none to close a range that was read to its end.
	w.expect(before, len(w.last.Reads)+len(w.last.PrivateReads)+len(w.last.Ranges))
	for i := range 50 {
		researcher := fmt.Sprintf("nuri/r-%d:researcher", i)
		id := in(w.do(researcher, "request.submit", w.request()), "id").(string)
		for _, voter := range []string{"hanbit/a:dac", "saerom/e-1:ethics", "hanbit/b:dac"} {
			w.vote(voter, id, "approve")
		}
	}
	w.check(nil)
	w.expect(w.last.RoundTrips, before)
}

func TestTrail(t *testing.T) {
	w := sample(t)
	w.granted()
	w.submitted()
	types := []string{}
	bookmark := ""
	for {
		page := w.ask("audit.trail", object{"dataset": "hanbit/breast-cancer", "page_size": 2, "bookmark": bookmark})
		types = append(types, ids(page, "record", "type")...)
		if bookmark = page["bookmark"].(string); bookmark == "" {
			break
		}
	}
	slices.Sort(types)
	w.expect(types, []string{"dataset", "grant", "ground", "policy", "request", "request", "version", "vote", "vote", "vote"})
	w.expect(len(w.ask("audit.trail", object{"dataset": "hanbit/none"})["items"].([]any)), 0)
}

func TestEvents(t *testing.T) {
	w := sample(t)
	w.granted()
	// granted ends with the vote that completes the approval
	stub, _, _ := w.simulate(kim, "request.submit", text(w.request()))
	w.expect(stub.EventName, "request.submit")
	payload := string(stub.EventPayload)
	for _, part := range []string{`"action":"request.created"`, `"owner":"nuri"`, `"at":"2026-11-24T10:00:00Z"`, `"tx":"` + stub.GetTxID()} {
		w.expect(strings.Contains(payload, part), true)
	}
	w.expect(strings.Contains(payload, "early signs"), false)
}
