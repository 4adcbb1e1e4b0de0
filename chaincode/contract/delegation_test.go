package contract_test

import (
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

// delegated has a member name a deputy for a month, and gives the delegation's id.
func (w *world) delegated(member, deputy string) string {
	w.Helper()
	_, role, _ := strings.Cut(member, ":")
	return in(w.do(member, "committee.delegate", object{"role": role, "deputy": deputy, "until": w.now.AddDate(0, 1, 0).Format(time.RFC3339)}), "id").(string)
}

func TestDelegate(t *testing.T) {
	w := sample(t)
	good := object{"role": "dac", "deputy": "d", "until": "2026-12-24T00:00:00Z"}
	w.refused(refusal.Forbidden, "hanbit/x:dac", "committee.delegate", good)
	w.refused(refusal.Forbidden, "hanbit/a:ethics", "committee.delegate", good)
	w.refused(refusal.NotFound, "nuri/a:dac", "committee.delegate", good)
	for field, changes := range map[string]object{
		"deputy": {"deputy": "a"}, "until": {"until": nil}, "from": {"from": "2026-11-24T09:00:00Z"}, "reason": {"reason": " x"}, "role": {"role": "steward"},
	} {
		w.expect(w.refused(refusal.Invalid, "hanbit/a:dac", "committee.delegate", with(good, changes)).Field, field)
	}
	w.expect(w.refused(refusal.Invalid, "hanbit/a:dac", "committee.delegate", with(good, object{"deputy": "b"})).Field, "deputy") // who has a seat
	w.expect(w.refused(refusal.Invalid, "hanbit/a:dac", "committee.delegate", with(good, object{"until": "2026-11-24T10:00:00Z"})).Field, "until")
	w.expect(w.refused(refusal.LimitExceeded, "hanbit/a:dac", "committee.delegate", with(good, object{"until": "2027-02-22T10:00:01Z"})).Field, "until")
	record := w.do("hanbit/a:dac", "committee.delegate", with(good, object{"reason": "a journey"}))
	id := record["id"].(string)
	w.expect(in(record, "body", "from"), "2026-11-24T10:00:00Z")
	w.expect(w.only("delegation/"), "delegation/hanbit/dac/a/"+id)
	w.expect(w.ledger.Guard("delegation/hanbit/dac/a/"+id), "hanbit")
	later := in(w.do("hanbit/b:dac", "committee.delegate", with(good, object{"from": "2026-12-01T00:00:00Z"})), "id").(string)

	list := func(filter object) []string {
		return ids(w.ask("delegation.list", filter), "delegation", "record", "id")
	}
	for _, both := range []object{{}, {"institution": "hanbit"}, {"institution": "hanbit", "role": "dac"}, {"institution": "hanbit", "deputy": "d"}} {
		w.expect(len(list(both)), 2)
	}
	w.expect(list(object{"institution": "hanbit", "role": "dac", "member": "a"}), []string{id})
	w.expect(list(object{"institution": "hanbit", "member": "b"}), []string{later})
	w.expect(list(object{"state": "planned"}), []string{later})
	w.expect(list(object{"institution": "hanbit", "deputy": "d", "state": "active"}), []string{id})
	for _, none := range []object{{"institution": "nuri"}, {"role": "ethics"}, {"institution": "hanbit", "deputy": "a"}, {"state": "ended"}} {
		w.expect(len(list(none)), 0)
	}
	w.expect(w.refused(refusal.Invalid, kim, "delegation.list", object{"deputy": "d"}).Field, "deputy")
	w.expect(w.refused(refusal.Invalid, kim, "delegation.list", object{"state": "open"}).Field, "state")

	w.refused(refusal.Forbidden, "hanbit/b:dac", "committee.undelegate", object{"delegation": id})
	w.refused(refusal.Forbidden, "hanbit/d:dac", "committee.undelegate", object{"delegation": id})
	w.refused(refusal.NotFound, "nuri/s:steward", "committee.undelegate", object{"delegation": id})
	stub, _, refused := w.simulate("hanbit/a:dac", "committee.undelegate", text(object{"delegation": id[:8], "reason": "back"}))
	if refused != nil || w.ledger.Commit(stub, "hanbit") != ledgertest.Valid {
		t.Fatal("the institution alone ends it:", refused)
	}
	w.refused(refusal.Decided, "hanbit/a:dac", "committee.undelegate", object{"delegation": id})
	w.expect(w.do(steward, "committee.undelegate", object{"delegation": later})["status"], "ended")
	third := w.delegated("hanbit/c:dac", "d")
	w.later(31 * 24 * time.Hour)
	w.refused(refusal.Expired, "hanbit/c:dac", "committee.undelegate", object{"delegation": third})
}

func TestADeputyVotes(t *testing.T) {
	w := sample(t)
	lent := w.delegated("hanbit/a:dac", "d")
	id := w.submitted()
	list := func(person string) []string {
		return ids(w.ask("request.list", object{"waiting_for": "hanbit/dac", "waiting_person": person}), "request", "record", "id")
	}
	for _, waited := range []string{"a", "b", "d"} {
		w.expect(list(waited), []string{id})
	}
	w.expect(len(list("x")), 0)
	w.expect(w.refused(refusal.Invalid, kim, "request.list", object{"waiting_person": "a"}).Field, "waiting_person")
	ballot := with(w.ballot(id, "approve", "dac"), object{"for": "a", "delegation": lent})
	w.refused(refusal.Forbidden, "hanbit/d:ethics", "request.vote", ballot) // the deputy's own certificate has the role
	w.refused(refusal.Forbidden, "hanbit/e:dac", "request.vote", ballot)
	w.expect(w.refused(refusal.NotFound, "hanbit/d:dac", "request.vote", with(ballot, object{"for": "b"})).Code, refusal.NotFound)
	w.refused(refusal.Forbidden, "hanbit/d:dac", "request.vote", with(ballot, object{"for": "b", "delegation": lent[:8]}))
	w.refused(refusal.Forbidden, "hanbit/d:dac", "request.vote", w.ballot(id, "approve", "dac"))
	w.refused(refusal.Forbidden, "hanbit/d:dac", "committee.delegate", object{"role": "dac", "deputy": "e", "until": "2026-12-24T00:00:00Z"}) // never onwards
	w.expect(w.refused(refusal.Invalid, "hanbit/d:dac", "request.vote", with(ballot, object{"delegation": nil})).Field, "delegation")
	w.expect(w.refused(refusal.Invalid, "hanbit/d:dac", "request.vote", with(ballot, object{"for": nil})).Field, "for")
	w.expect(w.refused(refusal.Invalid, "hanbit/d:dac", "request.vote", with(ballot, object{"vote": "recuse", "reason": "x"})).Field, "for")
	vote := w.do("hanbit/d:dac", "request.vote", with(ballot, object{"delegation": lent[:8]}))
	w.expect(in(vote, "vote", "body", "deputy_for", "member"), "a")
	w.expect(in(vote, "vote", "body", "deputy_for", "delegation"), lent)
	w.expect(in(vote, "vote", "body", "deputy_for", "changes"), 1.0)
	w.refused(refusal.AlreadyVoted, "hanbit/d:dac", "request.vote", ballot)
	w.refused(refusal.AlreadyVoted, "hanbit/a:dac", "request.vote", w.ballot(id, "reject", "dac"))
	w.expect(len(list("a"))+len(list("d")), 0)
	w.expect(list("b"), []string{id})
	w.do("hanbit/a:dac", "committee.undelegate", object{"delegation": lent})
	w.vote("saerom/e-1:ethics", id, "approve")
	w.expect(w.vote("hanbit/b:dac", id, "approve")["state"], "approved") // what was cast before counts
	w.expect(w.check(nil)["decision"], "permit")

	next := w.submitted()
	w.refused(refusal.Forbidden, "hanbit/d:dac", "request.vote", with(w.ballot(next, "approve", "dac"), object{"for": "a", "delegation": lent}))
	lent = w.delegated("hanbit/a:dac", "d")
	w.do("hanbit/a:dac", "request.vote", w.says(next, "recuse", "dac", nil))
	w.refused(refusal.Recused, "hanbit/d:dac", "request.vote", with(w.ballot(next, "approve", "dac"), object{"for": "a", "delegation": lent}))
	third := w.submitted()
	w.do(steward, "committee.set", object{"role": "dac", "members": members("b", "c")})
	w.refused(refusal.Forbidden, "hanbit/d:dac", "request.vote", with(w.ballot(third, "approve", "dac"), object{"for": "a", "delegation": lent}))
}

// The owner's chaincode seals a deputy's vote without a delegation, and one by a delegation that the owner itself did not seal.
func TestADeputyWithoutADelegation(t *testing.T) {
	w := sample(t)
	lent := w.delegated("hanbit/a:dac", "d")
	id := w.submitted()
	w.vote("saerom/e-1:ethics", id, "approve")
	w.vote("hanbit/b:dac", id, "approve")
	key := "delegation/hanbit/dac/a/" + lent
	honest := string(w.ledger.Value(key))
	grant := in(w.do("hanbit/d:dac", "request.vote", with(w.ballot(id, "approve", "dac"), object{"for": "a", "delegation": lent})), "grant", "id")
	w.expect(w.check(nil)["grant"], grant)
	w.ledger.Attack(put(key, strings.Replace(honest, `"deputy":"d"`, `"deputy":"e"`, 1))) // the seal stays
	denied := w.check(nil)
	w.expect(denied["decision"], "deny")
	w.expect(reasons(denied), []string{"FORGED", "EVIDENCE_MISSING"})
	w.ledger.Attack(ledgertest.Write{Key: key, Delete: true})
	w.expect(reasons(w.check(nil)), []string{"EVIDENCE_MISSING"})
	w.expect(w.ask("request.get", object{"request": id})["state"], "in-review")
	w.ledger.Attack(put(key, honest))
	w.expect(w.check(nil)["decision"], "permit")
	// index entries that lead nowhere hide nothing
	w.ledger.Attack(put("i/delegation-deputy/hanbit/d/999999999999/dac/a/"+digestOf("x"), "1"), put("i/delegation-deputy/hanbit/d/999999999998", "1"))
	next := w.submitted()
	w.expect(ids(w.ask("request.list", object{"waiting_for": "hanbit/dac", "waiting_person": "d"}), "request", "record", "id"), []string{next})
}

// What is held back while the world changes is stale.
func TestHeldAtTheDesk(t *testing.T) {
	w := sample(t)
	lent := w.delegated("hanbit/a:dac", "d")
	id := w.submitted()
	hold := func(who, name string, argument object) *ledgertest.Stub {
		t.Helper()
		stub, _, refused := w.simulate(who, name, text(argument))
		if refused != nil {
			t.Fatal(refused)
		}
		return stub
	}
	stale := func(says string, stub *ledgertest.Stub) {
		t.Helper()
		if code := w.ledger.Commit(stub, institutions...); code != ledgertest.MVCCReadConflict && code != ledgertest.PhantomReadConflict {
			t.Error(says, code)
		}
	}
	vote := hold("hanbit/b:dac", "request.vote", w.ballot(id, "approve", "dac"))
	amendment := hold(kim, "request.amend", object{"request": id, "project": "other"})
	w.do(kim, "request.amend", object{"request": id, "project": "late signs"})
	stale("a vote past an amendment", vote)
	stale("an amendment past another", amendment)
	amendment = hold(kim, "request.amend", object{"request": id, "project": "other"})
	deputy := hold("hanbit/d:dac", "request.vote", with(w.ballot(id, "approve", "dac"), object{"for": "a", "delegation": lent}))
	w.vote("hanbit/b:dac", id, "approve")
	stale("an amendment past a vote", amendment)
	stale("a deputy's vote past another vote", deputy)
	deputy = hold("hanbit/d:dac", "request.vote", with(w.ballot(id, "approve", "dac"), object{"for": "a", "delegation": lent}))
	w.do("hanbit/a:dac", "committee.undelegate", object{"delegation": lent})
	stale("a deputy's vote past the end of the delegation", deputy)
	closing := hold(steward, "request.vote", w.says(id, "close", "steward", nil))
	w.do(kim, "request.withdraw", object{"request": id})
	stale("a closing past the withdrawal", closing)
}
