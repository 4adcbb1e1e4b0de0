package review

import (
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/machines"
)

// relate reads the grant that a request is to renew or join, and puts its whole id into the request.
//
// Refuses with NOT_FOUND, AMBIGUOUS or FORGED when there is no such grant, with CONFLICT when the request does not fit it, with DECIDED, EXPIRED or CONFLICT when the
// grant does not stand.
func relate(tx *ledger.Tx, request *records.Request) error {
	if request.Renews+request.Joins == "" {
		return nil
	}
	grant, err := evidence.ReadGrant(tx, request.Renews+request.Joins)
	if err != nil {
		return err
	}
	if request.Renews != "" {
		request.Renews = grant.Record.ID
	} else {
		request.Joins = grant.Record.ID
	}
	state, why, err := evidence.Standing(tx, grant)
	if err != nil {
		return err
	}
	act := machines.ActRenew
	if request.Joins != "" {
		act = machines.ActJoin
	}
	if err := evidence.RefuseByState(act, grant.Record, state, why); err != nil {
		return err
	}
	return evidence.RefuseUnrelated(*request, tx.Now(), grant)
}

// refuseUnlessGrantable makes sure that the grant an approval would make can be made: the grant that it renews was not taken back or given up, the one that it joins is active, and
// some time is left for it.
//
// Refuses with DECIDED, EXPIRED, CONFLICT.
func refuseUnlessGrantable(c *evidence.Case, tx *ledger.Tx, grant records.Grant) error {
	if c.Related != nil {
		state, why, err := evidence.Standing(tx, c.Related)
		if err != nil {
			return err
		}
		act := machines.ActRenewed
		if grant.Joins != "" {
			act = machines.ActJoined
		}
		if err := evidence.RefuseByState(act, c.Related.Record, state, why); err != nil {
			return err
		}
	}
	if grant.Until <= grant.From {
		return refusal.New(refusal.Expired, "the grant would begin at %s, and what it rests on ends at %s", grant.From, grant.Until).
			Hinting("an ethics approval, or the grant that is joined, ends before: ask anew")
	}
	return nil
}
