package ledger

import (
	"strings"

	"medconsent.org/chaincode/records"
)

// Trail reads one page of a dataset's records in the order in which they were made: the head, versions, policies, grounds, statements, exclusions,
// requests, votes and grants, each with its changes. Manifests are left out: their hashes are in the versions. Items are View or *Forgery.
//
// Refuses with INVALID when the bookmark is not of this list.
func (tx *Tx) Trail(dataset string, page Page) (items []any, bookmark string, err error) {
	items = []any{}
	listing := Listing{prefix: trailOf(dataset)}
	bookmark, err = tx.walk(listing, page, func(entry string, _ []byte) (bool, error) {
		// i/trail/<institution>/<slug>/<time>/<key>
		_, key, _ := strings.Cut(strings.TrimPrefix(entry, listing.prefix+"/"), "/")
		item, err := tx.trailItem(entry, key)
		if err == nil && item != nil {
			items = append(items, item)
		}
		return item != nil, err
	})
	return items, bookmark, err
}

func (tx *Tx) trailItem(entry, key string) (any, error) {
	switch records.TypeOf(key) {
	case records.DatasetType:
		return trailed[records.Dataset](tx, entry, key)
	case records.VersionType:
		return trailed[records.Version](tx, entry, key)
	case records.PolicyType:
		return trailed[records.PolicyVersion](tx, entry, key)
	case records.RequestType:
		return trailed[records.Request](tx, entry, key)
	case records.VoteType:
		return trailed[records.Vote](tx, entry, key)
	case records.GrantType:
		return trailed[records.Grant](tx, entry, key)
	case records.AcceptanceType:
		return trailed[records.Acceptance](tx, entry, key)
	case records.BreakglassType:
		return trailed[records.Breakglass](tx, entry, key)
	case records.RemarkType:
		return trailed[records.Remark](tx, entry, key)
	case records.InvitationType:
		return trailed[records.Invitation](tx, entry, key)
	case records.GroundType:
		return trailed[records.Ground](tx, entry, key)
	case records.DeidType:
		return trailed[records.Deid](tx, entry, key)
	case records.ExclusionType:
		return trailed[records.Exclusion](tx, entry, key)
	}
	return forged(key, "no record of a dataset has such a key"), nil
}

func trailed[B records.Body](tx *Tx, entry, key string) (any, error) {
	record, forgery, err := leadsTo[B](tx, key)
	switch {
	case err != nil:
		return nil, err
	case forgery != nil:
		return forgery, nil
	case !leadsHere(entry, &record.Record):
		return nil, nil
	}
	return record.View(), nil
}

// GrantsOf visits the grants that a person holds on a dataset, the latest end first, until visit says stop: so what expired long ago costs nothing.
// Index entries may be missing or false under attack: what they lead to is verified, and a false one can only cost a little time.
func (tx *Tx) GrantsOf(person, dataset string, visit func(scope *Tx, grant *Sealed[records.Grant], forgery *Forgery) (more bool, err error)) error {
	start, end := under(grantsOf(person, dataset))
	return tx.scan(start, end, func(entry string, _ []byte) (bool, error) {
		scope := tx.Scope()
		grant, forgery, err := leadsTo[records.Grant](scope, records.GrantType+entry[strings.LastIndexByte(entry, '/'):])
		if err != nil {
			return false, err
		}
		if grant != nil && entry != personEntry(&grant.Record, person).Key {
			return true, nil
		}
		return visit(scope, grant, forgery)
	})
}
