package ledger

import (
	"slices"

	"medconsent.org/chaincode/records"
)

// Some things stand by their own hash, at `<type>/<SHA-256>/<transaction>`. They need no seal: whatever stands there with other bytes is passed over, and anybody who
// has them can put back what an institution took away.

// ByHash gives the stored form of a thing, or nil when no key has bytes of that hash.
func (tx *Tx) ByHash(kind, sha256 string) (stored []byte, err error) {
	start, end := under(kind + "/" + sha256)
	err = tx.scan(start, end, func(_ string, value []byte) (bool, error) {
		if records.Digest(value) == sha256 {
			stored = value
		}
		return stored == nil, nil
	})
	return stored, err
}

// KeepByHash queues a thing unless it is there, with the institution's key-level policy. It gives its hash, and whether it is new.
func (tx *Tx) KeepByHash(kind, institution string, stored []byte) (sha256 string, isNew bool, err error) {
	sha256 = records.Digest(stored)
	key := kind + "/" + sha256 + "/" + tx.ID
	if slices.ContainsFunc(tx.writes, func(w write) bool { return w.key == key }) {
		return sha256, false, nil
	}
	standing, err := tx.ByHash(kind, sha256)
	if standing != nil || err != nil {
		return sha256, false, err
	}
	tx.writes = append(tx.writes, write{key: key, value: stored, policy: institution})
	tx.changes = append(tx.changes, EventChange{Type: kind, ID: sha256, Owner: institution, Action: kind + ".created"})
	return sha256, true, nil
}
