package contract_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

const park = "nuri/park:researcher" // has no part in any request here

func (w *world) invited(request, who string) string {
	w.Helper()
	return in(w.do("hanbit/a:dac", "request.invite", object{"request": request, "reviewer": who, "question": "is the sample large enough?"}), "id").(string)
}

// Who has a part in a request may speak, and nobody else.
func TestRemarks(t *testing.T) {
	w := sample(t)
	id := in(w.do(kim, "request.submit", with(w.request(), object{"researchers": []string{"lee"}})), "id").(string)
	say := func(changes object) object {
		return with(object{"request": id[:8], "text": "어떤 표본입니까?"}, changes)
	}
	for _, who := range []string{kim, "nuri/lee:researcher", "hanbit/a:dac", "saerom/e-2:ethics", steward, "hanbit/p:privacy"} {
		w.do(who, "request.remark", say(nil))
		w.later(time.Second)
	}
	for _, who := range []string{
		park, "hanbit/x:dac" /* no seat */, "hanbit/a:ethics" /* not by this role */, "saerom/s:steward", "saerom/p:privacy", "hanbit/r:researcher", "saerom/a:dac", "hanbit/kim:researcher",
	} {
		w.refused(refusal.Forbidden, who, "request.remark", say(nil))
	}
	w.do(kim, "request.remark", say(object{"kind": "answer"}))
	w.refused(refusal.Forbidden, "hanbit/a:dac", "request.remark", say(object{"kind": "answer"}))
	w.do("hanbit/a:dac", "request.remark", say(object{"text": nil, "commitment": digestOf("in private")}))
	for field, changes := range map[string]object{
		"text":       {"text": ""},
		"commitment": {"commitment": digestOf("x")},
		"kind":       {"kind": "vote"},
		"invitation": {"kind": "opinion"},
		"request":    {"request": "kim"},
	} {
		w.expect(w.refused(refusal.Invalid, kim, "request.remark", say(changes)).Field, field)
	}
	w.expect(w.refused(refusal.Invalid, kim, "request.remark", say(object{"invitation": id})).Field, "invitation")
	w.expect(w.refused(refusal.Invalid, kim, "request.remark", say(object{"text": "two\nlines"})).Field, "text")
	w.expect(w.refused(refusal.Invalid, kim, "request.remark", say(object{"text": strings.Repeat("가", 501)})).Field, "text")
	w.expect(w.refused(refusal.Invalid, kim, "request.remark", say(object{"text": nil, "commitment": "x"})).Field, "commitment")
	w.refused(refusal.NotFound, kim, "request.remark", say(object{"request": digestOf("none")}))

	shown := w.ask("request.get", object{"request": id})
	w.expect(len(shown["remarks"].([]any)), 8)
	w.expect(in(shown, "remarks", 0, "record", "body", "author", "id"), "kim")
	w.expect(in(shown, "remarks", 5, "record", "body", "author", "id"), "p")
	w.expect(in(shown, "remarks", 0, "record", "body", "kind"), "remark")
	w.expect(shown["state"], "submitted")
	w.expect(shown["not_counted"], nil)
	listed := w.ask("request.list", object{})
	w.expect(in(listed, "items", 0, "remarks"), nil)

	// what is said after the decision is said too, and changes nothing
	w.vote("saerom/e-1:ethics", id, "reject")
	w.vote("saerom/e-2:ethics", id, "reject")
	w.do(kim, "request.remark", say(nil))
	w.expect(w.ask("request.get", object{"request": id})["state"], "rejected")
}

func TestOnePersonCannotFillTheDesk(t *testing.T) {
	w := sample(t)
	id := w.submitted()
	for range 50 {
		w.do(kim, "request.remark", object{"request": id, "text": "again"})
	}
	w.refused(refusal.LimitExceeded, kim, "request.remark", object{"request": id, "text": "again"})
	w.do("hanbit/a:dac", "request.remark", object{"request": id, "text": "enough"})
	for n := range 20 {
		w.invited(id, fmt.Sprintf("saerom/r-%d", n))
	}
	w.refused(refusal.LimitExceeded, "hanbit/a:dac", "request.invite", object{"request": id, "reviewer": "saerom/one-more", "question": "?"})
	w.do("hanbit/b:dac", "request.invite", object{"request": id, "reviewer": "saerom/one-more", "question": "?"})
}

// An invited reviewer gives one opinion, which is no vote.
func TestInvitations(t *testing.T) {
	w := sample(t)
	id := w.submitted()
	ask := func(changes object) object {
		return with(object{"request": id, "reviewer": "nuri/park", "question": "is it large enough?", "until": "2026-12-01T00:00:00Z"}, changes)
	}
	w.refused(refusal.OwnRequest, kim, "request.invite", ask(nil))
	w.refused(refusal.Forbidden, steward, "request.invite", ask(nil))
	w.refused(refusal.Forbidden, "hanbit/x:dac", "request.invite", ask(nil))
	w.refused(refusal.OwnRequest, "hanbit/a:dac", "request.invite", ask(object{"reviewer": "nuri/kim"}))
	w.expect(w.refused(refusal.Invalid, "hanbit/a:dac", "request.invite", ask(object{"reviewer": "hanbit/a"})).Field, "reviewer")
	w.expect(w.refused(refusal.Invalid, "hanbit/a:dac", "request.invite", ask(object{"reviewer": "park"})).Field, "reviewer")
	w.expect(w.refused(refusal.Invalid, "hanbit/a:dac", "request.invite", ask(object{"until": "2026-11-24T10:00:00Z"})).Field, "until")
	w.expect(w.refused(refusal.Invalid, "hanbit/a:dac", "request.invite", ask(object{"question": ""})).Field, "question")

	w.refused(refusal.Forbidden, park, "request.remark", object{"request": id, "text": "before"})
	asked := in(w.do("hanbit/a:dac", "request.invite", ask(nil)), "id").(string)
	w.refused(refusal.Conflict, "saerom/e-1:ethics", "request.invite", ask(nil))
	w.expect(in(w.ask("invitation.list", object{"reviewer": "nuri/park", "open": true}), "items", 0, "open"), true)
	w.expect(in(w.ask("invitation.list", object{"reviewer": "nuri/park"}), "items", 0, "state"), "submitted")
	w.expect(in(w.ask("request.get", object{"request": id}), "invitations", 0, "answered"), false)

	w.do(park, "request.remark", object{"request": id, "text": "how many are there?"})
	opinion := object{"request": id, "kind": "opinion", "text": "large enough", "invitation": asked[:8]}
	w.refused(refusal.Forbidden, "nuri/other:researcher", "request.remark", opinion)
	w.refused(refusal.Forbidden, "hanbit/a:dac", "request.remark", opinion)
	w.refused(refusal.NotFound, park, "request.remark", with(opinion, object{"invitation": digestOf("none")}))
	given := w.do(park, "request.remark", opinion)
	w.expect(in(given, "body", "invitation"), asked)
	w.refused(refusal.Decided, park, "request.remark", opinion)
	shown := w.ask("request.get", object{"request": id})
	w.expect(in(shown, "invitations", 0, "answered"), true)
	w.expect(in(shown, "invitations", 0, "opinion"), in(given, "id"))
	w.expect(shown["state"], "submitted")
	w.expect(len(w.ask("invitation.list", object{"reviewer": "nuri/park", "open": true})["items"].([]any)), 0)
	w.expect(len(w.ask("invitation.list", object{"reviewer": "nuri/park"})["items"].([]any)), 1)
	w.expect(len(w.ask("invitation.list", object{"reviewer": "nuri/par"})["items"].([]any)), 0)

	// who has answered can be asked again; who lets the time pass cannot answer
	again := in(w.do("saerom/e-1:ethics", "request.invite", ask(nil)), "id").(string)
	w.later(8 * 24 * time.Hour)
	w.refused(refusal.Expired, park, "request.remark", with(opinion, object{"invitation": again}))
	w.expect(len(w.ask("invitation.list", object{"reviewer": "nuri/park", "open": true})["items"].([]any)), 0)
	last := w.invited(id, "nuri/park")
	w.vote("saerom/e-1:ethics", id, "reject")
	w.vote("saerom/e-2:ethics", id, "reject")
	w.refused(refusal.Decided, park, "request.remark", with(opinion, object{"invitation": last}))
	w.refused(refusal.Decided, "hanbit/a:dac", "request.invite", ask(object{"reviewer": "nuri/lim", "until": nil}))
	w.expect(len(w.ask("invitation.list", object{"reviewer": "nuri/park", "open": true})["items"].([]any)), 0)

	types := map[string]int{}
	for _, item := range w.ask("audit.trail", object{"dataset": "hanbit/breast-cancer", "page_size": 100})["items"].([]any) {
		types[in(item, "record", "type").(string)]++
	}
	w.expect(types["remark"], 2)
	w.expect(types["invitation"], 3)
}

// Who has declared a conflict of interest chooses no reviewers; others do.
func TestRecusedInviter(t *testing.T) {
	w := sample(t)
	id := w.submitted()
	w.do("hanbit/a:dac", "request.vote", with(w.ballot(id, "recuse", "dac"), object{"reason": "my own study"}))
	argument := object{"request": id, "reviewer": "nuri/park", "question": "?"}
	w.refused(refusal.Recused, "hanbit/a:dac", "request.invite", argument)
	w.do("hanbit/b:dac", "request.invite", argument)
}

// An invitation counts for the request that it is for; of two opinions that race one is invalidated; and whose words are sealed is their institution's.
func TestOpinionsAtTheLedger(t *testing.T) {
	w := sample(t)
	first, second := w.submitted(), w.submitted()
	asked := w.invited(first, "nuri/park")
	w.refused(refusal.NotFound, park, "request.remark", object{"request": second, "kind": "opinion", "text": "x", "invitation": asked})

	opinion := text(object{"request": first, "kind": "opinion", "text": "yes", "invitation": asked})
	one, _, _ := w.simulate(park, "request.remark", opinion)
	two, _, _ := w.simulate(park, "request.remark", opinion)
	w.expect(w.ledger.Commit(one, "hanbit", "saerom"), ledgertest.EndorsementPolicyFailure)
	w.expect(w.ledger.Commit(one, "nuri"), ledgertest.EndorsementPolicyFailure)
	w.expect(w.ledger.Commit(one, "nuri", "saerom"), ledgertest.Valid)
	w.expect(w.ledger.Commit(two, "nuri", "saerom"), ledgertest.PhantomReadConflict)

	for prefix, owner := range map[string]string{"remark/" + first: "nuri", "invitation/" + first: "hanbit", "i/invitation-person/nuri/park/": "hanbit"} {
		keys := w.ledger.Keys(prefix)
		if len(keys) != 1 || w.ledger.Guard(keys[0]) != owner {
			t.Errorf("%s: %v is guarded by %q", prefix, keys, w.ledger.Guard(keys[0]))
		}
	}
}

// Forged remarks and invitations, and sealed ones that the contract refuses, count for nothing and are named.
func TestForgedTalk(t *testing.T) {
	w := sample(t)
	id := w.submitted()
	asked := w.invited(id, "nuri/park")
	w.do(park, "request.remark", object{"request": id, "text": "honest"})
	honest := w.ledger.Keys("remark/" + id)[0]
	tx := digestOf("forged")
	copied := func(change func(string) string) (key string, value []byte) {
		value = []byte(change(strings.ReplaceAll(string(w.ledger.Value(honest)), honest[len(honest)-64:], tx)))
		return "remark/" + id + "/" + tx, value
	}
	count := func() (remarks, notCounted int) {
		shown := w.ask("request.get", object{"request": id})
		list, _ := shown["not_counted"].([]any)
		return len(shown["remarks"].([]any)), len(list)
	}
	for says, change := range map[string]func(string) string{
		"another's words": func(s string) string { return s },
		"two lines":       func(s string) string { return strings.Replace(s, `"honest"`, `"a\nb"`, 1) },
		"no kind":         func(s string) string { return strings.Replace(s, `"kind":"remark"`, `"kind":""`, 1) },
		"another dataset": func(s string) string { return strings.Replace(s, "breast-cancer", "other", 1) },
		"no record":       func(string) string { return "{" },
	} {
		key, value := copied(change)
		seal := ledgertest.Write{Collection: "_implicit_org_nuri", Key: key, Value: ledger.Seal(key, value)}
		if says == "another's words" {
			seal.Value = ledger.Seal(key, []byte("something else"))
		}
		w.ledger.Attack(ledgertest.Write{Key: key, Value: value}, seal)
		if remarks, notCounted := count(); remarks != 1 || notCounted != 1 {
			t.Errorf("%s: %d remarks, %d not counted", says, remarks, notCounted)
		}
	}
	// a sealed opinion of somebody who was not invited answers nothing
	key, value := copied(func(s string) string {
		s = strings.ReplaceAll(s, `"id":"park"`, `"id":"lee"`)
		return strings.Replace(s, `"kind":"remark"`, `"invitation":"`+asked+`","kind":"opinion"`, 1)
	})
	w.ledger.Attack(ledgertest.Write{Key: key, Value: value}, ledgertest.Write{Collection: "_implicit_org_nuri", Key: key, Value: ledger.Seal(key, value)})
	if remarks, notCounted := count(); remarks != 2 || notCounted != 0 {
		t.Errorf("%d remarks, %d not counted", remarks, notCounted)
	}
	w.expect(in(w.ask("request.get", object{"request": id}), "invitations", 0, "answered"), false)
	// an entry that leads to somebody else's invitation is passed over
	entry := w.ledger.Keys("i/invitation-person/nuri/park/")[0]
	w.ledger.Attack(ledgertest.Write{Key: strings.Replace(entry, "park", "lee", 1), Value: []byte("1")})
	w.expect(len(w.ask("invitation.list", object{"reviewer": "nuri/lee"})["items"].([]any)), 0)
	w.ledger.Attack(ledgertest.Write{Key: strings.Replace(entry, asked, digestOf("none"), 1), Value: []byte("1")})
	list := w.ask("invitation.list", object{"reviewer": "nuri/park"})["items"].([]any)
	w.expect(len(list), 2)
}
