package contract_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
)

// sixOf are what a list asks anew of each grant with three votes, by what has come there when the answer to it changes: in whose collection, and at which key.
func sixOf(w *sample.World, grant string) map[string][2]string {
	request := sample.In(w.Ask("grant.get", object{"grant": grant}), "grant", "record", "body", "request").(string)
	return map[string][2]string{
		"a later state of the grant":   {"hanbit", ledger.SealKey("grant/"+grant, 2)},
		"an end of the grant":          {"hanbit", ledger.EndKey("grant/" + grant)},
		"a later state of the request": {"nuri", ledger.SealKey("request/"+request, 2)},
		"an end of the request":        {"nuri", ledger.EndKey("request/" + request)},
		"a vote of hanbit":             {"hanbit", ledger.SeriesKey("vote/"+request, 3)},
		"a vote of saerom":             {"saerom", ledger.SeriesKey("vote/"+request, 2)},
	}
}

// A list that was asked before asks these six of each grant and nothing else that is its own; each round trip asks for one.
func TestAListAsksSixOfEachGrant(t *testing.T) {
	w := sample.New(t)
	w.Posts = &ledger.Posts{}
	for range 9 {
		w.Granted()
	}
	page := object{"dataset": "hanbit/breast-cancer"}
	private := func() []string {
		for range 3 {
			w.Ask("grant.list", page)
		}
		var asked []string
		for at := range w.Last.PrivateReads {
			asked = append(asked, at)
		}
		return asked
	}
	before := private()
	nine := w.Last.RoundTrips
	grant := w.Granted()
	var own, want []string
	now := private()
	ten := w.Last.RoundTrips
	for _, at := range now {
		if !slices.Contains(before, at) {
			own = append(own, at)
		}
	}
	for _, six := range sixOf(w, grant) {
		want = append(want, ledger.SealCollection(six[0])+"\x00"+six[1])
	}
	slices.Sort(own)
	slices.Sort(want)
	if !slices.Equal(own, want) {
		t.Errorf("a grant more is asked for\n%s\nwant\n%s", strings.Join(own, "\n"), strings.Join(want, "\n"))
	}
	if ten != 72 || nine != 66 {
		t.Errorf("ten grants take %d round trips, nine %d", ten, nine)
	}
}

// None of the six can be left out or remembered: each can come at any time without another, and the list then says something else.
func TestEachOfTheSixChangesTheList(t *testing.T) {
	page := object{"dataset": "hanbit/breast-cancer"}
	for _, what := range []string{"a later state of the grant", "an end of the grant", "a later state of the request", "an end of the request", "a vote of hanbit", "a vote of saerom"} {
		w := sample.New(t)
		w.Set(object{"vetoes": []object{{"institution": "saerom", "role": "ethics"}}}, nil)
		w.Granted()
		id := w.Submitted()
		w.Vote("hanbit/a:dac", id, "approve")
		next, last := "saerom/e-1:ethics", "hanbit/b:dac"
		if what == "a vote of hanbit" { // what comes after its own deciding vote changes nothing
			next, last = last, next
		}
		w.Vote(next, id, "approve")
		closing := w.Held(sample.Steward, "request.vote", sample.With(w.Ballot(id, "close", "steward"), object{"reason": "x"}))
		vetoing := w.Held("saerom/e-2:ethics", "request.vote", w.Ballot(id, "reject", "ethics"))
		w.Later(time.Minute)
		grant := sample.In(w.Vote(last, id, "approve"), "grant", "id").(string)
		w.Later(time.Minute)
		w.Posts = &ledger.Posts{}
		var before string
		for range 4 {
			before = sample.Text(w.Ask("grant.list", page))
		}
		at := sixOf(w, grant)[what]
		switch what {
		case "a vote of hanbit":
			w.Ledger.Attack(sample.Post(at[0], at[1], postedBy(w, closing, at[0])))
		case "a vote of saerom":
			w.Ledger.Attack(sample.Post(at[0], at[1], postedBy(w, vetoing, at[0])))
		default:
			w.Ledger.Attack(ledgertest.Write{Collection: ledger.SealCollection(at[0]), Key: at[1], Value: []byte("x"), Policy: ledger.Locked()})
		}
		after := sample.Text(w.Ask("grant.list", page))
		w.Posts = nil
		if anew := sample.Text(w.Ask("grant.list", page)); after != anew || after == before {
			t.Errorf("%s: the list says %s, without a memory %s", what, after, anew)
		}
	}
}

// postedBy is the text that a transaction posts for an institution.
func postedBy(w *sample.World, stub *ledgertest.Stub, institution string) string {
	w.Helper()
	for _, write := range stub.Writes {
		if write.Collection == ledger.SealCollection(institution) && len(ledger.TextOf(write.Policy)) > 0 {
			return string(ledger.TextOf(write.Policy))
		}
	}
	w.Fatal("it posts nothing")
	return ""
}

// Queries that run at once share one memory, and each answers as if it had none. (go test -race says whether they write into what the others read.)
func TestQueriesThatRunAtOnceShareAMemory(t *testing.T) {
	w := sample.New(t)
	for range 3 {
		w.Granted()
	}
	questions := map[string]string{
		"grant.list": `{"dataset":"hanbit/breast-cancer"}`, "request.list": `{}`, "audit.trail": `{"dataset":"hanbit/breast-cancer"}`,
		"check": `{"dataset":"hanbit/breast-cancer","for":"nuri/kim","purpose":{"kind":"disease","diseases":["ICD10:C50.1"]},"mode":"download"}`,
	}
	creator := w.Person(sample.Kim)
	ask := func(name, argument string) string {
		response := sample.Run(w, w.Ledger.Begin(sample.DigestOf("at once"), w.Now, creator), name, argument)
		return response.Message + string(response.Payload)
	}
	want := map[string]string{}
	for name, argument := range questions {
		if want[name] = ask(name, argument); !strings.Contains(want[name], "hanbit") {
			t.Fatal(name, want[name])
		}
	}
	w.Posts = &ledger.Posts{}
	var all sync.WaitGroup
	for range 4 {
		for name, argument := range questions {
			all.Go(func() {
				for range 5 {
					if got := ask(name, argument); got != want[name] {
						t.Errorf("%s: %s, alone %s", name, got, want[name])
					}
				}
			})
		}
	}
	all.Wait()
	if w.Posts.Forms() == 0 {
		t.Error("nothing was kept")
	}
}
