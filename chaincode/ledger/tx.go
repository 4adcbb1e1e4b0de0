package ledger

import (
	"maps"
	"slices"
	"time"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// ClockTolerance is how far a transaction's timestamp may be off the endorsing peer's clock.
const ClockTolerance = 5 * time.Minute

// Tx is one transaction or query: what it read, and what it will write. It is used by one goroutine.
type Tx struct {
	stub Stub
	// ID is the transaction's id, 64 lower-case hex digits.
	ID string
	// Time is the transaction's timestamp cut to seconds.
	Time records.Time
	// Acts tells whether the transaction writes. What it writes rests only on states that nobody can write again; a query also shows a state that its owner has sealed
	// and could still take back, since whatever it answers holds for that moment alone.
	Acts bool
	// Posts is what queries have read of posts before; nil remembers nothing.
	Posts *Posts
	// Refuses says why the contract would not have written a sealed record, or nil: whoever sealed it may run another one. nil asks nothing.
	Refuses func(records.Any) error
	// Alarm is what the endorsing institution's watcher closes.
	Alarm Alarm
	// Here is what the peer's chaincode was told of where it runs.
	Here Here

	quiet    bool              // nothing is said of what others have put beside a record
	found    map[string]any    // what was verified already: records by key, findings by the start of their range, values of Once by what they are called
	ahead    map[string][]byte // what was read before it was asked for, by key
	evidence *evidence
	writes   []write
	posts    []postWrite
	private  []privateWrite
	states   []records.Any
	changes  []EventChange
	actor    *Caller // whose proposal is run, or nil
	widens   []string
	takes    bool
}

// evidence is what a decision rests on.
type evidence struct {
	newest records.Time
	refs   []Ref
	seen   map[string]bool
	owners map[string]bool
}

// Ref names a record that something was decided from.
type Ref struct {
	Type   string `json:"type"`
	ID     string `json:"id"`
	Digest string `json:"digest"`
}

// Begin checks the transaction's timestamp against the peer's clock, which is read for nothing else and written nowhere. Fabric 2.5 does not check it
// at all, 3.x only to 15 minutes.
//
// Refuses with CLOCK.
func Begin(stub Stub, now func() time.Time) (*Tx, error) {
	stamp, err := stub.GetTxTimestamp()
	if err != nil {
		return nil, err
	}
	if stamp == nil || stamp.CheckValid() != nil || stamp.Seconds < 1 || stamp.Seconds > int64(records.MaxTime) {
		return nil, refusal.New(refusal.Clock, "the transaction carries no valid timestamp")
	}
	off := now().Sub(stamp.AsTime())
	if off > ClockTolerance || off < -ClockTolerance {
		return nil, refusal.New(refusal.Clock, "the transaction is dated %s, more than %d minutes off this peer's clock",
			records.Time(stamp.Seconds), int(ClockTolerance/time.Minute)).
			Hinting("set the clock of the computer that made the transaction, and try again")
	}
	if !records.IsTx(stub.GetTxID()) {
		return nil, refusal.New(refusal.Internal, "the transaction id is not 64 hex digits")
	}
	return &Tx{stub: stub, ID: stub.GetTxID(), Time: records.Time(stamp.Seconds), found: map[string]any{}, ahead: map[string][]byte{}, evidence: &evidence{}}, nil
}

// Scope is the same transaction with a record of its own of what is read from here on, so that one item of a list is judged at its own time. Nothing is
// written through it.
func (tx *Tx) Scope() *Tx {
	scope := *tx
	scope.evidence = &evidence{newest: tx.evidence.newest, refs: slices.Clone(tx.evidence.refs), seen: maps.Clone(tx.evidence.seen), owners: maps.Clone(tx.evidence.owners)}
	scope.writes, scope.posts, scope.private, scope.states, scope.changes = nil, nil, nil, nil, nil
	return &scope
}

// Quiet is the same transaction for whoever shows nothing of what others have put beside a record: where the record stands by its owner's word, nobody looks for more.
func (tx *Tx) Quiet() *Tx {
	if tx.Acts { // which never looks
		return tx
	}
	quiet := *tx
	quiet.quiet = true
	return &quiet
}

// Now is the effective time: the transaction's own, or that of the newest change of any record it has read so far, whichever is later. So dating a
// transaction back within the clock's tolerance does not bring back what an earlier one took away.
func (tx *Tx) Now() records.Time { return max(tx.Time, tx.evidence.newest) }

// Evidence lists the records read so far, in the order of reading, each once.
func (tx *Tx) Evidence() []Ref { return tx.evidence.refs }

// Rely notes that something will be decided from what stands at a key, as it was at a moment (zero: it never changes).
func (tx *Tx) Rely(key string, updated records.Time, ref Ref) {
	e := tx.evidence
	if e.seen == nil {
		e.seen = map[string]bool{}
	}
	if e.seen[key] {
		return
	}
	e.seen[key] = true
	e.newest = max(e.newest, updated)
	e.refs = append(e.refs, ref)
}

// Once gives what was worked out under a name in this transaction before, or works it out. What is not found (nil) is asked again.
func Once[V any](tx *Tx, name string, work func() (*V, error)) (*V, error) {
	if known, ok := tx.found[name].(*V); ok {
		return known, nil
	}
	value, err := work()
	if err == nil && value != nil {
		tx.found[name] = value
	}
	return value, err
}
