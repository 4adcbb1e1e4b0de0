package access_test

import (
	"testing"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
)

func TestExplainForOthersAndForADraft(t *testing.T) {
	w := sample.New(t)
	w.Set(sample.Use(object{"permission": "GRU", "limits": []object{{"term": "US", "persons": []string{"nuri/kim", "saerom/lee"}}}}), nil)
	ask := func(changes object) any {
		return w.Ask("explain", sample.With(object{"dataset": "hanbit/breast-cancer", "purpose": object{"kind": "origins"}, "mode": "download"}, changes))["decision"]
	}
	w.Expect(ask(nil), "permit") // nuri/kim asks
	w.Expect(ask(object{"researchers": []string{"park"}}), "deny")
	w.Expect(ask(object{"institution": "saerom"}), "deny") // it is not said who
	// saerom's own board has no vote on its request
	w.Expect(ask(object{"dataset": nil, "institution": "saerom", "researchers": []string{"lee"}, "policy": sample.With(sample.Policy(),
		object{"use": []object{{"permission": "NRES"}}, "stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 1}}})}), "permit")
	w.Refused(refusal.Invalid, sample.Kim, "explain", object{"dataset": "hanbit/breast-cancer", "policy": sample.Policy(), "purpose": object{"kind": "origins"}, "mode": "download"})
	w.Refused(refusal.Invalid, sample.Kim, "explain", object{"purpose": object{"kind": "origins"}, "mode": "download"})
}

func TestExplain(t *testing.T) {
	w := sample.New(t)
	ask := func(changes object) object {
		return w.Ask("explain", sample.With(object{"dataset": "hanbit/breast-cancer", "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50"}}, "mode": "download"}, changes))
	}
	permit := ask(nil)
	w.Expect(permit["decision"], "permit")
	w.Expect(sample.In(permit, "stages", 0, "seated"), 3.0)
	w.Expect(sample.In(permit, "evaluated", 0, "type"), "dataset")
	w.Expect(len(permit["obligations"].([]any)), 2)
	w.Expect(sample.Reasons(ask(object{"mode": "enclave", "duration_seconds": 90*86400 + 1})), []string{"USE_PERMITTED", "MODE_NOT_ALLOWED", "DURATION_TOO_LONG"})
	w.Expect(ask(object{"purpose": object{"kind": "disease", "diseases": []string{"DOID:1"}}})["decision"], "review")
	own := ask(object{"institution": "hanbit"})
	w.Expect(own["decision"], "deny")
	w.Expect(sample.Reasons(own), []string{"USE_PERMITTED", "STAGE_UNMEETABLE"})
	w.Refused(refusal.NotFound, sample.Kim, "explain", object{"dataset": "hanbit/none", "purpose": object{"kind": "origins"}, "mode": "download"})
}

// What explain permits can be submitted: whoever asks is not counted among those who could approve.
func TestExplainCountsNobodyWhoAsks(t *testing.T) {
	w := sample.New(t)
	w.Set(object{"own_institution_votes": true, "stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 3}}}, nil)
	asked := object{"dataset": "hanbit/breast-cancer", "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.1"}}, "mode": "download"}
	for who, want := range map[string]string{"hanbit/a:researcher,dac": "deny", "hanbit/x:researcher": "permit"} {
		w.Expect(w.As(who, "explain", asked)["decision"], want)
		_, _, refused := w.Simulate(who, "request.submit", sample.Text(w.Request()))
		w.Expect(refused == nil, want == "permit")
	}
	w.Expect(w.As("hanbit/x:researcher", "explain", sample.With(asked, object{"researchers": []string{"b"}}))["decision"], "deny")
}
