package contract_test

import (
	"fmt"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

type call struct {
	who, name string
	argument  object
}

// busy is a world in which everything there is stands but an emergency that is not justified, and for each transaction and query a call of it that succeeds.
func busy(t *testing.T) (*sample.World, []call) {
	t.Helper()
	w := sample.Guarded(t)
	w.Do(sample.Operator, "institution.set", sample.Profile())
	w.Do("nuri/op:operator", "institution.set", sample.Profile())
	hierarchy := w.Loaded(sample.HanbitSteward, sample.Cancers())
	w.Do(sample.NuriSteward, "ontology.adopt", object{"system": "DOID", "digest": hierarchy})
	w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.Termed()})
	people := object{"researchers": []string{"kim", "lee"}, "accepted_terms": sample.DigestOf("terms")}
	grant, other := w.GrantTo(people), w.GrantTo(people)
	stopped := w.GrantTo(people)
	w.Do(sample.Privacy, "grant.suspend", object{"grant": stopped, "reason": "x"})
	id := sample.In(w.Do(sample.Kim, "request.submit", sample.With(w.Request(), object{"accepted_terms": sample.DigestOf("terms"), "renews": grant})), "id").(string)
	w.Vote("saerom/e-1:ethics", id, "approve")
	w.Vote("hanbit/a:dac", id, "approve")
	asked := w.Invited(id, "nuri/park")
	lent := w.Delegated("hanbit/b:dac", "d")
	w.Do(sample.Kim, "request.remark", object{"request": id, "text": "x"})
	delegation := sample.In(w.Do("hanbit/b:dac", "committee.delegate", object{"role": "dac", "deputy": "d", "until": "2026-12-24T00:00:00Z"}), "id").(string)
	opened, glass := w.Opened()
	w.Do(sample.Privacy, "grant.revoke", object{"grant": glass, "reason": "x"})
	w.Do("hanbit/q:privacy", "breakglass.justify", object{"breakglass": opened, "justification": "x"})
	_, confirmation := w.Proposed()
	announced := w.Do("hanbit/f:dac", "person.announce", object{})["id"]
	proposal := w.Alone(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.Termed(), object{"max_duration_seconds": 91 * 86400})})
	dataset := object{"dataset": "hanbit/breast-cancer"}
	about := func(changes object) object { return sample.With(dataset, changes) }
	ballot := sample.With(w.Ballot(id, "approve", "dac"), object{"for": "b", "delegation": delegation})
	calls := []call{
		{sample.Operator, "institution.set", anotherTitle()},
		{sample.Steward, "committee.set", object{"role": "dac", "members": []object{{"id": "x", "key": w.KeyOf("hanbit/x")}}}},
		{sample.Steward, "committee.seat", object{"role": "dac", "members": []object{{"id": "x", "key": w.KeyOf("hanbit/x")}}}},
		{"hanbit/c:dac", "committee.delegate", object{"role": "dac", "deputy": "d", "deputy_key": w.KeyOf("hanbit/d"), "until": "2026-12-24T00:00:00Z"}},
		{sample.Park, "person.announce", object{}},
		{sample.Steward, "person.admit", object{"person": "f", "key": w.KeyOf("hanbit/f")}},
		{sample.Steward, "person.end", object{"person": "f", "announced": announced, "reason": "x"}},
		{sample.Second(sample.Steward), "proposal.confirm", w.Confirmation(proposal)},
		{sample.Second(sample.Steward), "proposal.reject", object{"proposal": proposal["id"], "reason": "x"}},
		{"hanbit/b:dac", "committee.undelegate", object{"delegation": delegation[:8]}},
		{sample.Steward, "committee.unseat", object{"role": "dac", "members": []string{"c"}}},
		{"hanbit/chair:operator", "institution.dismiss", object{"officers": []string{"steward"}}},
		{sample.Steward, "dataset.publish", sample.NextVersion()},
		{sample.Steward, "policy.set", about(object{"policy": sample.Policy()})},
		{sample.Steward, "policy.set", about(object{"policy": sample.Termed(), "applies": "existing"})},
		{sample.Kim, "request.submit", sample.With(w.Request(), object{"accepted_terms": sample.DigestOf("terms")})},
		{sample.Kim, "request.submit", sample.With(w.Request(), object{"accepted_terms": sample.DigestOf("terms"), "renews": other})},
		{sample.Kim, "request.amend", object{"request": id, "project": "later signs"}},
		{"hanbit/b:dac", "request.vote", w.Ballot(id, "approve", "dac")},
		{"hanbit/d:dac", "request.vote", ballot},
		{"hanbit/b:dac", "request.vote", sample.With(w.Ballot(id, "recuse", "dac"), object{"reason": "x"})},
		{"hanbit/b:dac", "request.vote", sample.With(w.Ballot(id, "return", "dac"), object{"reason": "x"})},
		{sample.Steward, "request.vote", sample.With(w.Ballot(id, "close", "steward"), object{"reason": "x"})},
		{sample.Kim, "request.withdraw", object{"request": id[:8]}},
		{sample.Kim, "request.amend", object{"request": id[:8], "project": "x"}},
		{sample.Kim, "request.amend", object{"request": id, "texts": []object{{"kind": "description", "commitment": sample.DigestOf("x")}}}},
		{sample.Steward, "request.vote", w.Says(id, "close", "steward", nil)},
		{"hanbit/a:dac", "committee.delegate", object{"role": "dac", "deputy": "e", "deputy_key": w.KeyOf("hanbit/e"), "until": "2026-12-24T00:00:00Z"}},
		{"hanbit/b:dac", "committee.undelegate", object{"delegation": lent[:8]}},
		{"hanbit/d:dac", "request.vote", sample.With(w.Ballot(id, "approve", "dac"), object{"for": "b", "delegation": lent})},
		{sample.Kim, "delegation.list", object{"institution": "hanbit", "deputy": "d"}},
		{sample.Kim, "request.list", object{"waiting_for": "hanbit/dac", "waiting_person": "d"}},
		{sample.Park, "request.remark", object{"request": id, "kind": "opinion", "text": "x", "invitation": asked}},
		{"hanbit/b:dac", "request.invite", object{"request": id, "reviewer": "nuri/lim", "question": "x"}},
		{sample.Steward, "grant.revoke", object{"grant": grant[:8], "reason": "x", "others": []string{other, stopped}}},
		{sample.Kim, "grant.relinquish", object{"grant": grant}},
		{sample.Lee, "grant.relinquish", object{"grant": grant}},
		{sample.Privacy, "grant.suspend", object{"grant": grant, "reason": "x"}},
		{sample.Privacy, "grant.lift", object{"grant": stopped, "reason": "x"}},
		{sample.Lee, "grant.accept", object{"grant": grant, "terms": sample.DigestOf("terms")}},
		{sample.Privacy, "breakglass.propose", sample.Emergency()},
		{sample.Steward, "breakglass.confirm", confirmation},
		{sample.Steward, "ontology.page", object{"pages": sample.Cancers()[:1]}},
		{sample.SaeromSteward, "ontology.publish", sample.Publish(w.Paged(sample.HanbitSteward, sample.Cancers()))},
		{sample.SaeromSteward, "ontology.adopt", object{"system": "DOID", "digest": hierarchy}},

		{sample.Kim, "institution.get", object{"institution": "hanbit"}},
		{sample.Kim, "institution.list", object{}},
		{sample.Kim, "committee.get", object{"institution": "hanbit", "role": "dac"}},
		{sample.Kim, "committee.list", object{}},
		{sample.Kim, "delegation.list", object{"institution": "hanbit", "deputy": "d"}},
		{sample.Kim, "person.list", object{"institution": "hanbit", "person": "f"}},
		{sample.Kim, "proposal.get", object{"proposal": proposal["id"].(string)[:8]}},
		{sample.Kim, "proposal.list", object{"institution": "hanbit"}},
		{sample.Second(sample.Steward), "proposal.list", object{"waiting": true}},
		{sample.Kim, "dataset.get", dataset},
		{sample.Kim, "dataset.manifest", dataset},
		{sample.Kim, "dataset.list", object{}},
		{sample.Kim, "policy.get", dataset},
		{sample.Kim, "policy.lint", object{"policy": sample.Policy()}},
		{sample.Kim, "policy.diff", dataset},
		{sample.Kim, "policy.diff", about(object{"policy": sample.Termed()})},
		{sample.Kim, "policy.ends", about(object{"policy": sample.With(sample.Policy(), object{"recipients": []string{"onnuri"}})})},
		{sample.Kim, "policy.offer", dataset},
		{sample.Kim, "request.get", object{"request": id}},
		{sample.Kim, "request.list", object{"waiting_for": "hanbit/dac", "waiting_person": "d"}},
		{sample.Kim, "invitation.list", object{"reviewer": "nuri/park", "open": true}},
		{sample.Kim, "grant.get", object{"grant": grant}},
		{sample.Kim, "grant.list", object{"holder": "nuri/kim"}},
		{sample.Kim, "grant.others", object{"grant": grant}},
		{sample.Kim, "breakglass.get", object{"breakglass": opened}},
		{sample.Kim, "breakglass.get", object{"breakglass": confirmation["breakglass"]}},
		{sample.Kim, "breakglass.list", object{"owner": "hanbit"}},
		{sample.Steward, "breakglass.list", object{"waiting": true}},
		{sample.Kim, "explain", about(object{"purpose": object{"kind": "origins"}, "mode": "download"})},
		{sample.Kim, "check", about(object{"for": "nuri/kim", "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.1"}}, "mode": "download"})},
		{sample.Kim, "check", about(object{"for": "nuri/lee", "purpose": object{"kind": "clinical-care"}, "mode": "enclave"})},
		{sample.Kim, "audit.trail", dataset},
		{sample.Kim, "ontology.get", object{"system": "DOID"}},
		{sample.Kim, "ontology.list", object{}},
		{sample.Kim, "ontology.term", object{"system": "DOID", "code": "305"}},
		{sample.Kim, "ontology.missing", object{"sha256": []string{sample.DigestOf("x")}}},
	}
	return w, calls
}

// Whichever call the peer fails, the answer is INTERNAL: a read that failed is never taken for "nothing there", nor a decision made on what was read so far.
func TestWhateverThePeerFails(t *testing.T) {
	tried := map[string]bool{"contract.version": true} // which asks the peer for nothing
	w, calls := busy(t)
	survives(w, calls, tried)
	after := sample.Guarded(t)
	opened, _ := after.Opened()
	after.Install("hanbit/q:privacy")
	after.Later(time.Hour)
	survives(after, []call{{"hanbit/q:privacy", "breakglass.justify", object{"breakglass": opened, "justification": "x"}}}, tried)
	people, theirs := resting(t)
	survives(people, theirs, tried)
	leaving, released := releasing(t)
	survives(leaving, released, tried)
	transactions, queries := everyName(t)
	for _, name := range append(transactions, queries...) {
		if !tried[name] {
			t.Errorf("%s was not tried", name)
		}
	}
}

// resting is a world in which data rests on consent and law, with a private text, and for each transaction and query on these a call of it that succeeds.
func resting(t *testing.T) (*sample.World, []call) {
	t.Helper()
	w := sample.New(t)
	w.Do(sample.Privacy, "consent.begin", sample.Consent(nil))
	w.States(sample.Statement(nil))
	ground := w.Rests(object{"cohorts": []string{"hanbit/oncology"}})["body"].(object)
	w.Do(sample.Privacy, "basis.set", sample.With(sample.Basis(), object{"slug": "second"}))
	w.NextEpoch(2, object{"withdrawn": "under-20"})
	w.Do(sample.Privacy, "consent.exclude", sample.Exclusion(nil))
	w.NextEpoch(3, object{"withdrawn": "under-20"})
	w.Later(time.Hour)
	noted := sample.In(w.Do(sample.Kim, "request.submit", sample.With(w.Request(), object{"texts": []object{{"kind": "description", "commitment": sample.Commitment(sample.PlainText, sample.Salt)}}})), "id").(string)
	private := object{"request": noted, "commitment": sample.Commitment(sample.PlainText, sample.Salt)}
	kept, _, _ := w.Private(sample.Kim, "", "text.keep", private, sample.Sent(sample.PlainText, sample.Salt))
	w.Expect(w.Ledger.Commit(kept, sample.Institutions...), ledgertest.Valid)
	dataset := object{"dataset": "hanbit/breast-cancer"}
	w.Here.Institution = "nuri"
	return w, []call{
		{sample.Privacy, "ground.set", object{"dataset": ground["dataset"], "version_digest": ground["version_digest"], "cohorts": ground["cohorts"], "bases": []string{"hanbit/irb-waiver", "hanbit/second"}}},
		{sample.Privacy, "consent.begin", sample.Consent(object{"slug": "other"})},
		{sample.Privacy, "consent.epoch", sample.Epoch(object{"epoch": 4})},
		{sample.Privacy, "consent.exclude", sample.Exclusion(object{"epoch": 3})},
		{sample.Privacy, "consent.end", object{"cohort": "hanbit/oncology", "reason": "x"}},
		{sample.Privacy, "basis.set", sample.With(sample.Basis(), object{"article": "16"})},
		{sample.Privacy, "basis.end", object{"basis": "hanbit/irb-waiver", "reason": "x"}},
		{sample.Privacy, "deid.state", object{"dataset": "hanbit/breast-cancer", "version_digest": ground["version_digest"], "statement": sample.Statement(object{"residual_risk": "none that is known"})}},
		{sample.Kim, "ground.get", dataset},
		{sample.Kim, "deid.get", dataset},
		{sample.Kim, "consent.get", object{"cohort": "hanbit/oncology"}},
		{sample.Kim, "consent.list", object{}},
		{sample.Kim, "basis.get", object{"basis": "hanbit/irb-waiver"}},
		{sample.Kim, "basis.list", object{}},
		{sample.Kim, "text.keep", private},
		{"hanbit/a:dac", "text.get", private},
		{sample.Privacy, "text.purge", private},
		{sample.Kim, "ledger.beat", object{}},
		{sample.Kim, "ledger.age", object{}},
		{sample.Kim, "dataset.get", dataset},
		{sample.Kim, "explain", object{"dataset": "hanbit/breast-cancer", "purpose": object{"kind": "origins", "linking": true}, "mode": "download"}},
		{sample.Kim, "check", object{"dataset": "hanbit/breast-cancer", "for": "nuri/kim", "purpose": object{"kind": "origins"}, "mode": "download"}},
		{sample.Kim, "audit.trail", dataset},
	}
}

// releasing is a world in which data that rests on consent, and from which people have withdrawn, is released, and for each transaction and query on that a call of it that
// succeeds.
func releasing(t *testing.T) (*sample.World, []call) {
	t.Helper()
	w := sample.New(t)
	w.Delivers(sample.Kim)
	w.Do(sample.Privacy, "consent.begin", sample.Consent(nil))
	w.Rests(object{"cohorts": []string{"hanbit/oncology"}})
	grant := w.Granted()
	w.NextEpoch(2, object{"withdrawn": "under-20"})
	without := object{"root": sample.DigestOf("without"), "files": 2, "bytes": 1000}
	w.Do(sample.Privacy, "consent.exclude", sample.Exclusion(object{"epoch": 2, "exclusion_list": nil, "content": without}))
	excluding := object{"exclusions": []string{"hanbit/oncology"}}
	archive := w.Archived(excluding)
	receipt := w.Released(grant, archive)
	w.Later(time.Minute)
	key, _ := sample.DeliveryKey("nuri/other")
	return w, []call{
		{sample.Kim, "person.announce", object{"delivery": key}},
		{sample.Kim, "request.submit", w.Request()},
		{sample.Gateway, "archive.publish", w.Archive(excluding)},
		{sample.Gateway, "release.open", w.Asks(grant, archive, nil, nil)},
		{sample.Gateway, "release.close", object{"receipt": receipt, "outcome": "completed", "bytes": 1}},
		{sample.Kim, "archive.get", object{"dataset": "hanbit/breast-cancer"}},
		{sample.Kim, "archive.list", object{"dataset": "hanbit/breast-cancer"}},
		{sample.Kim, "receipt.get", object{"receipt": receipt[:8]}},
		{sample.Kim, "receipt.list", object{"grant": grant}},
		{sample.Kim, "release.check", object{"receipt": receipt}},
	}
}

// survives makes the peer fail at each call of it in turn.
func survives(w *sample.World, calls []call, tried map[string]bool) {
	w.Helper()
	for i, c := range calls {
		tried[c.name] = true
		creator := w.Person(c.who)
		for failing := 1; ; failing++ {
			if failing > 300 {
				w.Fatalf("%s never succeeds", c.name)
			}
			stub := w.Ledger.Begin(sample.DigestOf(fmt.Sprint(i, c.name, failing)), w.Now, creator)
			stub.FailAt, stub.Transient = failing, sample.Sent(sample.PlainText, sample.Salt)
			response := sample.Run(w, stub, c.name, sample.Text(c.argument))
			if response.Status == 200 {
				if failing < 2 || stub.RoundTrips >= failing {
					w.Fatalf("%s succeeds although call %d of %d failed", c.name, failing, stub.RoundTrips)
				}
				break
			}
			if refused := sample.Parsed(w, response.Message); refused.Code != refusal.Internal {
				w.Fatalf("%s by %s, call %d: %v", c.name, c.who, failing, refused)
			}
		}
	}
}
