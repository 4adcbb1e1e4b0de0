package contract

import (
	"strings"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

// relatedGrant reads the grant that a sealed request renews or joins; nil when it does neither, or names what is no whole id.
//
// Refuses with NOT_FOUND, FORGED.
func relatedGrant(tx *ledger.Tx, request records.Request) (*ledger.Sealed[records.Grant], error) {
	id := request.Renews + request.Joins
	if !records.IsTx(id) {
		return nil, nil
	}
	return tx.Grant(id)
}

// relate reads the grant that a request is to renew or join, and puts its whole id into the request.
//
// Refuses with NOT_FOUND, AMBIGUOUS or FORGED when there is no such grant, with CONFLICT when the request does not fit it, with DECIDED, EXPIRED or CONFLICT when the
// grant does not stand.
func relate(tx *ledger.Tx, request *records.Request) error {
	if request.Renews+request.Joins == "" {
		return nil
	}
	grant, err := tx.Grant(request.Renews + request.Joins)
	if err != nil {
		return err
	}
	if request.Renews != "" {
		request.Renews = grant.Record.ID
	} else {
		request.Joins = grant.Record.ID
	}
	state, why, err := stateOf(tx, grant, tx.Now())
	if err != nil {
		return err
	}
	if err := over(grant.Record, state, why); err != nil {
		return err
	}
	if state == rules.GrantSuspended {
		return suspendedNow(grant.Record, why)
	}
	return fits(*request, tx.Now(), grant)
}

// fits refuses with CONFLICT when a request, as it was stated at a moment, cannot renew or join the grant that it names.
func fits(request records.Request, at records.Time, grant *ledger.Sealed[records.Grant]) error {
	if grant == nil {
		return nil
	}
	reasons := rules.Unrelated(request, at, grant.Record)
	if len(reasons) == 0 {
		return nil
	}
	field := "renews"
	if request.Joins != "" {
		field = "joins"
	}
	return refusal.New(refusal.Conflict, "the request does not fit grant %.12s: %s", grant.Record.ID, strings.Join(reasons, "; ")).At(field).
		Hinting("grant.get shows what was granted; a request of its own needs neither renews nor joins")
}

// stands makes sure that the grant an approval would make can be made: the grant that it renews was not taken back or given up, the one that it joins is active, and
// some time is left for it.
//
// Refuses with DECIDED, EXPIRED, CONFLICT.
func (c *reviewCase) stands(tx *ledger.Tx, grant records.Grant) error {
	if c.related != nil {
		state, why, err := stateOf(tx, c.related, tx.Now())
		if err != nil {
			return err
		}
		if state == rules.GrantSuspended {
			return suspendedNow(c.related.Record, why)
		}
		if state != rules.GrantExpired || grant.Joins != "" {
			if err := over(c.related.Record, state, why); err != nil {
				return err
			}
		}
	}
	if grant.Until <= grant.From {
		return refusal.New(refusal.Expired, "the grant would begin at %s, and what it rests on ends at %s", grant.From, grant.Until).
			Hinting("an ethics approval, or the grant that is joined, ends before: ask anew")
	}
	return nil
}

// over refuses when a grant has ended: with DECIDED, or with EXPIRED when its time is over.
func over(grant records.Record[records.Grant], state rules.GrantState, why string) error {
	switch state {
	case rules.GrantExpired:
		return refusal.New(refusal.Expired, "grant %.12s ended at %s", grant.ID, grant.Body.Until)
	case rules.GrantRevoked, rules.GrantRelinquished:
		return refusal.New(refusal.Decided, "grant %.12s was %s at %s", grant.ID, state, grant.UpdatedAt)
	case rules.GrantNarrowed, rules.GrantEnded:
		return refusal.New(refusal.Decided, "grant %.12s has ended: %s", grant.ID, why)
	}
	return nil
}

func suspendedNow(grant records.Record[records.Grant], why string) error {
	if why == "" {
		why = "a privacy officer of " + grant.Owner + " lifts it (grant.lift)"
	}
	return refusal.New(refusal.Conflict, "grant %.12s is suspended", grant.ID).Hinting("%s", why)
}

// bounds are what the time of the request's grant depends on besides the request.
func (c *reviewCase) bounds(outcome rules.Outcome) rules.Bounds {
	var related *records.Record[records.Grant]
	if c.related != nil {
		related = &c.related.Record
	}
	return rules.BoundsOf(related, c.request.Record.Body, outcome.AttestedUntil())
}
