// Package access is decisions, and the life of grants.
package access

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/refusal"
)

// Transactions are what can be asked about decisions, and the life of grants.
var Transactions = transaction.Table{
	"grant.revoke": transaction.Ending(revokeGrant, transaction.Terms{
		Who:   "a steward or privacy officer of the owner",
		Seals: transaction.Own, Alone: true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Conflict, refusal.Decided, refusal.Expired, refusal.LimitExceeded, refusal.Forged},
	}),
	"grant.relinquish": transaction.Ending(relinquishGrant, transaction.Terms{
		Who:   "a grantee",
		Seals: []transaction.Seal{{By: transaction.Owner, Of: "grant"}}, Alone: true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Conflict, refusal.Decided, refusal.Expired, refusal.LimitExceeded, refusal.Forged},
	}),
	"grant.suspend": transaction.Ending(suspendGrant, transaction.Terms{
		Who:   "a privacy officer of the owner",
		Seals: transaction.Own, Alone: true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Conflict, refusal.Decided, refusal.Expired, refusal.LimitExceeded, refusal.Forged},
	}),
	"grant.lift": transaction.Change(liftSuspension, transaction.Terms{
		Who:      "a privacy officer of the owner",
		Seals:    transaction.Own,
		Officers: []string{"privacy"},
		Widens:   true,
		Refuses:  []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Conflict, refusal.Decided, refusal.Expired, refusal.LimitExceeded, refusal.Forged},
	}),
	"grant.accept": transaction.Change(acceptTerms, transaction.Terms{
		Who:     "a grantee, in person",
		Seals:   transaction.Own,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Conflict, refusal.Decided, refusal.Expired, refusal.TermsNotAccepted, refusal.Forged},
	}),
	"policy.ends":  transaction.Query(endsByPolicy, refusal.NotFound, refusal.Forged),
	"grant.get":    transaction.Query(getGrant, refusal.NotFound, refusal.Ambiguous, refusal.Forged),
	"grant.list":   transaction.Query(listGrants),
	"grant.others": transaction.Query(otherGrants, refusal.NotFound, refusal.Ambiguous, refusal.Forged),
	"explain":      transaction.Query(explain, refusal.Forbidden, refusal.NotFound, refusal.Forged),
	"check":        transaction.Query(check, refusal.NotFound, refusal.Forged),
}
