package contract_test

import (
	"strings"
	"testing"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/records"
)

// everything is a world with a record of each type, and what the names of the queries below stand for.
func everything(t *testing.T) (*sample.World, *strings.Replacer) {
	t.Helper()
	w := sample.Guarded(t)
	w.Set(sample.Termed(), nil)
	w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"policy": nil, "title": "With its text", "manifest": object{"text": "{}"}}))
	w.Do(sample.Privacy, "consent.begin", sample.Consent(nil))
	d := w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	w.Do(sample.Privacy, "ground.set", object{
		"dataset": "hanbit/breast-cancer", "version_digest": sample.In(d, "version", "digest"), "cohorts": []string{"hanbit/oncology"}, "bases": []string{"hanbit/irb-waiver"},
	})
	w.States(sample.Statement(nil))
	w.Do(sample.Privacy, "consent.exclude", sample.Exclusion(object{"version": 2}))
	w.Loaded(sample.Steward, sample.Cancers())
	w.Do("hanbit/d:dac", "person.announce", object{})
	w.Delegated("hanbit/any:dac", "d")
	w.Delivers(sample.Kim)
	request := sample.In(w.Do(sample.Kim, "request.submit", sample.With(w.Request(), object{"accepted_terms": sample.DigestOf("terms"), "researchers": []string{"kim", "lee"}})), "id").(string)
	w.Invited(request, "nuri/park")
	w.Do("hanbit/a:dac", "request.remark", object{"request": request, "kind": "remark", "text": "it is long"})
	w.Vote("hanbit/a:dac", request, "approve")
	w.Vote("saerom/e-1:ethics", request, "approve")
	grant := sample.In(w.Vote("hanbit/b:dac", request, "approve"), "grant", "id").(string)
	w.Do(sample.Lee, "grant.accept", object{"grant": grant, "terms": sample.DigestOf("terms")})
	opened, _ := w.Opened()
	receipt := w.Released(grant, w.Archived(nil))
	w.Expect(w.Check(nil)["decision"], "permit")
	w.Expect(w.Emergency(nil)["decision"], "permit")
	proposal := w.Ledger.Keys("proposal/")[0]
	return w, strings.NewReplacer("$REQUEST", request, "$GRANT", grant, "$BREAKGLASS", opened, "$RECEIPT", receipt, "$PROPOSAL", strings.TrimPrefix(proposal, "proposal/"))
}

// others is how readers ask for a record of each type, and what an institution's own chaincode makes of one: the program alone never writes such a one.
var others = map[string]struct {
	prefix, query, argument string
	changes                 [][2]string
	// permits is what the sample is permitted all the same, of those who have the data by approval and those who have it in an emergency.
	permits, emergency bool
}{
	"institution": {"institution/hanbit/", "institution.get", `{"institution":"hanbit"}`, [][2]string{{`"country":"JP"`, `"country":"ZZ"`}, {`"roles":["operator","privacy","steward"]`, `"roles":["king"]`}}, true, true},
	"committee":   {"committee/hanbit/dac/", "committee.get", `{"institution":"hanbit","role":"dac"}`, [][2]string{{`"id":"a","key"`, `"id":"a/../b","key"`}, {`"id":"a","key":"`, `"id":"a","key":"x`}}, false, true},
	"person":      {"person/hanbit/d/", "person.list", `{"institution":"hanbit"}`, [][2]string{{`"public_key":"`, `"public_key":"AAAA`}}, true, true},
	"proposal": {"proposal/", "proposal.get", `{"proposal":"$PROPOSAL"}`, [][2]string{
		{`"function":"`, `"function":"\u001b[31m`}, {`"widens":["`, `"widens":["\u202e`}, {`"confirmed_by":{"id":"`, `"confirmed_by":{"id":"ANYBODY `},
	}, true, true},
	"dataset":  {"dataset/hanbit/", "dataset.get", `{"dataset":"hanbit/breast-cancer"}`, [][2]string{{`"latest_policy":`, `"narrowed_by":99,"latest_policy":`}}, false, false},
	"version":  {"version/hanbit/breast-cancer/00000002/", "dataset.get", `{"dataset":"hanbit/breast-cancer"}`, [][2]string{{`"kinds":["tabular"]`, `"kinds":["brain-mri"]`}, {`"jcs_sha256":"`, `"jcs_sha256":"x`}}, false, false},
	"manifest": {"manifest/hanbit/breast-cancer/00000002/", "dataset.manifest", `{"dataset":"hanbit/breast-cancer"}`, [][2]string{{`"text":"`, `"text":"` + strings.Repeat("x", 128<<10)}}, true, true},
	"policy":   {"policy/hanbit/breast-cancer/00000002/", "policy.get", `{"dataset":"hanbit/breast-cancer"}`, [][2]string{{`"version":2`, `"version":2,"ontologies":[{"system":"DOID","digest":"x"}]`}, {`"threshold":2`, `"threshold":0`}}, false, true},
	"request":  {"request/", "request.get", `{"request":"$REQUEST"}`, [][2]string{{`"researchers":["kim","lee"]`, `"researchers":["kim","kim"]`}, {`"requester":{"id":"kim"`, `"requester":{"id":"KIM"`}}, false, true},
	"vote":     {"vote/", "request.get", `{"request":"$REQUEST"}`, [][2]string{{`"role":"dac"`, `"role":"king"`}, {`"no_conflict":`, `"reason":"\u001b[2J","no_conflict":`}, {`"vote":"approve"`, `"vote":"approve!"`}}, false, true},
	"delegation": {"delegation/", "delegation.list", `{}`, [][2]string{
		{`"deputy_key":"`, `"deputy_key":"x`}, {`"deputy":"d"`, `"deputy":"d","reason":"\u200b"`},
	}, true, true},
	"grant":       {"grant/$GRANT", "grant.get", `{"grant":"$GRANT"}`, [][2]string{{`"grantees":["kim","lee"]`, `"grantees":["kim","kim"]`}, {`"mode":"download"`, `"mode":"everything"`}, {`"status":"active"`, `"status":"eternal"`}}, false, true},
	"acceptance":  {"acceptance/", "audit.trail", `{"dataset":"hanbit/breast-cancer","page_size":100}`, [][2]string{{`"terms":"`, `"terms":"x`}}, true, true},
	"breakglass":  {"breakglass/", "breakglass.get", `{"breakglass":"$BREAKGLASS"}`, [][2]string{{`"duration_seconds":3600`, `"duration_seconds":864000`}, {`"people":["kim","lee"]`, `"people":["kim","kim"]`}}, true, false},
	"emergencies": {"emergencies/", "breakglass.propose", sample.Text(sample.Emergency()), [][2]string{{`"people":["kim","lee"]`, `"people":["k/m"]`}}, true, true},
	"remark":      {"remark/", "request.get", `{"request":"$REQUEST"}`, [][2]string{{`"text":"it is long"`, `"text":"\u001b[8m"`}}, true, true},
	"invitation":  {"invitation/", "request.get", `{"request":"$REQUEST"}`, [][2]string{{`"inviter":{"id":"a"`, `"inviter":{"id":"A"`}, {`"question":"`, `"question":"\u0007`}}, true, true},
	"ground":      {"ground/hanbit/breast-cancer/00000002/", "ground.get", `{"dataset":"hanbit/breast-cancer"}`, [][2]string{{`"cohorts":["hanbit/oncology"]`, `"cohorts":["nuri/oncology"]`}}, false, false},
	"cohort":      {"cohort/", "consent.get", `{"cohort":"hanbit/oncology"}`, [][2]string{{`"batch_seconds":`, `"batch_seconds":99999999`}, {`"latest_epoch":1`, `"latest_epoch":0`}}, false, false},
	"epoch":       {"epoch/", "consent.get", `{"cohort":"hanbit/oncology"}`, [][2]string{{`"people":"100-999"`, `"people":"few"`}, {`"permission":"GRU"`, `"permission":"ANY"`}}, false, false},
	"exclusion":   {"exclusion/", "audit.trail", `{"dataset":"hanbit/breast-cancer","page_size":100}`, [][2]string{{`"exclusion_list":"`, `"exclusion_list":"x`}}, true, true},
	"basis":       {"basis/", "basis.get", `{"basis":"hanbit/irb-waiver"}`, [][2]string{{`"code":"KR-BIOETHICS-EXEMPTION"`, `"code":"BECAUSE"`}}, false, false},
	"deid":        {"deid/", "deid.get", `{"dataset":"hanbit/breast-cancer"}`, [][2]string{{`"term":"pseudonymous"`, `"term":"secret"`}}, false, false},
	"archive":     {"archive/", "archive.get", `{"dataset":"hanbit/breast-cancer"}`, [][2]string{{`"count":2`, `"count":3`}, {`"version_digest":"`, `"version_digest":"x`}}, true, true},
	"receipt": {"receipt/", "receipt.get", `{"receipt":"$RECEIPT"}`, [][2]string{
		{`"mode":"download"`, `"mode":"enclave"`}, {`"delivery":"`, `"delivery":"x`}, {`"signature":"`, `"signature":"!`}, {`"status":"open"`, `"status":"lost"`},
	}, true, true},
	"ontology": {"ontology/", "ontology.list", `{}`, [][2]string{{`"licence":"`, `"licence":"\u200f`}}, true, true},
}

// everywhere is what an institution's own chaincode can put into the envelope of any record.
var everywhere = [][2]string{
	{`"note":"`, `"note":"\u001b]0;gone\u0007`},
	{`"changes":[{"action":"`, `"changes":[{"action":"\u202e`},
	{`"roles":[`, `"roles":["king",`},
	{`"by":{"id":"`, `"by":{"id":"../`},
}

// Nobody relies on a record that the contract would not have written, whatever its type: every reader says so, and nothing is permitted that rests on it.
func TestARecordThatTheContractWouldNotHaveWritten(t *testing.T) {
	w, names := everything(t)
	honest := w.Ledger
	for _, kind := range records.Catalogue {
		c, known := others[kind.Name()]
		if !known {
			t.Errorf("no reader of a %s is asked", kind.Name())
			continue
		}
		tried := 0
		for _, change := range append(everywhere[:len(everywhere):len(everywhere)], c.changes...) {
			w.Ledger = honest.Clone()
			if !resealed(w, kind, names.Replace(c.prefix), change) {
				continue
			}
			tried++
			_, answer, refused := w.Simulate(sample.Privacy, c.query, names.Replace(c.argument))
			told := sample.Text(answer)
			if refused != nil {
				told = refused.Message
			}
			if !strings.Contains(told, "although the contract refuses such a "+kind.Called()) {
				t.Errorf("%s: %s: %s", kind.Name(), change[1], told)
			}
			if got := w.Check(nil); (got["decision"] == "permit") != c.permits {
				t.Errorf("%s: %s: %v", kind.Name(), change[1], got)
			}
			if got := w.Emergency(nil); (got["decision"] == "permit") != c.emergency {
				t.Errorf("%s: %s: in an emergency: %v", kind.Name(), change[1], got)
			}
		}
		if tried < len(c.changes) {
			t.Errorf("%s: only %d were tried", kind.Name(), tried)
		}
	}
}

// resealed has an owner's own chaincode write a record of a type otherwise, sealed or posted as it has to be; false when there is nothing in it to change.
func resealed(w *sample.World, kind records.Kind, prefix string, change [2]string) bool {
	owners := sample.Institutions
	if kind.IsWhole() {
		for _, owner := range owners {
			for _, key := range w.Ledger.Posts(owner, prefix) {
				honest := string(w.Ledger.Post(owner, key))
				if changed := strings.Replace(honest, change[0], change[1], 1); changed != honest {
					w.Ledger.Attack(sample.Post(owner, key, changed))
					return true
				}
			}
		}
		return false
	}
	for _, key := range w.Ledger.Keys(prefix) {
		honest := string(w.Ledger.Value(key))
		changed := strings.Replace(honest, change[0], change[1], 1)
		if changed == honest {
			continue
		}
		record, err := kind.Decode([]byte(changed))
		if err != nil || record.Key() != key {
			w.Fatalf("%s: %v", changed, err)
		}
		w.Ledger.Attack(sample.Put(key, changed), sample.Seal(record.OwnedBy(), key, changed))
		return true
	}
	return false
}
