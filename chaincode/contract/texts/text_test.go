package texts_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

type (
	object = map[string]any
	TimeOf = time.Time
)

// texted is a world with a request that names a private text.
func texted(t *testing.T) (w *sample.World, id string, argument object) {
	t.Helper()
	w = sample.New(t)
	c := sample.Commitment(sample.PlainText, sample.Salt)
	request := w.Do(sample.Kim, "request.submit", sample.With(w.Request(), object{"researchers": []string{"lee"}, "texts": []object{{"kind": "description", "commitment": c}}}))
	id = sample.In(request, "id").(string)
	return w, id, object{"request": id, "commitment": c}
}

func TestTextsOfARequest(t *testing.T) {
	w := sample.New(t)
	c := sample.Commitment(sample.PlainText, sample.Salt)
	for field, texts := range map[string][]object{
		"texts[0].kind": {{"kind": "poem", "commitment": c}}, "texts[0].commitment": {{"kind": "description", "commitment": "x"}},
		"texts[1].commitment": {{"kind": "description", "commitment": c}, {"kind": "ethics-letter", "commitment": c}},
	} {
		w.Expect(w.Refused(refusal.Invalid, sample.Kim, "request.submit", sample.With(w.Request(), object{"texts": texts})).Field, field)
	}
	nine := []object{}
	for i := range 9 {
		nine = append(nine, object{"kind": "description", "commitment": sample.DigestOf(fmt.Sprint(i))})
	}
	w.Refused(refusal.Invalid, sample.Kim, "request.submit", sample.With(w.Request(), object{"texts": nine}))
	w.Do(sample.Kim, "request.submit", sample.With(w.Request(), object{"texts": nine[1:]}))
}

// A requester whose chaincode is not ours seals a text that ours would have refused.
func TestATextThatTheContractRefuses(t *testing.T) {
	w, id, _ := texted(t)
	key := "request/" + id
	changed := strings.Replace(string(w.Ledger.Value(key)), `"kind":"description"`, `"kind":"poem"`, 1)
	w.Ledger.Attack(sample.Put(key, changed), sample.Seal("nuri", key, changed))
	w.Refused(refusal.Forged, sample.Kim, "request.get", object{"request": id})
}

// A salt that is too short to keep a text from being guessed is refused, whatever was committed to.
func TestAShortSalt(t *testing.T) {
	w := sample.New(t)
	for _, salt := range [][]byte{{}, sample.Salt[:31], append(bytes.Clone(sample.Salt), 7)} {
		c := sample.Commitment(sample.PlainText, salt)
		id := sample.In(w.Do(sample.Kim, "request.submit", sample.With(w.Request(), object{"texts": []object{{"kind": "description", "commitment": c}}})), "id")
		_, _, refused := w.Private(sample.Kim, "nuri", "text.keep", object{"request": id, "commitment": c}, sample.Sent(sample.PlainText, salt))
		if refused == nil || refused.Field != "transient.salt" {
			t.Errorf("%d bytes: %v", len(salt), refused)
		}
	}
}

// A private text is kept by two institutions' peers: nothing of it is public, in an event, in an answer, in a log or at a third peer.
func TestAPrivateText(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	w, id, argument := texted(t)
	public := fmt.Sprint(w.Ledger.Keys(""))
	stub, answer, refused := w.Private(sample.Kim, "nuri", "text.keep", argument, sample.Sent(sample.PlainText, sample.Salt))
	if refused != nil {
		t.Fatal(refused)
	}
	w.Expect(stub.EventName+string(stub.EventPayload), "")
	w.Expect(sample.In(answer, "institutions", 0), "hanbit")
	w.Expect(sample.In(answer, "institutions", 1), "nuri")
	key := "text/" + id + "/" + argument["commitment"].(string)
	want := fmt.Sprintf(`{"salt":"%x","text":%s}`, sample.Salt, encoded(sample.PlainText))
	for _, write := range stub.Writes {
		w.Expect(write.Key, key)
		w.Expect(string(write.Value), want)
		w.Expect(write.Policy == nil && (write.Collection == "_implicit_org_hanbit" || write.Collection == "_implicit_org_nuri"), true)
	}
	w.Expect(len(stub.Writes), 2)
	w.Expect(len(stub.PrivateReads), 5) // the request's seal, that there is no later one and no end, and what stood at both keys: never a blind write
	shown, _ := json.Marshal(answer)
	w.Expect(w.Ledger.Commit(stub, "nuri"), ledgertest.EndorsementPolicyFailure)
	w.Expect(w.Ledger.Commit(stub, "hanbit", "saerom"), ledgertest.EndorsementPolicyFailure)
	w.Expect(w.Ledger.Commit(stub, "hanbit", "nuri"), ledgertest.Valid)
	w.Expect(fmt.Sprint(w.Ledger.Keys("")), public)
	for _, where := range append([]string{string(shown), log.String()}, publicValues(w)...) {
		for _, trace := range []string{"여섯", "Six patients", hex.EncodeToString([]byte("Six patients")), base64.StdEncoding.EncodeToString([]byte(sample.PlainText))[:40], hex.EncodeToString(sample.Salt)} {
			if strings.Contains(where, trace) {
				t.Errorf("%q is in %q", trace, where)
			}
		}
	}

	for _, reader := range []string{"nuri/kim:researcher", "nuri/lee:researcher", "hanbit/a:dac", "hanbit/p:privacy", "hanbit/steward:steward"} {
		institution, _, _ := strings.Cut(reader, "/")
		stub, read, refused := w.Private(reader, institution, "text.get", argument, nil)
		if refused != nil {
			t.Fatal(reader, refused)
		}
		w.Expect(sample.In(read, "text"), sample.PlainText)
		w.Expect(sample.In(read, "salt"), hex.EncodeToString(sample.Salt))
		w.Expect(len(stub.Writes), 0)
	}
	for _, other := range []string{"nuri/park:researcher", "hanbit/x:dac", "hanbit/a:ethics", "hanbit/a:auditor", "saerom/e-1:ethics", "saerom/p:privacy", "nuri/p:privacy"} {
		institution, _, _ := strings.Cut(other, "/")
		if _, _, refused := w.Private(other, institution, "text.get", argument, nil); refused == nil || refused.Code != refusal.Forbidden {
			t.Errorf("%s: %v", other, refused)
		}
	}
	if _, answer, refused := w.Private(sample.Kim, "saerom", "text.get", argument, nil); refused == nil {
		t.Error("a third peer has it", answer)
	}
	// the same again is the same
	again, _, refused := w.Private("nuri/lee:researcher", "nuri", "text.keep", argument, sample.Sent(sample.PlainText, sample.Salt))
	if refused != nil || w.Ledger.Commit(again, "hanbit", "nuri") != ledgertest.Valid {
		t.Fatal(refused)
	}
}

func publicValues(w *sample.World) []string {
	values := []string{}
	for _, key := range w.Ledger.Keys("") {
		values = append(values, key, string(w.Ledger.Value(key)))
	}
	return values
}

func TestATextThatIsNotKept(t *testing.T) {
	w, id, argument := texted(t)
	for says, c := range map[string]struct {
		code      refusal.Code
		who       string
		argument  object
		transient map[string][]byte
	}{
		"nothing sent":         {refusal.Invalid, sample.Kim, argument, nil},
		"no salt":              {refusal.Invalid, sample.Kim, argument, sample.Sent(sample.PlainText, nil)},
		"a short salt":         {refusal.Invalid, sample.Kim, argument, sample.Sent(sample.PlainText, sample.Salt[:31])},
		"a long salt":          {refusal.Invalid, sample.Kim, argument, sample.Sent(sample.PlainText, append(bytes.Clone(sample.Salt), 7))},
		"another salt":         {refusal.Invalid, sample.Kim, argument, sample.Sent(sample.PlainText, bytes.Repeat([]byte{8}, 32))},
		"another text":         {refusal.Invalid, sample.Kim, argument, sample.Sent(sample.PlainText+".", sample.Salt)},
		"no UTF-8":             {refusal.Invalid, sample.Kim, argument, sample.Sent("\xff", sample.Salt)},
		"too large":            {refusal.TooLarge, sample.Kim, argument, sample.Sent(strings.Repeat("x", 64<<10+1), sample.Salt)},
		"another commitment":   {refusal.NotFound, sample.Kim, sample.With(argument, object{"commitment": sample.Commitment("x", sample.Salt)}), sample.Sent("x", sample.Salt)},
		"another request":      {refusal.NotFound, sample.Kim, sample.With(argument, object{"request": sample.DigestOf("none")}), sample.Sent(sample.PlainText, sample.Salt)},
		"somebody else":        {refusal.Forbidden, "nuri/park:researcher", argument, sample.Sent(sample.PlainText, sample.Salt)},
		"the owner":            {refusal.Forbidden, sample.Privacy, argument, sample.Sent(sample.PlainText, sample.Salt)},
		"not even an argument": {refusal.Invalid, sample.Kim, sample.With(argument, object{"text": sample.PlainText}), sample.Sent(sample.PlainText, sample.Salt)},
	} {
		_, _, refused := w.Private(c.who, "nuri", "text.keep", c.argument, c.transient)
		if refused == nil || refused.Code != c.code || strings.Contains(refused.Message, "patients") {
			t.Errorf("%s: %v", says, refused)
		}
	}
	w.Refused(refusal.NotFound, sample.Kim, "text.get", argument)
	// what an owner's own peer was made to hold is not believed
	w.Ledger.Attack(ledgertest.Write{Collection: ledger.SealCollection("nuri"), Key: "text/" + id + "/" + argument["commitment"].(string), Value: []byte(`{"text":"another","salt":"` + hex.EncodeToString(sample.Salt) + `"}`)})
	w.Refused(refusal.Forged, sample.Kim, "text.get", argument)
}

func TestPurging(t *testing.T) {
	w, id, argument := texted(t)
	keep, _, _ := w.Private(sample.Kim, "nuri", "text.keep", argument, sample.Sent(sample.PlainText, sample.Salt))
	w.Expect(w.Ledger.Commit(keep, "hanbit", "nuri"), ledgertest.Valid)
	for _, who := range []string{"nuri/park:researcher", "hanbit/a:dac", "hanbit/steward:steward", "saerom/p:privacy", "nuri/p:privacy"} {
		w.Refused(refusal.Forbidden, who, "text.purge", argument)
	}
	for _, who := range []string{sample.Privacy, "nuri/lee:researcher", sample.Privacy} { // and once more: nothing is there, and that is all right
		own, _, _ := strings.Cut(who, "/")
		other := map[string]string{"hanbit": "nuri", "nuri": "hanbit"}[own]
		stub, answer, refused := w.Private(who, own, "text.purge", argument, nil)
		if refused != nil {
			t.Fatal(refused)
		}
		w.Expect(sample.In(answer, "request"), id)
		w.Expect(stub.EventName, "")
		w.Expect(len(stub.Writes) == 1 && stub.Writes[0].Delete && stub.Writes[0].Collection == ledger.SealCollection(own), true)
		w.Expect(w.Ledger.Commit(stub, other), ledgertest.EndorsementPolicyFailure)
		w.Expect(w.Ledger.Commit(stub, own), ledgertest.Valid)
		w.Refused(refusal.NotFound, who, "text.get", argument)
	}
	for _, who := range []string{sample.Kim, sample.Privacy} {
		w.Refused(refusal.NotFound, who, "text.get", argument)
	}
	w.Expect(sample.In(w.Ask("request.get", object{"request": id}), "request", "record", "body", "texts", 0, "commitment"), argument["commitment"])
	// a text that was kept by mistake elsewhere can be kept again
	again, _, refused := w.Private(sample.Kim, "nuri", "text.keep", argument, sample.Sent(sample.PlainText, sample.Salt))
	if refused != nil || w.Ledger.Commit(again, "hanbit", "nuri") != ledgertest.Valid {
		t.Fatal(refused)
	}
}

// An amendment adds texts and puts them in the place of those of the same kind. What was replaced can still be read, and removed.
func TestAmendedTexts(t *testing.T) {
	w, id, old := texted(t)
	sealed(w, sample.Kim, "text.keep", old, sample.Sent(sample.PlainText, sample.Salt))
	anew, letter := sample.Commitment("another description", sample.Salt), sample.Commitment("the board's letter", sample.Salt)
	for field, texts := range map[string][]object{
		"texts[0].kind": {{"kind": "poem", "commitment": anew}}, "texts[0].commitment": {{"kind": "ethics-letter", "commitment": old["commitment"]}},
		"texts[0].replaced": {{"kind": "description", "commitment": anew, "replaced": true}},
	} {
		w.Expect(w.Refused(refusal.Invalid, sample.Kim, "request.amend", object{"request": id, "texts": texts}).Field, field)
	}
	w.Refused(refusal.Invalid, sample.Kim, "request.amend", object{"request": id, "texts": []object{}})
	w.Refused(refusal.Forbidden, "nuri/park:researcher", "request.amend", object{"request": id, "texts": []object{{"kind": "description", "commitment": anew}}})

	w.Vote("hanbit/a:dac", id, "approve")
	before := w.Ask("request.get", object{"request": id})
	stub, amended, _ := w.Simulate("nuri/lee:researcher", "request.amend", sample.Text(object{"request": id, "texts": []object{{"kind": "description", "commitment": anew}}}))
	w.Expect(w.Ledger.Commit(stub, "nuri"), ledgertest.Valid) // by its own institution alone
	w.Expect(encoded(sample.In(amended, "body", "texts")), `[{"commitment":"`+old["commitment"].(string)+`","kind":"description","replaced":true},{"commitment":"`+anew+`","kind":"description"}]`)
	shown := w.Ask("request.get", object{"request": id})
	w.Expect(sample.In(shown, "request", "digest") != sample.In(before, "request", "digest") && shown["state"] == "submitted", true) // the vote was on another text
	added := w.Do(sample.Kim, "request.amend", object{"request": id, "project": "late signs", "texts": []object{{"kind": "ethics-letter", "commitment": letter}}})
	w.Expect(encoded(sample.In(added, "body", "texts", 1)), `{"commitment":"`+anew+`","kind":"description"}`)
	w.Expect(sample.In(w.Do(sample.Kim, "request.amend", object{"request": id, "project": "later signs"}), "body", "texts", 2, "commitment"), letter) // what is not given stays

	now := object{"request": id, "commitment": anew}
	sealed(w, sample.Kim, "text.keep", now, sample.Sent("another description", sample.Salt))
	for _, who := range []string{sample.Kim, "hanbit/a:dac", sample.Privacy} {
		institution, _, _ := strings.Cut(who, "/")
		for argument, want := range map[string]string{old["commitment"].(string): sample.PlainText, anew: "another description"} {
			_, read, refused := w.Private(who, institution, "text.get", object{"request": id, "commitment": argument}, nil)
			if refused != nil || read["text"] != want {
				t.Error(who, refused)
			}
		}
	}
	sealed(w, sample.Privacy, "text.purge", old, nil)
	w.Refused(refusal.NotFound, sample.Privacy, "text.get", old)
	_, still, _ := w.Private(sample.Kim, "nuri", "text.get", old, nil) // nuri has its copy until it purges it too
	w.Expect(still["text"], sample.PlainText)
	sealed(w, sample.Kim, "text.purge", old, nil)
	w.Refused(refusal.NotFound, sample.Kim, "text.get", old)
	w.Refused(refusal.Invalid, sample.Kim, "request.amend", object{"request": id, "texts": []object{{"kind": "description", "commitment": old["commitment"]}}})
}

// However often texts are replaced, the request stays a small record.
func TestTooManyTexts(t *testing.T) {
	w := sample.New(t)
	count := 0
	texts := func(kind string, n int) object {
		list := []object{}
		for range n {
			count++
			list = append(list, object{"kind": kind, "commitment": sample.DigestOf(fmt.Sprint(count))})
		}
		return object{"texts": list}
	}
	id := sample.In(w.Do(sample.Kim, "request.submit", sample.With(w.Request(), texts("description", 5))), "id").(string)
	amend := func(kind string, n int) object { return sample.With(texts(kind, n), object{"request": id}) }
	w.Refused(refusal.LimitExceeded, sample.Kim, "request.amend", amend("ethics-letter", 4))
	w.Expect(w.Refused(refusal.Invalid, sample.Kim, "request.amend", amend("description", 9)).Field, "texts")
	w.Do(sample.Kim, "request.amend", amend("ethics-letter", 3))
	w.Refused(refusal.LimitExceeded, sample.Kim, "request.amend", amend("description", 6))
	for range 4 {
		w.Do(sample.Kim, "request.amend", amend("description", 5))
	}
	w.Refused(refusal.LimitExceeded, sample.Kim, "request.amend", amend("description", 5))
	w.Do(sample.Kim, "request.amend", amend("description", 4))
	w.Expect(w.Ask("request.get", object{"request": id})["state"], "submitted") // and it is none that the contract would refuse
	w.Refused(refusal.LimitExceeded, sample.Kim, "request.amend", amend("ethics-letter", 1))

	// a requester whose chaincode is not ours seals more
	key := "request/" + id
	more := strings.Replace(string(w.Ledger.Value(key)), `"texts":[`, `"texts":[{"commitment":"`+sample.DigestOf("one more")+`","kind":"description","replaced":true},`, 1)
	w.Ledger.Attack(sample.Put(key, more), sample.Seal("nuri", key, more))
	w.Refused(refusal.Forged, sample.Kim, "request.get", object{"request": id})
}

func encoded(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// sealed runs and commits one of the transactions on private text, endorsed by the two institutions.
func sealed(w *sample.World, who, name string, argument object, transient map[string][]byte) {
	w.Helper()
	institution, _, _ := strings.Cut(who, "/")
	stub, _, refused := w.Private(who, institution, name, argument, transient)
	if refused != nil {
		w.Fatal(refused)
	}
	w.Expect(w.Ledger.Commit(stub, "hanbit", "nuri"), ledgertest.Valid)
}

// One institution that asks itself keeps the text once.
func TestATextOfOnesOwn(t *testing.T) {
	w := sample.New(t)
	w.Set(object{"own_institution_votes": true}, nil)
	c := sample.Commitment(sample.PlainText, sample.Salt)
	id := sample.In(w.Do("hanbit/r:researcher", "request.submit", sample.With(w.Request(), object{"texts": []object{{"kind": "ethics-letter", "commitment": c}}})), "id")
	stub, _, refused := w.Private("hanbit/r:researcher", "hanbit", "text.keep", object{"request": id, "commitment": c}, sample.Sent(sample.PlainText, sample.Salt))
	if refused != nil || len(stub.Writes) != 1 {
		t.Fatal(refused, stub.Writes)
	}
	w.Expect(w.Ledger.Commit(stub, "hanbit"), ledgertest.Valid)
}

// A sealed remark on the request can name a text too, and is its author's to keep; a forged one counts for nothing.
func TestATextOfARemark(t *testing.T) {
	w, id, _ := texted(t)
	opinion := "The board asks for the first page of the plainText."
	c := sample.Commitment(opinion, sample.Salt)
	argument := object{"request": id, "commitment": c}
	remark := func(institution, author, name, c string) (key, value string) {
		tx := sample.DigestOf(name)
		key = "remark/" + id + "/" + tx
		body := fmt.Sprintf(`{"author":{"id":"%s","institution":"%s"},"commitment":"%s","dataset":"hanbit/breast-cancer","kind":"remark","request":"%s"}`, author, institution, c, id)
		at := records.Time(w.Now.Unix())
		return key, fmt.Sprintf(`{"body":%s,"changes":[{"action":"remark.created","at":"%s","by":{"id":"%s","institution":"%s","roles":[]},"tx":"%s"}],"id":"%s","owner":"%s","revision":1,"status":"final","type":"remark","updated_at":"%s"}`,
			body, at, author, institution, tx, tx, institution, at)
	}
	try := func(who string) *refusal.Error {
		institution, _, _ := strings.Cut(who, "/")
		_, _, refused := w.Private(who, institution, "text.keep", argument, sample.Sent(opinion, sample.Salt))
		return refused
	}
	for i := range 3 { // remarks of others on other texts
		key, value := remark("hanbit", "b", fmt.Sprint("other", i), sample.DigestOf("another"))
		w.Ledger.Attack(sample.Put(key, value), sample.Seal("hanbit", key, value))
	}
	key, value := remark("hanbit", "a", "one", c)
	w.Ledger.Attack(sample.Put(key, value), sample.Post("hanbit", ledger.PostKey("remark/"+id+"/"+c), key)) // not sealed
	w.Expect(try("hanbit/a:dac").Code, refusal.NotFound)
	w.Ledger.Attack(sample.Seal("hanbit", key, value))
	w.Expect(try("hanbit/a:dac") == nil, true)
	w.Expect(try(sample.Privacy) == nil, true)
	for _, who := range []string{sample.Kim, "hanbit/b:dac", "saerom/e-1:ethics"} {
		w.Expect(try(who).Code, refusal.Forbidden)
	}
	stub, _, _ := w.Private("hanbit/a:dac", "hanbit", "text.keep", argument, sample.Sent(opinion, sample.Salt))
	w.Expect(w.Ledger.Commit(stub, "hanbit", "nuri"), ledgertest.Valid)
	_, read, refused := w.Private(sample.Kim, "nuri", "text.get", argument, nil)
	if refused != nil {
		t.Fatal(refused)
	}
	w.Expect(sample.In(read, "text"), opinion)
}

// Whatever is sent beside the transaction: nothing public is written, and what is refused writes nothing.
func FuzzPrivateText(f *testing.F) {
	w, _, argument := texted(&testing.T{})
	f.Add([]byte(sample.PlainText), sample.Salt, true)
	f.Add([]byte{}, []byte{}, false)
	f.Add([]byte("\xff"), sample.Salt, false)
	f.Fuzz(func(t *testing.T, said, salted []byte, own bool) {
		w := &sample.World{T: t, Ledger: w.Ledger, Now: w.Now, Count: 1 << 20, People: w.People}
		if own {
			said, salted = []byte(sample.PlainText), sample.Salt
		}
		stub, _, refused := w.Private(sample.Kim, "nuri", "text.keep", argument, sample.Sent(string(said), salted))
		if refused == nil && sample.Commitment(string(said), salted) != argument["commitment"] {
			t.Fatal("another text was kept")
		}
		for _, write := range stub.Writes {
			if write.Collection == "" {
				t.Fatal("something public was written")
			}
		}
	})
}

// A commitment is its author's: another remark with it is refused, and one that somebody's own chaincode makes takes nothing away and opens nothing.
func TestACommitmentIsItsAuthors(t *testing.T) {
	w, id, stated := texted(t)
	text := "what the committee thinks of it"
	c := sample.Commitment(text, sample.Salt)
	say := object{"request": id, "commitment": c}
	own := w.Do("hanbit/a:dac", "request.remark", say)
	for _, who := range []string{sample.Kim, "hanbit/b:dac", "hanbit/a:dac"} {
		w.Expect(w.Refused(refusal.Conflict, who, "request.remark", say).Field, "commitment")
	}
	w.Refused(refusal.Conflict, "hanbit/a:dac", "request.remark", object{"request": id, "commitment": stated["commitment"]})

	// nuri's own chaincode makes a remark with it, of somebody who did not ask for the data
	key, taken := "remark/"+id+"/"+own["id"].(string), strings.Repeat("0", 64)
	at := "remark/" + id + "/" + taken
	taking := strings.NewReplacer(own["id"].(string), taken, `"author":{"id":"a","institution":"hanbit"}`, `"author":{"id":"park","institution":"nuri"}`,
		`"owner":"hanbit"`, `"owner":"nuri"`).Replace(string(w.Ledger.Value(key)))
	w.Ledger.Attack(sample.Put(at, taking), sample.Seal("nuri", at, taking), sample.Post("nuri", ledger.PostKey(records.CommitmentPost(id, c)), at))
	keep, _, refused := w.Private("hanbit/a:dac", "hanbit", "text.keep", say, sample.Sent(text, sample.Salt))
	if refused != nil || w.Ledger.Commit(keep, "hanbit", "nuri") != ledgertest.Valid {
		t.Fatal(refused)
	}
	if _, read, refused := w.Private("nuri/park:researcher", "nuri", "text.get", say, nil); refused == nil || refused.Code != refusal.Forbidden {
		t.Fatal("who copied the commitment reads the text:", read)
	}
}
