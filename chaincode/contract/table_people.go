package contract

// peopleTransactions are what can be asked about what the people in the data permit, what a version rests on, and how it was de-identified.
var peopleTransactions = table{
	"ground.set":      change(setGround),
	"consent.begin":   change(beginConsent),
	"consent.epoch":   ending(nextEpoch),
	"consent.exclude": change(excludeWithdrawn),
	"consent.end":     ending(endConsent),
	"basis.set":       change(setBasis),
	"basis.end":       ending(endBasis),
	"deid.state":      change(stateDeid),
	"ground.get":      query(getGround),
	"consent.get":     query(getConsent),
	"consent.list":    query(listConsent),
	"basis.get":       query(getBasis),
	"basis.list":      query(listBases),
	"deid.get":        query(getDeid),
}
