// Command medconsent runs the chaincode as a service that an institution's peer connects to, over mutual TLS.
//
// With the argument --contract-json it writes the contract for machines (contract.json) to its standard output instead.
//
// With the argument --replay it judges the blocks of a channel that are handed in on its standard input (package replay): medconsent audit verify runs it so.
//
// Settings come from the environment:
//
//	CHAINCODE_ID              the package id that the peer gave ("medconsent_1:…")
//	CHAINCODE_SERVER_ADDRESS  where to listen ("127.0.0.1:7052")
//	CHAINCODE_TLS_KEY         file with the private key (PEM)
//	CHAINCODE_TLS_CERT        file with the certificate (PEM)
//	CHAINCODE_CLIENT_CA_CERT  file with the CA of the peers that may connect (PEM)
//	CHAINCODE_TLS_DISABLED    "true" listens without TLS: for a trial on one machine only
//	MEDCONSENT_ALARM_FILE     file that the institution's watcher writes to close its decisions; not set: nothing closes them
//	MEDCONSENT_INSTITUTION    the institution whose peer it serves, so that it can tell how old the ledger is; not set: nobody knows
//	MEDCONSENT_LEDGER_WITHIN  seconds that the ledger can be old for a decision; not set: it can be as old as it likes
//	MEDCONSENT_WATCH_WITHIN   seconds in which the watcher has to be heard of, else decisions are closed too; not set: it need not
package main

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"

	"medconsent.org/chaincode/contract"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/replay"
)

func main() {
	if slices.Equal(os.Args[1:], []string{"--contract-json"}) {
		text, err := contract.Describe()
		if err != nil {
			fmt.Fprintln(os.Stderr, "medconsent chaincode:", err)
			os.Exit(1)
		}
		_, _ = os.Stdout.Write(text)
		return
	}
	if slices.Equal(os.Args[1:], []string{"--replay"}) {
		if err := replay.Serve(os.Stdin, os.Stdout, contract.Name); err != nil {
			fmt.Fprintln(os.Stderr, "medconsent chaincode:", err)
			os.Exit(1)
		}
		return
	}
	server, err := settings(os.Getenv, os.ReadFile)
	if err == nil {
		slog.Info("listening", "chaincode", contract.Name, "version", contract.Version, "address", server.Address, "id", server.CCID)
		err = server.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "medconsent chaincode:", err)
		os.Exit(1)
	}
}

// settings reads the environment. Every error says which variable is at fault.
func settings(getenv func(string) string, readFile func(string) ([]byte, error)) (*shim.ChaincodeServer, error) {
	alarm, err := alarmSettings(getenv)
	if err != nil {
		return nil, err
	}
	here, err := hereSettings(getenv)
	if err != nil {
		return nil, err
	}
	server := &shim.ChaincodeServer{CC: &contract.Contract{Alarm: alarm, Posts: &ledger.Posts{}, Here: here}}
	for _, setting := range []struct {
		name string
		into *string
	}{{"CHAINCODE_ID", &server.CCID}, {"CHAINCODE_SERVER_ADDRESS", &server.Address}} {
		if *setting.into = getenv(setting.name); *setting.into == "" {
			return nil, fmt.Errorf("%s is not set", setting.name)
		}
	}
	switch disabled := getenv("CHAINCODE_TLS_DISABLED"); disabled {
	case "true":
		server.TLSProps.Disabled = true
		return server, nil
	case "", "false":
	default:
		return nil, fmt.Errorf("CHAINCODE_TLS_DISABLED is %q; it can be true or false", disabled)
	}
	for _, setting := range []struct {
		name string
		into *[]byte
	}{
		{"CHAINCODE_TLS_KEY", &server.TLSProps.Key},
		{"CHAINCODE_TLS_CERT", &server.TLSProps.Cert},
		{"CHAINCODE_CLIENT_CA_CERT", &server.TLSProps.ClientCACerts},
	} {
		path := getenv(setting.name)
		if path == "" {
			return nil, fmt.Errorf("%s is not set: the service needs mutual TLS (CHAINCODE_TLS_DISABLED=true switches it off for a trial)", setting.name)
		}
		content, err := readFile(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", setting.name, err)
		}
		*setting.into = content
	}
	return server, nil
}

// alarmSettings gives what the contract asks for an alarm; nil when none is configured.
func alarmSettings(getenv func(string) string) (func() ledger.Alarm, error) {
	path, within := getenv("MEDCONSENT_ALARM_FILE"), getenv("MEDCONSENT_WATCH_WITHIN")
	if within == "" {
		if path == "" {
			return nil, nil
		}
		return contract.AlarmFile(path, 0, time.Now), nil
	}
	if path == "" {
		return nil, fmt.Errorf("MEDCONSENT_WATCH_WITHIN needs MEDCONSENT_ALARM_FILE: the heartbeat stands beside that file")
	}
	silent, err := seconds("MEDCONSENT_WATCH_WITHIN", within)
	if err != nil {
		return nil, err
	}
	return contract.AlarmFile(path, silent, time.Now), nil
}

// hereSettings gives whose peer this is, and how old its ledger can be for a decision.
func hereSettings(getenv func(string) string) (ledger.Here, error) {
	here := ledger.Here{Institution: getenv("MEDCONSENT_INSTITUTION")}
	within := getenv("MEDCONSENT_LEDGER_WITHIN")
	if within == "" {
		return here, nil
	}
	if here.Institution == "" {
		return here, fmt.Errorf("MEDCONSENT_LEDGER_WITHIN needs MEDCONSENT_INSTITUTION: the age of the ledger is told by that institution's beats")
	}
	var err error
	here.Within, err = seconds("MEDCONSENT_LEDGER_WITHIN", within)
	return here, err
}

func seconds(name, value string) (time.Duration, error) {
	count, err := strconv.ParseUint(value, 10, 31)
	if err != nil || count == 0 {
		return 0, fmt.Errorf("%s is %q; it has to be a whole number of seconds, at least 1", name, value)
	}
	return time.Duration(count) * time.Second, nil
}
