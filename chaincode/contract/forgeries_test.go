package contract_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

func TestAForgedRecordCountsForNothing(t *testing.T) {
	w := sample.New(t)
	id := w.Forge("hanbit", sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"slug": "ghost"}))
	refused := w.Refused(refusal.Forged, sample.Kim, "dataset.get", object{"dataset": "hanbit/ghost"})
	w.Expect(sample.In(refused.Details[0], "key"), "dataset/hanbit/ghost/"+id)
	denied := w.Check(object{"dataset": "hanbit/ghost"})
	w.Expect(denied["decision"], "deny")
	w.Expect(sample.Reasons(denied), []string{"FORGED"})
	w.Expect(sample.In(denied, "reasons", 0, "clause"), "dataset/hanbit/ghost/"+id)
	items := w.Ask("dataset.list", object{"owner": "hanbit"})["items"].([]any)
	w.Expect(sample.In(items, 1, "forged"), "it carries no seal of hanbit")
	w.Expect(sample.In(items, 1, "sealed"), false)
	trail := w.Ask("audit.trail", object{"dataset": "hanbit/ghost"})["items"].([]any)
	w.Expect(sample.In(trail, 0, "forged"), "it carries no seal of hanbit")
	// the owner is not kept from its name
	w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"slug": "ghost"}))
	w.Expect(sample.In(w.Ask("dataset.get", object{"dataset": "hanbit/ghost"}), "dataset", "sealed"), true)
}

func TestARecordOfAnInstitutionThatIsNotThere(t *testing.T) {
	w := sample.New(t)
	w.Do(sample.Operator, "institution.set", sample.Profile())
	tx := strings.Repeat("ab", 32)
	key := w.Only("institution/hanbit/")
	record := strings.NewReplacer("hanbit", "ghost", strings.Split(key, "/")[2], tx).Replace(sample.Text(w.Ask("institution.get", object{"institution": "hanbit"})["record"].(object)))
	w.Ledger.Attack(sample.Put("institution/ghost/"+tx, record))
	items := w.Ask("institution.list", object{})["items"].([]any)
	w.Expect(len(items), 3)
	w.Expect(sample.In(items, 0, "forged"), "ghost is no institution of this channel")
	w.Refused(refusal.Forged, sample.Kim, "institution.get", object{"institution": "ghost"})
}

func TestForgedVoteAndGrant(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	w.Vote("saerom/e-1:ethics", id, "approve")
	w.Vote("hanbit/a:dac", id, "approve")
	grant := w.Forge("hanbit", "hanbit/b:dac", "request.vote", w.Ballot(id, "approve", "dac"))
	denied := w.Check(nil)
	w.Expect(denied["decision"], "deny")
	w.Expect(sample.Reasons(denied), []string{"FORGED", "NO_GRANT"})
	w.Expect(sample.In(denied, "reasons", 0, "clause"), "grant/"+grant)
	shown := w.Ask("request.get", object{"request": id})
	w.Expect(shown["state"], "in-review")
	w.Expect(len(shown["votes"].([]any)), 2) // a vote stands in its institution's collection and nowhere else
	w.Refused(refusal.Forged, "hanbit/p:privacy", "grant.revoke", object{"grant": grant, "reason": "x"})
	// the real member has not voted, and may
	w.Expect(w.Vote("hanbit/b:dac", id, "approve")["state"], "approved")
	w.Expect(w.Check(nil)["decision"], "permit")
}

// The owner seals a grant without the vote that its own policy asks of another institution.
func TestAGrantWithoutItsEvidence(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	w.Vote("hanbit/a:dac", id, "approve")
	w.Vote("hanbit/b:dac", id, "approve")
	vote := w.Forge("saerom", "saerom/e-1:ethics", "request.vote", w.Ballot(id, "approve", "ethics"))
	w.Expect(sample.In(w.Ask("grant.get", object{"grant": vote}), "grant", "sealed"), true)
	denied := w.Check(nil)
	w.Expect(denied["decision"], "deny")
	w.Expect(sample.Reasons(denied), []string{"FORGED", "EVIDENCE_MISSING"})
	w.Expect(sample.In(denied, "reasons", 0, "clause"), "vote/"+id+"/"+vote)
}

// The owner seals a grant in the transaction of the vote that completes a *rejection*: all that it says is true but that it was approved.
func TestAGrantOfARejectedRequest(t *testing.T) {
	honest := sample.New(t)
	granted := honest.Granted()
	record := honest.Ask("grant.get", object{"grant": granted})["grant"].(object)["record"].(object)

	w := sample.New(t) // the same world, in which they reject
	id := w.Submitted()
	w.Expect(sample.In(record, "body", "request"), id)
	w.Vote("hanbit/a:dac", id, "reject")
	w.Expect(w.Vote("hanbit/b:dac", id, "reject")["state"], "rejected")
	rejection := w.Last.GetTxID()
	rejected := w.Ask("request.get", object{"request": id})
	var votes []object
	for _, vote := range rejected["votes"].([]any) {
		votes = append(votes, object{"key": sample.In(vote, "key"), "digest": sample.In(vote, "digest")})
	}
	w.Expect(votes[1]["key"], "vote/"+id+"/"+rejection)
	body := sample.With(record["body"].(object), object{"votes": votes, "request_digest": sample.In(rejected, "request", "digest")})
	key, value := "grant/"+rejection, strings.ReplaceAll(sample.Text(sample.With(record, object{"body": body})), granted, rejection)
	w.Ledger.Attack(sample.Put(key, value), sample.Seal("hanbit", key, value))
	w.Ledger.Attack(sample.Listed(key, value)...)
	w.Expect(sample.In(w.Ask("grant.get", object{"grant": rejection}), "state"), "unproven") // its owner did seal it
	denied := w.Check(nil)
	w.Expect(denied["decision"], "deny")
	w.Expect(sample.Reasons(denied), []string{"EVIDENCE_MISSING"})
	w.Expect(sample.In(denied, "reasons", 0, "clause"), "request/"+id)
}

// The owner seals an approved grant once more, in another transaction than the vote that completed the approval: one approval makes one grant, and what is revoked
// does not come back under another id.
func TestAGrantOfAnotherTransaction(t *testing.T) {
	w := sample.New(t)
	grant := w.Granted()
	twin := sample.DigestOf("twin")
	key, value := "grant/"+twin, strings.ReplaceAll(string(w.Ledger.Value("grant/"+grant)), grant, twin)
	value = strings.ReplaceAll(value, "/"+twin, "/"+grant) // the votes that it names stay the honest ones
	w.Do(sample.Steward, "grant.revoke", object{"grant": grant, "reason": "x"})
	w.Ledger.Attack(sample.Put(key, value), sample.Seal("hanbit", key, value))
	w.Ledger.Attack(sample.Listed(key, value)...)
	w.Expect(sample.In(w.Ask("grant.get", object{"grant": twin}), "state"), "unproven")
	denied := w.Check(nil)
	w.Expect(denied["decision"], "deny")
	got := sample.Reasons(denied)
	slices.Sort(got)
	w.Expect(got, []string{"EVIDENCE_MISSING", "GRANT_REVOKED"})
}

// The owner seals a grant that says more than the request.
func TestAGrantThatSaysMore(t *testing.T) {
	w := sample.New(t)
	grant := w.Granted()
	for from, to := range map[string]string{
		`"until":"2026-12-24T10:00:00Z"`: `"until":"2126-12-24T10:00:00Z"`,
		`"grantees":["kim"]`:             `"grantees":["kim","lee"]`,
		`"mode":"download"`:              `"mode":"enclave"`,
		`"ICD10:C50.1"`:                  `"ICD10:C50"`,
		`"votes":[{`:                     `"votes":[{"digest":"` + sample.DigestOf("x") + `","key":"vote/x"},{`,
	} {
		honest := string(w.Ledger.Value("grant/" + grant))
		changed := strings.Replace(honest, from, to, 1)
		if changed == honest {
			t.Fatalf("nothing is changed by %s in %s", from, honest)
		}
		w.Ledger.Attack(sample.Put("grant/"+grant, changed), sample.Seal("hanbit", "grant/"+grant, changed))
		if answer := w.Check(nil); answer["decision"] == "permit" {
			t.Errorf("%s: %v", to, answer)
		}
		w.Ledger.Attack(sample.Put("grant/"+grant, honest), sample.Seal("hanbit", "grant/"+grant, honest))
	}
	w.Expect(w.Check(nil)["decision"], "permit")
}

func TestASealThatDiffers(t *testing.T) {
	w := sample.New(t)
	grant := w.Granted()
	key := "grant/" + grant
	honest := string(w.Ledger.Value(key))
	w.Do(sample.Steward, "grant.revoke", object{"grant": grant, "reason": "x"})
	w.Ledger.Attack(sample.Put(key, honest)) // the revocation is overwritten, its seal stays: nobody can write it again
	w.Expect(sample.Reasons(w.Check(nil)), []string{"FORGED", "NO_GRANT"})
	w.Expect(sample.In(w.Ask("grant.list", object{}), "items", 0, "forged"), "hanbit has put an earlier state back in the place of a later one")
	w.Ledger.Attack(ledgertest.Write{Key: key, Delete: true})
	w.Expect(sample.In(w.Ask("grant.list", object{}), "items", 0, "forged"), "an index entry leads to it, and nothing stands there")
	w.Expect(w.Check(nil)["decision"], "deny")
}

// A record that its forger does seal, where it does not belong.
func TestARecordThatDoesNotFitItsKey(t *testing.T) {
	w := sample.New(t)
	grant := w.Granted()
	honest := string(w.Ledger.Value("grant/" + grant))
	other := sample.DigestOf("other")
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
		w.Ledger.Attack(sample.Put(forged.key, forged.value), sample.Seal(forged.owner, forged.key, forged.value))
		_, answer, refused := w.Simulate(sample.Kim, "grant.get", sample.Text(object{"grant": other}))
		if refused == nil || refused.Code != refusal.Forged {
			t.Errorf("%s: %v %v", says, refused, answer)
		}
		w.Ledger.Attack(ledgertest.Write{Key: forged.key, Delete: true})
	}
	w.Expect(w.Check(nil)["grant"], grant)
}

// An owner whose chaincode is not ours seals two records under one name: the one to which it has posted the name counts, for ever.
func TestTwoSealedUnderOneName(t *testing.T) {
	w := sample.New(t)
	key := w.Only("dataset/hanbit/breast-cancer/")
	value := string(w.Ledger.Value(key))
	tx := key[strings.LastIndexByte(key, '/')+1:]
	twin := strings.Replace(key, tx, sample.DigestOf("twin"), 1)
	copied := strings.ReplaceAll(value, tx, sample.DigestOf("twin"))
	w.Ledger.Attack(sample.Put(twin, copied), sample.Seal("hanbit", twin, copied))
	w.Expect(sample.In(w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"}), "dataset", "key"), key)
	w.Ledger.Attack(ledgertest.Write{Key: key, Delete: true})
	w.Expect(len(w.Refused(refusal.Forged, sample.Kim, "dataset.get", object{"dataset": "hanbit/breast-cancer"}).Details), 2)
	w.Refused(refusal.Forged, "hanbit/steward:steward", "dataset.publish", sample.Publication())
	w.Expect(w.Check(nil)["decision"], "deny")
}

// An institution that has lost its committee's record, by a chaincode of its own, seats it anew; the seats begin then.
func TestACommitteeIsMadeAnew(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	w.Vote("hanbit/a:dac", id, "approve")
	for range 2 {
		key := w.Ledger.Keys("committee/hanbit/dac/")[0]
		w.Ledger.Attack(ledgertest.Write{Key: key, Delete: true})
		w.Refused(refusal.Forbidden, "hanbit/b:dac", "request.vote", w.Ballot(id, "approve", "dac"))
		w.Later(time.Minute)
		w.Do(sample.Steward, "committee.set", object{"role": "dac", "members": sample.Members("a", "b")})
	}
	seats := sample.In(w.Ask("committee.get", object{"institution": "hanbit", "role": "dac"}), "record", "body", "seats").([]any)
	w.Expect(len(seats), 2)
	w.Expect(w.Ask("request.get", object{"request": id})["state"], "submitted") // the vote was judged by seats that are no more
	w.Vote("hanbit/b:dac", id, "approve")
}

// A requester whose chaincode is not ours seals a request that ours would have refused.
func TestARequestThatTheContractRefuses(t *testing.T) {
	w := sample.New(t)
	honest := w.Submitted()
	value := string(w.Ledger.Value("request/" + honest))
	forge := func(from, to string) string {
		id := sample.DigestOf("forged" + to)
		changed := strings.Replace(strings.ReplaceAll(value, honest, id), from, to, 1)
		if !strings.Contains(changed, to) {
			t.Fatalf("%s is not in %s", from, value)
		}
		w.Ledger.Attack(sample.Put("request/"+id, changed), sample.Seal("nuri", "request/"+id, changed))
		w.Ledger.Attack(sample.Listed("request/"+id, changed)...)
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
		_, _, refused := w.Simulate(sample.Kim, "request.get", sample.Text(object{"request": id}))
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
	list := w.Ask("request.list", object{"owner": "hanbit"})["items"].([]any)
	list = slices.DeleteFunc(list, func(item any) bool { return sample.In(item, "forged") != nil })
	w.Expect(len(list), 2) // the honest one, and that with a member of a later version
}

// An owner seals a policy past the bounds, which the rules rely on.
func TestAPolicyThatTheContractRefuses(t *testing.T) {
	w := sample.New(t)
	key := w.Only("policy/hanbit/breast-cancer/")
	value := string(w.Ledger.Value(key))
	stage := `{"institution":"hanbit","role":"dac","threshold":2}`
	changed := strings.Replace(value, stage, stage+strings.Repeat(","+stage, 100), 1)
	w.Ledger.Attack(sample.Put(key, changed), sample.Seal("hanbit", key, changed))
	w.Refused(refusal.Forged, sample.Kim, "explain", object{"dataset": "hanbit/breast-cancer", "purpose": object{"kind": "origins"}, "mode": "download"})
	w.Expect(sample.In(w.Ask("dataset.list", object{}), "items", 0, "forged") != nil, true)
}

// An owner seals a version that the contract refuses: with a kind of data of its own, which no rule about faces knows, or a title that reads as another.
func TestAVersionThatTheContractRefuses(t *testing.T) {
	for from, to := range map[string]string{
		`"kinds":["tabular"]`:             `"kinds":["brain-mri"]`,
		`"kinds":["tabular"],"m`:          `"kinds":["MR"],"m`,
		`"title":"Breast cancer, Wiscons`: `"title":"Breast \u202ecancer, Wiscons`,
		`"contact":"data@hanbit.example"`: `"contact":"nobody"`,
	} {
		w := sample.New(t)
		key := w.Only("version/")
		value := string(w.Ledger.Value(key))
		changed := strings.Replace(value, from, to, 1)
		if changed == value {
			t.Fatalf("%s does not stand in %s", from, value)
		}
		w.Ledger.Attack(sample.Put(key, changed), sample.Seal("hanbit", key, changed))
		refused := w.Refused(refusal.Forged, sample.Kim, "explain", object{"dataset": "hanbit/breast-cancer", "purpose": object{"kind": "origins"}, "mode": "download"})
		if !strings.Contains(refused.Message, "although the contract refuses such a version") {
			t.Errorf("%s: %s", to, refused.Message)
		}
		w.Expect(sample.In(w.Ask("dataset.list", object{}), "items", 0, "forged") != nil, true)
	}
}

// Index entries that lead nowhere, or to what is elsewhere, hide nothing and show nothing twice.
func TestFalseIndexEntries(t *testing.T) {
	w := sample.New(t)
	grant := w.Granted()
	for i := range 300 {
		w.Ledger.Attack(sample.Put("i/grant-own/nuri/kim/hanbit/breast-cancer/000000000000/"+sample.DigestOf(string(rune(i))), "1"))
	}
	answer := w.Check(nil)
	w.Expect(answer["grant"], grant)
	w.Expect(len(sample.Reasons(answer)), 21)
	w.Ledger.Attack(
		sample.Put("i/grant-all/000000000001/"+grant, "1"), sample.Put("i/grant-holder/saerom/000000000001/"+grant, "1"),
		sample.Put("i/request-waiting/hanbit/dac/999999999999/"+grant, "1"), sample.Put("i/trail/hanbit/breast-cancer/000000000001/grant/"+grant, "1"),
		sample.Put("i/trail/hanbit/breast-cancer/000000000002/what/else", "1"), sample.Put("i/trail/hanbit/breast-cancer/000000000003", "1"),
	)
	w.Expect(len(w.Ask("grant.list", object{})["items"].([]any)), 1)
	w.Expect(len(w.Ask("grant.list", object{"holder": "saerom"})["items"].([]any)), 0)
	w.Expect(sample.In(w.Ask("request.list", object{"waiting_for": "hanbit/dac"}), "items", 0, "forged") != nil, true)
	trail := w.Ask("audit.trail", object{"dataset": "hanbit/breast-cancer"})["items"].([]any)
	w.Expect(sample.In(trail, 0, "forged"), "no record of a dataset has such a key")
}

// More keys than a peer reads at once stand under a name: nothing that is looked up by it costs more, or fails.
func TestACrowdedName(t *testing.T) {
	w := sample.New(t)
	w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	quiet := w.Last.RoundTrips
	crowd := []ledgertest.Write{}
	for i := range 10_000 {
		crowd = append(crowd, sample.Put("dataset/hanbit/breast-cancer/0"+sample.DigestOf(time.Duration(i).String()), "1"))
	}
	w.Ledger.Attack(crowd...)
	w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	w.Expect(w.Last.RoundTrips, quiet+1) // what is beside it is named, as far as one look goes
	w.Submitted()
}

// Somebody keeps an endorsed transaction and hands it in after the world has changed.
func TestHeldTransactions(t *testing.T) {
	w := sample.New(t)
	hold := func(who, name string, argument object) *ledgertest.Stub {
		t.Helper()
		stub, _, refused := w.Simulate(who, name, sample.Text(argument))
		if refused != nil {
			t.Fatal(refused)
		}
		return stub
	}
	stale := func(stub *ledgertest.Stub) {
		t.Helper()
		if code := w.Ledger.Commit(stub, sample.Institutions...); !sample.Overtaken(code) {
			t.Error(code)
		}
	}
	id := w.Submitted()
	w.Vote("saerom/e-1:ethics", id, "approve")
	w.Vote("hanbit/a:dac", id, "approve")
	approval := hold("hanbit/b:dac", "request.vote", w.Ballot(id, "approve", "dac"))
	withdrawal := hold(sample.Kim, "request.withdraw", object{"request": id})
	w.Do(sample.Steward, "committee.set", object{"role": "dac", "members": sample.Members("a", "c")})
	stale(approval) // past the loss of the seat
	approval = hold("hanbit/c:dac", "request.vote", w.Ballot(id, "approve", "dac"))
	w.Set(object{"review_period_seconds": 86400}, nil)
	stale(approval) // past a change of policy
	stale(withdrawal)

	id = w.Submitted()
	w.Vote("saerom/e-1:ethics", id, "approve")
	w.Vote("hanbit/a:dac", id, "approve")
	approval = hold("hanbit/c:dac", "request.vote", w.Ballot(id, "approve", "dac"))
	w.Do(sample.Kim, "request.withdraw", object{"request": id})
	stale(approval) // past the withdrawal

	w.Do(sample.Steward, "committee.set", object{"role": "dac", "members": sample.Members("a", "b", "c")})
	grant := w.Granted()
	revocation := hold(sample.Steward, "grant.revoke", object{"grant": grant, "reason": "first"})
	w.Do("hanbit/p:privacy", "grant.revoke", object{"grant": grant, "reason": "second"})
	stale(revocation)
	w.Expect(sample.In(w.Ask("grant.get", object{"grant": grant}), "grant", "record", "changes", 1, "note"), "second")

	// of two votes that race, one counts and the other is proposed again
	id = w.Submitted()
	first := hold("hanbit/a:dac", "request.vote", w.Ballot(id, "approve", "dac"))
	second := hold("hanbit/b:dac", "request.vote", w.Ballot(id, "approve", "dac"))
	w.Expect(w.Ledger.Commit(first, sample.Institutions...), ledgertest.Valid)
	w.Expect(sample.Overtaken(w.Ledger.Commit(second, sample.Institutions...)), true)
	w.Vote("hanbit/b:dac", id, "approve")

	// two that publish the same new name
	argument := sample.With(sample.Publication(), object{"slug": "raced"})
	first, second = hold(sample.Steward, "dataset.publish", argument), hold(sample.Steward, "dataset.publish", argument)
	w.Expect(w.Ledger.Commit(first, sample.Institutions...), ledgertest.Valid)
	stale(second)
}

// anotherTitle is an institution's record that is not the one which stands: what changes nothing is refused.
func anotherTitle() object {
	return sample.With(sample.Profile(), object{"title": "Another title"})
}

func TestTheClock(t *testing.T) {
	w := sample.New(t)
	w.Do(sample.Operator, "institution.set", sample.Profile())
	creator := w.Person(sample.Operator)
	for _, off := range []time.Duration{time.Hour, 10 * time.Minute, 5*time.Minute + time.Second} {
		for _, at := range []time.Time{w.Now.Add(off), w.Now.Add(-off)} {
			for _, name := range []string{"institution.set", "contract.version"} {
				argument := map[string]string{"institution.set": sample.Text(sample.Profile()), "contract.version": "{}"}[name]
				if _, _, refused := w.SimulateAs(creator, at, name, argument); refused == nil || refused.Code != refusal.Clock {
					t.Errorf("%s, %s off: %v", name, off, refused)
				}
			}
		}
	}
	if _, _, refused := w.SimulateAs(creator, w.Now.Add(4*time.Minute), "institution.set", sample.Text(anotherTitle())); refused != nil {
		t.Error(refused)
	}
	if _, _, refused := w.SimulateAs(creator, time.Time{}, "institution.set", sample.Text(sample.Profile())); refused == nil || refused.Code != refusal.Clock {
		t.Error(refused)
	}
}

// Dating a vote back within the clock's tolerance brings no lost seat back.
func TestTheEffectiveTime(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	w.Later(4 * time.Minute)
	w.Do(sample.Steward, "committee.set", object{"role": "dac", "members": sample.Members("b", "c")})
	ballot := sample.Text(w.Ballot(id, "approve", "dac"))
	back := w.Now.Add(-3 * time.Minute)
	if _, _, refused := w.SimulateAs(w.Person("hanbit/a:dac"), back, "request.vote", ballot); refused == nil || refused.Code != refusal.Forbidden {
		t.Fatal(refused)
	}
	stub, answer, refused := w.SimulateAs(w.Person("hanbit/b:dac"), back, "request.vote", ballot)
	if refused != nil || w.Ledger.Commit(stub, sample.Institutions...) != ledgertest.Valid {
		t.Fatal(refused)
	}
	w.Expect(sample.In(answer, "vote", "updated_at"), "2026-11-24T10:04:00Z")
}

func TestCallers(t *testing.T) {
	w := sample.New(t)
	w.Do(sample.Operator, "institution.set", sample.Profile())
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
		"a time that is to come":   ledgertest.CreatorFrom(w.Now.Add(5*time.Minute+time.Second), "hanbit", "op", attributes("op", "operator")),
	} {
		_, _, refused := w.SimulateAs(creator, w.Now, "institution.set", sample.Text(sample.Profile()))
		if refused == nil || refused.Code != refusal.Forbidden && refused.Code != refusal.Internal {
			t.Errorf("%s: %v", says, refused)
		}
	}
	if _, _, refused := w.SimulateAs(ledgertest.CreatorWith(w.Keys["hanbit/op"], w.Now.Add(5*time.Minute), "hanbit", "op", attributes("op", "operator")), w.Now, "institution.set", sample.Text(anotherTitle())); refused != nil {
		t.Error("a CA whose clock is a little ahead:", refused)
	}
	_, answer, refused := w.SimulateAs(ledgertest.CreatorWith(w.Keys["hanbit/op"], w.Now, "hanbit", "op", attributes("op", "steward, operator,king")), w.Now, "institution.set", sample.Text(anotherTitle()))
	if refused != nil || !strings.HasPrefix(sample.Text(sample.In(answer, "changes").([]any)[len(sample.In(answer, "changes").([]any))-1].(object)["by"].(object)), `{"id":"op","institution":"hanbit","key":"`) {
		t.Error(refused, answer)
	}
	// a query needs no enrolment id
	if _, _, refused := w.SimulateAs(ledgertest.Creator("hanbit", "peer", nil), w.Now, "dataset.list", "{}"); refused != nil {
		t.Error(refused)
	}
}

// A requester who kept the index entries' policies for themself holds no rejection back.
func TestEntriesThatTheRequesterGuards(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	policy, err := ledger.PeersOf("nuri")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range append(w.Ledger.Keys("i/request-open/"), w.Ledger.Keys("i/request-waiting/")...) {
		w.Ledger.Attack(ledgertest.Write{Key: key, Policy: policy})
	}
	for _, voter := range []string{"saerom/e-1:ethics", "saerom/e-2:ethics"} {
		stub, _, refused := w.Simulate(voter, "request.vote", sample.Text(w.Ballot(id, "reject", "ethics")))
		if refused != nil {
			t.Fatal(refused)
		}
		w.Expect(w.Ledger.Commit(stub, "saerom", "hanbit"), ledgertest.Valid)
	}
	w.Expect(w.Ask("request.get", object{"request": id})["state"], "rejected")
}
