package main

import (
	"strings"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"

	"medconsent.org/chaincode/records"
)

// bulk is the peer as seen by a transaction that loads: it spares what a load does not need.
type bulk struct {
	shim.ChaincodeStubInterface
}

// GetState spares asking the peer for each of thousands of new keys whether something stands there: their ids are digests, so nothing does.
func (b bulk) GetState(key string) ([]byte, error) {
	switch records.TypeOf(key) {
	case records.RequestType, records.VoteType, records.GrantType:
		return nil, nil
	}
	return b.ChaincodeStubInterface.GetState(key)
}

// PutState leaves out the index entries that only lists and trails read: they are most of what would be written, and no decision reads them.
func (b bulk) PutState(key string, value []byte) error {
	if forLists(key) {
		return nil
	}
	return b.ChaincodeStubInterface.PutState(key, value)
}

// SetStateValidationParameter leaves out what PutState leaves out.
func (b bulk) SetStateValidationParameter(key string, policy []byte) error {
	if forLists(key) {
		return nil
	}
	return b.ChaincodeStubInterface.SetStateValidationParameter(key, policy)
}

// SetEvent spares an event of thousands of changes that nobody waits for.
func (bulk) SetEvent(string, []byte) error { return nil }

func forLists(key string) bool {
	return strings.HasPrefix(key, "i/") && !strings.HasPrefix(key, "i/grant-person/")
}
