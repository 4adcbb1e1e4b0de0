// Package people is what the people in the data permit, what a version rests on, and how it was de-identified.
package people

import (
	"medconsent.org/chaincode/contract/transaction"
)

// Transactions are what can be asked about what the people in the data permit, what a version rests on, and how it was de-identified.
var Transactions = transaction.Table{
	"ground.set":      transaction.Change(setGround),
	"consent.begin":   transaction.Change(beginConsent),
	"consent.epoch":   transaction.Ending(nextEpoch),
	"consent.exclude": transaction.Change(excludeWithdrawn),
	"consent.end":     transaction.Ending(endConsent),
	"basis.set":       transaction.Change(setBasis),
	"basis.end":       transaction.Ending(endBasis),
	"deid.state":      transaction.Change(stateDeid),
	"ground.get":      transaction.Query(getGround),
	"consent.get":     transaction.Query(getConsent),
	"consent.list":    transaction.Query(listConsent),
	"basis.get":       transaction.Query(getBasis),
	"basis.list":      transaction.Query(listBases),
	"deid.get":        transaction.Query(getDeid),
}
