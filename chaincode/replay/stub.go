package replay

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

// errPrivate is what a transaction meets that needs what is in no block.
var errPrivate = errors.New("private data are in no block")

// stub is one transaction, simulated on the replayed state.
type stub struct {
	state     state
	members   []string
	id        string
	channel   string
	at        time.Time
	creator   []byte
	did       effects
	private   bool // it asked for what is in no block
	chaincode string
}

var _ ledger.Stub = (*stub)(nil)

func (s *stub) public() *space { return s.state.of(s.chaincode, "") }

// collection is the hashes of an institution's implicit collection; Fabric knows those of the channel's institutions alone.
func (s *stub) collection(name string) (*space, error) {
	if institution, implicit := strings.CutPrefix(name, ledger.SealCollection("")); !implicit || !slices.Contains(s.members, institution) {
		return nil, fmt.Errorf("collection [%s] not defined in the collection config for chaincode [%s]", name, s.chaincode)
	}
	return s.state.of(s.chaincode, name), nil
}

func hashed(key string) string {
	sum := sha256.Sum256([]byte(key))
	return string(sum[:])
}

// GetTxID implements ledger.Stub, as do all that follow.
func (s *stub) GetTxID() string { return s.id }

func (s *stub) GetChannelID() string { return s.channel }

func (s *stub) GetTxTimestamp() (*timestamppb.Timestamp, error) { return timestamppb.New(s.at), nil }

func (s *stub) GetCreator() ([]byte, error) { return s.creator, nil }

func (s *stub) GetState(key string) ([]byte, error) { return s.public().cells[key].value, nil }

func (s *stub) GetStateValidationParameter(key string) ([]byte, error) {
	return s.public().cells[key].policy, nil
}

func (s *stub) GetMultipleStates(keys ...string) ([][]byte, error) {
	values := make([][]byte, 0, len(keys))
	for _, key := range keys {
		values = append(values, s.public().cells[key].value)
	}
	return values, nil
}

func (s *stub) GetStateByRange(start, end string) (shim.StateQueryIteratorInterface, error) {
	return &rows{s.public(), s.public().keys.between(start, end, -1)}, nil
}

func (s *stub) GetStateByRangeWithPagination(start, end string, pageSize int32, bookmark string) (shim.StateQueryIteratorInterface, *peer.QueryResponseMetadata, error) {
	return &rows{s.public(), s.public().keys.between(max(start, bookmark), end, int(pageSize))}, &peer.QueryResponseMetadata{}, nil
}

func (s *stub) GetPrivateDataHash(collection, key string) ([]byte, error) {
	there, err := s.collection(collection)
	if err != nil {
		return nil, err
	}
	return there.cells[hashed(key)].value, nil
}

func (s *stub) GetPrivateDataValidationParameter(collection, key string) ([]byte, error) {
	there, err := s.collection(collection)
	if err != nil {
		return nil, err
	}
	return there.cells[hashed(key)].policy, nil
}

func (s *stub) GetPrivateData(collection, _ string) ([]byte, error) {
	if _, err := s.collection(collection); err != nil {
		return nil, err
	}
	s.private = true
	return nil, errPrivate
}

func (s *stub) GetTransient() (map[string][]byte, error) {
	s.private = true
	return nil, errPrivate
}

func (s *stub) StartWriteBatch() {}

func (s *stub) FinishWriteBatch() error { return nil }

func (s *stub) PutState(key string, value []byte) error {
	s.did.writes[spot{"", key}] = write{value: value}
	return nil
}

func (s *stub) DelState(key string) error {
	s.did.writes[spot{"", key}] = write{gone: true}
	return nil
}

func (s *stub) SetStateValidationParameter(key string, policy []byte) error {
	s.did.policies[spot{"", key}] = policy
	return nil
}

func (s *stub) PutPrivateData(collection, key string, value []byte) error {
	if _, err := s.collection(collection); err != nil {
		return err
	}
	sum := sha256.Sum256(value)
	s.did.writes[spot{collection, hashed(key)}] = write{value: sum[:]}
	return nil
}

func (s *stub) SetPrivateDataValidationParameter(collection, key string, policy []byte) error {
	if _, err := s.collection(collection); err != nil {
		return err
	}
	s.did.policies[spot{collection, hashed(key)}] = policy
	return nil
}

func (s *stub) PurgePrivateData(collection, key string) error {
	if _, err := s.collection(collection); err != nil {
		return err
	}
	s.did.writes[spot{collection, hashed(key)}] = write{gone: true}
	return nil
}

func (s *stub) SetEvent(name string, payload []byte) error {
	s.did.event, s.did.payload = name, payload
	return nil
}

// rows is a range that is read.
type rows struct {
	space *space
	keys  []string
}

func (r *rows) HasNext() bool { return len(r.keys) > 0 }
func (r *rows) Close() error  { return nil }
func (r *rows) Next() (*queryresult.KV, error) {
	key := r.keys[0]
	r.keys = r.keys[1:]
	return &queryresult.KV{Key: key, Value: r.space.cells[key].value}, nil
}
