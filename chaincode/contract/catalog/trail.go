package catalog

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
)

type trailArgument struct {
	transaction.Page
	Dataset string `json:"dataset"`
}

func (a trailArgument) Check(c *input.Checker) {
	a.Page.Check(c)
	c.Dataset("dataset", a.Dataset)
}

// trail lists every record of a dataset with its changes.
func trail(tx *ledger.Tx, a trailArgument) (any, error) {
	return transaction.Listed(tx.Trail(a.Dataset, a.Of()))
}
