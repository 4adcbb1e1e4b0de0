// Package contract is the chaincode: it finds the transaction that is asked for in the tables of the areas (docs/contract.md), reads its argument, runs it and hands on what it wrote.
package contract

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"medconsent.org/chaincode/contract/access"
	"medconsent.org/chaincode/contract/age"
	"medconsent.org/chaincode/contract/catalog"
	"medconsent.org/chaincode/contract/emergency"
	"medconsent.org/chaincode/contract/offices"
	"medconsent.org/chaincode/contract/ontology"
	"medconsent.org/chaincode/contract/people"
	"medconsent.org/chaincode/contract/release"
	"medconsent.org/chaincode/contract/review"
	"medconsent.org/chaincode/contract/texts"
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// Name is the chaincode's name.
const Name = "medconsent"

// Version is the chaincode's version; a build can set another with -ldflags "-X medconsent.org/chaincode/contract.Version=…".
var Version = "0.2.0"

// Contract is the chaincode.
type Contract struct {
	// Clock is the endorsing peer's clock, read only to refuse; nil is time.Now.
	Clock func() time.Time
	// Alarm is what the institution's watcher closes; read only to refuse and to deny. nil never closes.
	Alarm func() ledger.Alarm
	// Here is the institution whose peer this is, and how old its ledger can be for a decision.
	Here ledger.Here
	// Posts is what queries remember; nil remembers nothing.
	Posts *ledger.Posts
}

var _ shim.Chaincode = (*Contract)(nil)

// transactions is everything that can be asked, by its exact name.
var transactions = transaction.Table{}

func init() {
	transactions["contract.version"] = transaction.Query(version) // it lists the table itself
	for _, area := range []transaction.Table{proposals, offices.Transactions, catalog.Transactions, review.Transactions, access.Transactions, emergency.Transactions, people.Transactions, release.Transactions, ontology.Transactions, texts.Transactions, age.Transactions} {
		for name, entry := range area {
			if _, taken := transactions[name]; taken {
				panic("two areas offer " + name)
			}
			transactions[name] = entry
		}
	}
	transactions["proposal.confirm"] = confirming() // which is refused with whatever it runs is refused with
}

// EntryOf gives what is known of a transaction or query, and whether there is one of that name.
func EntryOf(name string) (transaction.Entry, bool) {
	entry, known := transactions[name]
	return entry, known
}

// Init is not used: the chaincode is defined without an initialisation.
func (c *Contract) Init(shim.ChaincodeStubInterface) *peer.Response {
	return refuse(refusal.New(refusal.UnknownTransaction, "the chaincode has no initialisation").Hinting("define it without --init-required"))
}

// Invoke runs one transaction or query.
func (c *Contract) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	return c.Run(stub.GetArgs(), stub)
}

// Run does what Invoke does on any ledger. Whatever goes wrong, the answer is a refusal and nothing is written.
func (c *Contract) Run(arguments [][]byte, stub ledger.Stub) (response *peer.Response) {
	defer func() {
		if fault := recover(); fault != nil {
			slog.Error("a transaction panicked", "tx", stub.GetTxID(), "fault", fault, "stack", string(debug.Stack()))
			response = refuse(refusal.New(refusal.Internal, "the chaincode met a fault of its own").Hinting("its log at the endorsing institution says more"))
		}
	}()
	answer, err := c.answer(arguments, stub)
	if err != nil {
		return refuse(err)
	}
	return shim.Success(answer)
}

func (c *Contract) answer(arguments [][]byte, stub ledger.Stub) ([]byte, error) {
	name := ""
	if len(arguments) > 0 {
		name = string(arguments[0])
	}
	chosen, known := transactions[name]
	if !known {
		return nil, unknown(name)
	}
	if len(arguments) != 2 {
		return nil, refusal.New(refusal.Invalid, "%s takes exactly one argument, a JSON object, and got %d", name, len(arguments)-1)
	}
	act, err := chosen.Prepare(arguments[1])
	if err != nil {
		return nil, err
	}
	clock := c.Clock
	if clock == nil {
		clock = time.Now
	}
	tx, err := ledger.Begin(stub, clock)
	if err != nil {
		return nil, err
	}
	tx.Acts, tx.Posts, tx.Refuses = chosen.Writes, c.Posts, input.Sealed
	if c.Alarm != nil {
		tx.Alarm = c.Alarm()
	}
	tx.Here = c.Here
	tx.Here.Clock = clock()
	takes := chosen.TakesAway(arguments[1])
	if err := closed(tx, chosen, takes); err != nil {
		return nil, err
	}
	result, err := act(tx)
	if err != nil {
		return nil, err
	}
	if result, err = secondLooks(tx, chosen, name, arguments[1], result); err != nil {
		return nil, err
	}
	if err := closed(tx, chosen, takes && !tx.Makes(records.GrantType)); err != nil { // again, as now it is known what it rests on
		return nil, err
	}
	answer, err := json.Marshal(result, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("the answer cannot be written down: %w", err)
	}
	switch {
	case chosen.Private:
		err = tx.CommitPrivate()
	case chosen.Writes:
		err = tx.Commit(name)
	}
	return answer, err
}

func unknown(name string) error {
	refused := refusal.New(refusal.UnknownTransaction, "there is no transaction %.60q", name)
	for known := range transactions {
		if strings.EqualFold(known, name) {
			return refused.Hinting("it is spelled %s", known)
		}
	}
	return refused.Hinting("contract.version lists them")
}

func refuse(err error) *peer.Response { return shim.Error(refusal.From(err).JSON()) }

// names lists the transactions, or the queries, in order.
func names(writes bool) []string {
	list := []string{}
	for name, t := range transactions {
		if t.Writes == writes {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

type versionAnswer struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Contract is the digest of contract.json.
	Contract     string   `json:"contract"`
	Transactions []string `json:"transactions"`
	Queries      []string `json:"queries"`
}

func version(*ledger.Tx, transaction.NoArgument) (any, error) {
	return versionAnswer{Name, Version, Digest, names(true), names(false)}, nil
}
