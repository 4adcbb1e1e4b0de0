// Package people is what the people in the data permit, what a version rests on, and how it was de-identified.
package people

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/refusal"
)

// Transactions are what can be asked about what the people in the data permit, what a version rests on, and how it was de-identified.
var Transactions = transaction.Table{
	"ground.set": transaction.Change(setGround, transaction.Terms{
		Who:      "a privacy officer of the owner",
		Officers: []string{"privacy"}, Widens: true,
		Seals:   transaction.Own,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Conflict, refusal.LimitExceeded, refusal.Forged},
	}),
	"consent.begin": transaction.Change(beginConsent, transaction.Terms{
		Who:      "a privacy officer",
		Officers: []string{"privacy"},
		Seals:    transaction.Own,
		Refuses:  []refusal.Code{refusal.Conflict, refusal.Forged},
	}),
	"consent.epoch": transaction.Ending(nextEpoch, transaction.Terms{
		Who:      "a privacy officer of the owner",
		Officers: []string{"privacy"}, Widens: true,
		Seals: transaction.Own, Alone: true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Conflict, refusal.Decided, refusal.LimitExceeded, refusal.TooSoon, refusal.Forged},
	}),
	"consent.exclude": transaction.Change(excludeWithdrawn, transaction.Terms{
		Who:      "a steward or privacy officer of the owner",
		Officers: []string{"steward", "privacy"}, Widens: true,
		Seals:   transaction.Own,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Conflict, refusal.Forged},
	}),
	"consent.end": transaction.Ending(endConsent, transaction.Terms{
		Who:   "a privacy officer of the owner",
		Seals: transaction.Own, Alone: true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Decided, refusal.LimitExceeded, refusal.Forged},
	}),
	"basis.set": transaction.Change(setBasis, transaction.Terms{
		Who:      "a privacy officer",
		Officers: []string{"privacy"}, Widens: true,
		Seals:   transaction.Own,
		Refuses: []refusal.Code{refusal.Conflict, refusal.Decided, refusal.LimitExceeded, refusal.Forged},
	}),
	"basis.end": transaction.Ending(endBasis, transaction.Terms{
		Who:   "a privacy officer of the owner",
		Seals: transaction.Own, Alone: true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Decided, refusal.LimitExceeded, refusal.Forged},
	}),
	"deid.state": transaction.Change(stateDeid, transaction.Terms{
		Who:      "a privacy officer of the owner",
		Officers: []string{"privacy"}, Widens: true,
		Seals:   transaction.Own,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Conflict, refusal.LimitExceeded, refusal.Forged},
	}),
	"ground.get":   transaction.Query(getGround, refusal.NotFound, refusal.Forged),
	"consent.get":  transaction.Query(getConsent, refusal.NotFound, refusal.Forged),
	"consent.list": transaction.Query(listConsent),
	"basis.get":    transaction.Query(getBasis, refusal.NotFound, refusal.Forged),
	"basis.list":   transaction.Query(listBases),
	"deid.get":     transaction.Query(getDeid, refusal.NotFound, refusal.Forged),
}
