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

// A grant's life after it was given: who can stop it, give it up and accept its terms, and that nothing holds its end back.

const lee = "nuri/lee:researcher"

// grantTo brings a changed request to its grant.
func (w *world) grantTo(changes object) string {
	w.Helper()
	id := in(w.do(kim, "request.submit", with(w.request(), changes)), "id").(string)
	w.vote("hanbit/a:dac", id, "approve")
	w.vote("saerom/e-1:ethics", id, "approve")
	return in(w.vote("hanbit/b:dac", id, "approve"), "grant", "id").(string)
}

func (w *world) state(grant string) any {
	w.Helper()
	return w.ask("grant.get", object{"grant": grant})["state"]
}

// commits runs a transaction and hands it in with the endorsements of those named alone.
func (w *world) commits(who, name string, argument object, endorsers ...string) {
	w.Helper()
	stub, _, refused := w.simulate(who, name, text(argument))
	if refused != nil {
		w.Fatal(refused)
	}
	w.expect(w.ledger.Commit(stub, endorsers...), ledgertest.Valid)
}

func TestSuspension(t *testing.T) {
	w := sample(t)
	grant := w.granted()
	argument := object{"grant": grant, "reason": "a question"}
	w.refused(refusal.Forbidden, steward, "grant.suspend", argument)
	w.refused(refusal.Forbidden, "nuri/p:privacy", "grant.suspend", argument)
	w.refused(refusal.NotFound, privacy, "grant.suspend", with(argument, object{"grant": digestOf("none")}))
	w.expect(w.refused(refusal.Invalid, privacy, "grant.suspend", with(argument, object{"reason": ""})).Field, "reason")
	w.refused(refusal.Conflict, privacy, "grant.lift", argument)
	w.later(time.Hour)
	w.commits(privacy, "grant.suspend", argument, "hanbit")
	w.refused(refusal.Conflict, privacy, "grant.suspend", argument)
	w.expect(w.state(grant), "suspended")
	denied := w.check(nil)
	w.expect(denied["decision"], "deny")
	w.expect(reasons(denied), []string{"SUSPENDED"})
	w.expect(in(denied, "reasons", 0, "message"), "the grant was suspended at 2026-11-24T11:00:00Z: a question")
	w.later(time.Hour)
	w.commits("hanbit/q:privacy", "grant.lift", with(argument, object{"reason": "answered"}), "hanbit")
	w.expect(w.check(nil)["decision"], "permit")
	// as of a moment between the two it was suspended, before it was not
	w.expect(reasons(w.check(object{"at": "2026-11-24T11:30:00Z"})), []string{"SUSPENDED", "ASKED_ABOUT"})
	w.expect(w.check(object{"at": "2026-11-24T10:59:59Z"})["decision"], "permit")
	w.expect(in(w.ask("grant.get", object{"grant": grant}), "grant", "record", "status"), "active")
	w.do(privacy, "grant.suspend", argument)
	w.expect(len(w.ask("grant.list", object{"state": "suspended"})["items"].([]any)), 1)
	// a suspended grant ends like another: by time, or revoked
	w.do(steward, "grant.revoke", argument)
	w.refused(refusal.Decided, privacy, "grant.lift", argument)
	w.expect(reasons(w.check(nil)), []string{"GRANT_REVOKED"})
	other := w.granted()
	w.do(privacy, "grant.suspend", object{"grant": other, "reason": "x"})
	w.later(31 * 24 * time.Hour)
	w.expect(w.state(other), "expired")
	w.refused(refusal.Expired, privacy, "grant.lift", object{"grant": other, "reason": "x"})
}

// Revoking ends the others with it, or nothing at all.
func TestRevokeWithOthers(t *testing.T) {
	w := sample(t)
	first, second, third := w.granted(), w.granted(), w.granted()
	w.do("saerom/s:steward", "committee.set", object{"role": "dac", "members": members("x")})
	w.do("saerom/s:steward", "dataset.publish", with(publication(), object{"slug": "own", "policy": with(policy(), object{"stages": []object{{"institution": "saerom", "role": "dac", "threshold": 1}}})}))
	d := w.ask("dataset.get", object{"dataset": "saerom/own"})
	w.do("saerom/p:privacy", "basis.set", basis())
	w.do("saerom/p:privacy", "ground.set", object{"dataset": "saerom/own", "version_digest": in(d, "version", "digest"), "bases": []string{"saerom/irb-waiver"}})
	foreign := in(w.do(kim, "request.submit", with(w.request(), object{
		"dataset": "saerom/own", "version_digest": in(d, "version", "digest"), "policy_digest": in(d, "policy", "digest"),
	})), "id").(string)
	foreign = in(w.vote("saerom/x:dac", foreign, "approve"), "grant", "id").(string)

	revoke := func(others ...string) object { return object{"grant": first, "reason": "all of it", "others": others} }
	w.expect(w.refused(refusal.Invalid, steward, "grant.revoke", revoke(second[:12])).Field, "others[0]")
	w.expect(w.refused(refusal.Invalid, steward, "grant.revoke", revoke(second, second)).Field, "others[1]")
	w.expect(w.refused(refusal.Invalid, steward, "grant.revoke", revoke(first)).Field, "others")
	w.refused(refusal.Invalid, steward, "grant.revoke", revoke(slices.Repeat([]string{second}, 51)...))
	w.refused(refusal.Forbidden, steward, "grant.revoke", revoke(second, foreign))
	w.refused(refusal.NotFound, steward, "grant.revoke", revoke(digestOf("none")))
	w.do(steward, "grant.revoke", object{"grant": third, "reason": "before"})
	refused := w.refused(refusal.Decided, steward, "grant.revoke", revoke(second, third))
	w.expect(len(refused.Details), 1)
	w.expect(in(refused.Details[0], "grant"), third)
	w.expect(in(refused.Details[0], "state"), "revoked")
	w.expect(w.state(first), "active")
	w.commits(steward, "grant.revoke", revoke(second), "hanbit") // the owner alone
	w.expect(w.state(first), "revoked")
	w.expect(w.state(second), "revoked")
	w.expect(in(w.ask("grant.get", object{"grant": second}), "grant", "record", "changes", 1, "note"), "all of it")
	w.expect(w.check(nil)["decision"], "deny")
	w.expect(w.state(foreign), "active")
}

// Whatever is written around them, acts on whole ids read the grants' own keys and no range that somebody could write into.
func TestEndingsReadNoRange(t *testing.T) {
	w := sample(t)
	grants := []string{w.granted(), w.granted(), w.granted(), w.granted()}
	held := []*ledgertest.Stub{}
	for _, act := range []struct {
		who, name string
		argument  object
	}{
		{steward, "grant.revoke", object{"grant": grants[0], "reason": "x", "others": []string{grants[1]}}},
		{privacy, "grant.suspend", object{"grant": grants[2], "reason": "x"}},
		{kim, "grant.relinquish", object{"grant": grants[3]}},
	} {
		stub, _, refused := w.simulate(act.who, act.name, text(act.argument))
		if refused != nil {
			t.Fatal(refused)
		}
		held = append(held, stub)
	}
	w.granted() // a request, votes, index entries, another grant
	w.do(steward, "committee.set", object{"role": "privacy", "members": members("z")})
	w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": policy(), "applies": "existing"})
	w.do(steward, "dataset.publish", with(publication(), object{"policy": nil}))
	for _, stub := range held {
		w.expect(w.ledger.Commit(stub, "hanbit"), ledgertest.Valid)
	}
}

func TestRelinquish(t *testing.T) {
	w := sample(t)
	people := object{"researchers": []string{"kim", "lee", "park"}}
	grant := w.grantTo(people)
	w.refused(refusal.Forbidden, "nuri/other:researcher", "grant.relinquish", object{"grant": grant})
	w.refused(refusal.Forbidden, "hanbit/lee:researcher", "grant.relinquish", object{"grant": grant})
	w.later(time.Hour)
	// one leaves, the others stay; the owner's endorsement alone is needed
	w.commits("nuri/lee", "grant.relinquish", object{"grant": grant, "reason": "another project"}, "hanbit")
	w.refused(refusal.Decided, lee, "grant.relinquish", object{"grant": grant})
	w.expect(w.state(grant), "active")
	w.expect(reasons(w.check(object{"for": "nuri/lee"})), []string{"RELINQUISHED"})
	w.expect(w.check(object{"for": "nuri/lee", "at": "2026-11-24T10:30:00Z"})["decision"], "permit")
	w.expect(w.check(nil)["decision"], "permit")
	w.expect(w.check(object{"for": "nuri/park"})["decision"], "permit")
	w.expect(in(w.ask("grant.get", object{"grant": grant}), "grant", "record", "changes", 1, "action"), "grant.left")
	// a suspended one can be given up too, and stays suspended for the others
	w.do(privacy, "grant.suspend", object{"grant": grant, "reason": "x"})
	w.do("nuri/park:researcher", "grant.relinquish", object{"grant": grant})
	w.expect(w.state(grant), "suspended")
	// who asked ends it for all
	w.do(kim, "grant.relinquish", object{"grant": grant})
	w.expect(w.state(grant), "relinquished")
	w.expect(reasons(w.check(nil)), []string{"RELINQUISHED"})
	for who, name := range map[string]string{steward: "grant.revoke", privacy: "grant.lift", kim: "grant.relinquish"} {
		w.refused(refusal.Decided, who, name, with(object{"grant": grant, "reason": "x"}, nil))
	}
	// the last who holds it ends it, and who asked need not be among the grantees
	grant = w.grantTo(object{"researchers": []string{"lee", "park"}})
	w.do(lee, "grant.relinquish", object{"grant": grant})
	w.do("nuri/park:researcher", "grant.relinquish", object{"grant": grant})
	w.expect(w.state(grant), "relinquished")
	grant = w.grantTo(object{"researchers": []string{"lee", "park"}})
	w.do(kim, "grant.relinquish", object{"grant": grant})
	w.expect(w.state(grant), "relinquished")
	grant = w.granted()
	w.later(40 * 24 * time.Hour)
	w.refused(refusal.Expired, kim, "grant.relinquish", object{"grant": grant})
}

// From 150 changes on only what ends a grant is taken.
func TestThereIsAlwaysRoomForTheEnd(t *testing.T) {
	w := sample(t)
	grant := w.grantTo(object{"researchers": []string{"kim", "lee"}})
	argument := object{"grant": grant, "reason": "x"}
	for i := range 149 {
		w.do(privacy, []string{"grant.suspend", "grant.lift"}[i%2], argument)
	}
	w.refused(refusal.LimitExceeded, privacy, "grant.lift", argument)
	w.refused(refusal.LimitExceeded, lee, "grant.relinquish", argument)
	w.do(kim, "grant.relinquish", argument)
	w.expect(w.state(grant), "relinquished")
}

func termed() object {
	return with(policy(), object{"terms": object{"url": "https://hanbit.example/terms", "sha256": digestOf("terms")}})
}

func TestAcceptance(t *testing.T) {
	w := sample(t)
	bare := w.grantTo(object{"researchers": []string{"kim", "lee"}})
	w.refused(refusal.TermsNotAccepted, lee, "grant.accept", object{"grant": bare, "terms": digestOf("terms")})
	w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": termed()})
	w.do(steward, "grant.revoke", object{"grant": bare, "reason": "x"})
	grant := w.grantTo(object{"researchers": []string{"kim", "lee"}, "accepted_terms": digestOf("terms")})
	w.expect(w.check(nil)["decision"], "permit") // kim accepted by asking
	denied := w.check(object{"for": "nuri/lee"})
	w.expect(denied["decision"], "deny")
	w.expect(slices.Contains(reasons(denied), "TERMS_NOT_ACCEPTED"), true)
	at := slices.Index(reasons(denied), "TERMS_NOT_ACCEPTED")
	w.expect(in(denied, "reasons", at, "clause"), "grant/"+grant)
	argument := object{"grant": grant, "terms": digestOf("terms")}
	w.expect(w.refused(refusal.TermsNotAccepted, lee, "grant.accept", with(argument, object{"terms": digestOf("others")})).Field, "terms")
	w.refused(refusal.Forbidden, "nuri/park:researcher", "grant.accept", argument)
	w.refused(refusal.Forbidden, "hanbit/lee:researcher", "grant.accept", argument)
	w.refused(refusal.Decided, kim, "grant.accept", argument)
	w.later(time.Hour)
	w.commits(lee, "grant.accept", argument, "nuri", "saerom")
	w.refused(refusal.Decided, lee, "grant.accept", argument)
	w.expect(w.check(object{"for": "nuri/lee"})["decision"], "permit")
	w.expect(w.check(object{"for": "nuri/lee", "at": "2026-11-24T10:30:00Z"})["decision"], "deny")
	trail := w.ask("audit.trail", object{"dataset": "hanbit/breast-cancer", "page_size": 100})["items"].([]any)
	w.expect(in(trail[len(trail)-1], "record", "type"), "acceptance")
	w.do(lee, "grant.relinquish", object{"grant": grant})
	w.refused(refusal.Decided, lee, "grant.accept", argument)
	w.do(steward, "grant.revoke", object{"grant": grant, "reason": "x"})
	w.refused(refusal.Decided, lee, "grant.accept", argument)
}

// An acceptance that another institution made up, or that is somebody else's word, counts for nothing.
func TestForgedAcceptances(t *testing.T) {
	w := sample(t)
	w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": termed()})
	grant := w.grantTo(object{"researchers": []string{"kim", "lee"}, "accepted_terms": digestOf("terms")})
	argument := object{"grant": grant, "terms": digestOf("terms")}
	w.forge("nuri", lee, "grant.accept", argument)
	denied := w.check(object{"for": "nuri/lee"})
	w.expect(denied["decision"], "deny")
	w.expect(slices.Contains(reasons(denied), "TERMS_NOT_ACCEPTED") && slices.Contains(reasons(denied), "FORGED"), true)
	key := w.only("acceptance/")
	honest := string(w.ledger.Value(key))
	for says, change := range map[string][2]string{
		"somebody else's word": {`"by":{"id":"lee"`, `"by":{"id":"kim"`},
		"other terms":          {digestOf("terms"), digestOf("others")},
		"another grant":        {`"grant":"` + grant, `"grant":"` + digestOf("g")},
		"another owner":        {`"owner":"nuri"`, `"owner":"saerom"`},
	} {
		forged := strings.Replace(honest, change[0], change[1], 1)
		if forged == honest {
			t.Fatalf("%s: %s is not in %s", says, change[0], honest)
		}
		w.ledger.Attack(put(key, forged), seal("nuri", key, forged), seal("saerom", key, forged))
		if answer := w.check(object{"for": "nuri/lee"}); answer["decision"] != "deny" {
			t.Errorf("%s: %v", says, answer)
		}
	}
	w.do(lee, "grant.accept", argument)
	w.expect(w.check(object{"for": "nuri/lee"})["decision"], "permit")
}

// A status that its changes do not say, and a suspension that only a held transaction would undo.
func TestASuspensionThatIsUndone(t *testing.T) {
	w := sample(t)
	grant := w.granted()
	argument := object{"grant": grant, "reason": "x"}
	w.do(privacy, "grant.suspend", argument)
	held, _, _ := w.simulate(privacy, "grant.lift", text(argument))
	w.do(privacy, "grant.lift", argument)
	w.do(privacy, "grant.suspend", argument)
	w.expect(w.ledger.Commit(held, institutions...), ledgertest.MVCCReadConflict)
	w.expect(w.state(grant), "suspended")
	// a revocation that was held is worth nothing after a suspension, and is made anew
	held, _, _ = w.simulate(steward, "grant.revoke", text(argument))
	w.do(privacy, "grant.lift", argument)
	w.expect(w.ledger.Commit(held, institutions...), ledgertest.MVCCReadConflict)
	w.do(privacy, "grant.suspend", argument)
	// others' chaincode overwrites the record with one that is not suspended
	key := "grant/" + grant
	suspended := string(w.ledger.Value(key))
	w.ledger.Attack(put(key, strings.Replace(suspended, `"status":"suspended"`, `"status":"active"`, 1)))
	w.expect(reasons(w.check(nil)), []string{"FORGED", "NO_GRANT"})
	// and the owner itself says something else than its changes: that is no grant
	mended := strings.Replace(suspended, `"status":"suspended"`, `"status":"active"`, 1)
	w.ledger.Attack(put(key, mended), seal("hanbit", key, mended))
	w.expect(reasons(w.check(nil)), []string{"GRANT_REVOKED"})
}

func TestOthers(t *testing.T) {
	w := sample(t)
	first := w.grantTo(object{"researchers": []string{"kim", "lee"}})
	both := w.grantTo(object{"researchers": []string{"lee", "kim"}})
	alone := w.grantTo(object{"researchers": []string{"lee"}})
	w.grantTo(object{"researchers": []string{"park"}}) // nobody of the first
	revoked := w.granted()
	w.do(steward, "grant.revoke", object{"grant": revoked, "reason": "x"})
	w.do(steward, "dataset.publish", with(publication(), object{"policy": nil}))
	w.rests(nil)
	version := w.grantTo(object{"researchers": []string{"kim"}, "version": 2})
	ended := w.grantTo(object{"researchers": []string{"kim"}, "duration_seconds": 60})
	suspended := w.grantTo(object{"researchers": []string{"park", "lee"}})
	w.do(privacy, "grant.suspend", object{"grant": suspended, "reason": "x"})
	w.later(time.Hour)
	seen := func(grant string, size int) map[string]string {
		found, bookmark := map[string]string{}, ""
		for range 20 {
			answer := w.ask("grant.others", object{"grant": grant, "page_size": size, "bookmark": bookmark})
			items := answer["items"].([]any)
			if len(items) > size {
				t.Fatalf("%d items on a page of %d", len(items), size)
			}
			for _, item := range items {
				id := in(item, "grant", "record", "id").(string)
				if found[id] != "" {
					t.Fatalf("%s stands there twice", id)
				}
				found[id] = fmt.Sprint(in(item, "state"), in(item, "people"))
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
		w.expect(len(found), 4)
		w.expect(found[both], "active[lee kim]")
		w.expect(found[alone], "active[lee]")
		w.expect(found[version], "active[kim]")
		w.expect(found[suspended], "suspended[lee]")
		w.expect(found[ended], "")
	}
	w.do(lee, "grant.relinquish", object{"grant": both})
	w.expect(seen(first, 2)[both], "active[kim]")
	w.do(lee, "grant.relinquish", object{"grant": suspended})
	w.expect(len(seen(first, 2)), 3)
	w.do(steward, "grant.revoke", object{"grant": first, "reason": "x", "others": []string{both, alone, version}})
	w.expect(len(seen(first, 2)), 0) // it answers about an ended grant too
	for _, bookmark := range []string{"x", "2.", "-1.", ".", "0.x", "0", "0." + strings.Repeat("A", 100)} {
		w.refused(refusal.Invalid, kim, "grant.others", object{"grant": first, "bookmark": bookmark})
	}
}

// A check reads a fixed number of things more for terms and for a grant that joins, however many people and grants there are.
func TestWhatACheckCosts(t *testing.T) {
	cost := func(crowd int) (plain, accepted, joined int) {
		w := sample(t)
		w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": termed()})
		people := []string{"kim", "lee"}
		for i := range crowd {
			people = append(people, fmt.Sprintf("r%d", i))
		}
		grant := w.grantTo(object{"researchers": people, "accepted_terms": digestOf("terms")})
		for _, id := range people[1:] {
			w.do("nuri/"+id+":researcher", "grant.accept", object{"grant": grant, "terms": digestOf("terms")})
		}
		for i := range crowd {
			w.grantTo(object{"joins": grant, "researchers": []string{fmt.Sprintf("j%d", i)}, "accepted_terms": digestOf("terms")})
		}
		by := object{"joins": grant, "researchers": []string{"mo"}, "accepted_terms": digestOf("terms")}
		w.do("nuri/mo:researcher", "grant.accept", object{"grant": w.grantTo(by), "terms": digestOf("terms")})
		of := func(person string) int {
			w.expect(w.check(object{"for": person})["decision"], "permit")
			return w.last.RoundTrips
		}
		return of("nuri/kim"), of("nuri/lee"), of("nuri/mo")
	}
	plain, accepted, joined := cost(0)
	if accepted != plain+2 || joined != accepted+2 { // a range and a seal; a key and a seal
		t.Errorf("%d, with terms %d, joined %d", plain, accepted, joined)
	}
	if p, a, j := cost(7); p != plain || a != accepted || j != joined {
		t.Errorf("with others: %d, with terms %d, joined %d", p, a, j)
	}
}
