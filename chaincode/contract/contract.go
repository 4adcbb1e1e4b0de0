// Package contract holds the transactions of docs/contract.md, one file a noun: parse, ask the rules, write.
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

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/refusal"
)

// Name is the chaincode's name.
const Name = "medconsent"

// Version is the chaincode's version; a build can set another with -ldflags "-X medconsent.org/chaincode/contract.Version=…".
var Version = "0.1.0"

// Contract is the chaincode.
type Contract struct {
	// Clock is the endorsing peer's clock, read only to refuse; nil is time.Now.
	Clock func() time.Time
	// Alarm says why the institution's decisions are closed, "" when they are open; read only to refuse and to deny. nil never closes.
	Alarm func() string
}

var _ shim.Chaincode = (*Contract)(nil)

// argument is what a transaction is called with.
type argument interface {
	// check notes what is wrong with it.
	check(c *input.Checker)
}

// run is a transaction whose argument was found to be right.
type run func(tx *ledger.Tx) (any, error)

// transaction is one entry of the table.
type transaction struct {
	writes bool
	// private writes go to institutions' collections alone, without an event.
	private bool
	ends    bool // it takes access away, so that an alarm does not hold it back
	prepare func(argument []byte) (run, error)
}

// change makes a transaction that writes.
func change[A argument](do func(*ledger.Tx, A) (any, error)) transaction {
	return transaction{writes: true, prepare: prepare(do)}
}

// ending makes a transaction that writes and takes access away: nobody is kept from that, whatever was found on the ledger.
func ending[A argument](do func(*ledger.Tx, A) (any, error)) transaction {
	return taking(change(do))
}

func taking(t transaction) transaction {
	t.ends = true
	return t
}

// secret makes a transaction that writes nothing public.
func secret[A argument](do func(*ledger.Tx, A) (any, error)) transaction {
	return transaction{writes: true, private: true, prepare: prepare(do)}
}

// query makes one that only reads.
func query[A argument](do func(*ledger.Tx, A) (any, error)) transaction {
	return transaction{prepare: prepare(do)}
}

func prepare[A argument](do func(*ledger.Tx, A) (any, error)) func([]byte) (run, error) {
	return func(raw []byte) (run, error) {
		var a A
		if err := input.Decode(raw, &a); err != nil {
			return nil, err
		}
		var c input.Checker
		a.check(&c)
		if err := c.Err(); err != nil {
			return nil, err
		}
		return func(tx *ledger.Tx) (any, error) { return do(tx, a) }, nil
	}
}

// transactions is everything that can be asked, by its exact name.
var transactions = map[string]transaction{
	"institution.set":      change(setInstitution),
	"committee.set":        change(setCommittee),
	"dataset.publish":      change(publishDataset),
	"policy.set":           change(setPolicy),
	"request.submit":       change(submitRequest),
	"request.vote":         change(castVote),
	"request.withdraw":     ending(withdrawRequest),
	"grant.revoke":         ending(revokeGrant),
	"ontology.page":        change(keepPages),
	"ontology.publish":     change(publishOntology),
	"ontology.adopt":       change(adoptOntology),
	"request.amend":        change(amendRequest),
	"committee.delegate":   change(delegate),
	"committee.undelegate": ending(undelegate),
	"request.remark":       change(remark),
	"request.invite":       change(invite),
	"grant.relinquish":     ending(relinquishGrant),
	"grant.suspend":        ending(suspendGrant),
	"grant.lift":           change(liftSuspension),
	"grant.accept":         change(acceptTerms),
	"breakglass.propose":   change(proposeBreakglass),
	"breakglass.confirm":   change(confirmBreakglass),
	"breakglass.justify":   change(justifyBreakglass),
	"ground.set":           change(setGround),
	"consent.begin":        change(beginConsent),
	"consent.epoch":        ending(nextEpoch),
	"consent.exclude":      change(excludeWithdrawn),
	"consent.end":          ending(endConsent),
	"basis.set":            change(setBasis),
	"basis.end":            ending(endBasis),
	"deid.state":           change(stateDeid),
	"text.keep":            secret(keepText),
	"text.purge":           taking(secret(purgeText)),

	"institution.get":  query(getInstitution),
	"institution.list": query(listInstitutions),
	"committee.get":    query(getCommittee),
	"committee.list":   query(listCommittees),
	"delegation.list":  query(listDelegations),
	"dataset.get":      query(getDataset),
	"dataset.manifest": query(getManifest),
	"dataset.list":     query(listDatasets),
	"policy.get":       query(getPolicy),
	"policy.lint":      query(lintPolicy),
	"policy.diff":      query(diffPolicies),
	"policy.ends":      query(endsByPolicy),
	"policy.offer":     query(offerPolicy),
	"request.get":      query(getRequest),
	"request.list":     query(listRequests),
	"invitation.list":  query(listInvitations),
	"grant.get":        query(getGrant),
	"grant.list":       query(listGrants),
	"grant.others":     query(otherGrants),
	"breakglass.get":   query(getBreakglass),
	"breakglass.list":  query(listBreakglass),
	"ground.get":       query(getGround),
	"consent.get":      query(getConsent),
	"consent.list":     query(listConsent),
	"basis.get":        query(getBasis),
	"basis.list":       query(listBases),
	"deid.get":         query(getDeid),
	"text.get":         query(showText),
	"explain":          query(explain),
	"check":            query(check),
	"audit.trail":      query(trail),
	"ontology.get":     query(getOntology),
	"ontology.list":    query(listOntologies),
	"ontology.term":    query(getTerm),
	"ontology.missing": query(missingPages),
}

func init() { transactions["contract.version"] = query(version) } // it lists the table itself

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
	act, err := chosen.prepare(arguments[1])
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
	if err := c.alarm(tx, chosen); err != nil {
		return nil, err
	}
	result, err := act(tx)
	if err != nil {
		return nil, err
	}
	answer, err := json.Marshal(result, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("the answer cannot be written down: %w", err)
	}
	switch {
	case chosen.private:
		err = tx.CommitPrivate()
	case chosen.writes:
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
		if t.writes == writes {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

type noArgument struct{}

func (noArgument) check(*input.Checker) {}

type versionAnswer struct {
	Name         string   `json:"name"`
	Version      string   `json:"version"`
	Transactions []string `json:"transactions"`
	Queries      []string `json:"queries"`
}

func version(*ledger.Tx, noArgument) (any, error) {
	return versionAnswer{Name, Version, names(true), names(false)}, nil
}
