package review_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

// Who has a part in a request may speak, and nobody else.
func TestRemarks(t *testing.T) {
	w := sample.New(t)
	id := sample.In(w.Do(sample.Kim, "request.submit", sample.With(w.Request(), object{"researchers": []string{"lee"}})), "id").(string)
	say := func(changes object) object {
		return sample.With(object{"request": id[:8], "text": "어떤 표본입니까?"}, changes)
	}
	for _, who := range []string{sample.Kim, "nuri/lee:researcher", "hanbit/a:dac", "saerom/e-2:ethics", sample.Steward, "hanbit/p:privacy"} {
		w.Do(who, "request.remark", say(nil))
		w.Later(time.Second)
	}
	for _, who := range []string{
		sample.Park, "hanbit/x:dac" /* no seat */, "hanbit/a:ethics" /* not by this role */, "saerom/s:steward", "saerom/p:privacy", "hanbit/r:researcher", "saerom/a:dac", "hanbit/kim:researcher",
	} {
		w.Refused(refusal.Forbidden, who, "request.remark", say(nil))
	}
	w.Do(sample.Kim, "request.remark", say(object{"kind": "answer"}))
	w.Refused(refusal.Forbidden, "hanbit/a:dac", "request.remark", say(object{"kind": "answer"}))
	w.Do("hanbit/a:dac", "request.remark", say(object{"text": nil, "commitment": sample.DigestOf("in private")}))
	for field, changes := range map[string]object{
		"text":       {"text": ""},
		"commitment": {"commitment": sample.DigestOf("x")},
		"kind":       {"kind": "vote"},
		"invitation": {"kind": "opinion"},
		"request":    {"request": "kim"},
	} {
		w.Expect(w.Refused(refusal.Invalid, sample.Kim, "request.remark", say(changes)).Field, field)
	}
	w.Expect(w.Refused(refusal.Invalid, sample.Kim, "request.remark", say(object{"invitation": id})).Field, "invitation")
	w.Expect(w.Refused(refusal.Invalid, sample.Kim, "request.remark", say(object{"text": "two\nlines"})).Field, "text")
	w.Expect(w.Refused(refusal.Invalid, sample.Kim, "request.remark", say(object{"text": strings.Repeat("가", 501)})).Field, "text")
	w.Expect(w.Refused(refusal.Invalid, sample.Kim, "request.remark", say(object{"text": nil, "commitment": "x"})).Field, "commitment")
	w.Refused(refusal.NotFound, sample.Kim, "request.remark", say(object{"request": sample.DigestOf("none")}))

	shown := w.Ask("request.get", object{"request": id})
	w.Expect(len(shown["remarks"].([]any)), 8)
	w.Expect(sample.In(shown, "remarks", 0, "record", "body", "author", "id"), "kim")
	w.Expect(sample.In(shown, "remarks", 5, "record", "body", "author", "id"), "p")
	w.Expect(sample.In(shown, "remarks", 0, "record", "body", "kind"), "remark")
	w.Expect(shown["state"], "submitted")
	w.Expect(shown["not_counted"], nil)
	listed := w.Ask("request.list", object{})
	w.Expect(sample.In(listed, "items", 0, "remarks"), nil)

	// what is said after the decision is said too, and changes nothing
	w.Vote("saerom/e-1:ethics", id, "reject")
	w.Vote("saerom/e-2:ethics", id, "reject")
	w.Do(sample.Kim, "request.remark", say(nil))
	w.Expect(w.Ask("request.get", object{"request": id})["state"], "rejected")
}

func TestOnePersonCannotFillTheDesk(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	for range 50 {
		w.Do(sample.Kim, "request.remark", object{"request": id, "text": "again"})
	}
	w.Refused(refusal.LimitExceeded, sample.Kim, "request.remark", object{"request": id, "text": "again"})
	w.Keys["hanbit/s-2"] = ledgertest.KeyNamed("hanbit/s-1") // one key is one person
	for range 50 {
		w.Do("hanbit/s-1:steward", "request.remark", object{"request": id, "text": "again"})
	}
	w.Refused(refusal.LimitExceeded, "hanbit/s-2:steward", "request.remark", object{"request": id, "text": "again"})
	w.Do("hanbit/s-3:steward", "request.remark", object{"request": id, "text": "again"})
	w.Do("hanbit/a:dac", "request.remark", object{"request": id, "text": "enough"})
	for n := range 20 {
		w.Invited(id, fmt.Sprintf("saerom/r-%d", n))
	}
	w.Refused(refusal.LimitExceeded, "hanbit/a:dac", "request.invite", object{"request": id, "reviewer": "saerom/one-more", "question": "?"})
	w.Do("hanbit/b:dac", "request.invite", object{"request": id, "reviewer": "saerom/one-more", "question": "?"})
}

// An invited reviewer gives one opinion, which is no vote.
func TestInvitations(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	ask := func(changes object) object {
		return sample.With(object{"request": id, "reviewer": "nuri/park", "question": "is it large enough?", "until": "2026-12-01T00:00:00Z"}, changes)
	}
	w.Refused(refusal.OwnRequest, sample.Kim, "request.invite", ask(nil))
	w.Refused(refusal.Forbidden, sample.Steward, "request.invite", ask(nil))
	w.Refused(refusal.Forbidden, "hanbit/x:dac", "request.invite", ask(nil))
	w.Refused(refusal.OwnRequest, "hanbit/a:dac", "request.invite", ask(object{"reviewer": "nuri/kim"}))
	w.Expect(w.Refused(refusal.Invalid, "hanbit/a:dac", "request.invite", ask(object{"reviewer": "hanbit/a"})).Field, "reviewer")
	w.Expect(w.Refused(refusal.Invalid, "hanbit/a:dac", "request.invite", ask(object{"reviewer": "park"})).Field, "reviewer")
	w.Expect(w.Refused(refusal.Invalid, "hanbit/a:dac", "request.invite", ask(object{"until": "2026-11-24T10:00:00Z"})).Field, "until")
	w.Expect(w.Refused(refusal.Invalid, "hanbit/a:dac", "request.invite", ask(object{"question": ""})).Field, "question")

	w.Refused(refusal.Forbidden, sample.Park, "request.remark", object{"request": id, "text": "before"})
	asked := sample.In(w.Do("hanbit/a:dac", "request.invite", ask(nil)), "id").(string)
	w.Refused(refusal.Conflict, "saerom/e-1:ethics", "request.invite", ask(nil))
	w.Expect(sample.In(w.Ask("invitation.list", object{"reviewer": "nuri/park", "open": true}), "items", 0, "open"), true)
	w.Expect(sample.In(w.Ask("invitation.list", object{"reviewer": "nuri/park"}), "items", 0, "state"), "submitted")
	w.Expect(sample.In(w.Ask("request.get", object{"request": id}), "invitations", 0, "answered"), false)

	w.Do(sample.Park, "request.remark", object{"request": id, "text": "how many are there?"})
	opinion := object{"request": id, "kind": "opinion", "text": "large enough", "invitation": asked[:8]}
	w.Refused(refusal.Forbidden, "nuri/other:researcher", "request.remark", opinion)
	w.Refused(refusal.Forbidden, "hanbit/a:dac", "request.remark", opinion)
	w.Refused(refusal.NotFound, sample.Park, "request.remark", sample.With(opinion, object{"invitation": sample.DigestOf("none")}))
	given := w.Do(sample.Park, "request.remark", opinion)
	w.Expect(sample.In(given, "body", "invitation"), asked)
	w.Refused(refusal.Decided, sample.Park, "request.remark", opinion)
	shown := w.Ask("request.get", object{"request": id})
	w.Expect(sample.In(shown, "invitations", 0, "answered"), true)
	w.Expect(sample.In(shown, "invitations", 0, "opinion"), sample.In(given, "id"))
	w.Expect(shown["state"], "submitted")
	w.Expect(len(w.Ask("invitation.list", object{"reviewer": "nuri/park", "open": true})["items"].([]any)), 0)
	w.Expect(len(w.Ask("invitation.list", object{"reviewer": "nuri/park"})["items"].([]any)), 1)
	w.Expect(len(w.Ask("invitation.list", object{"reviewer": "nuri/par"})["items"].([]any)), 0)

	// who has answered can be asked again; who lets the time pass cannot answer
	again := sample.In(w.Do("saerom/e-1:ethics", "request.invite", ask(nil)), "id").(string)
	w.Later(8 * 24 * time.Hour)
	w.Refused(refusal.Expired, sample.Park, "request.remark", sample.With(opinion, object{"invitation": again}))
	w.Expect(len(w.Ask("invitation.list", object{"reviewer": "nuri/park", "open": true})["items"].([]any)), 0)
	last := w.Invited(id, "nuri/park")
	w.Vote("saerom/e-1:ethics", id, "reject")
	w.Vote("saerom/e-2:ethics", id, "reject")
	w.Refused(refusal.Decided, sample.Park, "request.remark", sample.With(opinion, object{"invitation": last}))
	w.Refused(refusal.Decided, "hanbit/a:dac", "request.invite", ask(object{"reviewer": "nuri/lim", "until": nil}))
	w.Expect(len(w.Ask("invitation.list", object{"reviewer": "nuri/park", "open": true})["items"].([]any)), 0)

	types := map[string]int{}
	for _, item := range w.Ask("audit.trail", object{"dataset": "hanbit/breast-cancer", "page_size": 100})["items"].([]any) {
		types[sample.In(item, "record", "type").(string)]++
	}
	w.Expect(types["remark"], 2)
	w.Expect(types["invitation"], 3)
}

// Who has declared a conflict of interest chooses no reviewers; others do.
func TestRecusedInviter(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	w.Do("hanbit/a:dac", "request.vote", sample.With(w.Ballot(id, "recuse", "dac"), object{"reason": "my own study"}))
	argument := object{"request": id, "reviewer": "nuri/park", "question": "?"}
	w.Refused(refusal.Recused, "hanbit/a:dac", "request.invite", argument)
	w.Do("hanbit/b:dac", "request.invite", argument)
}

// An invitation counts for the request that it is for; of two opinions that race one is invalidated; and whose words are sealed is their institution's.
func TestOpinionsAtTheLedger(t *testing.T) {
	w := sample.New(t)
	first, second := w.Submitted(), w.Submitted()
	asked := w.Invited(first, "nuri/park")
	w.Refused(refusal.NotFound, sample.Park, "request.remark", object{"request": second, "kind": "opinion", "text": "x", "invitation": asked})

	opinion := sample.Text(object{"request": first, "kind": "opinion", "text": "yes", "invitation": asked})
	one, _, _ := w.Simulate(sample.Park, "request.remark", opinion)
	two, _, _ := w.Simulate(sample.Park, "request.remark", opinion)
	w.Expect(w.Ledger.Commit(one, "hanbit", "saerom"), ledgertest.EndorsementPolicyFailure)
	w.Expect(w.Ledger.Commit(one, "nuri"), ledgertest.EndorsementPolicyFailure)
	w.Expect(w.Ledger.Commit(one, "nuri", "saerom"), ledgertest.Valid)
	w.Expect(sample.Overtaken(w.Ledger.Commit(two, "nuri", "saerom")), true)

	for prefix, owner := range map[string]string{"remark/" + first: "nobody", "invitation/" + first: "nobody", "i/invitation-person/nuri/park/": "hanbit"} {
		keys := w.Ledger.Keys(prefix)
		if len(keys) != 1 || w.Ledger.Guard(keys[0]) != owner {
			t.Errorf("%s: %v is guarded by %q", prefix, keys, w.Ledger.Guard(keys[0]))
		}
	}
}

// Forged remarks and invitations, and sealed ones that the contract refuses, count for nothing and are named.
func TestForgedTalk(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	asked := w.Invited(id, "nuri/park")
	w.Do(sample.Park, "request.remark", object{"request": id, "text": "honest"})
	honest := w.Ledger.Keys("remark/" + id)[0]
	tx := sample.DigestOf("forged")
	copied := func(change func(string) string) (key string, value []byte) {
		value = []byte(change(strings.ReplaceAll(string(w.Ledger.Value(honest)), honest[len(honest)-64:], tx)))
		return "remark/" + id + "/" + tx, value
	}
	count := func(w *sample.World) (remarks, notCounted int) {
		shown := w.Ask("request.get", object{"request": id})
		list, _ := shown["not_counted"].([]any)
		return len(shown["remarks"].([]any)), len(list)
	}
	for says, change := range map[string]func(string) string{
		"another's words": func(s string) string { return s },
		"two lines":       func(s string) string { return strings.Replace(s, `"honest"`, `"a\nb"`, 1) },
		"no kind":         func(s string) string { return strings.Replace(s, `"kind":"remark"`, `"kind":""`, 1) },
		"another dataset": func(s string) string { return strings.Replace(s, "breast-cancer", "other", 1) },
		"no record":       func(string) string { return "{" },
		"not posted":      func(s string) string { return s },
	} {
		key, value := copied(change)
		seal := sample.Seal("nuri", key, string(value))
		if says == "another's words" {
			seal.Value = ledger.Seal(key, 1, []byte("something else"))
		}
		post := sample.Post("nuri", ledger.SeriesKey("remark/"+id, 2), key)
		if says == "not posted" {
			post = sample.Put("anything", "1")
		}
		w := &sample.World{T: t, Ledger: w.Ledger.Clone(), Now: w.Now, People: w.People}
		w.Ledger.Attack(ledgertest.Write{Key: key, Value: value}, seal, post)
		if remarks, notCounted := count(w); remarks != 1 || notCounted != 1 {
			t.Errorf("%s: %d remarks, %d not counted", says, remarks, notCounted)
		}
	}
	// a sealed opinion of somebody who was not invited answers nothing
	key, value := copied(func(s string) string {
		s = strings.ReplaceAll(s, `"id":"park"`, `"id":"lee"`)
		return strings.Replace(s, `"kind":"remark"`, `"invitation":"`+asked+`","kind":"opinion"`, 1)
	})
	w.Ledger.Attack(ledgertest.Write{Key: key, Value: value}, sample.Seal("nuri", key, string(value)), sample.Post("nuri", ledger.SeriesKey("remark/"+id, 2), key))
	if remarks, notCounted := count(w); remarks != 2 || notCounted != 0 {
		t.Errorf("%d remarks, %d not counted", remarks, notCounted)
	}
	w.Expect(sample.In(w.Ask("request.get", object{"request": id}), "invitations", 0, "answered"), false)
	// nor does one that came too late
	until := w.Now.Add(time.Minute).Format(time.RFC3339)
	late := sample.In(w.Do("hanbit/a:dac", "request.invite", object{"request": id, "reviewer": "nuri/kang", "question": "?", "until": until}), "id").(string)
	for i, after := range []time.Duration{time.Hour, 0} { // the control: in time, which is posted later
		tx = sample.DigestOf(fmt.Sprint("late", i))
		key, value = copied(func(s string) string {
			s = strings.ReplaceAll(s, `"id":"park"`, `"id":"kang"`)
			s = strings.ReplaceAll(s, `T10:00:00Z`, w.Now.Add(after).UTC().Format(`T15:04:05Z`))
			return strings.Replace(s, `"kind":"remark"`, `"invitation":"`+late+`","kind":"opinion"`, 1)
		})
		w.Ledger.Attack(ledgertest.Write{Key: key, Value: value}, sample.Seal("nuri", key, string(value)), sample.Post("nuri", ledger.SeriesKey("remark/"+id, 3+i), key))
		w.Later(after)
		for _, invitation := range w.Ask("request.get", object{"request": id})["invitations"].([]any) {
			if sample.In(invitation, "invitation", "record", "id") == late {
				w.Expect(sample.In(invitation, "answered"), after == 0)
			}
		}
		w.Later(-after)
	}
	// an entry that leads to somebody else's invitation is passed over
	entry := w.Ledger.Keys("i/invitation-person/nuri/park/")[0]
	w.Ledger.Attack(ledgertest.Write{Key: strings.Replace(entry, "park", "lee", 1), Value: []byte("1")})
	w.Expect(len(w.Ask("invitation.list", object{"reviewer": "nuri/lee"})["items"].([]any)), 0)
	w.Ledger.Attack(ledgertest.Write{Key: strings.Replace(entry, asked, sample.DigestOf("none"), 1), Value: []byte("1")})
	list := w.Ask("invitation.list", object{"reviewer": "nuri/park"})["items"].([]any)
	w.Expect(len(list), 2)
}
