// Package review is requests, the votes on them, and what is said about them.
package review

import (
	"medconsent.org/chaincode/contract/transaction"
)

// Transactions are what can be asked about requests, the votes on them, and what is said about them.
var Transactions = transaction.Table{
	"request.submit":   transaction.Change(submitRequest),
	"request.vote":     transaction.Change(castVote),
	"request.withdraw": transaction.Ending(withdrawRequest),
	"request.amend":    transaction.Change(amendRequest),
	"request.remark":   transaction.Change(remark),
	"request.invite":   transaction.Change(invite),
	"request.get":      transaction.Query(getRequest),
	"request.list":     transaction.Query(listRequests),
	"invitation.list":  transaction.Query(listInvitations),
}
