package sample

import (
	"encoding/json"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
)

// The attacks that altered chaincode of a majority can make on new keys, in memory; tests/network/attacks makes them for real.

// ForGood is Put for a key that nobody can write again.
func ForGood(key, value string) ledgertest.Write {
	return ledgertest.Write{Key: key, Value: []byte(value), Policy: ledger.Locked()}
}

// Put is a write that no chaincode of ours made.
func Put(key, value string) ledgertest.Write { return ledgertest.Write{Key: key, Value: []byte(value)} }

// Listed are the entries by which a record that stands in a value is found, as an owner's own chaincode makes them.
func Listed(key, value string) []ledgertest.Write {
	kind := records.KindOf(records.TypeOf(key))
	record, err := kind.Decode([]byte(value))
	if err != nil {
		panic(err)
	}
	var writes []ledgertest.Write
	for _, entry := range kind.Entries(record) {
		writes = append(writes, Put(entry.Key, "1"))
	}
	return writes
}

// Seal is what an owner's own chaincode seals for the state of a record that stands in a value, locked as it has to be.
func Seal(owner, key, value string) ledgertest.Write {
	state := struct {
		Revision int64 `json:"revision"`
	}{Revision: 1}
	if err := json.Unmarshal([]byte(value), &state); err != nil {
		state.Revision = 1 // what is not JSON is no record, whatever its seal
	}
	return ledgertest.Write{
		Collection: ledger.SealCollection(owner), Key: ledger.SealKey(key, state.Revision), Value: ledger.Seal(key, state.Revision, []byte(value)), Policy: ledger.Locked(),
	}
}

// Post is what an owner's own chaincode posts.
func Post(owner, key, text string) ledgertest.Write {
	return ledgertest.Write{Collection: ledger.SealCollection(owner), Key: key, Value: []byte("1"), Policy: ledger.LockedWith([]byte(text))}
}

// Overtaken tells whether a transaction came to nothing because another one was first: what it read has changed, or the state that it would have written is there
// and locked. It changed nothing and can be made anew.
func Overtaken(code ledgertest.Code) bool {
	return code == ledgertest.MVCCReadConflict || code == ledgertest.PhantomReadConflict || code == ledgertest.EndorsementPolicyFailure
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

// Forge simulates a transaction and commits its writes without the seals of one institution, and without taking entries away that are its own. Of one that waits for a second
// officer it is the confirmation that is made so.
func (w *World) Forge(without, who, name string, argument object) string {
	w.Helper()
	stub := w.Held(who, name, argument)
	for _, write := range stub.Writes {
		if write.Collection != ledger.SealCollection(without) && !(write.Delete && w.Ledger.Guard(write.Key) == without) {
			w.Ledger.Attack(write)
		}
	}
	return stub.GetTxID()
}

// Restate has an owner's own chaincode write the next state of one of its records, sealed and locked as it has to be, with something changed that the contract never changes.
func (w *World) Restate(key string, change func(record object)) {
	w.Helper()
	record := object{}
	if err := json.Unmarshal(w.Ledger.Value(key), &record); err != nil {
		w.Fatal(err)
	}
	changes := record["changes"].([]any)
	last := With(changes[len(changes)-1].(object), object{"action": record["type"].(string) + ".updated", "tx": DigestOf("restated"), "note": ""})
	record["changes"], record["revision"] = append(changes, any(last)), record["revision"].(float64)+1
	body := record["body"].(object)
	if record["type"] == records.RequestType && body["as_made"] == nil {
		record["body"] = With(body, object{"as_made": body})
	}
	change(record)
	w.Ledger.Attack(Put(key, Text(record)), Seal(record["owner"].(string), key, Text(record)))
}

// Held simulates a transaction without committing it; of one that waits for a second officer it is the confirmation that is held.
func (w *World) Held(who, name string, argument object) *ledgertest.Stub {
	w.Helper()
	stub, answer, refused := w.Simulate(who, name, Text(argument))
	if refused != nil {
		w.Fatal(refused)
	}
	proposal, waits := answer["proposal"].(object)
	if !waits || name == "proposal.confirm" {
		return stub
	}
	if code := w.Ledger.Commit(stub, Institutions...); code != ledgertest.Valid {
		w.Fatal(code)
	}
	return w.Held(Second(who), "proposal.confirm", w.Confirmation(proposal))
}
