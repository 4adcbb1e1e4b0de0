package people_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

func TestGrounds(t *testing.T) {
	w := sample.New(t)
	d := w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	ground := object{"dataset": "hanbit/breast-cancer", "version_digest": sample.In(d, "version", "digest"), "bases": []string{"hanbit/irb-waiver"}}
	w.Refused(refusal.Forbidden, sample.Steward, "ground.set", ground) // who publishes does not attest
	w.Refused(refusal.Forbidden, "saerom/p:privacy", "ground.set", ground)
	w.Refused(refusal.Conflict, sample.Privacy, "ground.set", sample.With(ground, object{"version_digest": sample.DigestOf("x")}))
	w.Refused(refusal.NotFound, sample.Privacy, "ground.set", sample.With(ground, object{"version": 2}))
	w.Refused(refusal.NotFound, sample.Privacy, "ground.set", sample.With(ground, object{"bases": []string{"hanbit/none"}}))
	w.Refused(refusal.NotFound, sample.Privacy, "ground.set", sample.With(ground, object{"cohorts": []string{"hanbit/none"}}))
	for field, changes := range map[string]object{
		"cohorts": {"bases": nil}, "bases[0]": {"bases": []string{"saerom/irb-waiver"}}, "bases[1]": {"bases": []string{"hanbit/irb-waiver", "hanbit/irb-waiver"}},
		"cohorts[0]": {"cohorts": []string{"hanbit"}}, "version": {"version": 0}, "version_digest": {"version_digest": "x"},
	} {
		w.Expect(w.Refused(refusal.Invalid, sample.Privacy, "ground.set", sample.With(ground, changes)).Field, field)
	}
	w.Do(sample.Privacy, "consent.begin", sample.Consent(nil))
	both := w.Rests(object{"cohorts": []string{"hanbit/oncology"}})
	w.Expect(sample.In(both, "changes", 1, "note"), "was: hanbit/irb-waiver")
	w.Expect(explainHypothetically(w, nil)["decision"], "permit")
	w.Expect(sample.In(w.Ask("consent.get", object{"cohort": "hanbit/oncology"}), "datasets", 0), "hanbit/breast-cancer@1")
	w.Do(sample.Privacy, "consent.end", object{"cohort": "hanbit/oncology", "reason": "x"})
	w.Expect(sample.Reasons(explainHypothetically(w, nil)), []string{"USE_PERMITTED", "CONSENT_ENDED"}) // all of them must hold
	w.Rests(nil)
	w.Expect(explainHypothetically(w, nil)["decision"], "permit")
	w.Expect(len(w.Ask("consent.get", object{"cohort": "hanbit/oncology"})["datasets"].([]any)), 0) // the entry is passed over
	w.Expect(sample.In(w.Ask("ground.get", object{"dataset": "hanbit/breast-cancer"}), "record", "body", "bases", 0), "hanbit/irb-waiver")
	w.Expect(sample.In(w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"}), "ground", "record", "id"), "hanbit/breast-cancer@1")

	// a ground is for one version: the next has none
	w.Do(sample.Steward, "dataset.publish", sample.NextVersion())
	w.Expect(sample.Reasons(explainHypothetically(w, nil)), []string{"USE_PERMITTED", "NO_GROUND"})
	w.Refused(refusal.NotFound, sample.Kim, "ground.get", object{"dataset": "hanbit/breast-cancer"})
	w.Expect(explainHypothetically(w, object{"version": 1})["decision"], "permit")
	refused := w.Refused(refusal.PolicyDenies, sample.Kim, "request.submit", w.Request())
	w.Expect(sample.In(refused.Details[1], "code"), "NO_GROUND")
	// a policy that nobody has set rests on nothing, and is not asked
	w.Expect(w.Ask("explain", object{"policy": sample.Policy(), "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}}, "mode": "download"})["decision"], "permit")
}

func TestBases(t *testing.T) {
	w := sample.New(t)
	set := func(changes object) object { return sample.With(sample.Basis(), changes) }
	w.Refused(refusal.Forbidden, sample.Steward, "basis.set", sample.Basis())
	for field, changes := range map[string]object{
		"code": {"code": "KR-BIOETHICS-CONSENT"}, "article": {"code": "KR-LAW"}, "document": {"document": nil}, "document.sha256": {"document": object{"title": "x", "sha256": "x"}},
		"document.title": {"document": object{"sha256": sample.DigestOf("x")}}, "notice.url": {"notice": object{"url": "x"}}, "objection.url": {"objection": object{}},
		"notice.published_at": {"notice": object{"url": "https://x.example", "sha256": sample.DigestOf("x")}}, "purposes": {"purposes": []object{}}, "purposes[0].permission": {"purposes": []object{{"permission": "X"}}},
	} {
		w.Expect(w.Refused(refusal.Invalid, sample.Privacy, "basis.set", set(changes)).Field, field)
	}
	ask := func(kind string) object { return explainHypothetically(w, object{"purpose": object{"kind": kind}}) }
	w.Set(sample.Use(object{"permission": "NRES"}), nil)
	w.Expect(ask("general-research")["decision"], "permit")
	w.Expect(sample.Reasons(ask("clinical-care")), []string{"USE_PERMITTED", "BASIS_DOES_NOT_COVER"})
	w.Do(sample.Privacy, "basis.set", set(object{"purposes": []object{{"permission": "HMB"}}}))
	w.Expect(sample.Reasons(ask("general-research")), []string{"USE_PERMITTED", "BASIS_DOES_NOT_COVER"})
	w.Expect(ask("health-research")["decision"], "permit")
	w.Do(sample.Privacy, "basis.set", set(object{"purposes": []object{{"permission": "HMB", "limits": []object{{"term": "NCU"}}}}}))
	w.Expect(sample.Reasons(ask("health-research")), []string{"USE_PERMITTED", "BASIS_NEEDS_REVIEW"})
	w.Do(sample.Privacy, "basis.set", set(object{"notice": nil, "objection": nil}))
	w.Expect(sample.Reasons(ask("origins")), []string{"USE_PERMITTED", "NO_NOTICE", "NO_OBJECTION"}) // recorded, and nothing can be granted on it
	w.Do(sample.Privacy, "basis.set", set(object{"notice": object{"url": "https://hanbit.example/n", "sha256": sample.DigestOf("n"), "published_at": "2026-11-25T00:00:00Z"}}))
	w.Expect(sample.Reasons(ask("origins")), []string{"USE_PERMITTED", "NO_NOTICE"})
	w.Later(14 * time.Hour)
	updated := ask("origins")
	w.Expect(updated["decision"], "permit")
	w.Expect(pinned(updated, "basis", "hanbit/irb-waiver"), true)
	note := sample.In(w.Ask("basis.get", object{"basis": "hanbit/irb-waiver"}), "record", "changes", 4, "note").(string)
	w.Expect(strings.HasPrefix(note, "was: KR-BIOETHICS-EXEMPTION, document "), true)
	w.Expect(sample.In(w.Ask("basis.list", object{"institution": "hanbit"}), "items", 0, "record", "id"), "hanbit/irb-waiver")
	w.Granted()
	w.Expect(w.Check(nil)["decision"], "permit")
	w.Refused(refusal.Forbidden, "saerom/p:privacy", "basis.end", object{"basis": "hanbit/irb-waiver", "reason": "x"})
	stub, _, refused := w.Simulate(sample.Privacy, "basis.end", sample.Text(object{"basis": "hanbit/irb-waiver", "reason": "the study has closed"}))
	if refused != nil || w.Ledger.Commit(stub, "hanbit") != ledgertest.Valid {
		t.Fatal("ending needs the owner's endorsement alone", refused)
	}
	w.Expect(sample.Reasons(w.Check(nil)), []string{"BASIS_ENDED"})
	w.Refused(refusal.Decided, sample.Privacy, "basis.end", object{"basis": "hanbit/irb-waiver", "reason": "x"})
	w.Refused(refusal.Decided, sample.Privacy, "basis.set", sample.Basis())
}

// However often a basis was changed, it can be ended.
func TestABasisCanAlwaysBeEnded(t *testing.T) {
	w := sample.New(t)
	another := func(article int) object { return sample.With(sample.Basis(), object{"article": fmt.Sprint(article)}) }
	for i := range 149 {
		w.Do(sample.Privacy, "basis.set", another(i))
	}
	w.Refused(refusal.LimitExceeded, sample.Privacy, "basis.set", another(149))
	w.Do(sample.Privacy, "basis.end", object{"basis": "hanbit/irb-waiver", "reason": "x"})
}

// What happened at Ascension in 2019: there was a contract, and neither the people in the data nor its staff knew. Nor does it carry research when they do know.
func TestAscension(t *testing.T) {
	w := sample.New(t)
	agreement := object{"slug": "baa", "code": "US-HIPAA-BAA", "document": object{"title": "Business associate agreement", "sha256": sample.DigestOf("baa")}}
	w.Do(sample.Privacy, "basis.set", agreement)
	w.Rests(object{"bases": []string{"hanbit/baa"}})
	denied := w.Refused(refusal.PolicyDenies, sample.Kim, "request.submit", w.Request())
	codes := []string{}
	for _, detail := range denied.Details {
		codes = append(codes, sample.In(detail, "code").(string))
	}
	w.Expect(codes, []string{"USE_PERMITTED", "BASIS_DOES_NOT_COVER", "NO_NOTICE", "NO_OBJECTION"})
	w.Set(sample.Use(object{"permission": "GRU", "clinical_care": true}), nil)
	care := object{"purpose": object{"kind": "clinical-care"}}
	w.Expect(sample.Reasons(explainHypothetically(w, care)), []string{"USE_PERMITTED", "NO_NOTICE", "NO_OBJECTION"})
	w.Refused(refusal.PolicyDenies, sample.Kim, "request.submit", sample.With(w.Request(), care))
	w.Do(sample.Privacy, "basis.set", sample.With(agreement, object{"notice": sample.In(sample.Basis(), "notice"), "objection": sample.In(sample.Basis(), "objection")}))
	w.Expect(explainHypothetically(w, care)["decision"], "permit")
	w.Expect(sample.Reasons(explainHypothetically(w, nil)), []string{"USE_PERMITTED", "BASIS_DOES_NOT_COVER"})
}

func TestLinkingInKorea(t *testing.T) {
	w := sample.New(t)
	ask := func() string {
		answer := explainHypothetically(w, object{"purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}, "linking": true}})
		w.Expect(sample.Reasons(answer), []string{"USE_PERMITTED", "LINKING_NEEDS_REVIEW"})
		return sample.In(answer, "reasons", 1, "message").(string)
	}
	w.Expect(strings.Contains(ask(), "28-3"), false)
	w.Do("nuri/op:operator", "institution.set", sample.With(sample.Profile(), object{"country": "JP"}))
	w.Expect(strings.Contains(ask(), "28-3"), false)
	w.Do(sample.Operator, "institution.set", sample.Profile())
	w.Expect(strings.Contains(ask(), "28-3"), true)
}

// Linking and a sensitive purpose stay reviews beside a ground's denial: all reasons are given.
func TestAllReasons(t *testing.T) {
	w := consented(t)
	w.NextEpoch(2, object{"use": []object{{"permission": "POA"}}, "withdrawn": "under-20"})
	w.Later(15 * 24 * time.Hour)
	w.Set(demands(object{"terms": []string{"anonymous"}}), nil)
	answer := explainHypothetically(w, object{"mode": "enclave"})
	w.Expect(sample.Reasons(answer), []string{"USE_PERMITTED", "MODE_NOT_ALLOWED", "CONSENT_DENIES", "EXCLUSION_OVERDUE", "DEID_MISSING"})
}

// changed is a text with a part of it replaced, which must be there.
func changed(w *sample.World, text, from, to string) string {
	w.Helper()
	if !strings.Contains(text, from) {
		w.Fatalf("%s is not in %s", from, text)
	}
	return strings.Replace(text, from, to, 1)
}

// reseal changes a record and seals it again, as an owner whose chaincode is not ours can.
func reseal(w *sample.World, prefix, from, to string) (restore func()) {
	w.Helper()
	if keys := w.Ledger.Posts("hanbit", prefix); strings.HasPrefix(prefix, "epoch/") {
		honest := string(w.Ledger.Post("hanbit", keys[0]))
		w.Ledger.Attack(sample.Post("hanbit", keys[0], changed(w, honest, from, to)))
		return func() { w.Ledger.Attack(sample.Post("hanbit", keys[0], honest)) }
	}
	key := w.Only(prefix)
	honest := string(w.Ledger.Value(key))
	changed := changed(w, honest, from, to)
	w.Ledger.Attack(sample.Put(key, changed), sample.Seal("hanbit", key, changed))
	return func() { w.Ledger.Attack(sample.Put(key, honest), sample.Seal("hanbit", key, honest)) }
}

// What the contract would have refused counts for nothing, whoever sealed it.
func TestGroundsThatTheContractRefuses(t *testing.T) {
	w := consented(t)
	w.Rests(object{"cohorts": []string{"hanbit/oncology"}})
	w.States(sample.Statement(nil))
	w.Granted()
	w.Expect(w.Check(nil)["decision"], "permit")
	digest := sample.In(w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"}), "version", "digest").(string)
	for says, forged := range map[string]struct{ prefix, from, to string }{
		"another's basis":         {"ground/", `"hanbit/irb-waiver"`, `"saerom/irb-waiver"`},
		"a cohort that is not":    {"ground/", `"hanbit/oncology"`, `"hanbit/none"`},
		"another version":         {"ground/", `"version_digest":"` + digest, `"version_digest":"` + sample.DigestOf("x")},
		"a statement on another":  {"deid/", `"version_digest":"` + digest, `"version_digest":"` + sample.DigestOf("x")},
		"nothing":                 {"ground/", `"bases":["hanbit/irb-waiver"],"cohorts":["hanbit/oncology"]`, `"x":1`},
		"an epoch that is not":    {"cohort/", `"latest_epoch":1`, `"latest_epoch":2`},
		"no epoch":                {"cohort/", `"latest_epoch":1`, `"latest_epoch":0`},
		"no time to collect":      {"cohort/", `"batch_seconds":3600`, `"batch_seconds":0`},
		"a law that is not":       {"epoch/", `KR-BIOETHICS-CONSENT`, `KR-PIPA-28-2`},
		"no use":                  {"epoch/", `"use":[{"permission":"GRU"}]`, `"use":[]`},
		"a use that is not":       {"epoch/", `"GRU"`, `"ANY"`},
		"an exact number":         {"epoch/", `"people":"100-999"`, `"people":"569"`},
		"withdrawn since nothing": {"epoch/", `"withdrawn":"none"`, `"withdrawn":"none","withdrawn_since":1`},
		"a basis that is not":     {"basis/", `KR-BIOETHICS-EXEMPTION`, `WE-MAY`},
		"a term that is not":      {"deid/", `"pseudonymous"`, `"coded"`},
	} {
		restore := reseal(w, forged.prefix, forged.from, forged.to)
		if denied := w.Check(nil); denied["decision"] != "deny" || !has(denied, "EVIDENCE_MISSING") {
			t.Errorf("%s: %v", says, denied["reasons"])
		}
		w.Expect(explainHypothetically(w, nil)["decision"], "deny")
		w.Refused(refusal.PolicyDenies, sample.Kim, "request.submit", w.Request())
		restore()
	}
	w.Expect(w.Check(nil)["decision"], "permit")
	for says, prefix := range map[string]string{"the cohort": "cohort/", "the basis": "basis/"} {
		key := w.Only(prefix)
		honest := w.Ledger.Value(key)
		w.Ledger.Attack(ledgertest.Write{Key: key, Delete: true})
		if denied := w.Check(nil); denied["decision"] != "deny" || !has(denied, "EVIDENCE_MISSING") {
			t.Errorf("%s is gone: %v", says, denied["reasons"])
		}
		w.Ledger.Attack(sample.Put(key, string(honest)))
	}
}

// Another institution makes no ground, and takes none away: what it cannot seal counts for nothing, and is named.
func TestGroundsOfOthers(t *testing.T) {
	w := sample.NewWorld(t)
	w.Do("hanbit/steward:steward", "committee.set", object{"role": "dac", "members": sample.Members("a", "b", "c")})
	w.Do("saerom/steward:steward", "committee.set", object{"role": "ethics", "members": sample.Members("e-1", "e-2")})
	w.Do(sample.Steward, "dataset.publish", sample.Publication())
	w.Forge("hanbit", sample.Privacy, "basis.set", sample.Basis())
	w.Do(sample.Privacy, "basis.set", sample.Basis())
	d := w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	ground := object{"dataset": "hanbit/breast-cancer", "version_digest": sample.In(d, "version", "digest"), "bases": []string{"hanbit/irb-waiver"}}
	w.Forge("hanbit", sample.Privacy, "ground.set", ground)
	w.Expect(sample.Reasons(explainHypothetically(w, nil)), []string{"USE_PERMITTED", "NO_GROUND"})
	w.Do(sample.Privacy, "ground.set", ground)
	w.Expect(explainHypothetically(w, nil)["decision"], "permit")
	w.Granted()
	permit := w.Check(nil)
	w.Expect(permit["decision"], "permit")
	w.Expect(sample.Reasons(permit), []string{"GRANTED", "FORGED", "FORGED"})

	// an exclusion that the owner did not seal is none; a newer epoch that it did not seal hides nothing
	w.Do(sample.Privacy, "consent.begin", sample.Consent(nil))
	w.Rests(onConsent)
	w.NextEpoch(2, object{"withdrawn": "under-20"})
	w.Forge("hanbit", sample.Steward, "consent.exclude", sample.Exclusion(object{"epoch": 2}))
	w.Expect(has(w.Check(nil), "EXCLUSION_DUE"), true)
	w.Later(time.Hour)
	w.Forge("hanbit", sample.Privacy, "consent.epoch", sample.Epoch(object{"epoch": 3, "withdrawn": "under-20"}))
	w.Expect(has(w.Check(nil), "EVIDENCE_MISSING"), true) // the head that stands there is not what hanbit sealed
}

// An owner that seals an exclusion past the newest epoch has attested nothing; one that it seals beside the one that has the name counts for nothing.
func TestExclusionsThatTheContractRefuses(t *testing.T) {
	w := consented(t)
	w.Granted()
	w.NextEpoch(2, object{"withdrawn": "under-20"})
	w.Do(sample.Steward, "consent.exclude", sample.Exclusion(object{"epoch": 2}))
	w.Expect(sample.Reasons(w.Check(nil)), []string{"GRANTED"})
	for change, reasons := range map[[2]string][]string{
		{`"epoch":2`, `"epoch":3`}:                    {"EXCLUSION_DUE", "GRANTED"},
		{`"exclusion_list":"`, `"exclusion_list":"0`}: {"EXCLUSION_DUE", "GRANTED", "FORGED"}, // which is named
	} {
		restore := reseal(w, "exclusion/", change[0], change[1])
		w.Expect(sample.Reasons(w.Check(nil)), reasons)
		restore()
	}
	key := w.Only("exclusion/")
	tx := key[strings.LastIndexByte(key, '/')+1:]
	twin, copied := strings.Replace(key, tx, sample.DigestOf("twin"), 1), strings.ReplaceAll(string(w.Ledger.Value(key)), tx, sample.DigestOf("twin"))
	w.Ledger.Attack(sample.Put(twin, copied), sample.Seal("hanbit", twin, copied))
	w.Expect(has(w.Check(nil), "EXCLUSION_DUE"), false)
}

// The trail of a dataset has its grounds, statements and exclusions, and what is written has its owner's seal and policy.
func TestTrailOfThePeople(t *testing.T) {
	w := consented(t)
	w.States(sample.Statement(nil))
	w.Do(sample.Privacy, "consent.exclude", sample.Exclusion(nil))
	types := map[string]int{}
	for _, item := range w.Ask("audit.trail", object{"dataset": "hanbit/breast-cancer"})["items"].([]any) {
		types[sample.In(item, "record", "type").(string)]++
	}
	for _, kind := range []string{"ground", "deid", "exclusion"} {
		w.Expect(types[kind], 1)
	}
	for _, key := range w.Ledger.Keys("") {
		owner := "hanbit"
		if strings.Contains(key, "saerom") || strings.Contains(string(w.Ledger.Value(key)), `"owner":"saerom"`) {
			owner = "saerom"
		}
		if kind := records.KindOf(records.TypeOf(key)); kind != nil && kind.IsFinal() {
			owner = "nobody"
		}
		if w.Ledger.Guard(key) != owner {
			t.Errorf("%s is guarded by %q", key, w.Ledger.Guard(key))
		}
	}
}

// Dating a transaction back within the clock's tolerance does not bring back what the people took away.
func TestTheEffectiveTimeOfConsent(t *testing.T) {
	w := consented(t)
	id := w.Submitted()
	w.Vote("saerom/e-1:ethics", id, "approve")
	w.Vote("hanbit/a:dac", id, "approve")
	w.NextEpoch(2, object{"use": []object{{"permission": "POA"}}})
	ballot := sample.Text(w.Ballot(id, "approve", "dac"))
	_, _, refused := w.SimulateAs(w.Person("hanbit/b:dac"), w.Now.Add(-4*time.Minute), "request.vote", ballot)
	if refused == nil || refused.Code != refusal.PolicyDenies {
		t.Fatal(refused)
	}
	// an approval that was held back past an epoch is worth nothing
	w.NextEpoch(3, nil)
	stub, _, refused := w.Simulate("hanbit/b:dac", "request.vote", ballot)
	if refused != nil {
		t.Fatal(refused)
	}
	w.NextEpoch(4, object{"use": []object{{"permission": "POA"}}})
	w.Expect(w.Ledger.Commit(stub, sample.Institutions...) != ledgertest.Valid, true)
}
