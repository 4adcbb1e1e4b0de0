// Package access is decisions, and the life of grants.
package access

import (
	"medconsent.org/chaincode/contract/transaction"
)

// Transactions are what can be asked about decisions, and the life of grants.
var Transactions = transaction.Table{
	"grant.revoke":     transaction.Ending(revokeGrant),
	"grant.relinquish": transaction.Ending(relinquishGrant),
	"grant.suspend":    transaction.Ending(suspendGrant),
	"grant.lift":       transaction.Change(liftSuspension),
	"grant.accept":     transaction.Change(acceptTerms),
	"policy.ends":      transaction.Query(endsByPolicy),
	"grant.get":        transaction.Query(getGrant),
	"grant.list":       transaction.Query(listGrants),
	"grant.others":     transaction.Query(otherGrants),
	"explain":          transaction.Query(explain),
	"check":            transaction.Query(Check),
}
