package release

import (
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/machines"
)

// StateAt is where a receipt stands at a moment, by its own record.
func StateAt(receipt records.Record[records.Receipt], at records.Time) machines.ReceiptState {
	switch {
	case receipt.Status == records.Completed:
		return machines.ReceiptCompleted
	case receipt.Status == records.Aborted:
		return machines.ReceiptAborted
	case at >= receipt.CreatedAt().Add(HeaderSeconds):
		return machines.ReceiptUnsettled
	}
	return machines.ReceiptOpen
}

// Grounds is what a receipt says that it rests on, as far as it is on the ledger.
type Grounds struct {
	// Grant and Archive are those that it names, or nil when they are not there as their owner sealed them.
	Grant   *records.Record[records.Grant]
	Archive *records.Record[records.Archive]
	// Keys are all keys that somebody said are the person's.
	Keys []records.Record[records.Key]
	// Given is the key of the one receipt that its owner has posted of the ask.
	Given string
}

// Unproven is why nobody can have opened a receipt by the contract, or empty: its owner seals it, and its chaincode may not be ours. Whether the grant permitted it then is
// asked besides (release.check, check with a moment).
func Unproven(receipt records.Record[records.Receipt], g Grounds) string {
	body := receipt.Body
	if g.Grant == nil {
		return "there is no such grant"
	}
	grant := g.Grant.Body
	switch {
	case grant.Dataset != body.Dataset || grant.Version != body.Version || grant.VersionDigest != body.VersionDigest || grant.Mode != body.Mode:
		return "the grant is for something else"
	case grant.Institution != body.Person.Institution || !slices.Contains(grant.Grantees, body.Person.ID):
		return "the grant is not for " + body.Person.String()
	case g.Grant.CreatedAt() > receipt.CreatedAt()+grants.ClocksApart || receipt.CreatedAt() >= grant.Until:
		return "the grant did not stand at that time"
	case g.Archive == nil || g.Archive.ID != body.Archive || g.Archive.Body.VersionDigest != body.VersionDigest || !Within(body.Files, g.Archive.Body.Files):
		return "there is no such archive with these files"
	}
	signed := slices.ContainsFunc(g.Keys, func(key records.Record[records.Key]) bool {
		return key.Status != records.Announced && key.Body.DeliveryDigest() == body.Delivery && Signed(body, key.Body)
	})
	if g.Given != receipt.Key() {
		return "its owner has posted another receipt of the same ask, or none"
	}
	if !signed {
		return body.Person.String() + " has not signed that they asked for it, by a key with this delivery key"
	}
	return ""
}
