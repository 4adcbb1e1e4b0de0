package contract_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

func permitted() object {
	return object{
		"root": digestOf("members"), "people": "100-999", "withdrawn": "none", "use": []object{{"permission": "GRU"}},
		"law": object{"code": "KR-BIOETHICS-CONSENT"}, "wording": object{"url": "https://hanbit.example/consent", "sha256": digestOf("wording")},
	}
}

func consent(changes object) object {
	return with(with(permitted(), object{"slug": "oncology", "title": "Oncology, Hanbit Hospital"}), changes)
}

func epoch(changes object) object {
	return with(with(permitted(), object{"cohort": "hanbit/oncology"}), changes)
}

func exclusion(changes object) object {
	return with(object{"cohort": "hanbit/oncology", "epoch": 1, "dataset": "hanbit/breast-cancer", "version": 1, "exclusion_list": digestOf("list")}, changes)
}

var onConsent = object{"cohorts": []string{"hanbit/oncology"}, "bases": nil}

// consented is a sample world in which hanbit/breast-cancer rests on the consent of a cohort.
func consented(t *testing.T) *world {
	t.Helper()
	w := sample(t)
	w.do(privacy, "consent.begin", consent(nil))
	w.rests(onConsent)
	return w
}

// epoch makes the next epoch after the time for it has come.
func (w *world) epoch(number int, changes object) object {
	w.Helper()
	w.later(time.Hour)
	return w.do(privacy, "consent.epoch", epoch(with(object{"epoch": number}, changes)))
}

func (w *world) explained(changes object) object {
	w.Helper()
	return w.ask("explain", with(object{"dataset": "hanbit/breast-cancer", "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}}, "mode": "download"}, changes))
}

func has(answer object, code string) bool { return slices.Contains(reasons(answer), code) }

func obliges(answer object, duty string) bool {
	list, _ := answer["obligations"].([]any)
	return slices.Contains(list, any(duty))
}

func pinned(answer object, kind, id string) bool {
	list, _ := answer["evaluated"].([]any)
	return slices.ContainsFunc(list, func(ref any) bool { return in(ref, "type") == kind && in(ref, "id") == id })
}

func TestCohortsAndEpochs(t *testing.T) {
	w := sample(t)
	for _, who := range []string{steward, "hanbit/a:dac", kim} {
		w.refused(refusal.Forbidden, who, "consent.begin", consent(nil))
	}
	for field, changes := range map[string]object{
		"slug": {"slug": "On Cology"}, "title": {"title": ""}, "batch_seconds": {"batch_seconds": 0}, "root": {"root": "x"}, "people": {"people": "569"},
		"withdrawn": {"withdrawn": "3"}, "use": {"use": []object{}}, "use[0].permission": {"use": []object{{"permission": "ANY"}}}, "law.code": {"law": object{"code": "KR-PIPA-28-2"}},
		"wording.url": {"wording": object{"url": "x", "sha256": digestOf("x")}}, "statement": {"statement": "a\nb"},
	} {
		w.expect(w.refused(refusal.Invalid, privacy, "consent.begin", consent(changes)).Field, field)
	}
	w.expect(w.refused(refusal.Invalid, privacy, "consent.begin", consent(object{"people": "none"})).Field, "people")
	w.refused(refusal.Invalid, privacy, "consent.begin", consent(object{"batch_seconds": 90*86400 + 1}))
	contradicts := consent(object{"use": []object{{"permission": "POA", "limits": []object{{"term": "NPOA"}}}}})
	w.expect(w.refused(refusal.Invalid, privacy, "consent.begin", contradicts).Field, "use")

	began := w.do(privacy, "consent.begin", consent(object{"batch_seconds": 7200}))
	w.expect(in(began, "cohort", "id"), "hanbit/oncology")
	w.expect(in(began, "epoch", "id"), "hanbit/oncology~1")
	w.expect(in(began, "epoch", "status"), "final")
	w.expect(in(began, "epoch", "body", "use_since"), "2026-11-24T10:00:00Z")
	w.refused(refusal.Conflict, privacy, "consent.begin", consent(nil))

	w.refused(refusal.TooSoon, privacy, "consent.epoch", epoch(object{"epoch": 2}))
	w.later(2*time.Hour - time.Second)
	w.refused(refusal.TooSoon, privacy, "consent.epoch", epoch(object{"epoch": 2, "use": []object{{"permission": "DS", "diseases": []string{"ICD10:C50"}}}}))
	w.later(time.Second)
	w.refused(refusal.Forbidden, steward, "consent.epoch", epoch(object{"epoch": 2}))
	w.refused(refusal.Forbidden, "saerom/p:privacy", "consent.epoch", epoch(object{"epoch": 2}))
	w.expect(w.refused(refusal.Conflict, privacy, "consent.epoch", epoch(object{"epoch": 3})).Field, "epoch")
	w.refused(refusal.Conflict, privacy, "consent.epoch", epoch(object{"epoch": 1}))
	w.refused(refusal.NotFound, privacy, "consent.epoch", epoch(object{"epoch": 2, "cohort": "hanbit/none"}))
	second := w.do(privacy, "consent.epoch", epoch(object{"epoch": 2, "withdrawn": "under-20"}))
	w.expect(in(second, "epoch", "body", "use_since"), "2026-11-24T10:00:00Z") // as before
	w.expect(in(second, "epoch", "body", "withdrawn_since"), 2.0)
	w.expect(in(second, "cohort", "changes", 1, "note"), "epoch 2")
	w.expect(in(second, "cohort", "body", "latest_epoch"), 2.0)
	w.later(2 * time.Hour)
	third := w.do(privacy, "consent.epoch", epoch(object{"epoch": 3, "withdrawn": "20-99", "use": []object{{"permission": "HMB"}}}))
	w.expect(in(third, "epoch", "body", "use_since"), "2026-11-24T14:00:00Z")
	w.expect(in(third, "epoch", "body", "withdrawn_since"), 2.0)

	w.expect(in(w.ask("consent.get", object{"cohort": "hanbit/oncology"}), "epoch", "record", "id"), "hanbit/oncology~3")
	w.expect(in(w.ask("consent.get", object{"cohort": "hanbit/oncology", "epoch": 1}), "epoch", "record", "body", "people"), "100-999")
	w.refused(refusal.NotFound, kim, "consent.get", object{"cohort": "hanbit/oncology", "epoch": 4})
	w.expect(in(w.ask("consent.list", object{"institution": "hanbit"}), "items", 0, "epoch", "record", "id"), "hanbit/oncology~3")
	w.expect(len(w.ask("consent.list", object{"institution": "nuri"})["items"].([]any)), 0)

	w.refused(refusal.Forbidden, steward, "consent.end", object{"cohort": "hanbit/oncology", "reason": "x"})
	w.refused(refusal.Invalid, privacy, "consent.end", object{"cohort": "hanbit/oncology"})
	stub, _, refused := w.simulate(privacy, "consent.end", text(object{"cohort": "hanbit/oncology", "reason": "the study is closed"}))
	if refused != nil || w.ledger.Commit(stub, "hanbit") != ledgertest.Valid {
		t.Fatal("ending needs the owner's endorsement alone", refused)
	}
	w.refused(refusal.Decided, privacy, "consent.end", object{"cohort": "hanbit/oncology", "reason": "x"})
	w.later(2 * time.Hour)
	w.refused(refusal.Decided, privacy, "consent.epoch", epoch(object{"epoch": 4}))
}

// Two epochs that race: one counts.
func TestEpochsThatRace(t *testing.T) {
	w := consented(t)
	w.later(time.Hour)
	first, _, _ := w.simulate(privacy, "consent.epoch", text(epoch(object{"epoch": 2})))
	second, _, _ := w.simulate(privacy, "consent.epoch", text(epoch(object{"epoch": 2, "root": digestOf("other")})))
	w.expect(w.ledger.Commit(first, institutions...), ledgertest.Valid)
	w.expect(w.ledger.Commit(second, institutions...) != ledgertest.Valid, true)
}

// A cohort outlives the changes that a record can have: withdrawing must always be possible, and so must ending.
func TestAsManyEpochsAsItTakes(t *testing.T) {
	w := consented(t)
	w.do(privacy, "consent.exclude", exclusion(nil))
	for number := 2; number <= 203; number++ {
		w.epoch(number, object{"withdrawn": "under-20"})
		w.do(privacy, "consent.exclude", exclusion(object{"epoch": number}))
	}
	head := w.ask("consent.get", object{"cohort": "hanbit/oncology"})
	changes := in(head, "cohort", "record", "changes").([]any)
	w.expect(len(changes) < 150, true)
	w.expect(in(changes, 0, "action"), "cohort.created")
	w.expect(in(changes, len(changes)-1, "note"), "epoch 203")
	w.expect(w.explained(nil)["decision"], "permit")
	w.do(privacy, "consent.end", object{"cohort": "hanbit/oncology", "reason": "x"})
	w.expect(reasons(w.explained(nil)), []string{"USE_PERMITTED", "CONSENT_ENDED"})
}

// What the people permit is asked wherever a grant is given or used, and the newest epoch alone is.
func TestConsentDecides(t *testing.T) {
	w := consented(t)
	permit := w.explained(nil)
	w.expect(permit["decision"], "permit")
	w.expect(pinned(permit, "ground", "hanbit/breast-cancer@1") && pinned(permit, "cohort", "hanbit/oncology") && pinned(permit, "epoch", "hanbit/oncology~1"), true)
	w.granted()
	w.expect(reasons(w.check(nil)), []string{"GRANTED"})
	w.expect(pinned(w.check(nil), "epoch", "hanbit/oncology~1"), true)
	open := w.submitted()
	w.vote("saerom/e-1:ethics", open, "approve")
	w.vote("hanbit/a:dac", open, "approve")

	narrow := object{"use": []object{{"permission": "DS", "diseases": []string{"ICD10:C34"}}}}
	w.epoch(2, narrow)
	denied := w.explained(nil)
	w.expect(reasons(denied), []string{"USE_PERMITTED", "CONSENT_DENIES"})
	w.expect(in(denied, "reasons", 1, "clause"), "ground.cohorts[0]")
	for _, part := range []string{"hanbit/oncology", "~2"} {
		w.expect(strings.Contains(in(denied, "reasons", 1, "message").(string), part), true)
	}
	w.expect(w.check(nil)["decision"], "deny")
	w.expect(reasons(w.check(nil)), []string{"CONSENT_DENIES"})
	refused := w.refused(refusal.PolicyDenies, kim, "request.submit", w.request())
	w.expect(in(refused.Details[1], "code"), "CONSENT_DENIES")
	refused = w.refused(refusal.PolicyDenies, "hanbit/b:dac", "request.vote", w.ballot(open, "approve", "dac"))
	w.expect(in(refused.Details[0], "code"), "CONSENT_DENIES")
	w.vote("hanbit/b:dac", open, "reject") // a rejecting vote never is refused by it
	w.vote("hanbit/c:dac", open, "reject")

	// the use that is asked about is judged, which may be narrower than the granted one
	w.epoch(3, object{"use": []object{{"permission": "DS", "diseases": []string{"ICD10:C50.11"}}}})
	w.expect(w.check(nil)["decision"], "deny")
	w.expect(w.check(object{"purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.11"}}})["decision"], "permit")

	w.epoch(4, nil)
	w.expect(w.check(nil)["decision"], "permit")
	w.expect(pinned(w.check(nil), "epoch", "hanbit/oncology~4"), true)
}

// An approving vote that does not complete is taken: by the time another does, the people may permit it again.
func TestAVoteThatDoesNotComplete(t *testing.T) {
	w := consented(t)
	id := w.submitted()
	w.epoch(2, object{"use": []object{{"permission": "POA"}}})
	w.vote("saerom/e-1:ethics", id, "approve")
	w.vote("hanbit/a:dac", id, "approve")
	w.refused(refusal.PolicyDenies, "hanbit/b:dac", "request.vote", w.ballot(id, "approve", "dac"))
	w.epoch(3, nil)
	w.expect(w.vote("hanbit/b:dac", id, "approve")["state"], "approved")
}

// What the people leave to people to judge is judged by those who approve; what came after them has been judged by nobody.
func TestConsentThatNeedsReview(t *testing.T) {
	w := sample(t)
	w.do(privacy, "consent.begin", consent(object{"use": []object{{"permission": "GRU", "limits": []object{{"term": "NCU"}}, "duties": []object{{"term": "PUB"}}}}}))
	w.rests(onConsent)
	w.later(time.Minute)
	explained := w.explained(nil)
	w.expect(explained["decision"], "review")
	w.expect(reasons(explained), []string{"USE_PERMITTED", "CONSENT_NEEDS_REVIEW"})
	w.expect(in(explained, "claimed", 0), "commercial")
	w.expect(obliges(explained, "publish-results"), true)
	w.expect(has(w.explained(object{"purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}, "commercial": true}}), "CONSENT_DENIES"), true)
	w.granted()
	permit := w.check(nil)
	w.expect(permit["decision"], "permit")
	w.expect(obliges(permit, "publish-results"), true)
	w.epoch(2, object{"use": []object{{"permission": "GRU", "limits": []object{{"term": "NCU"}}, "duties": []object{{"term": "PUB"}}}}}) // as it was
	w.expect(w.check(nil)["decision"], "permit")
	w.epoch(3, object{"use": []object{{"permission": "GRU", "limits": []object{{"term": "RS", "text": "of the breast"}}}}})
	w.expect(w.check(nil)["decision"], "review")
	w.expect(reasons(w.check(nil)), []string{"CONSENT_NEEDS_REVIEW"})
}

// One person's withdrawal ends nobody else's use while the owner has time to leave them out, and the owner has no more than that.
func TestExclusion(t *testing.T) {
	w := consented(t)
	w.set(object{"exclusion_period_seconds": 2 * 86400}, nil)
	w.granted()
	w.epoch(2, nil) // nobody has withdrawn
	w.expect(reasons(w.check(nil)), []string{"GRANTED"})
	w.later(30 * time.Hour)
	w.epoch(3, object{"withdrawn": "under-20"})
	due := w.check(nil)
	w.expect(due["decision"], "permit")
	w.expect(reasons(due), []string{"EXCLUSION_DUE", "GRANTED"})
	w.expect(strings.Contains(in(due, "reasons", 0, "message").(string), "2026-11-27T18:00:00Z"), true)
	w.expect(obliges(due, "exclude-withdrawn hanbit/oncology~3"), true)
	w.expect(obliges(w.explained(nil), "exclude-withdrawn hanbit/oncology~3"), true)

	for _, who := range []string{"hanbit/a:dac", "saerom/p:privacy", kim} {
		w.refused(refusal.Forbidden, who, "consent.exclude", exclusion(object{"epoch": 3}))
	}
	for field, changes := range map[string]object{
		"content": {"exclusion_list": nil}, "exclusion_list": {"exclusion_list": "x"}, "content.root": {"exclusion_list": nil, "content": object{"root": "x", "files": 1, "bytes": 1}},
		"content.files": {"exclusion_list": nil, "content": object{"root": digestOf("x"), "bytes": 1}}, "epoch": {"epoch": 0}, "version": {"version": 0}, "cohort": {"cohort": "x"},
	} {
		w.expect(w.refused(refusal.Invalid, privacy, "consent.exclude", exclusion(changes)).Field, field)
	}
	w.refused(refusal.Invalid, privacy, "consent.exclude", exclusion(object{"content": object{"root": digestOf("x"), "files": 1, "bytes": 1}}))
	w.expect(w.refused(refusal.NotFound, privacy, "consent.exclude", exclusion(object{"epoch": 4})).Field, "epoch")
	w.refused(refusal.NotFound, privacy, "consent.exclude", exclusion(object{"version": 2}))
	w.refused(refusal.NotFound, privacy, "consent.exclude", exclusion(object{"cohort": "hanbit/none"}))
	w.refused(refusal.Forbidden, privacy, "consent.exclude", exclusion(object{"cohort": "nuri/oncology"}))

	w.do(steward, "consent.exclude", exclusion(object{"epoch": 2})) // does not help: they withdrew later
	w.expect(has(w.check(nil), "EXCLUSION_DUE"), true)
	w.do(steward, "consent.exclude", exclusion(object{"epoch": 3}))
	w.refused(refusal.Conflict, steward, "consent.exclude", exclusion(object{"epoch": 2}))
	attested := w.check(nil)
	w.expect(reasons(attested), []string{"GRANTED"})
	w.expect(obliges(attested, "exclude-withdrawn hanbit/oncology~3"), true)
	w.expect(pinned(attested, "exclusion", "hanbit/breast-cancer@1/oncology"), true)
	shown := w.ask("consent.get", object{"cohort": "hanbit/oncology"})
	w.expect(in(shown, "datasets", 0), "hanbit/breast-cancer@1")
	w.expect(in(shown, "exclusions", 0, "record", "body", "epoch"), 3.0)

	// the time runs from the first epoch that is not attested, however many follow
	w.epoch(4, object{"withdrawn": "under-20"})
	first := w.now
	w.later(24 * time.Hour)
	w.epoch(5, object{"withdrawn": "20-99"})
	w.now = first.Add(48*time.Hour - time.Second)
	w.expect(w.check(nil)["decision"], "permit")
	w.expect(obliges(w.check(nil), "exclude-withdrawn hanbit/oncology~5"), true)
	w.later(time.Second)
	overdue := w.check(nil)
	w.expect(overdue["decision"], "deny")
	w.expect(reasons(overdue), []string{"EXCLUSION_OVERDUE"})
	w.expect(in(overdue, "reasons", 0, "clause"), "ground.cohorts[0]")
	w.refused(refusal.PolicyDenies, kim, "request.submit", w.request())
	w.do(steward, "consent.exclude", exclusion(object{"epoch": 5, "exclusion_list": nil, "content": object{"root": digestOf("without"), "files": 2, "bytes": 900}}))
	w.expect(reasons(w.check(nil)), []string{"GRANTED"})
}

// Without another word in the policy the owner has two weeks.
func TestTwoWeeks(t *testing.T) {
	w := consented(t)
	w.granted()
	w.epoch(2, object{"withdrawn": "under-20"})
	w.later(14*24*time.Hour - time.Second)
	w.expect(w.check(nil)["decision"], "permit")
	w.later(time.Second)
	w.expect(reasons(w.check(nil)), []string{"EXCLUSION_OVERDUE"})
}

// What the grounds cost a check: for each record a range and its seal, and a range where there is none. Without them the same check takes 19 calls.
func TestWhatGroundsCost(t *testing.T) {
	w := sample(t)
	w.granted()
	cost := func() int {
		w.expect(w.check(nil)["decision"], "permit")
		return w.last.RoundTrips
	}
	const bare = 19
	w.expect(cost(), bare+2+2+1) // ground, basis, no statement
	w.states(statement(nil))
	w.expect(cost(), bare+2+2+2)
	w.do(privacy, "consent.begin", consent(nil))
	w.rests(onConsent)
	w.expect(cost(), bare+2+2+2+2) // cohort and epoch in place of the basis
	w.epoch(2, object{"withdrawn": "under-20"})
	w.expect(cost(), bare+2+2+2+2+1) // no exclusion, and the epoch is the newest
	w.epoch(3, object{"withdrawn": "under-20"})
	w.expect(cost(), bare+2+2+2+2+1+2) // the first that is owed is another
	w.do(privacy, "consent.exclude", exclusion(object{"epoch": 3}))
	w.expect(cost(), bare+2+2+2+2+2)
}

// The same number of reads whatever the number of epochs.
func TestConsentIsFlat(t *testing.T) {
	w := consented(t)
	w.granted()
	w.epoch(2, object{"withdrawn": "under-20"})
	w.epoch(3, object{"withdrawn": "under-20"})
	w.check(nil)
	before := w.last.RoundTrips
	for number := 4; number < 30; number++ {
		w.epoch(number, object{"withdrawn": "under-20"})
	}
	w.check(nil)
	w.expect(w.last.RoundTrips, before)
}
