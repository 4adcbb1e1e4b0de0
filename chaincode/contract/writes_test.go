package contract_test

import (
	"strings"
	"testing"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

// Free text shows what it says, and says it in one way.
func TestText(t *testing.T) {
	w := sample.NewWorld(t)
	for says, title := range map[string]string{
		"not NFC": "e\u0301", "control": "a\x07b", "two lines": "a\nb", "right to left": "a\u202eb", "isolate": "a\u2066b", "zero width": "a\u200bb",
		"joiner": "a\u200db", "byte order mark": "a\ufeffb", "soft hyphen": "a\u00adb", "line separator": "a\u2028b", "filler": "a\u3164b", "tag": "a\U000e0041b",
		"space before": " a", "space behind": "a\u00a0", "long": strings.Repeat("가", 201),
	} {
		if refused := w.Refused(refusal.Invalid, sample.Operator, "institution.set", sample.With(sample.Profile(), object{"title": title})); refused.Field != "title" {
			t.Errorf("%s: %v", says, refused)
		}
	}
	for _, title := range []string{"한빛병원 (서울)", "Hôpital é", "جامعة", strings.Repeat("가", 200)} {
		w.Do(sample.Operator, "institution.set", sample.With(sample.Profile(), object{"title": title}))
	}
}

// What an institution writes is its own from the transaction on that creates it.
func TestGuardsAndSeals(t *testing.T) {
	w := sample.New(t)
	w.Granted()
	for _, key := range w.Ledger.Keys("") {
		if w.Ledger.Guard(key) == "" {
			t.Errorf("%s has no key-level policy", key)
		}
	}
	for prefix, owner := range map[string]string{
		"dataset/": "hanbit", "request/": "nuri", "grant/": "hanbit", "committee/saerom/": "saerom", "i/request-owner/hanbit/": "hanbit",
		"i/request-requester/nuri/": "nuri", "i/grant-person/nuri/kim/": "hanbit", "i/trail/": "hanbit",
	} {
		keys := w.Ledger.Keys(prefix)
		if len(keys) == 0 || w.Ledger.Guard(keys[0]) != owner {
			t.Errorf("%s: %v is guarded by %q", prefix, keys, w.Ledger.Guard(keys[0]))
		}
	}
	w.Expect(len(w.Ledger.Keys("i/request-open/")), 0)
	w.Expect(strings.HasPrefix(w.Only("i/request-waiting/"), "i/request-waiting/saerom/ethics/"), true) // hanbit voted last
	for _, kind := range []string{"institution/", "committee/", "dataset/", "version/", "manifest/", "policy/", "request/", "vote/", "grant/"} {
		for _, key := range w.Ledger.Keys(kind) {
			if tx := key[strings.LastIndexByte(key, '/')+1:]; len(tx) != 64 {
				t.Errorf("%s does not end in a transaction", key)
			}
		}
	}
}

// A new record needs its owner and a majority; what only changes keys that exist needs the owner alone.
func TestWhoMustEndorse(t *testing.T) {
	w := sample.New(t)
	try := func(who, name string, argument object, endorsers ...string) ledgertest.Code {
		t.Helper()
		stub, _, refused := w.Simulate(who, name, sample.Text(argument))
		if refused != nil {
			t.Fatal(refused)
		}
		return w.Ledger.Commit(stub, endorsers...)
	}
	failure := ledgertest.EndorsementPolicyFailure
	w.Expect(try(sample.Kim, "request.submit", w.Request(), "hanbit", "saerom"), failure)
	w.Expect(try(sample.Kim, "request.submit", w.Request(), "nuri"), failure)
	w.Expect(try(sample.Kim, "request.submit", w.Request(), "nuri", "saerom"), ledgertest.Valid)

	grant := w.Granted()
	w.Expect(try("hanbit/p:privacy", "grant.revoke", object{"grant": grant, "reason": "x"}, "nuri", "saerom"), failure)
	w.Expect(try("hanbit/p:privacy", "grant.revoke", object{"grant": grant, "reason": "x"}, "hanbit"), ledgertest.Valid)

	id := w.Submitted()
	w.Expect(try(sample.Kim, "request.withdraw", object{"request": id}, "nuri"), ledgertest.Valid)

	// a rejection needs neither the requester's nor the owner's institution
	id = w.Submitted()
	w.Vote("saerom/e-1:ethics", id, "reject")
	w.Expect(try("saerom/e-2:ethics", "request.vote", w.Ballot(id, "reject", "ethics"), "saerom", "hanbit"), ledgertest.Valid)
	id = w.Submitted()
	w.Vote("saerom/e-1:ethics", id, "reject")
	w.Expect(try("saerom/e-2:ethics", "request.vote", w.Ballot(id, "reject", "ethics"), "saerom", "nuri"), ledgertest.Valid)
	w.Expect(w.Ask("request.get", object{"request": id})["state"], "rejected")

	// the grant is the owner's to seal
	id = w.Submitted()
	w.Vote("hanbit/a:dac", id, "approve")
	w.Vote("hanbit/b:dac", id, "approve")
	w.Expect(try("saerom/e-1:ethics", "request.vote", w.Ballot(id, "approve", "ethics"), "saerom", "nuri"), failure)
	w.Expect(try("saerom/e-1:ethics", "request.vote", w.Ballot(id, "approve", "ethics"), "saerom", "hanbit"), ledgertest.Valid)
}
