package contract_test

import (
	"testing"

	"medconsent.org/chaincode/refusal"
)

func statement(changes object) object {
	return with(object{
		"law": "KR-PIPA", "term": "pseudonymous", "methods": []object{{"method": "replace names", "tool": "own", "tool_version": "1"}},
		"residual_risk": "rare diagnoses", "report": object{"sha256": digestOf("report")},
	}, changes)
}

func table(changes object) object {
	return with(object{
		"name": "patients", "quasi_identifiers": []string{"age", "region"}, "sensitive": []string{"diagnosis"}, "k": 5, "l": 2, "records_band": "100-999", "released_before": []string{},
	}, changes)
}

func image(changes object) object {
	return with(object{"modality": "MR", "body_part": "head", "faces": "removed", "tool": "pydeface", "tool_version": "2.1.0", "volumes": 10, "checked": 10, "checked_by": "radiology"}, changes)
}

func (w *world) states(statement object) object {
	w.Helper()
	d := w.ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	return w.do(privacy, "deid.state", object{"dataset": "hanbit/breast-cancer", "version_digest": in(d, "version", "digest"), "statement": statement})
}

func TestStatements(t *testing.T) {
	w := sample(t)
	d := w.ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	state := func(changes object) object {
		return object{"dataset": "hanbit/breast-cancer", "version_digest": in(d, "version", "digest"), "statement": statement(changes)}
	}
	for _, who := range []string{steward, "hanbit/a:dac", "saerom/p:privacy"} {
		w.refused(refusal.Forbidden, who, "deid.state", state(nil))
	}
	w.refused(refusal.Conflict, privacy, "deid.state", with(state(nil), object{"version_digest": digestOf("x")}))
	w.refused(refusal.NotFound, privacy, "deid.state", with(state(nil), object{"version": 2}))
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
		w.expect(w.refused(refusal.Invalid, privacy, "deid.state", state(changes)).Field, field)
	}
	for law, terms := range map[string][]string{"KR-PIPA": {"anonymous", "pseudonymous"}, "KR-BIOETHICS": {"anonymous", "coded"}, "EU-GDPR": {"anonymous", "pseudonymous"}, "US-HIPAA": {"anonymous", "coded"}} {
		for _, term := range terms {
			w.states(statement(object{"law": law, "term": term}))
		}
	}
	w.refused(refusal.Invalid, privacy, "deid.state", state(object{"law": "EU-GDPR", "term": "coded"}))
	stated := w.states(statement(object{"tables": []object{table(object{"released_before": []string{"hanbit/breast-cancer@1"}})}}))
	w.expect(in(stated, "id"), "hanbit/breast-cancer@1")
	changes := stated["changes"].([]any)
	w.expect(len(changes), 9)
	w.expect(in(w.ask("deid.get", object{"dataset": "hanbit/breast-cancer"}), "record", "body", "statement", "term"), "pseudonymous")
	w.expect(in(w.ask("dataset.get", object{"dataset": "hanbit/breast-cancer"}), "deid", "record", "id"), "hanbit/breast-cancer@1")
}

func demands(d object) object { return object{"deidentification": d} }

// The policy's demands are asked of the statement as it stands, when a grant is given and each time it is used.
func TestDemandsOfTheStatement(t *testing.T) {
	w := sample(t)
	for field, d := range map[string]object{
		"policy.deidentification.terms": {"terms": []string{}}, "policy.deidentification.terms[0]": {"terms": []string{"hashed"}}, "policy.deidentification.tables.k": {"tables": object{"k": 1}},
		"policy.deidentification.images": {"images": object{}},
	} {
		w.expect(w.notSet(refusal.Invalid, demands(d), nil).Field, field)
	}
	w.expect(w.notSet(refusal.Invalid, object{"exclusion_period_seconds": 90*86400 + 1}, nil).Field, "policy.exclusion_period_seconds")
	w.set(demands(object{"terms": []string{"anonymous", "pseudonymous"}, "tables": object{"k": 5, "l": 2}}), nil)
	w.expect(reasons(w.explained(nil)), []string{"USE_PERMITTED", "DEID_MISSING"})
	w.refused(refusal.PolicyDenies, kim, "request.submit", w.request())
	w.states(statement(nil)) // measures no table
	w.expect(reasons(w.explained(nil)), []string{"USE_PERMITTED", "DEID_MISSING"})
	w.states(statement(object{"term": "identified", "tables": []object{table(object{"k": 4, "l": 1}), table(object{"name": "visits"})}}))
	w.expect(reasons(w.explained(nil)), []string{"USE_PERMITTED", "DEID_TERM_NOT_ACCEPTED", "K_TOO_LOW", "L_TOO_LOW"})
	w.states(statement(object{"tables": []object{table(nil)}}))
	w.expect(w.explained(nil)["decision"], "permit")
	w.granted()
	w.expect(pinned(w.check(nil), "deid", "hanbit/breast-cancer@1"), true)
	w.states(statement(object{"tables": []object{table(object{"l": nil})}})) // attested worse later
	w.expect(reasons(w.check(nil)), []string{"L_TOO_LOW"})
	w.states(statement(object{"tables": []object{table(nil)}}))
	w.expect(w.check(nil)["decision"], "permit")

	// a later policy that applies to existing grants asks more, and that ends what does not have it
	w.notSet(refusal.PolicyNotNarrower, demands(object{"terms": []string{"pseudonymous"}, "tables": object{"k": 4, "l": 2}}), applies)
	w.notSet(refusal.PolicyNotNarrower, nil, applies)
	w.set(demands(object{"terms": []string{"pseudonymous"}, "tables": object{"k": 6, "l": 2}}), applies)
	w.expect(reasons(w.check(nil)), []string{"K_TOO_LOW"})
	w.states(statement(object{"tables": []object{table(object{"k": 6})}}))
	w.expect(w.check(nil)["decision"], "permit")
}

// Whatever the policy: images need a statement, and a face that can be restored leaves its institution never.
func TestFaces(t *testing.T) {
	w := sample(t)
	w.do(steward, "dataset.publish", with(publication(), object{"kinds": []string{"mri"}, "policy": nil}))
	w.rests(nil)
	explained := func(images ...object) object {
		w.states(statement(object{"images": images}))
		return w.explained(nil)
	}
	w.expect(reasons(w.explained(nil)), []string{"USE_PERMITTED", "DEID_MISSING"})
	w.states(statement(nil))
	w.expect(reasons(w.explained(nil)), []string{"USE_PERMITTED", "DEID_MISSING"}) // it says nothing of the images
	for says, changes := range map[string]object{
		"present": {"faces": "present"}, "no tool": {"tool": nil}, "nobody looked": {"checked": 0}, "nobody is named": {"checked_by": nil}, "a CT": {"modality": "CT", "faces": "present"},
		"the neck": {"body_part": "neck", "faces": "present"}, "PT/CT of the whole body": {"modality": "PT", "body_part": "whole-body", "faces": "present"},
	} {
		denied := explained(image(nil), image(changes))
		if denied["decision"] != "deny" || !has(denied, "FACES_NOT_REMOVED") || in(denied, "reasons", 1, "clause") != "deid.images[1]" {
			t.Errorf("%s: %v", says, denied["reasons"])
		}
		w.refused(refusal.PolicyDenies, kim, "request.submit", w.request())
	}
	for says, changes := range map[string]object{
		"removed": nil, "not there": {"faces": "not-present", "tool": nil, "checked": 0}, "the chest": {"body_part": "chest", "faces": "present"}, "ultrasound": {"modality": "US", "faces": "present"},
	} {
		if permit := explained(image(changes)); permit["decision"] != "permit" {
			t.Errorf("%s: %v", says, permit["reasons"])
		}
	}
	w.set(object{"own_institution_votes": true}, nil)
	w.states(statement(object{"images": []object{image(object{"faces": "present"})}}))
	own := w.explained(object{"institution": "hanbit"})
	w.expect(has(own, "FACES_NOT_REMOVED"), false)
	w.set(with(demands(object{"images": object{"faces_removed": true, "checked_at_least": 20}}), object{"own_institution_votes": true}), nil)
	w.expect(has(w.explained(object{"institution": "hanbit"}), "FACES_NOT_REMOVED"), true)
	w.expect(has(explained(image(object{"volumes": 30, "checked": 19})), "TOO_FEW_CHECKED"), true)
	w.expect(explained(image(nil))["decision"], "permit") // all ten

	// k and l are not asked of images
	w.set(demands(object{"tables": object{"k": 5}}), nil)
	w.expect(explained(image(nil))["decision"], "permit")
}

// What a draft leaves to a person is not attested, and no class is larger than the table.
func TestADraftIsNoStatement(t *testing.T) {
	w := sample(t)
	d := w.ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	said := func(s object) object {
		return object{"dataset": "hanbit/breast-cancer", "version_digest": in(d, "version", "digest"), "statement": s}
	}
	w.expect(w.refused(refusal.Invalid, privacy, "deid.state", said(statement(object{"residual_risk": "TO FILL IN"}))).Field, "statement.residual_risk")
	methods := []object{{"method": "masking", "tool": "TO FILL IN", "tool_version": "1"}}
	w.expect(w.refused(refusal.Invalid, privacy, "deid.state", said(statement(object{"methods": methods}))).Field, "statement.methods[0].tool")
	table := object{"name": "t", "quasi_identifiers": []string{"age"}, "sensitive": []string{}, "k": 20, "records_band": "under-20", "released_before": []string{}}
	w.expect(w.refused(refusal.Invalid, privacy, "deid.state", said(statement(object{"tables": []object{table}}))).Field, "statement.tables[0].k")
	w.do(privacy, "deid.state", said(statement(object{"tables": []object{with(table, object{"k": 19})}})))
}
