package ledger

import (
	"encoding/base64"
	"strings"

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

// Listing is where a list is read: a prefix of keys, perhaps not from its beginning or not to its end, and which records its entries may lead to.
type Listing struct {
	prefix string
	from   string
	to     string
	fits   func(entry string, record any) bool
	// target is the key that an entry leads to; without it, the type and the entry's last segment.
	target func(entry string) string
}

func indexed(prefix string) Listing { return Listing{prefix: prefix, fits: leadsHere} }

// AllRequests lists every request, newest first.
func AllRequests() Listing { return indexed(allRequests()) }

// RequestsByOwner lists the requests for an institution's datasets, newest first.
func RequestsByOwner(institution string) Listing { return indexed(requestsByOwner(institution)) }

// RequestsByRequester lists the requests that an institution made, newest first.
func RequestsByRequester(institution string) Listing {
	return indexed(requestsByRequester(institution))
}

// OpenRequests lists the requests for an institution's datasets that were not approved and whose deadline has not come, the earliest deadline first. What
// lapsed costs nothing.
func OpenRequests(institution string, now records.Time) Listing {
	listing := indexed(openRequests(institution))
	listing.from = listing.prefix + "/" + ascending(now)
	return listing
}

// WaitingRequests lists the requests that a committee has not met and whose deadline has not come, the earliest deadline first.
func WaitingRequests(institution, role string, now records.Time) Listing {
	prefix := waitingRequests(records.CommitteeID(institution, role))
	return Listing{prefix: prefix, from: prefix + "/" + ascending(now), fits: func(entry string, record any) bool {
		request, ok := record.(*records.Record[records.Request])
		return ok && entry == WaitingEntry(request, institution, role).Key
	}}
}

// AllGrants lists every grant, newest first.
func AllGrants() Listing { return indexed(allGrants()) }

// GrantsByOwner lists the grants on an institution's datasets, newest first.
func GrantsByOwner(institution string) Listing { return indexed(grantsByOwner(institution)) }

// GrantsByHolder lists the grants that an institution's people hold, newest first.
func GrantsByHolder(institution string) Listing { return indexed(grantsByHolder(institution)) }

// GrantsByPerson lists the grants that a person holds: by dataset, the latest end first; on one dataset, or on all when it is empty.
func GrantsByPerson(person, dataset string) Listing {
	return indexed(strings.TrimSuffix(grantsOf(person, dataset), "/"))
}

// GrantsByDataset lists the grants on a dataset, newest first.
func GrantsByDataset(dataset string) Listing { return indexed(grantsByDataset(dataset)) }

// Institutions lists the institutions in the order of their names.
func Institutions() Listing { return Listing{prefix: records.InstitutionType} }

// Committees lists the committees in the order of their names; of one institution, or of all when it is empty.
func Committees(institution string) Listing {
	return Listing{prefix: join(records.CommitteeType, institution)}
}

// Datasets lists the datasets in the order of their names; of one institution, or of all when it is empty.
func Datasets(institution string) Listing {
	return Listing{prefix: join(records.DatasetType, institution)}
}

func join(kind, name string) string { return strings.TrimSuffix(kind+"/"+name, "/") }

// Show makes an item of a record, or leaves it out. It is given a scope of the transaction of its own.
type Show[B records.Body] func(tx *Tx, record *Sealed[B]) (item any, take bool, err error)

// List reads one page: of records themselves, or of those that an index leads to. What is forged is shown as such.
//
// Refuses with INVALID when the bookmark is not of this list.
func List[B records.Body](tx *Tx, listing Listing, page Page, show Show[B]) (items []any, bookmark string, err error) {
	items = []any{}
	bookmark, err = tx.walk(listing, page, func(key string, value []byte) (bool, error) {
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
func listedAt[B records.Body](tx *Tx, listing Listing, key string, value []byte) (*Sealed[B], *Forgery, error) {
	if listing.fits == nil {
		record, forgery, err := verify[B](tx, key, value)
		if record != nil {
			relyOn(tx, record)
		}
		return record, forgery, err
	}
	target := listing.target
	if target == nil {
		target = lastSegment[B]
	}
	record, forgery, err := leadsTo[B](tx, target(key))
	if err != nil || forgery != nil {
		return nil, forgery, err
	}
	if !listing.fits(key, &record.Record) {
		return nil, nil, nil
	}
	return record, nil, nil
}

func lastSegment[B records.Body](entry string) string {
	var like B
	return like.RecordType() + entry[strings.LastIndexByte(entry, '/'):]
}

// leadsTo reads the record that an index entry leads to.
func leadsTo[B records.Body](tx *Tx, key string) (*Sealed[B], *Forgery, error) {
	finding, err := at[B](tx, key, key)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case finding.Record != nil:
		return finding.Record, nil, nil
	case len(finding.Forgeries) > 0:
		return nil, &finding.Forgeries[0], nil
	}
	return nil, forged(key, "an index entry leads to it, and nothing stands there"), nil
}

// walk visits the rows of one page. It is for queries only: a peer refuses writes after a paginated read.
func (tx *Tx) walk(listing Listing, page Page, visit func(key string, value []byte) (took bool, err error)) (bookmark string, err error) {
	start, end := under(listing.prefix)
	start = max(start, listing.from)
	if listing.to != "" {
		end = min(end, listing.to)
	}
	if page.Bookmark != "" {
		last, err := base64.RawURLEncoding.DecodeString(page.Bookmark)
		if err != nil || string(last) < listing.prefix+"/" || string(last) >= end {
			return "", refusal.New(refusal.Invalid, "the bookmark is not of this list").At("bookmark").Hinting("start again without one")
		}
		start = max(start, string(last)+"\x00")
	}
	for taken, round := 0, 0; round < scanFactor; round++ {
		rows, last, full, err := tx.chunk(start, end, page.Size, page.Size-taken, visit)
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
func (tx *Tx) chunk(start, end string, size, most int, visit func(key string, value []byte) (bool, error)) (taken int, last string, full bool, err error) {
	rows, _, err := tx.stub.GetStateByRangeWithPagination(start, end, int32(size), "") //nolint:gosec // at most 100
	if err != nil {
		return 0, "", false, err
	}
	// It is not closed: a peer sends the whole chunk in one answer, and has closed it then.
	visited := 0
	for rows.HasNext() {
		row, err := rows.Next()
		if err != nil {
			return taken, "", false, err
		}
		visited++
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
	if visited < size {
		return taken, "", false, nil
	}
	return taken, last, false, nil
}
