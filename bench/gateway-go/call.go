package main

import (
	"encoding/json"
	"fmt"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// invalidError is a transaction that was committed as invalid: it changed nothing.
type invalidError struct {
	transaction string
	code        peer.TxValidationCode
}

func (e invalidError) Error() string {
	return fmt.Sprintf("transaction %s was committed as invalid: %s", e.transaction, e.code)
}

// caller makes calls of one function, asking or endorsed by the named organizations.
type caller struct {
	contract *client.Contract
	function string
	orgs     []string
}

// answer is what one successful call gave.
type answer struct {
	Result      json.RawMessage `json:"result"`
	Transaction string          `json:"tx,omitempty"`
	Block       uint64          `json:"block,omitempty"`
}

// operation returns the call of that name: "submit" or "evaluate".
func (c *caller) operation(name string) func(argument string) (answer, error) {
	if name == "submit" {
		return c.submit
	}
	return c.evaluate
}

// options of a proposal. One option feeds both the endorsers of a submit and the targets of an evaluate.
func (c *caller) options(argument string) []client.ProposalOption {
	options := []client.ProposalOption{client.WithArguments(argument)}
	if len(c.orgs) > 0 {
		options = append(options, client.WithEndorsingOrganizations(c.orgs...))
	}
	return options
}

// submit waits for the commit; only a VALID transaction is a success.
func (c *caller) submit(argument string) (answer, error) {
	result, commit, err := c.contract.SubmitAsync(c.function, c.options(argument)...)
	if err != nil {
		return answer{}, err
	}
	status, err := commit.Status()
	if err != nil {
		return answer{}, err
	}
	if !status.Successful {
		return answer{}, invalidError{status.TransactionID, status.Code}
	}
	return answer{Result: result, Transaction: status.TransactionID, Block: status.BlockNumber}, nil
}

func (c *caller) evaluate(argument string) (answer, error) {
	result, err := c.contract.Evaluate(c.function, c.options(argument)...)
	return answer{Result: result}, err
}
