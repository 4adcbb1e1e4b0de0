package ledger

import (
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"
)

var locked = func() []byte {
	role, err := proto.MarshalOptions{Deterministic: true}.Marshal(&msp.MSPRole{MspIdentifier: "nobody", Role: msp.MSPRole_PEER})
	if err != nil {
		panic(err)
	}
	two := &common.SignaturePolicy_NOutOf{N: 2, Rules: []*common.SignaturePolicy{{Type: &common.SignaturePolicy_SignedBy{SignedBy: 0}}}}
	policy, err := proto.MarshalOptions{Deterministic: true}.Marshal(&common.SignaturePolicyEnvelope{
		Rule:       &common.SignaturePolicy{Type: &common.SignaturePolicy_NOutOf_{NOutOf: two}},
		Identities: []*msp.MSPPrincipal{{PrincipalClassification: msp.MSPPrincipal_ROLE, Principal: role}},
	})
	if err != nil {
		panic(err)
	}
	return policy
}()

// Locked is the key-level endorsement policy that nobody can meet: two signatures out of one. A key that has it can be written, deleted, purged and given
// another policy by nobody, whatever chaincode runs: Fabric validates each of these by the policy that stands.
func Locked() []byte { return slices.Clone(locked) }
