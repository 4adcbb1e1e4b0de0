package contract_test

import (
	"fmt"
	"testing"
	"time"

	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

// Whichever call the peer fails, the answer is INTERNAL: a read that failed is never taken for "nothing there", nor a decision made on what was read so far.
func TestWhateverThePeerFails(t *testing.T) {
	w := sample(t)
	grant := w.granted()
	id := w.submitted()
	w.vote("saerom/e-1:ethics", id, "approve")
	w.vote("hanbit/a:dac", id, "approve")
	w.do(privacy, "consent.begin", consent(nil))
	w.states(statement(nil))
	ground := w.rests(object{"cohorts": []string{"hanbit/oncology"}})["body"].(object)
	w.epoch(2, object{"withdrawn": "under-20"})
	w.do(privacy, "consent.exclude", exclusion(nil))
	w.epoch(3, object{"withdrawn": "under-20"})
	w.later(time.Hour)
	noted := in(w.do(kim, "request.submit", with(w.request(), object{"texts": []object{{"kind": "description", "commitment": commitment(letter, salt)}}})), "id").(string)
	private := object{"request": noted, "commitment": commitment(letter, salt)}
	kept, _, _ := w.private(kim, "", "text.keep", private, sent(letter, salt))
	w.expect(w.ledger.Commit(kept, institutions...), ledgertest.Valid)
	for _, c := range []struct {
		who, name string
		argument  object
	}{
		{privacy, "ground.set", object{"dataset": ground["dataset"], "version_digest": ground["version_digest"], "cohorts": ground["cohorts"], "bases": ground["bases"]}},
		{privacy, "consent.begin", consent(object{"slug": "other"})},
		{privacy, "consent.epoch", epoch(object{"epoch": 4})},
		{privacy, "consent.exclude", exclusion(object{"epoch": 3})},
		{privacy, "consent.end", object{"cohort": "hanbit/oncology", "reason": "x"}},
		{privacy, "basis.set", basis()},
		{privacy, "basis.end", object{"basis": "hanbit/pipa-research", "reason": "x"}},
		{privacy, "deid.state", object{"dataset": "hanbit/breast-cancer", "version_digest": ground["version_digest"], "statement": statement(nil)}},
		{kim, "ground.get", object{"dataset": "hanbit/breast-cancer"}},
		{kim, "deid.get", object{"dataset": "hanbit/breast-cancer"}},
		{kim, "consent.get", object{"cohort": "hanbit/oncology"}},
		{kim, "consent.list", object{}},
		{kim, "basis.list", object{}},
		{kim, "text.keep", private},
		{"hanbit/a:dac", "text.get", private},
		{privacy, "text.purge", private},
		{kim, "explain", object{"dataset": "hanbit/breast-cancer", "purpose": object{"kind": "origins", "linking": true}, "mode": "download"}},
		{operator, "institution.set", profile()},
		{steward, "committee.set", object{"role": "dac", "members": members("x")}},
		{steward, "dataset.publish", publication()},
		{steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": policy()}},
		{steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": policy(), "applies": "existing"}},
		{kim, "policy.lint", object{"policy": policy()}},
		{kim, "policy.diff", object{"dataset": "hanbit/breast-cancer"}},
		{kim, "request.submit", w.request()},
		{"hanbit/b:dac", "request.vote", w.ballot(id, "approve", "dac")},
		{kim, "request.withdraw", object{"request": id[:8]}},
		{steward, "grant.revoke", object{"grant": grant[:8], "reason": "x"}},
		{kim, "dataset.get", object{"dataset": "hanbit/breast-cancer"}},
		{kim, "dataset.manifest", object{"dataset": "hanbit/breast-cancer"}},
		{kim, "dataset.list", object{}},
		{kim, "committee.list", object{}},
		{kim, "request.get", object{"request": id}},
		{kim, "request.list", object{"waiting_for": "hanbit/dac"}},
		{kim, "grant.list", object{"holder": "nuri/kim"}},
		{kim, "explain", object{"dataset": "hanbit/breast-cancer", "purpose": object{"kind": "origins"}, "mode": "download"}},
		{kim, "check", object{"dataset": "hanbit/breast-cancer", "for": "nuri/kim", "purpose": object{"kind": "origins"}, "mode": "download"}},
		{kim, "audit.trail", object{"dataset": "hanbit/breast-cancer"}},
	} {
		creator := w.people[c.who]
		if creator == nil {
			w.simulate(c.who, "contract.version", "{}")
			creator = w.people[c.who]
		}
		for call := 1; ; call++ {
			if call > 200 {
				t.Fatalf("%s never succeeds", c.name)
			}
			stub := w.ledger.Begin(digestOf(fmt.Sprint(c.name, call)), w.now, creator)
			stub.FailAt, stub.Transient = call, sent(letter, salt)
			response := run(w, stub, c.name, text(c.argument))
			if response.Status == 200 {
				if call < 3 || stub.RoundTrips >= call {
					t.Fatalf("%s succeeds although call %d of %d failed", c.name, call, stub.RoundTrips)
				}
				break
			}
			if refused := parsed(w, response.Message); refused.Code != refusal.Internal {
				t.Fatalf("%s, call %d: %v", c.name, call, refused)
			}
		}
	}
}
