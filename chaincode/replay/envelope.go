package replay

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
)

// part is what a transaction reads and writes in one chaincode's namespace.
type part struct {
	chaincode string
	did       effects
	reads     []read
	ranges    []*kvrwset.RangeQueryInfo
}

// read is a key that was read, as it stood then.
type read struct {
	spot
	at version
}

// envelope is a transaction as it stands in a block.
type envelope struct {
	id, channel string
	at          time.Time
	creator     []byte
	chaincode   string
	arguments   [][]byte
	parts       []part
}

// open reads a transaction and looks whether it is one thing: its id that of its creator and nonce, and what was endorsed the answer to what was asked.
func open(data []byte) (*envelope, error) {
	outer, payload, channel, signature := &common.Envelope{}, &common.Payload{}, &common.ChannelHeader{}, &common.SignatureHeader{}
	if err := errors.Join(proto.Unmarshal(data, outer), proto.Unmarshal(outer.GetPayload(), payload)); err != nil {
		return nil, err
	}
	if err := errors.Join(proto.Unmarshal(payload.GetHeader().GetChannelHeader(), channel), proto.Unmarshal(payload.GetHeader().GetSignatureHeader(), signature)); err != nil {
		return nil, err
	}
	opened := &envelope{id: channel.GetTxId(), channel: channel.GetChannelId(), at: channel.GetTimestamp().AsTime(), creator: signature.GetCreator()}
	if sum := sha256.Sum256(append(bytes.Clone(signature.GetNonce()), signature.GetCreator()...)); hex.EncodeToString(sum[:]) != opened.id {
		return nil, errors.New("its id is not that of its creator and nonce")
	}
	transaction := &peer.Transaction{}
	if err := proto.Unmarshal(payload.GetData(), transaction); err != nil {
		return nil, err
	}
	if len(transaction.GetActions()) != 1 {
		return nil, fmt.Errorf("it has %d actions", len(transaction.GetActions()))
	}
	return opened, opened.action(payload.GetHeader(), transaction.GetActions()[0])
}

func (e *envelope) action(header *common.Header, one *peer.TransactionAction) error {
	action, asked, response, done := &peer.ChaincodeActionPayload{}, &peer.ChaincodeProposalPayload{}, &peer.ProposalResponsePayload{}, &peer.ChaincodeAction{}
	if err := proto.Unmarshal(one.GetPayload(), action); err != nil {
		return err
	}
	if err := errors.Join(proto.Unmarshal(action.GetChaincodeProposalPayload(), asked), proto.Unmarshal(action.GetAction().GetProposalResponsePayload(), response)); err != nil {
		return err
	}
	hash := sha256.New()
	hash.Write(header.GetChannelHeader())
	hash.Write(header.GetSignatureHeader())
	hash.Write(action.GetChaincodeProposalPayload())
	if !bytes.Equal(one.GetHeader(), header.GetSignatureHeader()) || !bytes.Equal(hash.Sum(nil), response.GetProposalHash()) {
		return errors.New("what was endorsed is the answer to another proposal")
	}
	invocation, results := &peer.ChaincodeInvocationSpec{}, &rwset.TxReadWriteSet{}
	if err := errors.Join(proto.Unmarshal(asked.GetInput(), invocation), proto.Unmarshal(response.GetExtension(), done)); err != nil {
		return err
	}
	if err := proto.Unmarshal(done.GetResults(), results); err != nil {
		return err
	}
	e.chaincode, e.arguments = invocation.GetChaincodeSpec().GetChaincodeId().GetName(), invocation.GetChaincodeSpec().GetInput().GetArgs()
	if name := done.GetChaincodeId().GetName(); name != e.chaincode {
		return fmt.Errorf("%q was asked, and %q answered", e.chaincode, name)
	}
	for _, one := range results.GetNsRwset() {
		read, err := partOf(one)
		if err != nil {
			return err
		}
		e.parts = append(e.parts, read)
	}
	return e.answered(done)
}

// answered puts event and answer with what the chaincode that was asked wrote.
func (e *envelope) answered(done *peer.ChaincodeAction) error {
	event := &peer.ChaincodeEvent{}
	if err := proto.Unmarshal(done.GetEvents(), event); err != nil {
		return err
	}
	own := e.part(e.chaincode)
	own.did.event, own.did.payload, own.did.answer = event.GetEventName(), event.GetPayload(), done.GetResponse().GetPayload()
	return nil
}

// part is what it does in one namespace.
func (e *envelope) part(chaincode string) *part {
	for i := range e.parts {
		if e.parts[i].chaincode == chaincode {
			return &e.parts[i]
		}
	}
	e.parts = append(e.parts, part{chaincode: chaincode, did: newEffects()})
	return &e.parts[len(e.parts)-1]
}

func partOf(one *rwset.NsReadWriteSet) (part, error) {
	found, public := part{chaincode: one.GetNamespace(), did: newEffects()}, &kvrwset.KVRWSet{}
	if err := proto.Unmarshal(one.GetRwset(), public); err != nil {
		return found, err
	}
	for _, r := range public.GetReads() {
		found.reads = append(found.reads, read{spot{"", r.GetKey()}, versionOf(r.GetVersion())})
	}
	found.ranges = public.GetRangeQueriesInfo()
	for _, w := range public.GetWrites() {
		found.did.writes[spot{"", w.GetKey()}] = write{value: w.GetValue(), gone: w.GetIsDelete()}
	}
	for _, w := range public.GetMetadataWrites() {
		found.did.policies[spot{"", w.GetKey()}] = policyIn(w.GetEntries())
	}
	for _, c := range one.GetCollectionHashedRwset() {
		private := &kvrwset.HashedRWSet{}
		if err := proto.Unmarshal(c.GetHashedRwset(), private); err != nil {
			return found, err
		}
		for _, r := range private.GetHashedReads() {
			found.reads = append(found.reads, read{spot{c.GetCollectionName(), string(r.GetKeyHash())}, versionOf(r.GetVersion())})
		}
		for _, w := range private.GetHashedWrites() {
			found.did.writes[spot{c.GetCollectionName(), string(w.GetKeyHash())}] = write{value: w.GetValueHash(), gone: w.GetIsDelete() || w.GetIsPurge()}
		}
		for _, w := range private.GetMetadataWrites() {
			found.did.policies[spot{c.GetCollectionName(), string(w.GetKeyHash())}] = policyIn(w.GetEntries())
		}
	}
	return found, nil
}

func versionOf(v *kvrwset.Version) version { return version{v.GetBlockNum(), v.GetTxNum()} }

// policyIn is the last that is named so, as Fabric's map of them keeps it.
func policyIn(entries []*kvrwset.KVMetadataEntry) (policy []byte) {
	for _, entry := range entries {
		if entry.GetName() == "VALIDATION_PARAMETER" {
			policy = entry.GetValue()
		}
	}
	return policy
}
