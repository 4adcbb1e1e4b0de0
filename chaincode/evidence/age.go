package evidence

import (
	"strconv"
	"strings"
	"time"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// BeatKey is where an institution's newest beat stands in its own collection: when it was sent, in seconds. Only that institution's peers can endorse one, and only they have it.
const BeatKey = "beat"

// notHere is in what a peer says of private data that it has not got (yet): that of another institution, or from before a snapshot that it began with.
const notHere = "is not available"

// BeatOf is what stands there for a beat sent at a moment.
func BeatOf(at records.Time) []byte { return strconv.AppendInt(nil, int64(at), 10) }

// LedgerAge is how old the ledger at this peer is, by the newest of its own institution's beats that has come back in a block. Nobody else's word is asked for: a beat that
// was ordered comes after everything that was ordered before it was sent.
func LedgerAge(tx *ledger.Tx) (rules.Age, error) {
	age := rules.Age{Asked: tx.Here.Institution != "", Clock: tx.Here.Clock, Within: tx.Here.Within}
	if !age.Asked {
		return age, nil
	}
	value, err := tx.Kept(tx.Here.Institution, BeatKey)
	switch {
	case err != nil && strings.Contains(err.Error(), notHere):
		return age, nil
	case err != nil:
		return age, err
	}
	seconds, err := strconv.ParseInt(string(value), 10, 64)
	if err == nil && seconds > 0 && seconds <= int64(records.MaxTime) { // whatever else stands there says nothing, and the age is not known
		age.Beat = time.Unix(seconds, 0)
	}
	return age, nil
}
