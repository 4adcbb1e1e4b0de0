// Package records holds the shapes of what is stored: the envelope that every record has, and a body for each noun.
//
// A record is stored in its RFC 8785 form, so that whoever parsed one can compute its digest again. docs/contract.md describes every member.
package records

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Status is what the owner last said about its record.
type Status string

// The statuses that records have.
const (
	Active    Status = "active"
	Final     Status = "final"
	Open      Status = "open"
	Withdrawn Status = "withdrawn"
	Revoked   Status = "revoked"
	Ended     Status = "ended" // of a delegation
	// Suspended and Relinquished are of a grant; a break-glass record is Proposed, then Open, then Justified.
	Suspended    Status = "suspended"
	Relinquished Status = "relinquished"
	Proposed     Status = "proposed"
	Justified    Status = "justified"
	// Announced is a key that its holder has shown. A proposal is Proposed, then Confirmed, Rejected or Withdrawn.
	Announced Status = "announced"
	Confirmed Status = "confirmed"
	Rejected  Status = "rejected"
	// A receipt is Open, then Completed or Aborted.
	Completed Status = "completed"
	Aborted   Status = "aborted"
)

// IsEnd tells whether a record with this status has ended: it stays so, whatever its owner writes later.
func (s Status) IsEnd() bool {
	return slices.Contains([]Status{Withdrawn, Revoked, Relinquished, Ended, Justified, Confirmed, Rejected, Completed, Aborted}, s)
}

// Record is one stored record: the same envelope for every noun.
type Record[B Body] struct {
	Type   string `json:"type"`
	ID     string `json:"id"`
	Owner  string `json:"owner"`
	Body   B      `json:"body"`
	Status Status `json:"status"`
	// Revision counts the states that the record has had, from 1.
	Revision  int64    `json:"revision"`
	UpdatedAt Time     `json:"updated_at"`
	Changes   []Change `json:"changes"`
}

// Change is one line of the audit: what happened, when, in which transaction, by whom.
type Change struct {
	Action string `json:"action"`
	At     Time   `json:"at"`
	Tx     string `json:"tx"`
	By     By     `json:"by"`
	Note   string `json:"note,omitzero"`
}

// By is the person who acted, as the certificate said, with the digest of the key that signed.
type By struct {
	Institution string   `json:"institution"`
	ID          string   `json:"id"`
	Roles       []string `json:"roles"`
	// Key is the SHA-256 of the public key (SubjectPublicKeyInfo).
	Key string `json:"key,omitzero"`
	// Second is the officer who confirmed what this person proposed.
	Second *Person `json:"second,omitzero"`
}

// Body is what is particular to a noun.
type Body interface {
	// RecordType is the record's `type` and the first segment of its key.
	RecordType() string
	// Place says where the record with this id stands and to whom it belongs: the key without the transaction id at its end, and the
	// only institution that may own it. Both are empty when id and body do not fit together.
	Place(id string) (prefix, owner string)
}

// Any is a record whatever its body.
type Any interface {
	// RecordType is the record's `type`.
	RecordType() string
	// Key is the only key at which the record can stand, or empty when the record does not fit together.
	Key() string
	// OwnedBy is the institution that owns it.
	OwnedBy() string
	// ChangedAt is the moment of its newest change.
	ChangedAt() Time
	// Stands is the number of its state, from 1, and what its owner says about it in that state.
	Stands() (revision int64, status Status)
	// Says is what it says, and who has made it say so.
	Says() (body Body, changes []Change)
}

// RecordType implements Any.
func (r *Record[B]) RecordType() string { return r.Type }

// OwnedBy implements Any.
func (r *Record[B]) OwnedBy() string { return r.Owner }

// ChangedAt implements Any.
func (r *Record[B]) ChangedAt() Time { return r.UpdatedAt }

// Stands implements Any.
func (r *Record[B]) Stands() (revision int64, status Status) { return r.Revision, r.Status }

// Says implements Any.
func (r *Record[B]) Says() (body Body, changes []Change) { return r.Body, r.Changes }

// CreatedAt is the moment of the record's first change.
func (r *Record[B]) CreatedAt() Time {
	if len(r.Changes) == 0 {
		return 0
	}
	return r.Changes[0].At
}

// StatedAt is the moment at which a request was stated as it stands: when it was made, or amended last.
func (r *Record[B]) StatedAt() Time {
	at := r.CreatedAt()
	for _, change := range r.Changes {
		if change.Action == r.Type+"."+Amended {
			at = change.At
		}
	}
	return at
}

// Amended is the action of the change by which a request is stated anew.
const Amended = "amended"

// WasAmended tells whether a request was stated anew after it was made.
func (r *Record[B]) WasAmended() bool {
	return slices.ContainsFunc(r.Changes, func(change Change) bool { return change.Action == r.Type+"."+Amended })
}

// CreatedIn is the transaction that made the record.
func (r *Record[B]) CreatedIn() string {
	if len(r.Changes) == 0 {
		return ""
	}
	return r.Changes[0].Tx
}

// Key is the only key at which the record can stand, or empty when the record does not fit together: type, id, owner and body; the first change and the id;
// the changes' dates and the record's. The revision is judged with the seal.
func (r *Record[B]) Key() string {
	prefix, owner := r.Body.Place(r.ID)
	if prefix == "" || owner != r.Owner || r.Type != r.Body.RecordType() || !IsTx(r.CreatedIn()) {
		return ""
	}
	kind := KindOf(r.Type)
	if kind == nil || kind.NamedByTx() && r.ID != r.CreatedIn() || !r.inOrder() {
		return ""
	}
	return prefix + "/" + r.CreatedIn()
}

func (r *Record[B]) inOrder() bool {
	var last Time
	for _, change := range r.Changes {
		if change.At < last {
			return false
		}
		last = change.At
	}
	return last == r.UpdatedAt
}

// Bytes is the stored form: RFC 8785.
func (r *Record[B]) Bytes() ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	value := jsontext.Value(text)
	if err := value.Canonicalize(); err != nil {
		return nil, err
	}
	return value, nil
}

// Digest is the lower-case hex SHA-256 of stored bytes.
func Digest(stored []byte) string {
	sum := sha256.Sum256(stored)
	return hex.EncodeToString(sum[:])
}
