package contract_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"medconsent.org/chaincode/contract"
	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

// right holds, for each transaction and query, an argument that is decoded without a complaint.
func right(w *sample.World) map[string]object {
	d, id := sample.DigestOf("x"), sample.DigestOf("request")
	purpose := object{"kind": "general-research"}
	return map[string]object{
		"institution.set":    {"title": "Hanbit", "country": "KR", "contact": "data@hanbit.example", "roles": []string{"steward"}},
		"committee.set":      {"role": "dac", "members": sample.Members("a")},
		"committee.seat":     {"role": "dac", "members": sample.Members("x")},
		"dataset.publish":    sample.Publication(),
		"policy.set":         {"dataset": "hanbit/breast-cancer", "policy": sample.Policy()},
		"request.submit":     sample.With(w.Request(), nil),
		"request.vote":       {"request": id, "vote": "approve", "role": "dac", "request_digest": d, "version_digest": d, "policy_digest": d},
		"request.withdraw":   {"request": id},
		"request.amend":      {"request": id, "mode": "download"},
		"committee.delegate": {"role": "dac", "deputy": "d", "until": "2026-12-24T00:00:00Z"}, "committee.undelegate": {"delegation": id}, "committee.unseat": {"role": "dac", "members": []string{"a"}}, "institution.dismiss": {"officers": []string{"steward"}}, "delegation.list": {},
		"request.remark":   {"request": id, "text": "x"},
		"request.invite":   {"request": id, "reviewer": "nuri/park", "question": "x"},
		"invitation.list":  {"reviewer": "nuri/park"},
		"grant.revoke":     {"grant": id, "reason": "x"},
		"grant.relinquish": {"grant": id}, "grant.suspend": {"grant": id, "reason": "x"}, "grant.lift": {"grant": id, "reason": "x"},
		"grant.accept": {"grant": id, "terms": d}, "grant.others": {"grant": id},
		"breakglass.propose": sample.Emergency(), "breakglass.confirm": {"breakglass": id, "digest": d}, "breakglass.justify": {"breakglass": id, "justification": "x"},
		"breakglass.get": {"breakglass": id}, "breakglass.list": {},
		"contract.version": {},
		"person.announce":  {}, "person.admit": {"person": "kim", "key": d}, "person.end": {"person": "kim", "announced": id, "reason": "x"}, "person.list": {},
		"proposal.confirm": {"proposal": id, "digest": d}, "proposal.reject": {"proposal": id, "reason": "x"}, "proposal.get": {"proposal": id}, "proposal.list": {},
		"institution.get": {"institution": "hanbit"}, "institution.list": {}, "committee.get": {"institution": "hanbit", "role": "dac"}, "committee.list": {},
		"dataset.get": {"dataset": "hanbit/breast-cancer"}, "dataset.manifest": {"dataset": "hanbit/breast-cancer"}, "dataset.list": {},
		"policy.lint": {"policy": sample.Policy()}, "policy.diff": {"dataset": "hanbit/breast-cancer"}, "policy.ends": {"dataset": "hanbit/breast-cancer", "policy": sample.Policy()},
		"policy.offer": {"dataset": "hanbit/breast-cancer", "policy": sample.Policy()},
		"policy.get":   {"dataset": "hanbit/breast-cancer"}, "request.get": {"request": id}, "request.list": {}, "grant.get": {"grant": id}, "grant.list": {},
		"ground.set":    {"dataset": "hanbit/breast-cancer", "version_digest": d, "bases": []string{"hanbit/irb-waiver"}},
		"ground.get":    {"dataset": "hanbit/breast-cancer"},
		"consent.begin": sample.Consent(nil), "consent.epoch": sample.Epoch(object{"epoch": 2}), "consent.exclude": sample.Exclusion(nil), "consent.end": {"cohort": "hanbit/oncology", "reason": "x"},
		"consent.get": {"cohort": "hanbit/oncology"}, "consent.list": {},
		"basis.set": sample.Basis(), "basis.end": {"basis": "hanbit/irb-waiver", "reason": "x"}, "basis.get": {"basis": "hanbit/irb-waiver"}, "basis.list": {},
		"deid.state": {"dataset": "hanbit/breast-cancer", "version_digest": d, "statement": sample.Statement(nil)}, "deid.get": {"dataset": "hanbit/breast-cancer"},
		"ledger.beat": {}, "ledger.age": {},
		"text.keep": {"request": id, "commitment": d}, "text.get": {"request": id, "commitment": d}, "text.purge": {"request": id, "commitment": d},
		"explain":         {"dataset": "hanbit/breast-cancer", "purpose": purpose, "mode": "download"},
		"check":           {"dataset": "hanbit/breast-cancer", "for": "nuri/kim", "purpose": purpose, "mode": "download"},
		"archive.publish": w.Archive(nil), "archive.get": {"dataset": "hanbit/breast-cancer"}, "archive.list": {"dataset": "hanbit/breast-cancer"},
		"release.open": w.Asks(id, d, nil, nil), "release.close": {"receipt": id, "outcome": "completed", "bytes": 1}, "release.check": {"receipt": id},
		"receipt.get": {"receipt": id}, "receipt.list": {},
		"audit.trail":   {"dataset": "hanbit/breast-cancer"},
		"ontology.page": {"pages": sample.Cancers()}, "ontology.publish": sample.Publish([]string{d}), "ontology.adopt": {"system": "DOID", "digest": d},
		"ontology.get": {"system": "DOID"}, "ontology.list": {}, "ontology.term": {"system": "DOID", "code": "4"}, "ontology.missing": {"sha256": []string{d}},
	}
}

const everyone = "hanbit/all:steward,dac,ethics,privacy,researcher,auditor,gateway,operator"

func everyName(t *testing.T) (transactions, queries []string) {
	t.Helper()
	answer := sample.NewWorld(t).Ask("contract.version", object{})
	for _, name := range answer["transactions"].([]any) {
		transactions = append(transactions, name.(string))
	}
	for _, name := range answer["queries"].([]any) {
		queries = append(queries, name.(string))
	}
	return transactions, queries
}

// Every transaction refuses every wrong way of calling it, with a code of ours, and writes nothing (the world checks that of each refusal).
func TestWrongDoors(t *testing.T) {
	w := sample.New(t)
	arguments := right(w)
	transactions, queries := everyName(t)
	for _, name := range append(transactions, queries...) {
		t.Run(name, func(t *testing.T) {
			argument, ok := arguments[name]
			if !ok {
				t.Fatalf("no right argument is known for %s", name)
			}
			w.T = t
			good := sample.Text(argument)
			if _, _, refused := w.Simulate(everyone, name, good); refused != nil && (refused.Code == refusal.Invalid || refused.Code == refusal.UnknownTransaction) {
				t.Fatalf("the right argument is refused: %v", refused)
			}
			for _, spelling := range []string{
				strings.ToUpper(name[:1]) + name[1:], strings.ToUpper(name), name + " ", " " + name, strings.ReplaceAll(name, ".", "_"), "medconsent:" + name, name + "\x00",
			} {
				if spelling != name {
					door(w, refusal.UnknownTransaction, spelling, good)
				}
			}
			door(w, refusal.Invalid, name)
			door(w, refusal.Invalid, name, good, good)
			door(w, refusal.Invalid, name, good, "")
			for _, wrong := range []string{"", "null", "[]", "1", `"x"`, "{", good + "{}", good + " x", "\ufeff" + good, "{\"\xff\":1}"} {
				door(w, refusal.Invalid, name, wrong)
			}
			members(w, name, good)
			door(w, refusal.TooLarge, name, `{"x":"`+strings.Repeat("x", 512<<10)+`"}`)
		})
	}
}

// members tries members that are unknown, twice there, in another case, null, or too deep.
func members(w *sample.World, name, good string) {
	w.Helper()
	inside := strings.TrimPrefix(good, "{")
	comma := ","
	if inside == "}" {
		comma = ""
	}
	door(w, refusal.Invalid, name, `{"unknown":1`+comma+inside)
	door(w, refusal.Invalid, name, `{"unknown":`+strings.Repeat("[", 17)+strings.Repeat("]", 17)+comma+inside)
	for _, member := range regexp.MustCompile(`^\{"([a-z_]+)":`).FindAllStringSubmatch(good, -1) {
		door(w, refusal.Invalid, name, `{"`+member[1]+`":"x",`+inside)
		door(w, refusal.Invalid, name, strings.Replace(good, `"`+member[1]+`"`, `"`+strings.ToUpper(member[1])+`"`, 1))
		nothing := object{}
		if err := json.Unmarshal([]byte(good), &nothing); err != nil {
			w.Fatal(err)
		}
		nothing[member[1]] = nil
		refused := door(w, refusal.Invalid, name, sample.Text(nothing))
		if refused.Field == "" {
			w.Fatalf("%s: no field is named: %v", name, refused)
		}
	}
}

func door(w *sample.World, code refusal.Code, name string, arguments ...string) *refusal.Error {
	w.Helper()
	_, answer, refused := w.SimulateAs(w.Person(everyone), w.Now, name, arguments...) // as it stands: nothing is put to it
	if refused == nil || refused.Code != code {
		w.Fatalf("%q with %d arguments: wanted %s, got %v %v", name, len(arguments), code, refused, answer)
	}
	return refused
}

// A number is a plain integer, wherever it stands.
func TestNumbers(t *testing.T) {
	w := sample.New(t)
	for _, number := range []string{"1.0", "1e2", "-0", "9007199254740992", "1E2", "99999999999999999999"} {
		door(w, refusal.Invalid, "dataset.list", `{"page_size":`+number+`}`)
	}
	door(w, refusal.Invalid, "dataset.list", `{"page_size":"5"}`)
	door(w, refusal.Invalid, "dataset.list", `{"page_size":0}`)
	door(w, refusal.Invalid, "dataset.list", `{"page_size":101}`)
	if refused := door(w, refusal.Invalid, "committee.set", `{"role":"dac","members":[{"id":"a"},{"id":"b","until":"2026-11-24T10:50:10+00:00"}]}`); refused.Field != "members[1].until" {
		t.Fatal(refused)
	}
}

func TestAPanicIsARefusal(t *testing.T) {
	w := sample.NewWorld(t)
	_, _, refused := w.SimulateAs(nil, w.Now, "contract.version", "{}")
	if refused != nil {
		t.Fatal(refused)
	}
	stub := ledgertest.NewLedger("hanbit").Begin(sample.DigestOf("t"), w.Now, nil)
	response := (&contract.Contract{Clock: func() (now sample.TimeOf) { panic("a broken clock") }}).Run([][]byte{[]byte("contract.version"), []byte("{}")}, stub)
	if response.Status != 500 || !strings.Contains(response.Message, `"INTERNAL"`) || strings.Contains(response.Message, "broken") {
		t.Fatal(response)
	}
	if init := (&contract.Contract{}).Init(nil); init.Status != 500 || !strings.Contains(init.Message, "UNKNOWN_TRANSACTION") {
		t.Fatal(init)
	}
}
