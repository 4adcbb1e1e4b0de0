// Package ledgertest is a ledger in memory for tests: it does what a Fabric channel does with what a chaincode reads and writes, so that rules about
// endorsement, seals and races can be tested in milliseconds. What it promises is tested again on the real network.
//
// It keeps Fabric's order of things: a transaction is simulated on committed state, never sees its own writes, and is committed or invalidated
// later by what it read (MVCC, phantoms) and who endorsed it (the chaincode's majority, key-level policies, implicit collections).
package ledgertest

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"

	"medconsent.org/chaincode/ledger"
)

// Code is what became of a transaction, in Fabric's words.
type Code string

// The codes used here.
const (
	Valid                    Code = "VALID"
	MVCCReadConflict         Code = "MVCC_READ_CONFLICT"
	PhantomReadConflict      Code = "PHANTOM_READ_CONFLICT"
	EndorsementPolicyFailure Code = "ENDORSEMENT_POLICY_FAILURE"
)

type cell struct {
	value   []byte
	version int
	policy  []byte
}

// Ledger is the committed state of a channel.
type Ledger struct {
	institutions []string
	public       map[string]cell
	private      map[string]cell // collection + "\x00" + key
	height       int
	sorted       []string // the public keys in order; nil when they have to be sorted anew
}

// NewLedger makes an empty channel of these institutions.
func NewLedger(institutions ...string) *Ledger {
	return &Ledger{institutions: institutions, public: map[string]cell{}, private: map[string]cell{}}
}

// Clone is another channel that stands where this one stands, so that one preparation can serve many tests.
func (l *Ledger) Clone() *Ledger {
	return &Ledger{institutions: l.institutions, public: maps.Clone(l.public), private: maps.Clone(l.private), height: l.height}
}

// Keys lists the public keys that begin with a prefix, in order.
func (l *Ledger) Keys(prefix string) []string {
	keys := []string{}
	for key := range l.public {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	return keys
}

// Guard is the institution whose peers must endorse a change of a public key, or empty.
func (l *Ledger) Guard(key string) string {
	return strings.Join(institutionsIn(l.public[key].policy), ",")
}

// Attack writes past every rule: what a majority that runs altered chaincode can do to new keys, and nothing a test should see succeed elsewhere.
func (l *Ledger) Attack(writes ...Write) {
	l.height++
	for _, w := range writes {
		l.apply(w)
	}
}

// Each hands on everything that stands in the ledger, in no order: public keys, with an empty collection, and those of collections.
func (l *Ledger) Each(do func(collection, key string, value, policy []byte)) {
	for key, standing := range l.public {
		do("", key, standing.value, standing.policy)
	}
	for at, standing := range l.private {
		collection, key, _ := strings.Cut(at, "\x00")
		do(collection, key, standing.value, standing.policy)
	}
}

// Value is what stands at a public key.
func (l *Ledger) Value(key string) []byte { return l.public[key].value }

// Post is what stands in the post at a key of an institution's collection.
func (l *Ledger) Post(institution, key string) []byte {
	return ledger.TextOf(l.private[ledger.SealCollection(institution)+"\x00"+key].policy)
}

// Posts lists the keys of an institution's posts that begin with a prefix, in order.
func (l *Ledger) Posts(institution, prefix string) []string {
	keys := []string{}
	for at := range l.private {
		key, found := strings.CutPrefix(at, ledger.SealCollection(institution)+"\x00")
		if found && strings.HasPrefix(key, prefix) && l.Post(institution, key) != nil {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	return keys
}

func (l *Ledger) inRange(start, end string) []string {
	if l.sorted == nil {
		l.sorted = slices.Sorted(maps.Keys(l.public))
	}
	first, _ := slices.BinarySearch(l.sorted, start)
	last := len(l.sorted)
	if end != "" {
		last, _ = slices.BinarySearch(l.sorted, end)
	}
	return l.sorted[first:max(first, last)]
}

// Commit validates a simulated transaction with the endorsements of these institutions' peers, and applies it when it is valid.
func (l *Ledger) Commit(tx *Stub, endorsers ...string) Code {
	if code := l.endorsed(tx, endorsers); code != Valid {
		return code
	}
	for key, version := range tx.Reads {
		if l.public[key].version != version {
			return MVCCReadConflict
		}
	}
	for key, version := range tx.PrivateReads {
		if l.private[key].version != version {
			return MVCCReadConflict
		}
	}
	for _, read := range tx.Ranges {
		if !slices.Equal(read.seen, l.snapshot(read.start, read.end)) {
			return PhantomReadConflict
		}
	}
	l.height++
	for _, w := range tx.Writes {
		l.apply(w)
	}
	return Valid
}

func (l *Ledger) apply(w Write) {
	cells, key := l.public, w.Key
	l.sorted = nil
	if w.Collection != "" {
		cells, key = l.private, w.Collection+"\x00"+w.Key
	}
	old := cells[key]
	switch {
	case w.Delete:
		delete(cells, key)
	case w.Policy != nil && w.Value != nil: // an attack says both at once
		cells[key] = cell{value: w.Value, version: l.height, policy: w.Policy}
	case w.Policy != nil:
		cells[key] = cell{value: old.value, version: l.height, policy: w.Policy}
	default:
		cells[key] = cell{value: w.Value, version: l.height, policy: old.policy}
	}
}

func (l *Ledger) snapshot(start, end string) []string {
	seen := []string{}
	for _, key := range l.inRange(start, end) {
		seen = append(seen, fmt.Sprintf("%s@%d", key, l.public[key].version))
	}
	return seen
}

// endorsed follows Fabric's validation: a write to an implicit collection needs its institution, a key with a policy needs that policy, and any other
// key needs the chaincode's majority.
func (l *Ledger) endorsed(tx *Stub, endorsers []string) Code {
	majority := len(endorsers)*2 > len(l.institutions)
	for _, w := range tx.Writes {
		if w.Collection != "" {
			if ledger.IsLocked(l.private[w.Collection+"\x00"+w.Key].policy) {
				return EndorsementPolicyFailure
			}
			if !slices.Contains(endorsers, strings.TrimPrefix(w.Collection, "_implicit_org_")) {
				return EndorsementPolicyFailure
			}
			continue
		}
		policy := l.public[w.Key].policy
		if bytes.Equal(policy, ledger.Locked()) {
			return EndorsementPolicyFailure
		}
		if policy == nil && !majority {
			return EndorsementPolicyFailure
		}
		for _, institution := range institutionsIn(policy) {
			if !slices.Contains(endorsers, institution) {
				return EndorsementPolicyFailure
			}
		}
	}
	return Valid
}

func institutionsIn(policy []byte) []string {
	envelope := &common.SignaturePolicyEnvelope{}
	if err := proto.Unmarshal(policy, envelope); err != nil {
		panic(err)
	}
	list := []string{}
	for _, identity := range envelope.Identities {
		role := &msp.MSPRole{}
		if err := proto.Unmarshal(identity.Principal, role); err != nil {
			panic(err)
		}
		if role.Role != msp.MSPRole_PEER {
			panic("a key-level policy names something else than peers")
		}
		list = append(list, role.MspIdentifier)
	}
	return list
}
