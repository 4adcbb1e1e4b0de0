package catalog_test

import (
	"fmt"
	"testing"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
)

func TestPoliciesThatContradictThemselves(t *testing.T) {
	w := sample.New(t)
	wrong := sample.Use(object{"permission": "NRES", "limits": []object{{"term": "NCU"}}}, object{"permission": "GRU", "limits": []object{{"term": "IRB"}, {"term": "IRB"}}})
	refused := w.NotSet(refusal.PolicyContradicts, wrong, nil)
	w.Expect(refused.Field, "policy.use[0]")
	w.Expect(len(refused.Details), 2)
	w.Refused(refusal.PolicyContradicts, sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"slug": "other", "policy": sample.With(sample.Policy(), wrong)}))
	lint := w.Ask("policy.lint", object{"policy": sample.With(sample.Policy(), wrong)})
	w.Expect(sample.In(lint, "contradictions", 1, "clause"), "use[1].limits[1]")
	explained := w.Ask("explain", object{"policy": sample.With(sample.Policy(), wrong), "purpose": object{"kind": "origins"}, "mode": "download"})
	w.Expect(explained["decision"], "deny")
	for field, alternative := range map[string]object{
		"policy.use[0].limits[0].term":         {"permission": "GRU", "limits": []object{{"term": "PUB"}}},
		"policy.use[0].duties[0].term":         {"permission": "GRU", "duties": []object{{"term": "IRB"}}},
		"policy.use[0].limits[0].countries":    {"permission": "GRU", "limits": []object{{"term": "GS"}}},
		"policy.use[0].limits[0].countries[0]": {"permission": "GRU", "limits": []object{{"term": "GS", "countries": []string{"Korea"}}}},
		"policy.use[0].limits[0].months":       {"permission": "GRU", "limits": []object{{"term": "TS", "months": 121}}},
		"policy.use[0].limits[0].text":         {"permission": "GRU", "limits": []object{{"term": "NCU", "text": "x"}}},
		"policy.use[0].limits[0].persons[0]":   {"permission": "GRU", "limits": []object{{"term": "US", "persons": []string{"kim"}}}},
		"policy.use[0].limits[0].projects[0]":  {"permission": "GRU", "limits": []object{{"term": "PS", "projects": []string{"a b"}}}},
		"policy.use[0].diseases[0]":            {"permission": "DS", "diseases": []string{"ICD10:C58-C50"}},
	} {
		w.Expect(w.NotSet(refusal.Invalid, sample.Use(alternative), nil).Field, field)
	}
	w.Expect(w.NotSet(refusal.Invalid, object{"terms": object{"url": "ftp://x", "sha256": sample.DigestOf("x")}}, nil).Field, "policy.terms.url")
	w.Expect(w.NotSet(refusal.Invalid, object{"attachments": []object{{"title": "x", "url": "https://x.example", "sha256": "x"}}}, nil).Field, "policy.attachments[0].sha256")
	w.Expect(w.NotSet(refusal.Invalid, nil, object{"applies": "all"}).Field, "applies")
}

// A policy that says what stands is not set: undecided requests would lapse for nothing.
func TestAPolicyThatChangesNothing(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	for _, title := range []string{"Second", "Third"} {
		w.Expect(w.NotSet(refusal.Conflict, nil, nil).Field, "policy")
		again := w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"title": title})) // with the policy that stands
		w.Expect(sample.In(again, "policy", "body", "version"), 1.0)
		w.Expect(sample.In(again, "dataset", "body", "latest_policy"), 1.0)
	}
	w.Expect(w.Ask("request.get", object{"request": id})["state"], "submitted")
	w.Expect(w.Set(nil, sample.Applies)["id"], "hanbit/breast-cancer#2") // it applies to existing grants now
	w.NotSet(refusal.Conflict, nil, sample.Applies)
	w.NotSet(refusal.Conflict, nil, nil) // it would apply to them still
	w.Expect(w.Set(object{"max_duration_seconds": 86400}, nil)["id"], "hanbit/breast-cancer#3")
	w.Expect(w.Set(object{"max_duration_seconds": 86400}, sample.Applies)["id"], "hanbit/breast-cancer#4")
}

// Whoever compared a policy with one that does not stand any more is told so.
func TestAPolicyThatWasComparedWithAnother(t *testing.T) {
	w := sample.New(t)
	shown := w.Ask("policy.get", object{"dataset": "hanbit/breast-cancer"})["digest"]
	w.Set(object{"max_duration_seconds": 86400}, object{"policy_digest": shown})
	w.Expect(w.NotSet(refusal.Conflict, object{"max_duration_seconds": 3600}, object{"policy_digest": shown}).Field, "policy_digest")
	w.Expect(w.NotSet(refusal.Invalid, nil, object{"policy_digest": "x"}).Field, "policy_digest")
	w.Expect(w.Set(object{"max_duration_seconds": 3600}, nil)["id"], "hanbit/breast-cancer#3")
}

func TestPolicy(t *testing.T) {
	w := sample.New(t)
	set := func(changes object) object {
		return object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.Policy(), changes)}
	}
	w.Refused(refusal.Forbidden, "saerom/s:steward", "policy.set", set(nil))
	w.Refused(refusal.NotFound, sample.Steward, "policy.set", sample.With(set(nil), object{"dataset": "hanbit/none"}))
	written := w.Do(sample.Steward, "policy.set", set(object{"modes": []string{"enclave", "download"}}))
	w.Expect(written["id"], "hanbit/breast-cancer#2")
	w.Expect(sample.In(w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"}), "policy", "record", "id"), "hanbit/breast-cancer#2")

	stages := func(list ...object) object { return object{"stages": append([]object{}, list...)} }
	dac := object{"institution": "hanbit", "role": "dac", "threshold": 4}
	unmeetable := w.Refused(refusal.PolicyUnmeetable, sample.Steward, "policy.set", set(stages(dac)))
	w.Expect(sample.In(unmeetable.Details[0], "clause"), "stages[0]")
	w.Refused(refusal.PolicyUnmeetable, sample.Steward, "policy.set", set(stages(sample.With(dac, object{"institution": "nowhere", "threshold": 1}))))

	diseases := func(n int) []string {
		list := []string{}
		for i := range n {
			list = append(list, fmt.Sprintf("MONDO:%d", i))
		}
		return list
	}
	uses := func(n int) []object {
		list := []object{}
		for range n {
			list = append(list, object{"permission": "GRU"})
		}
		return list
	}
	for field, changes := range map[string]object{
		"policy.use":                   {"use": uses(17)},
		"policy.use[0].permission":     {"use": []object{{"permission": "XYZ"}}},
		"policy.use[0].diseases":       {"use": []object{{"permission": "GRU", "diseases": diseases(1)}}},
		"policy.use[0].diseases[1]":    {"use": []object{{"permission": "DS", "diseases": []string{"ICD10:C50", "ICD10:C5"}}}},
		"policy.stages":                stages(),
		"policy.stages[1]":             stages(sample.With(dac, object{"threshold": 1}), sample.With(dac, object{"threshold": 2})),
		"policy.stages[0].role":        stages(sample.With(dac, object{"role": "steward"})),
		"policy.stages[0].threshold":   stages(sample.With(dac, object{"threshold": 0})),
		"policy.modes":                 {"modes": []string{}},
		"policy.modes[0]":              {"modes": []string{"post"}},
		"policy.modes[1]":              {"modes": []string{"enclave", "enclave"}},
		"policy.recipients[0]":         {"recipients": []string{"Nuri"}},
		"policy.max_duration_seconds":  {"max_duration_seconds": 10*366*86400 + 1},
		"policy.review_period_seconds": {"review_period_seconds": 0},
	} {
		w.Expect(w.Refused(refusal.Invalid, sample.Steward, "policy.set", set(changes)).Field, field)
	}
	w.Refused(refusal.Invalid, sample.Steward, "policy.set", set(object{"use": []object{{"permission": "DS", "diseases": diseases(201)}}}))
	w.Do(sample.Steward, "policy.set", set(object{"use": append(uses(15), object{"permission": "DS", "diseases": diseases(200)})}))
}
