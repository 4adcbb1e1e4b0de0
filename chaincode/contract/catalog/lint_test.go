package catalog_test

import (
	"slices"
	"testing"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
)

func TestLintAndDiff(t *testing.T) {
	w := sample.New(t)
	lint := w.Ask("policy.lint", object{"policy": sample.With(sample.Policy(), object{"stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 9}}})})
	w.Expect(sample.In(lint, "unmeetable", 0, "code"), "STAGE_UNMEETABLE")
	w.Expect(sample.In(lint, "words", 0), "Permitted: research on ICD10:C50 and what lies under it (DS).")
	w.Set(sample.Use(object{"permission": "HMB", "limits": []object{{"term": "NMDS"}}}), nil)
	diff := w.Ask("policy.diff", object{"dataset": "hanbit/breast-cancer"})
	w.Expect(sample.In(diff, "removed", 0), "Permitted: research on ICD10:C50 and what lies under it (DS).")
	w.Expect(len(diff["added"].([]any)), 2)
	w.Expect(diff["narrower"], false)
	w.Expect(w.Ask("policy.diff", object{"dataset": "hanbit/breast-cancer", "from": 1, "to": 1})["narrower"], true)
	w.Refused(refusal.NotFound, sample.Kim, "policy.diff", object{"dataset": "hanbit/breast-cancer", "to": 9})
}

// A policy that shuts out some of those who may ask can be set, and lint warns of it; one that shuts out everybody cannot.
func TestLintOfWhoIsShutOut(t *testing.T) {
	w := sample.New(t)
	for _, institution := range sample.Institutions {
		w.Do(institution+"/op:operator", "institution.set", object{"title": institution, "country": "KR", "contact": "https://x.example", "roles": []string{}})
	}
	lint := func(changes object) object {
		return w.Ask("policy.lint", object{"policy": sample.With(sample.Policy(), changes)})
	}
	set := func(changes object) object {
		return object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.Policy(), changes)}
	}
	const never = "saerom itself can never be granted access: its own committee has no vote on its own request"
	found := lint(nil)
	w.Expect(slices.Contains(found["words"].([]any), any(never+".")), true)
	w.Expect(len(found["warnings"].([]any))+len(found["unmeetable"].([]any)), 0)

	some, all := object{"recipients": []string{"nuri", "saerom"}}, object{"recipients": []string{"saerom"}}
	found = lint(some)
	w.Expect(sample.In(found, "warnings", 0, "code"), "STAGE_UNMEETABLE")
	w.Expect(sample.In(found, "warnings", 0, "message"), never)
	w.Expect(len(found["unmeetable"].([]any)), 0)
	w.Do(sample.Steward, "policy.set", set(some))
	found = lint(all)
	w.Expect(sample.In(found, "unmeetable", 0, "message"), never)
	w.Expect(sample.In(found, "unmeetable", 0, "clause"), "stages[1]")
	w.Expect(len(found["warnings"].([]any)), 0)
	w.Expect(sample.In(w.Refused(refusal.PolicyUnmeetable, sample.Steward, "policy.set", set(all)).Details, 0, "code"), "STAGE_UNMEETABLE")
	w.Do(sample.Steward, "policy.set", set(sample.With(all, object{"own_institution_votes": true})))

	// institutions that the ledger does not know
	found = lint(object{"recipients": []string{"nuri", "berlin"}})
	w.Expect(sample.In(found, "warnings", 0, "code"), "INSTITUTION_UNKNOWN")
	w.Expect(sample.In(found, "warnings", 0, "message"), "there is no institution berlin on the ledger: it has no record yet")
	w.Expect(len(found["warnings"].([]any)), 1)
	w.Do(sample.Steward, "policy.set", set(object{"recipients": []string{"nuri", "berlin"}}))
	message := func(institution string) string {
		return sample.In(lint(object{"stages": []object{{"institution": institution, "role": "privacy", "threshold": 1}}}), "unmeetable", 0, "message").(string)
	}
	w.Expect(message("berlin"), "berlin/privacy must give 1 approval, and there is no institution berlin on the ledger: it has no record yet, and nobody sits there")
	w.Expect(message("saerom"), "saerom/privacy must give 1 approval, and only 0 could")
}
