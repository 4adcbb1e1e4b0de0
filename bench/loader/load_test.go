package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
)

type object = map[string]any

const dataset = "hanbit/breast-cancer"

var purpose = records.Purpose{Kind: "disease", Diseases: []string{"ICD10:C50"}}

// loaded loads so many requests of one person, or of one each, in a transaction of its own.
func loaded(t *testing.T, w *sample.World, person string, count int64) *ledgertest.Stub {
	t.Helper()
	what := order{Dataset: dataset, Institution: "nuri", Person: person, Count: count, Purpose: purpose, Mode: "download"}
	stub := w.Ledger.Begin(sample.DigestOf("load "+person), w.Now, w.Person("hanbit/steward:steward"))
	if err := load(bulk{stub}, func() time.Time { return w.Now }, what); err != nil {
		t.Fatal(err)
	}
	return stub
}

// What is loaded is what the contract's own transactions write: the same keys, records, posts, policies and index entries.
func TestALoadWritesWhatTheContractWrites(t *testing.T) {
	w := sample.New(t)
	w.Do(sample.Privacy, "basis.set", sample.With(sample.Basis(), object{"slug": "purposes", "purposes": []object{{"permission": "GRU"}}}))
	w.Rests(object{"bases": []string{"hanbit/purposes"}}) // so that something lies before those who approve
	w.Later(time.Hour)
	byLoad := written(loaded(t, w, "kim", 1))
	asked := sample.With(w.Request(), object{"purpose": purpose, "duration_seconds": 90 * 86400, "project": "A project that the benchmark made up"})
	request := sample.In(w.Do("nuri/kim:researcher", "request.submit", asked), "id").(string)
	stubs := []*ledgertest.Stub{w.Last}
	for _, who := range []string{"hanbit/a:dac", "hanbit/b:dac", "saerom/e-1:ethics"} {
		w.Vote(who, request, "approve")
		stubs = append(stubs, w.Last)
	}
	byContract := written(stubs...)
	for _, line := range byContract {
		if !slices.Contains(byLoad, line) {
			t.Errorf("the contract writes\n%s\nand the load does not", line)
		}
	}
	for _, line := range byLoad {
		if !slices.Contains(byContract, line) {
			t.Errorf("the load writes\n%s\nand the contract does not", line)
		}
	}
	if len(byLoad) != len(byContract) {
		t.Errorf("the load leaves %d keys and the contract %d", len(byLoad), len(byContract))
	}
}

var hash = regexp.MustCompile("[0-9a-f]{64}")

// written is what transactions leave behind: what stands at each key, and who can change it. Ids and digests are masked, and what stands in collections is a digest, or nothing.
func written(stubs ...*ledgertest.Stub) []string {
	left := map[string]string{}
	for _, stub := range stubs {
		for _, w := range stub.Writes {
			key := w.Collection + " " + w.Key
			switch {
			case w.Delete:
				delete(left, key)
			case w.Collection != "" && w.Policy == nil:
				left[key] += " "
			default:
				left[key] += string(w.Value) + string(w.Policy)
			}
		}
	}
	var lines []string
	for key, value := range left {
		lines = append(lines, hash.ReplaceAllString(key+"\n"+value, "ID"))
	}
	return lines
}

// Whoever was loaded holds a grant that permits, and shows in the lists; one of four requests still waits.
func TestALoadedGrantPermits(t *testing.T) {
	w := sample.New(t)
	w.Later(time.Hour)
	stub := loaded(t, w, "", 8)
	if code := w.Ledger.Commit(stub, "hanbit", "nuri", "saerom"); code != ledgertest.Valid {
		t.Fatal(code)
	}
	w.Later(time.Minute)
	for number := range 8 {
		wanted := "permit"
		if number%openEvery == openEvery-1 {
			wanted = "deny"
		}
		answer := w.Check(object{"for": fmt.Sprintf("nuri/p-%07d", number), "purpose": purpose})
		if answer["decision"] != wanted {
			told, _ := json.Marshal(answer["reasons"])
			t.Errorf("%d: %v %s", number, answer["decision"], told)
		}
	}
	for list, count := range map[string]int{"request.list": 8, "grant.list": 6} {
		items := w.Ask(list, object{})["items"].([]any)
		if len(items) != count {
			t.Errorf("%s shows %d", list, len(items))
		}
		for _, item := range items {
			if sample.In(item, "sealed") == false || sample.In(item, "forged") != nil {
				t.Errorf("%s: %v", list, item)
			}
		}
	}
	if items := w.Ask("request.list", object{"waiting_for": "hanbit/dac"})["items"].([]any); len(items) != 2 {
		t.Errorf("%d wait", len(items))
	}
}
