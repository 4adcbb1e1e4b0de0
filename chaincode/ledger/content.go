package ledger

import (
	"bytes"
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
)

// Some things stand by their own hash, at `<type>/<SHA-256>/<transaction>`. They need no seal: whatever stands there with other bytes is passed over. They are locked when
// they are written, so that nobody takes them away from those who go by them.

// ByHash gives the stored form of a thing, or nil when no key has bytes of that hash.
func (tx *Tx) ByHash(kind, sha256 string) (stored []byte, err error) {
	err = tx.copies(kind, sha256, func(_ string, copy []byte) (bool, error) {
		stored = copy
		return false, nil
	})
	return stored, err
}

// ForGood is ByHash for what nobody can take away any more. Other institutions' chaincode could have written a copy without the lock: it counts as none.
func (tx *Tx) ForGood(kind, sha256 string) (stored []byte, err error) {
	err = tx.copies(kind, sha256, func(key string, copy []byte) (bool, error) {
		guard, err := tx.stub.GetStateValidationParameter(key)
		if err != nil {
			return false, fmt.Errorf("who may write %s cannot be read: %w", key, err)
		}
		if bytes.Equal(guard, Locked()) {
			stored = copy
		}
		return stored == nil, nil
	})
	return stored, err
}

// copies visits what stands by a hash, until visit says stop.
func (tx *Tx) copies(kind, sha256 string, visit func(key string, copy []byte) (more bool, err error)) error {
	start, end := under(kind + "/" + sha256)
	return tx.scan(start, end, func(key string, value []byte) (bool, error) {
		if records.Digest(value) != sha256 {
			return true, nil
		}
		return visit(key, value)
	})
}

// KeepByHash queues a thing for good, unless it is there for good. It gives its hash, and whether it is new.
func (tx *Tx) KeepByHash(kind, institution string, stored []byte) (sha256 string, isNew bool, err error) {
	sha256 = records.Digest(stored)
	key := kind + "/" + sha256 + "/" + tx.ID
	if slices.ContainsFunc(tx.writes, func(w write) bool { return w.key == key }) {
		return sha256, false, nil
	}
	standing, err := tx.ForGood(kind, sha256)
	if standing != nil || err != nil {
		return sha256, false, err
	}
	tx.writes = append(tx.writes, write{key: key, value: stored, locked: true})
	tx.changes = append(tx.changes, EventChange{Type: kind, ID: sha256, Owner: institution, Action: kind + ".created"})
	return sha256, true, nil
}
