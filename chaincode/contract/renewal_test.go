package contract_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

const day = 24 * time.Hour

// asks submits a changed request.
func (w *world) asks(changes object) string {
	w.Helper()
	return in(w.do(kim, "request.submit", with(w.request(), changes)), "id").(string)
}

// completes brings a request to where one vote is missing, and gives that vote.
func (w *world) completes(request string) object {
	w.Helper()
	w.vote("hanbit/a:dac", request, "approve")
	w.vote("saerom/e-1:ethics", request, "approve")
	return w.ballot(request, "approve", "dac")
}

func (w *world) body(grant, member string) any {
	w.Helper()
	return in(w.ask("grant.get", object{"grant": grant}), "grant", "record", "body", member)
}

func TestRenewing(t *testing.T) {
	w := sample(t)
	old := w.grantTo(object{"researchers": []string{"kim", "lee"}})
	w.later(20 * day)
	request := w.asks(object{"renews": old[:10], "researchers": []string{"lee", "kim"}})
	w.expect(in(w.ask("request.get", object{"request": request}), "request", "record", "body", "renews"), old)
	// the new one begins where the old one ends, and lasts as long as was asked
	grant := in(w.do("hanbit/b:dac", "request.vote", w.completes(request)), "grant", "id").(string)
	w.expect(w.body(grant, "from"), "2026-12-24T10:00:00Z")
	w.expect(w.body(grant, "until"), "2027-01-23T10:00:00Z")
	w.expect(w.body(grant, "renews"), old)
	w.expect(w.state(grant), "pending")
	w.expect(w.check(nil)["grant"], old)
	w.later(10 * day)
	w.expect(w.state(old), "expired")
	w.expect(w.check(nil)["grant"], grant)
	w.expect(w.check(object{"for": "nuri/lee"})["decision"], "permit")

	// decided after the old one has ended it begins then
	w.later(29 * day)
	request = w.asks(object{"renews": grant, "duration_seconds": 86400})
	w.later(day + time.Second)
	next := in(w.do("hanbit/b:dac", "request.vote", w.completes(request)), "grant", "id").(string)
	w.expect(w.body(next, "from"), "2027-01-23T10:00:01Z")
	w.expect(w.check(nil)["grant"], next)
	w.refused(refusal.Expired, kim, "request.submit", with(w.request(), object{"renews": old}))
}

func TestWhatCannotBeRenewed(t *testing.T) {
	w := guarded(t)
	old := w.grantTo(object{"researchers": []string{"kim"}})
	_, emergency := w.opened()
	w.do(steward, "dataset.publish", with(publication(), object{"slug": "other"}))
	submit := func(code refusal.Code, who string, changes object) *refusal.Error {
		t.Helper()
		return w.refused(code, who, "request.submit", with(w.request(), changes))
	}
	w.expect(submit(refusal.Invalid, kim, object{"renews": old, "joins": old}).Field, "joins")
	submit(refusal.Invalid, kim, object{"renews": "x"})
	submit(refusal.NotFound, kim, object{"renews": digestOf("none")})
	w.expect(submit(refusal.Conflict, kim, object{"renews": old, "researchers": []string{"kim", "lee"}}).Field, "renews")
	submit(refusal.Conflict, "saerom/kim:researcher", object{"renews": old})
	submit(refusal.Conflict, kim, object{"renews": emergency})
	submit(refusal.Conflict, kim, object{"joins": emergency, "researchers": []string{"park"}})
	d := w.ask("dataset.get", object{"dataset": "hanbit/other"})
	submit(refusal.Conflict, kim, object{"renews": old, "dataset": "hanbit/other", "version_digest": in(d, "version", "digest"), "policy_digest": in(d, "policy", "digest")})
	w.do(privacy, "grant.suspend", object{"grant": old, "reason": "x"})
	submit(refusal.Conflict, kim, object{"renews": old})
	w.do(privacy, "grant.lift", object{"grant": old, "reason": "x"})
	w.asks(object{"renews": old, "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}}, "mode": "download"}) // purpose and mode may differ
	w.do(steward, "grant.revoke", object{"grant": old, "reason": "x"})
	submit(refusal.Decided, kim, object{"renews": old})
}

// A grant that was taken back before the decision is not renewed, and none is added to.
func TestTheRelatedGrantEndsBeforeTheDecision(t *testing.T) {
	for _, kind := range []string{"renews", "joins"} {
		for says, c := range map[string]struct {
			act  func(w *world, old string)
			code refusal.Code
		}{
			"revoked":      {func(w *world, old string) { w.do(steward, "grant.revoke", object{"grant": old, "reason": "x"}) }, refusal.Decided},
			"relinquished": {func(w *world, old string) { w.do(kim, "grant.relinquish", object{"grant": old}) }, refusal.Decided},
			"suspended":    {func(w *world, old string) { w.do(privacy, "grant.suspend", object{"grant": old, "reason": "x"}) }, refusal.Conflict},
		} {
			t.Run(kind+" "+says, func(t *testing.T) {
				w := sample(t)
				old := w.granted()
				people := map[string][]string{"renews": {"kim"}, "joins": {"lee"}}[kind]
				request := w.asks(object{kind: old, "researchers": people, "duration_seconds": 86400})
				ballot := w.completes(request)
				held, _, _ := w.simulate("hanbit/b:dac", "request.vote", text(ballot))
				c.act(w, old)
				w.refused(c.code, "hanbit/b:dac", "request.vote", ballot)
				if code := w.ledger.Commit(held, institutions...); code != "MVCC_READ_CONFLICT" {
					t.Fatalf("a vote that was held is %s", code)
				}
				w.vote("hanbit/b:dac", request, "reject") // a rejection needs nothing of it
				w.vote("hanbit/c:dac", request, "reject")
				w.expect(w.ask("request.get", object{"request": request})["state"], "rejected")
			})
		}
	}
}

func TestJoining(t *testing.T) {
	w := sample(t)
	parent := w.grantTo(object{"researchers": []string{"kim"}})
	w.later(10 * day)
	left := 20 * 86400
	join := object{"joins": parent, "researchers": []string{"lee", "park"}, "duration_seconds": left}
	for says, changes := range map[string]object{
		"longer than what is left": {"duration_seconds": left + 1},
		"another purpose":          {"purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}}},
		"a grantee already":        {"researchers": []string{"lee", "kim"}},
	} {
		if refused := w.refused(refusal.Conflict, kim, "request.submit", with(with(w.request(), join), changes)); refused.Field != "joins" {
			t.Errorf("%s: %v", says, refused)
		}
	}
	w.do(steward, "dataset.publish", with(publication(), object{"policy": nil}))
	w.refused(refusal.Conflict, kim, "request.submit", with(w.request(), join)) // another version
	grant := w.grantTo(with(join, object{"version": 1, "version_digest": w.body(parent, "version_digest")}))
	w.expect(w.body(grant, "joins"), parent)
	w.expect(w.body(grant, "until"), w.body(parent, "until"))
	asked := object{"for": "nuri/lee", "version": 1}
	w.expect(w.check(asked)["grant"], grant)
	w.refused(refusal.Conflict, kim, "request.submit", with(w.request(), object{
		"joins": grant, "researchers": []string{"choi"}, "duration_seconds": 60, "version": 1, "version_digest": w.body(parent, "version_digest"),
	})) // what joins cannot be joined

	w.do(privacy, "grant.suspend", object{"grant": parent, "reason": "x"})
	w.expect(w.state(grant), "suspended")
	w.expect(reasons(w.check(asked)), []string{"PARENT_ENDED"})
	w.do(privacy, "grant.lift", object{"grant": parent, "reason": "x"})
	w.expect(w.check(asked)["decision"], "permit")
	w.later(time.Hour)
	w.do(steward, "grant.revoke", object{"grant": parent, "reason": "x"})
	shown := w.ask("grant.get", object{"grant": grant})
	w.expect(shown["state"], "ended")
	w.expect(strings.Contains(shown["why"].(string), "revoked"), true)
	w.expect(reasons(w.check(asked)), []string{"PARENT_ENDED"})
	w.expect(w.check(with(asked, object{"at": "2026-12-04T10:30:00Z"}))["decision"], "permit")
	w.expect(len(w.ask("grant.list", object{"state": "ended"})["items"].([]any)), 1)
	w.expect(len(w.ask("grant.others", object{"grant": grant})["items"].([]any)), 0)
}

// A narrowing that ends the parent ends what joined it, although it would permit that by itself.
func TestANarrowedParent(t *testing.T) {
	w := sample(t)
	parent := w.granted()
	grant := w.grantTo(object{"joins": parent, "researchers": []string{"lee"}})
	use := []object{{"permission": "DS", "diseases": []string{"ICD10:C50"}, "limits": []object{{"term": "US", "persons": []string{"nuri/lee"}}}}}
	w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": with(policy(), object{"use": use}), "applies": "existing"})
	w.expect(w.state(parent), "narrowed")
	w.expect(w.state(grant), "ended")
	w.expect(reasons(w.check(object{"for": "nuri/lee"})), []string{"PARENT_ENDED"})
}

// An owner, or a requester, whose chaincode is not ours seals what a grant that renews or joins cannot say.
func TestForgedRelations(t *testing.T) {
	w := sample(t)
	parent := w.granted()
	joined := w.grantTo(object{"joins": parent, "researchers": []string{"lee"}, "duration_seconds": 30 * 86400})
	renewed := w.grantTo(object{"renews": parent})
	at := "2027-01-01T00:00:00Z"
	w.expect(w.check(object{"at": at})["grant"], renewed)
	forge := func(grant string, change [2]string) (restore func()) {
		t.Helper()
		key := "grant/" + grant
		honest := string(w.ledger.Value(key))
		forged := strings.ReplaceAll(honest, change[0], change[1])
		if forged == honest {
			t.Fatalf("%s is not in %s", change[0], honest)
		}
		w.ledger.Attack(put(key, forged), seal("hanbit", key, forged))
		return func() { w.ledger.Attack(put(key, honest), seal("hanbit", key, honest)) }
	}
	// a grant that joins outlives its parent, or has none
	longer := "i/grant-person/nuri/lee/hanbit/breast-cancer/" + descending("2027-12-24T10:00:00Z") + "/" + joined
	w.ledger.Attack(put(longer, "1"))
	for _, change := range [][2]string{
		{`"until":"2026-12-24T10:00:00Z"`, `"until":"2027-12-24T10:00:00Z"`},
		{`"joins":"` + parent + `",`, ""},
		{`"joins":"` + parent, `"joins":"` + renewed},
		{`"joins":"` + parent, `"joins":"` + parent[:8]},
		{`"joins":"` + parent, `"renews":"` + parent},
	} {
		restore := forge(joined, change)
		if answer := w.check(object{"for": "nuri/lee"}); answer["decision"] != "deny" || slices.Equal(reasons(answer), []string{"NO_GRANT"}) {
			t.Errorf("%s: %v", change[1], answer)
		}
		restore()
	}
	// the parent is said to last longer than it does: the request that joined it says otherwise
	restore := forge(parent, [2]string{`"until":"2026-12-24T10:00:00Z"`, `"until":"2026-12-20T10:00:00Z"`})
	w.expect(w.check(object{"for": "nuri/lee"})["decision"], "deny")
	restore()
	w.expect(w.check(object{"for": "nuri/lee"})["grant"], joined)
	// a parent that joins another itself is none
	restore = forge(parent, [2]string{`"institution":"nuri","mode"`, `"institution":"nuri","joins":"` + renewed + `","mode"`})
	w.expect(w.state(joined), "ended")
	w.expect(w.check(object{"for": "nuri/lee"})["decision"], "deny")
	restore()
	// a renewed grant that begins before the old one ends
	restore = forge(renewed, [2]string{`"from":"2026-12-24T10:00:00Z"`, `"from":"2026-11-24T10:00:00Z"`})
	w.expect(w.check(object{"at": at})["decision"], "deny")
	restore()
	// and one that hides what it renews
	restore = forge(renewed, [2]string{`"renews":"` + parent + `",`, ""})
	w.expect(slices.Contains(reasons(w.check(object{"at": at})), "EVIDENCE_DIFFERS"), true)
	restore()
	// a grant renewed after the old one was taken back: the vote could not have been cast
	restore = forge(parent, [2]string{`"status":"active"`, `"status":"revoked"`})
	answer := w.check(object{"at": at})
	w.expect(slices.Contains(reasons(answer), "EVIDENCE_MISSING"), true)
	w.expect(answer["decision"], "deny")
	restore()

	// a request that names a grant it does not fit
	request := w.asks(object{"renews": parent})
	key := "request/" + request
	honest := string(w.ledger.Value(key))
	for _, change := range [][2]string{
		{`"researchers":["kim"]`, `"researchers":["kim","lee"]`},
		{`"renews":"` + parent, `"joins":"` + parent},
		{`"renews":"` + parent, `"joins":"` + parent + `","renews":"` + parent},
		{`"renews":"` + parent, `"renews":"` + digestOf("none")},
		{`"renews":"` + parent, `"renews":"` + parent[:8]},
		{`"renews":"` + parent, `"renews":"` + parent[:1]},
		{`"renews":"` + parent, `"renews":"x/`},
	} {
		forged := strings.Replace(honest, change[0], change[1], 1)
		w.ledger.Attack(put(key, forged), seal("nuri", key, forged))
		_, shown, refused := w.simulate(kim, "request.get", text(object{"request": request}))
		if refused == nil || refused.Code != refusal.Forged && refused.Code != refusal.NotFound {
			t.Errorf("%s: %v %v", change[1], refused, shown)
		}
		w.expect(len(w.ask("request.list", object{})["items"].([]any)), 4) // one of them forged
	}
	w.ledger.Attack(put(key, honest), seal("nuri", key, honest))
}

// The old grant can be revoked right after the new one was approved, also by a clock that is behind.
func TestRevokedRightAfterTheRenewal(t *testing.T) {
	w := sample(t)
	old := w.granted()
	w.later(time.Hour)
	renewed := w.grantTo(object{"renews": old})
	creator := ledgertest.Person("hanbit", "steward", "steward")
	stub, _, refused := w.simulateAs(creator, w.now.Add(-4*time.Minute), "grant.revoke", text(object{"grant": old, "reason": "x"}))
	if refused != nil || w.ledger.Commit(stub, "hanbit") != ledgertest.Valid {
		t.Fatal(refused)
	}
	w.expect(w.state(old), "revoked")
	w.expect(w.check(object{"at": "2027-01-01T00:00:00Z"})["grant"], renewed)

	// had it been revoked long before, its owner's chaincode would not be ours
	key := "grant/" + old
	earlier := strings.ReplaceAll(string(w.ledger.Value(key)), "2026-11-24T10:56:00Z", "2026-11-24T10:49:59Z")
	w.ledger.Attack(put(key, earlier), seal("hanbit", key, earlier))
	w.expect(slices.Contains(reasons(w.check(object{"at": "2027-01-01T00:00:00Z"})), "EVIDENCE_MISSING"), true)
}

// An attestation that ends before the renewed grant would begin leaves no time; one that ends after cuts it short.
func TestARenewalWithinItsAttestation(t *testing.T) {
	w := sample(t)
	old := w.granted()
	attested := func(until string) object {
		return object{"board": "Saerom IRB", "number": "7", "sha256": digestOf("letter"), "valid_until": until}
	}
	for until, works := range map[string]bool{"2026-12-24T10:00:00Z": false, "2026-12-25T10:00:00Z": true} {
		request := w.asks(object{"renews": old})
		w.vote("hanbit/a:dac", request, "approve")
		w.do("saerom/e-1:ethics", "request.vote", with(w.ballot(request, "approve", "ethics"), object{"attestation": attested(until)}))
		if !works {
			w.refused(refusal.Expired, "hanbit/b:dac", "request.vote", w.ballot(request, "approve", "dac"))
			continue
		}
		grant := in(w.vote("hanbit/b:dac", request, "approve"), "grant", "id").(string)
		w.expect(w.body(grant, "from"), "2026-12-24T10:00:00Z")
		w.expect(w.body(grant, "until"), until)
	}
}
