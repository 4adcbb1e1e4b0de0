package replay

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer/lifecycle"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
)

var (
	institutions = []string{"hanbit", "nuri", "saerom"}
	moment       = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	enough       = []string{endorsement}
)

// world is a channel, and what happens on it: the contract's own program makes what is put into envelopes.
type world struct {
	*testing.T
	replay *Replay
	block  uint64
	count  uint64
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, replay: New("medconsent"), block: 1}
	info := encoded(&lifecycle.ChaincodeValidationInfo{ValidationParameter: encoded(&peer.ApplicationPolicy{
		Type: &peer.ApplicationPolicy_ChannelConfigPolicyReference{ChannelConfigPolicyReference: endorsement},
	})})
	field := encoded(&lifecycle.StateData{Type: &lifecycle.StateData_Bytes{Bytes: info}})
	w.replay.state.of("_lifecycle", "").put("namespaces/fields/medconsent/ValidationInfo", field, version{1, 0})
	w.replay.members = institutions
	return w
}

func encoded(message proto.Message) []byte {
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		panic(err)
	}
	return data
}

// made is a transaction before it is put into an envelope, for tests to change.
type made struct {
	id, chaincode string
	nonce         []byte
	creator       []byte
	arguments     [][]byte
	answered      [][]byte // what the endorsers were asked, where it is something else
	did           effects
	reads         []read
	ranges        []*kvrwset.RangeQueryInfo
}

func (w *world) made(creator []byte, function, argument string) *made {
	w.Helper()
	w.count++
	m := &made{chaincode: "medconsent", nonce: binary.BigEndian.AppendUint64(nil, w.count), creator: creator, arguments: [][]byte{[]byte(function), []byte(argument)}}
	sum := sha256.Sum256(append(bytes.Clone(m.nonce), creator...))
	m.id = hex.EncodeToString(sum[:])
	s, response := w.replay.run(m.id, "medconsent", moment, creator, m.arguments)
	if response.GetStatus() != 200 {
		w.Fatalf("%s: %s", function, response.GetMessage())
	}
	m.did = s.did
	m.did.answer = response.GetPayload()
	return m
}

func (m *made) envelope() []byte {
	public, collections := &kvrwset.KVRWSet{RangeQueriesInfo: m.ranges}, map[string]*kvrwset.HashedRWSet{}
	in := func(name string) *kvrwset.HashedRWSet {
		if collections[name] == nil {
			collections[name] = &kvrwset.HashedRWSet{}
		}
		return collections[name]
	}
	for _, r := range m.reads {
		at := &kvrwset.Version{BlockNum: r.at.block, TxNum: r.at.tx}
		if r.at == (version{}) {
			at = nil
		}
		if r.collection == "" {
			public.Reads = append(public.Reads, &kvrwset.KVRead{Key: r.key, Version: at})
		} else {
			in(r.collection).HashedReads = append(in(r.collection).HashedReads, &kvrwset.KVReadHash{KeyHash: []byte(r.key), Version: at})
		}
	}
	for at, w := range m.did.writes {
		if at.collection == "" {
			public.Writes = append(public.Writes, &kvrwset.KVWrite{Key: at.key, Value: w.value, IsDelete: w.gone})
		} else {
			in(at.collection).HashedWrites = append(in(at.collection).HashedWrites, &kvrwset.KVWriteHash{KeyHash: []byte(at.key), ValueHash: w.value, IsPurge: w.gone})
		}
	}
	for at, policy := range m.did.policies {
		entries := []*kvrwset.KVMetadataEntry{{Name: "VALIDATION_PARAMETER", Value: policy}}
		if at.collection == "" {
			public.MetadataWrites = append(public.MetadataWrites, &kvrwset.KVMetadataWrite{Key: at.key, Entries: entries})
		} else {
			in(at.collection).MetadataWrites = append(in(at.collection).MetadataWrites, &kvrwset.KVMetadataWriteHash{KeyHash: []byte(at.key), Entries: entries})
		}
	}
	namespace := &rwset.NsReadWriteSet{Namespace: "medconsent", Rwset: encoded(public)}
	for name, set := range collections {
		namespace.CollectionHashedRwset = append(namespace.CollectionHashedRwset, &rwset.CollectionHashedReadWriteSet{CollectionName: name, HashedRwset: encoded(set)})
	}
	header := &common.Header{
		ChannelHeader: encoded(&common.ChannelHeader{
			Type: int32(common.HeaderType_ENDORSER_TRANSACTION), TxId: m.id, ChannelId: "medconsent", Timestamp: timestamppb.New(moment),
		}),
		SignatureHeader: encoded(&common.SignatureHeader{Creator: m.creator, Nonce: m.nonce}),
	}
	input := func(arguments [][]byte) []byte {
		return encoded(&peer.ChaincodeProposalPayload{Input: encoded(&peer.ChaincodeInvocationSpec{ChaincodeSpec: &peer.ChaincodeSpec{
			ChaincodeId: &peer.ChaincodeID{Name: m.chaincode}, Input: &peer.ChaincodeInput{Args: arguments},
		}})})
	}
	asked := input(m.arguments)
	if m.answered != nil {
		asked = input(m.answered)
	}
	hash := sha256.Sum256(append(append(bytes.Clone(header.ChannelHeader), header.SignatureHeader...), asked...))
	response := &peer.ProposalResponsePayload{ProposalHash: hash[:], Extension: encoded(&peer.ChaincodeAction{
		Results: encoded(&rwset.TxReadWriteSet{NsRwset: []*rwset.NsReadWriteSet{namespace}}), ChaincodeId: &peer.ChaincodeID{Name: m.chaincode},
		Events:   encoded(&peer.ChaincodeEvent{EventName: m.did.event, Payload: m.did.payload, TxId: m.id, ChaincodeId: m.chaincode}),
		Response: &peer.Response{Status: 200, Payload: m.did.answer},
	})}
	action := &peer.ChaincodeActionPayload{ChaincodeProposalPayload: input(m.arguments), Action: &peer.ChaincodeEndorsedAction{ProposalResponsePayload: encoded(response)}}
	transaction := &peer.Transaction{Actions: []*peer.TransactionAction{{Header: header.SignatureHeader, Payload: encoded(action)}}}
	return encoded(&common.Envelope{Payload: encoded(&common.Payload{Header: header, Data: encoded(transaction)})})
}

func right(envelope []byte) Transaction {
	return Transaction{Code: int32(peer.TxValidationCode_VALID), Signed: true, Endorsers: institutions, Meets: enough, Envelope: envelope}
}

// judge puts transactions into one block.
func (w *world) judge(transactions ...Transaction) Judged {
	for i := range transactions {
		transactions[i].Index = uint64(i)
	}
	w.block++
	return w.replay.Judge(Block{Number: w.block, Members: institutions, Transactions: transactions})
}

func (w *world) finds(judged Judged, code, words string) {
	w.Helper()
	if len(judged.Findings) != 1 || judged.Findings[0].Code != code || !strings.Contains(judged.Findings[0].Sentence, words) {
		w.Fatalf("wanted %s (%s), got %v", code, words, judged.Findings)
	}
}

func (w *world) clean(judged Judged) {
	w.Helper()
	if len(judged.Findings) > 0 {
		w.Fatal(judged.Findings)
	}
}

func person(name string) []byte {
	return ledgertest.PersonWith(ledgertest.KeyNamed(name), "hanbit", name, "researcher")
}

func TestWhatTheContractWroteIsWrittenAgain(t *testing.T) {
	w := newWorld(t)
	judged := w.judge(right(w.made(person("kim"), "person.announce", "{}").envelope()))
	w.clean(judged)
	if judged.Valid != 1 || judged.Again != 1 || len(w.replay.state.of("medconsent", "").cells) == 0 {
		t.Fatalf("%+v", judged)
	}
}

// Each is a transaction that was right before something about it was changed, and that the block says is valid.
func TestWhatIsWronglyTakenForValid(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*made)
		facts  func(*Transaction)
		words  string
	}{
		"nobody signed it":              {nil, func(tx *Transaction) { tx.Signed = false }, "no member"},
		"its endorsers are too few":     {nil, func(tx *Transaction) { tx.Meets = nil }, "not enough for medconsent"},
		"the owner's peer is not there": {nil, func(tx *Transaction) { tx.Endorsers = []string{"nuri", "saerom"} }, "without a peer of hanbit"},
		"its id is another":             {func(m *made) { m.nonce = []byte("other") }, nil, "its id"},
		"another proposal was endorsed": {func(m *made) { m.answered = [][]byte{[]byte("contract.version"), []byte("{}")} }, nil, "another proposal"},
		"it read what had changed":      {func(m *made) { m.reads = []read{{spot{"", "some/key"}, version{1, 7}}} }, nil, "some/key, which had changed"},
		"it read a hash that changed": {
			func(m *made) { m.reads = []read{{spot{ledger.SealCollection("hanbit"), "hash"}, version{1, 7}}} }, nil, "which had changed",
		},
		"it read a range that changed": {func(m *made) {
			m.ranges = []*kvrwset.RangeQueryInfo{{StartKey: "a", EndKey: "b", ItrExhausted: true, ReadsInfo: &kvrwset.RangeQueryInfo_RawReads{
				RawReads: &kvrwset.QueryReads{KvReads: []*kvrwset.KVRead{{Key: "aa", Version: &kvrwset.Version{BlockNum: 1}}}},
			}}}
		}, nil, "a range from a"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			m := w.made(person("kim"), "person.announce", "{}")
			if c.change != nil {
				c.change(m)
			}
			tx := right(m.envelope())
			if c.facts != nil {
				c.facts(&tx)
			}
			w.finds(w.judge(tx), TakenWrongly, c.words)
			if len(w.replay.state.of("medconsent", "").cells) > 0 {
				t.Fatal("it was committed")
			}
		})
	}
}

// The last vote of an approval, on a ledger that the contract's own tests have made.
func TestAGrantIsDecidedAgain(t *testing.T) {
	story, w := sample.New(t), newWorld(t)
	request := story.Submitted()
	story.Vote("hanbit/a:dac", request, "approve")
	story.Vote("saerom/e-1:ethics", request, "approve")
	ballot := sample.Text(story.Ballot(request, "approve", "dac"))
	if _, _, refused := story.Simulate("hanbit/b:dac", "request.vote", ballot); refused != nil {
		t.Fatal(refused)
	}
	story.Ledger.Each(func(collection, key string, value, policy []byte) {
		if collection != "" {
			sum := sha256.Sum256(value)
			key, value = hashed(key), sum[:]
		}
		w.replay.state.of("medconsent", collection).put(key, value, version{1, 0})
		w.replay.state.of("medconsent", collection).guard(key, policy, version{1, 0})
	})
	judged := w.judge(right(w.made(story.Person("hanbit/b:dac"), "request.vote", ballot).envelope()))
	w.clean(judged)
	ended := w.replay.End()
	if judged.Again != 1 || len(judged.Decisions) != 1 || len(ended.Grants) != 1 || ended.At != moment {
		t.Fatalf("%+v", judged)
	}
	made := ended.Grants[0]
	if len(made.Votes) != 3 || len(made.Checks) != 1 || made.Function != "request.vote" || made.Block != w.block {
		t.Fatalf("%+v", made)
	}
	for _, told := range []struct {
		answer json.RawMessage
		words  string
	}{
		{made.Checks[0], `"decision":"permit"`}, {made.Standing, `"state":"active"`}, {made.Votes[0], `"type":"vote"`},
		{made.Record, `"grantees":["kim"]`},
	} {
		if !bytes.Contains(told.answer, []byte(told.words)) {
			t.Fatalf("%s is not in %s", told.words, told.answer)
		}
	}
	w.replay.state.of("medconsent", ledger.SealCollection("hanbit")).remove(hashed(ledger.SealKey(made.Key, 1)))
	if forged := w.replay.End().Grants[0]; forged.Standing != nil || !bytes.Contains(forged.Refusal, []byte("FORGED")) {
		t.Fatalf("a grant without its seal stands: %+v", forged)
	}
}

func TestOneIdCountsOnce(t *testing.T) {
	w := newWorld(t)
	envelope := w.made(person("kim"), "person.announce", "{}").envelope()
	w.clean(w.judge(right(envelope)))
	w.finds(w.judge(right(envelope)), TakenWrongly, "another one with its id")
	copied := right(envelope)
	copied.Code = int32(peer.TxValidationCode_DUPLICATE_TXID)
	w.clean(w.judge(copied))
}

func TestWhatWasLeftOutIsFound(t *testing.T) {
	w := newWorld(t)
	tx := right(w.made(person("kim"), "person.announce", "{}").envelope())
	tx.Code = int32(peer.TxValidationCode_MVCC_READ_CONFLICT)
	w.finds(w.judge(tx), RefusedWrongly, "nothing is wrong with it")
	if len(w.replay.state.of("medconsent", "").cells) == 0 {
		t.Fatal("what was left out counts: who verifies sees the ledger as it ought to be")
	}
	other := newWorld(t)
	tx = right(other.made(person("kim"), "person.announce", "{}").envelope())
	tx.Code = int32(peer.TxValidationCode_BAD_CREATOR_SIGNATURE) // perhaps a certificate that had ended: the peers' alone
	if judged := other.judge(tx); len(judged.Findings) > 0 || judged.Unjudged != 1 {
		t.Fatalf("%+v", judged)
	}
}

func TestARightRefusalIsNoFinding(t *testing.T) {
	w := newWorld(t)
	m := w.made(person("kim"), "person.announce", "{}")
	m.reads = []read{{spot{"", "some/key"}, version{1, 7}}}
	tx := right(m.envelope())
	tx.Code = int32(peer.TxValidationCode_MVCC_READ_CONFLICT)
	if judged := w.judge(tx); len(judged.Findings) > 0 || judged.Invalid != 1 {
		t.Fatalf("%+v", judged)
	}
}

// What others wrote, endorsed well enough for Fabric.
func TestWhatTheContractWouldNotHaveWritten(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*made)
		words  string
	}{
		"a record is another": {func(m *made) {
			for at := range m.did.writes {
				if at.collection == "" {
					m.did.writes[at] = write{value: []byte(`{"type":"person"}`)}
					return
				}
			}
			m.did.writes[spot{ledger.SealCollection("hanbit"), "more"}] = write{value: []byte("hash")}
		}, "what it writes at"},
		"its answer is another":             {func(m *made) { m.did.answer = []byte(`{}`) }, "its answer"},
		"its event is another":              {func(m *made) { m.did.event = "grant.revoke" }, "its event"},
		"a policy is another":               {func(m *made) { m.did.policies[spot{"", "x"}] = []byte("p") }, "who may change x"},
		"it was asked what it would refuse": {func(m *made) { m.arguments = [][]byte{[]byte("grant.revoke"), []byte(`{"grant":"00"}`)} }, "the contract refuses it"},
		"another chaincode wrote":           {func(m *made) { m.chaincode = "other" }, "other wrote in the contract's name"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			m := w.made(person("kim"), "person.announce", "{}")
			c.change(m)
			w.finds(w.judge(right(m.envelope())), NotByContract, c.words)
		})
	}
}

func TestAKeysPolicyIsAskedFor(t *testing.T) {
	w := newWorld(t)
	policy, err := ledger.PeersOf("hanbit")
	if err != nil {
		t.Fatal(err)
	}
	public := w.replay.state.of("medconsent", "")
	public.put("guarded", []byte("1"), version{1, 0})
	public.guard("guarded", policy, version{1, 0})
	overwritten := func() *made {
		m := w.made(person("kim"), "contract.version", "{}")
		m.did.writes[spot{"", "guarded"}] = write{value: []byte("2")}
		return m
	}
	tx := right(overwritten().envelope())
	tx.Endorsers = []string{"nuri", "saerom"}
	w.finds(w.judge(tx), TakenWrongly, "guarded, whose policy")
	tx = right(overwritten().envelope())
	tx.Endorsers, tx.Meets = []string{"hanbit"}, nil // the key's policy alone
	w.finds(w.judge(tx), NotByContract, "guarded")
	public.guard("guarded", ledger.Locked(), version{1, 0})
	w.finds(w.judge(right(overwritten().envelope())), TakenWrongly, "guarded, whose policy")
}

func TestAPolicyThatChangedInTheBlockExcusesARefusal(t *testing.T) {
	w := newWorld(t)
	first := w.made(person("kim"), "contract.version", "{}")
	first.did.writes[spot{"", "k"}] = write{value: []byte("1")}
	first.did.policies[spot{"", "k"}] = nil
	second := w.made(person("kim"), "contract.version", "{}")
	second.did.writes[spot{"", "k"}] = write{value: []byte("2")}
	refused := right(second.envelope())
	refused.Code = int32(peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE)
	judged := w.judge(right(first.envelope()), refused)
	if len(judged.Findings) != 1 || judged.Findings[0].Code != NotByContract || judged.Unjudged != 1 {
		t.Fatalf("%+v", judged)
	}
}

func TestWhatIsNoTransactionIsNoReasonToStop(t *testing.T) {
	w := newWorld(t)
	for _, data := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte{0xff}, 100)} {
		tx := right(data)
		w.finds(w.judge(tx), TakenWrongly, "cannot be read")
		tx.Code = int32(peer.TxValidationCode_BAD_PAYLOAD)
		w.clean(w.judge(tx))
	}
}

func TestServeAnswersEachBlock(t *testing.T) {
	w := newWorld(t)
	envelope := w.made(person("kim"), "person.announce", "{}").envelope()
	tx := right(envelope)
	tx.Size = len(envelope)
	line, err := json.Marshal(Block{Number: 5, Members: institutions, Transactions: []Transaction{tx}})
	if err != nil {
		t.Fatal(err)
	}
	out := &bytes.Buffer{}
	handed := string(line) + "\n" + string(envelope) + `{"end": true}` + "\n"
	if err := Serve(strings.NewReader(handed), out, "medconsent"); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `"block":5`) || !strings.Contains(lines[1], `"contract":"`) {
		t.Fatal(lines)
	}
	for _, wrong := range []string{"no json\n", `{"number":1,"transactions":[{"size":-1}]}` + "\n", `{"number":1,"transactions":[{"size":9}]}` + "\nx"} {
		if Serve(strings.NewReader(wrong), &bytes.Buffer{}, "medconsent") == nil {
			t.Fatalf("%q was taken", wrong)
		}
	}
}

func TestOrderedKeys(t *testing.T) {
	keys, all := ordered{}, map[string]bool{}
	for i := range 5000 {
		key := fmt.Sprintf("%04d", i*7919%5000)
		keys.insert(key)
		keys.insert(key)
		all[key] = true
	}
	for i := 0; i < 5000; i += 3 {
		keys.remove(fmt.Sprintf("%04d", i))
		keys.remove(fmt.Sprintf("%04d", i))
		delete(all, fmt.Sprintf("%04d", i))
	}
	found := keys.between("", "", -1)
	if len(found) != len(all) || len(keys.between("0100", "0200", -1)) != 67 || len(keys.between("0100", "", 5)) != 5 || len(keys.between("9999", "", -1)) != 0 {
		t.Fatal(len(found), len(all), len(keys.between("0100", "0200", -1)))
	}
	for i := 1; i < len(found); i++ {
		if found[i-1] >= found[i] {
			t.Fatal(found[i-1], found[i])
		}
	}
	for _, key := range found {
		keys.remove(key)
	}
	if len(keys.between("", "", -1)) > 0 || len(keys.pieces) > 0 {
		t.Fatal("something is left")
	}
}
