package ledger

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"medconsent.org/chaincode/records"
)

// sealDomain keeps seals apart from any other digest of the same bytes.
const sealDomain = "medconsent/seal/1"

// mostAhead is how much later than a transaction, in seconds, an honest record can be dated that was there before it: their clocks may be off in opposite
// directions. Without it whoever dates their own record into the far future would move every decision that rests on it there.
const mostAhead = int64(2 * ClockTolerance / time.Second)

// noCollection is in what a peer says (ledger.InvalidCollNameError of Fabric) when it is asked for the collection of an institution that is not in the channel.
// Anybody's majority can write a record in such a name; it must not end a listing.
const noCollection = "not defined in the collection config"

// SealCollection is the implicit collection of an institution. Fabric validates every write to it, new keys included, against that
// institution's own endorsement policy; and any peer can read the hash of what is in it.
func SealCollection(institution string) string { return "_implicit_org_" + institution }

// Seal is the 32 bytes that stand for a record in its owner's implicit collection:
// SHA-256("medconsent/seal/1" ‖ 0x00 ‖ key ‖ 0x00 ‖ value).
func Seal(key string, value []byte) []byte {
	h := sha256.New()
	h.Write([]byte(sealDomain))
	h.Write([]byte{0})
	h.Write([]byte(key))
	h.Write([]byte{0})
	h.Write(value)
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
	sealed := &Sealed[B]{Key: key, Raw: value, Digest: records.Digest(value)}
	if err := json.Unmarshal(value, &sealed.Record); err != nil {
		return nil, noRecord(key), nil
	}
	if forgery, err := tx.unsealed(key, value, &sealed.Record); err != nil || forgery != nil {
		return nil, forgery, err
	}
	tx.found[key] = sealed
	return sealed, nil, nil
}

// unsealed is why what stands at a key is not a record that its owner sealed, or nil.
func (tx *Tx) unsealed(key string, value []byte, record records.Any) (*Forgery, error) {
	if record.Key() != key {
		return forged(key, "its type, id, owner, dates or transaction do not fit its key"), nil
	}
	if record.ChangedAt() > tx.Time.Add(mostAhead) {
		return forged(key, "it is dated %s, which has not come", record.ChangedAt()), nil
	}
	owner := record.OwnedBy()
	seal, err := tx.stub.GetPrivateDataHash(SealCollection(owner), key)
	if err != nil && strings.Contains(err.Error(), noCollection) {
		return forged(key, "%s is no institution of this channel", owner), nil
	}
	if err != nil {
		return nil, fmt.Errorf("the seal of %s at %s cannot be read: %w", key, owner, err)
	}
	if len(seal) == 0 {
		return forged(key, "it carries no seal of %s", owner), nil
	}
	want := sha256.Sum256(Seal(key, value))
	if !bytes.Equal(seal, want[:]) {
		return forged(key, "it differs from what %s sealed", owner), nil
	}
	return nil, nil
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
