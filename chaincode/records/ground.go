package records

import "strings"

// GroundType is the type of a ground record.
const GroundType = "ground"

// Ground says what the use of one dataset version rests on: consent, a legal basis, or several of them, all of which must hold. It has the version's id.
type Ground struct {
	Dataset       string   `json:"dataset"`
	Version       int64    `json:"version"`
	VersionDigest string   `json:"version_digest"`
	Cohorts       []string `json:"cohorts,omitzero"`
	Bases         []string `json:"bases,omitzero"`
}

// RecordType implements Body.
func (Ground) RecordType() string { return GroundType }

// Place implements Body.
func (g Ground) Place(id string) (prefix, owner string) {
	if id != Numbered(g.Dataset, '@', g.Version) {
		return "", ""
	}
	return numberedPlace(GroundType, id, '@')
}

// RestingOn lists the grounds that name a cohort, in the order of the datasets' names.
func RestingOn(cohort string) Listing {
	listing := indexed("i/cohort-dataset/" + cohort)
	listing.Target = func(entry string) string {
		// i/cohort-dataset/<institution>/<cohort>/<institution>/<slug>/<8 digits>/<tx>
		return GroundType + strings.TrimPrefix(entry, listing.Prefix)
	}
	return listing
}

// RestingEntries are the index entries of a ground among the versions that rest on its cohorts.
func RestingEntries(ground *Record[Ground]) []Entry {
	entries := make([]Entry, 0, len(ground.Body.Cohorts))
	for _, cohort := range ground.Body.Cohorts {
		entries = append(entries, Entry{RestingOn(cohort).Prefix + strings.TrimPrefix(ground.Key(), GroundType), ground.Owner})
	}
	return entries
}

// NewRestingEntries are those that a ground needs besides the ones it had. Those that it no longer fits stay, and are passed over.
func NewRestingEntries(before, after *Record[Ground]) []Entry {
	var entries []Entry
	for _, entry := range RestingEntries(after) {
		if !hasEntry(RestingEntries(before), entry.Key) {
			entries = append(entries, entry)
		}
	}
	return entries
}
