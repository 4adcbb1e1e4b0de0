package contract

// accessTransactions are what can be asked about decisions, and the life of grants.
var accessTransactions = table{
	"grant.revoke":     ending(revokeGrant),
	"grant.relinquish": ending(relinquishGrant),
	"grant.suspend":    ending(suspendGrant),
	"grant.lift":       change(liftSuspension),
	"grant.accept":     change(acceptTerms),
	"policy.ends":      query(endsByPolicy),
	"grant.get":        query(getGrant),
	"grant.list":       query(listGrants),
	"grant.others":     query(otherGrants),
	"explain":          query(explain),
	"check":            query(check),
}
