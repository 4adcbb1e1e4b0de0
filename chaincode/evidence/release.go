package evidence

import (
	"strings"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/release"
)

// Deliveries are the delivery keys that stand, of those of some people of an institution who have one.
func Deliveries(tx *ledger.Tx, institution string, people []string) ([]records.DeliveryOf, error) {
	var found []records.DeliveryOf
	for _, person := range people {
		key, err := StandingKey(tx, institution, person)
		if err != nil {
			return nil, err
		}
		if key != nil && key.Record.Body.Delivery != nil {
			found = append(found, records.DeliveryOf{Person: person, SHA256: key.Record.Body.Delivery.SHA256})
		}
	}
	return found, nil
}

// StandingKey gives the key of a person that stands, or nil.
func StandingKey(tx *ledger.Tx, institution, person string) (*ledger.Sealed[records.Key], error) {
	key, err := ActiveKey(tx, institution, person)
	if refusal.Is(err, refusal.NotFound) {
		return nil, nil
	}
	return key, err
}

// ReadArchives reads every archive of a version that its owner has posted, in the order in which it has.
func ReadArchives(tx *ledger.Tx, dataset string, version int64) ([]*ledger.Sealed[records.Archive], []ledger.Forgery, error) {
	prefix, owner := records.Archive{Dataset: dataset, Version: version}.Place(strings.Repeat("0", 64))
	return ledger.Series[records.Archive](tx, prefix, []string{owner})
}

// newestArchive gives the archive of a version that counts, or nil when there is none.
func newestArchive(tx *ledger.Tx, dataset string, version int64) (*ledger.Sealed[records.Archive], []ledger.Forgery, error) {
	archives, forgeries, err := ReadArchives(tx, dataset, version)
	if err != nil || len(archives) == 0 {
		return nil, forgeries, err
	}
	return archives[len(archives)-1], forgeries, nil
}

// NewestArchive gives the archive of a version that counts.
//
// Refuses with NOT_FOUND when there is none, with FORGED when what there is counts for nothing.
func NewestArchive(tx *ledger.Tx, dataset string, version int64) (*ledger.Sealed[records.Archive], error) {
	archive, forgeries, err := newestArchive(tx, dataset, version)
	switch {
	case err != nil || archive != nil:
		return archive, err
	case len(forgeries) > 0:
		return nil, refusal.New(refusal.Forged, "the archive of %s is forged: %s", records.Numbered(dataset, '@', version), forgeries[0].Why)
	}
	return nil, refusal.New(refusal.NotFound, "there is no archive of %s", records.Numbered(dataset, '@', version)).
		Hinting("nothing is released without one; its owner publishes it (archive.publish)")
}

// ReadReceipt reads a receipt by its id or a unique prefix of it.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORGED.
func ReadReceipt(tx *ledger.Tx, id string) (*ledger.Sealed[records.Receipt], error) {
	return ledger.ByTx[records.Receipt](tx, id)
}

// ReleaseFacts gathers all that a release rests on: what check reads of the grant, the person's key and the archive. It never refuses because of what it finds.
func ReleaseFacts(tx *ledger.Tx, grant *ledger.Sealed[records.Grant], person records.Person, mode string) (release.Facts, error) {
	body := grant.Record.Body
	f := release.Facts{Question: grants.Question{For: person.String(), Purpose: body.Purpose, Mode: mode, Version: body.Version, Digest: body.VersionDigest}}
	key, err := StandingKey(tx, person.Institution, person.ID)
	if err != nil {
		return f, err
	}
	if key != nil {
		f.Key = &key.Record.Body
	}
	archive, _, err := newestArchive(tx, body.Dataset, body.Version)
	if err != nil {
		return f, err
	}
	if archive != nil {
		f.Archive, f.Newest = &archive.Record.Body, archive.Record.ID
	}
	f.Grant, err = GrantFacts(tx, grant, &f.Question)
	f.Approved = approvedDelivery(f.Grant, person.ID)
	return f, err
}

// approvedDelivery is the delivery key that lay before those who approved a grant, or that stood when the glass was broken.
func approvedDelivery(facts grants.Facts, person string) string {
	switch {
	case facts.Approval != nil:
		return facts.Approval.Case.Request.Body.DeliveryTo(person)
	case facts.Emergency != nil:
		return facts.Emergency.Record.Body.DeliveryTo(person)
	}
	return ""
}

// ReceiptGrounds reads what a receipt says that it rests on.
func ReceiptGrounds(tx *ledger.Tx, receipt records.Receipt) (release.Grounds, error) {
	var g release.Grounds
	grant, err := Maybe(ledger.At[records.Grant](tx, records.GrantType+"/"+receipt.Grant, "grant "+receipt.Grant))
	if err != nil {
		return g, err
	}
	if grant != nil {
		g.Grant = &grant.Record
	}
	archives, _, err := ReadArchives(tx, receipt.Dataset, receipt.Version)
	if err != nil {
		return g, err
	}
	for _, archive := range archives {
		if archive.Record.ID == receipt.Archive {
			g.Archive = &archive.Record
		}
	}
	keys, _, err := ReadKeys(tx, receipt.Person.Institution, receipt.Person.ID)
	if err != nil {
		return g, err
	}
	for _, key := range keys {
		g.Keys = append(g.Keys, key.Record)
	}
	owner, _, _ := records.SplitDataset(receipt.Dataset)
	g.Given, err = tx.LeadsTo(owner, records.ReceiptPost(receipt))
	return g, err
}
