package records

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ReceiptType is the type of a receipt record.
const ReceiptType = "receipt"

// Receipt says that data was released under a grant. Its owner, whose data it is, writes it before anything leaves.
type Receipt struct {
	Dataset       string `json:"dataset"`
	Version       int64  `json:"version"`
	VersionDigest string `json:"version_digest"`
	Grant         string `json:"grant"`
	Person        Person `json:"person"`
	// Delivery is the SHA-256 of the key that the data was encrypted to.
	Delivery string `json:"delivery"`
	Archive  string `json:"archive"`
	Files    Files  `json:"files"`
	Mode     string `json:"mode"`
	// Exclusions are those of the archive: who is not in what was released.
	Exclusions []ExcludedUntil `json:"exclusions,omitzero"`
	Asked      Asked           `json:"asked"`
	// Sent is how many bytes have left, as the owner says; absent until it has said what came of it.
	Sent *int64 `json:"sent,omitzero"`
}

// Asked is the person's own word that they ask for it: when, and the signature over AskBytes by their key, in base64.
type Asked struct {
	At        Time   `json:"at"`
	Key       string `json:"key"`
	Signature string `json:"signature"`
}

// RecordType implements Body.
func (Receipt) RecordType() string { return ReceiptType }

// Place implements Body.
func (r Receipt) Place(id string) (prefix, owner string) {
	institution, _, ok := SplitDataset(r.Dataset)
	if !ok || !IsTx(id) || !IsTx(r.Grant) || !IsInstitution(r.Person.Institution) || !IsPerson(r.Person.ID) {
		return "", ""
	}
	return ReceiptType, institution
}

// askDomain keeps what a person signs here apart from whatever else the key signs.
const askDomain = "medconsent/ask/1"

// AskBytes is what a person signs to ask for files: "medconsent/ask/1" ‖ 0x00 ‖ the RFC 8785 form of what they ask for.
func (r Receipt) AskBytes() []byte {
	text, err := json.Marshal(struct {
		Archive  string `json:"archive"`
		At       Time   `json:"at"`
		Delivery string `json:"delivery"`
		Files    Files  `json:"files"`
		Grant    string `json:"grant"`
		Mode     string `json:"mode"`
		Person   string `json:"person"`
	}{r.Archive, r.Asked.At, r.Delivery, r.Files, r.Grant, r.Mode, r.Person.String()})
	value := jsontext.Value(text)
	if err == nil {
		err = value.Canonicalize()
	}
	if err != nil { // names, digests and integers can be written as JSON
		panic(err)
	}
	return append([]byte(askDomain+"\x00"), value...)
}

// receiptPosts has one receipt for one ask: whoever hands the same ask in twice gets no second.
func receiptPosts(receipt *Record[Receipt]) []Post {
	return []Post{{Name: ReceiptPost(receipt.Body)}}
}

// ReceiptPost is the name under which the owner posts the one receipt of an ask.
func ReceiptPost(receipt Receipt) string { return "receipt-of/" + Digest(receipt.AskBytes()) }

// asOpened is a receipt without what has come of it.
func (r Receipt) asOpened() Receipt {
	r.Sent = nil
	return r
}

// AllReceipts lists every receipt, in the order of their ids.
func AllReceipts() Listing { return stored(ReceiptType) }

// ReceiptsByOwner lists the receipts of what an institution has released, newest first.
func ReceiptsByOwner(institution string) Listing { return indexed("i/receipt-owner/" + institution) }

// ReceiptsByDataset lists the receipts of a dataset, newest first.
func ReceiptsByDataset(dataset string) Listing { return indexed("i/receipt-dataset/" + dataset) }

// ReceiptsByGrant lists the receipts under a grant, newest first.
func ReceiptsByGrant(grant string) Listing { return indexed("i/receipt-grant/" + grant) }

// ReceiptsByHolder lists the receipts of what an institution's people got, newest first.
func ReceiptsByHolder(institution string) Listing { return indexed("i/receipt-holder/" + institution) }

// ReceiptsByPerson lists the receipts of what a person got, newest first.
func ReceiptsByPerson(person string) Listing { return indexed("i/receipt-person/" + person) }

func receiptEntries(receipt *Record[Receipt]) []Entry {
	last := "/" + descending(receipt.CreatedAt()) + "/" + receipt.ID
	var entries []Entry
	for _, listing := range []Listing{
		ReceiptsByOwner(receipt.Owner), ReceiptsByDataset(receipt.Body.Dataset), ReceiptsByGrant(receipt.Body.Grant),
		ReceiptsByHolder(receipt.Body.Person.Institution), ReceiptsByPerson(receipt.Body.Person.String()),
	} {
		entries = append(entries, Entry{Key: listing.Prefix + last})
	}
	return entries
}
