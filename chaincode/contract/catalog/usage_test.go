package catalog_test

import (
	"encoding/json"
	"strings"
	"testing"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
)

// offer is what policy.offer gives for hanbit/breast-cancer.
func offer(w *sample.World, more object) object {
	w.Helper()
	return w.Ask("policy.offer", sample.With(object{"dataset": "hanbit/breast-cancer"}, more))
}

func usage(w *sample.World, version any) string {
	w.Helper()
	return w.Ask("dataset.get", sample.With(object{"dataset": "hanbit/breast-cancer"}, object{"version": version}))["usage_info"].(string)
}

func TestTheUsageInfoOfAManifest(t *testing.T) {
	w := sample.New(t)
	w.Expect(usage(w, 1), "absent")
	drafted := offer(w, object{"policy": sample.Policy()})
	w.Expect(sample.Text(drafted), sample.Text(offer(w, nil)))
	canonical := drafted["sha256"]
	w.Expect(sample.In(drafted, "usage_info", "odrl:permission", 0, "odrl:target", "@id"), "ledger:dataset/hanbit/breast-cancer")

	// in whatever layout: it is compared in its RFC 8785 form
	loose, err := json.MarshalIndent(object{"usageInfo": drafted["usage_info"], "n": 1.5}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	escaped := strings.ReplaceAll(string(loose), "odrl:use", `odrl:\u0075se`)
	second := w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"policy": nil, "manifest": object{"text": escaped}}))
	w.Expect(sample.In(second, "version", "body", "manifest", "usage_info_sha256"), canonical)
	w.Expect(usage(w, nil), "current")
	w.Expect(sample.In(w.Ask("dataset.list", object{}), "items", 0, "usage_info"), "current")

	// another policy, and the manifest is as it was
	w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.Policy(), object{"modes": []string{"enclave"}})})
	w.Expect(usage(w, nil), "outdated")
	w.Expect(offer(w, object{"version": 1})["sha256"], canonical)
	w.Expect(offer(w, nil)["sha256"] == canonical, false)
	// what ODRL has no words for makes nothing outdated
	w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.Policy(), object{"review_period_seconds": 86400})})
	w.Expect(usage(w, 2), "current")

	w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"policy": nil,
		"manifest": object{"url": "https://hanbit.example/m.json", "sha256": sample.DigestOf("m"), "jcs_sha256": sample.DigestOf("j"), "bytes": 1 << 20}}))
	w.Expect(usage(w, nil), "off-ledger")
	w.Expect(usage(w, 2), "current")
	w.Expect(usage(w, 1), "absent")
}

// The policy that is compared with is the one that will hold for the version.
func TestTheUsageInfoOfAnotherPolicy(t *testing.T) {
	w := sample.New(t)
	other := sample.With(sample.Policy(), object{"use": []object{{"permission": "HMB", "limits": []object{{"term": "NCU"}}}}})
	now, then := object{"usageInfo": offer(w, nil)["usage_info"]}, object{"usageInfo": offer(w, object{"policy": other})["usage_info"]}
	w.Refused(refusal.UsageInfoDiffers, sample.Steward, "dataset.publish", sample.Stating(then, object{"policy": nil}))
	w.Refused(refusal.UsageInfoDiffers, sample.Steward, "dataset.publish", sample.Stating(now, object{"policy": other}))
	w.Expect(w.Refused(refusal.UsageInfoDiffers, sample.Steward, "dataset.publish", sample.Stating(now, object{"slug": "other"})).Field, "manifest.text:usageInfo.odrl:permission[0].odrl:target.@id")
	w.Do(sample.Steward, "dataset.publish", sample.Stating(then, object{"policy": other}))
	w.Do(sample.Steward, "dataset.publish", sample.Stating(then, object{"policy": nil, "title": "Again"}))
	w.Expect(usage(w, nil), "current")
	w.Expect(usage(w, 2), "current")
	// a policy that could not be set is refused as such
	w.Refused(refusal.PolicyContradicts, sample.Steward, "dataset.publish", sample.Stating(now, object{"policy": sample.With(sample.Policy(), object{"use": []object{{"permission": "NRES", "limits": []object{{"term": "NCU"}}}}})}))
}

func TestUsageInfoThatThePolicyDoesNotSay(t *testing.T) {
	w := sample.New(t)
	honest := sample.Text(offer(w, nil)["usage_info"].(object))
	edited := func(from, to string) object {
		changed := strings.Replace(honest, from, to, 1)
		if changed == honest {
			t.Fatalf("%s is not in %s", from, honest)
		}
		return object{"usageInfo": json.RawMessage(changed)}
	}
	same := object{"usageInfo": json.RawMessage(honest)}
	for field, members := range map[string]object{
		"usageInfo": {"usageInfo": json.RawMessage("null")},
		"usageInfo.odrl:permission[0].odrl:constraint[0].odrl:rightOperand.@id":      edited("DUO_0000007", "DUO_0000042"),
		"usageInfo.odrl:permission[0].odrl:constraint[1].odrl:rightOperand.@list[0]": edited(`"ICD10:C50"`, `"ICD10:C"`),
		"usageInfo.odrl:permission[0].odrl:constraint[0].odrl:leftOperand":           edited(`"odrl:leftOperand":{"@id":"odrl:purpose"},`, ""),
		"usageInfo.odrl:permission[0].odrl:duty":                                     edited(`"odrl:target"`, `"odrl:duty":null,"odrl:target"`),
		"usageInfo.odrl:permission[1]":                                               edited(`"odrl:permission":[`, `"odrl:permission":[{},`),
		"usageInfo.@context[1].obo":                                                  edited("purl.obolibrary.org/obo/\"", "elsewhere.example/\""),
		"usageInfo.@context[0]":                                                      edited("[null", "[{}"),
		"usageInfo.@id":                                                              edited("ni:///sha-256;", "ni:///sha-256;A"),
		// said once more, under another name or for a part
		"sc:usageInfo":                        sample.With(same, object{"sc:usageInfo": "https://hanbit.example/any-use"}),
		"https://schema.org/usageInfo":        sample.With(same, object{"https://schema.org/usageInfo": object{}}),
		"distribution[1].usageInfo":           sample.With(same, object{"distribution": []object{{"name": "a"}, {"usageInfo": "https://hanbit.example/any-use"}}}),
		"@context.usageInfo":                  sample.With(same, object{"@context": object{"usageInfo": "sc:license"}}),
		"recordSet.field[0].schema:usageInfo": {"recordSet": object{"field": []object{{"schema:usageInfo": 1}}}},
	} {
		refused := w.Refused(refusal.UsageInfoDiffers, sample.Steward, "dataset.publish", sample.Stating(members, object{"policy": nil}))
		if field == "usageInfo.odrl:permission[1]" {
			field = "usageInfo.odrl:permission[0].@type" // what was put before it differs first
		}
		w.Expect(refused.Field, "manifest.text:"+field)
		w.Expect(strings.Contains(refused.Hint, "policy.offer"), true)
	}
	long := w.Refused(refusal.UsageInfoDiffers, sample.Steward, "dataset.publish", sample.Stating(object{strings.Repeat("한", 10_000): object{"usageInfo": 1}}, object{"policy": nil}))
	w.Expect(len(long.Field) < 1000, true)
	w.Expect(usage(w, nil), "absent")
	w.Do(sample.Steward, "dataset.publish", sample.Stating(same, object{"policy": nil}))
}

func TestOffersThatCannotBeAsked(t *testing.T) {
	w := sample.New(t)
	ask := func(code refusal.Code, argument object) string {
		return w.Refused(code, sample.Kim, "policy.offer", argument).Field
	}
	w.Expect(ask(refusal.Invalid, object{"policy": sample.Policy()}), "dataset")
	w.Expect(ask(refusal.Invalid, object{"dataset": "hanbit/breast-cancer", "policy": sample.Policy(), "version": 1}), "version")
	w.Expect(ask(refusal.Invalid, object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.Policy(), object{"modes": []string{"fax"}})}), "policy.modes[0]")
	ask(refusal.NotFound, object{"dataset": "hanbit/none"})
	ask(refusal.NotFound, object{"dataset": "hanbit/breast-cancer", "version": 2})
	w.Expect(sample.In(w.Ask("policy.offer", object{"dataset": "nuri/not-yet", "policy": sample.Policy()}), "usage_info", "odrl:permission", 0, "odrl:assigner", "@id"), "ledger:institution/nuri")
}
