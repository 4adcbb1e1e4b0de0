package contract_test

import (
	"encoding/json"
	"strings"
	"testing"

	"medconsent.org/chaincode/refusal"
)

// offer is what policy.offer gives for hanbit/breast-cancer.
func (w *world) offer(more object) object {
	w.Helper()
	return w.ask("policy.offer", with(object{"dataset": "hanbit/breast-cancer"}, more))
}

// stating is a publication whose manifest has members besides its type.
func stating(members object, more object) object {
	return with(with(publication(), object{"manifest": object{"text": text(with(object{"@type": "sc:Dataset"}, members))}}), more)
}

func (w *world) usage(version any) string {
	w.Helper()
	return w.ask("dataset.get", with(object{"dataset": "hanbit/breast-cancer"}, object{"version": version}))["usage_info"].(string)
}

func TestTheUsageInfoOfAManifest(t *testing.T) {
	w := sample(t)
	w.expect(w.usage(1), "absent")
	drafted := w.offer(object{"policy": policy()})
	w.expect(text(drafted), text(w.offer(nil)))
	canonical := drafted["sha256"]
	w.expect(in(drafted, "usage_info", "odrl:permission", 0, "odrl:target", "@id"), "ledger:dataset/hanbit/breast-cancer")

	// in whatever layout: it is compared in its RFC 8785 form
	loose, err := json.MarshalIndent(object{"usageInfo": drafted["usage_info"], "n": 1.5}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	escaped := strings.ReplaceAll(string(loose), "odrl:use", `odrl:\u0075se`)
	second := w.do(steward, "dataset.publish", with(publication(), object{"policy": nil, "manifest": object{"text": escaped}}))
	w.expect(in(second, "version", "body", "manifest", "usage_info_sha256"), canonical)
	w.expect(w.usage(nil), "current")
	w.expect(in(w.ask("dataset.list", object{}), "items", 0, "usage_info"), "current")

	// another policy, and the manifest is as it was
	w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": with(policy(), object{"modes": []string{"enclave"}})})
	w.expect(w.usage(nil), "outdated")
	w.expect(w.offer(object{"version": 1})["sha256"], canonical)
	w.expect(w.offer(nil)["sha256"] == canonical, false)
	// what ODRL has no words for makes nothing outdated
	w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": with(policy(), object{"review_period_seconds": 86400})})
	w.expect(w.usage(2), "current")

	w.do(steward, "dataset.publish", with(publication(), object{"policy": nil,
		"manifest": object{"url": "https://hanbit.example/m.json", "sha256": digestOf("m"), "jcs_sha256": digestOf("j"), "bytes": 1 << 20}}))
	w.expect(w.usage(nil), "off-ledger")
	w.expect(w.usage(2), "current")
	w.expect(w.usage(1), "absent")
}

// The policy that is compared with is the one that will hold for the version.
func TestTheUsageInfoOfAnotherPolicy(t *testing.T) {
	w := sample(t)
	other := with(policy(), object{"use": []object{{"permission": "HMB", "limits": []object{{"term": "NCU"}}}}})
	now, then := object{"usageInfo": w.offer(nil)["usage_info"]}, object{"usageInfo": w.offer(object{"policy": other})["usage_info"]}
	w.refused(refusal.UsageInfoDiffers, steward, "dataset.publish", stating(then, object{"policy": nil}))
	w.refused(refusal.UsageInfoDiffers, steward, "dataset.publish", stating(now, object{"policy": other}))
	w.expect(w.refused(refusal.UsageInfoDiffers, steward, "dataset.publish", stating(now, object{"slug": "other"})).Field, "manifest.text:usageInfo.odrl:permission[0].odrl:target.@id")
	w.do(steward, "dataset.publish", stating(then, object{"policy": other}))
	w.do(steward, "dataset.publish", stating(then, object{"policy": nil}))
	w.expect(w.usage(nil), "current")
	w.expect(w.usage(2), "current")
	// a policy that could not be set is refused as such
	w.refused(refusal.PolicyContradicts, steward, "dataset.publish", stating(now, object{"policy": with(policy(), object{"use": []object{{"permission": "NRES", "limits": []object{{"term": "NCU"}}}}})}))
}

func TestUsageInfoThatThePolicyDoesNotSay(t *testing.T) {
	w := sample(t)
	honest := text(w.offer(nil)["usage_info"].(object))
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
		"sc:usageInfo":                        with(same, object{"sc:usageInfo": "https://hanbit.example/any-use"}),
		"https://schema.org/usageInfo":        with(same, object{"https://schema.org/usageInfo": object{}}),
		"distribution[1].usageInfo":           with(same, object{"distribution": []object{{"name": "a"}, {"usageInfo": "https://hanbit.example/any-use"}}}),
		"@context.usageInfo":                  with(same, object{"@context": object{"usageInfo": "sc:license"}}),
		"recordSet.field[0].schema:usageInfo": {"recordSet": object{"field": []object{{"schema:usageInfo": 1}}}},
	} {
		refused := w.refused(refusal.UsageInfoDiffers, steward, "dataset.publish", stating(members, object{"policy": nil}))
		if field == "usageInfo.odrl:permission[1]" {
			field = "usageInfo.odrl:permission[0].@type" // what was put before it differs first
		}
		w.expect(refused.Field, "manifest.text:"+field)
		w.expect(strings.Contains(refused.Hint, "policy.offer"), true)
	}
	long := w.refused(refusal.UsageInfoDiffers, steward, "dataset.publish", stating(object{strings.Repeat("한", 10_000): object{"usageInfo": 1}}, object{"policy": nil}))
	w.expect(len(long.Field) < 1000, true)
	w.expect(w.usage(nil), "absent")
	w.do(steward, "dataset.publish", stating(same, object{"policy": nil}))
}

func TestOffersThatCannotBeAsked(t *testing.T) {
	w := sample(t)
	ask := func(code refusal.Code, argument object) string {
		return w.refused(code, kim, "policy.offer", argument).Field
	}
	w.expect(ask(refusal.Invalid, object{"policy": policy()}), "dataset")
	w.expect(ask(refusal.Invalid, object{"dataset": "hanbit/breast-cancer", "policy": policy(), "version": 1}), "version")
	w.expect(ask(refusal.Invalid, object{"dataset": "hanbit/breast-cancer", "policy": with(policy(), object{"modes": []string{"fax"}})}), "policy.modes[0]")
	ask(refusal.NotFound, object{"dataset": "hanbit/none"})
	ask(refusal.NotFound, object{"dataset": "hanbit/breast-cancer", "version": 2})
	w.expect(in(w.ask("policy.offer", object{"dataset": "nuri/not-yet", "policy": policy()}), "usage_info", "odrl:permission", 0, "odrl:assigner", "@id"), "ledger:institution/nuri")
}
