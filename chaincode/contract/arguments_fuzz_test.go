package contract_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
)

// Whatever bytes are sent to whatever transaction: an answer, or a refusal with a code, and then nothing is written. Each transaction's way of decoding is
// reached by its seeds.
func FuzzEveryArgument(f *testing.F) {
	seed := sample.New(&testing.T{})
	for name, argument := range right(seed) {
		good := sample.Text(argument)
		f.Add(name, good)
		f.Add(name, strings.Replace(good, ":", ":null,", 1))
		f.Add(name, strings.Replace(good, `"`, `"\u0000`, 3))
	}
	f.Add("committee.set", `{"role":"dac","members":[{"id":"a","from":"9999-12-31T23:59:59Z","until":"0001-01-01T00:00:00Z"}]}`)
	f.Add("dataset.publish", `{"manifest":{"text":"{\"a\":1e999}"},"content":{}}`)
	f.Add("dataset.publish", sample.Text(sample.Stating(object{"usageInfo": object{"odrl:permission": []any{object{"@id": 1.5}, nil}}}, nil)))
	f.Add("dataset.publish", sample.Text(sample.Stating(object{"a": []any{object{"b": object{"sc:usageInfo": true}}}}, nil)))
	f.Add("check", `{"at":"2026-11-24T10:00:00Z","purpose":{}}`)
	creator := ledgertest.Person("hanbit", "all", "steward,dac,ethics,privacy,researcher,operator")
	f.Fuzz(func(t *testing.T, name, argument string) {
		w := &sample.World{T: t, Ledger: seed.Ledger, Now: seed.Now, Count: 1 << 20, People: seed.People}
		stub, _, refused := w.SimulateAs(creator, w.Now.Add(time.Second), name, argument) // fails when a refusal is no JSON or something is written
		if refused != nil && refused.Message == "" {
			t.Fatal("a refusal says nothing")
		}
		if refused == nil && !jsontext.Value(argument).IsValid() {
			t.Fatalf("%s took what is no JSON: %q", name, argument)
		}
		for _, write := range stub.Writes {
			if write.Key == "" || !utf8.ValidString(write.Key) || strings.Contains(write.Key, "\x00") {
				t.Fatalf("a key %q", write.Key)
			}
		}
	})
}
