// Package texts is private texts, which only two institutions keep.
package texts

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/refusal"
)

// parties are the two institutions that have a text: the dataset's owner, and whose people made the request.
var parties = []transaction.Seal{{By: transaction.Owner, Of: "request"}, {By: transaction.Requester, Of: "request"}}

// Transactions are what can be asked about private texts.
var Transactions = transaction.Table{
	"text.keep": transaction.Secret(keepText, transaction.Terms{
		Who:   "the requester or a researcher of the request; of a remark, who made it, or a steward or privacy officer of the owner where it is the owner's",
		Seals: parties, Alone: true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Forged},
	}),
	"text.purge": transaction.Taking(transaction.Secret(purgeText, transaction.Terms{
		Who:   "the requester or a researcher of the request, or a privacy officer of the owner; each for their own institution's copy",
		Seals: transaction.Own, Alone: true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Forged},
	})),
	"text.get": transaction.Query(showText, refusal.Forbidden, refusal.NotFound, refusal.Ambiguous, refusal.Forged),
}
