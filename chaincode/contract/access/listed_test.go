package access_test

import (
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// entriesOf are the index entries of the record at a key that stand as long as it does.
func entriesOf(w *sample.World, key string) []string {
	kind := records.KindOf(records.TypeOf(key))
	record, err := kind.Decode(w.Ledger.Value(key))
	if err != nil {
		w.Fatal(err)
	}
	var keys []string
	for _, entry := range kind.Lasting(record) {
		keys = append(keys, entry.Key)
	}
	return keys
}

// without takes an entry away, as its owner's own chaincode can, looks, and puts it back.
func without(w *sample.World, entry string, look func()) {
	w.Helper()
	if w.Ledger.Value(entry) == nil {
		w.Fatalf("%s does not stand", entry)
	}
	w.Ledger.Attack(ledgertest.Write{Key: entry, Delete: true})
	look()
	w.Ledger.Attack(sample.Put(entry, "1"))
}

// A grant counts only when it, and what it rests on, can be found where everybody looks; check and lists say the same.
func TestWhatNoListShowsDoesNotCount(t *testing.T) {
	w := sample.New(t)
	w.States(sample.Statement(nil))
	w.Do(sample.Privacy, "consent.begin", sample.Consent(nil))
	w.Rests(object{"cohorts": []string{"hanbit/oncology"}})
	grant := w.Granted()
	joining := w.GrantTo(object{"joins": grant, "researchers": []string{"lee"}, "duration_seconds": 86400})
	request := sample.In(w.Ask("grant.get", object{"grant": grant}), "grant", "record", "body", "request").(string)
	tried := 0
	for _, key := range slices.Concat([]string{"grant/" + grant, "request/" + request}, w.Ledger.Keys("ground/"), w.Ledger.Keys("deid/")) {
		for _, entry := range entriesOf(w, key) {
			without(w, entry, func() {
				tried++
				answer := w.Check(nil)
				reasons := sample.Reasons(answer)
				if answer["decision"] != "deny" || !strings.HasPrefix(entry, "i/grant-person/nuri/kim/") && !slices.Contains(reasons, "EVIDENCE_MISSING") {
					t.Errorf("without %s: %s for %v", entry, answer["decision"], reasons)
				}
				lawful := strings.HasPrefix(key, "ground/") || strings.HasPrefix(key, "deid/") // of these grant.get does not speak
				if state := w.State(grant); (state == "unproven") == lawful {
					t.Errorf("without %s it is %s", entry, state)
				}
				if strings.HasPrefix(key, "grant/") && w.State(joining) != "unproven" {
					t.Errorf("without %s what joins it is %s", entry, w.State(joining))
				}
			})
			w.Expect(w.Check(nil)["decision"], "permit")
		}
	}
	w.Expect(tried >= 10, true)
}

// The same of broken glass, which has lists of its own.
func TestBrokenGlassThatNoListShows(t *testing.T) {
	w := sample.Guarded(t)
	id, grant := w.Opened()
	for _, entry := range slices.Concat(entriesOf(w, "breakglass/"+id), entriesOf(w, "grant/"+grant)) {
		without(w, entry, func() {
			w.Expect(w.Emergency(nil)["decision"], "deny")
			w.Expect(w.State(grant), "unproven")
		})
	}
	w.Expect(w.Emergency(nil)["decision"], "permit")
}

// A request that is hidden from its dataset's owner is not approved.
func TestAHiddenRequestIsNotApproved(t *testing.T) {
	w := sample.New(t)
	request := w.Submitted()
	w.Vote("hanbit/a:dac", request, "approve")
	w.Vote("saerom/e-1:ethics", request, "approve")
	ballot := w.Ballot(request, "approve", "dac")
	open := w.Only("i/request-open/hanbit/")
	for _, entry := range append(entriesOf(w, "request/"+request), open) {
		without(w, entry, func() { w.Refused(refusal.Forged, "hanbit/b:dac", "request.vote", ballot) })
	}
	w.Expect(sample.In(w.Do("hanbit/b:dac", "request.vote", ballot), "state"), "approved")
}
