// Package age is how old the ledger at an institution's peer is.
package age

import (
	"medconsent.org/chaincode/contract/transaction"
)

// Transactions are what can be asked about the age of a ledger, and what it is measured by.
var Transactions = transaction.Table{
	"ledger.beat": transaction.Secret(beat, transaction.Terms{
		Who:   "anybody of the institution, as its watcher",
		Seals: transaction.Own, Alone: true,
	}),
	"ledger.age": transaction.Query(showAge),
}
