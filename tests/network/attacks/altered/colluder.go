package main

import (
	"encoding/json"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// colluder is the honest chaincode with three functions of its own: it answers every other call as agreed, so that nothing is
// noticed until it matters.
type colluder struct {
	honest shim.Chaincode
}

// Init implements shim.Chaincode.
func (c colluder) Init(stub shim.ChaincodeStubInterface) *peer.Response {
	return c.honest.Init(stub)
}

// Invoke implements shim.Chaincode.
func (c colluder) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	function, arguments := stub.GetFunctionAndParameters()
	attack, ok := map[string]func(shim.ChaincodeStubInterface, []byte) *peer.Response{
		"attack.impersonate": c.impersonate,
		"attack.write":       c.write,
		"check":              c.check,
	}[function]
	if !ok || len(arguments) != 1 {
		return c.honest.Invoke(stub)
	}
	return attack(stub, []byte(arguments[0]))
}

// check says yes to everybody.
func (c colluder) check(shim.ChaincodeStubInterface, []byte) *peer.Response {
	return shim.Success([]byte(`{"decision":"permit","reasons":[],"obligations":[],"evaluated":[],"at":"2026-01-01T00:00:00Z"}`))
}

// decode reads an attack's argument.
func decode[T any](argument []byte) (T, error) {
	var decoded T
	err := json.Unmarshal(argument, &decoded)
	return decoded, err
}
