package people_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

type (
	object = map[string]any
	TimeOf = time.Time
)

var onConsent = object{"cohorts": []string{"hanbit/oncology"}, "bases": nil}

// consented is a sample world in which hanbit/breast-cancer rests on the consent of a cohort.
func consented(t *testing.T) *sample.World {
	t.Helper()
	w := sample.New(t)
	w.Do(sample.Privacy, "consent.begin", sample.Consent(nil))
	w.Rests(onConsent)
	return w
}

func explainHypothetically(w *sample.World, changes object) object {
	w.Helper()
	return w.Ask("explain", sample.With(object{"dataset": "hanbit/breast-cancer", "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}}, "mode": "download"}, changes))
}

func has(answer object, code string) bool { return slices.Contains(sample.Reasons(answer), code) }

func obliges(answer object, duty string) bool {
	list, _ := answer["obligations"].([]any)
	return slices.Contains(list, any(duty))
}

func pinned(answer object, kind, id string) bool {
	list, _ := answer["evaluated"].([]any)
	return slices.ContainsFunc(list, func(ref any) bool { return sample.In(ref, "type") == kind && sample.In(ref, "id") == id })
}

func TestCohortsAndEpochs(t *testing.T) {
	w := sample.New(t)
	for _, who := range []string{sample.Steward, "hanbit/a:dac", sample.Kim} {
		w.Refused(refusal.Forbidden, who, "consent.begin", sample.Consent(nil))
	}
	for field, changes := range map[string]object{
		"slug": {"slug": "On Cology"}, "title": {"title": ""}, "batch_seconds": {"batch_seconds": 0}, "root": {"root": "x"}, "people": {"people": "569"},
		"withdrawn": {"withdrawn": "3"}, "use": {"use": []object{}}, "use[0].permission": {"use": []object{{"permission": "ANY"}}}, "law.code": {"law": object{"code": "KR-PIPA-28-2"}},
		"wording.url": {"wording": object{"url": "x", "sha256": sample.DigestOf("x")}}, "statement": {"statement": "a\nb"},
	} {
		w.Expect(w.Refused(refusal.Invalid, sample.Privacy, "consent.begin", sample.Consent(changes)).Field, field)
	}
	w.Expect(w.Refused(refusal.Invalid, sample.Privacy, "consent.begin", sample.Consent(object{"people": "none"})).Field, "people")
	w.Refused(refusal.Invalid, sample.Privacy, "consent.begin", sample.Consent(object{"batch_seconds": 90*86400 + 1}))
	contradicts := sample.Consent(object{"use": []object{{"permission": "POA", "limits": []object{{"term": "NPOA"}}}}})
	w.Expect(w.Refused(refusal.Invalid, sample.Privacy, "consent.begin", contradicts).Field, "use")

	began := w.Do(sample.Privacy, "consent.begin", sample.Consent(object{"batch_seconds": 7200}))
	w.Expect(sample.In(began, "cohort", "id"), "hanbit/oncology")
	w.Expect(sample.In(began, "epoch", "id"), "hanbit/oncology~1")
	w.Expect(sample.In(began, "epoch", "status"), "final")
	w.Expect(sample.In(began, "epoch", "body", "use_since"), "2026-11-24T10:00:00Z")
	w.Refused(refusal.Conflict, sample.Privacy, "consent.begin", sample.Consent(nil))

	w.Refused(refusal.TooSoon, sample.Privacy, "consent.epoch", sample.Epoch(object{"epoch": 2}))
	w.Later(2*time.Hour - time.Second)
	w.Refused(refusal.TooSoon, sample.Privacy, "consent.epoch", sample.Epoch(object{"epoch": 2, "use": []object{{"permission": "DS", "diseases": []string{"ICD10:C50"}}}}))
	w.Later(time.Second)
	w.Refused(refusal.Forbidden, sample.Steward, "consent.epoch", sample.Epoch(object{"epoch": 2}))
	w.Refused(refusal.Forbidden, "saerom/p:privacy", "consent.epoch", sample.Epoch(object{"epoch": 2}))
	w.Expect(w.Refused(refusal.Conflict, sample.Privacy, "consent.epoch", sample.Epoch(object{"epoch": 3})).Field, "epoch")
	w.Refused(refusal.Conflict, sample.Privacy, "consent.epoch", sample.Epoch(object{"epoch": 1}))
	w.Refused(refusal.NotFound, sample.Privacy, "consent.epoch", sample.Epoch(object{"epoch": 2, "cohort": "hanbit/none"}))
	second := w.Do(sample.Privacy, "consent.epoch", sample.Epoch(object{"epoch": 2, "withdrawn": "under-20"}))
	w.Expect(sample.In(second, "epoch", "body", "use_since"), "2026-11-24T10:00:00Z") // as before
	w.Expect(sample.In(second, "epoch", "body", "withdrawn_since"), 2.0)
	w.Expect(sample.In(second, "cohort", "changes", 1, "note"), "epoch 2")
	w.Expect(sample.In(second, "cohort", "body", "latest_epoch"), 2.0)
	w.Later(2 * time.Hour)
	third := w.Do(sample.Privacy, "consent.epoch", sample.Epoch(object{"epoch": 3, "withdrawn": "20-99", "use": []object{{"permission": "HMB"}}}))
	w.Expect(sample.In(third, "epoch", "body", "use_since"), "2026-11-24T14:00:00Z")
	w.Expect(sample.In(third, "epoch", "body", "withdrawn_since"), 2.0)

	w.Expect(sample.In(w.Ask("consent.get", object{"cohort": "hanbit/oncology"}), "epoch", "record", "id"), "hanbit/oncology~3")
	w.Expect(sample.In(w.Ask("consent.get", object{"cohort": "hanbit/oncology", "epoch": 1}), "epoch", "record", "body", "people"), "100-999")
	w.Refused(refusal.NotFound, sample.Kim, "consent.get", object{"cohort": "hanbit/oncology", "epoch": 4})
	w.Expect(sample.In(w.Ask("consent.list", object{"institution": "hanbit"}), "items", 0, "epoch", "record", "id"), "hanbit/oncology~3")
	w.Expect(len(w.Ask("consent.list", object{"institution": "nuri"})["items"].([]any)), 0)

	w.Refused(refusal.Forbidden, sample.Steward, "consent.end", object{"cohort": "hanbit/oncology", "reason": "x"})
	w.Refused(refusal.Invalid, sample.Privacy, "consent.end", object{"cohort": "hanbit/oncology"})
	stub, _, refused := w.Simulate(sample.Privacy, "consent.end", sample.Text(object{"cohort": "hanbit/oncology", "reason": "the study is closed"}))
	if refused != nil || w.Ledger.Commit(stub, "hanbit") != ledgertest.Valid {
		t.Fatal("ending needs the owner's endorsement alone", refused)
	}
	w.Refused(refusal.Decided, sample.Privacy, "consent.end", object{"cohort": "hanbit/oncology", "reason": "x"})
	w.Later(2 * time.Hour)
	w.Refused(refusal.Decided, sample.Privacy, "consent.epoch", sample.Epoch(object{"epoch": 4}))
}

// Two epochs that race: one counts.
// A cohort that is bound to its key takes no epoch that another key made, unless that is said.
func TestAnotherCohortsKey(t *testing.T) {
	w := sample.New(t)
	own, other := sample.DigestOf("own"), sample.DigestOf("other")
	w.Expect(w.Refused(refusal.Invalid, sample.Privacy, "consent.begin", sample.Consent(object{"key_check": "x"})).Field, "key_check")
	begun := w.Do(sample.Privacy, "consent.begin", sample.Consent(object{"key_check": own}))
	w.Expect(sample.In(begun, "cohort", "body", "key_check"), own)
	w.Later(time.Hour)
	for _, wrong := range []object{{"key_check": other}, {}} {
		w.Expect(w.Refused(refusal.Conflict, sample.Privacy, "consent.epoch", sample.Epoch(sample.With(wrong, object{"epoch": 2}))).Field, "key_check")
	}
	w.Expect(w.Refused(refusal.Invalid, sample.Privacy, "consent.epoch", sample.Epoch(object{"epoch": 2, "new_key": true})).Field, "key_check")
	w.Expect(sample.In(w.NextEpoch(2, object{"key_check": own}), "cohort", "body", "key_check"), own)
	w.Expect(sample.In(w.NextEpoch(3, object{"key_check": other, "new_key": true}), "cohort", "body", "key_check"), other)
	w.Later(time.Hour)
	w.Refused(refusal.Conflict, sample.Privacy, "consent.epoch", sample.Epoch(object{"epoch": 4, "key_check": own}))
}

// A cohort that was begun without takes a key with its next epoch.
func TestACohortGetsItsKeyLater(t *testing.T) {
	w := sample.New(t)
	w.Do(sample.Privacy, "consent.begin", sample.Consent(nil))
	w.Expect(sample.In(w.NextEpoch(2, nil), "cohort", "body", "key_check"), nil)
	w.Expect(sample.In(w.NextEpoch(3, object{"key_check": sample.DigestOf("own")}), "cohort", "body", "key_check"), sample.DigestOf("own"))
}

func TestEpochsThatRace(t *testing.T) {
	w := consented(t)
	w.Later(time.Hour)
	first, _, _ := w.Simulate(sample.Privacy, "consent.epoch", sample.Text(sample.Epoch(object{"epoch": 2})))
	second, _, _ := w.Simulate(sample.Privacy, "consent.epoch", sample.Text(sample.Epoch(object{"epoch": 2, "root": sample.DigestOf("other")})))
	w.Expect(w.Ledger.Commit(first, sample.Institutions...), ledgertest.Valid)
	w.Expect(w.Ledger.Commit(second, sample.Institutions...) != ledgertest.Valid, true)
}

// A cohort outlives the changes that a record can have: withdrawing must always be possible, and so must ending.
func TestAsManyEpochsAsItTakes(t *testing.T) {
	w := consented(t)
	w.Do(sample.Privacy, "consent.exclude", sample.Exclusion(nil))
	for number := 2; number <= 203; number++ {
		w.NextEpoch(number, object{"withdrawn": "under-20"})
		w.Do(sample.Privacy, "consent.exclude", sample.Exclusion(object{"epoch": number}))
	}
	head := w.Ask("consent.get", object{"cohort": "hanbit/oncology"})
	changes := sample.In(head, "cohort", "record", "changes").([]any)
	w.Expect(len(changes) < 150, true)
	w.Expect(sample.In(changes, 0, "action"), "cohort.created")
	w.Expect(sample.In(changes, len(changes)-1, "note"), "epoch 203")
	w.Expect(explainHypothetically(w, nil)["decision"], "permit")
	w.Do(sample.Privacy, "consent.end", object{"cohort": "hanbit/oncology", "reason": "x"})
	w.Expect(sample.Reasons(explainHypothetically(w, nil)), []string{"USE_PERMITTED", "CONSENT_ENDED"})
}

// What the people permit is asked wherever a grant is given or used, and the newest epoch alone is.
func TestConsentDecides(t *testing.T) {
	w := consented(t)
	permit := explainHypothetically(w, nil)
	w.Expect(permit["decision"], "permit")
	w.Expect(pinned(permit, "ground", "hanbit/breast-cancer@1") && pinned(permit, "cohort", "hanbit/oncology") && pinned(permit, "epoch", "hanbit/oncology~1"), true)
	w.Granted()
	w.Expect(sample.Reasons(w.Check(nil)), []string{"GRANTED"})
	w.Expect(pinned(w.Check(nil), "epoch", "hanbit/oncology~1"), true)
	open := w.Submitted()
	w.Vote("saerom/e-1:ethics", open, "approve")
	w.Vote("hanbit/a:dac", open, "approve")

	narrow := object{"use": []object{{"permission": "DS", "diseases": []string{"ICD10:C34"}}}}
	w.NextEpoch(2, narrow)
	denied := explainHypothetically(w, nil)
	w.Expect(sample.Reasons(denied), []string{"USE_PERMITTED", "CONSENT_DENIES"})
	w.Expect(sample.In(denied, "reasons", 1, "clause"), "ground.cohorts[0]")
	for _, part := range []string{"hanbit/oncology", "~2"} {
		w.Expect(strings.Contains(sample.In(denied, "reasons", 1, "message").(string), part), true)
	}
	w.Expect(w.Check(nil)["decision"], "deny")
	w.Expect(sample.Reasons(w.Check(nil)), []string{"CONSENT_DENIES"})
	refused := w.Refused(refusal.PolicyDenies, sample.Kim, "request.submit", w.Request())
	w.Expect(sample.In(refused.Details[1], "code"), "CONSENT_DENIES")
	refused = w.Refused(refusal.PolicyDenies, "hanbit/b:dac", "request.vote", w.Ballot(open, "approve", "dac"))
	w.Expect(sample.In(refused.Details[0], "code"), "CONSENT_DENIES")
	w.Vote("hanbit/b:dac", open, "reject") // a rejecting vote never is refused by it
	w.Vote("hanbit/c:dac", open, "reject")

	// the use that is asked about is judged, which may be narrower than the granted one
	w.NextEpoch(3, object{"use": []object{{"permission": "DS", "diseases": []string{"ICD10:C50.11"}}}})
	w.Expect(w.Check(nil)["decision"], "deny")
	w.Expect(w.Check(object{"purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.11"}}})["decision"], "permit")

	w.NextEpoch(4, nil)
	w.Expect(w.Check(nil)["decision"], "permit")
	w.Expect(pinned(w.Check(nil), "epoch", "hanbit/oncology~4"), true)
}

// An approving vote that does not complete is taken: by the time another does, the people may permit it again.
func TestAVoteThatDoesNotComplete(t *testing.T) {
	w := consented(t)
	id := w.Submitted()
	w.NextEpoch(2, object{"use": []object{{"permission": "POA"}}})
	w.Vote("saerom/e-1:ethics", id, "approve")
	w.Vote("hanbit/a:dac", id, "approve")
	w.Refused(refusal.PolicyDenies, "hanbit/b:dac", "request.vote", w.Ballot(id, "approve", "dac"))
	w.NextEpoch(3, nil)
	w.Expect(w.Vote("hanbit/b:dac", id, "approve")["state"], "approved")
}

// What the people leave to people to judge is judged by those who approve; what came after them has been judged by nobody.
func TestConsentThatNeedsReview(t *testing.T) {
	w := sample.New(t)
	w.Do(sample.Privacy, "consent.begin", sample.Consent(object{"use": []object{{"permission": "GRU", "limits": []object{{"term": "NCU"}}, "duties": []object{{"term": "PUB"}}}}}))
	w.Rests(onConsent)
	w.Later(time.Minute)
	explained := explainHypothetically(w, nil)
	w.Expect(explained["decision"], "review")
	w.Expect(sample.Reasons(explained), []string{"USE_PERMITTED", "CONSENT_NEEDS_REVIEW"})
	w.Expect(sample.In(explained, "claimed", 0), "commercial")
	w.Expect(obliges(explained, "publish-results"), true)
	w.Expect(has(explainHypothetically(w, object{"purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}, "commercial": true}}), "CONSENT_DENIES"), true)
	w.Granted()
	permit := w.Check(nil)
	w.Expect(permit["decision"], "permit")
	w.Expect(obliges(permit, "publish-results"), true)
	w.NextEpoch(2, object{"use": []object{{"permission": "GRU", "limits": []object{{"term": "NCU"}}, "duties": []object{{"term": "PUB"}}}}}) // as it was
	w.Expect(w.Check(nil)["decision"], "permit")
	w.NextEpoch(3, object{"use": []object{{"permission": "GRU", "limits": []object{{"term": "RS", "text": "of the breast"}}}}})
	w.Expect(w.Check(nil)["decision"], "review")
	w.Expect(sample.Reasons(w.Check(nil)), []string{"CONSENT_NEEDS_REVIEW"})
}

// One person's withdrawal ends nobody else's use while the owner has time to leave them out, and the owner has no more than that.
func TestExclusion(t *testing.T) {
	w := consented(t)
	w.Set(object{"exclusion_period_seconds": 2 * 86400}, nil)
	w.Granted()
	w.NextEpoch(2, nil) // nobody has withdrawn
	w.Expect(sample.Reasons(w.Check(nil)), []string{"GRANTED"})
	w.Later(30 * time.Hour)
	w.NextEpoch(3, object{"withdrawn": "under-20"})
	due := w.Check(nil)
	w.Expect(due["decision"], "permit")
	w.Expect(sample.Reasons(due), []string{"EXCLUSION_DUE", "GRANTED"})
	w.Expect(strings.Contains(sample.In(due, "reasons", 0, "message").(string), "2026-11-27T18:00:00Z"), true)
	w.Expect(obliges(due, "exclude-withdrawn hanbit/oncology~3"), true)
	w.Expect(obliges(explainHypothetically(w, nil), "exclude-withdrawn hanbit/oncology~3"), true)

	for _, who := range []string{"hanbit/a:dac", "saerom/p:privacy", sample.Kim} {
		w.Refused(refusal.Forbidden, who, "consent.exclude", sample.Exclusion(object{"epoch": 3}))
	}
	for field, changes := range map[string]object{
		"content": {"exclusion_list": nil}, "exclusion_list": {"exclusion_list": "x"}, "content.root": {"exclusion_list": nil, "content": object{"root": "x", "files": 1, "bytes": 1}},
		"content.files": {"exclusion_list": nil, "content": object{"root": sample.DigestOf("x"), "bytes": 1}}, "epoch": {"epoch": 0}, "version": {"version": 0}, "cohort": {"cohort": "x"},
	} {
		w.Expect(w.Refused(refusal.Invalid, sample.Privacy, "consent.exclude", sample.Exclusion(changes)).Field, field)
	}
	w.Refused(refusal.Invalid, sample.Privacy, "consent.exclude", sample.Exclusion(object{"content": object{"root": sample.DigestOf("x"), "files": 1, "bytes": 1}}))
	w.Expect(w.Refused(refusal.NotFound, sample.Privacy, "consent.exclude", sample.Exclusion(object{"epoch": 4})).Field, "epoch")
	w.Refused(refusal.NotFound, sample.Privacy, "consent.exclude", sample.Exclusion(object{"version": 2}))
	w.Refused(refusal.NotFound, sample.Privacy, "consent.exclude", sample.Exclusion(object{"cohort": "hanbit/none"}))
	w.Refused(refusal.Forbidden, sample.Privacy, "consent.exclude", sample.Exclusion(object{"cohort": "nuri/oncology"}))

	w.Do(sample.Steward, "consent.exclude", sample.Exclusion(object{"epoch": 2})) // does not help: they withdrew later
	w.Expect(has(w.Check(nil), "EXCLUSION_DUE"), true)
	w.Do(sample.Steward, "consent.exclude", sample.Exclusion(object{"epoch": 3}))
	w.Refused(refusal.Conflict, sample.Steward, "consent.exclude", sample.Exclusion(object{"epoch": 2}))
	attested := w.Check(nil)
	w.Expect(sample.Reasons(attested), []string{"GRANTED"})
	w.Expect(obliges(attested, "exclude-withdrawn hanbit/oncology~3"), true)
	w.Expect(pinned(attested, "exclusion", "hanbit/breast-cancer@1/oncology"), true)
	shown := w.Ask("consent.get", object{"cohort": "hanbit/oncology"})
	w.Expect(sample.In(shown, "datasets", 0), "hanbit/breast-cancer@1")
	w.Expect(sample.In(shown, "exclusions", 0, "record", "body", "epoch"), 3.0)

	// the time runs from the first epoch that is not attested, however many follow
	w.NextEpoch(4, object{"withdrawn": "under-20"})
	first := w.Now
	w.Later(24 * time.Hour)
	w.NextEpoch(5, object{"withdrawn": "20-99"})
	w.Now = first.Add(48*time.Hour - time.Second)
	w.Expect(w.Check(nil)["decision"], "permit")
	w.Expect(obliges(w.Check(nil), "exclude-withdrawn hanbit/oncology~5"), true)
	w.Later(time.Second)
	overdue := w.Check(nil)
	w.Expect(overdue["decision"], "deny")
	w.Expect(sample.Reasons(overdue), []string{"EXCLUSION_OVERDUE"})
	w.Expect(sample.In(overdue, "reasons", 0, "clause"), "ground.cohorts[0]")
	w.Refused(refusal.PolicyDenies, sample.Kim, "request.submit", w.Request())
	w.Do(sample.Steward, "consent.exclude", sample.Exclusion(object{"epoch": 5, "exclusion_list": nil, "content": object{"root": sample.DigestOf("without"), "files": 2, "bytes": 900}}))
	w.Expect(sample.Reasons(w.Check(nil)), []string{"GRANTED"})
}

// Without another word in the policy the owner has two weeks.
func TestTwoWeeks(t *testing.T) {
	w := consented(t)
	w.Granted()
	w.NextEpoch(2, object{"withdrawn": "under-20"})
	w.Later(14*24*time.Hour - time.Second)
	w.Expect(w.Check(nil)["decision"], "permit")
	w.Later(time.Second)
	w.Expect(sample.Reasons(w.Check(nil)), []string{"EXCLUSION_OVERDUE"})
}

// What the grounds cost a check: for each record what stands under its name, and one more to see that it has no later state, and that one that can end has not; two where
// there is none. Its seal is remembered, and so is an epoch, which stands in its post.
func TestWhatGroundsCost(t *testing.T) {
	w := sample.New(t)
	w.Granted()
	w.Posts = &ledger.Posts{}
	cost := func() int {
		w.Check(nil) // what is posted is remembered
		w.Check(nil) // and what is sealed
		w.Expect(w.Check(nil)["decision"], "permit")
		return w.Last.RoundTrips
	}
	const (
		bare   = 21 // the same check without them, with one question whether they are in their lists
		change = 2
		ends   = change + 1
		none   = 2
		last   = 1 // that the owner has posted no later epoch
	)
	w.Expect(cost(), bare+change+ends+none) // ground, basis, no statement
	w.States(sample.Statement(nil))
	w.Expect(cost(), bare+change+ends+change)
	w.Do(sample.Privacy, "consent.begin", sample.Consent(nil))
	w.Rests(onConsent)
	w.Expect(cost(), bare+2*change+ends+last) // cohort and epoch in place of the basis
	w.NextEpoch(2, object{"withdrawn": "under-20"})
	w.Expect(cost(), bare+2*change+ends+none+last) // no exclusion, and the epoch is the newest
	w.NextEpoch(3, object{"withdrawn": "under-20"})
	w.Expect(cost(), bare+2*change+ends+none+last) // the first that is owed is another
	w.Do(sample.Privacy, "consent.exclude", sample.Exclusion(object{"epoch": 3}))
	w.Expect(cost(), bare+3*change+ends+last)
}

// The same number of reads whatever the number of epochs.
func TestConsentIsFlat(t *testing.T) {
	w := consented(t)
	w.Granted()
	w.NextEpoch(2, object{"withdrawn": "under-20"})
	w.NextEpoch(3, object{"withdrawn": "under-20"})
	w.Check(nil)
	before := w.Last.RoundTrips
	for number := 4; number < 30; number++ {
		w.NextEpoch(number, object{"withdrawn": "under-20"})
	}
	w.Check(nil)
	w.Expect(w.Last.RoundTrips, before)
}

// An owner's own chaincode gives a cohort another past, in which the newest epoch is the one before: what the people said last counts, and nothing is permitted.
func TestWhatThePeopleSaidLastIsNotForgotten(t *testing.T) {
	for says, narrower := range map[string]object{
		"they permit less": {"use": []object{{"permission": "POA"}}},
		"some withdrew":    {"withdrawn": "under-20"},
		"it ended":         nil,
	} {
		t.Run(says, func(t *testing.T) {
			w := consented(t)
			w.Granted()
			w.Expect(w.Check(nil)["decision"], "permit")
			if narrower == nil {
				w.Do(sample.Privacy, "consent.end", object{"cohort": "hanbit/oncology", "reason": "x"})
			} else {
				w.NextEpoch(2, narrower)
				w.Later(15 * 24 * time.Hour)
			}
			w.Expect(w.Check(nil)["decision"], "deny")
			w.Restate(w.Only("cohort/hanbit/oncology/"), func(record object) {
				record["status"], record["body"].(object)["latest_epoch"] = "active", 1
			})
			w.Expect(w.Check(nil)["decision"], "deny")
		})
	}
}

// The time in which those who withdrew are to be left out does not begin anew with each epoch: the owner's own chaincode says of each that nobody had withdrawn before.
func TestTheTimeOfAnExclusionDoesNotBeginAnew(t *testing.T) {
	for says, c := range map[string]struct {
		since func(epoch int) int
		want  string
	}{
		"as it is":         {func(int) int { return 2 }, "permit"},
		"since this epoch": {func(epoch int) int { return epoch }, "deny"},
	} {
		t.Run(says, func(t *testing.T) {
			w := consented(t)
			w.Granted()
			w.NextEpoch(2, object{"withdrawn": "under-20"})
			w.Expect(w.Check(nil)["decision"], "permit")
			w.Later(5 * 24 * time.Hour)
			for _, write := range w.Held(sample.Privacy, "consent.epoch", sample.Epoch(object{"epoch": 3, "withdrawn": "under-20"})).Writes {
				record := object{}
				if json.Unmarshal(ledger.TextOf(write.Policy), &record) == nil && record["type"] == "epoch" {
					record["body"].(object)["withdrawn_since"] = c.since(3)
					write = sample.Post("hanbit", write.Key, sample.Text(record))
				}
				w.Ledger.Attack(write)
			}
			answer := w.Check(nil)
			w.Expect(answer["decision"], c.want)
			w.Expect(slices.Contains(sample.Reasons(answer), "EVIDENCE_MISSING"), c.want == "deny")
		})
	}
}

// People who permit fewer diseases of a hierarchy are held back by nothing that others write: what was permitted by a version goes on by that, and none is looked up.
func TestFewerDiseasesOfAHierarchy(t *testing.T) {
	w := sample.New(t)
	for _, institution := range []string{"nuri", "saerom"} {
		w.Do(institution+"/op:operator", "institution.set", sample.With(sample.Profile(), object{"title": institution}))
	}
	digest := w.Loaded(sample.NuriSteward, sample.Cancers())
	w.Do(sample.HanbitSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	uses := func(diseases ...string) []object { return []object{{"permission": "DS", "diseases": diseases}} }
	w.Do(sample.Privacy, "consent.begin", sample.Consent(object{"use": uses("DOID:162", "DOID:9")}))
	w.Later(time.Hour)
	w.Install(sample.Privacy)
	stub, answer, refused := w.Simulate(sample.Privacy, "consent.epoch", sample.Text(sample.Epoch(object{"epoch": 2, "use": uses("DOID:162")})))
	if refused != nil || answer["proposal"] != nil {
		t.Fatal(refused, answer)
	}
	if where := stub.Reachable(); len(where) > 0 {
		t.Errorf("others can write into what it reads: %v", where)
	}
	w.Expect(w.Ledger.Commit(stub, "hanbit"), ledgertest.Valid)
	w.Expect(sample.In(w.Ask("consent.get", object{"cohort": "hanbit/oncology"}), "epoch", "record", "body", "ontologies", 0, "digest"), digest)
}

// Nor does a basis that carries fewer of the diseases that it did.
func TestFewerDiseasesOfABasis(t *testing.T) {
	w := sample.New(t)
	for _, institution := range []string{"nuri", "saerom"} {
		w.Do(institution+"/op:operator", "institution.set", sample.With(sample.Profile(), object{"title": institution}))
	}
	digest := w.Loaded(sample.NuriSteward, sample.Cancers())
	w.Do(sample.HanbitSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	carries := func(diseases ...string) object {
		return sample.With(sample.Basis(), object{"slug": "by-disease", "purposes": []object{{"permission": "DS", "diseases": diseases}}})
	}
	w.Do(sample.Privacy, "basis.set", carries("DOID:162", "DOID:9"))
	w.Install(sample.Privacy)
	stub, answer, refused := w.Simulate(sample.Privacy, "basis.set", sample.Text(carries("DOID:162")))
	if refused != nil || answer["proposal"] != nil {
		t.Fatal(refused, answer)
	}
	if where := stub.Reachable(); len(where) > 0 {
		t.Errorf("others can write into what it reads: %v", where)
	}
	w.Expect(sample.In(answer, "body", "ontologies", 0, "digest"), digest)
}
