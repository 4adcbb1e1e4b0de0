package grants

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/use"
)

// The bounds of break-glass.
const (
	MaxEmergencySeconds int64 = 72 * 60 * 60 // how long its grant lasts at most
	ConfirmationSeconds int64 = 24 * 60 * 60 // how long a proposal waits for the second person
)

// JustifyAfterwards is the duty that every break-glass grant carries besides the standing ones; it is its owner's.
const JustifyAfterwards = "justify-afterwards"

// ConfirmingRoles are those that the second person can have.
var ConfirmingRoles = []string{"steward", "dac", "privacy"}

// BreakglassStateAt says where a break-glass record stands now. lasts tells whether the grant that it names has not ended.
func BreakglassStateAt(record records.Record[records.Breakglass], lasts bool, now records.Time) machines.BreakglassState {
	switch {
	case record.Status == records.Justified:
		return machines.BreakglassJustified
	case record.Status == records.Open && lasts:
		return machines.BreakglassOpen
	case record.Status == records.Open:
		return machines.BreakglassUnjustified
	case now >= ConfirmableUntil(record):
		return machines.BreakglassLapsed
	}
	return machines.BreakglassProposed
}

// ConfirmableUntil is the moment from which a proposal can no longer be confirmed.
func ConfirmableUntil(record records.Record[records.Breakglass]) records.Time {
	return record.CreatedAt().Add(ConfirmationSeconds)
}

// EmergencyGrant is the grant that a break-glass record makes when it is confirmed at a moment. No policy limits it.
func EmergencyGrant(record records.Record[records.Breakglass], confirmedAt records.Time) records.Grant {
	b := record.Body
	return records.Grant{
		Dataset: b.Dataset, Version: b.Version, VersionDigest: b.VersionDigest, Breakglass: record.ID,
		Institution: b.Institution, Grantees: b.People, Purpose: b.Purpose, Mode: b.Mode,
		From: confirmedAt, Until: confirmedAt.Add(b.DurationSeconds), Obligations: append(slices.Clone(use.Standing), JustifyAfterwards),
	}
}

// Unopened gives every reason why a sealed break-glass record does not show that two people of the owner opened it in a transaction, by the rules. roster is the owner's
// privacy committee. Its owner seals the record alone, so all of it is judged again.
func Unopened(record records.Record[records.Breakglass], tx string, roster review.Roster) []string {
	body, confirmed := record.Body, confirmation(record, tx)
	if confirmed == nil || body.Grant != tx || body.ConfirmedBy == nil || record.Status != records.Open && record.Status != records.Justified {
		return []string{"it was not confirmed in the grant's transaction"}
	}
	reasons := Unproposed(record, roster)
	say := sayer(&reasons)
	say(personOf(confirmed.By) != *body.ConfirmedBy || body.ConfirmedBy.Institution != record.Owner || !slices.ContainsFunc(ConfirmingRoles, carries(confirmed.By)),
		"it was not confirmed by a steward, a member of an access committee or a privacy officer of %s", record.Owner)
	say(*body.ConfirmedBy == body.ProposedBy || confirmed.By.Key == record.Changes[0].By.Key, "the one who proposed it confirmed it")
	say(Opens(body, *body.ConfirmedBy), "the one who confirmed it is among those whom it gives the data")
	say(confirmed.At >= ConfirmableUntil(record), "it was confirmed too late")
	return reasons
}

// Unproposed gives every reason why a sealed break-glass record does not show that a privacy officer of the owner proposed it, by the rules; as Unopened.
func Unproposed(record records.Record[records.Breakglass], roster review.Roster) []string {
	var reasons []string
	say := sayer(&reasons)
	body, proposed := record.Body, record.Changes[0]
	say(personOf(proposed.By) != body.ProposedBy || body.ProposedBy.Institution != record.Owner || !slices.Contains(proposed.By.Roles, "privacy"),
		"it was not proposed by a privacy officer of %s", record.Owner)
	say(Opens(body, body.ProposedBy), "the one who proposed it is among those whom it gives the data")
	say(body.Roster.Committee != records.CommitteeID(record.Owner, "privacy") || !roster.AsSeen(body.Roster).Seated(body.ProposedBy.ID, proposed.By.Key, proposed.At),
		"%s had no seat on %s/privacy", body.ProposedBy.ID, record.Owner)
	say(body.DurationSeconds < 1 || body.DurationSeconds > MaxEmergencySeconds, "it is for %d seconds, and %d is the most", body.DurationSeconds, MaxEmergencySeconds)
	return reasons
}

// sayer adds a reason where something is wrong.
func sayer(reasons *[]string) func(wrong bool, format string, arguments ...any) {
	return func(wrong bool, format string, arguments ...any) {
		if wrong {
			*reasons = append(*reasons, fmt.Sprintf(format, arguments...))
		}
	}
}

// confirmation is the change that opened a record in a transaction: the second that it has.
func confirmation(record records.Record[records.Breakglass], tx string) *records.Change {
	if len(record.Changes) < 2 || record.Changes[1].Action != records.BreakglassType+".confirmed" || record.Changes[1].Tx != tx {
		return nil
	}
	return &record.Changes[1]
}

// ConfirmedAt is when a record was opened; zero when it was not.
func ConfirmedAt(record records.Record[records.Breakglass]) records.Time {
	if change := confirmation(record, record.Body.Grant); change != nil {
		return change.At
	}
	return 0
}

// Opens tells whether a break-glass gives the data to a person.
func Opens(body records.Breakglass, person records.Person) bool {
	return person.Institution == body.Institution && slices.Contains(body.People, person.ID)
}

func personOf(by records.By) records.Person {
	return records.Person{Institution: by.Institution, ID: by.ID}
}

func carries(by records.By) func(string) bool {
	return func(role string) bool { return slices.Contains(by.Roles, role) }
}
