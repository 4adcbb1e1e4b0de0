package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hyperledger/fabric-chaincode-go/v2/pkg/statebased"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
)

// implicit is how Fabric names the collection that is an institution's own.
const implicit = "_implicit_org_"

// operation is one write that no rule was asked about. "$TX" in Key and Value stands for the id of the transaction, "$DIGEST" in Value for the digest of the value of the
// first operation.
type operation struct {
	// Do is "put", "delete", "guard", "seal" and "post" (locked, as the contract does), "seal unlocked", "unseal" or "purge".
	Do    string `json:"do"`
	Key   string `json:"key"`
	Value string `json:"value"`
	// Owner is the institution whose collection is written to (seal, post, unseal, purge).
	Owner string `json:"owner"`
	// Revision is the one whose seal is meant (seal, unseal, purge); 0 is the one that Value says, or the first.
	Revision int64 `json:"revision"`
	// By are the institutions of the key-level policy (guard).
	By []string `json:"by"`
}

// write does as it is told.
func (c colluder) write(stub shim.ChaincodeStubInterface, argument []byte) *peer.Response {
	operations, err := decode[[]operation](argument)
	if err != nil {
		return shim.Error(err.Error())
	}
	digest := ""
	for _, one := range operations {
		one.Key = strings.ReplaceAll(one.Key, "$TX", stub.GetTxID())
		one.Value = strings.ReplaceAll(one.Value, "$TX", stub.GetTxID())
		if digest == "" {
			digest = fmt.Sprintf("%x", sha256.Sum256([]byte(one.Value)))
		}
		one.Value = strings.ReplaceAll(one.Value, "$DIGEST", digest)
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
		if err := stub.PutPrivateData(collection, o.sealKey(), o.seal()); err != nil {
			return err
		}
		policy, err := locked(nil)
		if err != nil {
			return err
		}
		return stub.SetPrivateDataValidationParameter(collection, o.sealKey(), policy)
	case "post":
		if err := stub.PutPrivateData(collection, o.Key, []byte{'1'}); err != nil {
			return err
		}
		policy, err := locked([]byte(o.Value))
		if err != nil {
			return err
		}
		return stub.SetPrivateDataValidationParameter(collection, o.Key, policy)
	case "seal unlocked":
		return stub.PutPrivateData(collection, o.sealKey(), o.seal())
	case "unseal":
		return stub.DelPrivateData(collection, o.sealKey())
	case "purge":
		return stub.PurgePrivateData(collection, o.sealKey())
	}
	return fmt.Errorf("unknown operation %q", o.Do)
}

// state is the revision that is sealed.
func (o operation) state() int64 {
	said := struct {
		Revision int64 `json:"revision"`
	}{}
	if o.Revision == 0 && json.Unmarshal([]byte(o.Value), &said) == nil && said.Revision > 0 {
		return said.Revision
	}
	return max(o.Revision, 1)
}

// sealKey and seal follow docs/contract.md. A key that names a seal itself is meant as it is.
func (o operation) sealKey() string {
	if strings.Contains(o.Key, "#") {
		return o.Key
	}
	return fmt.Sprintf("%s#%d", o.Key, o.state())
}

func (o operation) seal() []byte {
	value := sha256.Sum256([]byte(o.Value))
	seal := sha256.Sum256(fmt.Appendf(nil, "medconsent/seal/2\x00%s\x00%d\x00%s", o.Key, o.state(), value[:]))
	return seal[:]
}

// locked is the policy that nobody can meet, two signatures out of one, with the text that it carries.
func locked(text []byte) ([]byte, error) {
	exactly := proto.MarshalOptions{Deterministic: true}
	role, err := exactly.Marshal(&msp.MSPRole{MspIdentifier: "nobody", Role: msp.MSPRole_PEER})
	if err != nil {
		return nil, err
	}
	one := []*common.SignaturePolicy{{Type: &common.SignaturePolicy_SignedBy{SignedBy: 0}}}
	identities := []*msp.MSPPrincipal{{PrincipalClassification: msp.MSPPrincipal_ROLE, Principal: role}}
	if text != nil {
		identities = append(identities, &msp.MSPPrincipal{PrincipalClassification: msp.MSPPrincipal_IDENTITY, Principal: text})
	}
	return exactly.Marshal(&common.SignaturePolicyEnvelope{
		Rule:       &common.SignaturePolicy{Type: &common.SignaturePolicy_NOutOf_{NOutOf: &common.SignaturePolicy_NOutOf{N: 2, Rules: one}}},
		Identities: identities,
	})
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
