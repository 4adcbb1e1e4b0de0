package contract_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

// The attacks that altered chaincode of a majority can make on new keys, in memory; tests/network/attacks makes them for real.

func put(key, value string) ledgertest.Write { return ledgertest.Write{Key: key, Value: []byte(value)} }
func seal(owner, key, value string) ledgertest.Write {
	return ledgertest.Write{Collection: ledger.SealCollection(owner), Key: key, Value: ledger.Seal(key, []byte(value))}
}

// only gives the one key under a prefix.
func (w *world) only(prefix string) string {
	w.Helper()
	keys := w.ledger.Keys(prefix)
	if len(keys) != 1 {
		w.Fatalf("%d keys under %s", len(keys), prefix)
	}
	return keys[0]
}

// forge simulates a transaction and commits its writes without the seals of one institution.
func (w *world) forge(without, who, name string, argument object) string {
	w.Helper()
	stub, _, refused := w.simulate(who, name, text(argument))
	if refused != nil {
		w.Fatal(refused)
	}
	for _, write := range stub.Writes {
		if write.Collection != ledger.SealCollection(without) {
			w.ledger.Attack(write)
		}
	}
	return stub.GetTxID()
}

func TestAForgedRecordCountsForNothing(t *testing.T) {
	w := sample(t)
	id := w.forge("hanbit", steward, "dataset.publish", with(publication(), object{"slug": "ghost"}))
	refused := w.refused(refusal.Forged, kim, "dataset.get", object{"dataset": "hanbit/ghost"})
	w.expect(in(refused.Details[0], "key"), "dataset/hanbit/ghost/"+id)
	denied := w.check(object{"dataset": "hanbit/ghost"})
	w.expect(denied["decision"], "deny")
	w.expect(reasons(denied), []string{"FORGED"})
	w.expect(in(denied, "reasons", 0, "clause"), "dataset/hanbit/ghost/"+id)
	items := w.ask("dataset.list", object{"owner": "hanbit"})["items"].([]any)
	w.expect(in(items, 1, "forged"), "it carries no seal of hanbit")
	w.expect(in(items, 1, "sealed"), false)
	trail := w.ask("audit.trail", object{"dataset": "hanbit/ghost"})["items"].([]any)
	w.expect(in(trail, 0, "forged"), "it carries no seal of hanbit")
	// the owner is not kept from its name
	w.do(steward, "dataset.publish", with(publication(), object{"slug": "ghost"}))
	w.expect(in(w.ask("dataset.get", object{"dataset": "hanbit/ghost"}), "dataset", "sealed"), true)
}

func TestARecordOfAnInstitutionThatIsNotThere(t *testing.T) {
	w := sample(t)
	w.do(operator, "institution.set", profile())
	tx := strings.Repeat("ab", 32)
	key := w.only("institution/hanbit/")
	record := strings.NewReplacer("hanbit", "ghost", strings.Split(key, "/")[2], tx).Replace(text(w.ask("institution.get", object{"institution": "hanbit"})["record"].(object)))
	w.ledger.Attack(put("institution/ghost/"+tx, record))
	items := w.ask("institution.list", object{})["items"].([]any)
	w.expect(len(items), 2)
	w.expect(in(items, 0, "forged"), "ghost is no institution of this channel")
	w.refused(refusal.Forged, kim, "institution.get", object{"institution": "ghost"})
}

func TestForgedVoteAndGrant(t *testing.T) {
	w := sample(t)
	id := w.submitted()
	w.vote("saerom/e-1:ethics", id, "approve")
	w.vote("hanbit/a:dac", id, "approve")
	grant := w.forge("hanbit", "hanbit/b:dac", "request.vote", w.ballot(id, "approve", "dac"))
	denied := w.check(nil)
	w.expect(denied["decision"], "deny")
	w.expect(reasons(denied), []string{"FORGED", "NO_GRANT"})
	w.expect(in(denied, "reasons", 0, "clause"), "grant/"+grant)
	shown := w.ask("request.get", object{"request": id})
	w.expect(shown["state"], "in-review")
	w.expect(in(shown, "not_counted", 0, "key"), "vote/"+id+"/"+grant)
	w.refused(refusal.Forged, "hanbit/p:privacy", "grant.revoke", object{"grant": grant, "reason": "x"})
	// the real member has not voted, and may
	w.expect(w.vote("hanbit/b:dac", id, "approve")["state"], "approved")
	w.expect(w.check(nil)["decision"], "permit")
}

// The owner seals a grant without the vote that its own policy asks of another institution.
func TestAGrantWithoutItsEvidence(t *testing.T) {
	w := sample(t)
	id := w.submitted()
	w.vote("hanbit/a:dac", id, "approve")
	w.vote("hanbit/b:dac", id, "approve")
	vote := w.forge("saerom", "saerom/e-1:ethics", "request.vote", w.ballot(id, "approve", "ethics"))
	w.expect(in(w.ask("grant.get", object{"grant": vote}), "grant", "sealed"), true)
	denied := w.check(nil)
	w.expect(denied["decision"], "deny")
	w.expect(reasons(denied), []string{"FORGED", "EVIDENCE_MISSING"})
	w.expect(in(denied, "reasons", 0, "clause"), "vote/"+id+"/"+vote)
}

// The owner seals a grant in the transaction of the vote that completes a *rejection*: all that it says is true but that it was approved.
func TestAGrantOfARejectedRequest(t *testing.T) {
	honest := sample(t)
	granted := honest.granted()
	record := honest.ask("grant.get", object{"grant": granted})["grant"].(object)["record"].(object)
	entry := honest.only("i/grant-person/nuri/kim/")

	w := sample(t) // the same world, in which they reject
	id := w.submitted()
	w.expect(in(record, "body", "request"), id)
	w.vote("hanbit/a:dac", id, "reject")
	w.expect(w.vote("hanbit/b:dac", id, "reject")["state"], "rejected")
	rejection := w.last.GetTxID()
	rejected := w.ask("request.get", object{"request": id})
	var votes []object
	for _, vote := range rejected["votes"].([]any) {
		votes = append(votes, object{"key": in(vote, "key"), "digest": in(vote, "digest")})
	}
	w.expect(votes[1]["key"], "vote/"+id+"/"+rejection)
	body := with(record["body"].(object), object{"votes": votes, "request_digest": in(rejected, "request", "digest")})
	key, value := "grant/"+rejection, strings.ReplaceAll(text(with(record, object{"body": body})), granted, rejection)
	w.ledger.Attack(put(key, value), seal("hanbit", key, value), put(strings.Replace(entry, granted, rejection, 1), "1"))
	w.expect(in(w.ask("grant.get", object{"grant": rejection}), "state"), "active") // its owner did seal it
	denied := w.check(nil)
	w.expect(denied["decision"], "deny")
	w.expect(reasons(denied), []string{"EVIDENCE_MISSING"})
	w.expect(in(denied, "reasons", 0, "clause"), "request/"+id)
}

// The owner seals an approved grant once more, in another transaction than the vote that completed the approval: one approval makes one grant, and what is revoked
// does not come back under another id.
func TestAGrantOfAnotherTransaction(t *testing.T) {
	w := sample(t)
	grant := w.granted()
	twin := digestOf("twin")
	key, value := "grant/"+twin, strings.ReplaceAll(string(w.ledger.Value("grant/"+grant)), grant, twin)
	value = strings.ReplaceAll(value, "/"+twin, "/"+grant) // the votes that it names stay the honest ones
	entry := w.only("i/grant-person/nuri/kim/")
	w.do(steward, "grant.revoke", object{"grant": grant, "reason": "x"})
	w.ledger.Attack(put(key, value), seal("hanbit", key, value), put(strings.Replace(entry, grant, twin, 1), "1"))
	w.expect(in(w.ask("grant.get", object{"grant": twin}), "state"), "active")
	denied := w.check(nil)
	w.expect(denied["decision"], "deny")
	got := reasons(denied)
	slices.Sort(got)
	w.expect(got, []string{"EVIDENCE_MISSING", "GRANT_REVOKED"})
}

// The owner seals a grant that says more than the request.
func TestAGrantThatSaysMore(t *testing.T) {
	w := sample(t)
	grant := w.granted()
	for from, to := range map[string]string{
		`"until":"2026-12-24T10:00:00Z"`: `"until":"2126-12-24T10:00:00Z"`,
		`"grantees":["kim"]`:             `"grantees":["kim","lee"]`,
		`"mode":"download"`:              `"mode":"enclave"`,
		`"ICD10:C50.1"`:                  `"ICD10:C50"`,
		`"votes":[{`:                     `"votes":[{"digest":"` + digestOf("x") + `","key":"vote/x"},{`,
	} {
		honest := string(w.ledger.Value("grant/" + grant))
		changed := strings.Replace(honest, from, to, 1)
		if changed == honest {
			t.Fatalf("nothing is changed by %s in %s", from, honest)
		}
		w.ledger.Attack(put("grant/"+grant, changed), seal("hanbit", "grant/"+grant, changed))
		if answer := w.check(nil); answer["decision"] == "permit" {
			t.Errorf("%s: %v", to, answer)
		}
		w.ledger.Attack(put("grant/"+grant, honest), seal("hanbit", "grant/"+grant, honest))
	}
	w.expect(w.check(nil)["decision"], "permit")
}

func TestASealThatDiffers(t *testing.T) {
	w := sample(t)
	grant := w.granted()
	key := "grant/" + grant
	honest := string(w.ledger.Value(key))
	w.do(steward, "grant.revoke", object{"grant": grant, "reason": "x"})
	w.ledger.Attack(put(key, honest)) // the revocation is overwritten, its seal stays
	w.expect(reasons(w.check(nil)), []string{"FORGED", "NO_GRANT"})
	w.expect(in(w.ask("grant.list", object{}), "items", 0, "forged"), "it differs from what hanbit sealed")
	w.ledger.Attack(ledgertest.Write{Key: key, Delete: true})
	w.expect(in(w.ask("grant.list", object{}), "items", 0, "forged"), "an index entry leads to it, and nothing stands there")
	w.expect(w.check(nil)["decision"], "deny")
}

// A record that its forger does seal, where it does not belong.
func TestARecordThatDoesNotFitItsKey(t *testing.T) {
	w := sample(t)
	grant := w.granted()
	honest := string(w.ledger.Value("grant/" + grant))
	other := digestOf("other")
	for says, forged := range map[string]struct{ key, value, owner string }{
		"another key":               {"grant/" + other, honest, "hanbit"},
		"another owner":             {"grant/" + other, strings.ReplaceAll(strings.ReplaceAll(honest, grant, other), `"owner":"hanbit"`, `"owner":"nuri"`), "nuri"},
		"another dataset, own seal": {"grant/" + other, strings.ReplaceAll(strings.ReplaceAll(honest, grant, other), "hanbit/breast-cancer", "nuri/breast-cancer"), "nuri"},
		"another id":                {"grant/" + other, strings.Replace(honest, `"id":"`+grant, `"id":"`+other, 1), "hanbit"},
		"another type":              {"grant/" + other, strings.Replace(strings.ReplaceAll(honest, grant, other), `"type":"grant"`, `"type":"vote"`, 1), "hanbit"},
		"dates out of order":        {"grant/" + other, strings.Replace(strings.ReplaceAll(honest, grant, other), `"updated_at":"2026`, `"updated_at":"2025`, 1), "hanbit"},
		"dated far ahead":           {"grant/" + other, strings.ReplaceAll(strings.ReplaceAll(honest, grant, other), "2026-11-24T10:00:00Z", "2026-11-24T10:10:01Z"), "hanbit"},
		"no JSON":                   {"grant/" + other, "{", "hanbit"},
		"no object":                 {"grant/" + other, "[]", "hanbit"},
		"twice the same member":     {"grant/" + other, `{"type":"grant",` + strings.ReplaceAll(honest, grant, other)[1:], "hanbit"},
	} {
		w.ledger.Attack(put(forged.key, forged.value), seal(forged.owner, forged.key, forged.value))
		_, answer, refused := w.simulate(kim, "grant.get", text(object{"grant": other}))
		if refused == nil || refused.Code != refusal.Forged {
			t.Errorf("%s: %v %v", says, refused, answer)
		}
		w.ledger.Attack(ledgertest.Write{Key: forged.key, Delete: true})
	}
	w.expect(w.check(nil)["grant"], grant)
}

// An owner whose chaincode is not ours seals two records under one name.
func TestTwoSealedUnderOneName(t *testing.T) {
	w := sample(t)
	key := w.only("dataset/hanbit/breast-cancer/")
	value := string(w.ledger.Value(key))
	tx := key[strings.LastIndexByte(key, '/')+1:]
	twin := strings.Replace(key, tx, digestOf("twin"), 1)
	copied := strings.ReplaceAll(value, tx, digestOf("twin"))
	w.ledger.Attack(put(twin, copied), seal("hanbit", twin, copied))
	w.expect(len(w.refused(refusal.Forged, kim, "dataset.get", object{"dataset": "hanbit/breast-cancer"}).Details), 2)
	w.expect(w.check(nil)["decision"], "deny")
}

// A requester whose chaincode is not ours seals a request that ours would have refused.
func TestARequestThatTheContractRefuses(t *testing.T) {
	w := sample(t)
	honest := w.submitted()
	value := string(w.ledger.Value("request/" + honest))
	forge := func(from, to string) string {
		id := digestOf("forged" + to)
		changed := strings.Replace(strings.ReplaceAll(value, honest, id), from, to, 1)
		if !strings.Contains(changed, to) {
			t.Fatalf("%s is not in %s", from, value)
		}
		w.ledger.Attack(put("request/"+id, changed), seal("nuri", "request/"+id, changed))
		return id
	}
	for from, to := range map[string]string{
		`"duration_seconds":2592000`:             `"duration_seconds":3153600000`,
		`"mode":"download"`:                      `"mode":"federated"`,
		`"ICD10:C50.1"`:                          `"ICD10:E11"`,
		`"kind":"disease"`:                       `"kind":"clinical-care"`,
		`"researchers":["kim"]`:                  `"researchers":["kim/../lee"]`,
		`"researchers":["kim"],`:                 `"researchers":[],`,
		`"id":"kim","institution":"nuri"}`:       `"id":"","institution":"nuri"}`,
		`"review_until":"2026-12-24T10:00:00Z"`:  `"review_until":"2126-12-24T10:00:00Z"`,
		`"policy_digest":"`:                      `"policy_digest":"0`,
		`"dataset":"hanbit/breast-cancer","dur`:  `"dataset":"hanbit/none","dur`,
		`"requester":{"id":"kim","institution":`: `"requester":{"id":"kim","x":1,"institution":`,
	} {
		id := forge(from, to)
		_, _, refused := w.simulate(kim, "request.get", text(object{"request": id}))
		if strings.Contains(to, `"x":1`) {
			if refused != nil {
				t.Errorf("a member of a later version is passed over: %v", refused)
			}
			continue
		}
		if refused == nil || refused.Code != refusal.Forged && refused.Code != refusal.NotFound {
			t.Errorf("%s: %v", to, refused)
		}
	}
	list := w.ask("request.list", object{"owner": "hanbit"})["items"].([]any)
	w.expect(len(list), 1)
}

// An owner seals a policy past the bounds, which the rules rely on.
func TestAPolicyThatTheContractRefuses(t *testing.T) {
	w := sample(t)
	key := w.only("policy/hanbit/breast-cancer/")
	value := string(w.ledger.Value(key))
	stage := `{"institution":"hanbit","role":"dac","threshold":2}`
	changed := strings.Replace(value, stage, stage+strings.Repeat(","+stage, 100), 1)
	w.ledger.Attack(put(key, changed), seal("hanbit", key, changed))
	w.refused(refusal.Forged, kim, "explain", object{"dataset": "hanbit/breast-cancer", "purpose": object{"kind": "origins"}, "mode": "download"})
	w.expect(in(w.ask("dataset.list", object{}), "items", 0, "forged") != nil, true)
}

// Index entries that lead nowhere, or to what is elsewhere, hide nothing and show nothing twice.
func TestFalseIndexEntries(t *testing.T) {
	w := sample(t)
	grant := w.granted()
	for i := range 300 {
		w.ledger.Attack(put("i/grant-person/nuri/kim/hanbit/breast-cancer/000000000000/"+digestOf(string(rune(i))), "1"))
	}
	answer := w.check(nil)
	w.expect(answer["grant"], grant)
	w.expect(len(reasons(answer)), 21)
	w.ledger.Attack(
		put("i/grant-all/000000000001/"+grant, "1"), put("i/grant-holder/saerom/000000000001/"+grant, "1"),
		put("i/request-waiting/hanbit/dac/999999999999/"+grant, "1"), put("i/trail/hanbit/breast-cancer/000000000001/grant/"+grant, "1"),
		put("i/trail/hanbit/breast-cancer/000000000002/what/else", "1"), put("i/trail/hanbit/breast-cancer/000000000003", "1"),
	)
	w.expect(len(w.ask("grant.list", object{})["items"].([]any)), 1)
	w.expect(len(w.ask("grant.list", object{"holder": "saerom"})["items"].([]any)), 0)
	w.expect(in(w.ask("request.list", object{"waiting_for": "hanbit/dac"}), "items", 0, "forged") != nil, true)
	trail := w.ask("audit.trail", object{"dataset": "hanbit/breast-cancer"})["items"].([]any)
	w.expect(in(trail, 0, "forged"), "no record of a dataset has such a key")
}

// More keys than a peer reads at once are refused, never read as if they were all.
func TestACrowdedRange(t *testing.T) {
	w := sample(t)
	crowd := []ledgertest.Write{}
	for i := range 10_000 {
		crowd = append(crowd, put("dataset/hanbit/breast-cancer/0"+digestOf(time.Duration(i).String()), "1"))
	}
	w.ledger.Attack(crowd...)
	w.refused(refusal.Internal, kim, "dataset.get", object{"dataset": "hanbit/breast-cancer"})
}

// Somebody keeps an endorsed transaction and hands it in after the world has changed.
func TestHeldTransactions(t *testing.T) {
	w := sample(t)
	hold := func(who, name string, argument object) *ledgertest.Stub {
		t.Helper()
		stub, _, refused := w.simulate(who, name, text(argument))
		if refused != nil {
			t.Fatal(refused)
		}
		return stub
	}
	stale := func(stub *ledgertest.Stub) {
		t.Helper()
		if code := w.ledger.Commit(stub, institutions...); code != ledgertest.MVCCReadConflict && code != ledgertest.PhantomReadConflict {
			t.Error(code)
		}
	}
	id := w.submitted()
	w.vote("saerom/e-1:ethics", id, "approve")
	w.vote("hanbit/a:dac", id, "approve")
	approval := hold("hanbit/b:dac", "request.vote", w.ballot(id, "approve", "dac"))
	withdrawal := hold(kim, "request.withdraw", object{"request": id})
	w.do(steward, "committee.set", object{"role": "dac", "members": members("a", "c")})
	stale(approval) // past the loss of the seat
	approval = hold("hanbit/c:dac", "request.vote", w.ballot(id, "approve", "dac"))
	w.set(object{"review_period_seconds": 86400}, nil)
	stale(approval) // past a change of policy
	stale(withdrawal)

	id = w.submitted()
	w.vote("saerom/e-1:ethics", id, "approve")
	w.vote("hanbit/a:dac", id, "approve")
	approval = hold("hanbit/c:dac", "request.vote", w.ballot(id, "approve", "dac"))
	w.do(kim, "request.withdraw", object{"request": id})
	stale(approval) // past the withdrawal

	w.do(steward, "committee.set", object{"role": "dac", "members": members("a", "b", "c")})
	grant := w.granted()
	revocation := hold(steward, "grant.revoke", object{"grant": grant, "reason": "first"})
	w.do("hanbit/p:privacy", "grant.revoke", object{"grant": grant, "reason": "second"})
	stale(revocation)
	w.expect(in(w.ask("grant.get", object{"grant": grant}), "grant", "record", "changes", 1, "note"), "second")

	// of two votes that race, one counts and the other is proposed again
	id = w.submitted()
	first := hold("hanbit/a:dac", "request.vote", w.ballot(id, "approve", "dac"))
	second := hold("hanbit/b:dac", "request.vote", w.ballot(id, "approve", "dac"))
	w.expect(w.ledger.Commit(first, institutions...), ledgertest.Valid)
	w.expect(w.ledger.Commit(second, institutions...), ledgertest.PhantomReadConflict)
	w.vote("hanbit/b:dac", id, "approve")

	// two that publish the same new name
	argument := with(publication(), object{"slug": "raced"})
	first, second = hold(steward, "dataset.publish", argument), hold(steward, "dataset.publish", argument)
	w.expect(w.ledger.Commit(first, institutions...), ledgertest.Valid)
	stale(second)
}

func TestTheClock(t *testing.T) {
	w := sample(t)
	creator := ledgertest.Person("hanbit", "op", "operator")
	for _, off := range []time.Duration{time.Hour, 10 * time.Minute, 5*time.Minute + time.Second} {
		for _, at := range []time.Time{w.now.Add(off), w.now.Add(-off)} {
			for _, name := range []string{"institution.set", "contract.version"} {
				argument := map[string]string{"institution.set": text(profile()), "contract.version": "{}"}[name]
				if _, _, refused := w.simulateAs(creator, at, name, argument); refused == nil || refused.Code != refusal.Clock {
					t.Errorf("%s, %s off: %v", name, off, refused)
				}
			}
		}
	}
	if _, _, refused := w.simulateAs(creator, w.now.Add(4*time.Minute), "institution.set", text(profile())); refused != nil {
		t.Error(refused)
	}
	if _, _, refused := w.simulateAs(creator, time.Time{}, "institution.set", text(profile())); refused == nil || refused.Code != refusal.Clock {
		t.Error(refused)
	}
}

// Dating a vote back within the clock's tolerance brings no lost seat back.
func TestTheEffectiveTime(t *testing.T) {
	w := sample(t)
	id := w.submitted()
	w.later(4 * time.Minute)
	w.do(steward, "committee.set", object{"role": "dac", "members": members("b", "c")})
	ballot := text(w.ballot(id, "approve", "dac"))
	back := w.now.Add(-3 * time.Minute)
	if _, _, refused := w.simulateAs(ledgertest.Person("hanbit", "a", "dac"), back, "request.vote", ballot); refused == nil || refused.Code != refusal.Forbidden {
		t.Fatal(refused)
	}
	stub, answer, refused := w.simulateAs(ledgertest.Person("hanbit", "b", "dac"), back, "request.vote", ballot)
	if refused != nil || w.ledger.Commit(stub, institutions...) != ledgertest.Valid {
		t.Fatal(refused)
	}
	w.expect(in(answer, "vote", "updated_at"), "2026-11-24T10:04:00Z")
}

func TestCallers(t *testing.T) {
	w := sample(t)
	attributes := func(id, roles string) map[string]string {
		return map[string]string{"hf.EnrollmentID": id, "medconsent.roles": roles}
	}
	for says, creator := range map[string][]byte{
		"no identity":              nil,
		"no certificate":           []byte("\x0a\x06hanbit\x12\x01x"),
		"not an institution":       ledgertest.Creator("HanbitMSP", "op", attributes("op", "operator")),
		"another common name":      ledgertest.Creator("hanbit", "op", attributes("other", "operator")),
		"no enrolment id":          ledgertest.Creator("hanbit", "op", map[string]string{"medconsent.roles": "operator"}),
		"an id of another grammar": ledgertest.Creator("hanbit", "Op", attributes("Op", "operator")),
		"an id with a slash":       ledgertest.Creator("hanbit", "op/x", attributes("op/x", "operator")),
		"no role":                  ledgertest.Creator("hanbit", "op", attributes("op", "")),
		"a role that begins alike": ledgertest.Creator("hanbit", "op", attributes("op", "operators,Operator")),
		"a time that is to come":   ledgertest.CreatorFrom(w.now.Add(5*time.Minute+time.Second), "hanbit", "op", attributes("op", "operator")),
	} {
		_, _, refused := w.simulateAs(creator, w.now, "institution.set", text(profile()))
		if refused == nil || refused.Code != refusal.Forbidden && refused.Code != refusal.Internal {
			t.Errorf("%s: %v", says, refused)
		}
	}
	if _, _, refused := w.simulateAs(ledgertest.CreatorFrom(w.now.Add(5*time.Minute), "hanbit", "op", attributes("op", "operator")), w.now, "institution.set", text(profile())); refused != nil {
		t.Error("a CA whose clock is a little ahead:", refused)
	}
	_, answer, refused := w.simulateAs(ledgertest.Creator("hanbit", "op", attributes("op", "steward, operator,king")), w.now, "institution.set", text(profile()))
	if refused != nil || len(in(answer, "changes", 0, "by", "roles").([]any)) != 2 {
		t.Error(refused, answer)
	}
	// a query needs no enrolment id
	if _, _, refused := w.simulateAs(ledgertest.Creator("hanbit", "peer", nil), w.now, "dataset.list", "{}"); refused != nil {
		t.Error(refused)
	}
}

// A requester who kept the index entries' policies for themself holds no rejection back.
func TestEntriesThatTheRequesterGuards(t *testing.T) {
	w := sample(t)
	id := w.submitted()
	policy, err := ledger.PeersOf("nuri")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range append(w.ledger.Keys("i/request-open/"), w.ledger.Keys("i/request-waiting/")...) {
		w.ledger.Attack(ledgertest.Write{Key: key, Policy: policy})
	}
	for _, voter := range []string{"saerom/e-1:ethics", "saerom/e-2:ethics"} {
		stub, _, refused := w.simulate(voter, "request.vote", text(w.ballot(id, "reject", "ethics")))
		if refused != nil {
			t.Fatal(refused)
		}
		w.expect(w.ledger.Commit(stub, "saerom", "hanbit"), ledgertest.Valid)
	}
	w.expect(w.ask("request.get", object{"request": id})["state"], "rejected")
}
