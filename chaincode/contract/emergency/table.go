// Package emergency is access that two people of the owner open at once.
package emergency

import (
	"medconsent.org/chaincode/contract/transaction"
)

// Transactions are what can be asked about access that two people open at once.
var Transactions = transaction.Table{
	"breakglass.propose": transaction.Change(proposeBreakglass),
	"breakglass.confirm": transaction.Change(confirmBreakglass),
	"breakglass.justify": transaction.Change(justifyBreakglass),
	"breakglass.get":     transaction.Query(getBreakglass),
	"breakglass.list":    transaction.Query(listBreakglass),
}
