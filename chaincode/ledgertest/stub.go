package ledgertest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/types/known/timestamppb"

	"medconsent.org/chaincode/ledger"
)

// Write is one write of a simulated transaction: to the public state, or to a collection.
type Write struct {
	Collection string
	Key        string
	Value      []byte
	Policy     []byte
	Delete     bool
}

type rangeRead struct {
	start, end string
	seen       []string
}

// Stub simulates one transaction on a ledger and records what it reads and writes.
type Stub struct {
	ledger  *Ledger
	txID    string
	at      time.Time
	creator []byte

	Reads        map[string]int
	PrivateReads map[string]int
	Ranges       []rangeRead
	Writes       []Write
	EventName    string
	EventPayload []byte
	// Guards counts the key-level policies of collections that were read.
	Guards int
	// Together counts the keys that were asked for in one call with another.
	Together int
	// RoundTrips counts the calls that a real shim would send to the peer.
	RoundTrips int
	// FailAt is the call that the peer fails; 0 is none.
	FailAt int
	// DatabaseFails makes the peer answer a question for several keys with none, as Fabric does when its database fails.
	DatabaseFails bool
	// Pages counts the parts of ranges that were read, from these keys on.
	Pages     int
	pagesFrom []string
	paginated bool
	// Transient is what the client sends beside the transaction, and Peer the institution whose peer simulates; empty is one that sees every collection.
	Transient map[string][]byte
	Peer      string
}

var _ ledger.Stub = (*Stub)(nil)

// Begin starts to simulate a transaction.
func (l *Ledger) Begin(txID string, at time.Time, creator []byte) *Stub {
	return &Stub{ledger: l, txID: txID, at: at, creator: creator, Reads: map[string]int{}, PrivateReads: map[string]int{}}
}

func (s *Stub) trip() error {
	if s.RoundTrips++; s.RoundTrips == s.FailAt {
		return errors.New("the peer went away")
	}
	return nil
}

// GetTxID is the transaction's id.
func (s *Stub) GetTxID() string { return s.txID }

// GetChannelID is the channel's name.
func (s *Stub) GetChannelID() string { return "medconsent" }

// GetTxTimestamp is what the client says the time is.
func (s *Stub) GetTxTimestamp() (*timestamppb.Timestamp, error) { return timestamppb.New(s.at), nil }

// GetCreator is the caller's serialized identity.
func (s *Stub) GetCreator() ([]byte, error) { return s.creator, nil }

// GetState reads committed state.
func (s *Stub) GetState(key string) ([]byte, error) {
	if err := s.trip(); err != nil {
		return nil, err
	}
	cell := s.ledger.public[key]
	s.Reads[key] = cell.version
	return cell.value, nil
}

// GetMultipleStates reads committed state at several keys, in one round trip; the peer's database may fail without a word.
func (s *Stub) GetMultipleStates(keys ...string) ([][]byte, error) {
	if s.DatabaseFails {
		return nil, s.trip()
	}
	if err := s.trip(); err != nil {
		return nil, err
	}
	s.Together += len(keys) - 1
	values := make([][]byte, 0, len(keys))
	for _, key := range keys {
		cell := s.ledger.public[key]
		s.Reads[key] = cell.version
		values = append(values, cell.value)
	}
	return values, nil
}

// GetStateValidationParameter reads the key-level policy of a public key.
func (s *Stub) GetStateValidationParameter(key string) ([]byte, error) {
	if err := s.trip(); err != nil {
		return nil, err
	}
	cell := s.ledger.public[key]
	s.Reads[key] = cell.version
	return cell.policy, nil
}

// GetPrivateDataHash reads the hash of committed private data.
func (s *Stub) GetPrivateDataHash(collection, key string) ([]byte, error) {
	if err := s.trip(); err != nil {
		return nil, err
	}
	if institution, _ := strings.CutPrefix(collection, "_implicit_org_"); !slices.Contains(s.ledger.institutions, institution) {
		return nil, fmt.Errorf("GET_PRIVATE_DATA_HASH failed: collection [%s] not defined in the collection config for chaincode [medconsent]", collection)
	}
	at := collection + "\x00" + key
	cell := s.ledger.private[at]
	s.PrivateReads[at] = cell.version
	if cell.value == nil {
		return nil, nil
	}
	sum := sha256.Sum256(cell.value)
	return sum[:], nil
}

// GetPrivateDataValidationParameter reads the key-level policy of committed private data, which every peer has.
func (s *Stub) GetPrivateDataValidationParameter(collection, key string) ([]byte, error) {
	if err := s.trip(); err != nil {
		return nil, err
	}
	s.Guards++
	if institution, _ := strings.CutPrefix(collection, "_implicit_org_"); !slices.Contains(s.ledger.institutions, institution) {
		return nil, fmt.Errorf("GET_STATE_METADATA failed: collection medconsent/medconsent/%s could not be found", collection)
	}
	at := collection + "\x00" + key
	cell := s.ledger.private[at]
	s.PrivateReads[at] = cell.version
	return cell.policy, nil
}

// GetPrivateData reads committed private data, which only the peers of its institution have.
func (s *Stub) GetPrivateData(collection, key string) ([]byte, error) {
	if err := s.trip(); err != nil {
		return nil, err
	}
	institution, _ := strings.CutPrefix(collection, "_implicit_org_")
	if !slices.Contains(s.ledger.institutions, institution) {
		return nil, fmt.Errorf("GET_STATE failed: collection [%s] not defined in the collection config for chaincode [medconsent]", collection)
	}
	if s.Peer != "" && s.Peer != institution {
		return nil, fmt.Errorf("GET_STATE failed: private data matching public hash version is not available for collection [%s]", collection)
	}
	at := collection + "\x00" + key
	cell := s.ledger.private[at]
	s.PrivateReads[at] = cell.version
	return cell.value, nil
}

// GetTransient is what the client sent beside the transaction.
func (s *Stub) GetTransient() (map[string][]byte, error) { return s.Transient, s.trip() }

// GetStateByRange reads a range that is protected against phantoms.
func (s *Stub) GetStateByRange(start, end string) (shim.StateQueryIteratorInterface, error) {
	if err := s.trip(); err != nil {
		return nil, err
	}
	s.Ranges = append(s.Ranges, rangeRead{start, end, s.ledger.snapshot(start, end)})
	return s.iterate(start, end, -1), nil
}

// GetStateByRangeWithPagination reads a part of a range that is not protected; a peer then refuses writes.
func (s *Stub) GetStateByRangeWithPagination(start, end string, pageSize int32, bookmark string) (shim.StateQueryIteratorInterface, *peer.QueryResponseMetadata, error) {
	if err := s.trip(); err != nil {
		return nil, nil, err
	}
	if len(s.Writes) > 0 {
		return nil, nil, errors.New("paginated queries are supported only in a read-only transaction")
	}
	s.paginated = true
	s.Pages++
	s.pagesFrom = append(s.pagesFrom, start)
	return s.iterate(max(start, bookmark), end, int(pageSize)), &peer.QueryResponseMetadata{}, nil
}

// Reachable lists where somebody else can write what the transaction reads: the beginnings of its ranges, and keys at which it found nothing.
func (s *Stub) Reachable() []string {
	reachable := slices.Clone(s.pagesFrom)
	for _, read := range s.Ranges {
		reachable = append(reachable, read.start)
	}
	for key, version := range s.Reads {
		if version == 0 && !strings.Contains(key, s.txID) {
			reachable = append(reachable, key)
		}
	}
	slices.Sort(reachable)
	return slices.Compact(reachable)
}

func (s *Stub) iterate(start, end string, most int) *rows {
	keys := s.ledger.inRange(start, end)
	if most >= 0 && len(keys) > most {
		keys = keys[:most]
	}
	return &rows{stub: s, keys: keys}
}

type rows struct {
	stub *Stub
	keys []string
}

func (r *rows) HasNext() bool { return len(r.keys) > 0 }
func (r *rows) Close() error  { return r.stub.trip() }
func (r *rows) Next() (*queryresult.KV, error) {
	key := r.keys[0]
	r.keys = r.keys[1:]
	return &queryresult.KV{Key: key, Value: r.stub.ledger.public[key].value}, nil
}

// StartWriteBatch does nothing here.
func (s *Stub) StartWriteBatch() {}

// FinishWriteBatch does nothing here.
func (s *Stub) FinishWriteBatch() error { return nil }

func (s *Stub) write(w Write) error {
	if err := s.trip(); err != nil {
		return err
	}
	switch {
	case s.paginated:
		return errors.New("the transaction has already performed a paginated query, writes are not allowed")
	case w.Key == "":
		return errors.New("a key must not be empty")
	case !w.Delete && w.Policy == nil && len(w.Value) == 0:
		return fmt.Errorf("a write of nothing to %s would be a deletion", w.Key)
	}
	for _, earlier := range s.Writes {
		if earlier.Collection == w.Collection && earlier.Key == w.Key && (earlier.Policy == nil) == (w.Policy == nil) {
			return fmt.Errorf("%s is written twice", w.Key)
		}
	}
	s.Writes = append(s.Writes, w)
	return nil
}

// PutState records a write.
func (s *Stub) PutState(key string, value []byte) error {
	return s.write(Write{Key: key, Value: value})
}

// DelState records a deletion.
func (s *Stub) DelState(key string) error { return s.write(Write{Key: key, Delete: true}) }

// SetStateValidationParameter records a key-level policy.
func (s *Stub) SetStateValidationParameter(key string, policy []byte) error {
	return s.write(Write{Key: key, Policy: policy})
}

// PutPrivateData records a write to a collection.
func (s *Stub) PutPrivateData(collection, key string, value []byte) error {
	if !strings.HasPrefix(collection, "_implicit_org_") {
		return fmt.Errorf("there is no collection %s", collection)
	}
	return s.write(Write{Collection: collection, Key: key, Value: value})
}

// SetPrivateDataValidationParameter records a key-level policy in a collection.
func (s *Stub) SetPrivateDataValidationParameter(collection, key string, policy []byte) error {
	if !strings.HasPrefix(collection, "_implicit_org_") {
		return fmt.Errorf("there is no collection %s", collection)
	}
	return s.write(Write{Collection: collection, Key: key, Policy: policy})
}

// PurgePrivateData records the removal of private data, which need not be there.
func (s *Stub) PurgePrivateData(collection, key string) error {
	if !strings.HasPrefix(collection, "_implicit_org_") {
		return fmt.Errorf("there is no collection %s", collection)
	}
	return s.write(Write{Collection: collection, Key: key, Delete: true})
}

// SetEvent records the event.
func (s *Stub) SetEvent(name string, payload []byte) error {
	if err := s.trip(); err != nil {
		return err
	}
	s.EventName, s.EventPayload = name, payload
	return nil
}
