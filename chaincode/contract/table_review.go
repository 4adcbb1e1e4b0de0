package contract

// reviewTransactions are what can be asked about requests, the votes on them, and what is said about them.
var reviewTransactions = table{
	"request.submit":   change(submitRequest),
	"request.vote":     change(castVote),
	"request.withdraw": ending(withdrawRequest),
	"request.amend":    change(amendRequest),
	"request.remark":   change(remark),
	"request.invite":   change(invite),
	"request.get":      query(getRequest),
	"request.list":     query(listRequests),
	"invitation.list":  query(listInvitations),
}
