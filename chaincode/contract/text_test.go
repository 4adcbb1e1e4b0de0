package contract_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

const plainText = "환자 여섯 명의 영상을 다시 읽습니다.\nSix patients' images are read again."

var salt = bytes.Repeat([]byte{7}, 32)

// commitment is computed as docs/contract.md says, and not by the program.
func commitment(text string, salt []byte) string {
	sum := sha256.Sum256([]byte("medconsent/text/1\x00" + string(salt) + text))
	return hex.EncodeToString(sum[:])
}

// private runs one of the transactions on private text at an institution's peer, with what is sent beside it.
func (w *world) private(who, peer, name string, argument object, transient map[string][]byte) (*ledgertest.Stub, object, *refusal.Error) {
	w.Helper()
	person, roles, _ := strings.Cut(who, ":")
	institution, id, _ := strings.Cut(person, "/")
	w.count++
	stub := w.ledger.Begin(digestOf(fmt.Sprint("tx", w.count)), w.now, ledgertest.Person(institution, id, roles))
	stub.Transient, stub.Peer = transient, peer
	response := run(w, stub, name, text(argument))
	if response.Status != 200 {
		if len(stub.Writes) > 0 || stub.EventName != "" {
			w.Fatal("what is refused writes nothing")
		}
		return stub, nil, parsed(w, response.Message)
	}
	answer := object{}
	if err := json.Unmarshal(response.Payload, &answer); err != nil {
		w.Fatal(err)
	}
	return stub, answer, nil
}

func sent(text string, salt []byte) map[string][]byte {
	return map[string][]byte{"text": []byte(text), "salt": salt}
}

// texted is a world with a request that names a private text.
func texted(t *testing.T) (w *world, id string, argument object) {
	t.Helper()
	w = sample(t)
	c := commitment(plainText, salt)
	request := w.do(kim, "request.submit", with(w.request(), object{"researchers": []string{"lee"}, "texts": []object{{"kind": "description", "commitment": c}}}))
	id = in(request, "id").(string)
	return w, id, object{"request": id, "commitment": c}
}

func TestTextsOfARequest(t *testing.T) {
	w := sample(t)
	c := commitment(plainText, salt)
	for field, texts := range map[string][]object{
		"texts[0].kind": {{"kind": "poem", "commitment": c}}, "texts[0].commitment": {{"kind": "description", "commitment": "x"}},
		"texts[1].commitment": {{"kind": "description", "commitment": c}, {"kind": "ethics-letter", "commitment": c}},
	} {
		w.expect(w.refused(refusal.Invalid, kim, "request.submit", with(w.request(), object{"texts": texts})).Field, field)
	}
	nine := []object{}
	for i := range 9 {
		nine = append(nine, object{"kind": "description", "commitment": digestOf(fmt.Sprint(i))})
	}
	w.refused(refusal.Invalid, kim, "request.submit", with(w.request(), object{"texts": nine}))
	w.do(kim, "request.submit", with(w.request(), object{"texts": nine[1:]}))
}

// A requester whose chaincode is not ours seals a text that ours would have refused.
func TestATextThatTheContractRefuses(t *testing.T) {
	w, id, _ := texted(t)
	key := "request/" + id
	changed := strings.Replace(string(w.ledger.Value(key)), `"kind":"description"`, `"kind":"poem"`, 1)
	w.ledger.Attack(put(key, changed), seal("nuri", key, changed))
	w.refused(refusal.Forged, kim, "request.get", object{"request": id})
}

// A salt that is too short to keep a text from being guessed is refused, whatever was committed to.
func TestAShortSalt(t *testing.T) {
	w := sample(t)
	for _, salt := range [][]byte{{}, salt[:31], append(bytes.Clone(salt), 7)} {
		c := commitment(plainText, salt)
		id := in(w.do(kim, "request.submit", with(w.request(), object{"texts": []object{{"kind": "description", "commitment": c}}})), "id")
		_, _, refused := w.private(kim, "nuri", "text.keep", object{"request": id, "commitment": c}, sent(plainText, salt))
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
	public := fmt.Sprint(w.ledger.Keys(""))
	stub, answer, refused := w.private(kim, "nuri", "text.keep", argument, sent(plainText, salt))
	if refused != nil {
		t.Fatal(refused)
	}
	w.expect(stub.EventName+string(stub.EventPayload), "")
	w.expect(in(answer, "institutions", 0), "hanbit")
	w.expect(in(answer, "institutions", 1), "nuri")
	key := "text/" + id + "/" + argument["commitment"].(string)
	want := fmt.Sprintf(`{"salt":"%x","text":%s}`, salt, encoded(plainText))
	for _, write := range stub.Writes {
		w.expect(write.Key, key)
		w.expect(string(write.Value), want)
		w.expect(write.Policy == nil && (write.Collection == "_implicit_org_hanbit" || write.Collection == "_implicit_org_nuri"), true)
	}
	w.expect(len(stub.Writes), 2)
	w.expect(len(stub.PrivateReads), 3) // the request's seal, and what stood at both keys: never a blind write
	shown, _ := json.Marshal(answer)
	w.expect(w.ledger.Commit(stub, "nuri"), ledgertest.EndorsementPolicyFailure)
	w.expect(w.ledger.Commit(stub, "hanbit", "saerom"), ledgertest.EndorsementPolicyFailure)
	w.expect(w.ledger.Commit(stub, "hanbit", "nuri"), ledgertest.Valid)
	w.expect(fmt.Sprint(w.ledger.Keys("")), public)
	for _, where := range append([]string{string(shown), log.String()}, publicValues(w)...) {
		for _, trace := range []string{"여섯", "Six patients", hex.EncodeToString([]byte("Six patients")), base64.StdEncoding.EncodeToString([]byte(plainText))[:40], hex.EncodeToString(salt)} {
			if strings.Contains(where, trace) {
				t.Errorf("%q is in %q", trace, where)
			}
		}
	}

	for _, reader := range []string{"nuri/kim:researcher", "nuri/lee:researcher", "hanbit/a:dac", "hanbit/p:privacy", "hanbit/steward:steward"} {
		institution, _, _ := strings.Cut(reader, "/")
		stub, read, refused := w.private(reader, institution, "text.get", argument, nil)
		if refused != nil {
			t.Fatal(reader, refused)
		}
		w.expect(in(read, "text"), plainText)
		w.expect(in(read, "salt"), hex.EncodeToString(salt))
		w.expect(len(stub.Writes), 0)
	}
	for _, other := range []string{"nuri/park:researcher", "hanbit/x:dac", "hanbit/a:ethics", "hanbit/a:auditor", "saerom/e-1:ethics", "saerom/p:privacy", "nuri/p:privacy"} {
		institution, _, _ := strings.Cut(other, "/")
		if _, _, refused := w.private(other, institution, "text.get", argument, nil); refused == nil || refused.Code != refusal.Forbidden {
			t.Errorf("%s: %v", other, refused)
		}
	}
	if _, answer, refused := w.private(kim, "saerom", "text.get", argument, nil); refused == nil {
		t.Error("a third peer has it", answer)
	}
	// the same again is the same
	again, _, refused := w.private("nuri/lee:researcher", "nuri", "text.keep", argument, sent(plainText, salt))
	if refused != nil || w.ledger.Commit(again, "hanbit", "nuri") != ledgertest.Valid {
		t.Fatal(refused)
	}
}

func publicValues(w *world) []string {
	values := []string{}
	for _, key := range w.ledger.Keys("") {
		values = append(values, key, string(w.ledger.Value(key)))
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
		"nothing sent":         {refusal.Invalid, kim, argument, nil},
		"no salt":              {refusal.Invalid, kim, argument, sent(plainText, nil)},
		"a short salt":         {refusal.Invalid, kim, argument, sent(plainText, salt[:31])},
		"a long salt":          {refusal.Invalid, kim, argument, sent(plainText, append(bytes.Clone(salt), 7))},
		"another salt":         {refusal.Invalid, kim, argument, sent(plainText, bytes.Repeat([]byte{8}, 32))},
		"another text":         {refusal.Invalid, kim, argument, sent(plainText+".", salt)},
		"no UTF-8":             {refusal.Invalid, kim, argument, sent("\xff", salt)},
		"too large":            {refusal.TooLarge, kim, argument, sent(strings.Repeat("x", 64<<10+1), salt)},
		"another commitment":   {refusal.NotFound, kim, with(argument, object{"commitment": commitment("x", salt)}), sent("x", salt)},
		"another request":      {refusal.NotFound, kim, with(argument, object{"request": digestOf("none")}), sent(plainText, salt)},
		"somebody else":        {refusal.Forbidden, "nuri/park:researcher", argument, sent(plainText, salt)},
		"the owner":            {refusal.Forbidden, privacy, argument, sent(plainText, salt)},
		"not even an argument": {refusal.Invalid, kim, with(argument, object{"text": plainText}), sent(plainText, salt)},
	} {
		_, _, refused := w.private(c.who, "nuri", "text.keep", c.argument, c.transient)
		if refused == nil || refused.Code != c.code || strings.Contains(refused.Message, "patients") {
			t.Errorf("%s: %v", says, refused)
		}
	}
	w.refused(refusal.NotFound, kim, "text.get", argument)
	// what an owner's own peer was made to hold is not believed
	w.ledger.Attack(ledgertest.Write{Collection: ledger.SealCollection("nuri"), Key: "text/" + id + "/" + argument["commitment"].(string), Value: []byte(`{"text":"another","salt":"` + hex.EncodeToString(salt) + `"}`)})
	w.refused(refusal.Forged, kim, "text.get", argument)
}

func TestPurging(t *testing.T) {
	w, id, argument := texted(t)
	keep, _, _ := w.private(kim, "nuri", "text.keep", argument, sent(plainText, salt))
	w.expect(w.ledger.Commit(keep, "hanbit", "nuri"), ledgertest.Valid)
	for _, who := range []string{"nuri/park:researcher", "hanbit/a:dac", "hanbit/steward:steward", "saerom/p:privacy", "nuri/p:privacy"} {
		w.refused(refusal.Forbidden, who, "text.purge", argument)
	}
	for _, who := range []string{privacy, "nuri/lee:researcher"} { // and once more: nothing is there, and that is all right
		stub, answer, refused := w.private(who, "hanbit", "text.purge", argument, nil)
		if refused != nil {
			t.Fatal(refused)
		}
		w.expect(in(answer, "request"), id)
		w.expect(stub.EventName, "")
		w.expect(len(stub.Writes) == 2 && stub.Writes[0].Delete && stub.Writes[1].Delete, true)
		w.expect(w.ledger.Commit(stub, "hanbit"), ledgertest.EndorsementPolicyFailure)
		w.expect(w.ledger.Commit(stub, "hanbit", "nuri"), ledgertest.Valid)
	}
	for _, who := range []string{kim, privacy} {
		w.refused(refusal.NotFound, who, "text.get", argument)
	}
	w.expect(in(w.ask("request.get", object{"request": id}), "request", "record", "body", "texts", 0, "commitment"), argument["commitment"])
	// a text that was kept by mistake elsewhere can be kept again
	again, _, refused := w.private(kim, "nuri", "text.keep", argument, sent(plainText, salt))
	if refused != nil || w.ledger.Commit(again, "hanbit", "nuri") != ledgertest.Valid {
		t.Fatal(refused)
	}
}

// An amendment adds texts and puts them in the place of those of the same kind. What was replaced can still be read, and removed.
func TestAmendedTexts(t *testing.T) {
	w, id, old := texted(t)
	w.sealed(kim, "text.keep", old, sent(plainText, salt))
	anew, letter := commitment("another description", salt), commitment("the board's letter", salt)
	for field, texts := range map[string][]object{
		"texts[0].kind": {{"kind": "poem", "commitment": anew}}, "texts[0].commitment": {{"kind": "ethics-letter", "commitment": old["commitment"]}},
		"texts[0].replaced": {{"kind": "description", "commitment": anew, "replaced": true}},
	} {
		w.expect(w.refused(refusal.Invalid, kim, "request.amend", object{"request": id, "texts": texts}).Field, field)
	}
	w.refused(refusal.Invalid, kim, "request.amend", object{"request": id, "texts": []object{}})
	w.refused(refusal.Forbidden, "nuri/park:researcher", "request.amend", object{"request": id, "texts": []object{{"kind": "description", "commitment": anew}}})

	w.vote("hanbit/a:dac", id, "approve")
	before := w.ask("request.get", object{"request": id})
	stub, amended, _ := w.simulate("nuri/lee:researcher", "request.amend", text(object{"request": id, "texts": []object{{"kind": "description", "commitment": anew}}}))
	w.expect(w.ledger.Commit(stub, "nuri"), ledgertest.Valid) // by its own institution alone
	w.expect(encoded(in(amended, "body", "texts")), `[{"commitment":"`+old["commitment"].(string)+`","kind":"description","replaced":true},{"commitment":"`+anew+`","kind":"description"}]`)
	shown := w.ask("request.get", object{"request": id})
	w.expect(in(shown, "request", "digest") != in(before, "request", "digest") && shown["state"] == "submitted", true) // the vote was on another text
	added := w.do(kim, "request.amend", object{"request": id, "project": "late signs", "texts": []object{{"kind": "ethics-letter", "commitment": letter}}})
	w.expect(encoded(in(added, "body", "texts", 1)), `{"commitment":"`+anew+`","kind":"description"}`)
	w.expect(in(w.do(kim, "request.amend", object{"request": id, "project": "later signs"}), "body", "texts", 2, "commitment"), letter) // what is not given stays

	now := object{"request": id, "commitment": anew}
	w.sealed(kim, "text.keep", now, sent("another description", salt))
	for _, who := range []string{kim, "hanbit/a:dac", privacy} {
		institution, _, _ := strings.Cut(who, "/")
		for argument, want := range map[string]string{old["commitment"].(string): plainText, anew: "another description"} {
			_, read, refused := w.private(who, institution, "text.get", object{"request": id, "commitment": argument}, nil)
			if refused != nil || read["text"] != want {
				t.Error(who, refused)
			}
		}
	}
	w.sealed(privacy, "text.purge", old, nil)
	w.refused(refusal.NotFound, kim, "text.get", old)
	w.refused(refusal.Invalid, kim, "request.amend", object{"request": id, "texts": []object{{"kind": "description", "commitment": old["commitment"]}}})
}

// However often texts are replaced, the request stays a small record.
func TestTooManyTexts(t *testing.T) {
	w := sample(t)
	count := 0
	texts := func(kind string, n int) object {
		list := []object{}
		for range n {
			count++
			list = append(list, object{"kind": kind, "commitment": digestOf(fmt.Sprint(count))})
		}
		return object{"texts": list}
	}
	id := in(w.do(kim, "request.submit", with(w.request(), texts("description", 5))), "id").(string)
	amend := func(kind string, n int) object { return with(texts(kind, n), object{"request": id}) }
	w.refused(refusal.LimitExceeded, kim, "request.amend", amend("ethics-letter", 4))
	w.expect(w.refused(refusal.Invalid, kim, "request.amend", amend("description", 9)).Field, "texts")
	w.do(kim, "request.amend", amend("ethics-letter", 3))
	w.refused(refusal.LimitExceeded, kim, "request.amend", amend("description", 6))
	for range 4 {
		w.do(kim, "request.amend", amend("description", 5))
	}
	w.refused(refusal.LimitExceeded, kim, "request.amend", amend("description", 5))
	w.do(kim, "request.amend", amend("description", 4))
	w.expect(w.ask("request.get", object{"request": id})["state"], "submitted") // and it is none that the contract would refuse
	w.refused(refusal.LimitExceeded, kim, "request.amend", amend("ethics-letter", 1))

	// a requester whose chaincode is not ours seals more
	key := "request/" + id
	more := strings.Replace(string(w.ledger.Value(key)), `"texts":[`, `"texts":[{"commitment":"`+digestOf("one more")+`","kind":"description","replaced":true},`, 1)
	w.ledger.Attack(put(key, more), seal("nuri", key, more))
	w.refused(refusal.Forged, kim, "request.get", object{"request": id})
}

func encoded(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// sealed runs and commits one of the transactions on private text, endorsed by the two institutions.
func (w *world) sealed(who, name string, argument object, transient map[string][]byte) {
	w.Helper()
	institution, _, _ := strings.Cut(who, "/")
	stub, _, refused := w.private(who, institution, name, argument, transient)
	if refused != nil {
		w.Fatal(refused)
	}
	w.expect(w.ledger.Commit(stub, "hanbit", "nuri"), ledgertest.Valid)
}

// One institution that asks itself keeps the text once.
func TestATextOfOnesOwn(t *testing.T) {
	w := sample(t)
	w.set(object{"own_institution_votes": true}, nil)
	c := commitment(plainText, salt)
	id := in(w.do("hanbit/r:researcher", "request.submit", with(w.request(), object{"texts": []object{{"kind": "ethics-letter", "commitment": c}}})), "id")
	stub, _, refused := w.private("hanbit/r:researcher", "hanbit", "text.keep", object{"request": id, "commitment": c}, sent(plainText, salt))
	if refused != nil || len(stub.Writes) != 1 {
		t.Fatal(refused, stub.Writes)
	}
	w.expect(w.ledger.Commit(stub, "hanbit"), ledgertest.Valid)
}

// A sealed remark on the request can name a text too, and is its author's to keep; a forged one counts for nothing.
func TestATextOfARemark(t *testing.T) {
	w, id, _ := texted(t)
	opinion := "The board asks for the first page of the plainText."
	c := commitment(opinion, salt)
	argument := object{"request": id, "commitment": c}
	remark := func(institution, author, name, c string) (key, value string) {
		tx := digestOf(name)
		key = "remark/" + id + "/" + tx
		body := fmt.Sprintf(`{"author":{"id":"%s","institution":"%s"},"commitment":"%s","dataset":"hanbit/breast-cancer","kind":"remark","request":"%s"}`, author, institution, c, id)
		at := records.Time(w.now.Unix())
		return key, fmt.Sprintf(`{"body":%s,"changes":[{"action":"remark.created","at":"%s","by":{"id":"%s","institution":"%s","roles":[]},"tx":"%s"}],"id":"%s","owner":"%s","status":"final","type":"remark","updated_at":"%s"}`,
			body, at, author, institution, tx, tx, institution, at)
	}
	try := func(who string) *refusal.Error {
		institution, _, _ := strings.Cut(who, "/")
		_, _, refused := w.private(who, institution, "text.keep", argument, sent(opinion, salt))
		return refused
	}
	for i := range 3 { // remarks of others on other texts
		key, value := remark("hanbit", "b", fmt.Sprint("other", i), digestOf("another"))
		w.ledger.Attack(put(key, value), seal("hanbit", key, value))
	}
	key, value := remark("hanbit", "a", "one", c)
	w.ledger.Attack(put(key, value)) // not sealed
	w.expect(try("hanbit/a:dac").Code, refusal.NotFound)
	w.ledger.Attack(seal("hanbit", key, value))
	w.expect(try("hanbit/a:dac") == nil, true)
	w.expect(try(privacy) == nil, true)
	for _, who := range []string{kim, "hanbit/b:dac", "saerom/e-1:ethics"} {
		w.expect(try(who).Code, refusal.Forbidden)
	}
	stub, _, _ := w.private("hanbit/a:dac", "hanbit", "text.keep", argument, sent(opinion, salt))
	w.expect(w.ledger.Commit(stub, "hanbit", "nuri"), ledgertest.Valid)
	_, read, refused := w.private(kim, "nuri", "text.get", argument, nil)
	if refused != nil {
		t.Fatal(refused)
	}
	w.expect(in(read, "text"), opinion)
}

// Whatever is sent beside the transaction: nothing public is written, and what is refused writes nothing.
func FuzzPrivateText(f *testing.F) {
	w, _, argument := texted(&testing.T{})
	f.Add([]byte(plainText), salt, true)
	f.Add([]byte{}, []byte{}, false)
	f.Add([]byte("\xff"), salt, false)
	f.Fuzz(func(t *testing.T, said, salted []byte, own bool) {
		w := &world{T: t, ledger: w.ledger, now: w.now, count: 1 << 20, people: w.people}
		if own {
			said, salted = []byte(plainText), salt
		}
		stub, _, refused := w.private(kim, "nuri", "text.keep", argument, sent(string(said), salted))
		if refused == nil && commitment(string(said), salted) != argument["commitment"] {
			t.Fatal("another text was kept")
		}
		for _, write := range stub.Writes {
			if write.Collection == "" {
				t.Fatal("something public was written")
			}
		}
	})
}
