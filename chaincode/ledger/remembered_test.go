package ledger_test

import (
	"strings"
	"testing"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
)

// remembering is a ledger with a delegation on it, and a way to ask for it by queries that have one memory: it gives the round trips, and why it counts for nothing.
func remembering(t *testing.T) (l *ledgertest.Ledger, made *ledger.Sealed[records.Delegation], ask func() (trips int, forged string)) {
	t.Helper()
	l = ledgertest.NewLedger("hanbit", "nuri")
	tx, stub := begin(t, l, "one")
	body := records.Delegation{Institution: "hanbit", Role: "dac", Member: "a", Deputy: "b", From: 1, Until: 2}
	made, err := ledger.Create(tx, by, tx.ID, body, records.Active, "")
	if err != nil || tx.Commit("committee.delegate") != nil || l.Commit(stub, "hanbit", "nuri") != ledgertest.Valid {
		t.Fatal(err)
	}
	memory := &ledger.Posts{}
	return l, made, func() (int, string) {
		t.Helper()
		tx, stub := begin(t, l, "query")
		tx.Posts = memory
		finding, err := ledger.At[records.Delegation](tx, made.Key, "delegation")
		if err != nil {
			t.Fatal(err)
		}
		if len(finding.Forgeries) > 0 {
			return stub.RoundTrips, finding.Forgeries[0].Why
		}
		return stub.RoundTrips, ""
	}
}

// A seal that nobody can write again is read once more when it is asked for a second time, for its lock, and then not again.
func TestAQueryRemembersALockedSeal(t *testing.T) {
	_, _, ask := remembering(t)
	for i, want := range []int{4, 5, 3, 3} { // the record, its seal, that of a later state, that of its end; and the lock
		if trips, forged := ask(); trips != want || forged != "" {
			t.Errorf("the %d. time: %d round trips, want %d (%s)", i+1, trips, want, forged)
		}
	}
}

// What is remembered is the seal alone: what stands at the key, and whether something came after it, is asked anew.
func TestWhatIsRememberedHidesNothing(t *testing.T) {
	seals := ledger.SealCollection("hanbit")
	for why, write := range map[string]func(made *ledger.Sealed[records.Delegation]) ledgertest.Write{
		"differs from what hanbit sealed": func(made *ledger.Sealed[records.Delegation]) ledgertest.Write {
			return ledgertest.Write{Key: made.Key, Value: []byte(strings.Replace(string(made.Raw), `"b"`, `"c"`, 1))}
		},
		"an earlier state": func(made *ledger.Sealed[records.Delegation]) ledgertest.Write {
			return ledgertest.Write{Collection: seals, Key: made.Key + "#2", Value: []byte("x")}
		},
		"has ended": func(made *ledger.Sealed[records.Delegation]) ledgertest.Write {
			return ledgertest.Write{Collection: seals, Key: made.Key + "#end", Value: []byte("x")}
		},
	} {
		l, made, ask := remembering(t)
		for range 3 {
			ask()
		}
		l.Attack(write(made))
		if _, forged := ask(); !strings.Contains(forged, why) {
			t.Errorf("%s: %q", why, forged)
		}
	}
}

// A seal that its owner could still write is not remembered: its owner writes it and the record anew, and the query sees both.
func TestASealWithoutALockIsNotRemembered(t *testing.T) {
	l, made, ask := remembering(t)
	again := func(deputy string) {
		record := made.Record
		record.Revision, record.Body.Deputy = 2, deputy
		value, err := record.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		l.Attack(ledgertest.Write{Key: made.Key, Value: value},
			ledgertest.Write{Collection: ledger.SealCollection("hanbit"), Key: made.Key + "#2", Value: ledger.Seal(made.Key, 2, value)})
	}
	again("c")
	for range 3 {
		ask()
	}
	again("d")
	if _, forged := ask(); forged != "" {
		t.Fatal("it goes by a seal that does not stand any more:", forged)
	}
}

// A stored form is parsed and its bounds are looked at once by all queries, and by each transaction that writes. Another form is another.
func TestAStoredFormIsLookedAtOnce(t *testing.T) {
	l, made, _ := remembering(t)
	memory, looked := &ledger.Posts{}, 0
	read := func(acts bool) *ledger.Sealed[records.Delegation] {
		t.Helper()
		tx, _ := begin(t, l, "query")
		tx.Posts, tx.Acts = memory, acts
		tx.Refuses = func(records.Any) error { looked++; return nil }
		finding, err := ledger.At[records.Delegation](tx, made.Key, "delegation")
		if err != nil || finding.Record == nil {
			t.Fatal(err, finding.Forgeries)
		}
		return finding.Record
	}
	for range 3 {
		read(false)
	}
	if looked != 1 || memory.Forms() != 1 {
		t.Errorf("three queries looked at %d bounds and kept %d forms", looked, memory.Forms())
	}
	read(true)
	if looked != 2 || memory.Forms() != 1 {
		t.Errorf("a transaction that writes looked at %d bounds and left %d forms", looked-1, memory.Forms())
	}
}

// A check that does not come to its end has not found the record right, for whoever asks next.
func TestACheckThatBreaksOffTakesNothing(t *testing.T) {
	l, made, _ := remembering(t)
	memory := &ledger.Posts{}
	read := func(refuses func(records.Any) error) (found bool) {
		defer func() { _ = recover() }()
		tx, _ := begin(t, l, "query")
		tx.Posts, tx.Refuses = memory, refuses
		finding, err := ledger.At[records.Delegation](tx, made.Key, "delegation")
		return err == nil && finding.Record != nil
	}
	if read(func(records.Any) error { panic("a fault") }) || read(func(records.Any) error { return nil }) {
		t.Error("a record counts whose bounds nobody has looked at to the end")
	}
}

// Whoever appends to a list of a record that queries keep does not write into what others have: there is no room behind its items.
func TestWhatIsKeptHasNoRoom(t *testing.T) {
	l := ledgertest.NewLedger("hanbit", "nuri")
	tx, stub := begin(t, l, "one")
	many := by
	many.Roles = []string{"dac", "ethics", "privacy", "steward", "auditor"}
	body := records.Delegation{Institution: "hanbit", Role: "dac", Member: "a", Deputy: "b", From: 1, Until: 2}
	made, err := ledger.Create(tx, many, tx.ID, body, records.Active, "")
	if err != nil || tx.Commit("committee.delegate") != nil || l.Commit(stub, "hanbit", "nuri") != ledgertest.Valid {
		t.Fatal(err)
	}
	memory := &ledger.Posts{}
	roles := func() []string {
		t.Helper()
		tx, _ := begin(t, l, "query")
		tx.Posts = memory
		finding, err := ledger.At[records.Delegation](tx, made.Key, "delegation")
		if err != nil || finding.Record == nil {
			t.Fatal(err, finding.Forgeries)
		}
		return finding.Record.Record.Changes[0].By.Roles
	}
	ours, theirs := append(roles(), "researcher"), append(roles(), "gateway")
	if ours[5] != "researcher" || theirs[5] != "gateway" {
		t.Error(ours, theirs)
	}
}
