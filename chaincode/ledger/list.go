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

// Ahead reads what the items of some records need besides them, for all of them together (ReadAhead, Peek). It decides nothing, and nothing is relied on yet.
type Ahead[B records.Body] func(tx *Tx, listed []*Sealed[B]) error

// List reads one page: of records themselves, or of those that an index leads to. What is forged is shown as such.
//
// Refuses with INVALID when the bookmark is not of this list.
func List[B records.Body](tx *Tx, listing records.Listing, page Page, show Show[B]) (items []any, bookmark string, err error) {
	return ListAhead(tx, listing, page, nil, show)
}

// ListAhead is List where each item needs more than its record.
func ListAhead[B records.Body](tx *Tx, listing records.Listing, page Page, ahead Ahead[B], show Show[B]) (items []any, bookmark string, err error) {
	items = []any{}
	looked := map[string]row[B]{}
	prepare := func(rows []*queryresult.KV) error {
		if err := tx.readTargets(rows, listing.Fits != nil, func(entry string) string { return targetOf[B](listing, entry) }); err != nil || ahead == nil {
			return err
		}
		var list []*Sealed[B]
		for _, at := range rows {
			record, forgery, err := listedAt[B](tx, listing, at.Key, at.Value)
			if err != nil {
				return err
			}
			looked[at.Key] = row[B]{record, forgery}
			if record != nil {
				list = append(list, record)
			}
		}
		return ahead(tx.Scope(), list)
	}
	bookmark, err = tx.walk(listing, page, prepare, func(key string, value []byte) (bool, error) {
		at, known := looked[key]
		if !known {
			var err error
			if at.record, at.forgery, err = listedAt[B](tx, listing, key, value); err != nil {
				return false, err
			}
		}
		if at.forgery != nil {
			items = append(items, at.forgery)
			return true, nil
		}
		if at.record == nil {
			return false, nil
		}
		scope := tx.Scope()
		item, take, err := show(scope, RelyOn(scope, at.record))
		if err == nil && take {
			items = append(items, item)
		}
		return take, err
	})
	return items, bookmark, err
}

// row is what a row of a list comes to; neither where an entry leads where it does not belong.
type row[B records.Body] struct {
	record  *Sealed[B]
	forgery *Forgery
}

// listedAt gives the record that a row is or leads to; neither record nor forgery when an entry leads where it does not belong. Nothing is relied on yet.
func listedAt[B records.Body](tx *Tx, listing records.Listing, key string, value []byte) (*Sealed[B], *Forgery, error) {
	if listing.Fits == nil {
		return verify[B](tx, key, value)
	}
	target := targetOf[B](listing, key)
	stands, err := tx.state(target)
	switch {
	case err != nil:
		return nil, nil, err
	case stands == nil:
		return nil, dangling(target), nil
	}
	record, forgery, err := verify[B](tx, target, stands)
	if err != nil || forgery != nil || !listing.Fits(key, &record.Record) {
		return nil, forgery, err
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
			return tx.leaf(start, end, func(rows []*queryresult.KV) error {
				return tx.readTargets(rows, true, func(entry string) string { return targetOf[B](listing, entry) })
			}, look)
		}
	}
	return through(start, end, func(key string, value []byte) (bool, error) {
		scope := tx.Scope()
		record, forgery, err := listedAt[B](tx, listing, key, value)
		if err != nil {
			return false, err
		}
		if record != nil {
			RelyOn(scope, record)
		}
		return visit(scope, record, forgery)
	})
}

// leaf visits the rows of a range in a query, part by part, with what they lead to read ahead.
func (tx *Tx) leaf(start, end string, prepare func(rows []*queryresult.KV) error, visit func(key string, value []byte) (more bool, err error)) error {
	for size := firstRows; ; size = min(10*size, mostRows) {
		rows, err := tx.rows(start, end, size)
		if err != nil {
			return err
		}
		if err := prepare(rows); err != nil {
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

// readTargets reads ahead what the entries in some rows lead to.
func (tx *Tx) readTargets(rows []*queryresult.KV, areEntries bool, target func(entry string) string) error {
	if !areEntries {
		return nil
	}
	keys := make([]string, 0, len(rows))
	for _, row := range rows {
		keys = append(keys, target(row.Key))
	}
	return tx.ReadAhead(keys...)
}

// walk visits the rows of one page, after prepare was given those that the page can take. It is for queries only: a peer refuses writes after a paginated read.
func (tx *Tx) walk(listing records.Listing, page Page, prepare func(rows []*queryresult.KV) error, visit func(key string, value []byte) (took bool, err error)) (bookmark string, err error) {
	start, end := rangeOf(listing)
	if page.Bookmark != "" {
		last, err := base64.RawURLEncoding.DecodeString(page.Bookmark)
		if err != nil || string(last) < listing.Prefix+"/" || string(last) >= end {
			return "", refusal.New(refusal.Invalid, "the bookmark is not of this list").At("bookmark").Hinting("start again without one")
		}
		start = max(start, string(last)+"\x00")
	}
	for taken, round := 0, 0; round < scanFactor; round++ {
		rows, last, full, err := tx.chunk(start, end, page.Size, page.Size-taken, prepare, visit)
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
func (tx *Tx) chunk(start, end string, size, most int, prepare func(rows []*queryresult.KV) error, visit func(key string, value []byte) (bool, error)) (taken int, last string, full bool, err error) {
	rows, err := tx.rows(start, end, size)
	if err != nil {
		return 0, "", false, err
	}
	for i, row := range rows {
		if i%most == 0 { // no more than the page can take
			if err := prepare(rows[i:min(i+most, len(rows))]); err != nil {
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
