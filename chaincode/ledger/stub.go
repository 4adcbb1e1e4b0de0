// Package ledger is the contract's one way to the world state: keys, seals, typed reads and writes, indexes, the event, the clock and the caller.
//
// What is read is verified before it is handed on; what is written is queued and leaves in one go at the end, so that a refused transaction
// writes nothing and no transaction reads its own writes.
package ledger

import (
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Stub is what is used of Fabric's shim.ChaincodeStubInterface, and no more.
type Stub interface {
	GetTxID() string
	GetChannelID() string
	GetTxTimestamp() (*timestamppb.Timestamp, error)
	GetCreator() ([]byte, error)

	GetState(key string) ([]byte, error)
	GetStateValidationParameter(key string) ([]byte, error)
	GetMultipleStates(keys ...string) ([][]byte, error)
	GetStateByRange(startKey, endKey string) (shim.StateQueryIteratorInterface, error)
	GetStateByRangeWithPagination(startKey, endKey string, pageSize int32, bookmark string) (shim.StateQueryIteratorInterface, *peer.QueryResponseMetadata, error)
	GetPrivateDataHash(collection, key string) ([]byte, error)
	GetPrivateDataValidationParameter(collection, key string) ([]byte, error)
	GetPrivateData(collection, key string) ([]byte, error)
	GetTransient() (map[string][]byte, error)

	StartWriteBatch()
	FinishWriteBatch() error
	PutState(key string, value []byte) error
	DelState(key string) error
	SetStateValidationParameter(key string, policy []byte) error
	PutPrivateData(collection, key string, value []byte) error
	SetPrivateDataValidationParameter(collection, key string, policy []byte) error
	PurgePrivateData(collection, key string) error
	SetEvent(name string, payload []byte) error
}
