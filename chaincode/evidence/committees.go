package evidence

import (
	"strings"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/review"
)

// ReadRoster reads one committee; one that does not exist, or only as a forgery, has nobody.
func ReadRoster(tx *ledger.Tx, institution, role string) (review.Roster, error) {
	finding, err := FindCommittee(tx, institution, role)
	if err != nil {
		return review.Roster{}, err
	}
	committee, err := finding.Maybe()
	if err != nil || committee == nil {
		return review.Roster{}, err
	}
	return rosterOf(tx, committee), nil
}

// rosterOf is a committee as the rules take it: the same for all that one transaction judges.
func rosterOf(tx *ledger.Tx, committee *ledger.Sealed[records.Committee]) review.Roster {
	roster, _ := ledger.Once(tx, "roster "+committee.Key, func() (*review.Roster, error) {
		roster := review.NewRoster(committee.Record)
		return &roster, nil
	})
	return *roster
}

// delegationsOf reads the delegations that votes name. One that is not there, or only as a forgery, lets nobody vote; forgeries are told apart.
func delegationsOf(tx *ledger.Tx, votes []*ledger.Sealed[records.Vote]) (map[string]review.Delegation, []ledger.Forgery, error) {
	delegations := map[string]review.Delegation{}
	var forgeries []ledger.Forgery
	for _, vote := range votes {
		body := vote.Record.Body
		if body.DeputyFor == nil || !records.IsPerson(body.DeputyFor.Member) || !records.IsTx(body.DeputyFor.Delegation) {
			continue
		}
		delegation, err := ReadDelegationAt(tx, body.Voter.Institution, body.Role, body.DeputyFor.Member, body.DeputyFor.Delegation)
		switch {
		case refusal.Is(err, refusal.NotFound):
		case refusal.Is(err, refusal.Forged):
			forgeries = append(forgeries, ledger.Forgery{Key: vote.Key, Sealed: true, Why: "it names a delegation that is forged"})
		case err != nil:
			return nil, nil, err
		default:
			delegations[delegation.Record.ID] = review.NewDelegation(delegation.Record)
		}
	}
	return delegations, forgeries, nil
}

// ReadRosters reads the committees of a policy's stages and vetoes. One that does not exist, or only as a forgery, has nobody; forgeries are told apart.
func ReadRosters(tx *ledger.Tx, policy records.Policy) (map[string]review.Roster, []ledger.Forgery, error) {
	ids := review.Committees(policy)
	rosters := make(map[string]review.Roster, len(ids))
	var forgeries []ledger.Forgery
	for _, id := range ids {
		institution, role, _ := strings.Cut(id, "/")
		finding, err := FindCommittee(tx, institution, role)
		if err != nil {
			return nil, nil, err
		}
		committee, err := finding.Maybe()
		if err != nil {
			return nil, nil, err
		}
		forgeries = append(forgeries, finding.Forgeries...)
		if committee != nil {
			rosters[id] = rosterOf(tx, committee)
			continue
		}
		if rosters[id], err = nobodyThere(tx, institution); err != nil {
			return nil, nil, err
		}
	}
	return rosters, forgeries, nil
}

// nobodyThere is the roster of a committee that does not exist: it tells whether its institution does.
func nobodyThere(tx *ledger.Tx, institution string) (review.Roster, error) {
	finding, err := FindInstitution(tx, institution)
	if err != nil {
		return review.Roster{}, err
	}
	record, err := finding.Maybe()
	return review.Roster{Unregistered: record == nil}, err
}
