package contract_test

import (
	"testing"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/refusal"
)

// How often a question goes to the peer and back, with one grant on the ledger and with three. Each seal is one round trip, each range is one, and what entries of an
// index lead to is one together: docs/decisions/0021-where-the-time-of-a-check-goes.md.
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
		{"grant.get", object{"grant": grant}, 19, 19},
		{"grant.list", object{"dataset": "hanbit/breast-cancer"}, 20, 40},
		{"request.list", object{}, 16, 28},
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
		for range 3 {
			w.Ask(q.name, q.argument)
		}
		if w.Last.RoundTrips != q.three {
			t.Errorf("%s with three: %d round trips, want %d", q.name, w.Last.RoundTrips, q.three)
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
