package contract

import (
	"slices"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

type voteArgument struct {
	Request       string          `json:"request"`
	Vote          string          `json:"vote"`
	Role          string          `json:"role"`
	Reason        string          `json:"reason"`
	RequestDigest string          `json:"request_digest"`
	VersionDigest string          `json:"version_digest"`
	PolicyDigest  string          `json:"policy_digest"`
	NoConflict    bool            `json:"no_conflict"`
	Attestation   *records.Ethics `json:"attestation"`
	For           string          `json:"for"`
	Delegation    string          `json:"delegation"`
}

func (a voteArgument) check(c *input.Checker) {
	c.TxPrefix("request", a.Request)
	c.OneOf("vote", a.Vote, records.Votes)
	roles := records.CommitteeRoles
	if a.Vote == records.Close {
		roles = []string{"steward"}
	}
	c.OneOf("role", a.Role, roles)
	c.Require(a.Vote == records.Approve || a.Reason != "", "reason", "whoever does not approve says why")
	c.Text("reason", a.Reason, 0, 500)
	c.Digest("request_digest", a.RequestDigest)
	c.Digest("version_digest", a.VersionDigest)
	c.Digest("policy_digest", a.PolicyDigest)
	decides := a.Vote == records.Approve || a.Vote == records.Reject
	c.Require(decides || !a.NoConflict, "no_conflict", "it goes with an approval or a rejection")
	if a.Attestation != nil {
		c.Require(a.Vote == records.Approve && a.Role == "ethics", "attestation", "it goes with an approval by an ethics committee")
		c.Ethics("attestation", *a.Attestation)
	}
	c.Require(a.For == "" || a.Delegation != "", "delegation", "a deputy names the delegation")
	c.Require(a.Delegation == "" || a.For != "", "for", "a deputy names the member")
	if a.For != "" {
		c.Person("for", a.For)
		c.TxPrefix("delegation", a.Delegation)
		c.Require(decides || a.Vote == records.Return, "for", "a conflict of interest is declared, and a request closed, in person")
	}
}

type voteAnswer struct {
	Vote  any         `json:"vote"`
	State rules.State `json:"state"`
	Grant any         `json:"grant,omitzero"`
}

// castVote writes a vote, and the grant when the vote completes the approval.
func castVote(tx *ledger.Tx, a voteArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	found, err := findCase(tx, a.Request)
	if err != nil {
		return nil, err
	}
	deputy, err := found.deputy(tx, caller, a)
	if err != nil {
		return nil, err
	}
	var grounding rules.Grounding
	if a.Vote == records.Approve || a.Vote == records.Recuse { // what can complete an approval
		if grounding, err = found.grounds(tx); err != nil {
			return nil, err
		}
	}
	b := casting{a: a, caller: caller, deputy: deputy, before: found.outcome(tx), at: tx.Now()}
	if err := found.admits(b); err != nil {
		return nil, err
	}
	body := records.Vote{
		Request: found.request.Record.ID, Dataset: found.request.Record.Body.Dataset, Seq: b.before.NextSeq(), Voter: caller.Person(), Role: a.Role, Vote: a.Vote, Reason: a.Reason,
		RequestDigest: a.RequestDigest, VersionDigest: a.VersionDigest, PolicyDigest: a.PolicyDigest, Rosters: found.rosterStates(),
		NoConflict: a.NoConflict, Attestation: a.Attestation, DeputyFor: deputy,
	}
	vote, err := ledger.Create(tx, caller.By, tx.ID, body, records.Final, "")
	if err != nil {
		return nil, err
	}
	found.votes = append(found.votes, vote)
	found.facts.Ballots = ballots(found.votes)
	after := found.outcome(tx)
	if err := grantable(grounding, after); err != nil {
		return nil, err
	}
	answer := voteAnswer{Vote: vote.Raw, State: after.State}
	if answer.Grant, err = found.settle(tx, caller, after); err != nil {
		return nil, err
	}
	return answer, nil
}

// rosterStates says which states of the committees the vote is judged by.
func (c *reviewCase) rosterStates() []records.Roster {
	ids := rules.Committees(c.facts.Policy)
	states := make([]records.Roster, 0, len(ids))
	for _, id := range ids {
		states = append(states, records.Roster{Committee: id, Changes: c.facts.Rosters[id].Changes})
	}
	return states
}

// settle writes what a vote brings about: the grant, when it completes the approval. It gives the grant, or nil. A rejection deletes no index entry: a dishonest
// requester could have kept the entries' policies for itself, and nobody may be able to hold a rejection back.
func (c *reviewCase) settle(tx *ledger.Tx, caller ledger.Caller, after rules.Outcome) (any, error) {
	if !slices.ContainsFunc(after.Counted, func(b rules.Ballot) bool { return b.ID == tx.ID }) || after.DecidedBy != "" && after.DecidedBy != tx.ID {
		return nil, refusal.New(refusal.Forged, "the votes on request %.12s are numbered out of order", c.request.Record.ID)
	}
	if after.State != rules.Approved {
		return nil, nil
	}
	return c.give(tx, caller, after)
}

// give writes the grant of an approved request, and deletes the index entries that have had their time and that are the caller's institution's or the owner's: both
// endorse an approval.
func (c *reviewCase) give(tx *ledger.Tx, caller ledger.Caller, outcome rules.Outcome) (any, error) {
	request := &c.request.Record
	terms := c.grant(outcome)
	if err := c.stands(tx, terms); err != nil {
		return nil, err
	}
	owner, _, _ := records.SplitDataset(request.Body.Dataset)
	if !c.facts.Automatic { // nobody was asked
		for _, stage := range c.facts.Policy.Stages {
			if stage.Institution == caller.Institution || stage.Institution == owner {
				tx.Leave(records.WaitingEntry(request, stage.Institution, stage.Role))
			}
		}
	}
	tx.Leave(records.OpenEntry(request))
	grant, err := ledger.Create(tx, caller.By, tx.ID, terms, records.Active, "")
	if err != nil {
		return nil, err
	}
	return grant.Raw, nil
}
