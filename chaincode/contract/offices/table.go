// Package offices is who an institution is, who sits on its committees, and who votes for whom.
package offices

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/refusal"
)

// Transactions are what can be asked about who an institution is, who sits on its committees, and who votes for whom.
var Transactions = transaction.Table{
	"institution.set": transaction.Change(setInstitution, transaction.Terms{
		Who:     "an operator",
		Seals:   transaction.Own,
		Widens:  true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Conflict, refusal.LimitExceeded, refusal.Forged},
	}),
	"institution.dismiss": transaction.Ending(dismiss, transaction.Terms{
		Who:   "an operator",
		Seals: transaction.Own, Alone: true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Conflict, refusal.Forged},
	}),
	"committee.set": transaction.Change(setCommittee, transaction.Terms{
		Who:      "a steward, never seating themself",
		Seals:    transaction.Own,
		Officers: []string{"steward"},
		Widens:   true,
		Refuses:  []refusal.Code{refusal.NotFound, refusal.Conflict, refusal.LimitExceeded, refusal.Forged},
	}),
	"committee.seat": transaction.Change(seatMembers, transaction.Terms{
		Who:      "a steward, never seating themself",
		Seals:    transaction.Own,
		Officers: []string{"steward"},
		Widens:   true,
		Refuses:  []refusal.Code{refusal.NotFound, refusal.Conflict, refusal.LimitExceeded, refusal.Forged},
	}),
	"person.announce": transaction.Change(announceKey, transaction.Terms{
		Who:     "anybody, for themself, with the key itself",
		Seals:   transaction.Own,
		Refuses: []refusal.Code{refusal.Conflict, refusal.LimitExceeded},
	}),
	"person.admit": transaction.Change(admitKey, transaction.Terms{
		Who:     "an officer of the institution who is somebody else, or the person with the key before it",
		Seals:   transaction.Own,
		Widens:  true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Conflict, refusal.OwnRequest, refusal.LimitExceeded},
	}),
	"person.end": transaction.Ending(endKey, transaction.Terms{
		Who:   "an officer of the institution, or the person",
		Seals: transaction.Own, Alone: true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Decided, refusal.LimitExceeded, refusal.Forged},
	}),
	"committee.unseat": transaction.Ending(unseat, transaction.Terms{
		Who:   "a steward",
		Seals: transaction.Own, Alone: true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Conflict, refusal.LimitExceeded, refusal.Forged},
	}),
	"committee.delegate": transaction.Change(delegate, transaction.Terms{
		Who:     "a member with the role and a seat",
		Seals:   transaction.Own,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Conflict, refusal.LimitExceeded, refusal.Forged},
	}),
	"committee.undelegate": transaction.Ending(undelegate, transaction.Terms{
		Who:   "the member, or a steward of the institution",
		Seals: transaction.Own, Alone: true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Decided, refusal.Expired, refusal.LimitExceeded, refusal.Forged},
	}),
	"institution.get":  transaction.Query(getInstitution, refusal.NotFound, refusal.Forged),
	"institution.list": transaction.Query(listInstitutions),
	"committee.get":    transaction.Query(getCommittee, refusal.NotFound, refusal.Forged),
	"committee.list":   transaction.Query(listCommittees),
	"person.list":      transaction.Query(listKeys),
	"delegation.list":  transaction.Query(listDelegations),
}
