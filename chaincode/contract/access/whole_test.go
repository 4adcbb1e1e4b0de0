package access_test

import (
	"slices"
	"testing"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
)

var limitedToCancer = sample.Use(object{"permission": "DS", "diseases": []string{"DOID:162"}})

// hierarchical is a sample whose policy, or whose people, permit cancers alone, by a version of the hierarchy that is pinned.
func hierarchical(t *testing.T, limitedBy string) *sample.World {
	t.Helper()
	w := sample.Registered(t)
	w.Do(sample.Steward, "committee.set", object{"role": "dac", "members": sample.Members("a", "b", "c")})
	w.Do(sample.SaeromSteward, "committee.set", object{"role": "ethics", "members": sample.Members("e-1", "e-2")})
	digest := w.Loaded(sample.NuriSteward, sample.Cancers())
	w.Do(sample.HanbitSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	policy, consent := sample.Use(object{"permission": "GRU"}), object{}
	if limitedBy == "policy" {
		policy = limitedToCancer
	} else {
		consent = limitedToCancer
	}
	w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"policy": sample.With(sample.Policy(), policy)}))
	w.Do(sample.Privacy, "consent.begin", sample.Consent(consent))
	w.Rests(object{"cohorts": []string{"hanbit/oncology"}, "bases": nil})
	return w
}

// What a rule needs and cannot read whole denies: it is no question for people, and no permit.
func TestWhatCannotBeReadWholeDenies(t *testing.T) {
	breast, other := object{"kind": "disease", "diseases": []string{"DOID:1612"}}, object{"kind": "disease", "diseases": []string{"DOID:9"}}
	for _, limitedBy := range []string{"policy", "people"} {
		for _, part := range []string{"ontology-index/", "ontology-page/"} {
			w := hierarchical(t, limitedBy)
			explained := func(purpose object) object {
				return w.Ask("explain", object{"dataset": "hanbit/breast-cancer", "purpose": purpose, "mode": "download", "institution": "nuri"})
			}
			w.Expect(explained(other)["decision"], "deny")
			w.GrantTo(object{"purpose": breast})
			w.Expect(w.Check(object{"purpose": breast})["decision"], "permit")
			for _, key := range w.Ledger.Keys(part) { // as if the lock were none
				w.Ledger.Attack(ledgertest.Write{Key: key, Delete: true})
			}
			for says, answer := range map[string]object{
				"explain, another": explained(other), "explain": explained(breast), "check": w.Check(object{"purpose": breast}), "check, another": w.Check(object{"purpose": other}),
			} {
				if answer["decision"] != "deny" || says != "check, another" && !slices.Contains(sample.Reasons(answer), "EVIDENCE_MISSING") {
					t.Errorf("%s, limited by the %s, without %s: %s for %v", says, limitedBy, part, answer["decision"], sample.Reasons(answer))
				}
			}
		}
	}
}
