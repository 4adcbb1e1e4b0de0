package ledger_test

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// The value that a client in another language has to get: SHA-256("medconsent/seal/2" ‖ 0x00 ‖ "grant/x" ‖ 0x00 ‖ "12" ‖ 0x00 ‖ SHA-256("{}")).
func TestSeal(t *testing.T) {
	if got := hex.EncodeToString(ledger.Seal("grant/x", 12, []byte("{}"))); got != "d103d00a51716561a72e34c8061ff4bfe388a5217958c2d65c8ad05417ff1051" {
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
	tx.Acts = true
	if _, err := ledger.Create(tx, by, "hanbit", records.Institution{Title: "x"}, records.Active, ""); err != nil {
		t.Fatal(err)
	}
	finding, err := ledger.Named(tx, records.Institution{}, "hanbit")
	if err != nil || finding.Record != nil || len(stub.Writes) != 0 {
		t.Fatal(err, finding, stub.Writes)
	}
	if err := tx.Commit("institution.set"); err != nil {
		t.Fatal(err)
	}
	if len(stub.Writes) != 6 || l.Commit(stub, "hanbit", "nuri") != ledgertest.Valid {
		t.Fatal(stub.Writes)
	}
	tx, stub = begin(t, l, "two")
	tx.Acts = true
	finding, err = ledger.Named(tx, records.Institution{}, "hanbit")
	if err != nil || finding.Record == nil || finding.Record.Record.Body.Title != "x" || len(tx.Evidence()) != 1 {
		t.Fatal(err, finding)
	}
	if _, err := ledger.Update(tx, by, finding.Record, records.Institution{Title: "y"}, records.Active, "updated", ""); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit("institution.set"); err != nil || len(stub.Writes) != 3 {
		t.Fatal("a change writes the record, a seal and the policy that locks it:", stub.Writes)
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

// What is locked is written again by nobody: not with the endorsement of all, and not by the owner in its own collection.
func TestNobodyWritesWhatIsLocked(t *testing.T) {
	l := ledgertest.NewLedger("hanbit", "nuri")
	tx, stub := begin(t, l, "one")
	word := records.Acceptance{Grant: records.Digest([]byte("g")), Dataset: "hanbit/x", Person: records.Person{Institution: "hanbit", ID: "a"}}
	written, err := ledger.Create(tx, by, tx.ID, word, records.Final, "")
	if err != nil || tx.Commit("grant.accept") != nil || l.Commit(stub, "hanbit", "nuri") != ledgertest.Valid {
		t.Fatal(err)
	}
	seal, post := ledger.SealCollection("hanbit"), ledger.SeriesKey("acceptance/"+word.Grant+"/hanbit/a", 1)
	if string(l.Post("hanbit", post)) != written.Key {
		t.Fatal(l.Posts("hanbit", ""))
	}
	for name, write := range map[string]func(*ledgertest.Stub) error{
		"the record":          func(s *ledgertest.Stub) error { return s.PutState(written.Key, []byte("x")) },
		"its end":             func(s *ledgertest.Stub) error { return s.DelState(written.Key) },
		"its policy":          func(s *ledgertest.Stub) error { return s.SetStateValidationParameter(written.Key, []byte{}) },
		"its seal":            func(s *ledgertest.Stub) error { return s.PutPrivateData(seal, written.Key+"#1", []byte("x")) },
		"the end of its seal": func(s *ledgertest.Stub) error { return s.PurgePrivateData(seal, written.Key+"#1") },
		"the policy of the seal": func(s *ledgertest.Stub) error {
			return s.SetPrivateDataValidationParameter(seal, written.Key+"#1", []byte{})
		},
		"its post":            func(s *ledgertest.Stub) error { return s.PutPrivateData(seal, post, []byte("x")) },
		"the end of its post": func(s *ledgertest.Stub) error { return s.PurgePrivateData(seal, post) },
		"another post": func(s *ledgertest.Stub) error {
			return s.SetPrivateDataValidationParameter(seal, post, ledger.LockedWith([]byte("x")))
		},
	} {
		_, stub := begin(t, l, name)
		if err := write(stub); err != nil {
			t.Fatal(err)
		}
		if code := l.Commit(stub, "hanbit", "nuri"); code != ledgertest.EndorsementPolicyFailure {
			t.Errorf("%s: %s", name, code)
		}
	}
}

// What its owner's own chaincode makes of a record after others saw it: an earlier state put back, a state that it could still write, an end undone.
func TestAnOwnerCannotTakeAStateBack(t *testing.T) {
	delegation := records.Delegation{Institution: "hanbit", Role: "dac", Member: "a", Deputy: "b", From: 1, Until: 2}
	scene := func(t *testing.T) (l *ledgertest.Ledger, first, ended *ledger.Sealed[records.Delegation]) {
		t.Helper()
		l = ledgertest.NewLedger("hanbit", "nuri")
		tx, stub := begin(t, l, "one")
		first, err := ledger.Create(tx, by, tx.ID, delegation, records.Active, "")
		if err != nil || tx.Commit("committee.delegate") != nil || l.Commit(stub, "hanbit", "nuri") != ledgertest.Valid {
			t.Fatal(err)
		}
		tx, stub = begin(t, l, "two")
		standing, err := ledger.At[records.Delegation](tx, first.Key, "delegation")
		if err != nil || standing.Record == nil {
			t.Fatal(err, standing)
		}
		ended, err = ledger.Update(tx, by, standing.Record, delegation, records.Ended, "ended", "")
		if err != nil || tx.Commit("committee.undelegate") != nil || l.Commit(stub, "hanbit") != ledgertest.Valid {
			t.Fatal(err)
		}
		return l, first, ended
	}
	third := func(ended *ledger.Sealed[records.Delegation]) (records.Record[records.Delegation], []byte) {
		record := ended.Record
		record.Revision, record.Status = 3, records.Active
		value, err := record.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return record, value
	}
	seals := ledger.SealCollection("hanbit")
	for name, c := range map[string]struct {
		writes func(first, ended *ledger.Sealed[records.Delegation]) []ledgertest.Write
		why    string
	}{
		"an earlier state": {func(first, _ *ledger.Sealed[records.Delegation]) []ledgertest.Write {
			return []ledgertest.Write{{Key: first.Key, Value: first.Raw}}
		}, "an earlier state"},
		"a state without a lock": {func(_, ended *ledger.Sealed[records.Delegation]) []ledgertest.Write {
			_, value := third(ended)
			return []ledgertest.Write{{Key: ended.Key, Value: value}, {Collection: seals, Key: ended.Key + "#3", Value: ledger.Seal(ended.Key, 3, value)}}
		}, "could still write its seal"},
		"an end undone": {func(_, ended *ledger.Sealed[records.Delegation]) []ledgertest.Write {
			_, value := third(ended)
			return []ledgertest.Write{
				{Key: ended.Key, Value: value}, {Collection: seals, Key: ended.Key + "#3", Value: ledger.Seal(ended.Key, 3, value)},
				{Collection: seals, Key: ended.Key + "#3", Policy: ledger.Locked()},
			}
		}, "it has ended"},
	} {
		l, first, ended := scene(t)
		l.Attack(c.writes(first, ended)...)
		tx, _ := begin(t, l, "three")
		tx.Acts = true
		finding, err := ledger.At[records.Delegation](tx, first.Key, "delegation")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := finding.Must(); !refusal.Is(err, refusal.Forged) || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is never changed has one state. Its owner's own chaincode leaves the record's key open, and seals another state of it later.
func TestAFinalRecordHasOneState(t *testing.T) {
	l := ledgertest.NewLedger("hanbit", "nuri")
	tx, stub := begin(t, l, "one")
	made, err := ledger.Create(tx, by, tx.ID, word(tx), records.Final, "")
	if err != nil || tx.Commit("grant.accept") != nil {
		t.Fatal(err)
	}
	l.Attack(slices.DeleteFunc(stub.Writes, func(w ledgertest.Write) bool { return w.Key == made.Key && w.Policy != nil })...) // all but the lock
	read := func() error {
		tx, _ := begin(t, l, "two")
		tx.Acts = true
		finding, err := ledger.At[records.Acceptance](tx, made.Key, "acceptance")
		if err != nil {
			t.Fatal(err)
		}
		_, err = finding.Must()
		return err
	}
	if err := read(); err != nil { // the control: nobody sees that the key is open
		t.Fatal(err)
	}
	next := made.Record
	next.Revision, next.Body.Terms = 2, records.Digest([]byte("other terms"))
	value, err := next.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	l.Attack(
		ledgertest.Write{Key: made.Key, Value: value},
		ledgertest.Write{Collection: ledger.SealCollection("hanbit"), Key: ledger.SealKey(made.Key, 2), Value: ledger.Seal(made.Key, 2, value), Policy: ledger.Locked()},
	)
	if err := read(); !refusal.Is(err, refusal.Forged) || !strings.Contains(err.Error(), "no state 2") {
		t.Error(err)
	}
}

// A record of 0.1.0 has no revision, and its seal stood where its owner could write it again. It counts for nothing, and the reason says what to do.
func TestARecordOfTheVersionBefore(t *testing.T) {
	l := ledgertest.NewLedger("hanbit", "nuri")
	tx, stub := begin(t, l, "one")
	made, err := ledger.Create(tx, by, tx.ID, word(tx), records.Final, "")
	if err != nil || tx.Commit("grant.accept") != nil {
		t.Fatal(err)
	}
	old := strings.Replace(string(made.Raw), `"revision":1,`, "", 1)
	if old == string(made.Raw) {
		t.Fatal(old)
	}
	l.Attack(stub.Writes...)
	l.Attack(
		ledgertest.Write{Key: made.Key, Value: []byte(old)},
		ledgertest.Write{Collection: ledger.SealCollection("hanbit"), Key: made.Key, Value: ledger.Seal(made.Key, 0, []byte(old))},
	)
	tx, _ = begin(t, l, "two")
	finding, err := ledger.At[records.Acceptance](tx, made.Key, "acceptance")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := finding.Must(); !refusal.Is(err, refusal.Forged) || !strings.Contains(err.Error(), "medconsent 0.1.0") || !strings.Contains(err.Error(), "made anew") {
		t.Error(err)
	}
}
