package ledger_test

import (
	"bytes"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/proto"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// Only the very bytes that a post is written with are one: a policy that somebody could meet carries nothing.
func TestWhatAPostCarries(t *testing.T) {
	text := []byte("cohort/hanbit/oncology/1")
	post := ledger.LockedWith(text)
	if !bytes.Equal(ledger.TextOf(post), text) || !ledger.IsLocked(post) || ledger.TextOf(ledger.Locked()) != nil || !ledger.IsLocked(ledger.Locked()) {
		t.Fatal("a post does not carry its text, or a lock carries one")
	}
	envelope := &common.SignaturePolicyEnvelope{}
	if err := proto.Unmarshal(post, envelope); err != nil {
		t.Fatal(err)
	}
	envelope.Rule.GetNOutOf().N = 1
	weaker, err := proto.Marshal(envelope)
	if err != nil {
		t.Fatal(err)
	}
	for says, policy := range map[string][]byte{"one signature is enough": weaker, "more behind it": append(bytes.Clone(post), 8, 0), "nothing": nil, "junk": []byte("junk")} {
		if ledger.TextOf(policy) != nil || ledger.IsLocked(policy) {
			t.Errorf("%s: a post", says)
		}
	}
}

// word is an acceptance by hanbit/a on one grant, in the transaction.
func word(tx *ledger.Tx) records.Acceptance {
	return records.Acceptance{Grant: records.Digest([]byte("g")), Dataset: "hanbit/x", Person: records.Person{Institution: "hanbit", ID: "a"}, Terms: tx.ID}
}

const words = "acceptance/"

// says commits one more record of a series.
func says(t *testing.T, l *ledgertest.Ledger, name string) (series, key string) {
	t.Helper()
	tx, stub := begin(t, l, name)
	tx.Acts = true
	body := word(tx)
	written, err := ledger.Create(tx, by, tx.ID, body, records.Final, "")
	if err != nil || tx.Commit("grant.accept") != nil || l.Commit(stub, "hanbit", "nuri") != ledgertest.Valid {
		t.Fatal(err)
	}
	return words + body.Grant + "/hanbit/a", written.Key
}

func count(t *testing.T, l *ledgertest.Ledger, series string) (counted, forged int) {
	t.Helper()
	tx, _ := begin(t, l, "count")
	sealed, forgeries, err := ledger.Series[records.Acceptance](tx, series, []string{"ghost", "hanbit", "nuri"})
	if err != nil {
		t.Fatal(err)
	}
	return len(sealed), len(forgeries)
}

// A series is read in its order up to its first gap; what leads elsewhere, stands there twice or was taken away counts for nothing.
func TestASeries(t *testing.T) {
	l := ledgertest.NewLedger("hanbit", "nuri")
	series, first := says(t, l, "one")
	_, second := says(t, l, "two")
	if string(l.Post("hanbit", ledger.SeriesKey(series, 2))) != second {
		t.Fatal(l.Posts("hanbit", ""))
	}
	expect := func(says string, wanted, forged int) {
		t.Helper()
		if counted, forgeries := count(t, l, series); counted != wanted || forgeries != forged {
			t.Errorf("%s: %d counted and %d forged", says, counted, forgeries)
		}
	}
	expect("honest", 2, 0)
	post := func(institution string, number int, text string) ledgertest.Write {
		return ledgertest.Write{Collection: ledger.SealCollection(institution), Key: ledger.SeriesKey(series, number), Value: []byte("1"), Policy: ledger.LockedWith([]byte(text))}
	}
	l.Attack(post("hanbit", 3, first))
	expect("posted twice", 2, 1)
	l.Attack(post("nuri", 1, first))
	expect("posted by another", 2, 2)
	l.Attack(post("hanbit", 5, second))
	expect("behind a gap", 2, 2)
	l.Attack(ledgertest.Write{Key: first, Delete: true})
	expect("taken away", 1, 3)
}

// A post leads to what its own institution has made under that name, and to nothing else: neither another's record, which that one has not posted, nor its own of another name.
func TestAPostLeadsNowhereElse(t *testing.T) {
	l := ledgertest.NewLedger("hanbit", "nuri")
	series, first := says(t, l, "one")
	post := func(institution, key, text string) {
		l.Attack(ledgertest.Write{Collection: ledger.SealCollection(institution), Key: key, Value: []byte("1"), Policy: ledger.LockedWith([]byte(text))})
	}
	post("nuri", ledger.SeriesKey(series, 1), first)
	tx, _ := begin(t, l, "of nuri alone")
	sealed, forgeries, err := ledger.Series[records.Acceptance](tx, series, []string{"nuri"})
	if err != nil || len(sealed) != 0 || len(forgeries) != 1 {
		t.Error("nuri speaks for hanbit:", err, sealed, forgeries)
	}

	tx, stub := begin(t, l, "two")
	tx.Acts = true
	made, err := ledger.Create(tx, by, "hanbit/x", records.Dataset{LatestVersion: 1, LatestPolicy: 1}, records.Active, "")
	if err != nil || tx.Commit("dataset.publish") != nil || l.Commit(stub, "hanbit", "nuri") != ledgertest.Valid {
		t.Fatal(err)
	}
	post("hanbit", ledger.PostKey("dataset/hanbit/y"), made.Key)
	tx, _ = begin(t, l, "of another name")
	finding, err := ledger.Named(tx, records.Dataset{}, "hanbit/y")
	if err != nil || finding.Record != nil || len(finding.Forgeries) != 1 {
		t.Error("hanbit/x stands for hanbit/y:", err, finding)
	}
	if finding, err := ledger.Named(tx, records.Dataset{}, "hanbit/x"); err != nil || finding.Record == nil { // the control
		t.Error(err, finding)
	}
}

// What one institution can add to what others have to read has an end.
func TestASeriesHasAnEnd(t *testing.T) {
	l := ledgertest.NewLedger("hanbit", "nuri")
	series, first := says(t, l, "one")
	for number := 2; number <= 1_100; number++ {
		l.Attack(ledgertest.Write{Collection: ledger.SealCollection("hanbit"), Key: ledger.SeriesKey(series, number), Value: []byte("1"), Policy: ledger.LockedWith([]byte(first))})
	}
	if counted, forged := count(t, l, series); counted != 1 || forged != 999 {
		t.Fatal(counted, forged)
	}
	tx, _ := begin(t, l, "more")
	if _, err := ledger.Create(tx, by, tx.ID, word(tx), records.Final, ""); !refusal.Is(err, refusal.LimitExceeded) {
		t.Fatal(err)
	}
}
