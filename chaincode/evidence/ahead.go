package evidence

import (
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/grants"
)

// A page is read in steps: first the records that are on it, then all that these name, then what that names in turn. Each step is one round trip, however many records are on
// the page. Nothing is decided here: whoever needs a record asks for it as if nothing had been read.

// AheadOfGrants reads what Standing looks at of some grants: what each was given by, the grant that it joins, and where all of these have to be listed.
func AheadOfGrants(tx *ledger.Tx, listed []*ledger.Sealed[records.Grant]) error {
	var keys, requests, joined []string
	for _, grant := range listed {
		if grants.GrantStateAt(grant.Record, tx.Now()).Ended() {
			continue // nothing else is looked at
		}
		keys = append(keys, ledger.Lists(&grant.Record)...)
		body := grant.Record.Body
		requests = append(requests, keyOf(records.RequestType, body.Request))
		joined = append(joined, keyOf(records.GrantType, body.Joins))
		keys = append(keys, requests[len(requests)-1], joined[len(joined)-1], keyOf(records.BreakglassType, body.Breakglass))
	}
	if err := tx.ReadAhead(keys...); err != nil {
		return err
	}
	cases, err := peekAll[records.Request](tx, requests)
	if err != nil {
		return err
	}
	others, err := peekAll[records.Grant](tx, joined)
	if err != nil {
		return err
	}
	keys = nil
	for _, grant := range others {
		keys = append(keys, ledger.Lists(&grant.Record)...)
	}
	return aheadOfRequests(tx, cases, keys)
}

// AheadOfRequests reads what OpenCase looks at of some requests: where each has to be listed, and the grant that it renews or joins.
func AheadOfRequests(tx *ledger.Tx, listed []*ledger.Sealed[records.Request]) error {
	return aheadOfRequests(tx, listed, nil)
}

// aheadOfRequests is AheadOfRequests, and more keys with that.
func aheadOfRequests(tx *ledger.Tx, listed []*ledger.Sealed[records.Request], more []string) error {
	for _, request := range listed {
		more = append(more, ledger.Lists(&request.Record)...)
		more = append(more, keyOf(records.GrantType, request.Record.Body.Renews+request.Record.Body.Joins))
	}
	return tx.ReadAhead(more...)
}

// keyOf is where a record stands that is named by its transaction; empty where none is named.
func keyOf(kind, id string) string {
	if !records.IsTx(id) {
		return ""
	}
	return kind + "/" + id
}

// peekAll verifies what stands at some keys, and leaves out what does not count.
func peekAll[B records.Body](tx *ledger.Tx, keys []string) ([]*ledger.Sealed[B], error) {
	var found []*ledger.Sealed[B]
	for _, key := range keys {
		if key == "" {
			continue
		}
		sealed, err := ledger.Peek[B](tx, key)
		if err != nil {
			return nil, err
		}
		if sealed != nil {
			found = append(found, sealed)
		}
	}
	return found, nil
}
