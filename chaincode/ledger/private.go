package ledger

import (
	"errors"
	"fmt"
	"strings"
)

// privateWrite is a queued write to an institution's implicit collection. A nil value purges: the key's value is removed from the peers, from its history too.
type privateWrite struct {
	institution string
	key         string
	value       []byte
}

// Transient is a value that the client sent beside the transaction: the peers that endorse see it, and it is in no block.
func (tx *Tx) Transient(name string) ([]byte, error) {
	values, err := tx.stub.GetTransient()
	return values[name], err
}

// Keep queues a private value for institutions' peers. What stands at the key is read before (its hash is what every peer has): never a blind write.
func (tx *Tx) Keep(key string, value []byte, institutions ...string) error {
	return tx.hold(key, value, institutions)
}

// Purge queues the removal of a private value from institutions' peers.
func (tx *Tx) Purge(key string, institutions ...string) error { return tx.hold(key, nil, institutions) }

func (tx *Tx) hold(key string, value []byte, institutions []string) error {
	for _, institution := range institutions {
		if _, err := tx.stub.GetPrivateDataHash(SealCollection(institution), key); err != nil {
			return fmt.Errorf("what stands at %s of %s cannot be seen: %w", key, institution, err)
		}
		tx.private = append(tx.private, privateWrite{institution, key, value})
	}
	return nil
}

// Keeps tells whether an institution has something private at a key, which every peer can see.
func (tx *Tx) Keeps(institution, key string) (bool, error) {
	hash, err := tx.stub.GetPrivateDataHash(SealCollection(institution), key)
	return len(hash) > 0, err
}

// Kept reads a private value from the institution's own collection; nil when there is none. Only a peer of the institution has it.
func (tx *Tx) Kept(institution, key string) ([]byte, error) {
	value, err := tx.stub.GetPrivateData(SealCollection(institution), key)
	if err != nil && strings.Contains(err.Error(), noCollection) {
		return nil, nil
	}
	return value, err
}

// CommitPrivate hands what was queued for collections to the peer, and nothing else: no public key, no key-level policy, no seal and no event tells of it besides the
// hashes that Fabric writes. So the endorsement of the collections' institutions is all that it needs.
func (tx *Tx) CommitPrivate() error {
	if len(tx.writes) > 0 || len(tx.changes) > 0 {
		return errors.New("a private transaction writes nothing public")
	}
	for _, w := range tx.private {
		var err error
		if w.value == nil {
			err = tx.stub.PurgePrivateData(SealCollection(w.institution), w.key)
		} else {
			err = tx.stub.PutPrivateData(SealCollection(w.institution), w.key, w.value)
		}
		if err != nil {
			return fmt.Errorf("%s cannot be written at %s: %w", w.key, w.institution, err)
		}
	}
	return nil
}
