package records

import (
	"fmt"
	"strings"
)

// Entry is one index entry: a key that says where a record can be found, and the institution whose peers must endorse its deletion. An entry decides
// nothing: what it leads to is verified by itself, and an entry that does not fit its record is passed over.
type Entry struct {
	Key    string
	Policy string
}

// Nobody is the policy of an entry that nobody can take away, its record's owner neither. It is no name of an institution.
const Nobody = "!"

// Listing is where a list is read: a prefix of keys, perhaps not from its beginning or not to its end.
type Listing struct {
	// Prefix is what the keys begin with, without the slash that follows it.
	Prefix string
	// From and To are the first key and the one after the last; empty for the beginning and the end.
	From, To string
	// Fits tells whether an entry may lead to a record. Without it the rows are no entries but the records themselves.
	Fits func(entry string, record Any) bool
	// Target is the key that an entry leads to; without it, the type and the entry's last segment.
	Target func(entry string) string
}

// indexed lists the records to which the entries under a prefix lead, and which have such entries.
func indexed(prefix string) Listing { return Listing{Prefix: prefix, Fits: LeadsHere} }

// stored lists the records of a type in the order of their names: those whose name begins with the given parts, up to the first empty one.
func stored(kind string, parts ...string) Listing {
	prefix := kind
	for _, part := range parts {
		if part == "" {
			break
		}
		prefix += "/" + part
	}
	return Listing{Prefix: prefix}
}

// LeadsHere tells whether a record has the index entry.
func LeadsHere(entry string, record Any) bool {
	kind := KindOf(record.RecordType())
	return kind != nil && hasEntry(kind.Entries(record), entry)
}

func hasEntry(entries []Entry, key string) bool {
	for _, entry := range entries {
		if entry.Key == key {
			return true
		}
	}
	return false
}

// ascending and descending write a moment so that keys sort by it.
func ascending(t Time) string  { return fmt.Sprintf("%012d", int64(t)) }
func descending(t Time) string { return fmt.Sprintf("%012d", 999_999_999_999-int64(t)) }

func institutionOf(dataset string) string {
	institution, _, _ := SplitDataset(dataset)
	return institution
}

// TrailOf lists the records of a dataset in the order in which they were made.
func TrailOf(dataset string) Listing {
	listing := indexed("i/trail/" + dataset)
	listing.Target = func(entry string) string {
		// i/trail/<institution>/<slug>/<time>/<key>
		_, key, _ := strings.Cut(strings.TrimPrefix(entry, listing.Prefix+"/"), "/")
		return key
	}
	return listing
}

func trailEntry(dataset string, created Time, key string) Entry {
	return Entry{Key: TrailOf(dataset).Prefix + "/" + ascending(created) + "/" + key, Policy: institutionOf(dataset)}
}
