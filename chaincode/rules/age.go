package rules

import (
	"fmt"
	"time"
)

// aheadAtMost is by how much a beat can be dated after the clock that it is compared with: the clocks of one institution are not quite equal.
const aheadAtMost = 5 * time.Second

// Age is how old the ledger at an institution's peer is.
type Age struct {
	// Asked is whether the age is known of at all: whether the peer's chaincode was told whose it is.
	Asked bool
	// Beat is when the newest of the institution's own beats that came back in a block was sent; zero when none did.
	Beat time.Time
	// Clock is the peer's, now.
	Clock time.Time
	// Within is how old the ledger can be for a decision; zero sets no bound.
	Within time.Duration
}

// AsOf is the moment of which the ledger is known to be, and whether there is one. Whatever was ordered before it is in the ledger.
func (a Age) AsOf() (time.Time, bool) {
	if !a.Asked || a.Beat.IsZero() || a.Beat.Sub(a.Clock) > aheadAtMost {
		return time.Time{}, false
	}
	return a.Beat, true
}

// Seconds is the age in whole seconds, and whether it is known.
func (a Age) Seconds() (int64, bool) {
	at, known := a.AsOf()
	if !known {
		return 0, false
	}
	return max(0, int64(a.Clock.Sub(at)/time.Second)), true
}

// Old is why nothing is decided from the ledger, or nil: it is older than its bound, or nobody knows how old it is.
func (a Age) Old() *Reason {
	if a.Within <= 0 {
		return nil
	}
	bound := int(a.Within / time.Second)
	at, known := a.AsOf()
	switch {
	case !a.Asked || a.Beat.IsZero():
		return old("how old it is is not known: no beat of this institution has come back, and one has to every %d s", bound)
	case !known:
		return old("its newest beat is dated %s, which has not come by this peer's clock: how old it is is not known", a.Beat.UTC().Format(time.RFC3339))
	case a.Clock.Sub(at) > a.Within:
		return old("it is as of %s, %d s ago, and can be at most %d s old", at.UTC().Format(time.RFC3339), int(a.Clock.Sub(at)/time.Second), bound)
	}
	return nil
}

func old(sentence string, values ...any) *Reason {
	return &Reason{Code: LedgerOld, Message: "the ledger at this institution's peer may be behind: " + fmt.Sprintf(sentence, values...)}
}
