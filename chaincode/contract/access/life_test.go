package access_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

func TestSuspension(t *testing.T) {
	w := sample.New(t)
	grant := w.Granted()
	argument := object{"grant": grant, "reason": "a question"}
	w.Refused(refusal.Forbidden, sample.Steward, "grant.suspend", argument)
	w.Refused(refusal.Forbidden, "nuri/p:privacy", "grant.suspend", argument)
	w.Refused(refusal.NotFound, sample.Privacy, "grant.suspend", sample.With(argument, object{"grant": sample.DigestOf("none")}))
	w.Expect(w.Refused(refusal.Invalid, sample.Privacy, "grant.suspend", sample.With(argument, object{"reason": ""})).Field, "reason")
	w.Refused(refusal.Conflict, sample.Privacy, "grant.lift", argument)
	w.Later(time.Hour)
	w.Commits(sample.Privacy, "grant.suspend", argument, "hanbit")
	w.Refused(refusal.Conflict, sample.Privacy, "grant.suspend", argument)
	w.Expect(w.State(grant), "suspended")
	denied := w.Check(nil)
	w.Expect(denied["decision"], "deny")
	w.Expect(sample.Reasons(denied), []string{"SUSPENDED"})
	w.Expect(sample.In(denied, "reasons", 0, "message"), "the grant was suspended at 2026-11-24T11:00:00Z: a question")
	w.Later(time.Hour)
	w.Do("hanbit/q:privacy", "grant.lift", sample.With(argument, object{"reason": "answered"}))
	w.Expect(w.Check(nil)["decision"], "permit")
	// as of a moment between the two it was suspended, before it was not
	w.Expect(sample.Reasons(w.Check(object{"at": "2026-11-24T11:30:00Z"})), []string{"SUSPENDED", "ASKED_ABOUT"})
	w.Expect(w.Check(object{"at": "2026-11-24T10:59:59Z"})["decision"], "permit")
	w.Expect(sample.In(w.Ask("grant.get", object{"grant": grant}), "grant", "record", "status"), "active")
	w.Do(sample.Privacy, "grant.suspend", argument)
	w.Expect(len(w.Ask("grant.list", object{"state": "suspended"})["items"].([]any)), 1)
	// a suspended grant ends like another: by time, or revoked
	w.Do(sample.Steward, "grant.revoke", argument)
	w.Refused(refusal.Decided, sample.Privacy, "grant.lift", argument)
	w.Expect(sample.Reasons(w.Check(nil)), []string{"GRANT_REVOKED"})
	other := w.Granted()
	w.Do(sample.Privacy, "grant.suspend", object{"grant": other, "reason": "x"})
	w.Later(31 * 24 * time.Hour)
	w.Expect(w.State(other), "expired")
	w.Refused(refusal.Expired, sample.Privacy, "grant.lift", object{"grant": other, "reason": "x"})
}

// Revoking ends the others with it, or nothing at all.
func TestRevokeWithOthers(t *testing.T) {
	w := sample.New(t)
	first, second, third := w.Granted(), w.Granted(), w.Granted()
	w.Do("saerom/s:steward", "committee.set", object{"role": "dac", "members": sample.Members("x")})
	w.Do("saerom/s:steward", "dataset.publish", sample.With(sample.Publication(), object{"slug": "own", "policy": sample.With(sample.Policy(), object{"stages": []object{{"institution": "saerom", "role": "dac", "threshold": 1}}})}))
	d := w.Ask("dataset.get", object{"dataset": "saerom/own"})
	w.Do("saerom/p:privacy", "basis.set", sample.Basis())
	w.Do("saerom/p:privacy", "ground.set", object{"dataset": "saerom/own", "version_digest": sample.In(d, "version", "digest"), "bases": []string{"saerom/irb-waiver"}})
	foreign := sample.In(w.Do(sample.Kim, "request.submit", sample.With(w.Request(), object{
		"dataset": "saerom/own", "version_digest": sample.In(d, "version", "digest"), "policy_digest": sample.In(d, "policy", "digest"),
	})), "id").(string)
	foreign = sample.In(w.Vote("saerom/x:dac", foreign, "approve"), "grant", "id").(string)

	revoke := func(others ...string) object { return object{"grant": first, "reason": "all of it", "others": others} }
	w.Expect(w.Refused(refusal.Invalid, sample.Steward, "grant.revoke", revoke(second[:12])).Field, "others[0]")
	w.Expect(w.Refused(refusal.Invalid, sample.Steward, "grant.revoke", revoke(second, second)).Field, "others[1]")
	w.Expect(w.Refused(refusal.Invalid, sample.Steward, "grant.revoke", revoke(first)).Field, "others")
	w.Refused(refusal.Invalid, sample.Steward, "grant.revoke", revoke(slices.Repeat([]string{second}, 51)...))
	w.Refused(refusal.Forbidden, sample.Steward, "grant.revoke", revoke(second, foreign))
	w.Refused(refusal.NotFound, sample.Steward, "grant.revoke", revoke(sample.DigestOf("none")))
	w.Do(sample.Steward, "grant.revoke", object{"grant": third, "reason": "before"})
	refused := w.Refused(refusal.Decided, sample.Steward, "grant.revoke", revoke(second, third))
	w.Expect(len(refused.Details), 1)
	w.Expect(sample.In(refused.Details[0], "grant"), third)
	w.Expect(sample.In(refused.Details[0], "state"), "revoked")
	w.Expect(w.State(first), "active")
	w.Commits(sample.Steward, "grant.revoke", revoke(second), "hanbit") // the owner alone
	w.Expect(w.State(first), "revoked")
	w.Expect(w.State(second), "revoked")
	w.Expect(sample.In(w.Ask("grant.get", object{"grant": second}), "grant", "record", "changes", 1, "note"), "all of it")
	w.Expect(w.Check(nil)["decision"], "deny")
	w.Expect(w.State(foreign), "active")
}

// Whatever is written around them, acts on whole ids read the grants' own keys and no range that somebody could write into.
func TestEndingsReadNoRange(t *testing.T) {
	w := sample.New(t)
	four := []string{w.Granted(), w.Granted(), w.Granted(), w.Granted()}
	held := []*ledgertest.Stub{}
	for _, act := range []struct {
		who, name string
		argument  object
	}{
		{sample.Steward, "grant.revoke", object{"grant": four[0], "reason": "x", "others": []string{four[1]}}},
		{sample.Privacy, "grant.suspend", object{"grant": four[2], "reason": "x"}},
		{sample.Kim, "grant.relinquish", object{"grant": four[3]}},
	} {
		stub, _, refused := w.Simulate(act.who, act.name, sample.Text(act.argument))
		if refused != nil {
			t.Fatal(refused)
		}
		held = append(held, stub)
	}
	w.Granted() // a request, votes, index entries, another grant
	w.Do(sample.Steward, "committee.set", object{"role": "privacy", "members": sample.Members("z")})
	w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.Policy(), "applies": "existing"})
	w.Do(sample.Steward, "dataset.publish", sample.NextVersion())
	for _, stub := range held {
		w.Expect(w.Ledger.Commit(stub, "hanbit"), ledgertest.Valid)
	}
}

func TestRelinquish(t *testing.T) {
	w := sample.New(t)
	people := object{"researchers": []string{"kim", "lee", "park"}}
	grant := w.GrantTo(people)
	w.Refused(refusal.Forbidden, "nuri/other:researcher", "grant.relinquish", object{"grant": grant})
	w.Refused(refusal.Forbidden, "hanbit/lee:researcher", "grant.relinquish", object{"grant": grant})
	w.Later(time.Hour)
	// one leaves, the others stay; the owner's endorsement alone is needed
	w.Commits("nuri/lee", "grant.relinquish", object{"grant": grant, "reason": "another project"}, "hanbit")
	w.Refused(refusal.Decided, sample.Lee, "grant.relinquish", object{"grant": grant})
	w.Expect(w.State(grant), "active")
	w.Expect(sample.Reasons(w.Check(object{"for": "nuri/lee"})), []string{"RELINQUISHED"})
	w.Expect(w.Check(object{"for": "nuri/lee", "at": "2026-11-24T10:30:00Z"})["decision"], "permit")
	w.Expect(w.Check(nil)["decision"], "permit")
	w.Expect(w.Check(object{"for": "nuri/park"})["decision"], "permit")
	w.Expect(sample.In(w.Ask("grant.get", object{"grant": grant}), "grant", "record", "changes", 1, "action"), "grant.left")
	// a suspended one can be given up too, and stays suspended for the others
	w.Do(sample.Privacy, "grant.suspend", object{"grant": grant, "reason": "x"})
	w.Do("nuri/park:researcher", "grant.relinquish", object{"grant": grant})
	w.Expect(w.State(grant), "suspended")
	// who asked ends it for all
	w.Do(sample.Kim, "grant.relinquish", object{"grant": grant})
	w.Expect(w.State(grant), "relinquished")
	w.Expect(sample.Reasons(w.Check(nil)), []string{"RELINQUISHED"})
	for who, name := range map[string]string{sample.Steward: "grant.revoke", sample.Privacy: "grant.lift", sample.Kim: "grant.relinquish"} {
		w.Refused(refusal.Decided, who, name, sample.With(object{"grant": grant, "reason": "x"}, nil))
	}
	// the last who holds it ends it, and who asked need not be among the grantees
	grant = w.GrantTo(object{"researchers": []string{"lee", "park"}})
	w.Do(sample.Lee, "grant.relinquish", object{"grant": grant})
	w.Do("nuri/park:researcher", "grant.relinquish", object{"grant": grant})
	w.Expect(w.State(grant), "relinquished")
	grant = w.GrantTo(object{"researchers": []string{"lee", "park"}})
	w.Do(sample.Kim, "grant.relinquish", object{"grant": grant})
	w.Expect(w.State(grant), "relinquished")
	grant = w.Granted()
	w.Later(40 * 24 * time.Hour)
	w.Refused(refusal.Expired, sample.Kim, "grant.relinquish", object{"grant": grant})
}

// From 150 changes on only what ends a grant is taken.
func TestThereIsAlwaysRoomForTheEnd(t *testing.T) {
	w := sample.New(t)
	grant := w.GrantTo(object{"researchers": []string{"kim", "lee"}})
	argument := object{"grant": grant, "reason": "x"}
	for i := range 149 {
		w.Do(sample.Privacy, []string{"grant.suspend", "grant.lift"}[i%2], argument)
	}
	w.Refused(refusal.LimitExceeded, sample.Privacy, "grant.lift", argument)
	w.Refused(refusal.LimitExceeded, sample.Lee, "grant.relinquish", argument)
	w.Do(sample.Kim, "grant.relinquish", argument)
	w.Expect(w.State(grant), "relinquished")
}

func TestAcceptance(t *testing.T) {
	w := sample.New(t)
	bare := w.GrantTo(object{"researchers": []string{"kim", "lee"}})
	w.Refused(refusal.TermsNotAccepted, sample.Lee, "grant.accept", object{"grant": bare, "terms": sample.DigestOf("terms")})
	w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.Termed()})
	w.Do(sample.Steward, "grant.revoke", object{"grant": bare, "reason": "x"})
	grant := w.GrantTo(object{"researchers": []string{"kim", "lee"}, "accepted_terms": sample.DigestOf("terms")})
	w.Expect(w.Check(nil)["decision"], "permit") // kim accepted by asking
	denied := w.Check(object{"for": "nuri/lee"})
	w.Expect(denied["decision"], "deny")
	w.Expect(slices.Contains(sample.Reasons(denied), "TERMS_NOT_ACCEPTED"), true)
	at := slices.Index(sample.Reasons(denied), "TERMS_NOT_ACCEPTED")
	w.Expect(sample.In(denied, "reasons", at, "clause"), "grant/"+grant)
	argument := object{"grant": grant, "terms": sample.DigestOf("terms")}
	w.Expect(w.Refused(refusal.TermsNotAccepted, sample.Lee, "grant.accept", sample.With(argument, object{"terms": sample.DigestOf("others")})).Field, "terms")
	w.Refused(refusal.Forbidden, "nuri/park:researcher", "grant.accept", argument)
	w.Refused(refusal.Forbidden, "hanbit/lee:researcher", "grant.accept", argument)
	w.Refused(refusal.Decided, sample.Kim, "grant.accept", argument)
	w.Later(time.Hour)
	w.Commits(sample.Lee, "grant.accept", argument, "nuri", "saerom")
	w.Refused(refusal.Decided, sample.Lee, "grant.accept", argument)
	w.Expect(w.Check(object{"for": "nuri/lee"})["decision"], "permit")
	w.Expect(w.Check(object{"for": "nuri/lee", "at": "2026-11-24T10:30:00Z"})["decision"], "deny")
	trail := w.Ask("audit.trail", object{"dataset": "hanbit/breast-cancer", "page_size": 100})["items"].([]any)
	w.Expect(sample.In(trail[len(trail)-1], "record", "type"), "acceptance")
	w.Do(sample.Lee, "grant.relinquish", object{"grant": grant})
	w.Refused(refusal.Decided, sample.Lee, "grant.accept", argument)
	w.Do(sample.Steward, "grant.revoke", object{"grant": grant, "reason": "x"})
	w.Refused(refusal.Decided, sample.Lee, "grant.accept", argument)
}

// An acceptance that another institution made up, or that is somebody else's word, counts for nothing.
func TestForgedAcceptances(t *testing.T) {
	w := sample.New(t)
	w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.Termed()})
	grant := w.GrantTo(object{"researchers": []string{"kim", "lee"}, "accepted_terms": sample.DigestOf("terms")})
	argument := object{"grant": grant, "terms": sample.DigestOf("terms")}
	w.Forge("nuri", sample.Lee, "grant.accept", argument)
	denied := w.Check(object{"for": "nuri/lee"})
	w.Expect(denied["decision"], "deny")
	w.Expect(slices.Contains(sample.Reasons(denied), "TERMS_NOT_ACCEPTED") && slices.Contains(sample.Reasons(denied), "FORGED"), true)
	key := w.Only("acceptance/")
	honest := string(w.Ledger.Value(key))
	for says, change := range map[string][2]string{
		"somebody else's word": {`"by":{"id":"lee"`, `"by":{"id":"kim"`},
		"other terms":          {sample.DigestOf("terms"), sample.DigestOf("others")},
		"another grant":        {`"grant":"` + grant, `"grant":"` + sample.DigestOf("g")},
		"another owner":        {`"owner":"nuri"`, `"owner":"saerom"`},
	} {
		forged := strings.Replace(honest, change[0], change[1], 1)
		if forged == honest {
			t.Fatalf("%s: %s is not in %s", says, change[0], honest)
		}
		w.Ledger.Attack(sample.Put(key, forged), sample.Seal("nuri", key, forged), sample.Seal("saerom", key, forged))
		if answer := w.Check(object{"for": "nuri/lee"}); answer["decision"] != "deny" {
			t.Errorf("%s: %v", says, answer)
		}
	}
	w.Do(sample.Lee, "grant.accept", argument)
	w.Expect(w.Check(object{"for": "nuri/lee"})["decision"], "permit")
}

// A status that its changes do not say, and a suspension that only a held transaction would undo.
func TestASuspensionThatIsUndone(t *testing.T) {
	w := sample.New(t)
	grant := w.Granted()
	argument := object{"grant": grant, "reason": "x"}
	w.Do(sample.Privacy, "grant.suspend", argument)
	held := w.Held(sample.Privacy, "grant.lift", argument)
	w.Do(sample.Privacy, "grant.lift", argument)
	w.Do(sample.Privacy, "grant.suspend", argument)
	w.Expect(sample.Overtaken(w.Ledger.Commit(held, sample.Institutions...)), true)
	w.Expect(w.State(grant), "suspended")
	// a revocation that was held is worth nothing after a suspension, and is made anew
	held, _, _ = w.Simulate(sample.Steward, "grant.revoke", sample.Text(argument))
	w.Do(sample.Privacy, "grant.lift", argument)
	w.Expect(sample.Overtaken(w.Ledger.Commit(held, sample.Institutions...)), true)
	w.Do(sample.Privacy, "grant.suspend", argument)
	// others' chaincode overwrites the record with one that is not suspended
	key := "grant/" + grant
	suspended := string(w.Ledger.Value(key))
	w.Ledger.Attack(sample.Put(key, strings.Replace(suspended, `"status":"suspended"`, `"status":"active"`, 1)))
	w.Expect(sample.Reasons(w.Check(nil)), []string{"FORGED", "NO_GRANT"})
	// and the owner itself says something else than its changes: that is no grant
	mended := strings.Replace(suspended, `"status":"suspended"`, `"status":"active"`, 1)
	w.Ledger.Attack(sample.Put(key, mended), sample.Seal("hanbit", key, mended))
	w.Expect(sample.Reasons(w.Check(nil)), []string{"GRANT_REVOKED"})
}

func TestOthers(t *testing.T) {
	w := sample.New(t)
	first := w.GrantTo(object{"researchers": []string{"kim", "lee"}})
	both := w.GrantTo(object{"researchers": []string{"lee", "kim"}})
	alone := w.GrantTo(object{"researchers": []string{"lee"}})
	w.GrantTo(object{"researchers": []string{"park"}}) // nobody of the first
	revoked := w.Granted()
	w.Do(sample.Steward, "grant.revoke", object{"grant": revoked, "reason": "x"})
	w.Do(sample.Steward, "dataset.publish", sample.NextVersion())
	w.Rests(nil)
	version := w.GrantTo(object{"researchers": []string{"kim"}, "version": 2})
	ended := w.GrantTo(object{"researchers": []string{"kim"}, "duration_seconds": 60})
	suspended := w.GrantTo(object{"researchers": []string{"park", "lee"}})
	w.Do(sample.Privacy, "grant.suspend", object{"grant": suspended, "reason": "x"})
	w.Later(time.Hour)
	seen := func(grant string, size int) map[string]string {
		found, bookmark := map[string]string{}, ""
		for range 20 {
			answer := w.Ask("grant.others", object{"grant": grant, "page_size": size, "bookmark": bookmark})
			items := answer["items"].([]any)
			if len(items) > size {
				t.Fatalf("%d items on a page of %d", len(items), size)
			}
			for _, item := range items {
				id := sample.In(item, "grant", "record", "id").(string)
				if found[id] != "" {
					t.Fatalf("%s stands there twice", id)
				}
				found[id] = fmt.Sprint(sample.In(item, "state"), sample.In(item, "people"))
			}
			if bookmark = answer["bookmark"].(string); bookmark == "" {
				return found
			}
		}
		t.Fatal("the list never ends")
		return nil
	}
	for _, size := range []int{1, 2, 3, 25} {
		found := seen(first, size)
		w.Expect(len(found), 4)
		w.Expect(found[both], "active[lee kim]")
		w.Expect(found[alone], "active[lee]")
		w.Expect(found[version], "active[kim]")
		w.Expect(found[suspended], "suspended[lee]")
		w.Expect(found[ended], "")
	}
	w.Do(sample.Lee, "grant.relinquish", object{"grant": both})
	w.Expect(seen(first, 2)[both], "active[kim]")
	w.Do(sample.Lee, "grant.relinquish", object{"grant": suspended})
	w.Expect(len(seen(first, 2)), 3)
	w.Do(sample.Steward, "grant.revoke", object{"grant": first, "reason": "x", "others": []string{both, alone, version}})
	w.Expect(len(seen(first, 2)), 0) // it answers about an ended grant too
	for _, bookmark := range []string{"x", "2.", "-1.", ".", "0.x", "0", "0." + strings.Repeat("A", 100)} {
		w.Refused(refusal.Invalid, sample.Kim, "grant.others", object{"grant": first, "bookmark": bookmark})
	}
}

// A check reads a fixed number of things more for terms and for a grant that joins, however many people and grants there are.
func TestWhatACheckCosts(t *testing.T) {
	cost := func(crowd int) (plain, accepted, joined int) {
		w := sample.New(t)
		w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.Termed()})
		people := []string{"kim", "lee"}
		for i := range crowd {
			people = append(people, fmt.Sprintf("r%d", i))
		}
		grant := w.GrantTo(object{"researchers": people, "accepted_terms": sample.DigestOf("terms")})
		for _, id := range people[1:] {
			w.Do("nuri/"+id+":researcher", "grant.accept", object{"grant": grant, "terms": sample.DigestOf("terms")})
		}
		for i := range crowd {
			w.GrantTo(object{"joins": grant, "researchers": []string{fmt.Sprintf("j%d", i)}, "accepted_terms": sample.DigestOf("terms")})
		}
		by := object{"joins": grant, "researchers": []string{"mo"}, "accepted_terms": sample.DigestOf("terms")}
		w.Do("nuri/mo:researcher", "grant.accept", object{"grant": w.GrantTo(by), "terms": sample.DigestOf("terms")})
		of := func(person string) int {
			w.Expect(w.Check(object{"for": person})["decision"], "permit")
			return w.Last.RoundTrips
		}
		return of("nuri/kim"), of("nuri/lee"), of("nuri/mo")
	}
	plain, accepted, joined := cost(0)
	if accepted != plain+5 || joined != accepted+4 { // nothing of their own; one look beside, a post, none after it, and a seal; a key, a seal, no later state and no end
		t.Errorf("%d, with terms %d, joined %d", plain, accepted, joined)
	}
	if p, a, j := cost(7); p != plain || a != accepted || j != joined {
		t.Errorf("with others: %d, with terms %d, joined %d", p, a, j)
	}
}
