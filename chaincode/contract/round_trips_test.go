package contract_test

import (
	"testing"

	"medconsent.org/chaincode/contract"
	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/refusal"
)

// How often a question goes to the peer and back, with one grant on the ledger and with three; and how many stored forms it parses then, when it has been asked before. Each
// seal is one round trip, each range is one, and what the records of a page lead to is one together: docs/decisions/0021-where-the-time-of-a-check-goes.md. A grant more costs
// a list six: whether there is a later state or an end of it and of its request, and whether each of two institutions has posted a vote more.
func TestRoundTrips(t *testing.T) {
	w := sample.New(t)
	w.Posts = &ledger.Posts{}
	grant := w.Granted()
	asked := object{
		"dataset": "hanbit/breast-cancer", "for": "nuri/kim", "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.1"}}, "mode": "download",
	}
	questions := []struct {
		name     string
		argument object
		one      int
		three    int
	}{
		{"check", asked, 28, 28}, // what it looks at first permits, and a range that is not read to its end is closed
		{"grant.get", object{"grant": grant}, 18, 18},
		{"grant.list", object{"dataset": "hanbit/breast-cancer"}, 18, 30},
		{"grant.list", object{"dataset": "hanbit/breast-cancer", "state": "expired"}, 18, 30},
		{"grant.list", object{"dataset": "hanbit/breast-cancer", "owner": "nuri"}, 4, 8}, // whose evidence is not looked at
		{"grant.others", object{"grant": grant}, 9, 30},
		{"policy.ends", object{"dataset": "hanbit/breast-cancer", "policy": sample.Policy()}, 18, 30},
		{"request.list", object{}, 16, 26},
		{"request.list", object{"waiting_for": "hanbit/dac"}, 1, 1},
		{"audit.trail", object{"dataset": "hanbit/breast-cancer"}, 12, 26},
	}
	for _, q := range questions {
		for range 3 { // what is posted is remembered the first time, and what is sealed the second
			w.Ask(q.name, q.argument)
		}
		if w.Last.RoundTrips != q.one {
			t.Errorf("%s: %d round trips, want %d", q.name, w.Last.RoundTrips, q.one)
		}
	}
	w.Granted()
	w.Granted()
	for _, q := range questions {
		for range 2 {
			w.Ask(q.name, q.argument)
		}
		forms := w.Posts.Forms()
		w.Ask(q.name, q.argument)
		if w.Last.RoundTrips != q.three {
			t.Errorf("%s with three: %d round trips, want %d", q.name, w.Last.RoundTrips, q.three)
		}
		if more := w.Posts.Forms() - forms; more != 0 {
			t.Errorf("%s with three: %d stored forms are parsed anew", q.name, more)
		}
	}
}

// What queries remember changes no answer, whatever was asked before.
func TestWhatQueriesRememberChangesNoAnswer(t *testing.T) {
	for _, prepare := range []func(*testing.T) (*sample.World, []call){busy, resting} {
		w, calls := prepare(t)
		memory, asked := &ledger.Posts{}, 0
		for range 3 {
			for _, one := range calls {
				if entry, _ := contract.EntryOf(one.name); entry.Writes || entry.Private {
					continue
				}
				w.Posts = nil
				want := w.As(one.who, one.name, one.argument)
				w.Posts = memory
				if got := w.As(one.who, one.name, one.argument); sample.Text(got) != sample.Text(want) {
					t.Fatalf("%s %v: %s, and with a memory %s", one.name, one.argument, sample.Text(want), sample.Text(got))
				}
				asked++
			}
		}
		if asked < 20 || memory.Forms() == 0 {
			t.Fatal(asked, memory.Forms())
		}
	}
}

// A peer whose database fails answers a question for several keys with nothing at all. That is a fault, never an empty list.
func TestADatabaseThatFails(t *testing.T) {
	w := sample.New(t)
	w.Granted()
	stub := w.Ledger.Begin(sample.DigestOf("failing"), w.Now, w.Person(sample.Kim))
	stub.DatabaseFails = true
	response := sample.Run(w, stub, "audit.trail", `{"dataset":"hanbit/breast-cancer"}`)
	if response.Status == 200 {
		t.Fatalf("it answers %s", response.Payload)
	}
	if refused := sample.Parsed(w, response.Message); refused.Code != refusal.Internal {
		t.Fatal(refused)
	}
}
