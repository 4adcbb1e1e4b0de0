package review

import (
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/review"
)

// readDeputy reads the delegation that a vote names and puts it among the facts. It gives nil when somebody votes for themself.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORGED.
func readDeputy(c *evidence.Case, tx *ledger.Tx, caller ledger.Caller, a voteArgument) (*records.DeputyFor, error) {
	if a.For == "" {
		return nil, nil
	}
	var delegation *ledger.Sealed[records.Delegation]
	var err error
	if records.IsTx(a.Delegation) {
		delegation, err = evidence.ReadDelegationAt(tx, caller.Institution, a.Role, a.For, a.Delegation)
	} else {
		delegation, err = evidence.ReadDelegation(tx, caller.Institution, a.Delegation)
	}
	if err != nil {
		return nil, err
	}
	named := review.NewDelegation(delegation.Record)
	c.Facts.Delegations[delegation.Record.ID] = named
	changes := int64(len(delegation.Record.Changes))
	return &records.DeputyFor{Member: a.For, Delegation: delegation.Record.ID, Changes: changes, Digest: named.Digest(changes)}, nil
}
