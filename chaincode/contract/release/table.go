// Package release is what lets bytes leave: archives of versions, and receipts of what was released.
package release

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/refusal"
)

// Transactions are what can be asked about archives and receipts.
var Transactions = transaction.Table{
	"archive.publish": transaction.Change(publishArchive, transaction.Terms{
		Who:     "a gateway or a steward of the owner",
		Seals:   transaction.Own,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Conflict, refusal.LimitExceeded, refusal.Forged},
	}),
	"release.open": transaction.Change(openRelease, transaction.Terms{
		Who:     "a gateway of the owner, for somebody who has signed that they ask",
		Seals:   transaction.Own,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Conflict, refusal.ReleaseDenied, refusal.Forged},
	}),
	"release.close": transaction.Change(closeRelease, transaction.Terms{
		Who:   "a gateway, steward or privacy officer of the owner",
		Seals: transaction.Own, Alone: true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Decided, refusal.LimitExceeded, refusal.Forged},
	}),
	"archive.get":   transaction.Query(getArchive, refusal.NotFound, refusal.Forged),
	"archive.list":  transaction.Query(listArchives),
	"receipt.get":   transaction.Query(getReceipt, refusal.NotFound, refusal.Ambiguous, refusal.Forged),
	"receipt.list":  transaction.Query(listReceipts),
	"release.check": transaction.Query(checkRelease, refusal.NotFound, refusal.Ambiguous, refusal.Forged),
}
