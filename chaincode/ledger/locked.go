package ledger

import (
	"bytes"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"
)

// Locked is the key-level endorsement policy that nobody can meet: two signatures out of one. A key that has it can be written, deleted, purged and given
// another policy by nobody, whatever chaincode runs: Fabric validates each of these by the policy that stands.
func Locked() []byte { return LockedWith(nil) }

// LockedWith is such a policy that carries a text: as a second identity, of which no signature is ever asked. Fabric shows every peer the policies of the keys in an
// institution's collection, and of the values only the hashes: so this is how an institution says something there that everybody can read.
func LockedWith(text []byte) []byte {
	role := marshal(&msp.MSPRole{MspIdentifier: "nobody", Role: msp.MSPRole_PEER})
	two := &common.SignaturePolicy_NOutOf{N: 2, Rules: []*common.SignaturePolicy{{Type: &common.SignaturePolicy_SignedBy{SignedBy: 0}}}}
	policy := &common.SignaturePolicyEnvelope{
		Rule:       &common.SignaturePolicy{Type: &common.SignaturePolicy_NOutOf_{NOutOf: two}},
		Identities: []*msp.MSPPrincipal{{PrincipalClassification: msp.MSPPrincipal_ROLE, Principal: role}},
	}
	if text != nil {
		policy.Identities = append(policy.Identities, &msp.MSPPrincipal{PrincipalClassification: msp.MSPPrincipal_IDENTITY, Principal: text})
	}
	return marshal(policy)
}

// TextOf is what a locked policy carries; nothing when it is no policy that LockedWith makes.
func TextOf(policy []byte) []byte {
	envelope := &common.SignaturePolicyEnvelope{}
	if proto.Unmarshal(policy, envelope) != nil || len(envelope.Identities) != 2 {
		return nil
	}
	text := envelope.Identities[1].Principal
	if !bytes.Equal(policy, LockedWith(text)) {
		return nil
	}
	return text
}

// IsLocked tells whether a policy is one that nobody can meet, whatever it carries.
func IsLocked(policy []byte) bool { return bytes.Equal(policy, Locked()) || TextOf(policy) != nil }

func marshal(message proto.Message) []byte {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		panic(err) // these messages always can be
	}
	return encoded
}
