// Package replay runs the contract again over what a channel's blocks say: whether each transaction was rightly taken for valid, whether this contract would have written it, and
// what was permitted to whom.
//
// It believes neither the peer that served the blocks nor the endorsers. Whose signatures they carry is the caller's to verify (package medconsent.proof of the SDK).
package replay

import (
	"slices"
	"strings"
)

// version is where a key was written last; the zero value is nowhere, since block 0 is the channel's configuration.
type version struct{ block, tx uint64 }

// cell is what stands at a key. In a collection value is the hash of the value, as every peer has it.
type cell struct {
	value  []byte
	at     version
	policy []byte
}

// space is one chaincode's public state, or one of its collections, where keys are hashes.
type space struct {
	cells map[string]cell
	keys  ordered
}

// state is what is committed.
type state map[string]*space

func (s state) of(namespace, collection string) *space {
	name := namespace + "\x00" + collection
	if s[name] == nil {
		s[name] = &space{cells: map[string]cell{}}
	}
	return s[name]
}

func (s *space) put(key string, value []byte, at version) {
	old, there := s.cells[key]
	s.cells[key] = cell{value: value, at: at, policy: old.policy}
	if !there {
		s.keys.insert(key)
	}
}

func (s *space) remove(key string) {
	if _, there := s.cells[key]; there {
		delete(s.cells, key)
		s.keys.remove(key)
	}
}

// guard gives a key a policy; Fabric keeps one only with a value.
func (s *space) guard(key string, policy []byte, at version) {
	if old, there := s.cells[key]; there {
		s.cells[key] = cell{value: old.value, at: at, policy: policy}
	}
}

// ordered is keys in order, in pieces, so that there can be millions.
type ordered struct{ pieces [][]string }

const mostInPiece = 1024

func (o *ordered) find(key string) (piece, at int, there bool) {
	piece, there = slices.BinarySearchFunc(o.pieces, key, func(p []string, k string) int { return strings.Compare(p[0], k) })
	if there {
		return piece, 0, true
	}
	if piece > 0 {
		piece--
	}
	if piece < len(o.pieces) {
		at, there = slices.BinarySearch(o.pieces[piece], key)
	}
	return piece, at, there
}

func (o *ordered) insert(key string) {
	piece, at, there := o.find(key)
	switch {
	case there:
		return
	case len(o.pieces) == 0:
		o.pieces = [][]string{{key}}
		return
	}
	o.pieces[piece] = slices.Insert(o.pieces[piece], at, key)
	if full := o.pieces[piece]; len(full) > mostInPiece {
		half := slices.Clone(full[mostInPiece/2:])
		o.pieces[piece] = full[: mostInPiece/2 : mostInPiece/2]
		o.pieces = slices.Insert(o.pieces, piece+1, half)
	}
}

func (o *ordered) remove(key string) {
	piece, at, there := o.find(key)
	if !there {
		return
	}
	o.pieces[piece] = slices.Delete(o.pieces[piece], at, at+1)
	if len(o.pieces[piece]) == 0 {
		o.pieces = slices.Delete(o.pieces, piece, piece+1)
	}
}

// between lists the keys from start on and before end; an empty end is none. At most `most` of them, when that is not negative.
func (o *ordered) between(start, end string, most int) []string {
	keys := []string{}
	piece, at, _ := o.find(start)
	for ; piece < len(o.pieces); piece, at = piece+1, 0 {
		for _, key := range o.pieces[piece][min(at, len(o.pieces[piece])):] {
			if end != "" && key >= end || len(keys) == most {
				return keys
			}
			keys = append(keys, key)
		}
	}
	return keys
}
