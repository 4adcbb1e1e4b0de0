// Command gateway-go speaks to the medconsent contract through the official Go Gateway SDK
// (github.com/hyperledger/fabric-gateway), used as its documentation shows. It is the counterpart that the Python SDK is
// measured against (bench) and has to agree with (tests/interop); it knows nothing of the contract but how it is called:
// a function name and one JSON argument.
//
//	gateway-go submit   --function institution.set --orgs hanbit,nuri CONNECTION < argument.json
//	gateway-go evaluate --function institution.get --orgs hanbit CONNECTION < argument.json
//	gateway-go load     --operation submit --calls 1000 --callers 100 --function ... --orgs ... CONNECTION < arguments.jsonl
//	gateway-go stand-in --cert server.pem --key key.pem      a stand-in for a Gateway, which answers every evaluation at once
//
// Exit code: 0 done, 1 refused or failed (a JSON object with "error" on stdout), 2 wrong usage.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/hyperledger/fabric-gateway/pkg/client"
)

const (
	exitFailed = 1
	exitUsage  = 2
)

// options are the flags that every subcommand takes.
type options struct {
	connection connection
	function   string
	orgs       string
	operation  string
	plan       plan
}

func main() {
	if len(os.Args) < 2 {
		usage(errors.New("a subcommand is missing"))
	}
	name := os.Args[1]
	if name == "stand-in" {
		usage(stand(os.Args[2:]))
	}
	opts, err := parse(name, os.Args[2:])
	if err != nil {
		usage(err)
	}
	stdin, err := io.ReadAll(os.Stdin)
	if err != nil {
		fail(err)
	}
	contract, closeAll, err := opts.connection.open()
	if err != nil {
		fail(err)
	}
	defer closeAll()
	call := caller{contract: contract, function: opts.function, orgs: split(opts.orgs)}

	switch name {
	case "submit", "evaluate":
		answer, err := call.operation(name)(string(stdin))
		if err != nil {
			closeAll()
			fail(err)
		}
		printJSON(answer)
	case "load":
		printJSON(opts.plan.run(call.operation(opts.operation), lines(string(stdin))))
	}
}

func parse(name string, arguments []string) (options, error) {
	if name != "submit" && name != "evaluate" && name != "load" {
		return options{}, fmt.Errorf("unknown subcommand %q", name)
	}
	var opts options
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	opts.connection.register(flags)
	flags.StringVar(&opts.function, "function", "", "transaction function, for example request.get")
	flags.StringVar(&opts.orgs, "orgs", "", "MSP IDs, comma separated: who endorses (submit), who is asked (evaluate)")
	if name == "load" {
		flags.StringVar(&opts.operation, "operation", "evaluate", "submit or evaluate")
		flags.IntVar(&opts.plan.calls, "calls", 100, "measured calls")
		flags.IntVar(&opts.plan.callers, "callers", 10, "callers at the same time")
		flags.IntVar(&opts.plan.warmup, "warmup", 0, "calls made before and not measured")
	}
	if err := flags.Parse(arguments); err != nil {
		return options{}, err
	}
	if opts.function == "" {
		return options{}, errors.New("--function is missing")
	}
	if name == "load" && opts.operation != "submit" && opts.operation != "evaluate" {
		return options{}, fmt.Errorf("--operation is submit or evaluate, not %q", opts.operation)
	}
	if name == "load" && (opts.plan.calls < 1 || opts.plan.callers < 1 || opts.plan.warmup < 0) {
		return options{}, errors.New("--calls and --callers are at least 1")
	}
	return opts, nil
}

func usage(err error) {
	fmt.Fprintf(os.Stderr, "gateway-go: %v\nusage: gateway-go submit|evaluate|load|stand-in [flags] < argument.json\n", err)
	os.Exit(exitUsage)
}

// fail prints what the SDK reported, each endorser's word included, as one JSON object.
func fail(err error) {
	report := map[string]any{"error": err.Error()}
	var transaction *client.TransactionError
	if errors.As(err, &transaction) {
		report["tx"] = transaction.TransactionID
		details := []map[string]string{}
		for _, d := range transaction.Details() {
			details = append(details, map[string]string{"msp_id": d.GetMspId(), "address": d.GetAddress(), "message": d.GetMessage()})
		}
		report["details"] = details
	}
	var invalid invalidError
	if errors.As(err, &invalid) {
		report["tx"] = invalid.transaction
		report["validation_code"] = invalid.code.String()
	}
	printJSON(report)
	os.Exit(exitFailed)
}

func printJSON(value any) {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		fmt.Fprintln(os.Stderr, "gateway-go:", err)
		os.Exit(exitFailed)
	}
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

func lines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}
