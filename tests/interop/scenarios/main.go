// Command scenarios is chaincode for tests: it echoes, fails, crashes, sets events, and writes public and private state, as the chaincodes do
// that the official Gateway clients are tried with. One program serves all of the definitions that the tests make.
package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/hyperledger/fabric-chaincode-go/v2/pkg/statebased"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// crashed is the exit code of the function crash.
const crashed = 99

// function answers a transaction; it takes as many arguments as arity says.
type function struct {
	arity int
	call  func(stub shim.ChaincodeStubInterface, args []string) ([]byte, error)
}

var functions = map[string]function{
	"echo":          {1, func(_ shim.ChaincodeStubInterface, args []string) ([]byte, error) { return []byte(args[0]), nil }},
	"echoTransient": {0, echoTransient},
	"put":           {2, put},
	"get":           {1, get},
	"errorMessage":  {1, func(_ shim.ChaincodeStubInterface, args []string) ([]byte, error) { return nil, errors.New(args[0]) }},
	"event":         {2, event},
	"exists":        {1, exists},
	"crash":         {0, func(shim.ChaincodeStubInterface, []string) ([]byte, error) { os.Exit(crashed); return nil, nil }},
	"nondet":        {0, nondet},
	"orgsFail":      {1, orgsFail},

	"getPeerOrg":           {0, func(shim.ChaincodeStubInterface, []string) ([]byte, error) { return peerOrg() }},
	"checkEndorsingOrg":    {0, checkEndorsingOrg},
	"WritePrivateData":     {0, writePrivateData},
	"ReadPrivateData":      {2, readPrivateData},
	"SetStateWithEndorser": {3, setStateWithEndorser},
	"SetStateEndorsers":    {3, setStateEndorsers},
	"ChangeState":          {2, put},
	"GetState":             {1, get},
}

type chaincode struct{}

func (chaincode) Init(shim.ChaincodeStubInterface) *peer.Response { return shim.Success(nil) }

func (chaincode) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	name, args := stub.GetFunctionAndParameters()
	known, ok := functions[name]
	if !ok {
		return shim.Error(fmt.Sprintf("there is no function %q", name))
	}
	if len(args) != known.arity {
		return shim.Error(fmt.Sprintf("%s takes %d arguments, and got %d", name, known.arity, len(args)))
	}
	answer, err := known.call(stub, args)
	if err != nil {
		return shim.Error(err.Error())
	}
	return shim.Success(answer)
}

func peerOrg() ([]byte, error) {
	msp, err := shim.GetMSPID()
	return []byte(msp), err
}

func echoTransient(stub shim.ChaincodeStubInterface, _ []string) ([]byte, error) {
	transient, err := stub.GetTransient()
	if err != nil {
		return nil, err
	}
	text := make(map[string]string, len(transient))
	for name, value := range transient {
		text[name] = string(value)
	}
	return json.Marshal(text)
}

func put(stub shim.ChaincodeStubInterface, args []string) ([]byte, error) {
	return []byte(args[1]), stub.PutState(args[0], []byte(args[1]))
}

func get(stub shim.ChaincodeStubInterface, args []string) ([]byte, error) {
	return stub.GetState(args[0])
}

func exists(stub shim.ChaincodeStubInterface, args []string) ([]byte, error) {
	value, err := stub.GetState(args[0])
	if err != nil {
		return nil, err
	}
	return json.Marshal(len(value) > 0)
}

func event(stub shim.ChaincodeStubInterface, args []string) ([]byte, error) {
	return nil, stub.SetEvent(args[0], []byte(args[1]))
}

func nondet(stub shim.ChaincodeStubInterface, _ []string) ([]byte, error) {
	return nil, stub.PutState("random", []byte(rand.Text()))
}

func orgsFail(stub shim.ChaincodeStubInterface, args []string) ([]byte, error) {
	var refusing []string
	if err := json.Unmarshal([]byte(args[0]), &refusing); err != nil {
		return nil, err
	}
	msp, err := peerOrg()
	if err != nil {
		return nil, err
	}
	if slices.Contains(refusing, string(msp)) {
		return nil, fmt.Errorf("%s refuses to endorse this", msp)
	}
	return nil, stub.PutState("endorsed", msp[:0])
}

func checkEndorsingOrg(stub shim.ChaincodeStubInterface, _ []string) ([]byte, error) {
	transient, err := stub.GetTransient()
	if err != nil {
		return nil, err
	}
	msp, err := peerOrg()
	if err != nil {
		return nil, err
	}
	if _, meant := transient[string(msp)]; !meant {
		return nil, fmt.Errorf("%s was not meant to be asked", msp)
	}
	return []byte("success"), nil
}

func writePrivateData(stub shim.ChaincodeStubInterface, _ []string) ([]byte, error) {
	transient, err := stub.GetTransient()
	if err != nil {
		return nil, err
	}
	for collection := range strings.SplitSeq(string(transient["collection"]), ",") {
		if err := stub.PutPrivateData(collection, string(transient["key"]), transient["value"]); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func readPrivateData(stub shim.ChaincodeStubInterface, args []string) ([]byte, error) {
	return stub.GetPrivateData(args[0], args[1])
}

func setStateWithEndorser(stub shim.ChaincodeStubInterface, args []string) ([]byte, error) {
	if err := stub.PutState(args[0], []byte(args[1])); err != nil {
		return nil, err
	}
	return nil, endorsedBy(stub, args[0], args[2])
}

func setStateEndorsers(stub shim.ChaincodeStubInterface, args []string) ([]byte, error) {
	return nil, endorsedBy(stub, args[0], args[1:]...)
}

// endorsedBy has a key's changes endorsed by peers of all of these organizations.
func endorsedBy(stub shim.ChaincodeStubInterface, key string, msps ...string) error {
	policy, err := statebased.NewStateEP(nil)
	if err != nil {
		return err
	}
	if err := policy.AddOrgs(statebased.RoleTypePeer, msps...); err != nil {
		return err
	}
	content, err := policy.Policy()
	if err != nil {
		return err
	}
	return stub.SetStateValidationParameter(key, content)
}

func main() {
	if err := serve(); err != nil {
		log.Fatalln("scenarios:", err)
	}
}

func serve() error {
	files := make([][]byte, 0, 3)
	for _, variable := range []string{"CHAINCODE_TLS_KEY", "CHAINCODE_TLS_CERT", "CHAINCODE_CLIENT_CA_CERT"} {
		content, err := os.ReadFile(os.Getenv(variable))
		if err != nil {
			return fmt.Errorf("%s: %w", variable, err)
		}
		files = append(files, content)
	}
	server := &shim.ChaincodeServer{
		CCID:     os.Getenv("CHAINCODE_ID"),
		Address:  os.Getenv("CHAINCODE_SERVER_ADDRESS"),
		CC:       chaincode{},
		TLSProps: shim.TLSProperties{Key: files[0], Cert: files[1], ClientCACerts: files[2]},
	}
	return server.Start()
}
