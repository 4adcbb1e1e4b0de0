package review

import (
	"fmt"

	"medconsent.org/chaincode/records"
)

// Missing says what the votes of a case were judged by and is not there any more: a committee, or a delegation; empty when nothing is missing. What these votes said nobody
// can tell then, so nothing is approved: an institution that takes its committee away must not undo a rejection by that.
func Missing(c Case) string {
	for _, ballot := range c.Ballots {
		vote := ballot.Vote
		_, asked := StageOf(c.Policy, vote.Voter.Institution, vote.Role)
		if !asked && !HasVeto(c.Policy, vote.Voter.Institution, vote.Role) {
			continue
		}
		if deputy := vote.DeputyFor; deputy != nil {
			if _, known := c.Delegations[deputy.Delegation]; !known {
				return fmt.Sprintf("vote %.12s was given by the delegation %.12s, which is not there", ballot.ID, deputy.Delegation)
			}
		}
		committee := records.CommitteeID(vote.Voter.Institution, vote.Role)
		for _, seen := range vote.Rosters {
			if seen.Committee == committee && seen.Changes > c.Rosters[committee].Changes {
				return fmt.Sprintf("vote %.12s was given when %s had been changed %d times, and that state of it is not there", ballot.ID, committee, seen.Changes)
			}
		}
	}
	return ""
}
