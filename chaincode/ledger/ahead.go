package ledger

import (
	"fmt"
	"slices"
)

// readAhead reads keys that are sure to be asked for, all in one round trip. A peer of Fabric 3.1 answers them together; an older one is asked for one after the other by the
// same call of Fabric's library. Fabric has no such call for the hashes in collections, so every seal costs a round trip of its own.
func (tx *Tx) readAhead(keys []string) error {
	keys = slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		_, known := tx.found[key]
		_, read := tx.ahead[key]
		return known || read || key == ""
	})
	if len(keys) < 2 {
		return nil // nothing is gained by it
	}
	values, err := tx.stub.GetMultipleStates(keys...)
	if err != nil {
		return err
	}
	if len(values) != len(keys) { // a peer whose database fails answers nothing, without an error
		return fmt.Errorf("the peer answered %d of %d keys", len(values), len(keys))
	}
	for i, key := range keys {
		tx.ahead[key] = values[i]
	}
	return nil
}

// state is what stands at a key; nil where nothing does.
func (tx *Tx) state(key string) ([]byte, error) {
	if value, read := tx.ahead[key]; read {
		return value, nil
	}
	return tx.stub.GetState(key)
}
