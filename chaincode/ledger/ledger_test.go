package ledger_test

import (
	"encoding/hex"
	"testing"
	"time"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// The value that a client in another language has to get: SHA-256("medconsent/seal/1" ‖ 0x00 ‖ "grant/x" ‖ 0x00 ‖ "{}").
func TestSeal(t *testing.T) {
	if got := hex.EncodeToString(ledger.Seal("grant/x", []byte("{}"))); got != "407f4878908ad23ea0e19b311a6d583e912dfb5c405b0a3de2e913e15a07ddeb" {
		t.Fatal(got)
	}
}

var now = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

func begin(t *testing.T, l *ledgertest.Ledger, id string) (*ledger.Tx, *ledgertest.Stub) {
	t.Helper()
	stub := l.Begin(records.Digest([]byte(id)), now, ledgertest.Person("hanbit", "op", "operator"))
	tx, err := ledger.Begin(stub, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	return tx, stub
}

var by = records.By{Institution: "hanbit", ID: "op", Roles: []string{"operator"}}

// Nothing leaves before Commit, and a transaction does not see its own writes.
func TestWritesLeaveAtTheEnd(t *testing.T) {
	l := ledgertest.NewLedger("hanbit", "nuri")
	tx, stub := begin(t, l, "one")
	if _, err := ledger.Create(tx, by, "hanbit", records.Institution{Title: "x"}, records.Active, ""); err != nil {
		t.Fatal(err)
	}
	finding, err := tx.Institution("hanbit")
	if err != nil || finding.Record != nil || len(stub.Writes) != 0 {
		t.Fatal(err, finding, stub.Writes)
	}
	if err := tx.Commit("institution.set"); err != nil {
		t.Fatal(err)
	}
	if len(stub.Writes) != 3 || l.Commit(stub, "hanbit", "nuri") != ledgertest.Valid {
		t.Fatal(stub.Writes)
	}
	tx, stub = begin(t, l, "two")
	finding, err = tx.Institution("hanbit")
	if err != nil || finding.Record == nil || finding.Record.Record.Body.Title != "x" || len(tx.Evidence()) != 1 {
		t.Fatal(err, finding)
	}
	if _, err := ledger.Update(tx, by, finding.Record, records.Institution{Title: "y"}, records.Active, "updated", ""); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit("institution.set"); err != nil || len(stub.Writes) != 2 {
		t.Fatal("a change writes the record and its seal:", stub.Writes)
	}
	if l.Commit(stub, "hanbit") != ledgertest.Valid {
		t.Fatal("the owner's endorsement is enough for a change")
	}
}

// Somebody who learned the transaction's id took its key first.
func TestANewKeyThatIsTaken(t *testing.T) {
	l := ledgertest.NewLedger("hanbit", "nuri")
	tx, _ := begin(t, l, "one")
	l.Attack(ledgertest.Write{Key: "institution/hanbit/" + tx.ID, Value: []byte("x")})
	if _, err := ledger.Create(tx, by, "hanbit", records.Institution{}, records.Active, ""); !refusal.Is(err, refusal.Conflict) {
		t.Fatal(err)
	}
	if _, err := ledger.Create(tx, by, "not a name", records.Institution{}, records.Active, ""); !refusal.Is(refusal.From(err), refusal.Internal) {
		t.Fatal(err)
	}
}
