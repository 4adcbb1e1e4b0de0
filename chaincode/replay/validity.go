package replay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer/lifecycle"
	"google.golang.org/protobuf/proto"

	"medconsent.org/chaincode/ledger"
)

// unendorsed says what of a transaction its endorsers were not enough for, by the policies as they stand; empty when they were.
func (r *Replay) unendorsed(tx Transaction, e *envelope) string {
	for _, p := range e.parts {
		if len(p.did.writes) == 0 && len(p.did.policies) == 0 {
			continue
		}
		for at := range union(p.did.writes, nil) {
			if why := r.unmet(tx, p.chaincode, at); why != "" {
				return why
			}
		}
		for at := range p.did.policies {
			if why := r.unmet(tx, p.chaincode, at); why != "" {
				return why
			}
		}
	}
	return ""
}

func (r *Replay) unmet(tx Transaction, chaincode string, at spot) string {
	policy := r.state.of(chaincode, at.collection).cells[at.key].policy
	institution, implicit := strings.CutPrefix(at.collection, ledger.SealCollection(""))
	switch {
	case policy != nil:
		if !met(policy, tx.Endorsers) {
			return fmt.Sprintf("it changes %s, whose policy its endorsers (%s) do not meet", shown(at), strings.Join(tx.Endorsers, ", "))
		}
	case implicit:
		if !slices.Contains(tx.Endorsers, institution) {
			return fmt.Sprintf("it writes %s without a peer of %s", at.collection, institution)
		}
	case !r.enough(tx, chaincode):
		return fmt.Sprintf("its endorsers (%s) are not enough for %s", strings.Join(tx.Endorsers, ", "), chaincode)
	}
	return ""
}

// The policies by which the channel endorses, and the lifecycle of chaincodes.
const (
	lifecycleChaincode = "_lifecycle"
	endorsement        = "/Channel/Application/Endorsement"
	lifecyclePolicy    = "/Channel/Application/LifecycleEndorsement"
)

// enough tells whether the endorsers meet the policy of a chaincode, by its definition as it stands.
func (r *Replay) enough(tx Transaction, chaincode string) bool {
	if chaincode == lifecycleChaincode {
		return slices.Contains(tx.Meets, lifecyclePolicy)
	}
	field, info, policy := &lifecycle.StateData{}, &lifecycle.ChaincodeValidationInfo{}, &peer.ApplicationPolicy{}
	stored := r.state.of(lifecycleChaincode, "").cells["namespaces/fields/"+chaincode+"/ValidationInfo"].value
	if stored == nil || proto.Unmarshal(stored, field) != nil || proto.Unmarshal(field.GetBytes(), info) != nil || proto.Unmarshal(info.GetValidationParameter(), policy) != nil {
		return false
	}
	if own := policy.GetSignaturePolicy(); own != nil {
		return ruleMet(own.GetRule(), own.GetIdentities(), tx.Endorsers, map[string]bool{}, 0)
	}
	reference := policy.GetChannelConfigPolicyReference()
	if reference == "" {
		reference = endorsement
	}
	return slices.Contains(tx.Meets, reference)
}

// met tells whether peers of these institutions meet a policy.
func met(policy []byte, endorsers []string) bool {
	envelope := &common.SignaturePolicyEnvelope{}
	if proto.Unmarshal(policy, envelope) != nil {
		return false
	}
	return ruleMet(envelope.GetRule(), envelope.GetIdentities(), endorsers, map[string]bool{}, 0)
}

const deepestRule = 100

func ruleMet(rule *common.SignaturePolicy, identities []*msp.MSPPrincipal, endorsers []string, used map[string]bool, depth int) bool {
	if depth > deepestRule {
		return false
	}
	if several := rule.GetNOutOf(); several != nil {
		found := int32(0)
		for _, one := range several.GetRules() {
			if ruleMet(one, identities, endorsers, used, depth+1) {
				found++
			}
		}
		return found >= several.GetN()
	}
	signer, is := rule.GetType().(*common.SignaturePolicy_SignedBy)
	if !is || signer.SignedBy < 0 || int(signer.SignedBy) >= len(identities) {
		return false
	}
	principal, role := identities[signer.SignedBy], &msp.MSPRole{}
	if principal.GetPrincipalClassification() != msp.MSPPrincipal_ROLE || proto.Unmarshal(principal.GetPrincipal(), role) != nil {
		return false
	}
	name := role.GetMspIdentifier()
	if role.GetRole() != msp.MSPRole_PEER && role.GetRole() != msp.MSPRole_MEMBER || used[name] || !slices.Contains(endorsers, name) {
		return false
	}
	used[name] = true
	return true
}

// overtaken says what a transaction read that was no longer so; empty when all of it was.
func (r *Replay) overtaken(e *envelope) string {
	for _, p := range e.parts {
		for _, one := range p.reads {
			if r.state.of(p.chaincode, one.collection).cells[one.key].at != one.at {
				return "it read " + shown(one.spot) + ", which had changed"
			}
		}
		for _, one := range p.ranges {
			if r.moved(p.chaincode, one) {
				return "it read a range from " + shown(spot{"", one.GetStartKey()}) + " on, in which something had changed"
			}
		}
	}
	return ""
}

// moved tells whether a range is no longer what was read. Of a long one a block has only hashes: running the contract again tells.
func (r *Replay) moved(chaincode string, one *kvrwset.RangeQueryInfo) bool {
	if one.GetReadsMerkleHashes() != nil {
		return false
	}
	seen, public := one.GetRawReads().GetKvReads(), r.state.of(chaincode, "")
	end := one.GetEndKey()
	if !one.GetItrExhausted() {
		if len(seen) == 0 {
			return false
		}
		end = seen[len(seen)-1].GetKey() + "\x00" // up to it, and it
	}
	there := public.keys.between(one.GetStartKey(), end, -1)
	return !slices.EqualFunc(there, seen, func(key string, was *kvrwset.KVRead) bool {
		return key == was.GetKey() && public.cells[key].at == versionOf(was.GetVersion())
	})
}
