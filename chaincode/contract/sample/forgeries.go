package sample

import (
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
)

// The attacks that altered chaincode of a majority can make on new keys, in memory; tests/network/attacks makes them for real.

func Put(key, value string) ledgertest.Write { return ledgertest.Write{Key: key, Value: []byte(value)} }

func Seal(owner, key, value string) ledgertest.Write {
	return ledgertest.Write{Collection: ledger.SealCollection(owner), Key: key, Value: ledger.Seal(key, []byte(value))}
}

// Only gives the one key under a prefix.
func (w *World) Only(prefix string) string {
	w.Helper()
	keys := w.Ledger.Keys(prefix)
	if len(keys) != 1 {
		w.Fatalf("%d keys under %s", len(keys), prefix)
	}
	return keys[0]
}

// Forge simulates a transaction and commits its writes without the seals of one institution.
func (w *World) Forge(without, who, name string, argument object) string {
	w.Helper()
	stub, _, refused := w.Simulate(who, name, Text(argument))
	if refused != nil {
		w.Fatal(refused)
	}
	for _, write := range stub.Writes {
		if write.Collection != ledger.SealCollection(without) {
			w.Ledger.Attack(write)
		}
	}
	return stub.GetTxID()
}
