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

type (
	object = map[string]any
	TimeOf = time.Time
)

const day = 24 * time.Hour

// asks submits a changed request.
func asks(w *sample.World, changes object) string {
	w.Helper()
	return sample.In(w.Do(sample.Kim, "request.submit", sample.With(w.Request(), changes)), "id").(string)
}

// completes brings a request to where one vote is missing, and gives that vote.
func completes(w *sample.World, request string) object {
	w.Helper()
	w.Vote("hanbit/a:dac", request, "approve")
	w.Vote("saerom/e-1:ethics", request, "approve")
	return w.Ballot(request, "approve", "dac")
}

func body(w *sample.World, grant, member string) any {
	w.Helper()
	return sample.In(w.Ask("grant.get", object{"grant": grant}), "grant", "record", "body", member)
}

func TestRenewing(t *testing.T) {
	w := sample.New(t)
	old := w.GrantTo(object{"researchers": []string{"kim", "lee"}})
	w.Later(20 * day)
	request := asks(w, object{"renews": old[:10], "researchers": []string{"lee", "kim"}})
	w.Expect(sample.In(w.Ask("request.get", object{"request": request}), "request", "record", "body", "renews"), old)
	// the new one begins where the old one ends, and lasts as long as was asked
	grant := sample.In(w.Do("hanbit/b:dac", "request.vote", completes(w, request)), "grant", "id").(string)
	w.Expect(body(w, grant, "from"), "2026-12-24T10:00:00Z")
	w.Expect(body(w, grant, "until"), "2027-01-23T10:00:00Z")
	w.Expect(body(w, grant, "renews"), old)
	w.Expect(w.State(grant), "pending")
	w.Expect(w.Check(nil)["grant"], old)
	w.Later(10 * day)
	w.Expect(w.State(old), "expired")
	w.Expect(w.Check(nil)["grant"], grant)
	w.Expect(w.Check(object{"for": "nuri/lee"})["decision"], "permit")

	// decided after the old one has ended it begins then
	w.Later(29 * day)
	request = asks(w, object{"renews": grant, "duration_seconds": 86400})
	w.Later(day + time.Second)
	next := sample.In(w.Do("hanbit/b:dac", "request.vote", completes(w, request)), "grant", "id").(string)
	w.Expect(body(w, next, "from"), "2027-01-23T10:00:01Z")
	w.Expect(w.Check(nil)["grant"], next)
	w.Refused(refusal.Expired, sample.Kim, "request.submit", sample.With(w.Request(), object{"renews": old}))
}

func TestWhatCannotBeRenewed(t *testing.T) {
	w := sample.Guarded(t)
	old := w.GrantTo(object{"researchers": []string{"kim"}})
	_, emergency := w.Opened()
	w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"slug": "other"}))
	submit := func(code refusal.Code, who string, changes object) *refusal.Error {
		t.Helper()
		return w.Refused(code, who, "request.submit", sample.With(w.Request(), changes))
	}
	w.Expect(submit(refusal.Invalid, sample.Kim, object{"renews": old, "joins": old}).Field, "joins")
	submit(refusal.Invalid, sample.Kim, object{"renews": "x"})
	submit(refusal.NotFound, sample.Kim, object{"renews": sample.DigestOf("none")})
	w.Expect(submit(refusal.Conflict, sample.Kim, object{"renews": old, "researchers": []string{"kim", "lee"}}).Field, "renews")
	submit(refusal.Conflict, "saerom/kim:researcher", object{"renews": old})
	submit(refusal.Conflict, sample.Kim, object{"renews": emergency})
	submit(refusal.Conflict, sample.Kim, object{"joins": emergency, "researchers": []string{"park"}})
	d := w.Ask("dataset.get", object{"dataset": "hanbit/other"})
	submit(refusal.Conflict, sample.Kim, object{"renews": old, "dataset": "hanbit/other", "version_digest": sample.In(d, "version", "digest"), "policy_digest": sample.In(d, "policy", "digest")})
	w.Do(sample.Privacy, "grant.suspend", object{"grant": old, "reason": "x"})
	submit(refusal.Conflict, sample.Kim, object{"renews": old})
	w.Do(sample.Privacy, "grant.lift", object{"grant": old, "reason": "x"})
	asks(w, object{"renews": old, "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}}, "mode": "download"}) // purpose and mode may differ
	w.Do(sample.Steward, "grant.revoke", object{"grant": old, "reason": "x"})
	submit(refusal.Decided, sample.Kim, object{"renews": old})
}

// A grant that was taken back before the decision is not renewed, and none is added to.
func TestTheRelatedGrantEndsBeforeTheDecision(t *testing.T) {
	for _, kind := range []string{"renews", "joins"} {
		for says, c := range map[string]struct {
			act  func(w *sample.World, old string)
			code refusal.Code
		}{
			"revoked": {func(w *sample.World, old string) {
				w.Do(sample.Steward, "grant.revoke", object{"grant": old, "reason": "x"})
			}, refusal.Decided},
			"relinquished": {func(w *sample.World, old string) { w.Do(sample.Kim, "grant.relinquish", object{"grant": old}) }, refusal.Decided},
			"suspended": {func(w *sample.World, old string) {
				w.Do(sample.Privacy, "grant.suspend", object{"grant": old, "reason": "x"})
			}, refusal.Conflict},
		} {
			t.Run(kind+" "+says, func(t *testing.T) {
				w := sample.New(t)
				old := w.Granted()
				people := map[string][]string{"renews": {"kim"}, "joins": {"lee"}}[kind]
				request := asks(w, object{kind: old, "researchers": people, "duration_seconds": 86400})
				ballot := completes(w, request)
				held, _, _ := w.Simulate("hanbit/b:dac", "request.vote", sample.Text(ballot))
				c.act(w, old)
				w.Refused(c.code, "hanbit/b:dac", "request.vote", ballot)
				if code := w.Ledger.Commit(held, sample.Institutions...); code != "MVCC_READ_CONFLICT" {
					t.Fatalf("a vote that was held is %s", code)
				}
				w.Vote("hanbit/b:dac", request, "reject") // a rejection needs nothing of it
				w.Vote("hanbit/c:dac", request, "reject")
				w.Expect(w.Ask("request.get", object{"request": request})["state"], "rejected")
			})
		}
	}
}

func TestJoining(t *testing.T) {
	w := sample.New(t)
	parent := w.GrantTo(object{"researchers": []string{"kim"}})
	w.Later(10 * day)
	left := 20 * 86400
	join := object{"joins": parent, "researchers": []string{"lee", "park"}, "duration_seconds": left}
	for says, changes := range map[string]object{
		"longer than what is left": {"duration_seconds": left + 1},
		"another purpose":          {"purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}}},
		"a grantee already":        {"researchers": []string{"lee", "kim"}},
	} {
		if refused := w.Refused(refusal.Conflict, sample.Kim, "request.submit", sample.With(sample.With(w.Request(), join), changes)); refused.Field != "joins" {
			t.Errorf("%s: %v", says, refused)
		}
	}
	w.Do(sample.Steward, "dataset.publish", sample.NextVersion())
	w.Refused(refusal.Conflict, sample.Kim, "request.submit", sample.With(w.Request(), join)) // another version
	grant := w.GrantTo(sample.With(join, object{"version": 1, "version_digest": body(w, parent, "version_digest")}))
	w.Expect(body(w, grant, "joins"), parent)
	w.Expect(body(w, grant, "until"), body(w, parent, "until"))
	asked := object{"for": "nuri/lee", "version": 1}
	w.Expect(w.Check(asked)["grant"], grant)
	w.Refused(refusal.Conflict, sample.Kim, "request.submit", sample.With(w.Request(), object{
		"joins": grant, "researchers": []string{"choi"}, "duration_seconds": 60, "version": 1, "version_digest": body(w, parent, "version_digest"),
	})) // what joins cannot be joined

	w.Do(sample.Privacy, "grant.suspend", object{"grant": parent, "reason": "x"})
	w.Expect(w.State(grant), "suspended")
	w.Expect(sample.Reasons(w.Check(asked)), []string{"PARENT_ENDED"})
	w.Do(sample.Privacy, "grant.lift", object{"grant": parent, "reason": "x"})
	w.Expect(w.Check(asked)["decision"], "permit")
	w.Later(time.Hour)
	w.Do(sample.Steward, "grant.revoke", object{"grant": parent, "reason": "x"})
	shown := w.Ask("grant.get", object{"grant": grant})
	w.Expect(shown["state"], "ended")
	w.Expect(strings.Contains(shown["why"].(string), "revoked"), true)
	w.Expect(sample.Reasons(w.Check(asked)), []string{"PARENT_ENDED"})
	w.Expect(w.Check(sample.With(asked, object{"at": "2026-12-04T10:30:00Z"}))["decision"], "permit")
	w.Expect(len(w.Ask("grant.list", object{"state": "ended"})["items"].([]any)), 1)
	w.Expect(len(w.Ask("grant.others", object{"grant": grant})["items"].([]any)), 0)
}

// A narrowing that ends the parent ends what joined it, although it would permit that by itself.
func TestANarrowedParent(t *testing.T) {
	w := sample.New(t)
	parent := w.Granted()
	grant := w.GrantTo(object{"joins": parent, "researchers": []string{"lee"}})
	use := []object{{"permission": "DS", "diseases": []string{"ICD10:C50"}, "limits": []object{{"term": "US", "persons": []string{"nuri/lee"}}}}}
	w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.Policy(), object{"use": use}), "applies": "existing"})
	w.Expect(w.State(parent), "narrowed")
	w.Expect(w.State(grant), "ended")
	w.Expect(sample.Reasons(w.Check(object{"for": "nuri/lee"})), []string{"PARENT_ENDED"})
}

// An owner, or a requester, whose chaincode is not ours seals what a grant that renews or joins cannot say.
func TestForgedRelations(t *testing.T) {
	w := sample.New(t)
	parent := w.Granted()
	joined := w.GrantTo(object{"joins": parent, "researchers": []string{"lee"}, "duration_seconds": 30 * 86400})
	renewed := w.GrantTo(object{"renews": parent})
	at := "2027-01-01T00:00:00Z"
	w.Expect(w.Check(object{"at": at})["grant"], renewed)
	forge := func(grant string, change [2]string) (restore func()) {
		t.Helper()
		key := "grant/" + grant
		honest := string(w.Ledger.Value(key))
		forged := strings.ReplaceAll(honest, change[0], change[1])
		if forged == honest {
			t.Fatalf("%s is not in %s", change[0], honest)
		}
		w.Ledger.Attack(sample.Put(key, forged), sample.Seal("hanbit", key, forged))
		return func() { w.Ledger.Attack(sample.Put(key, honest), sample.Seal("hanbit", key, honest)) }
	}
	// a grant that joins outlives its parent, or has none
	longer := "i/grant-person/nuri/lee/hanbit/breast-cancer/" + sample.Descending("2027-12-24T10:00:00Z") + "/" + joined
	w.Ledger.Attack(sample.Put(longer, "1"))
	for _, change := range [][2]string{
		{`"until":"2026-12-24T10:00:00Z"`, `"until":"2027-12-24T10:00:00Z"`},
		{`"joins":"` + parent + `",`, ""},
		{`"joins":"` + parent, `"joins":"` + renewed},
		{`"joins":"` + parent, `"joins":"` + parent[:8]},
		{`"joins":"` + parent, `"renews":"` + parent},
	} {
		restore := forge(joined, change)
		if answer := w.Check(object{"for": "nuri/lee"}); answer["decision"] != "deny" || slices.Equal(sample.Reasons(answer), []string{"NO_GRANT"}) {
			t.Errorf("%s: %v", change[1], answer)
		}
		restore()
	}
	// the parent is said to last longer than it does: the request that joined it says otherwise
	restore := forge(parent, [2]string{`"until":"2026-12-24T10:00:00Z"`, `"until":"2026-12-20T10:00:00Z"`})
	w.Expect(w.Check(object{"for": "nuri/lee"})["decision"], "deny")
	restore()
	w.Expect(w.Check(object{"for": "nuri/lee"})["grant"], joined)
	// a parent that joins another itself is none
	restore = forge(parent, [2]string{`"institution":"nuri","mode"`, `"institution":"nuri","joins":"` + renewed + `","mode"`})
	w.Expect(w.State(joined), "ended")
	w.Expect(w.Check(object{"for": "nuri/lee"})["decision"], "deny")
	restore()
	// a renewed grant that begins before the old one ends
	restore = forge(renewed, [2]string{`"from":"2026-12-24T10:00:00Z"`, `"from":"2026-11-24T10:00:00Z"`})
	w.Expect(w.Check(object{"at": at})["decision"], "deny")
	restore()
	// and one that hides what it renews
	restore = forge(renewed, [2]string{`"renews":"` + parent + `",`, ""})
	w.Expect(slices.Contains(sample.Reasons(w.Check(object{"at": at})), "EVIDENCE_DIFFERS"), true)
	restore()
	// a grant renewed after the old one was taken back: the vote could not have been cast
	restore = forge(parent, [2]string{`"status":"active"`, `"status":"revoked"`})
	answer := w.Check(object{"at": at})
	w.Expect(slices.Contains(sample.Reasons(answer), "EVIDENCE_MISSING"), true)
	w.Expect(answer["decision"], "deny")
	restore()

	// a request that names a grant it does not fit
	request := asks(w, object{"renews": parent})
	key := "request/" + request
	honest := string(w.Ledger.Value(key))
	for _, change := range [][2]string{
		{`"researchers":["kim"]`, `"researchers":["kim","lee"]`},
		{`"renews":"` + parent, `"joins":"` + parent},
		{`"renews":"` + parent, `"joins":"` + parent + `","renews":"` + parent},
		{`"renews":"` + parent, `"renews":"` + sample.DigestOf("none")},
		{`"renews":"` + parent, `"renews":"` + parent[:8]},
		{`"renews":"` + parent, `"renews":"` + parent[:1]},
		{`"renews":"` + parent, `"renews":"x/`},
	} {
		forged := strings.Replace(honest, change[0], change[1], 1)
		w.Ledger.Attack(sample.Put(key, forged), sample.Seal("nuri", key, forged))
		_, shown, refused := w.Simulate(sample.Kim, "request.get", sample.Text(object{"request": request}))
		if refused == nil || refused.Code != refusal.Forged && refused.Code != refusal.NotFound {
			t.Errorf("%s: %v %v", change[1], refused, shown)
		}
		w.Expect(len(w.Ask("request.list", object{})["items"].([]any)), 4) // one of them forged
	}
	w.Ledger.Attack(sample.Put(key, honest), sample.Seal("nuri", key, honest))
}

// The old grant can be revoked right after the new one was approved, also by a clock that is behind.
func TestRevokedRightAfterTheRenewal(t *testing.T) {
	w := sample.New(t)
	old := w.Granted()
	w.Later(time.Hour)
	renewed := w.GrantTo(object{"renews": old})
	creator := ledgertest.Person("hanbit", "steward", "steward")
	stub, _, refused := w.SimulateAs(creator, w.Now.Add(-4*time.Minute), "grant.revoke", sample.Text(object{"grant": old, "reason": "x"}))
	if refused != nil || w.Ledger.Commit(stub, "hanbit") != ledgertest.Valid {
		t.Fatal(refused)
	}
	w.Expect(w.State(old), "revoked")
	w.Expect(w.Check(object{"at": "2027-01-01T00:00:00Z"})["grant"], renewed)

	// had it been revoked long before, its owner's chaincode would not be ours
	key := "grant/" + old
	earlier := strings.ReplaceAll(string(w.Ledger.Value(key)), "2026-11-24T10:56:00Z", "2026-11-24T10:49:59Z")
	w.Ledger.Attack(sample.Put(key, earlier), sample.Seal("hanbit", key, earlier))
	w.Expect(slices.Contains(sample.Reasons(w.Check(object{"at": "2027-01-01T00:00:00Z"})), "EVIDENCE_MISSING"), true)
}

// An attestation that ends before the renewed grant would begin leaves no time; one that ends after cuts it short.
func TestARenewalWithinItsAttestation(t *testing.T) {
	w := sample.New(t)
	old := w.Granted()
	attested := func(until string) object {
		return object{"board": "Saerom IRB", "number": "7", "sha256": sample.DigestOf("letter"), "valid_until": until}
	}
	for until, works := range map[string]bool{"2026-12-24T10:00:00Z": false, "2026-12-25T10:00:00Z": true} {
		request := asks(w, object{"renews": old})
		w.Vote("hanbit/a:dac", request, "approve")
		w.Do("saerom/e-1:ethics", "request.vote", sample.With(w.Ballot(request, "approve", "ethics"), object{"attestation": attested(until)}))
		if !works {
			w.Refused(refusal.Expired, "hanbit/b:dac", "request.vote", w.Ballot(request, "approve", "dac"))
			continue
		}
		grant := sample.In(w.Vote("hanbit/b:dac", request, "approve"), "grant", "id").(string)
		w.Expect(body(w, grant, "from"), "2026-12-24T10:00:00Z")
		w.Expect(body(w, grant, "until"), until)
	}
}
