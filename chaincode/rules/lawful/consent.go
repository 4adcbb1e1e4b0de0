package lawful

import (
	"reflect"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/use"
)

// CohortFacts is one cohort of a ground, with its newest epoch.
type CohortFacts struct {
	Clause string
	ID     string
	Ended  bool
	Why    string // it ended
	Epoch  records.Epoch
	// Attested is the epoch as of which the owner has attested that who withdrew is left out of this dataset version; 0 when it never has.
	Attested int64
	// OwedSince is when the epoch came about that Owed names; without meaning when nothing is owed.
	OwedSince records.Time
	Hierarchy use.Hierarchy
}

// Owed is the first epoch with withdrawn people that have not been attested to be left out, or 0 when nothing is owed.
func Owed(newest records.Epoch, attested int64) int64 {
	if newest.Withdrawn == records.NoPeople || attested >= newest.Epoch {
		return 0
	}
	return max(attested+1, newest.WithdrawnSince)
}

// NextEpoch is an epoch as the contract writes it after the one before (nil for the first): with what it keeps of it.
func NextEpoch(next records.Epoch, before *records.Epoch, now records.Time) records.Epoch {
	next.UseSince = now
	if before != nil && SameUses(next.Use, before.Use) && slices.Equal(next.Ontologies, before.Ontologies) {
		next.UseSince = before.UseSince
	}
	next.WithdrawnSince = 0
	if next.Withdrawn != records.NoPeople {
		next.WithdrawnSince = next.Epoch
		if before != nil && before.WithdrawnSince != 0 {
			next.WithdrawnSince = before.WithdrawnSince
		}
	}
	return next
}

func (g *Grounding) consent(c CohortFacts, q Question) {
	if c.Ended {
		g.deny(rules.ConsentEnded, c.Clause, "the consent of %s has ended: %s", c.ID, c.Why)
		return
	}
	epoch := records.Numbered(c.ID, '~', c.Epoch.Epoch)
	g.uses(permitted{
		uses: c.Epoch.Use, hierarchy: c.Hierarchy, as: records.JudgedUses(c.ID, c.Epoch),
		clause: c.Clause, what: "what the people of " + c.ID + " permit (" + epoch + ")", denies: rules.ConsentDenies, reviews: rules.ConsentNeedsReview,
	}, q)
}

// exclusion asks whether who withdrew is left out. Until the time for it has run out nobody else's use ends by it, and who uses the data leaves them out meanwhile.
func (g *Grounding) exclusion(c CohortFacts, q Question) {
	if c.Ended || c.Epoch.Withdrawn == records.NoPeople {
		return
	}
	newest := records.Numbered(c.ID, '~', c.Epoch.Epoch)
	owed := Owed(c.Epoch, c.Attested)
	if owed == 0 {
		g.oblige("exclude-withdrawn " + newest)
		return
	}
	period := int64(records.DefaultExclusionPeriod)
	for i, policy := range q.Policies {
		if i == 0 || policy.ExclusionPeriod() < period {
			period = policy.ExclusionPeriod()
		}
	}
	until := c.OwedSince.Add(period)
	if q.At >= until {
		g.deny(rules.ExclusionOverdue, c.Clause, "people have withdrawn from %s by %s, and that they are left out of this version should have been attested by %s",
			c.ID, records.Numbered(c.ID, '~', owed), until)
		return
	}
	g.oblige("exclude-withdrawn " + newest)
	g.say(rules.Permit, rules.Reason{Code: rules.ExclusionDue, Clause: c.Clause, Message: "people have withdrawn from " + c.ID + " by " + newest + "; who uses the data leaves them out, and the owner attests it before " + until.String()})
}

// SameUses tells whether two epochs permit the same, in the same words.
func SameUses(a, b []records.Alternative) bool { return reflect.DeepEqual(a, b) }
