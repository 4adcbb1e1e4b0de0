package ledger

import (
	"maps"
	"slices"
)

// Alarm is what the endorsing institution's watcher closes, and why. The zero value closes nothing.
type Alarm struct {
	// Ledger is why everything is closed; empty when it is not.
	Ledger string
	// Institutions is why what rests on a record of these institutions is closed.
	Institutions map[string]string
}

// Closes tells whether anything is closed.
func (a Alarm) Closes() bool { return a.Ledger != "" || len(a.Institutions) > 0 }

// Against is why something that rests on these institutions is closed, or "".
func (a Alarm) Against(institutions ...string) string {
	if a.Ledger != "" {
		return a.Ledger
	}
	for _, institution := range slices.Sorted(slices.Values(institutions)) {
		if why := a.Institutions[institution]; why != "" {
			return why
		}
	}
	return ""
}

// RestsOn lists the institutions whose records were relied on so far or are written, in order.
func (tx *Tx) RestsOn() []string {
	owners := maps.Clone(tx.evidence.owners)
	if owners == nil {
		owners = map[string]bool{}
	}
	for _, w := range tx.writes {
		if w.seal != nil {
			owners[w.seal.owner] = true
		}
	}
	for _, w := range tx.posts {
		owners[w.institution] = true
	}
	return slices.Sorted(maps.Keys(owners))
}
