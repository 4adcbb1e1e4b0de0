package sample

import (
	"encoding/json"
	"slices"
	"strings"

	"medconsent.org/chaincode/contract"
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
)

// sealedAsSaid fails when a transaction writes to other institutions' collections than its entry in the table says, or when those do not suffice to endorse it
// although the entry says so.
func (w *World) sealedAsSaid(who, name string, argument object, stub *ledgertest.Stub) {
	w.Helper()
	sealed := []string{}
	for _, write := range stub.Writes {
		if institution, ok := strings.CutPrefix(write.Collection, "_implicit_org_"); ok && !slices.Contains(sealed, institution) {
			sealed = append(sealed, institution)
		}
	}
	if len(sealed) == 0 {
		return // what it would write stands there, or is known by its hash
	}
	entry, _ := contract.EntryOf(name)
	said := []string{}
	for _, seal := range entry.Seals {
		institution := w.party(who, argument, seal)
		if holds(seal.When, argument) {
			said = append(said, institution)
		}
		if seal.When == nil && !slices.Contains(sealed, institution) {
			w.Fatalf("%s by %s: %s does not seal it, and its entry in the table says so: %v", name, who, institution, seal)
		}
	}
	for _, institution := range sealed {
		if !slices.Contains(said, institution) {
			w.Fatalf("%s by %s: %s seals it, and its entry in the table says %v", name, who, institution, said)
		}
	}
	alone := entry.Alone || entry.AloneWhen != nil && holds(entry.AloneWhen, argument)
	proposes := slices.ContainsFunc(stub.Writes, func(write ledgertest.Write) bool { return strings.HasPrefix(write.Key, "proposal/") })
	if code := w.Ledger.Clone().Commit(stub, sealed...); alone && !proposes && code != ledgertest.Valid {
		w.Fatalf("%s by %s: its entry in the table says that %v are enough: %s", name, who, sealed, code)
	}
}

// holds tells whether a condition can hold; what it says of the policy is not looked up.
func holds(when *transaction.When, argument object) bool {
	if when == nil || when.Member == "" {
		return true
	}
	word, _ := argument[when.Member].(string)
	return slices.Contains(when.Is, word)
}

// party finds the institution that a seal speaks of.
func (w *World) party(who string, argument object, seal transaction.Seal) string {
	w.Helper()
	if seal.By == transaction.Caller {
		institution, _, _ := strings.Cut(who, "/")
		return institution
	}
	named, _ := argument[seal.Of].(string)
	if seal.Of == "dataset" {
		institution, _, _ := records.SplitDataset(named)
		return institution
	}
	keys := w.Ledger.Keys(seal.Of + "/" + named)
	if len(keys) == 0 {
		w.Fatalf("there is no %s %s", seal.Of, named)
	}
	var record struct {
		Owner string `json:"owner"`
		Body  struct {
			Dataset   string         `json:"dataset"`
			Requester records.Person `json:"requester"`
		} `json:"body"`
	}
	if err := json.Unmarshal(w.Ledger.Value(keys[0]), &record); err != nil {
		w.Fatal(err)
	}
	if seal.By == transaction.Requester {
		return record.Body.Requester.Institution
	}
	institution, _, _ := records.SplitDataset(record.Body.Dataset)
	return institution
}
