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

// A request has one grant. An owner whose chaincode is not ours revokes it, and gives its committee another past, in which the member whose vote made the grant had another
// key: that vote does not count any more. It posts the vote of another member, and seals the grant that this one would have made: nobody gets anything by that.
func TestARevokedGrantIsNotGivenAgain(t *testing.T) {
	w := sample.New(t)
	w.Set(object{"stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 1}}}, nil)
	request := w.Submitted()
	grant := sample.In(w.Vote("hanbit/b:dac", request, "approve"), "grant", "id").(string)
	w.Expect(w.Check(nil)["decision"], "permit")
	w.Do(sample.Privacy, "grant.revoke", object{"grant": grant, "reason": "misuse"})
	w.Restate(w.Only("committee/hanbit/dac/"), func(record object) {
		for _, seat := range sample.In(record, "body", "seats").([]any) {
			if seat.(object)["id"] == "b" {
				seat.(object)["key"] = sample.DigestOf("another")
			}
		}
	})

	// what the other member says, and the grant that it makes, are those of another request, told of this one
	twin := w.Submitted()
	honest := w.Vote("hanbit/c:dac", twin, "approve")
	model := sample.In(honest, "grant", "id").(string)
	original := string(w.Ledger.Value("grant/" + model))
	w.Do(sample.Privacy, "grant.revoke", object{"grant": model, "reason": "misuse"})
	again := strings.Repeat("0", 64)
	digest := func(id string) string { return records.Digest(w.Ledger.Value("request/" + id)) }
	told := strings.NewReplacer(model, again, twin, request, digest(twin), digest(request))
	vote := told.Replace(written(w, honest["vote"]))
	second := strings.ReplaceAll(told.Replace(original), sample.In(honest, "grant", "body", "votes", 0, "digest").(string), records.Digest([]byte(vote)))
	key := "grant/" + again
	w.Ledger.Attack(sample.Post("hanbit", ledger.SeriesKey("vote/"+request, 2), vote), sample.Put(key, second), sample.Seal("hanbit", key, second))
	w.Ledger.Attack(sample.Listed(key, second)...)

	shown := w.Ask("request.get", object{"request": request})
	w.Expect(shown["state"], "approved")
	w.Expect(len(shown["votes"].([]any)), 2)
	answer := w.Check(nil)
	w.Expect(answer["decision"], "deny")
	w.Expect(slices.Contains(sample.Reasons(answer), "EVIDENCE_MISSING"), true)
	w.Expect(w.State(again), "unproven")
	w.Expect(w.State(grant), "revoked")
}
