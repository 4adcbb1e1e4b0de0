package ledger

import (
	"encoding/base64"
	"strings"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// scanFactor bounds the rows that one page looks at, as a multiple of its size: a filter that fits little gives short pages, not slow ones.
const scanFactor = 5

// Page says which part of a list is wanted.
type Page struct {
	Size     int
	Bookmark string
}

// Show makes an item of a record, or leaves it out. It is given a scope of the transaction of its own.
type Show[B records.Body] func(tx *Tx, record *Sealed[B]) (item any, take bool, err error)

// List reads one page: of records themselves, or of those that an index leads to. What is forged is shown as such.
//
// Refuses with INVALID when the bookmark is not of this list.
func List[B records.Body](tx *Tx, listing records.Listing, page Page, show Show[B]) (items []any, bookmark string, err error) {
	items = []any{}
	var target func(entry string) string
	if listing.Fits != nil {
		target = func(entry string) string { return targetOf[B](listing, entry) }
	}
	bookmark, err = tx.walk(listing, page, target, func(key string, value []byte) (bool, error) {
		scope := tx.Scope()
		record, forgery, err := listedAt[B](scope, listing, key, value)
		if err != nil {
			return false, err
		}
		if forgery != nil {
			items = append(items, forgery)
			return true, nil
		}
		if record == nil {
			return false, nil
		}
		item, take, err := show(scope, record)
		if err == nil && take {
			items = append(items, item)
		}
		return take, err
	})
	return items, bookmark, err
}

// listedAt gives the record that a row is or leads to; neither record nor forgery when an entry leads where it does not belong.
func listedAt[B records.Body](tx *Tx, listing records.Listing, key string, value []byte) (*Sealed[B], *Forgery, error) {
	if listing.Fits == nil {
		record, forgery, err := verify[B](tx, key, value)
		if record != nil {
			RelyOn(tx, record)
		}
		return record, forgery, err
	}
	record, forgery, err := leadsTo[B](tx, targetOf[B](listing, key))
	if err != nil || forgery != nil {
		return nil, forgery, err
	}
	if !listing.Fits(key, &record.Record) {
		return nil, nil, nil
	}
	return record, nil, nil
}

func targetOf[B records.Body](listing records.Listing, entry string) string {
	if listing.Target != nil {
		return listing.Target(entry)
	}
	var like B
	return like.RecordType() + entry[strings.LastIndexByte(entry, '/'):]
}

// leadsTo reads the record that an index entry leads to.
func leadsTo[B records.Body](tx *Tx, key string) (*Sealed[B], *Forgery, error) {
	finding, err := At[B](tx, key, key)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case finding.Record != nil:
		return finding.Record, nil, nil
	case len(finding.Forgeries) > 0:
		return nil, &finding.Forgeries[0], nil
	}
	return nil, dangling(key), nil
}

// firstRows and mostRows are how many rows Visit reads at once in a query: few at first, as it is often told to stop soon, and then ten times as many each time.
const firstRows, mostRows = 10, 1_000

// Visit goes through a listing until visit says stop. Each row is read in a scope of its own; where one does not fit the record that it leads to, there is neither record nor
// forgery. In a transaction that writes the range is protected against phantoms; in a query what many rows lead to is read together, so that rows that others have put there
// cost little.
func Visit[B records.Body](tx *Tx, listing records.Listing, visit func(scope *Tx, record *Sealed[B], forgery *Forgery) (more bool, err error)) error {
	start, end := rangeOf(listing)
	through := tx.scan
	if !tx.Acts {
		through = func(start, end string, look func(key string, value []byte) (bool, error)) error {
			return tx.leaf(start, end, func(entry string) string { return targetOf[B](listing, entry) }, look)
		}
	}
	return through(start, end, func(key string, value []byte) (bool, error) {
		scope := tx.Scope()
		record, forgery, err := listedAt[B](scope, listing, key, value)
		if err != nil {
			return false, err
		}
		return visit(scope, record, forgery)
	})
}

// leaf visits the rows of a range in a query, part by part, with what they lead to read ahead.
func (tx *Tx) leaf(start, end string, target func(entry string) string, visit func(key string, value []byte) (more bool, err error)) error {
	for size := firstRows; ; size = min(10*size, mostRows) {
		rows, err := tx.rows(start, end, size)
		if err != nil {
			return err
		}
		keys := make([]string, 0, len(rows))
		for _, row := range rows {
			keys = append(keys, target(row.Key))
		}
		if err := tx.readAhead(keys); err != nil {
			return err
		}
		for _, row := range rows {
			if more, err := visit(row.Key, row.Value); err != nil || !more {
				return err
			}
		}
		if len(rows) < size {
			return nil
		}
		start = rows[len(rows)-1].Key + "\x00"
	}
}

// rangeOf is the keys of a listing, from the first to before the end.
func rangeOf(listing records.Listing) (start, end string) {
	start, end = under(listing.Prefix)
	start = max(start, listing.From)
	if listing.To != "" {
		end = min(end, listing.To)
	}
	return start, end
}

// walk visits the rows of one page. Where they are entries of an index, target gives the keys that they lead to, which are read ahead. It is for queries only: a peer
// refuses writes after a paginated read.
func (tx *Tx) walk(listing records.Listing, page Page, target func(entry string) string, visit func(key string, value []byte) (took bool, err error)) (bookmark string, err error) {
	start, end := rangeOf(listing)
	if page.Bookmark != "" {
		last, err := base64.RawURLEncoding.DecodeString(page.Bookmark)
		if err != nil || string(last) < listing.Prefix+"/" || string(last) >= end {
			return "", refusal.New(refusal.Invalid, "the bookmark is not of this list").At("bookmark").Hinting("start again without one")
		}
		start = max(start, string(last)+"\x00")
	}
	for taken, round := 0, 0; round < scanFactor; round++ {
		rows, last, full, err := tx.chunk(start, end, page.Size, page.Size-taken, target, visit)
		if err != nil {
			return "", err
		}
		taken += rows
		if last == "" {
			return "", nil
		}
		bookmark, start = base64.RawURLEncoding.EncodeToString([]byte(last)), last+"\x00"
		if full {
			return bookmark, nil
		}
	}
	return bookmark, nil
}

// chunk visits up to size rows until most were taken. It gives how many were taken, the last key it visited (empty when the range has ended), and
// whether it stopped because the page is full.
func (tx *Tx) chunk(start, end string, size, most int, target func(entry string) string, visit func(key string, value []byte) (bool, error)) (taken int, last string, full bool, err error) {
	rows, err := tx.rows(start, end, size)
	if err != nil {
		return 0, "", false, err
	}
	for i, row := range rows {
		if target != nil && i%most == 0 { // no more than the page can take
			var keys []string
			for _, next := range rows[i:min(i+most, len(rows))] {
				keys = append(keys, target(next.Key))
			}
			if err := tx.readAhead(keys); err != nil {
				return taken, "", false, err
			}
		}
		took, err := visit(row.Key, row.Value)
		if err != nil {
			return taken, "", false, err
		}
		last = row.Key
		if took {
			taken++
		}
		if taken == most {
			return taken, last, true, nil
		}
	}
	if len(rows) < size {
		return taken, "", false, nil
	}
	return taken, last, false, nil
}

// rows reads up to size rows, in one round trip.
func (tx *Tx) rows(start, end string, size int) ([]*queryresult.KV, error) {
	iterator, _, err := tx.stub.GetStateByRangeWithPagination(start, end, int32(size), "") //nolint:gosec // at most 100
	if err != nil {
		return nil, err
	}
	// It is not closed: a peer sends the whole chunk in one answer, and has closed it then.
	var rows []*queryresult.KV
	for iterator.HasNext() {
		row, err := iterator.Next()
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}
