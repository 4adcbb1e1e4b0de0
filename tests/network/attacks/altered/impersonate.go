package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"medconsent.org/chaincode/contract/access"
	"medconsent.org/chaincode/contract/catalog"
	"medconsent.org/chaincode/contract/emergency"
	"medconsent.org/chaincode/contract/offices"
	"medconsent.org/chaincode/contract/ontology"
	"medconsent.org/chaincode/contract/people"
	"medconsent.org/chaincode/contract/review"
	"medconsent.org/chaincode/contract/texts"
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/refusal"
)

// areas has the honest transactions, without what the dispatcher asks besides: no second officer.
var areas = []transaction.Table{
	access.Transactions, catalog.Transactions, emergency.Transactions, offices.Transactions, ontology.Transactions, people.Transactions, review.Transactions, texts.Transactions,
}

// impersonation is a call of the honest contract in the name of somebody who never made it.
type impersonation struct {
	// Creator is the serialized identity that the rules are shown as the caller.
	Creator []byte `json:"creator"`
	// Function and Argument are the call.
	Function string `json:"function"`
	Argument string `json:"argument"`
	// Leave names what is left out of the result: "seals", "seals of hanbit" (one institution's), "guards" (key-level policies),
	// "deletions", "entries i/trail" (the index entries whose keys begin so).
	Leave []string `json:"leave"`
}

// impersonate runs an honest transaction on a stub that lies about the caller, and asks for no second officer. What comes out is what the contract would have written had
// the victim wanted it.
func (c colluder) impersonate(stub shim.ChaincodeStubInterface, argument []byte) *peer.Response {
	call, err := decode[impersonation](argument)
	if err != nil {
		return shim.Error(err.Error())
	}
	answer, err := call.run(mask{stub, call})
	if err != nil {
		return shim.Error(refusal.From(err).JSON())
	}
	return shim.Success(answer)
}

func (i impersonation) run(stub mask) ([]byte, error) {
	for _, area := range areas {
		entry, known := area[i.Function]
		if !known {
			continue
		}
		act, err := entry.Prepare([]byte(i.Argument))
		if err != nil {
			return nil, err
		}
		tx, err := ledger.Begin(stub, time.Now)
		if err != nil {
			return nil, err
		}
		tx.Acts = true
		answer, err := act(tx)
		if err != nil {
			return nil, err
		}
		if err := tx.Commit(i.Function); err != nil {
			return nil, err
		}
		return json.Marshal(answer)
	}
	return nil, fmt.Errorf("there is no transaction %s", i.Function)
}

// mask is a stub that shows another caller, another call, and forgets some of the writes.
type mask struct {
	shim.ChaincodeStubInterface
	call impersonation
}

func (m mask) GetCreator() ([]byte, error) { return m.call.Creator, nil }

func (m mask) GetArgs() [][]byte {
	return [][]byte{[]byte(m.call.Function), []byte(m.call.Argument)}
}

func (m mask) GetStringArgs() []string { return []string{m.call.Function, m.call.Argument} }

func (m mask) GetFunctionAndParameters() (string, []string) {
	return m.call.Function, []string{m.call.Argument}
}

func (m mask) PutPrivateData(collection, key string, value []byte) error {
	if m.unsealed(collection) {
		return nil
	}
	return m.ChaincodeStubInterface.PutPrivateData(collection, key, value)
}

func (m mask) SetPrivateDataValidationParameter(collection, key string, policy []byte) error {
	if m.unsealed(collection) {
		return nil
	}
	return m.ChaincodeStubInterface.SetPrivateDataValidationParameter(collection, key, policy)
}

// unsealed tells whether nothing is written to a collection.
func (m mask) unsealed(collection string) bool {
	owner := strings.TrimPrefix(collection, implicit)
	return slices.Contains(m.call.Leave, "seals") || slices.Contains(m.call.Leave, "seals of "+owner)
}

func (m mask) PutState(key string, value []byte) error {
	if m.leftOut(key) {
		return nil
	}
	return m.ChaincodeStubInterface.PutState(key, value)
}

// leftOut tells whether a key is one of the index entries that are not to be written.
func (m mask) leftOut(key string) bool {
	return slices.ContainsFunc(m.call.Leave, func(what string) bool {
		prefix, ok := strings.CutPrefix(what, "entries ")
		return ok && strings.HasPrefix(key, prefix)
	})
}

func (m mask) DelState(key string) error {
	if slices.Contains(m.call.Leave, "deletions") {
		return nil
	}
	return m.ChaincodeStubInterface.DelState(key)
}

func (m mask) SetStateValidationParameter(key string, policy []byte) error {
	if slices.Contains(m.call.Leave, "guards") || m.leftOut(key) {
		return nil
	}
	return m.ChaincodeStubInterface.SetStateValidationParameter(key, policy)
}
