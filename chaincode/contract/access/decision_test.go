package access_test

import (
	"slices"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

// approved brings a request with these changes to its grant.
func approved(w *sample.World, changes object) object {
	w.Helper()
	id := sample.In(w.Do(sample.Kim, "request.submit", sample.With(w.Request(), changes)), "id").(string)
	w.Vote("hanbit/a:dac", id, "approve")
	w.Vote("saerom/e-1:ethics", id, "approve")
	return w.Vote("hanbit/b:dac", id, "approve")["grant"].(object)
}

func TestClaimsDutiesAndTerms(t *testing.T) {
	w := sample.New(t)
	terms := sample.DigestOf("terms")
	w.Set(object{
		"use": []object{{"permission": "HMB", "limits": []object{{"term": "NCU"}, {"term": "GS", "countries": []string{"KR"}}, {"term": "IRB"}, {"term": "TS", "months": 1}},
			"duties": []object{{"term": "PUB"}, {"term": "MOR", "months": 12}}}},
		"terms": object{"url": "https://hanbit.example/terms", "sha256": terms}, "attachments": []object{{"title": "Consent form", "url": "https://hanbit.example/form", "sha256": terms}},
	}, nil)
	letter := object{"board": "IRB of Nuri", "number": "2026-11", "sha256": sample.DigestOf("letter"), "valid_until": "2026-12-20T00:00:00Z"}
	purpose := object{"kind": "health-research", "countries": []string{"KR"}, "ethics": letter}
	asked := sample.With(w.Request(), object{"purpose": purpose, "duration_seconds": 30 * 86400})

	denied := w.Refused(refusal.PolicyDenies, sample.Kim, "request.submit", sample.With(asked, object{"purpose": object{"kind": "health-research", "commercial": true, "countries": []string{"KR", "US"}}}))
	w.Expect(len(denied.Details), 3)
	for i, clause := range []string{"use[0].limits[0]", "use[0].limits[1]", "use[0].limits[2]"} {
		w.Expect(sample.In(denied.Details[i], "clause"), clause)
		w.Expect(sample.In(denied.Details[i], "code"), "LIMIT_NOT_MET")
	}
	w.Expect(w.Refused(refusal.LimitExceeded, sample.Kim, "request.submit", sample.With(asked, object{"duration_seconds": 31 * 86400, "accepted_terms": terms})).Field, "duration_seconds")
	w.Expect(w.Refused(refusal.TermsNotAccepted, sample.Kim, "request.submit", asked).Field, "accepted_terms")
	w.Refused(refusal.TermsNotAccepted, sample.Kim, "request.submit", sample.With(asked, object{"accepted_terms": sample.DigestOf("other")}))
	w.Refused(refusal.Invalid, sample.Kim, "request.submit", sample.With(asked, object{"accepted_terms": "yes"}))

	explained := w.Ask("explain", object{"dataset": "hanbit/breast-cancer", "purpose": purpose, "mode": "download"})
	w.Expect(explained["decision"], "review")
	w.Expect(sample.Reasons(explained), []string{"USE_PERMITTED", "CLAIMED_ONLY", "CLAIMED_ONLY", "CLAIMED_ONLY"})
	w.Expect(len(explained["claimed"].([]any)), 3)
	w.Expect(sample.In(explained, "alternatives", 0, "claimed", 1), "countries")
	w.Expect(sample.In(explained, "obligations", 2), "publish-results")

	grant := approved(w, object{"purpose": purpose, "accepted_terms": terms, "duration_seconds": 30 * 86400})
	w.Expect(sample.In(grant, "body", "until"), "2026-12-20T00:00:00Z") // that of the letter
	w.Expect(sample.In(grant, "body", "obligations", 2), "publish-results")
	w.Expect(sample.In(grant, "body", "obligations", 3), "no-publication-before 2027-11-25T10:00:00Z")
	permit := w.Check(object{"purpose": object{"kind": "health-research", "countries": []string{"KR"}}})
	w.Expect(permit["decision"], "permit")
	w.Expect(sample.In(permit, "obligations", 3), "no-publication-before 2027-11-25T10:00:00Z")
	w.Expect(sample.Reasons(w.Check(object{"purpose": object{"kind": "health-research"}})), []string{"PURPOSE_NOT_COVERED"})
	w.Expect(sample.Reasons(w.Check(object{"purpose": object{"kind": "origins", "linking": true, "countries": []string{"KR"}}})), []string{"PURPOSE_NOT_COVERED", "PURPOSE_NOT_COVERED"})
	w.Later(31 * 24 * time.Hour) // the letter has ended, and the grant with it; what was approved stays proper
	w.Expect(sample.Reasons(w.Check(object{"purpose": object{"kind": "health-research", "countries": []string{"KR"}}})), []string{"GRANT_EXPIRED"})
}

// A policy goes by the hierarchy that was in force when it was written, for ever.
func TestDiseasesByTheHierarchy(t *testing.T) {
	w := sample.Registered(t)
	w.Do("hanbit/steward:steward", "committee.set", object{"role": "dac", "members": sample.Members("a", "b", "c")})
	w.Do("saerom/steward:steward", "committee.set", object{"role": "ethics", "members": sample.Members("e-1", "e-2")})
	breast := sample.With(sample.Policy(), sample.Use(object{"permission": "DS", "diseases": []string{"DOID:1612"}}))
	w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"policy": breast}))
	w.Do(sample.Privacy, "basis.set", sample.Basis())
	w.Rests(nil)
	carcinoma, other := object{"kind": "disease", "diseases": []string{"DOID:3459"}}, object{"kind": "disease", "diseases": []string{"DOID:9"}}
	decide := func(purpose object) any {
		return w.Ask("explain", object{"dataset": "hanbit/breast-cancer", "purpose": purpose, "mode": "download"})["decision"]
	}
	w.Expect(decide(carcinoma), "review") // no hierarchy is in force
	digest := w.Loaded(sample.HanbitSteward, sample.Cancers())
	w.Refused(refusal.Conflict, sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": breast})
	w.Expect(decide(carcinoma), "review") // one institution alone does not put it in force
	w.Do(sample.NuriSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	w.Expect(decide(carcinoma), "review")                                                                  // the policy was written before
	set := w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": breast}) // the same words, by another hierarchy
	w.Expect(sample.In(set, "body", "ontologies", 0, "digest"), digest)
	w.Refused(refusal.Conflict, sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": breast})
	w.Expect(decide(carcinoma), "permit")
	w.Expect(decide(object{"kind": "disease", "diseases": []string{"DOID:7"}}), "permit") // obsolete, replaced
	w.Expect(decide(other), "deny")
	approved(w, object{"purpose": object{"kind": "disease", "diseases": []string{"DOID:1612"}}})
	w.Expect(w.Check(object{"purpose": carcinoma})["decision"], "permit")
	w.Expect(w.Check(object{"purpose": other})["decision"], "deny")

	// the hierarchy proves that a policy narrows, and ends what it does not permit; who takes its pages away keeps no grant alive by that
	w.NotSet(refusal.PolicyNotNarrower, sample.Use(object{"permission": "DS", "diseases": []string{"DOID:305"}}), sample.Applies)
	w.Later(time.Hour)
	w.Set(sample.Use(object{"permission": "DS", "diseases": []string{"DOID:3459"}}), sample.Applies)
	w.Expect(sample.Reasons(w.Check(object{"purpose": carcinoma})), []string{"POLICY_NARROWED"})
	for _, key := range w.Ledger.Keys("ontology-index/") {
		w.Ledger.Attack(ledgertest.Write{Key: key, Delete: true})
	}
	w.Expect(slices.Contains(sample.Reasons(w.Check(object{"purpose": carcinoma})), "EVIDENCE_MISSING"), true)
	w.Expect(w.Check(object{"purpose": carcinoma})["decision"], "deny")
}
