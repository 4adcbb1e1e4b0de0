// Command altered is chaincode that a dishonest institution starts in the place of the real one: the same package id, the same
// port, the same certificates, other rules. The environment is that of the real one (cmd/medconsent).
package main

import (
	"fmt"
	"os"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"medconsent.org/chaincode/contract"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "altered:", err)
		os.Exit(1)
	}
}

func serve() error {
	var files [3][]byte
	for index, name := range []string{"CHAINCODE_TLS_KEY", "CHAINCODE_TLS_CERT", "CHAINCODE_CLIENT_CA_CERT"} {
		content, err := os.ReadFile(os.Getenv(name))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		files[index] = content
	}
	server := shim.ChaincodeServer{
		CCID:     os.Getenv("CHAINCODE_ID"),
		Address:  os.Getenv("CHAINCODE_SERVER_ADDRESS"),
		CC:       colluder{honest: &contract.Contract{}},
		TLSProps: shim.TLSProperties{Key: files[0], Cert: files[1], ClientCACerts: files[2]},
	}
	return server.Start()
}
