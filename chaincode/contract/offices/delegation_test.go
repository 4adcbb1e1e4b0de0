package offices_test

import (
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

func TestDelegate(t *testing.T) {
	w := sample.New(t)
	good := object{"role": "dac", "deputy": "d", "until": "2026-12-24T00:00:00Z"}
	w.Refused(refusal.Forbidden, "hanbit/x:dac", "committee.delegate", good)
	w.Refused(refusal.Forbidden, "hanbit/a:ethics", "committee.delegate", good)
	w.Refused(refusal.NotFound, "nuri/a:dac", "committee.delegate", good)
	for field, changes := range map[string]object{
		"deputy": {"deputy": "a"}, "until": {"until": nil}, "from": {"from": "2026-11-24T09:00:00Z"}, "reason": {"reason": " x"}, "role": {"role": "steward"},
	} {
		w.Expect(w.Refused(refusal.Invalid, "hanbit/a:dac", "committee.delegate", sample.With(good, changes)).Field, field)
	}
	w.Expect(w.Refused(refusal.Invalid, "hanbit/a:dac", "committee.delegate", sample.With(good, object{"deputy": "b"})).Field, "deputy") // who has a seat
	w.Expect(w.Refused(refusal.Invalid, "hanbit/a:dac", "committee.delegate", sample.With(good, object{"until": "2026-11-24T10:00:00Z"})).Field, "until")
	w.Expect(w.Refused(refusal.LimitExceeded, "hanbit/a:dac", "committee.delegate", sample.With(good, object{"until": "2027-02-22T10:00:01Z"})).Field, "until")
	record := w.Do("hanbit/a:dac", "committee.delegate", sample.With(good, object{"reason": "a journey"}))
	id := record["id"].(string)
	w.Expect(sample.In(record, "body", "from"), "2026-11-24T10:00:00Z")
	w.Expect(w.Only("delegation/"), "delegation/hanbit/dac/a/"+id)
	w.Expect(w.Ledger.Guard("delegation/hanbit/dac/a/"+id), "hanbit")
	later := sample.In(w.Do("hanbit/b:dac", "committee.delegate", sample.With(good, object{"from": "2026-12-01T00:00:00Z"})), "id").(string)

	list := func(filter object) []string {
		return sample.Ids(w.Ask("delegation.list", filter), "delegation", "record", "id")
	}
	for _, both := range []object{{}, {"institution": "hanbit"}, {"institution": "hanbit", "role": "dac"}, {"institution": "hanbit", "deputy": "d"}} {
		w.Expect(len(list(both)), 2)
	}
	w.Expect(list(object{"institution": "hanbit", "role": "dac", "member": "a"}), []string{id})
	w.Expect(list(object{"institution": "hanbit", "member": "b"}), []string{later})
	w.Expect(list(object{"state": "planned"}), []string{later})
	w.Expect(list(object{"institution": "hanbit", "deputy": "d", "state": "active"}), []string{id})
	for _, none := range []object{{"institution": "nuri"}, {"role": "ethics"}, {"institution": "hanbit", "deputy": "a"}, {"state": "ended"}} {
		w.Expect(len(list(none)), 0)
	}
	w.Expect(w.Refused(refusal.Invalid, sample.Kim, "delegation.list", object{"deputy": "d"}).Field, "deputy")
	w.Expect(w.Refused(refusal.Invalid, sample.Kim, "delegation.list", object{"state": "open"}).Field, "state")

	w.Refused(refusal.Forbidden, "hanbit/b:dac", "committee.undelegate", object{"delegation": id})
	w.Refused(refusal.Forbidden, "hanbit/d:dac", "committee.undelegate", object{"delegation": id})
	w.Refused(refusal.NotFound, "nuri/s:steward", "committee.undelegate", object{"delegation": id})
	stub, _, refused := w.Simulate("hanbit/a:dac", "committee.undelegate", sample.Text(object{"delegation": id[:8], "reason": "back"}))
	if refused != nil || w.Ledger.Commit(stub, "hanbit") != ledgertest.Valid {
		t.Fatal("the institution alone ends it:", refused)
	}
	w.Refused(refusal.Decided, "hanbit/a:dac", "committee.undelegate", object{"delegation": id})
	w.Expect(w.Do(sample.Steward, "committee.undelegate", object{"delegation": later})["status"], "ended")
	third := w.Delegated("hanbit/c:dac", "d")
	w.Later(31 * 24 * time.Hour)
	w.Refused(refusal.Expired, "hanbit/c:dac", "committee.undelegate", object{"delegation": third})
}

func TestADeputyVotes(t *testing.T) {
	w := sample.New(t)
	lent := w.Delegated("hanbit/a:dac", "d")
	id := w.Submitted()
	list := func(person string) []string {
		return sample.Ids(w.Ask("request.list", object{"waiting_for": "hanbit/dac", "waiting_person": person}), "request", "record", "id")
	}
	for _, waited := range []string{"a", "b", "d"} {
		w.Expect(list(waited), []string{id})
	}
	w.Expect(len(list("x")), 0)
	w.Expect(w.Refused(refusal.Invalid, sample.Kim, "request.list", object{"waiting_person": "a"}).Field, "waiting_person")
	ballot := sample.With(w.Ballot(id, "approve", "dac"), object{"for": "a", "delegation": lent})
	w.Refused(refusal.Forbidden, "hanbit/d:ethics", "request.vote", ballot) // the deputy's own certificate has the role
	w.Refused(refusal.Forbidden, "hanbit/e:dac", "request.vote", ballot)
	w.Expect(w.Refused(refusal.NotFound, "hanbit/d:dac", "request.vote", sample.With(ballot, object{"for": "b"})).Code, refusal.NotFound)
	w.Refused(refusal.Forbidden, "hanbit/d:dac", "request.vote", sample.With(ballot, object{"for": "b", "delegation": lent[:8]}))
	w.Refused(refusal.Forbidden, "hanbit/d:dac", "request.vote", w.Ballot(id, "approve", "dac"))
	w.Refused(refusal.Forbidden, "hanbit/d:dac", "committee.delegate", object{"role": "dac", "deputy": "e", "until": "2026-12-24T00:00:00Z"}) // never onwards
	w.Expect(w.Refused(refusal.Invalid, "hanbit/d:dac", "request.vote", sample.With(ballot, object{"delegation": nil})).Field, "delegation")
	w.Expect(w.Refused(refusal.Invalid, "hanbit/d:dac", "request.vote", sample.With(ballot, object{"for": nil})).Field, "for")
	w.Expect(w.Refused(refusal.Invalid, "hanbit/d:dac", "request.vote", sample.With(ballot, object{"vote": "recuse", "reason": "x"})).Field, "for")
	vote := w.Do("hanbit/d:dac", "request.vote", sample.With(ballot, object{"delegation": lent[:8]}))
	w.Expect(sample.In(vote, "vote", "body", "deputy_for", "member"), "a")
	w.Expect(sample.In(vote, "vote", "body", "deputy_for", "delegation"), lent)
	w.Expect(sample.In(vote, "vote", "body", "deputy_for", "changes"), 1.0)
	w.Refused(refusal.AlreadyVoted, "hanbit/d:dac", "request.vote", ballot)
	w.Refused(refusal.AlreadyVoted, "hanbit/a:dac", "request.vote", w.Ballot(id, "reject", "dac"))
	w.Expect(len(list("a"))+len(list("d")), 0)
	w.Expect(list("b"), []string{id})
	w.Do("hanbit/a:dac", "committee.undelegate", object{"delegation": lent})
	w.Vote("saerom/e-1:ethics", id, "approve")
	w.Expect(w.Vote("hanbit/b:dac", id, "approve")["state"], "approved") // what was cast before counts
	w.Expect(w.Check(nil)["decision"], "permit")

	next := w.Submitted()
	w.Refused(refusal.Forbidden, "hanbit/d:dac", "request.vote", sample.With(w.Ballot(next, "approve", "dac"), object{"for": "a", "delegation": lent}))
	lent = w.Delegated("hanbit/a:dac", "d")
	w.Do("hanbit/a:dac", "request.vote", w.Says(next, "recuse", "dac", nil))
	w.Refused(refusal.Recused, "hanbit/d:dac", "request.vote", sample.With(w.Ballot(next, "approve", "dac"), object{"for": "a", "delegation": lent}))
	third := w.Submitted()
	w.Do(sample.Steward, "committee.set", object{"role": "dac", "members": sample.Members("b", "c")})
	w.Refused(refusal.Forbidden, "hanbit/d:dac", "request.vote", sample.With(w.Ballot(third, "approve", "dac"), object{"for": "a", "delegation": lent}))
}

// The owner's chaincode seals a deputy's vote without a delegation, and one by a delegation that the owner itself did not seal.
func TestADeputyWithoutADelegation(t *testing.T) {
	w := sample.New(t)
	lent := w.Delegated("hanbit/a:dac", "d")
	id := w.Submitted()
	w.Vote("saerom/e-1:ethics", id, "approve")
	w.Vote("hanbit/b:dac", id, "approve")
	key := "delegation/hanbit/dac/a/" + lent
	honest := string(w.Ledger.Value(key))
	grant := sample.In(w.Do("hanbit/d:dac", "request.vote", sample.With(w.Ballot(id, "approve", "dac"), object{"for": "a", "delegation": lent})), "grant", "id")
	w.Expect(w.Check(nil)["grant"], grant)
	w.Ledger.Attack(sample.Put(key, strings.Replace(honest, `"deputy":"d"`, `"deputy":"e"`, 1))) // the seal stays
	denied := w.Check(nil)
	w.Expect(denied["decision"], "deny")
	w.Expect(sample.Reasons(denied), []string{"FORGED", "EVIDENCE_MISSING"})
	w.Ledger.Attack(ledgertest.Write{Key: key, Delete: true})
	w.Expect(sample.Reasons(w.Check(nil)), []string{"EVIDENCE_MISSING"})
	w.Expect(w.Ask("request.get", object{"request": id})["state"], "in-review")
	w.Ledger.Attack(sample.Put(key, honest))
	w.Expect(w.Check(nil)["decision"], "permit")
	// index entries that lead nowhere hide nothing
	w.Ledger.Attack(sample.Put("i/delegation-deputy/hanbit/d/999999999999/dac/a/"+sample.DigestOf("x"), "1"), sample.Put("i/delegation-deputy/hanbit/d/999999999998", "1"))
	next := w.Submitted()
	w.Expect(sample.Ids(w.Ask("request.list", object{"waiting_for": "hanbit/dac", "waiting_person": "d"}), "request", "record", "id"), []string{next})
}

// What is held back while the world changes is stale.
func TestHeldAtTheDesk(t *testing.T) {
	w := sample.New(t)
	lent := w.Delegated("hanbit/a:dac", "d")
	id := w.Submitted()
	hold := func(who, name string, argument object) *ledgertest.Stub {
		t.Helper()
		stub, _, refused := w.Simulate(who, name, sample.Text(argument))
		if refused != nil {
			t.Fatal(refused)
		}
		return stub
	}
	stale := func(says string, stub *ledgertest.Stub) {
		t.Helper()
		if code := w.Ledger.Commit(stub, sample.Institutions...); !sample.Overtaken(code) {
			t.Error(says, code)
		}
	}
	vote := hold("hanbit/b:dac", "request.vote", w.Ballot(id, "approve", "dac"))
	amendment := hold(sample.Kim, "request.amend", object{"request": id, "project": "other"})
	w.Do(sample.Kim, "request.amend", object{"request": id, "project": "late signs"})
	stale("a vote past an amendment", vote)
	stale("an amendment past another", amendment)
	amendment = hold(sample.Kim, "request.amend", object{"request": id, "project": "other"})
	deputy := hold("hanbit/d:dac", "request.vote", sample.With(w.Ballot(id, "approve", "dac"), object{"for": "a", "delegation": lent}))
	w.Vote("hanbit/b:dac", id, "approve")
	stale("an amendment past a vote", amendment)
	stale("a deputy's vote past another vote", deputy)
	deputy = hold("hanbit/d:dac", "request.vote", sample.With(w.Ballot(id, "approve", "dac"), object{"for": "a", "delegation": lent}))
	w.Do("hanbit/a:dac", "committee.undelegate", object{"delegation": lent})
	stale("a deputy's vote past the end of the delegation", deputy)
	closing := hold(sample.Steward, "request.vote", w.Says(id, "close", "steward", nil))
	w.Do(sample.Kim, "request.withdraw", object{"request": id})
	stale("a closing past the withdrawal", closing)
}

// What others write into the index hides nobody's deputies: only delegations count towards how many are looked at.
func TestDeputiesAmongJunk(t *testing.T) {
	w := sample.New(t)
	w.Delegated("hanbit/a:dac", "d")
	w.Submitted()
	waiting := func() int {
		return len(w.Ask("request.list", object{"waiting_for": "hanbit/dac", "waiting_person": "d"})["items"].([]any))
	}
	w.Expect(waiting(), 1)
	entry := w.Ledger.Keys("i/delegation-deputy/hanbit/d/")[0]
	prefix := entry[:strings.LastIndex(entry, "/")]
	writes := []ledgertest.Write{}
	for i := range 250 {
		writes = append(writes, sample.Put(prefix+"/"+strings.Repeat("0", 20)+sample.DigestOf(strings.Repeat("x", i+1))[:44], "1"))
	}
	w.Ledger.Attack(writes...)
	w.Expect(waiting(), 1)
}
