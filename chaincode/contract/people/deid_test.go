package people_test

import (
	"fmt"
	"strings"
	"testing"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
)

func table(changes object) object {
	return sample.With(object{
		"name": "patients", "quasi_identifiers": []string{"age", "region"}, "sensitive": []string{"diagnosis"}, "k": 5, "l": 2, "records_band": "100-999", "released_before": []string{},
	}, changes)
}

func image(changes object) object {
	return sample.With(object{"modality": "MR", "body_part": "head", "faces": "removed", "tool": "pydeface", "tool_version": "2.1.0", "volumes": 10, "checked": 10, "checked_by": "radiology"}, changes)
}

func TestStatements(t *testing.T) {
	w := sample.New(t)
	d := w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	state := func(changes object) object {
		return object{"dataset": "hanbit/breast-cancer", "version_digest": sample.In(d, "version", "digest"), "statement": sample.Statement(changes)}
	}
	for _, who := range []string{sample.Steward, "hanbit/a:dac", "saerom/p:privacy"} {
		w.Refused(refusal.Forbidden, who, "deid.state", state(nil))
	}
	w.Refused(refusal.Conflict, sample.Privacy, "deid.state", sample.With(state(nil), object{"version_digest": sample.DigestOf("x")}))
	w.Refused(refusal.NotFound, sample.Privacy, "deid.state", sample.With(state(nil), object{"version": 2}))
	for field, changes := range map[string]object{
		"statement.law": {"law": "KR"}, "statement.term": {"term": "coded"}, "statement.methods": {"methods": []object{}}, "statement.report.sha256": {"report": object{"sha256": "x"}},
		"statement.residual_risk": {"residual_risk": ""}, "statement.tables[0].k": {"tables": []object{table(object{"k": 0})}}, "statement.tables[0].l": {"tables": []object{table(object{"l": 6})}},
		"statement.tables[0].quasi_identifiers":  {"tables": []object{table(object{"quasi_identifiers": []string{}})}},
		"statement.tables[0].records_band":       {"tables": []object{table(object{"records_band": "569"})}},
		"statement.tables[0].released_before[0]": {"tables": []object{table(object{"released_before": []string{"hanbit/x"}})}},
		"statement.images[0].modality":           {"images": []object{image(object{"modality": "MRI"})}},
		"statement.images[0].body_part":          {"images": []object{image(object{"body_part": "brain"})}},
		"statement.images[0].faces":              {"images": []object{image(object{"faces": "gone"})}},
		"statement.images[0].checked":            {"images": []object{image(object{"checked": 11})}},
	} {
		w.Expect(w.Refused(refusal.Invalid, sample.Privacy, "deid.state", state(changes)).Field, field)
	}
	for law, terms := range map[string][]string{"KR-PIPA": {"anonymous", "pseudonymous"}, "KR-BIOETHICS": {"anonymous", "coded"}, "EU-GDPR": {"anonymous", "pseudonymous"}, "US-HIPAA": {"anonymous", "coded"}} {
		for _, term := range terms {
			w.States(sample.Statement(object{"law": law, "term": term}))
		}
	}
	w.Refused(refusal.Invalid, sample.Privacy, "deid.state", state(object{"law": "EU-GDPR", "term": "coded"}))
	stated := w.States(sample.Statement(object{"tables": []object{table(object{"released_before": []string{"hanbit/breast-cancer@1"}})}}))
	w.Expect(sample.In(stated, "id"), "hanbit/breast-cancer@1")
	changes := stated["changes"].([]any)
	w.Expect(len(changes), 9)
	w.Expect(sample.In(w.Ask("deid.get", object{"dataset": "hanbit/breast-cancer"}), "record", "body", "statement", "term"), "pseudonymous")
	w.Expect(sample.In(w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"}), "deid", "record", "id"), "hanbit/breast-cancer@1")
}

func demands(d object) object { return object{"deidentification": d} }

// The policy's demands are asked of the statement as it stands, when a grant is given and each time it is used.
func TestDemandsOfTheStatement(t *testing.T) {
	w := sample.New(t)
	for field, d := range map[string]object{
		"policy.deidentification.terms": {"terms": []string{}}, "policy.deidentification.terms[0]": {"terms": []string{"hashed"}}, "policy.deidentification.tables.k": {"tables": object{"k": 1}},
		"policy.deidentification.images": {"images": object{}},
	} {
		w.Expect(w.NotSet(refusal.Invalid, demands(d), nil).Field, field)
	}
	w.Expect(w.NotSet(refusal.Invalid, object{"exclusion_period_seconds": 90*86400 + 1}, nil).Field, "policy.exclusion_period_seconds")
	w.Set(demands(object{"terms": []string{"anonymous", "pseudonymous"}, "tables": object{"k": 5, "l": 2}}), nil)
	w.Expect(sample.Reasons(explainHypothetically(w, nil)), []string{"USE_PERMITTED", "DEID_MISSING"})
	w.Refused(refusal.PolicyDenies, sample.Kim, "request.submit", w.Request())
	w.States(sample.Statement(nil)) // measures no table
	w.Expect(sample.Reasons(explainHypothetically(w, nil)), []string{"USE_PERMITTED", "DEID_MISSING"})
	w.States(sample.Statement(object{"term": "identified", "tables": []object{table(object{"k": 4, "l": 1}), table(object{"name": "visits"})}}))
	w.Expect(sample.Reasons(explainHypothetically(w, nil)), []string{"USE_PERMITTED", "DEID_TERM_NOT_ACCEPTED", "K_TOO_LOW", "L_TOO_LOW"})
	w.States(sample.Statement(object{"tables": []object{table(nil)}}))
	w.Expect(explainHypothetically(w, nil)["decision"], "permit")
	grant := w.Granted()
	shown := func(state string) { // grant.get and grant.list, as a check decides
		told := w.Ask("grant.get", object{"grant": grant})
		w.Expect(told["state"], state)
		w.Expect(told["why"] != nil, state != "active")
		w.Expect(sample.Ids(w.Ask("grant.list", object{"state": state}), "grant", "record", "id"), []string{grant})
	}
	w.Expect(pinned(w.Check(nil), "deid", "hanbit/breast-cancer@1"), true)
	shown("active")
	w.States(sample.Statement(object{"tables": []object{table(object{"l": nil})}})) // attested worse later
	w.Expect(sample.Reasons(w.Check(nil)), []string{"L_TOO_LOW"})
	shown("suspended")
	w.States(sample.Statement(object{"tables": []object{table(nil)}}))
	w.Expect(w.Check(nil)["decision"], "permit")
	shown("active")

	// a later policy that applies to existing grants asks more, and that ends what does not have it
	w.NotSet(refusal.PolicyNotNarrower, demands(object{"terms": []string{"pseudonymous"}, "tables": object{"k": 4, "l": 2}}), sample.Applies)
	w.NotSet(refusal.PolicyNotNarrower, nil, sample.Applies)
	better := demands(object{"terms": []string{"pseudonymous"}, "tables": object{"k": 6, "l": 2}})
	ends := func() any {
		return w.Ask("policy.ends", object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.Policy(), better)})["items"]
	}
	w.Expect(sample.In(ends(), 0, "grant", "record", "id"), grant)
	w.Expect(sample.In(ends(), 0, "reasons", 0, "code"), "K_TOO_LOW")
	w.Expect(sample.In(ends(), 0, "becomes"), "suspended")
	w.Set(better, sample.Applies)
	w.Expect(sample.Reasons(w.Check(nil)), []string{"K_TOO_LOW"})
	shown("suspended")
	w.States(sample.Statement(object{"tables": []object{table(object{"k": 6})}}))
	w.Expect(w.Check(nil)["decision"], "permit")
	shown("active")
	w.Expect(len(ends().([]any)), 0)
}

// What shows no face needs no removal; and a statement says something of all images that the version says that it has.
func TestImagesThatTheVersionNames(t *testing.T) {
	w := sample.New(t)
	w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"kinds": []string{"MR", "US"}, "body_parts": []string{"chest", "neck"}, "policy": nil}))
	w.Rests(nil)
	chest, ultrasound := image(object{"body_part": "chest", "faces": "present"}), image(object{"modality": "US", "faces": "present"})
	for want, images := range map[string][]object{
		"images (US, neck)": {chest}, "images (neck)": {chest, ultrasound}, "images (US)": {chest, image(object{"body_part": "neck"})},
		"": {chest, ultrasound, image(object{"body_part": "neck"})},
	} {
		w.States(sample.Statement(object{"images": images}))
		decision := explainHypothetically(w, nil)
		if want == "" {
			w.Expect(decision["decision"], "permit")
		} else if !has(decision, "DEID_MISSING") || !strings.Contains(fmt.Sprint(decision["reasons"]), want) {
			t.Errorf("%s: %v", want, decision["reasons"])
		}
	}
}

// A statement about what shows no face says nothing of the head in what does: not of the MR beside a radiograph, and not of a video.
func TestAFaceUnderAnotherModality(t *testing.T) {
	w := sample.New(t)
	w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"kinds": []string{"MR", "CR"}, "body_parts": []string{"head", "chest"}, "policy": nil}))
	w.Rests(nil)
	chest, radiograph := image(object{"body_part": "chest", "faces": "not-present"}), image(object{"modality": "CR", "faces": "present"})
	w.States(sample.Statement(object{"images": []object{chest, radiograph}}))
	w.Expect(has(explainHypothetically(w, nil), "DEID_MISSING"), true)
	w.States(sample.Statement(object{"images": []object{chest, radiograph, image(nil)}}))
	w.Expect(explainHypothetically(w, nil)["decision"], "permit")
}

func TestVideo(t *testing.T) {
	for part, want := range map[string]string{"head": "deny", "abdomen": "permit"} {
		w := sample.New(t)
		w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"kinds": []string{"video"}, "body_parts": []string{part}, "policy": nil}))
		w.Rests(nil)
		decision := explainHypothetically(w, nil)
		w.Expect(decision["decision"], want)
		w.Expect(has(decision, "FACES_NOT_REMOVED"), want == "deny")
		w.States(sample.Statement(object{"images": []object{image(object{"modality": "US", "body_part": part, "faces": "present"})}}))
		w.Expect(explainHypothetically(w, nil)["decision"], want)
	}
}

// Whatever the policy: images need a statement, and a face that can be restored leaves its institution never.
func TestFaces(t *testing.T) {
	w := sample.New(t)
	w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"kinds": []string{"MR"}, "body_parts": []string{"head"}, "policy": nil}))
	w.Rests(nil)
	explained := func(images ...object) object {
		w.States(sample.Statement(object{"images": images}))
		return explainHypothetically(w, nil)
	}
	w.Expect(sample.Reasons(explainHypothetically(w, nil)), []string{"USE_PERMITTED", "DEID_MISSING"})
	w.States(sample.Statement(nil))
	w.Expect(sample.Reasons(explainHypothetically(w, nil)), []string{"USE_PERMITTED", "DEID_MISSING"}) // it says nothing of the images
	for says, changes := range map[string]object{
		"present": {"faces": "present"}, "no tool": {"tool": nil}, "nobody looked": {"checked": 0}, "nobody is named": {"checked_by": nil}, "a CT": {"modality": "CT", "faces": "present"},
		"the neck": {"body_part": "neck", "faces": "present"}, "PT/CT of the whole body": {"modality": "PT", "body_part": "whole-body", "faces": "present"},
	} {
		denied := explained(image(nil), image(changes))
		if denied["decision"] != "deny" || !has(denied, "FACES_NOT_REMOVED") || sample.In(denied, "reasons", 1, "clause") != "deid.images[1]" {
			t.Errorf("%s: %v", says, denied["reasons"])
		}
		w.Refused(refusal.PolicyDenies, sample.Kim, "request.submit", w.Request())
	}
	for says, changes := range map[string]object{
		"removed": nil, "not there": {"faces": "not-present", "tool": nil, "checked": 0},
	} {
		if permit := explained(image(changes)); permit["decision"] != "permit" {
			t.Errorf("%s: %v", says, permit["reasons"])
		}
	}
	w.Set(object{"own_institution_votes": true}, nil)
	w.States(sample.Statement(object{"images": []object{image(object{"faces": "present"})}}))
	own := explainHypothetically(w, object{"institution": "hanbit"})
	w.Expect(has(own, "FACES_NOT_REMOVED"), false)
	w.Set(sample.With(demands(object{"images": object{"faces_removed": true, "checked_at_least": 20}}), object{"own_institution_votes": true}), nil)
	w.Expect(has(explainHypothetically(w, object{"institution": "hanbit"}), "FACES_NOT_REMOVED"), true)
	w.Expect(has(explained(image(object{"volumes": 30, "checked": 19})), "TOO_FEW_CHECKED"), true)
	w.Expect(explained(image(nil))["decision"], "permit") // all ten

	// k and l are not asked of images
	w.Set(demands(object{"tables": object{"k": 5}}), nil)
	w.Expect(explainHypothetically(w, nil)["decision"], "permit")
}

// What a draft leaves to a person is not attested, and no class is larger than the table.
func TestADraftIsNoStatement(t *testing.T) {
	w := sample.New(t)
	d := w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	said := func(s object) object {
		return object{"dataset": "hanbit/breast-cancer", "version_digest": sample.In(d, "version", "digest"), "statement": s}
	}
	w.Expect(w.Refused(refusal.Invalid, sample.Privacy, "deid.state", said(sample.Statement(object{"residual_risk": "TO FILL IN"}))).Field, "statement.residual_risk")
	methods := []object{{"method": "masking", "tool": "TO FILL IN", "tool_version": "1"}}
	w.Expect(w.Refused(refusal.Invalid, sample.Privacy, "deid.state", said(sample.Statement(object{"methods": methods}))).Field, "statement.methods[0].tool")
	table := object{"name": "t", "quasi_identifiers": []string{"age"}, "sensitive": []string{}, "k": 20, "records_band": "under-20", "released_before": []string{}}
	w.Expect(w.Refused(refusal.Invalid, sample.Privacy, "deid.state", said(sample.Statement(object{"tables": []object{table}}))).Field, "statement.tables[0].k")
	w.Do(sample.Privacy, "deid.state", said(sample.Statement(object{"tables": []object{sample.With(table, object{"k": 19})}})))
}

// A worse statement gains nothing: a policy that takes identified data takes any, so one privacy officer opens nothing by saying that people can be recognised after all.
func TestAWorseStatementGainsNothing(t *testing.T) {
	for _, terms := range [][]string{{"identified"}, {"identified", "coded"}, {"pseudonymous"}, {"anonymous"}} {
		w := sample.New(t)
		w.Do(sample.Privacy, "basis.set", sample.With(sample.Basis(), object{"slug": "any", "code": "NOT-PERSONAL", "notice": nil, "objection": nil}))
		w.Rests(object{"bases": []string{"hanbit/any"}})
		w.Set(object{"deidentification": object{"terms": terms}}, nil)
		before := ""
		for _, term := range []string{"anonymous", "pseudonymous", "identified"} { // from the best to the worst
			w.States(sample.Statement(object{"term": term}))
			_, _, refused := w.Simulate(sample.Kim, "request.submit", sample.Text(w.Request()))
			if before == "permit" && term == "identified" && refused == nil {
				continue
			}
			if before == "deny" && term == "identified" && refused == nil {
				t.Errorf("%v: %s gains what %s had not", terms, term, before)
			}
			before = map[bool]string{true: "permit", false: "deny"}[refused == nil]
		}
	}
}
