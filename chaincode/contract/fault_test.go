package contract_test

import (
	"fmt"
	"testing"
	"time"

	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

type call struct {
	who, name string
	argument  object
}

// busy is a world in which everything there is stands but an emergency that is not justified, and for each transaction and query a call of it that succeeds.
func busy(t *testing.T) (*world, []call) {
	t.Helper()
	w := guarded(t)
	w.do(operator, "institution.set", profile())
	w.do("nuri/op:operator", "institution.set", profile())
	hierarchy := w.loaded(hanbitSteward, cancers())
	w.do(nuriSteward, "ontology.adopt", object{"system": "DOID", "digest": hierarchy})
	w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": termed()})
	people := object{"researchers": []string{"kim", "lee"}, "accepted_terms": digestOf("terms")}
	grant, other := w.grantTo(people), w.grantTo(people)
	stopped := w.grantTo(people)
	w.do(privacy, "grant.suspend", object{"grant": stopped, "reason": "x"})
	id := in(w.do(kim, "request.submit", with(w.request(), object{"accepted_terms": digestOf("terms"), "renews": grant})), "id").(string)
	w.vote("saerom/e-1:ethics", id, "approve")
	w.vote("hanbit/a:dac", id, "approve")
	asked := w.invited(id, "nuri/park")
	lent := w.delegated("hanbit/b:dac", "d")
	w.do(kim, "request.remark", object{"request": id, "text": "x"})
	delegation := in(w.do("hanbit/b:dac", "committee.delegate", object{"role": "dac", "deputy": "d", "until": "2026-12-24T00:00:00Z"}), "id").(string)
	opened, _ := w.opened()
	w.do(privacy, "breakglass.justify", object{"breakglass": opened, "justification": "x"})
	_, confirmation := w.proposed()
	dataset := object{"dataset": "hanbit/breast-cancer"}
	about := func(changes object) object { return with(dataset, changes) }
	ballot := with(w.ballot(id, "approve", "dac"), object{"for": "b", "delegation": delegation})
	calls := []call{
		{operator, "institution.set", profile()},
		{steward, "committee.set", object{"role": "dac", "members": members("x")}},
		{"hanbit/c:dac", "committee.delegate", object{"role": "dac", "deputy": "d", "until": "2026-12-24T00:00:00Z"}},
		{"hanbit/b:dac", "committee.undelegate", object{"delegation": delegation[:8]}},
		{steward, "dataset.publish", publication()},
		{steward, "policy.set", about(object{"policy": policy()})},
		{steward, "policy.set", about(object{"policy": termed(), "applies": "existing"})},
		{kim, "request.submit", with(w.request(), object{"accepted_terms": digestOf("terms")})},
		{kim, "request.submit", with(w.request(), object{"accepted_terms": digestOf("terms"), "renews": other})},
		{kim, "request.amend", object{"request": id, "project": "later signs"}},
		{"hanbit/b:dac", "request.vote", w.ballot(id, "approve", "dac")},
		{"hanbit/d:dac", "request.vote", ballot},
		{"hanbit/b:dac", "request.vote", with(w.ballot(id, "recuse", "dac"), object{"reason": "x"})},
		{"hanbit/b:dac", "request.vote", with(w.ballot(id, "return", "dac"), object{"reason": "x"})},
		{steward, "request.vote", with(w.ballot(id, "close", "steward"), object{"reason": "x"})},
		{kim, "request.withdraw", object{"request": id[:8]}},
		{kim, "request.amend", object{"request": id[:8], "project": "x"}},
		{kim, "request.amend", object{"request": id, "texts": []object{{"kind": "description", "commitment": digestOf("x")}}}},
		{steward, "request.vote", w.says(id, "close", "steward", nil)},
		{"hanbit/a:dac", "committee.delegate", object{"role": "dac", "deputy": "e", "until": "2026-12-24T00:00:00Z"}},
		{"hanbit/b:dac", "committee.undelegate", object{"delegation": lent[:8]}},
		{"hanbit/d:dac", "request.vote", with(w.ballot(id, "approve", "dac"), object{"for": "b", "delegation": lent})},
		{kim, "delegation.list", object{"institution": "hanbit", "deputy": "d"}},
		{kim, "request.list", object{"waiting_for": "hanbit/dac", "waiting_person": "d"}},
		{park, "request.remark", object{"request": id, "kind": "opinion", "text": "x", "invitation": asked}},
		{"hanbit/b:dac", "request.invite", object{"request": id, "reviewer": "nuri/lim", "question": "x"}},
		{steward, "grant.revoke", object{"grant": grant[:8], "reason": "x", "others": []string{other, stopped}}},
		{kim, "grant.relinquish", object{"grant": grant}},
		{lee, "grant.relinquish", object{"grant": grant}},
		{privacy, "grant.suspend", object{"grant": grant, "reason": "x"}},
		{privacy, "grant.lift", object{"grant": stopped, "reason": "x"}},
		{lee, "grant.accept", object{"grant": grant, "terms": digestOf("terms")}},
		{privacy, "breakglass.propose", emergency()},
		{steward, "breakglass.confirm", confirmation},
		{steward, "ontology.page", object{"pages": cancers()[:1]}},
		{saeromSteward, "ontology.publish", publish(w.paged(hanbitSteward, cancers()))},
		{saeromSteward, "ontology.adopt", object{"system": "DOID", "digest": hierarchy}},

		{kim, "institution.get", object{"institution": "hanbit"}},
		{kim, "institution.list", object{}},
		{kim, "committee.get", object{"institution": "hanbit", "role": "dac"}},
		{kim, "committee.list", object{}},
		{kim, "delegation.list", object{"institution": "hanbit", "deputy": "d"}},
		{kim, "dataset.get", dataset},
		{kim, "dataset.manifest", dataset},
		{kim, "dataset.list", object{}},
		{kim, "policy.get", dataset},
		{kim, "policy.lint", object{"policy": policy()}},
		{kim, "policy.diff", dataset},
		{kim, "policy.diff", about(object{"policy": termed()})},
		{kim, "policy.ends", about(object{"policy": with(policy(), object{"recipients": []string{"onnuri"}})})},
		{kim, "policy.offer", dataset},
		{kim, "request.get", object{"request": id}},
		{kim, "request.list", object{"waiting_for": "hanbit/dac", "waiting_person": "d"}},
		{kim, "invitation.list", object{"reviewer": "nuri/park", "open": true}},
		{kim, "grant.get", object{"grant": grant}},
		{kim, "grant.list", object{"holder": "nuri/kim"}},
		{kim, "grant.others", object{"grant": grant}},
		{kim, "breakglass.get", object{"breakglass": opened}},
		{kim, "breakglass.get", object{"breakglass": confirmation["breakglass"]}},
		{kim, "breakglass.list", object{"owner": "hanbit"}},
		{steward, "breakglass.list", object{"waiting": true}},
		{kim, "explain", about(object{"purpose": object{"kind": "origins"}, "mode": "download"})},
		{kim, "check", about(object{"for": "nuri/kim", "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.1"}}, "mode": "download"})},
		{kim, "check", about(object{"for": "nuri/lee", "purpose": object{"kind": "clinical-care"}, "mode": "enclave"})},
		{kim, "audit.trail", dataset},
		{kim, "ontology.get", object{"system": "DOID"}},
		{kim, "ontology.list", object{}},
		{kim, "ontology.term", object{"system": "DOID", "code": "305"}},
		{kim, "ontology.missing", object{"sha256": []string{digestOf("x")}}},
	}
	return w, calls
}

// Whichever call the peer fails, the answer is INTERNAL: a read that failed is never taken for "nothing there", nor a decision made on what was read so far.
func TestWhateverThePeerFails(t *testing.T) {
	tried := map[string]bool{"contract.version": true} // which asks the peer for nothing
	w, calls := busy(t)
	w.survives(calls, tried)
	after := guarded(t)
	opened, _ := after.opened()
	after.survives([]call{{privacy, "breakglass.justify", object{"breakglass": opened, "justification": "x"}}}, tried)
	people, theirs := resting(t)
	people.survives(theirs, tried)
	transactions, queries := everyName(t)
	for _, name := range append(transactions, queries...) {
		if !tried[name] {
			t.Errorf("%s was not tried", name)
		}
	}
}

// resting is a world in which data rests on consent and law, with a private text, and for each transaction and query on these a call of it that succeeds.
func resting(t *testing.T) (*world, []call) {
	t.Helper()
	w := sample(t)
	w.do(privacy, "consent.begin", consent(nil))
	w.states(statement(nil))
	ground := w.rests(object{"cohorts": []string{"hanbit/oncology"}})["body"].(object)
	w.epoch(2, object{"withdrawn": "under-20"})
	w.do(privacy, "consent.exclude", exclusion(nil))
	w.epoch(3, object{"withdrawn": "under-20"})
	w.later(time.Hour)
	noted := in(w.do(kim, "request.submit", with(w.request(), object{"texts": []object{{"kind": "description", "commitment": commitment(plainText, salt)}}})), "id").(string)
	private := object{"request": noted, "commitment": commitment(plainText, salt)}
	kept, _, _ := w.private(kim, "", "text.keep", private, sent(plainText, salt))
	w.expect(w.ledger.Commit(kept, institutions...), ledgertest.Valid)
	dataset := object{"dataset": "hanbit/breast-cancer"}
	return w, []call{
		{privacy, "ground.set", object{"dataset": ground["dataset"], "version_digest": ground["version_digest"], "cohorts": ground["cohorts"], "bases": ground["bases"]}},
		{privacy, "consent.begin", consent(object{"slug": "other"})},
		{privacy, "consent.epoch", epoch(object{"epoch": 4})},
		{privacy, "consent.exclude", exclusion(object{"epoch": 3})},
		{privacy, "consent.end", object{"cohort": "hanbit/oncology", "reason": "x"}},
		{privacy, "basis.set", basis()},
		{privacy, "basis.end", object{"basis": "hanbit/irb-waiver", "reason": "x"}},
		{privacy, "deid.state", object{"dataset": "hanbit/breast-cancer", "version_digest": ground["version_digest"], "statement": statement(nil)}},
		{kim, "ground.get", dataset},
		{kim, "deid.get", dataset},
		{kim, "consent.get", object{"cohort": "hanbit/oncology"}},
		{kim, "consent.list", object{}},
		{kim, "basis.get", object{"basis": "hanbit/irb-waiver"}},
		{kim, "basis.list", object{}},
		{kim, "text.keep", private},
		{"hanbit/a:dac", "text.get", private},
		{privacy, "text.purge", private},
		{kim, "dataset.get", dataset},
		{kim, "explain", object{"dataset": "hanbit/breast-cancer", "purpose": object{"kind": "origins", "linking": true}, "mode": "download"}},
		{kim, "check", object{"dataset": "hanbit/breast-cancer", "for": "nuri/kim", "purpose": object{"kind": "origins"}, "mode": "download"}},
		{kim, "audit.trail", dataset},
	}
}

// survives makes the peer fail at each call of it in turn.
func (w *world) survives(calls []call, tried map[string]bool) {
	w.Helper()
	for i, c := range calls {
		tried[c.name] = true
		creator := w.person(c.who)
		for failing := 1; ; failing++ {
			if failing > 300 {
				w.Fatalf("%s never succeeds", c.name)
			}
			stub := w.ledger.Begin(digestOf(fmt.Sprint(i, c.name, failing)), w.now, creator)
			stub.FailAt, stub.Transient = failing, sent(plainText, salt)
			response := run(w, stub, c.name, text(c.argument))
			if response.Status == 200 {
				if failing < 2 || stub.RoundTrips >= failing {
					w.Fatalf("%s succeeds although call %d of %d failed", c.name, failing, stub.RoundTrips)
				}
				break
			}
			if refused := parsed(w, response.Message); refused.Code != refusal.Internal {
				w.Fatalf("%s by %s, call %d: %v", c.name, c.who, failing, refused)
			}
		}
	}
}
