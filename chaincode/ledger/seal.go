package ledger

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// sealDomain keeps seals apart from any other digest of the same bytes.
const sealDomain = "medconsent/seal/2"

// mostAhead is how much later than a transaction, in seconds, an honest record can be dated that was there before it: their clocks may be off in opposite
// directions. Without it whoever dates their own record into the far future would move every decision that rests on it there.
const mostAhead = int64(2 * ClockTolerance / time.Second)

// noCollection is in what a peer says (ledger.InvalidCollNameError of Fabric) when it is asked for the collection of an institution that is not in the channel.
// Anybody's majority can write a record in such a name; it must not end a listing.
const noCollection = "not defined in the collection config"

// SealCollection is the implicit collection of an institution. Fabric validates every write to it, new keys included, against that
// institution's own endorsement policy; and any peer can read the hash of what is in it.
func SealCollection(institution string) string { return "_implicit_org_" + institution }

// SealKey is where the seal of a record's state stands in its owner's collection: each state has a key of its own.
func SealKey(key string, revision int64) string { return key + "#" + strconv.FormatInt(revision, 10) }

// EndKey is where it stands in its owner's collection that a record has ended.
func EndKey(key string) string { return key + "#end" }

// Seal is the 32 bytes that stand for one state of a record in its owner's implicit collection:
// SHA-256("medconsent/seal/2" ‖ 0x00 ‖ key ‖ 0x00 ‖ revision in decimal digits ‖ 0x00 ‖ SHA-256(value)).
func Seal(key string, revision int64, value []byte) []byte {
	digest := sha256.Sum256(value)
	h := sha256.New()
	h.Write([]byte(sealDomain))
	h.Write([]byte{0})
	h.Write([]byte(key))
	h.Write([]byte{0})
	h.Write(strconv.AppendInt(nil, revision, 10))
	h.Write([]byte{0})
	h.Write(digest[:])
	return h.Sum(nil)
}

// Sealed is a record that its owner's peers endorsed.
type Sealed[B records.Body] struct {
	Key    string
	Digest string
	Raw    jsontext.Value
	Record records.Record[B]
}

// View is a record as answers show it.
type View struct {
	Record jsontext.Value `json:"record"`
	Key    string         `json:"key"`
	Digest string         `json:"digest"`
	Sealed bool           `json:"sealed"`
}

// View shows the record.
func (s *Sealed[B]) View() View {
	return View{Record: s.Raw, Key: s.Key, Digest: s.Digest, Sealed: true}
}

// Forgery names something that stands where a record should and counts for nothing.
type Forgery struct {
	Key    string `json:"key"`
	Sealed bool   `json:"sealed"`
	Why    string `json:"forged"`
}

func forged(key, format string, arguments ...any) *Forgery {
	return &Forgery{Key: key, Why: fmt.Sprintf(format, arguments...)}
}

func noRecord(key string) *Forgery { return forged(key, "what stands there is not a record") }

func dangling(key string) *Forgery {
	return forged(key, "an index entry leads to it, and nothing stands there")
}

// verify decides whether what stands at a key is a record of type B that its owner sealed. It gives either the record or the reason why not.
func verify[B records.Body](tx *Tx, key string, value []byte) (*Sealed[B], *Forgery, error) {
	if known, ok := tx.found[key].(*Sealed[B]); ok {
		return known, nil, nil
	}
	var like B
	asForged := "forged " + like.RecordType() + " " + key
	if known, ok := tx.found[asForged].(*Forgery); ok {
		return nil, known, nil
	}
	p := tx.parse(like.RecordType(), value, decode[B])
	if p.record == nil {
		return nil, noRecord(key), nil
	}
	forgery, err := tx.unsealed(key, value, p)
	switch {
	case err != nil:
		return nil, nil, err
	case forgery != nil:
		tx.found[asForged] = forgery
		return nil, forgery, nil
	}
	sealed := sealedAs[B](p, value)
	tx.found[key] = sealed
	return sealed, nil, nil
}

// rewritten is why what stands at a key is not what the record was made with, where nothing but its status ever changes, or nil. A later state is sealed by the owner alone, and
// its chaincode may not be ours; the seal of the first nobody can write again.
func (tx *Tx) rewritten(key string, record records.Any) (*Forgery, error) {
	revision, _ := record.Stands()
	if revision < 2 {
		return nil, nil
	}
	owner := record.OwnedBy()
	first, err := records.KindOf(record.RecordType()).FirstState(record)
	if first == nil || err != nil {
		return nil, err
	}
	seal, err := tx.sealForGood(owner, SealKey(key, 1))
	if err != nil {
		return nil, err
	}
	guard, err := tx.stub.GetPrivateDataValidationParameter(SealCollection(owner), SealKey(key, 1))
	if err != nil {
		return nil, fmt.Errorf("who may write the seal of %s at %s cannot be read: %w", key, owner, err)
	}
	want := sha256.Sum256(Seal(key, 1, first))
	if bytes.Equal(seal, want[:]) && bytes.Equal(guard, Locked()) {
		return nil, nil
	}
	forgery := forged(key, "%s has written it anew: it is not the %s that was made", owner, records.KindOf(record.RecordType()).Called())
	forgery.Sealed = true
	return forgery, nil
}

// decode reads a stored form as a record with the body B.
func decode[B records.Body](value []byte) (records.Any, error) {
	record := &records.Record[B]{}
	return record, json.Unmarshal(value, record)
}

// sealedAs is the record that decode has read.
func sealedAs[B records.Body](p *parsed, value []byte) *Sealed[B] {
	return &Sealed[B]{Key: p.key, Digest: p.digest, Raw: value, Record: *p.record.(*records.Record[B])}
}

// unsealed is why what stands at a key is not a record that its owner sealed, or nil.
func (tx *Tx) unsealed(key string, value []byte, p *parsed) (*Forgery, error) {
	if p.key != key {
		return forged(key, "its type, id, owner, dates or transaction do not fit its key"), nil
	}
	if p.record.ChangedAt() > tx.Time.Add(mostAhead) {
		return forged(key, "it is dated %s, which has not come", p.record.ChangedAt()), nil
	}
	if forgery, err := tx.stateUnsealed(key, value, p.record); err != nil || forgery != nil {
		return forgery, err
	}
	if forgery := improper(p.record, p.refused(tx.Refuses)); forgery != nil {
		return forgery, nil
	}
	return tx.rewritten(key, p.record)
}

// improper says that the contract would have written no such record, although its owner has sealed it, for a reason; nil when there is none.
func improper(record records.Any, reason error) *Forgery {
	if reason == nil {
		return nil
	}
	forgery := forged(record.Key(), "%s sealed it although the contract refuses such a %s: %s", record.OwnedBy(), records.KindOf(record.RecordType()).Called(), refusal.From(reason).Message)
	forgery.Sealed = true
	return forgery
}

// stateUnsealed is why what stands at a key is not the state that the record's owner sealed last, or nil. Every state has a seal at a key of its own, which
// nobody can write again, the owner neither: so a state cannot be written anew, an earlier one not put back, and an end not be undone.
func (tx *Tx) stateUnsealed(key string, value []byte, record records.Any) (*Forgery, error) {
	owner, kind := record.OwnedBy(), records.KindOf(record.RecordType())
	revision, status := record.Stands()
	switch {
	case revision == 0:
		return forged(key, "it was written by medconsent 0.1.0, whose seals an owner could write again: it has to be made anew"), nil
	case revision < 0 || kind.IsFinal() && revision != 1:
		return forged(key, "a record of this type has no state %d", revision), nil
	}
	seal, err := tx.sealForGood(owner, SealKey(key, revision))
	if err != nil {
		if strings.Contains(err.Error(), noCollection) {
			return forged(key, "%s is no institution of this channel", owner), nil
		}
		return nil, err
	}
	want := sha256.Sum256(Seal(key, revision, value))
	if len(seal) == 0 {
		return forged(key, "it carries no seal of %s", owner), nil
	}
	if !bytes.Equal(seal, want[:]) {
		return forged(key, "it differs from what %s sealed", owner), nil
	}
	if tx.Acts {
		guard, err := tx.stub.GetPrivateDataValidationParameter(SealCollection(owner), SealKey(key, revision))
		if err != nil {
			return nil, fmt.Errorf("who may write the seal of %s at %s cannot be read: %w", key, owner, err)
		}
		if !bytes.Equal(guard, Locked()) {
			return forged(key, "%s could still write its seal again", owner), nil
		}
	}
	if kind.IsFinal() {
		return nil, nil
	}
	if seal, err = tx.sealOf(owner, SealKey(key, revision+1)); err != nil {
		return nil, err
	}
	if len(seal) > 0 {
		return forged(key, "%s has put an earlier state back in the place of a later one", owner), nil
	}
	if !kind.CanEnd() || status.IsEnd() {
		return nil, nil
	}
	if seal, err = tx.sealOf(owner, EndKey(key)); err != nil {
		return nil, err
	}
	if len(seal) > 0 {
		return forged(key, "it has ended, and %s has written it anew", owner), nil
	}
	return nil, nil
}

// sealForGood is sealOf for the seal of a state that stands: a query remembers it once it has been asked for twice and is locked, for nobody can ever write it again. What
// comes after it (the seal of a later state, of an end) is asked for anew each time.
func (tx *Tx) sealForGood(owner, key string) ([]byte, error) {
	if tx.Acts || tx.Posts == nil {
		return tx.sealOf(owner, key)
	}
	always := tx.stub.GetChannelID() + " seal " + owner + " " + key
	known := tx.Posts.recall(always)
	if len(known) > 0 {
		return known, nil
	}
	seal, err := tx.sealOf(owner, key)
	switch {
	case err != nil || len(seal) == 0:
		return nil, err
	case known == nil: // what is asked for once is not worth another question
		tx.Posts.remember(always, []byte{})
		return seal, nil
	}
	guard, err := tx.stub.GetPrivateDataValidationParameter(SealCollection(owner), key)
	if err != nil {
		return nil, fmt.Errorf("who may write the seal of %s at %s cannot be read: %w", key, owner, err)
	}
	if bytes.Equal(guard, Locked()) {
		tx.Posts.remember(always, seal)
	}
	return seal, nil
}

// sealOf reads the hash of what stands at a key of an institution's collection; nothing when nothing does.
func (tx *Tx) sealOf(owner, key string) ([]byte, error) {
	seal, err := tx.stub.GetPrivateDataHash(SealCollection(owner), key)
	if err != nil {
		return nil, fmt.Errorf("the seal of %s at %s cannot be read: %w", key, owner, err)
	}
	return seal, nil
}

// RelyOn notes that something will be decided from the record.
func RelyOn[B records.Body](tx *Tx, sealed *Sealed[B]) *Sealed[B] {
	tx.Rely(sealed.Key, sealed.Record.UpdatedAt, Ref{Type: sealed.Record.Type, ID: sealed.Record.ID, Digest: sealed.Digest})
	if tx.evidence.owners == nil {
		tx.evidence.owners = map[string]bool{}
	}
	tx.evidence.owners[sealed.Record.Owner] = true
	return sealed
}
