package contract_test

import (
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

func TestGrounds(t *testing.T) {
	w := sample(t)
	d := w.ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	ground := object{"dataset": "hanbit/breast-cancer", "version_digest": in(d, "version", "digest"), "bases": []string{"hanbit/irb-waiver"}}
	w.refused(refusal.Forbidden, steward, "ground.set", ground) // who publishes does not attest
	w.refused(refusal.Forbidden, "saerom/p:privacy", "ground.set", ground)
	w.refused(refusal.Conflict, privacy, "ground.set", with(ground, object{"version_digest": digestOf("x")}))
	w.refused(refusal.NotFound, privacy, "ground.set", with(ground, object{"version": 2}))
	w.refused(refusal.NotFound, privacy, "ground.set", with(ground, object{"bases": []string{"hanbit/none"}}))
	w.refused(refusal.NotFound, privacy, "ground.set", with(ground, object{"cohorts": []string{"hanbit/none"}}))
	for field, changes := range map[string]object{
		"cohorts": {"bases": nil}, "bases[0]": {"bases": []string{"saerom/irb-waiver"}}, "bases[1]": {"bases": []string{"hanbit/irb-waiver", "hanbit/irb-waiver"}},
		"cohorts[0]": {"cohorts": []string{"hanbit"}}, "version": {"version": 0}, "version_digest": {"version_digest": "x"},
	} {
		w.expect(w.refused(refusal.Invalid, privacy, "ground.set", with(ground, changes)).Field, field)
	}
	w.do(privacy, "consent.begin", consent(nil))
	both := w.rests(object{"cohorts": []string{"hanbit/oncology"}})
	w.expect(in(both, "changes", 1, "note"), "was: hanbit/irb-waiver")
	w.expect(w.explained(nil)["decision"], "permit")
	w.expect(in(w.ask("consent.get", object{"cohort": "hanbit/oncology"}), "datasets", 0), "hanbit/breast-cancer@1")
	w.do(privacy, "consent.end", object{"cohort": "hanbit/oncology", "reason": "x"})
	w.expect(reasons(w.explained(nil)), []string{"USE_PERMITTED", "CONSENT_ENDED"}) // all of them must hold
	w.rests(nil)
	w.expect(w.explained(nil)["decision"], "permit")
	w.expect(len(w.ask("consent.get", object{"cohort": "hanbit/oncology"})["datasets"].([]any)), 0) // the entry is passed over
	w.expect(in(w.ask("ground.get", object{"dataset": "hanbit/breast-cancer"}), "record", "body", "bases", 0), "hanbit/irb-waiver")
	w.expect(in(w.ask("dataset.get", object{"dataset": "hanbit/breast-cancer"}), "ground", "record", "id"), "hanbit/breast-cancer@1")

	// a ground is for one version: the next has none
	w.do(steward, "dataset.publish", with(publication(), object{"policy": nil}))
	w.expect(reasons(w.explained(nil)), []string{"USE_PERMITTED", "NO_GROUND"})
	w.refused(refusal.NotFound, kim, "ground.get", object{"dataset": "hanbit/breast-cancer"})
	w.expect(w.explained(object{"version": 1})["decision"], "permit")
	refused := w.refused(refusal.PolicyDenies, kim, "request.submit", w.request())
	w.expect(in(refused.Details[1], "code"), "NO_GROUND")
	// a policy that nobody has set rests on nothing, and is not asked
	w.expect(w.ask("explain", object{"policy": policy(), "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}}, "mode": "download"})["decision"], "permit")
}

func TestBases(t *testing.T) {
	w := sample(t)
	set := func(changes object) object { return with(basis(), changes) }
	w.refused(refusal.Forbidden, steward, "basis.set", basis())
	for field, changes := range map[string]object{
		"code": {"code": "KR-BIOETHICS-CONSENT"}, "article": {"code": "KR-LAW"}, "document": {"document": nil}, "document.sha256": {"document": object{"title": "x", "sha256": "x"}},
		"document.title": {"document": object{"sha256": digestOf("x")}}, "notice.url": {"notice": object{"url": "x"}}, "objection.url": {"objection": object{}},
		"notice.published_at": {"notice": object{"url": "https://x.example", "sha256": digestOf("x")}}, "purposes": {"purposes": []object{}}, "purposes[0].permission": {"purposes": []object{{"permission": "X"}}},
	} {
		w.expect(w.refused(refusal.Invalid, privacy, "basis.set", set(changes)).Field, field)
	}
	ask := func(kind string) object { return w.explained(object{"purpose": object{"kind": kind}}) }
	w.set(use(object{"permission": "NRES"}), nil)
	w.expect(ask("general-research")["decision"], "permit")
	w.expect(reasons(ask("clinical-care")), []string{"USE_PERMITTED", "BASIS_DOES_NOT_COVER"})
	w.do(privacy, "basis.set", set(object{"purposes": []object{{"permission": "HMB"}}}))
	w.expect(reasons(ask("general-research")), []string{"USE_PERMITTED", "BASIS_DOES_NOT_COVER"})
	w.expect(ask("health-research")["decision"], "permit")
	w.do(privacy, "basis.set", set(object{"purposes": []object{{"permission": "HMB", "limits": []object{{"term": "NCU"}}}}}))
	w.expect(reasons(ask("health-research")), []string{"USE_PERMITTED", "BASIS_NEEDS_REVIEW"})
	w.do(privacy, "basis.set", set(object{"notice": nil, "objection": nil}))
	w.expect(reasons(ask("origins")), []string{"USE_PERMITTED", "NO_NOTICE", "NO_OBJECTION"}) // recorded, and nothing can be granted on it
	w.do(privacy, "basis.set", set(object{"notice": object{"url": "https://hanbit.example/n", "sha256": digestOf("n"), "published_at": "2026-11-25T00:00:00Z"}}))
	w.expect(reasons(ask("origins")), []string{"USE_PERMITTED", "NO_NOTICE"})
	w.later(14 * time.Hour)
	updated := ask("origins")
	w.expect(updated["decision"], "permit")
	w.expect(pinned(updated, "basis", "hanbit/irb-waiver"), true)
	note := in(w.ask("basis.get", object{"basis": "hanbit/irb-waiver"}), "record", "changes", 4, "note").(string)
	w.expect(strings.HasPrefix(note, "was: KR-BIOETHICS-EXEMPTION, document "), true)
	w.expect(in(w.ask("basis.list", object{"institution": "hanbit"}), "items", 0, "record", "id"), "hanbit/irb-waiver")
	w.granted()
	w.expect(w.check(nil)["decision"], "permit")
	w.refused(refusal.Forbidden, "saerom/p:privacy", "basis.end", object{"basis": "hanbit/irb-waiver", "reason": "x"})
	stub, _, refused := w.simulate(privacy, "basis.end", text(object{"basis": "hanbit/irb-waiver", "reason": "the study has closed"}))
	if refused != nil || w.ledger.Commit(stub, "hanbit") != ledgertest.Valid {
		t.Fatal("ending needs the owner's endorsement alone", refused)
	}
	w.expect(reasons(w.check(nil)), []string{"BASIS_ENDED"})
	w.refused(refusal.Decided, privacy, "basis.end", object{"basis": "hanbit/irb-waiver", "reason": "x"})
	w.refused(refusal.Decided, privacy, "basis.set", basis())
}

// However often a basis was changed, it can be ended.
func TestABasisCanAlwaysBeEnded(t *testing.T) {
	w := sample(t)
	for range 149 {
		w.do(privacy, "basis.set", basis())
	}
	w.refused(refusal.LimitExceeded, privacy, "basis.set", basis())
	w.do(privacy, "basis.end", object{"basis": "hanbit/irb-waiver", "reason": "x"})
}

// What happened at Ascension in 2019: there was a contract, and neither the people in the data nor its staff knew. Nor does it carry research when they do know.
func TestAscension(t *testing.T) {
	w := sample(t)
	agreement := object{"slug": "baa", "code": "US-HIPAA-BAA", "document": object{"title": "Business associate agreement", "sha256": digestOf("baa")}}
	w.do(privacy, "basis.set", agreement)
	w.rests(object{"bases": []string{"hanbit/baa"}})
	denied := w.refused(refusal.PolicyDenies, kim, "request.submit", w.request())
	codes := []string{}
	for _, detail := range denied.Details {
		codes = append(codes, in(detail, "code").(string))
	}
	w.expect(codes, []string{"USE_PERMITTED", "BASIS_DOES_NOT_COVER", "NO_NOTICE", "NO_OBJECTION"})
	w.set(use(object{"permission": "GRU", "clinical_care": true}), nil)
	care := object{"purpose": object{"kind": "clinical-care"}}
	w.expect(reasons(w.explained(care)), []string{"USE_PERMITTED", "NO_NOTICE", "NO_OBJECTION"})
	w.refused(refusal.PolicyDenies, kim, "request.submit", with(w.request(), care))
	w.do(privacy, "basis.set", with(agreement, object{"notice": in(basis(), "notice"), "objection": in(basis(), "objection")}))
	w.expect(w.explained(care)["decision"], "permit")
	w.expect(reasons(w.explained(nil)), []string{"USE_PERMITTED", "BASIS_DOES_NOT_COVER"})
}

func TestLinkingInKorea(t *testing.T) {
	w := sample(t)
	ask := func() string {
		answer := w.explained(object{"purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}, "linking": true}})
		w.expect(reasons(answer), []string{"USE_PERMITTED", "LINKING_NEEDS_REVIEW"})
		return in(answer, "reasons", 1, "message").(string)
	}
	w.expect(strings.Contains(ask(), "28-3"), false)
	w.do("nuri/op:operator", "institution.set", with(profile(), object{"country": "JP"}))
	w.expect(strings.Contains(ask(), "28-3"), false)
	w.do(operator, "institution.set", profile())
	w.expect(strings.Contains(ask(), "28-3"), true)
}

// Linking and a sensitive purpose stay reviews beside a ground's denial: all reasons are given.
func TestAllReasons(t *testing.T) {
	w := consented(t)
	w.epoch(2, object{"use": []object{{"permission": "POA"}}, "withdrawn": "under-20"})
	w.later(15 * 24 * time.Hour)
	w.set(demands(object{"terms": []string{"anonymous"}}), nil)
	answer := w.explained(object{"mode": "enclave"})
	w.expect(reasons(answer), []string{"USE_PERMITTED", "MODE_NOT_ALLOWED", "CONSENT_DENIES", "EXCLUSION_OVERDUE", "DEID_MISSING"})
}

// reseal changes a record and seals it again, as an owner whose chaincode is not ours can.
func (w *world) reseal(prefix, from, to string) (restore func()) {
	w.Helper()
	key := w.only(prefix)
	honest := string(w.ledger.Value(key))
	changed := strings.Replace(honest, from, to, 1)
	if changed == honest {
		w.Fatalf("%s is not in %s", from, honest)
	}
	w.ledger.Attack(put(key, changed), seal("hanbit", key, changed))
	return func() { w.ledger.Attack(put(key, honest), seal("hanbit", key, honest)) }
}

// What the contract would have refused counts for nothing, whoever sealed it.
func TestGroundsThatTheContractRefuses(t *testing.T) {
	w := consented(t)
	w.do(privacy, "basis.set", basis())
	w.rests(object{"cohorts": []string{"hanbit/oncology"}})
	w.states(statement(nil))
	w.granted()
	w.expect(w.check(nil)["decision"], "permit")
	digest := in(w.ask("dataset.get", object{"dataset": "hanbit/breast-cancer"}), "version", "digest").(string)
	for says, forged := range map[string]struct{ prefix, from, to string }{
		"another's basis":         {"ground/", `"hanbit/irb-waiver"`, `"saerom/irb-waiver"`},
		"a cohort that is not":    {"ground/", `"hanbit/oncology"`, `"hanbit/none"`},
		"another version":         {"ground/", `"version_digest":"` + digest, `"version_digest":"` + digestOf("x")},
		"a statement on another":  {"deid/", `"version_digest":"` + digest, `"version_digest":"` + digestOf("x")},
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
		restore := w.reseal(forged.prefix, forged.from, forged.to)
		if denied := w.check(nil); denied["decision"] != "deny" || !has(denied, "EVIDENCE_MISSING") {
			t.Errorf("%s: %v", says, denied["reasons"])
		}
		w.expect(w.explained(nil)["decision"], "deny")
		w.refused(refusal.PolicyDenies, kim, "request.submit", w.request())
		restore()
	}
	w.expect(w.check(nil)["decision"], "permit")
	for says, prefix := range map[string]string{"the epoch": "epoch/", "the cohort": "cohort/", "the basis": "basis/"} {
		key := w.only(prefix)
		honest := w.ledger.Value(key)
		w.ledger.Attack(ledgertest.Write{Key: key, Delete: true})
		if denied := w.check(nil); denied["decision"] != "deny" || !has(denied, "EVIDENCE_MISSING") {
			t.Errorf("%s is gone: %v", says, denied["reasons"])
		}
		w.ledger.Attack(put(key, string(honest)))
	}
}

// Another institution makes no ground, and takes none away: what it cannot seal counts for nothing, and is named.
func TestGroundsOfOthers(t *testing.T) {
	w := newWorld(t)
	w.do("hanbit/steward:steward", "committee.set", object{"role": "dac", "members": members("a", "b", "c")})
	w.do("saerom/steward:steward", "committee.set", object{"role": "ethics", "members": members("e-1", "e-2")})
	w.do(steward, "dataset.publish", publication())
	w.forge("hanbit", privacy, "basis.set", basis())
	w.do(privacy, "basis.set", basis())
	d := w.ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	ground := object{"dataset": "hanbit/breast-cancer", "version_digest": in(d, "version", "digest"), "bases": []string{"hanbit/irb-waiver"}}
	w.forge("hanbit", privacy, "ground.set", ground)
	w.expect(reasons(w.explained(nil)), []string{"USE_PERMITTED", "NO_GROUND"})
	w.do(privacy, "ground.set", ground)
	w.expect(w.explained(nil)["decision"], "permit")
	w.granted()
	permit := w.check(nil)
	w.expect(permit["decision"], "permit")
	w.expect(reasons(permit), []string{"GRANTED", "FORGED", "FORGED"})

	// an exclusion that the owner did not seal is none; a newer epoch that it did not seal hides nothing
	w.do(privacy, "consent.begin", consent(nil))
	w.rests(onConsent)
	w.epoch(2, object{"withdrawn": "under-20"})
	w.forge("hanbit", steward, "consent.exclude", exclusion(object{"epoch": 2}))
	w.expect(has(w.check(nil), "EXCLUSION_DUE"), true)
	w.later(time.Hour)
	w.forge("hanbit", privacy, "consent.epoch", epoch(object{"epoch": 3}))
	w.expect(has(w.check(nil), "EVIDENCE_MISSING"), true) // the head that stands there is not what hanbit sealed
}

// An owner that seals two exclusions, or one past the newest epoch, has attested nothing.
func TestExclusionsThatTheContractRefuses(t *testing.T) {
	w := consented(t)
	w.granted()
	w.epoch(2, object{"withdrawn": "under-20"})
	w.do(steward, "consent.exclude", exclusion(object{"epoch": 2}))
	w.expect(reasons(w.check(nil)), []string{"GRANTED"})
	for _, change := range [][2]string{{`"epoch":2`, `"epoch":3`}, {`"exclusion_list":"`, `"exclusion_list":"0`}} {
		restore := w.reseal("exclusion/", change[0], change[1])
		w.expect(reasons(w.check(nil)), []string{"EXCLUSION_DUE", "GRANTED"})
		restore()
	}
	key := w.only("exclusion/")
	tx := key[strings.LastIndexByte(key, '/')+1:]
	twin, copied := strings.Replace(key, tx, digestOf("twin"), 1), strings.ReplaceAll(string(w.ledger.Value(key)), tx, digestOf("twin"))
	w.ledger.Attack(put(twin, copied), seal("hanbit", twin, copied))
	w.expect(has(w.check(nil), "EXCLUSION_DUE"), true)
}

// The trail of a dataset has its grounds, statements and exclusions, and what is written has its owner's seal and policy.
func TestTrailOfThePeople(t *testing.T) {
	w := consented(t)
	w.states(statement(nil))
	w.do(privacy, "consent.exclude", exclusion(nil))
	types := map[string]int{}
	for _, item := range w.ask("audit.trail", object{"dataset": "hanbit/breast-cancer"})["items"].([]any) {
		types[in(item, "record", "type").(string)]++
	}
	for _, kind := range []string{"ground", "deid", "exclusion"} {
		w.expect(types[kind], 1)
	}
	for _, key := range w.ledger.Keys("") {
		owner := "hanbit"
		if strings.Contains(key, "committee/saerom") {
			owner = "saerom"
		}
		if w.ledger.Guard(key) != owner {
			t.Errorf("%s is guarded by %q", key, w.ledger.Guard(key))
		}
	}
}

// Dating a transaction back within the clock's tolerance does not bring back what the people took away.
func TestTheEffectiveTimeOfConsent(t *testing.T) {
	w := consented(t)
	id := w.submitted()
	w.vote("saerom/e-1:ethics", id, "approve")
	w.vote("hanbit/a:dac", id, "approve")
	w.epoch(2, object{"use": []object{{"permission": "POA"}}})
	ballot := text(w.ballot(id, "approve", "dac"))
	_, _, refused := w.simulateAs(ledgertest.Person("hanbit", "b", "dac"), w.now.Add(-4*time.Minute), "request.vote", ballot)
	if refused == nil || refused.Code != refusal.PolicyDenies {
		t.Fatal(refused)
	}
	// an approval that was held back past an epoch is worth nothing
	w.epoch(3, nil)
	stub, _, refused := w.simulate("hanbit/b:dac", "request.vote", ballot)
	if refused != nil {
		t.Fatal(refused)
	}
	w.epoch(4, object{"use": []object{{"permission": "POA"}}})
	w.expect(w.ledger.Commit(stub, institutions...) != ledgertest.Valid, true)
}
