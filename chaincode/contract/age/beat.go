package age

import (
	"time"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// aheadAtMost is by how much a beat can be dated after its peer's clock. It is far less than other transactions can: a beat that is dated ahead makes the ledger look younger.
const aheadAtMost = 2 * time.Second

// behindAtMost is by how much it can be dated before it, which is far less too: anybody of the institution can send one, and one that is dated back makes the ledger look older, so that
// nothing is decided from it.
const behindAtMost = 10 * time.Second

type beatAnswer struct {
	Institution string       `json:"institution"`
	At          records.Time `json:"at"`
}

// beat writes into the caller's institution's own collection when it was sent. When it comes back in a block, everything that was ordered before that moment is in the ledger.
//
// Refuses with CLOCK.
func beat(tx *ledger.Tx, _ transaction.NoArgument) (any, error) {
	institution, err := tx.InstitutionOfCaller()
	if err != nil {
		return nil, err
	}
	const hint = "set the clocks of the watcher's computer and the peer's, and try again"
	switch off := time.Unix(int64(tx.Time), 0).Sub(tx.Here.Clock); {
	case off > aheadAtMost:
		return nil, refusal.New(refusal.Clock, "a beat dated %s is ahead of this peer's clock", tx.Time).Hinting(hint)
	case off < -behindAtMost:
		return nil, refusal.New(refusal.Clock, "a beat dated %s is more than %s behind this peer's clock", tx.Time, behindAtMost).Hinting(hint)
	}
	if err := tx.Keep(evidence.BeatKey, evidence.BeatOf(tx.Time), institution); err != nil {
		return nil, err
	}
	return beatAnswer{institution, tx.Time}, nil
}

type ageAnswer struct {
	// Institution is whose peer answers; absent when its chaincode was not told.
	Institution string `json:"institution,omitzero"`
	// AsOf is the moment of which the ledger is known to be; absent when that is not known.
	AsOf records.Time `json:"as_of,omitzero"`
	// AgeSeconds is how long ago that was.
	AgeSeconds *int64 `json:"age_seconds,omitzero"`
	// WithinSeconds is how old it can be for a decision; absent when there is no bound.
	WithinSeconds int64 `json:"within_seconds,omitzero"`
	// Old is why nothing is decided from it; absent when it is young enough.
	Old string `json:"old,omitzero"`
}

// showAge tells how old the ledger at this peer is.
func showAge(tx *ledger.Tx, _ transaction.NoArgument) (any, error) {
	age, err := evidence.LedgerAge(tx)
	if err != nil {
		return nil, err
	}
	answer := ageAnswer{Institution: tx.Here.Institution, WithinSeconds: int64(tx.Here.Within / time.Second)}
	if at, known := age.AsOf(); known {
		seconds, _ := age.Seconds()
		answer.AsOf, answer.AgeSeconds = records.Time(at.Unix()), &seconds
	}
	if reason := age.Old(); reason != nil {
		answer.Old = reason.Message
	}
	return answer, nil
}
