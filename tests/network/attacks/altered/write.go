package main

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/hyperledger/fabric-chaincode-go/v2/pkg/statebased"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// implicit is how Fabric names the collection that is an institution's own.
const implicit = "_implicit_org_"

// operation is one write that no rule was asked about. "$TX" in Key and Value stands for the id of the transaction.
type operation struct {
	// Do is "put", "delete", "guard", "seal", "unseal" or "purge".
	Do    string `json:"do"`
	Key   string `json:"key"`
	Value string `json:"value"`
	// Owner is the institution whose collection is written to (seal, unseal, purge).
	Owner string `json:"owner"`
	// By are the institutions of the key-level policy (guard).
	By []string `json:"by"`
}

// write does as it is told.
func (c colluder) write(stub shim.ChaincodeStubInterface, argument []byte) *peer.Response {
	operations, err := decode[[]operation](argument)
	if err != nil {
		return shim.Error(err.Error())
	}
	for _, one := range operations {
		one.Key = strings.ReplaceAll(one.Key, "$TX", stub.GetTxID())
		one.Value = strings.ReplaceAll(one.Value, "$TX", stub.GetTxID())
		if err := one.on(stub); err != nil {
			return shim.Error(err.Error())
		}
	}
	return shim.Success([]byte(stub.GetTxID()))
}

func (o operation) on(stub shim.ChaincodeStubInterface) error {
	collection := implicit + o.Owner
	switch o.Do {
	case "put":
		return stub.PutState(o.Key, []byte(o.Value))
	case "delete":
		return stub.DelState(o.Key)
	case "guard":
		policy, err := peersOf(o.By)
		if err != nil {
			return err
		}
		return stub.SetStateValidationParameter(o.Key, policy)
	case "seal":
		digest := sha256.Sum256([]byte("medconsent/seal/1\x00" + o.Key + "\x00" + o.Value))
		return stub.PutPrivateData(collection, o.Key, digest[:])
	case "unseal":
		return stub.DelPrivateData(collection, o.Key)
	case "purge":
		return stub.PurgePrivateData(collection, o.Key)
	}
	return fmt.Errorf("unknown operation %q", o.Do)
}

func peersOf(institutions []string) ([]byte, error) {
	policy, err := statebased.NewStateEP(nil)
	if err != nil {
		return nil, err
	}
	if err := policy.AddOrgs(statebased.RoleTypePeer, institutions...); err != nil {
		return nil, err
	}
	return policy.Policy()
}
