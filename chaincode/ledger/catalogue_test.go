package ledger_test

import (
	"slices"
	"testing"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
)

// note is a body that only this test knows: what somebody at an institution wrote about a dataset.
type note struct {
	Dataset string `json:"dataset"`
	Text    string `json:"text"`
}

func (note) RecordType() string { return "note" }

func (n note) Place(id string) (prefix, owner string) {
	institution, _, ok := records.SplitDataset(n.Dataset)
	if !ok || !records.IsTx(id) {
		return "", ""
	}
	return "note", institution
}

const notesOf = "i/note-all"

// withNotes adds the type to the catalogue, as one adds a type to the program: by one entry.
func withNotes(t *testing.T) {
	t.Helper()
	standing := records.Catalogue
	t.Cleanup(func() { records.Catalogue = standing })
	records.Catalogue = append(slices.Clone(standing), records.Type[note]{
		Noun: "note", ID: records.ByTransaction, Statuses: []records.Status{records.Final},
		Trail: func(r *records.Record[note]) string { return r.Body.Dataset },
		Index: func(r *records.Record[note]) []records.Entry {
			return []records.Entry{{Key: notesOf + "/" + r.ID, Policy: r.Owner}}
		},
	})
}

// A new type needs an entry in the catalogue and a body, and no change of the ledger: it is sealed, found by its id, listed by its index and shown in the trail.
func TestATypeOfItsOwn(t *testing.T) {
	withNotes(t)
	l := ledgertest.NewLedger("hanbit", "nuri")
	tx, stub := begin(t, l, "one")
	made, err := ledger.Create(tx, by, tx.ID, note{"hanbit/breast-cancer", "read me"}, records.Final, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit("note.write"); err != nil || l.Commit(stub, "hanbit", "nuri") != ledgertest.Valid {
		t.Fatal(err)
	}
	if l.Guard(made.Key) != "nobody" || l.Guard(notesOf+"/"+tx.ID) != "hanbit" {
		t.Fatal("others can change the record, or take its entry away")
	}

	tx, _ = begin(t, l, "two")
	found, err := ledger.ByTx[note](tx, made.Record.ID[:8])
	if err != nil || found.Record.Body.Text != "read me" || len(tx.Evidence()) != 1 {
		t.Fatal(err, found)
	}
	listing := records.Listing{Prefix: notesOf, Fits: records.LeadsHere}
	show := func(_ *ledger.Tx, record *ledger.Sealed[note]) (any, bool, error) { return record.View(), true, nil }
	listed, _, err := ledger.List(tx, listing, ledger.Page{Size: 10}, show)
	if err != nil || len(listed) != 1 || listed[0].(ledger.View).Key != made.Key {
		t.Fatal(err, listed)
	}
	trail, _, err := tx.Trail("hanbit/breast-cancer", ledger.Page{Size: 10})
	if err != nil || len(trail) != 1 || trail[0].(ledger.View).Key != made.Key {
		t.Fatal(err, trail)
	}

	l.Attack(ledgertest.Write{Key: made.Key, Value: append(slices.Clone(made.Raw), ' ')})
	tx, _ = begin(t, l, "three")
	trail, _, err = tx.Trail("hanbit/breast-cancer", ledger.Page{Size: 10})
	if err != nil || len(trail) != 1 {
		t.Fatal(err, trail)
	}
	if forgery, ok := trail[0].(*ledger.Forgery); !ok || forgery.Why != "it differs from what hanbit sealed" {
		t.Fatal("what its owner did not seal is shown as if it had:", trail[0])
	}
}

// Without its entry the type is none: nothing of it is written or read.
func TestATypeThatTheCatalogueLacks(t *testing.T) {
	l := ledgertest.NewLedger("hanbit", "nuri")
	tx, _ := begin(t, l, "one")
	if _, err := ledger.Create(tx, by, tx.ID, note{"hanbit/breast-cancer", "read me"}, records.Final, ""); err == nil {
		t.Fatal("a record of an unknown type was written")
	}
}
