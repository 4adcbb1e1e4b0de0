package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"medconsent.org/chaincode/contract"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
)

var institutions = []string{"hanbit", "nuri", "saerom"}

// command is one line. What it does not need is left out.
type command struct {
	// Do is "begin", "keep", "call", "ask", "write", "commit", or "all" of Commands one after the other.
	Do       string    `json:"do"`
	Commands []command `json:"commands"`
	// Name is the state of the channel that is kept, or that a history begins with; empty begins with an empty channel.
	Name string `json:"name"`
	// Dishonest are the institutions that run chaincode of their own in a history.
	Dishonest []string `json:"dishonest"`

	// Who calls: "nuri/kim:researcher"; with a key that a registrar certified in their name, "nuri/kim:researcher#nuri/registrar".
	Who      string          `json:"who"`
	Function string          `json:"function"`
	Argument json.RawMessage `json:"argument"`
	// At is what the client says the time is; Clock what the endorsers' clocks say. Seconds since 1970.
	At    int64 `json:"at"`
	Clock int64 `json:"clock"`
	// Endorsers are the institutions whose peers sign.
	Endorsers []string `json:"endorsers"`
	// Leave is what altered chaincode leaves out of the contract's result: "seals", "seals of hanbit", "guards", "deletions", "entries i/trail".
	Leave []string `json:"leave"`
	// Altered is whether the endorsers' own chaincode made the result: at a clock of theirs, perhaps with something left out, perhaps for a caller who never asked.
	Altered bool `json:"altered"`
	// Hold leaves the endorsed transaction uncommitted until "commit" names it in Tx.
	Hold bool   `json:"hold"`
	Tx   string `json:"tx"`

	// Calls are the questions of "ask", at this command's At and Clock. With Changed they are asked only if something was committed since the last ones.
	Calls   []command `json:"calls"`
	Changed bool      `json:"changed"`
	// Operations are what "write" does past every rule.
	Operations []operation `json:"operations"`
}

// outcome is what became of a transaction.
type outcome struct {
	Tx string `json:"tx,omitempty"`
	// Code is Fabric's; "HELD" where it is not committed yet, "REFUSED" where the contract refused.
	Code    string          `json:"code"`
	Answer  json.RawMessage `json:"answer,omitempty"`
	Refusal json.RawMessage `json:"refusal,omitempty"`
	// Writes are the public keys that were written, with what stands there now; nothing where it was deleted.
	Writes map[string]*string `json:"writes,omitempty"`
}

// history is what happens on one channel.
type history struct {
	channel   *ledgertest.Ledger
	dishonest []string
	count     int
	changed   bool
	people    map[string][]byte
	kept      map[string]*ledgertest.Ledger
	held      map[string]held
}

type held struct {
	stub      *ledgertest.Stub
	endorsers []string
}

func newHistory() *history {
	return &history{channel: ledgertest.NewLedger(institutions...), people: map[string][]byte{}, kept: map[string]*ledgertest.Ledger{}, held: map[string]held{}}
}

func (h *history) obey(c command) (any, error) {
	switch c.Do {
	case "all":
		answers := make([]any, 0, len(c.Commands))
		for _, one := range c.Commands {
			answer, err := h.obey(one)
			if err != nil {
				return nil, err
			}
			answers = append(answers, answer)
		}
		return answers, nil
	case "begin":
		return h.begin(c)
	case "keep":
		h.kept[c.Name] = h.channel.Clone()
		return outcome{}, nil
	case "call":
		return h.call(c)
	case "ask":
		return h.ask(c)
	case "write":
		return h.write(c)
	case "commit":
		waiting, known := h.held[c.Tx]
		if !known {
			return nil, fmt.Errorf("nothing is held under %q", c.Tx)
		}
		delete(h.held, c.Tx)
		return h.commit(waiting), nil
	}
	return nil, fmt.Errorf("there is no command %q", c.Do)
}

// begin begins a history with an empty channel, or one that was kept.
func (h *history) begin(c command) (any, error) {
	h.dishonest, h.held, h.count = c.Dishonest, map[string]held{}, 0
	if c.Name == "" {
		h.channel = ledgertest.NewLedger(institutions...)
		return outcome{}, nil
	}
	kept, known := h.kept[c.Name]
	if !known {
		return nil, fmt.Errorf("no state of the channel is kept as %q", c.Name)
	}
	h.channel = kept.Clone()
	return outcome{}, nil
}

// call has the contract, or what altered chaincode makes of it, answer, and hands the result in.
func (h *history) call(c command) (any, error) {
	if err := h.refuseHonest(c, c.Altered); err != nil {
		return nil, err
	}
	if len(c.Leave) > 0 && !c.Altered {
		return nil, fmt.Errorf("the contract leaves nothing out")
	}
	stub, response := h.run(c)
	if response.Code != "" {
		return response, nil
	}
	response.Tx = stub.GetTxID()
	waiting := held{stub, c.Endorsers}
	if c.Hold {
		h.held[response.Tx], response.Code = waiting, "HELD"
		return response, nil
	}
	committed := h.commit(waiting)
	committed.Answer = response.Answer
	return committed, nil
}

// refuseHonest makes sure that honest institutions endorse nothing that their chaincode has not made.
func (h *history) refuseHonest(c command, altered bool) error {
	for _, endorser := range c.Endorsers {
		if altered && !slices.Contains(h.dishonest, endorser) {
			return fmt.Errorf("%s is honest and endorses only what the contract makes", endorser)
		}
	}
	return nil
}

func (h *history) run(c command) (*ledgertest.Stub, outcome) {
	h.count++
	id := sha256.Sum256([]byte(fmt.Sprint("history", h.count)))
	stub := h.channel.Begin(hex.EncodeToString(id[:]), time.Unix(c.At, 0), h.person(c.Who))
	agreed := contract.Contract{Clock: func() time.Time { return time.Unix(c.Clock, 0) }}
	response := agreed.Run([][]byte{[]byte(c.Function), c.Argument}, mask{stub, c.Leave})
	if response.Status != 200 {
		return nil, outcome{Code: "REFUSED", Refusal: json.RawMessage(response.Message)}
	}
	return stub, outcome{Answer: response.Payload}
}

func (h *history) person(who string) []byte {
	if h.people[who] == nil {
		certificate, key, registered := strings.Cut(who, "#")
		person, roles, _ := strings.Cut(certificate, ":")
		institution, id, _ := strings.Cut(person, "/")
		if !registered {
			key = person // one key, whatever the certificate says
		}
		h.people[who] = ledgertest.PersonWith(ledgertest.KeyNamed(key), institution, id, roles)
	}
	return h.people[who]
}

// ask answers questions from what is committed.
func (h *history) ask(c command) (any, error) {
	if c.Changed && !h.changed {
		return []outcome{}, nil
	}
	h.changed = false
	answers := make([]outcome, 0, len(c.Calls))
	for _, question := range c.Calls {
		question.At, question.Clock = c.At, c.Clock
		stub, response := h.run(question)
		if stub != nil && len(stub.Writes) > 0 {
			return nil, fmt.Errorf("%s writes", question.Function)
		}
		answers = append(answers, response)
	}
	return answers, nil
}

// write writes past every rule, with the endorsement of dishonest institutions alone.
func (h *history) write(c command) (any, error) {
	if err := h.refuseHonest(c, true); err != nil {
		return nil, err
	}
	h.count++
	id := sha256.Sum256([]byte(fmt.Sprint("history", h.count)))
	stub := h.channel.Begin(hex.EncodeToString(id[:]), time.Unix(c.At, 0), nil)
	for _, one := range c.Operations {
		if err := one.on(stub); err != nil {
			return nil, err
		}
	}
	return h.commit(held{stub, c.Endorsers}), nil
}

func (h *history) commit(waiting held) outcome {
	code := h.channel.Commit(waiting.stub, waiting.endorsers...)
	done := outcome{Tx: waiting.stub.GetTxID(), Code: string(code)}
	if code == ledgertest.Valid {
		h.changed = true
		done.Writes = h.written(waiting.stub)
	}
	return done
}

func (h *history) written(stub *ledgertest.Stub) map[string]*string {
	writes := map[string]*string{}
	for _, w := range stub.Writes {
		if w.Collection != "" {
			continue
		}
		writes[w.Key] = nil
		if value := h.channel.Value(w.Key); value != nil {
			text := string(value)
			writes[w.Key] = &text
		}
	}
	return writes
}

// operation is one write that no rule was asked about.
type operation struct {
	// Do is "put", "delete", "guard" (a key-level policy), "lock", "seal" (locked, as the contract does), "seal unlocked", "end" (the seal of an end), "post", "purge" or "purge end".
	Do    string `json:"do"`
	Key   string `json:"key"`
	Value string `json:"value"`
	// By is the institution of the key-level policy (guard), or the one whose collection is written to (seal, end, purge).
	By string `json:"by"`
	// Revision is the one whose seal is written or purged.
	Revision int64 `json:"revision"`
}

func (o operation) on(stub *ledgertest.Stub) error {
	collection, seal := ledger.SealCollection(o.By), ledger.SealKey(o.Key, o.Revision)
	switch o.Do {
	case "put":
		return stub.PutState(o.Key, []byte(o.Value))
	case "delete":
		return stub.DelState(o.Key)
	case "guard":
		policy, err := ledger.PeersOf(o.By)
		if err != nil {
			return err
		}
		return stub.SetStateValidationParameter(o.Key, policy)
	case "lock":
		return stub.SetStateValidationParameter(o.Key, ledger.Locked())
	case "seal unlocked":
		return stub.PutPrivateData(collection, seal, ledger.Seal(o.Key, o.Revision, []byte(o.Value)))
	case "end":
		seal = ledger.EndKey(o.Key)
		fallthrough
	case "seal":
		if err := stub.PutPrivateData(collection, seal, ledger.Seal(o.Key, o.Revision, []byte(o.Value))); err != nil {
			return err
		}
		return stub.SetPrivateDataValidationParameter(collection, seal, ledger.Locked())
	case "post":
		if err := stub.PutPrivateData(collection, o.Key, []byte{'1'}); err != nil {
			return err
		}
		return stub.SetPrivateDataValidationParameter(collection, o.Key, ledger.LockedWith([]byte(o.Value)))
	case "purge end":
		seal = ledger.EndKey(o.Key)
		fallthrough
	case "purge":
		return stub.PurgePrivateData(collection, seal)
	}
	return fmt.Errorf("there is no operation %q", o.Do)
}
