package ledger

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
)

// ReadAhead reads keys that are sure to be asked for, all in one round trip. A peer of Fabric 3.1 answers them together; an older one is asked for one after the other by the
// same call of Fabric's library. Fabric has no such call for the hashes in collections, so every seal costs a round trip of its own.
func (tx *Tx) ReadAhead(keys ...string) error {
	asked := make(map[string]bool, len(keys))
	keys = slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		_, known := tx.found[key]
		_, read := tx.ahead[key]
		twice := asked[key]
		asked[key] = true
		return known || read || twice || key == ""
	})
	switch len(keys) {
	case 0:
		return nil
	case 1:
		value, err := tx.stub.GetState(keys[0])
		if err == nil {
			tx.ahead[keys[0]] = value
		}
		return err
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

// Peek verifies what stands at a key without relying on it: what it names can then be read ahead. Nil when nothing stands there that counts; whoever asks for it afterwards
// is told why.
func Peek[B records.Body](tx *Tx, key string) (*Sealed[B], error) {
	value, err := tx.state(key)
	if value == nil || err != nil {
		return nil, err
	}
	sealed, _, err := verify[B](tx, key, value)
	return sealed, err
}
