package ledger

import (
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"

	"medconsent.org/chaincode/records"
)

// Trail reads one page of a dataset's records, whatever their type, in the order in which they were made, each with its changes. Items are View or *Forgery.
//
// Refuses with INVALID when the bookmark is not of this list.
func (tx *Tx) Trail(dataset string, page Page) (items []any, bookmark string, err error) {
	items = []any{}
	listing := records.TrailOf(dataset)
	bookmark, err = tx.walk(listing, page, func(rows []*queryresult.KV) error { return tx.readTargets(rows, true, listing.Target) }, func(entry string, _ []byte) (bool, error) {
		item, err := tx.trailItem(listing, entry)
		if err == nil && item != nil {
			items = append(items, item)
		}
		return item != nil, err
	})
	return items, bookmark, err
}

func (tx *Tx) trailItem(listing records.Listing, entry string) (any, error) {
	key := listing.Target(entry)
	kind := records.KindOf(records.TypeOf(key))
	if kind == nil || !kind.InTrail() {
		return forged(key, "no record of a dataset has such a key"), nil
	}
	value, err := tx.state(key)
	switch {
	case err != nil:
		return nil, err
	case value == nil:
		return dangling(key), nil
	}
	p := tx.parse(kind.Name(), value, kind.Decode)
	if p.record == nil {
		return noRecord(key), nil
	}
	forgery, err := tx.unsealed(key, value, p)
	switch {
	case err != nil:
		return nil, err
	case forgery != nil:
		return forgery, nil
	case !listing.Fits(entry, p.record):
		return nil, nil
	}
	return View{Record: value, Key: key, Digest: p.digest, Sealed: true}, nil
}
