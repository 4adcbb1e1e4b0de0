package replay

import (
	"bytes"
	"slices"
	"strings"
)

// write is what is written at a key: a value (in a collection its hash), or nothing any more.
type write struct {
	value []byte
	gone  bool
}

// effects is what one chaincode's part of a transaction does: writes and key-level policies, by where.
type effects struct {
	writes   map[spot]write
	policies map[spot][]byte
	event    string
	payload  []byte
	answer   []byte
}

func newEffects() effects { return effects{writes: map[spot]write{}, policies: map[spot][]byte{}} }

// spot is a key: in the public state, or in a collection by its hash.
type spot struct{ collection, key string }

// differs says in words where two effects do not agree; empty when they do.
func (e effects) differs(other effects) string {
	found := []string{}
	for key := range union(e.writes, other.writes) {
		one, there := e.writes[key]
		two, also := other.writes[key]
		if there != also || one.gone != two.gone || !bytes.Equal(one.value, two.value) {
			found = append(found, "what it writes at "+shown(key))
		}
	}
	for key := range union(e.policies, other.policies) {
		one, there := e.policies[key]
		two, also := other.policies[key]
		if there != also || !bytes.Equal(one, two) {
			found = append(found, "who may change "+shown(key))
		}
	}
	if e.event != other.event || !bytes.Equal(e.payload, other.payload) {
		found = append(found, "its event")
	}
	if !bytes.Equal(e.answer, other.answer) {
		found = append(found, "its answer")
	}
	slices.Sort(found)
	if len(found) > mostShown {
		found = append(found[:mostShown], "more")
	}
	return strings.Join(found, ", ")
}

const mostShown = 4

func union[V any](one, other map[spot]V) map[spot]bool {
	keys := map[spot]bool{}
	for key := range one {
		keys[key] = true
	}
	for key := range other {
		keys[key] = true
	}
	return keys
}

// shown is a key in a sentence.
func shown(at spot) string {
	if at.collection != "" {
		return at.collection
	}
	if len(at.key) > 100 {
		return strings.ToValidUTF8(at.key[:100], "?") + "…"
	}
	return strings.ToValidUTF8(at.key, "?")
}

// apply commits.
func (e effects) apply(s state, chaincode string, at version) {
	for there, w := range e.writes {
		if w.gone {
			s.of(chaincode, there.collection).remove(there.key)
		} else {
			s.of(chaincode, there.collection).put(there.key, w.value, at)
		}
	}
	for there, policy := range e.policies {
		s.of(chaincode, there.collection).guard(there.key, policy, at)
	}
}
