package contract_test

import (
	"testing"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
)

// What would leave a record as it stands is refused, and says so: whoever sent it took it for done anew.
func TestWhatChangesNothingIsRefused(t *testing.T) {
	w := sample.New(t)
	w.Do(sample.Privacy, "consent.begin", sample.Consent(nil))
	version := sample.In(w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"}), "version", "digest")
	for _, again := range []struct {
		who, name string
		stands    bool // in the sample's world
		argument  object
		change    object
	}{
		{sample.Operator, "institution.set", false, sample.Profile(), object{"title": "Another"}},
		{sample.Steward, "committee.set", true, object{"role": "dac", "members": sample.Members("a", "b", "c")}, object{"members": sample.Members("a", "b")}},
		{sample.Steward, "policy.set", true, object{"dataset": "hanbit/breast-cancer", "policy": sample.Policy()}, object{"policy": sample.With(sample.Policy(), object{"max_duration_seconds": 86400})}},
		{sample.Privacy, "basis.set", true, sample.Basis(), object{"article": "16"}},
		{sample.Privacy, "ground.set", true, object{"dataset": "hanbit/breast-cancer", "version_digest": version, "bases": []string{"hanbit/irb-waiver"}}, object{"cohorts": []string{"hanbit/oncology"}}},
		{sample.Privacy, "deid.state", false, object{"dataset": "hanbit/breast-cancer", "version_digest": version, "statement": sample.Statement(nil)}, object{"statement": sample.Statement(object{"residual_risk": "none that is known"})}},
		{sample.Privacy, "consent.exclude", false, sample.Exclusion(nil), object{"exclusion_list": sample.DigestOf("another")}},
	} {
		if !again.stands {
			w.Do(again.who, again.name, again.argument)
		}
		if refused := w.Refused(refusal.Conflict, again.who, again.name, again.argument); refused.Hint == "" {
			t.Errorf("%s does not say what to do: %v", again.name, refused)
		}
		w.Do(again.who, again.name, sample.With(again.argument, again.change)) // and another word is taken
	}
}
