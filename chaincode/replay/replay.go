package replay

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"medconsent.org/chaincode/contract"
)

// Transaction is one endorsed transaction of a block, with what was verified of its signatures.
type Transaction struct {
	// Index is its place in the block, Code what the block says became of it (peer.TxValidationCode).
	Index uint64 `json:"index"`
	Code  int32  `json:"code"`
	// Signed is whether its creator, a member of the channel, signed it; Endorsers are the institutions whose peers endorsed it, Meets the channel's policies that these meet.
	Signed    bool     `json:"signed"`
	Endorsers []string `json:"endorsers"`
	Meets     []string `json:"meets"`
	// Size is how many bytes of the transaction follow the block's line.
	Size     int    `json:"size"`
	Envelope []byte `json:"-"`
}

// Block is the transactions of one block, in order. Members are the channel's institutions then.
type Block struct {
	Number       uint64        `json:"number"`
	Members      []string      `json:"members"`
	Transactions []Transaction `json:"transactions"`
}

// Finding is something that is not as it should be.
type Finding struct {
	Code        string `json:"code"`
	Sentence    string `json:"sentence"`
	Transaction string `json:"transaction"`
	Index       uint64 `json:"index"`
}

// The codes of findings.
const (
	// TakenWrongly is a transaction that the block says is valid and that is not.
	TakenWrongly = "TAKEN_WRONGLY"
	// RefusedWrongly is one that the block says is invalid, and nothing makes it so.
	RefusedWrongly = "REFUSED_WRONGLY"
	// NotByContract is a valid one that this contract would not have written.
	NotByContract = "NOT_BY_CONTRACT"
)

// Judged is what became of the transactions of a block.
type Judged struct {
	Block     uint64     `json:"block"`
	Findings  []Finding  `json:"findings"`
	Decisions []Decision `json:"decisions"`
	// Valid and Invalid count them; Again counts those that the contract wrote again to the byte, Private those that it cannot write again, because what was sent with them is in no block.
	Valid   int `json:"valid"`
	Invalid int `json:"invalid"`
	Again   int `json:"again"`
	Private int `json:"private"`
	// Unjudged counts the invalid ones whose reason is not looked into here.
	Unjudged int `json:"unjudged"`
}

// Replay is a channel as far as its blocks were read.
type Replay struct {
	chaincode string
	state     state
	seen      map[[32]byte]bool
	members   []string
	now       time.Time
	grants    []Decision
}

// New begins with an empty channel, on which the contract runs as this chaincode.
func New(chaincode string) *Replay {
	return &Replay{chaincode: chaincode, state: state{}, seen: map[[32]byte]bool{}}
}

// Judge judges a block and commits what is valid in it.
func (r *Replay) Judge(block Block) Judged {
	judged := Judged{Block: block.Number, Findings: []Finding{}, Decisions: []Decision{}}
	r.members = block.Members
	here := within{block.Number, &judged, map[string]bool{}, nil}
	for _, tx := range block.Transactions {
		r.judge(tx, &here)
	}
	for _, id := range here.late {
		r.seen[id] = true
	}
	return judged
}

// within is a block that is being judged: what its transactions gave another policy so far, and the ids that count from the next block on, as of those whose endorsers were not
// enough.
type within struct {
	block   uint64
	judged  *Judged
	guarded map[string]bool
	late    [][32]byte
}

func (r *Replay) judge(tx Transaction, here *within) {
	judged, guarded := here.judged, here.guarded
	e, err := open(tx.Envelope)
	found := func(code, sentence string) {
		id := ""
		if e != nil {
			id = e.id
		}
		judged.Findings = append(judged.Findings, Finding{code, sentence, id, tx.Index})
	}
	claimed := peer.TxValidationCode(tx.Code)
	if err != nil {
		e = nil
		if claimed == peer.TxValidationCode_VALID {
			found(TakenWrongly, "it was taken for valid, and cannot be read: "+err.Error())
		}
		judged.Invalid++
		return
	}
	why := r.refusable(tx, e)
	if why == "" {
		r.seen[idOf(e.id)] = true
		why = r.overtaken(e)
	} else {
		here.late = append(here.late, idOf(e.id))
	}
	switch {
	case claimed == peer.TxValidationCode_VALID && why != "":
		found(TakenWrongly, "it was taken for valid, and is not: "+why)
	case claimed != peer.TxValidationCode_VALID && why == "":
		if !judgeable(claimed) || claimed == peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE && touches(e, guarded) {
			judged.Unjudged++
			why = "as the block says" // it changed nothing, for a reason that is not looked into here
		} else {
			found(RefusedWrongly, "it was refused as "+claimed.String()+", and nothing is wrong with it")
		}
	}
	if why != "" {
		judged.Invalid++
		return
	}
	judged.Valid++
	r.now = maxTime(r.now, e.at)
	r.again(e, judged, found)
	at := version{here.block, tx.Index}
	for _, p := range e.parts {
		for policy := range p.did.policies {
			guarded[p.chaincode+"\x00"+policy.collection+"\x00"+policy.key] = true
		}
		p.did.apply(r.state, p.chaincode, at)
	}
	for _, decision := range r.decided(e, at) {
		judged.Decisions = append(judged.Decisions, decision)
		r.grants = append(r.grants, decision)
	}
}

// judgeable are the codes whose reason this program looks into. Others, as of certificates that have ended, are the peers' alone.
func judgeable(code peer.TxValidationCode) bool {
	return slices.Contains([]peer.TxValidationCode{
		peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE, peer.TxValidationCode_MVCC_READ_CONFLICT, peer.TxValidationCode_PHANTOM_READ_CONFLICT,
		peer.TxValidationCode_DUPLICATE_TXID,
	}, code)
}

func touches(e *envelope, guarded map[string]bool) bool {
	for _, p := range e.parts {
		for at := range union(p.did.writes, nil) {
			if guarded[p.chaincode+"\x00"+at.collection+"\x00"+at.key] {
				return true
			}
		}
		for at := range p.did.policies {
			if guarded[p.chaincode+"\x00"+at.collection+"\x00"+at.key] {
				return true
			}
		}
	}
	return false
}

// refusable says why peers do not take a transaction, whatever has changed since; empty when they do.
func (r *Replay) refusable(tx Transaction, e *envelope) string {
	if !tx.Signed {
		return "no member of the channel signed it"
	}
	if r.seen[idOf(e.id)] {
		return "another one with its id came before"
	}
	return r.unendorsed(tx, e)
}

func idOf(id string) (digest [32]byte) {
	_, _ = hex.Decode(digest[:], []byte(id)) // `open` found it to be a digest
	return digest
}

// again runs the contract on what stood before the transaction, and compares.
func (r *Replay) again(e *envelope, judged *Judged, found func(code, sentence string)) {
	if e.chaincode != r.chaincode {
		if did := e.part(r.chaincode).did; len(did.writes)+len(did.policies) > 0 {
			found(NotByContract, fmt.Sprintf("%s wrote in the contract's name", e.chaincode))
		}
		return
	}
	s, response := r.run(e.id, e.channel, e.at, e.creator, e.arguments)
	written := e.part(r.chaincode).did
	switch {
	case s.private:
		judged.Private++
	case response.GetStatus() != 200:
		found(NotByContract, "the contract refuses it: "+response.GetMessage())
	default:
		s.did.answer = response.GetPayload()
		if differs := s.did.differs(written); differs != "" {
			found(NotByContract, "the contract writes something else: "+differs)
		} else {
			judged.Again++
		}
	}
}

// run has the contract answer on the state as it stands, with the transaction's own time for a clock.
func (r *Replay) run(id, channel string, at time.Time, creator []byte, arguments [][]byte) (*stub, *peer.Response) {
	s := &stub{state: r.state, members: r.members, id: id, channel: channel, at: at, creator: creator, did: newEffects(), chaincode: r.chaincode}
	agreed := contract.Contract{Clock: func() time.Time { return at }}
	return s, agreed.Run(arguments, s)
}

func maxTime(one, other time.Time) time.Time {
	if one.After(other) {
		return one
	}
	return other
}

// Decision is a grant: who was permitted what, by whom; and what the contract says of it.
type Decision struct {
	Block       uint64          `json:"block"`
	Transaction string          `json:"transaction"`
	At          time.Time       `json:"at"`
	Function    string          `json:"function"`
	Grant       string          `json:"grant"`
	Key         string          `json:"key"`
	Record      json.RawMessage `json:"record"`
	// Votes are the records of the votes that it names.
	Votes []json.RawMessage `json:"votes"`
	// Checks is what `check` answers for each of its people, at the moment when it begins.
	Checks []json.RawMessage `json:"checks"`
	// Standing is what `grant.get` answers at the end of the blocks, or its refusal in Refusal.
	Standing json.RawMessage `json:"standing,omitempty"`
	Refusal  json.RawMessage `json:"refusal,omitempty"`
	creator  []byte
	channel  string
}

// grant is what is read of a grant's record here: the contract's own program says whether it counts.
type grant struct {
	Type     string `json:"type"`
	ID       string `json:"id"`
	Revision int64  `json:"revision"`
	Body     struct {
		Dataset     string                 `json:"dataset"`
		Version     int64                  `json:"version"`
		Request     string                 `json:"request"`
		Institution string                 `json:"institution"`
		Grantees    []string               `json:"grantees"`
		Purpose     json.RawMessage        `json:"purpose"`
		Mode        string                 `json:"mode"`
		From        json.RawMessage        `json:"from"`
		Votes       []struct{ Key string } `json:"votes"`
	} `json:"body"`
}

// votes lists the records of the votes that a grant names, as the contract shows them: they stand in their institutions' posts.
func (r *Replay) votes(at time.Time, d Decision, record grant) []json.RawMessage {
	shown := struct {
		Votes []struct {
			Key    string          `json:"key"`
			Record json.RawMessage `json:"record"`
		} `json:"votes"`
	}{}
	argument, _ := json.Marshal(map[string]string{"request": record.Body.Request}) // of a string
	answer, _ := r.ask(at, d, "request.get", argument)
	found := []json.RawMessage{}
	if json.Unmarshal(answer, &shown) != nil {
		return found
	}
	for _, vote := range shown.Votes {
		for _, named := range record.Body.Votes {
			if named.Key == vote.Key {
				found = append(found, vote.Record)
			}
		}
	}
	return found
}

// decided lists the grants that a transaction made.
func (r *Replay) decided(e *envelope, at version) []Decision {
	made := []Decision{}
	for there, w := range e.part(r.chaincode).did.writes {
		record := grant{}
		if there.collection != "" || w.gone || json.Unmarshal(w.value, &record) != nil || record.Type != "grant" || record.Revision != 1 {
			continue
		}
		decision := Decision{
			Block: at.block, Transaction: e.id, At: e.at.Truncate(time.Second), Grant: record.ID, Key: there.key, Record: w.value, Votes: []json.RawMessage{}, Checks: []json.RawMessage{},
			creator: e.creator, channel: e.channel,
		}
		if len(e.arguments) > 0 {
			decision.Function = string(e.arguments[0])
		}
		decision.Votes = r.votes(e.at, decision, record)
		for _, person := range record.Body.Grantees {
			question, _ := json.Marshal(map[string]any{ // of what was unmarshalled
				"dataset": record.Body.Dataset, "version": record.Body.Version, "for": record.Body.Institution + "/" + person, "purpose": record.Body.Purpose, "mode": record.Body.Mode, "at": record.Body.From,
			})
			answer, refused := r.ask(e.at, decision, "check", question)
			if refused != nil {
				answer = refused
			}
			decision.Checks = append(decision.Checks, answer)
		}
		made = append(made, decision)
	}
	slices.SortFunc(made, func(one, other Decision) int { return compare(one.Key, other.Key) })
	return made
}

func compare(one, other string) int {
	switch {
	case one < other:
		return -1
	case one > other:
		return 1
	}
	return 0
}

// ask puts a question to the contract: its answer, or its refusal.
func (r *Replay) ask(at time.Time, d Decision, function string, argument []byte) (answer, refused json.RawMessage) {
	_, response := r.run(d.Transaction, d.channel, at, d.creator, [][]byte{[]byte(function), argument})
	if response.GetStatus() != 200 {
		return nil, json.RawMessage(response.GetMessage())
	}
	return response.GetPayload(), nil
}

// Ended is what stands at the end of the blocks.
type Ended struct {
	At       time.Time  `json:"at"`
	Grants   []Decision `json:"grants"`
	Contract string     `json:"contract"`
	Version  string     `json:"version"`
}

// End asks the contract of every grant whether it counts, and how it stands.
func (r *Replay) End() Ended {
	ended := Ended{At: r.now.Truncate(time.Second), Grants: []Decision{}, Contract: contract.Digest, Version: contract.Version}
	for _, decision := range r.grants {
		argument, _ := json.Marshal(map[string]string{"grant": decision.Grant}) // of a string
		decision.Standing, decision.Refusal = r.ask(r.now, decision, "grant.get", argument)
		ended.Grants = append(ended.Grants, decision)
	}
	return ended
}
