package ledger

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/hyperledger/fabric-chaincode-go/v2/pkg/statebased"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// MaxChanges is how many changes a record can have: it bounds what a reader has to read.
const MaxChanges = 200

// RoomToEnd is from how many changes on a record takes only those that end it, so that it can always be ended.
const RoomToEnd = 150

// write is one queued write. A nil value deletes; policy names the institution whose peers must endorse later changes, unless nobody can make any.
type write struct {
	key    string
	value  []byte
	policy string
	locked bool
	seal   *seal
}

// seal is what goes into a record's owner's collection, where nobody can write it again.
type seal struct {
	owner    string
	revision int64
	ends     bool
}

// EventChange is what the transaction's event says about one record.
type EventChange struct {
	Type   string `json:"type"`
	ID     string `json:"id"`
	Owner  string `json:"owner"`
	Action string `json:"action"`
}

type event struct {
	Tx      string        `json:"tx"`
	At      records.Time  `json:"at"`
	Changes []EventChange `json:"changes"`
}

// Create queues a new record with its seal, its key-level policy and its index entries. The record's first change is dated at the effective time.
func Create[B records.Body](tx *Tx, by records.By, id string, body B, status records.Status, note string) (*Sealed[B], error) {
	_, owner := body.Place(id)
	created := records.Record[B]{
		Type: body.RecordType(), ID: id, Owner: owner, Body: body, Status: status, Revision: 1, UpdatedAt: tx.Now(),
		Changes: []records.Change{{Action: body.RecordType() + ".created", At: tx.Now(), Tx: tx.ID, By: by, Note: note}},
	}
	key := created.Key()
	if key == "" {
		return nil, fmt.Errorf("a %s record %q does not fit together", body.RecordType(), id)
	}
	if records.KindOf(created.Type).IsWhole() {
		return createWhole(tx, key, created)
	}
	standing, err := tx.stub.GetState(key) // never a blind write
	if err != nil {
		return nil, err
	}
	if standing != nil {
		return nil, refusal.New(refusal.Conflict, "something stands at the new key %s already", key).
			Hinting("send the transaction again: it gets another id and so another key")
	}
	sealed, err := queue(tx, key, created, owner, false)
	if err != nil {
		return nil, err
	}
	kind := records.KindOf(created.Type) // whatever has a key has an entry in the catalogue
	for _, post := range kind.Posted(&created) {
		if err := tx.put(owner, post, []byte(key)); err != nil {
			return nil, err
		}
	}
	for _, entry := range kind.Entries(&created) {
		tx.Enter(entry)
	}
	return sealed, nil
}

// createWhole queues a record that stands in its posts. No public key is written, so its owner's endorsement alone is enough.
func createWhole[B records.Body](tx *Tx, key string, created records.Record[B]) (*Sealed[B], error) {
	value, err := created.Bytes()
	if err != nil {
		return nil, err
	}
	for _, post := range records.KindOf(created.Type).Posted(&created) {
		if err := tx.put(created.Owner, post, value); err != nil {
			return nil, err
		}
	}
	return announce(tx, key, value, created), nil
}

// Update queues a record's next state. Only keys that exist are written, so the owner's endorsement alone is enough.
//
// Refuses with LIMIT_EXCEEDED when the record has RoomToEnd changes already: what is left is for End.
func Update[B records.Body](tx *Tx, by records.By, old *Sealed[B], body B, status records.Status, action, note string) (*Sealed[B], error) {
	if n := len(old.Record.Changes); n >= RoomToEnd {
		return nil, refusal.New(refusal.LimitExceeded, "%s %s has been changed %d times: what is left is kept for ending it", old.Record.Type, shortID(old.Record.ID), n)
	}
	return change(tx, by, old, body, status, action, note)
}

// End is Update for an act that ends the record, or only takes away what it gives (seats of a committee). It has room when Update has none left.
//
// Refuses with LIMIT_EXCEEDED when the record has MaxChanges changes already.
func End[B records.Body](tx *Tx, by records.By, old *Sealed[B], body B, status records.Status, action, note string) (*Sealed[B], error) {
	if len(old.Record.Changes) >= MaxChanges {
		return nil, refusal.New(refusal.LimitExceeded, "%s %s has been changed %d times, which is the most a record can be", old.Record.Type, shortID(old.Record.ID), MaxChanges)
	}
	return change(tx, by, old, body, status, action, note)
}

// shortID is an id as sentences have it: of a transaction's, which nobody reads to the end, the first digits.
func shortID(id string) string {
	if records.IsTx(id) {
		return id[:12]
	}
	return id
}

// change queues a record's next state.
func change[B records.Body](tx *Tx, by records.By, old *Sealed[B], body B, status records.Status, action, note string) (*Sealed[B], error) {
	next := old.Record
	ends := status.IsEnd() && !next.Status.IsEnd()
	next.Body, next.Status, next.Revision, next.UpdatedAt = body, status, next.Revision+1, tx.Now()
	next.Changes = append(append([]records.Change{}, next.Changes...),
		records.Change{Action: next.Type + "." + action, At: tx.Now(), Tx: tx.ID, By: by, Note: note})
	return queue(tx, old.Key, next, "", ends)
}

// Roll is Update for a record whose history stands in other records: it can be changed without end, because only its first change and the newest are kept.
func Roll[B records.Body](tx *Tx, by records.By, old *Sealed[B], body B, status records.Status, action, note string) (*Sealed[B], error) {
	short := *old
	if len(old.Record.Changes) >= RoomToEnd {
		short.Record.Changes = slices.Delete(slices.Clone(old.Record.Changes), 1, len(old.Record.Changes)-RoomToEnd/2)
	}
	return Update(tx, by, &short, body, status, action, note)
}

func queue[B records.Body](tx *Tx, key string, record records.Record[B], policy string, ends bool) (*Sealed[B], error) {
	value, err := record.Bytes()
	if err != nil {
		return nil, err
	}
	tx.writes = append(tx.writes, write{
		key: key, value: value, policy: policy, locked: records.KindOf(record.Type).IsFinal(), seal: &seal{record.Owner, record.Revision, ends},
	})
	return announce(tx, key, value, record), nil
}

// announce puts a queued state into the event, and gives it as it will be read.
func announce[B records.Body](tx *Tx, key string, value []byte, record records.Record[B]) *Sealed[B] {
	last := record.Changes[len(record.Changes)-1]
	tx.states = append(tx.states, &record)
	tx.changes = append(tx.changes, EventChange{Type: record.Type, ID: record.ID, Owner: record.Owner, Action: last.Action})
	return &Sealed[B]{Key: key, Raw: value, Digest: records.Digest(value), Record: record}
}

// Makes tells whether the transaction makes a record of a type.
func (tx *Tx) Makes(kind string) bool {
	return slices.ContainsFunc(tx.changes, func(change EventChange) bool { return change.Type == kind && change.Action == kind+".created" })
}

// Enter queues an index entry.
func (tx *Tx) Enter(entry records.Entry) {
	tx.writes = append(tx.writes, write{key: entry.Key, value: []byte{'1'}, policy: entry.Policy, locked: entry.Policy == records.Nobody})
}

// Leave queues the deletion of an index entry, which its policy's institution has to endorse. An entry that this transaction itself would make is not made.
func (tx *Tx) Leave(entry records.Entry) {
	if i := slices.IndexFunc(tx.writes, func(w write) bool { return w.key == entry.Key }); i >= 0 {
		tx.writes = slices.Delete(tx.writes, i, i+1)
		return
	}
	tx.writes = append(tx.writes, write{key: entry.Key})
}

// Commit hands everything that was queued to the peer, with one event named after the transaction. What is private goes by CommitPrivate alone.
func (tx *Tx) Commit(name string) error {
	if len(tx.private) > 0 {
		return errors.New("a transaction with an event writes nothing private")
	}
	for _, state := range tx.states { // what nobody would read is not written
		if tx.Refuses == nil {
			break
		}
		if forgery := improper(state, tx.Refuses(state)); forgery != nil {
			return errors.New(forgery.Why)
		}
	}
	tx.stub.StartWriteBatch()
	for _, w := range tx.writes {
		if err := tx.apply(w); err != nil {
			return fmt.Errorf("%s cannot be written: %w", w.key, err)
		}
	}
	for _, post := range tx.posts {
		if err := tx.putUp(post); err != nil {
			return fmt.Errorf("the post %s cannot be written: %w", post.key, err)
		}
	}
	if err := tx.stub.FinishWriteBatch(); err != nil {
		return err
	}
	payload, err := json.Marshal(event{Tx: tx.ID, At: tx.Now(), Changes: tx.changes})
	if err != nil {
		return err
	}
	return tx.stub.SetEvent(name, payload)
}

func (tx *Tx) apply(w write) error {
	if w.value == nil {
		return tx.stub.DelState(w.key)
	}
	if err := tx.stub.PutState(w.key, w.value); err != nil {
		return err
	}
	if policy, err := w.guard(); err != nil {
		return err
	} else if policy != nil {
		if err := tx.stub.SetStateValidationParameter(w.key, policy); err != nil {
			return err
		}
	}
	if w.seal == nil {
		return nil
	}
	seal := Seal(w.key, w.seal.revision, w.value)
	if w.seal.ends {
		if err := tx.lockAway(w.seal.owner, EndKey(w.key), seal); err != nil {
			return err
		}
	}
	return tx.lockAway(w.seal.owner, SealKey(w.key, w.seal.revision), seal)
}

// guard is the key-level policy that a write gives its key, or nil when it gives none.
func (w write) guard() ([]byte, error) {
	switch {
	case w.locked:
		return Locked(), nil
	case w.policy != "":
		return PeersOf(w.policy)
	}
	return nil, nil
}

// lockAway writes to an institution's collection what nobody can write again.
func (tx *Tx) lockAway(institution, key string, value []byte) error {
	if err := tx.stub.PutPrivateData(SealCollection(institution), key, value); err != nil {
		return err
	}
	return tx.stub.SetPrivateDataValidationParameter(SealCollection(institution), key, Locked())
}

// PeersOf is the key-level endorsement policy "a peer of this institution".
func PeersOf(institution string) ([]byte, error) {
	policy, err := statebased.NewStateEP(nil)
	if err != nil {
		return nil, err
	}
	if err := policy.AddOrgs(statebased.RoleTypePeer, institution); err != nil {
		return nil, err
	}
	return policy.Policy()
}
