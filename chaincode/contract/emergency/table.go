// Package emergency is access that two people of the owner open at once.
package emergency

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/refusal"
)

// Transactions are what can be asked about access that two people open at once.
var Transactions = transaction.Table{
	"breakglass.propose": transaction.Change(proposeBreakglass, transaction.Terms{
		Who:     "a privacy officer of the owner with a seat on its privacy committee",
		Seals:   transaction.Own,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Conflict, refusal.OwnRequest, refusal.LimitExceeded, refusal.PolicyDenies, refusal.Unjustified, refusal.Forged},
	}),
	"breakglass.confirm": transaction.Change(confirmBreakglass, transaction.Terms{
		Who:     "another steward, member of an access committee or privacy officer of the owner",
		Seals:   transaction.Own,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Conflict, refusal.OwnRequest, refusal.Decided, refusal.Expired, refusal.LimitExceeded, refusal.PolicyDenies, refusal.Unjustified, refusal.Forged},
	}),
	"breakglass.justify": transaction.Change(justifyBreakglass, transaction.Terms{
		Who: "a privacy officer of the owner who did not take part, once it has ended", Officers: []string{"privacy"},
		Seals: transaction.Own, Alone: true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Conflict, refusal.OwnRequest, refusal.Decided, refusal.LimitExceeded, refusal.Forged},
	}),
	"breakglass.get":  transaction.Query(getBreakglass, refusal.NotFound, refusal.Ambiguous, refusal.Forged),
	"breakglass.list": transaction.Query(listBreakglass, refusal.Forbidden),
}
