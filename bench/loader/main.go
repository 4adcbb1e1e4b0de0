// Command loader is a bench-only chaincode that fills the ledger: each transaction writes many records at once, exactly as the
// contract's own transactions would have written them one by one: sealed, consistent and with all their index entries. It is built from the
// contract's ledger package, run in the place of the shipped chaincode while a benchmark loads, and never part of what is shipped.
//
// It is started like the shipped one, from the same environment (docs/network.md), and answers one function: bench.load.
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

func main() {
	if err := serve(); err != nil {
		log.Fatalln("loader:", err)
	}
}

func serve() error {
	key, err := fileNamedBy("CHAINCODE_TLS_KEY")
	if err != nil {
		return err
	}
	certificate, err := fileNamedBy("CHAINCODE_TLS_CERT")
	if err != nil {
		return err
	}
	clientCA, err := fileNamedBy("CHAINCODE_CLIENT_CA_CERT")
	if err != nil {
		return err
	}
	server := &shim.ChaincodeServer{
		CCID:     os.Getenv("CHAINCODE_ID"),
		Address:  os.Getenv("CHAINCODE_SERVER_ADDRESS"),
		CC:       loader{},
		TLSProps: shim.TLSProperties{Key: key, Cert: certificate, ClientCACerts: clientCA},
	}
	return server.Start()
}

func fileNamedBy(variable string) ([]byte, error) {
	content, err := os.ReadFile(os.Getenv(variable))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	return content, nil
}
