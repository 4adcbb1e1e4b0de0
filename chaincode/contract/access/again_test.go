package access_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
)

// written is an answer as its record can be written.
func written(w *sample.World, answer any) string {
	text, err := json.Marshal(answer)
	if err != nil {
		w.Fatal(err)
	}
	return string(text)
}

// A request has one grant. An owner whose chaincode is not ours revokes it, posts another vote before the one that completed the approval, and seals the grant that this
// one would have made: nobody gets anything by that.
func TestARevokedGrantIsNotGivenAgain(t *testing.T) {
	w := sample.New(t)
	request := w.Submitted()
	w.Vote("hanbit/a:dac", request, "approve")
	w.Vote("saerom/e-1:ethics", request, "approve")
	completing := w.Vote("hanbit/b:dac", request, "approve")
	grant := sample.In(completing, "grant", "id").(string)
	w.Expect(w.Check(nil)["decision"], "permit")
	original := string(w.Ledger.Value("grant/" + grant))
	w.Do(sample.Privacy, "grant.revoke", object{"grant": grant, "reason": "misuse"})

	again := strings.Repeat("0", 64)
	vote := strings.ReplaceAll(strings.ReplaceAll(written(w, completing["vote"]), grant, again), `"id":"b"`, `"id":"c"`)
	var terms records.Record[records.Grant]
	if err := json.Unmarshal([]byte(strings.ReplaceAll(original, grant, again)), &terms); err != nil {
		t.Fatal(err)
	}
	terms.Body.Votes[2] = records.VoteRef{Key: "vote/" + request + "/" + again, Digest: records.Digest([]byte(vote))}
	second, err := terms.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	key := "grant/" + again
	w.Ledger.Attack(sample.Post("hanbit", ledger.SeriesKey("vote/"+request, 3), vote), sample.Put(key, string(second)), sample.Seal("hanbit", key, string(second)))
	w.Ledger.Attack(sample.Listed(key, string(second))...)

	answer := w.Check(nil)
	w.Expect(answer["decision"], "deny")
	w.Expect(slices.Contains(sample.Reasons(answer), "EVIDENCE_MISSING"), true)
	w.Expect(w.State(again), "unproven")
	w.Expect(w.State(grant), "revoked")
	shown := w.Ask("request.get", object{"request": request})
	w.Expect(shown["state"], "approved")
	w.Expect(sample.In(shown, "grant", "record", "id"), grant)
}
