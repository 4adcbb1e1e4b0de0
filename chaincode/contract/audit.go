package contract

import (
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
)

type trailArgument struct {
	pageArgument
	Dataset string `json:"dataset"`
}

func (a trailArgument) check(c *input.Checker) {
	a.pageArgument.check(c)
	c.Dataset("dataset", a.Dataset)
}

// trail lists every record of a dataset with its changes.
func trail(tx *ledger.Tx, a trailArgument) (any, error) { return listed(tx.Trail(a.Dataset, a.page())) }
