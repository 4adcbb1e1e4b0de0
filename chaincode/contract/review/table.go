// Package review is requests, the votes on them, and what is said about them.
package review

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// against are the votes that make nothing: they stand in their institution's posts, and need its peer alone. A declared conflict of interest can complete an approval.
var against = transaction.When{Member: "vote", Is: []string{records.Reject, records.Return, records.Close}}

// Transactions are what can be asked about requests, the votes on them, and what is said about them.
var Transactions = transaction.Table{
	"request.submit": transaction.Change(submitRequest, transaction.Terms{
		Who:     "a researcher",
		Seals:   []transaction.Seal{{By: transaction.Caller}, {By: transaction.Owner, Of: "dataset", When: &transaction.When{Automatic: true}}},
		Avoids:  []transaction.Seal{{By: transaction.Owner, Of: "dataset"}},
		Refuses: []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Conflict, refusal.Decided, refusal.Expired, refusal.LimitExceeded, refusal.PolicyDenies, refusal.PolicyUnmeetable, refusal.TermsNotAccepted, refusal.Forged},
	}),
	"request.vote": transaction.TakingWhen(transaction.Change(castVote, transaction.Terms{
		Who:       "a member of a committee that is asked, a deputy for one, or for close a steward of the owner",
		Seals:     []transaction.Seal{{By: transaction.Caller}, {By: transaction.Owner, Of: "request", When: &transaction.When{Member: "vote", Is: []string{records.Approve, records.Recuse}}}},
		AloneWhen: &against,
		Avoids:    []transaction.Seal{{By: transaction.Requester, Of: "request"}},
		Refuses:   []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Conflict, refusal.AlreadyVoted, refusal.OwnRequest, refusal.Recused, refusal.Returned, refusal.StageNotOpen, refusal.ConflictUndeclared, refusal.AttestationMissing, refusal.Decided, refusal.Expired, refusal.LimitExceeded, refusal.PolicyDenies, refusal.Forged},
	}), transaction.When{Member: "vote", Is: []string{records.Reject, records.Recuse, records.Return, records.Close}}),
	"request.withdraw": transaction.Ending(withdrawRequest, transaction.Terms{
		Who:   "the requester or a researcher of the request",
		Seals: transaction.Own, Alone: true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Conflict, refusal.Decided, refusal.Expired, refusal.LimitExceeded, refusal.Forged},
	}),
	"request.amend": transaction.Change(amendRequest, transaction.Terms{
		Who:   "the requester or a researcher of the request",
		Seals: transaction.Own, Alone: true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Conflict, refusal.Decided, refusal.Expired, refusal.LimitExceeded, refusal.PolicyDenies, refusal.PolicyUnmeetable, refusal.TermsNotAccepted, refusal.Forged},
	}),
	"request.remark": transaction.Change(remark, transaction.Terms{
		Who:     "whoever has a part in the request",
		Seals:   transaction.Own,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Conflict, refusal.Decided, refusal.Expired, refusal.LimitExceeded, refusal.Forged},
	}),
	"request.invite": transaction.Change(invite, transaction.Terms{
		Who:     "a member of a committee that is asked",
		Seals:   transaction.Own,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Conflict, refusal.OwnRequest, refusal.Recused, refusal.Decided, refusal.Expired, refusal.LimitExceeded, refusal.Forged},
	}),
	"request.get":     transaction.Query(getRequest, refusal.NotFound, refusal.Ambiguous, refusal.Forged),
	"request.list":    transaction.Query(listRequests),
	"invitation.list": transaction.Query(listInvitations),
}
