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
	Request       string `json:"request"`
	Vote          string `json:"vote"`
	Role          string `json:"role"`
	Reason        string `json:"reason"`
	RequestDigest string `json:"request_digest"`
	VersionDigest string `json:"version_digest"`
	PolicyDigest  string `json:"policy_digest"`
}

func (a voteArgument) check(c *input.Checker) {
	c.TxPrefix("request", a.Request)
	c.OneOf("vote", a.Vote, []string{records.Approve, records.Reject})
	c.OneOf("role", a.Role, records.CommitteeRoles)
	c.Require(a.Vote != records.Reject || a.Reason != "", "reason", "a rejection says why")
	c.Text("reason", a.Reason, 0, 500)
	c.Digest("request_digest", a.RequestDigest)
	c.Digest("version_digest", a.VersionDigest)
	c.Digest("policy_digest", a.PolicyDigest)
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
	var grounding rules.Grounding
	if a.Vote == records.Approve {
		if grounding, err = found.grounds(tx); err != nil {
			return nil, err
		}
	}
	before := found.outcome(tx)
	if err := found.admits(tx, caller, a, before); err != nil {
		return nil, err
	}
	body := records.Vote{
		Request: found.request.Record.ID, Dataset: found.request.Record.Body.Dataset, Seq: before.NextSeq(), Voter: caller.Person(), Role: a.Role, Vote: a.Vote, Reason: a.Reason,
		RequestDigest: a.RequestDigest, VersionDigest: a.VersionDigest, PolicyDigest: a.PolicyDigest, Rosters: found.rosterStates(),
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
	if answer.Grant, err = found.settle(tx, caller, a.Role, a.Vote, after); err != nil {
		return nil, err
	}
	return answer, nil
}

// admits says why a vote cannot be cast.
func (c *reviewCase) admits(tx *ledger.Tx, caller ledger.Caller, a voteArgument, outcome rules.Outcome) error {
	body := c.request.Record.Body
	if caller.Institution == body.Requester.Institution && c.mine(caller.ID) {
		return refusal.New(refusal.OwnRequest, "the requester and the researchers of a request do not vote on it")
	}
	if err := caller.Need(a.Role); err != nil {
		return err
	}
	if !slices.ContainsFunc(c.facts.Policy.Stages, func(s records.Stage) bool { return s.Institution == caller.Institution && s.Role == a.Role }) {
		return refusal.New(refusal.Forbidden, "the policy of %s does not ask %s", body.Dataset, records.CommitteeID(caller.Institution, a.Role))
	}
	if !rules.ElectorateOf(body, c.facts.Policy).Admits(caller.Person()) {
		return refusal.New(refusal.OwnRequest, "the request comes from %s, whose people do not vote on it unless the policy lets them", caller.Institution)
	}
	if !c.facts.Rosters[records.CommitteeID(caller.Institution, a.Role)].Seated(caller.ID, tx.Now()) {
		return refusal.New(refusal.Forbidden, "%s has no seat on %s at %s", caller.ID, records.CommitteeID(caller.Institution, a.Role), tx.Now()).
			Hinting("a steward of %s seats people (committee.set)", caller.Institution)
	}
	if err := decided(outcome, c.request.Record.ID); err != nil {
		return err
	}
	if c.voted(caller.Person()) {
		return refusal.New(refusal.AlreadyVoted, "%s has voted on request %.12s", caller.Person(), c.request.Record.ID).
			Hinting("one person has one vote, whatever the role and the certificate")
	}
	if outcome.State == rules.Lapsed {
		if outcome.Why == rules.PolicyChanged {
			return refusal.New(refusal.Conflict, "the policy of %s has changed since the request was made, so it lapsed", body.Dataset).
				Hinting("the researcher can submit it again under the policy that stands")
		}
		return refusal.New(refusal.Expired, "the time for review ended at %s", body.ReviewUntil)
	}
	return c.shown(a)
}

// shown refuses with CONFLICT when the voter was shown something else than what stands.
func (c *reviewCase) shown(a voteArgument) error {
	body := c.request.Record.Body
	switch {
	case a.RequestDigest != c.request.Digest:
		return stale("request_digest", "the request", c.request.Digest)
	case a.VersionDigest != body.VersionDigest:
		return stale("version_digest", records.Numbered(body.Dataset, '@', body.Version), body.VersionDigest)
	case a.PolicyDigest != body.PolicyDigest:
		return stale("policy_digest", records.Numbered(body.Dataset, '#', body.PolicyVersion), body.PolicyDigest)
	}
	return nil
}

// rosterStates says which states of the committees the vote is judged by.
func (c *reviewCase) rosterStates() []records.Roster {
	states := make([]records.Roster, 0, len(c.facts.Policy.Stages))
	for _, stage := range c.facts.Policy.Stages {
		states = append(states, records.Roster{Committee: stage.Committee(), Changes: c.facts.Rosters[stage.Committee()].Changes})
	}
	return states
}

// settle writes what a vote brings about: the grant, and the index entries that have had their time. It gives the grant, or nil. A rejection deletes no entry: a
// dishonest requester could have kept the entries' policies for itself, and nobody may be able to hold a rejection back.
func (c *reviewCase) settle(tx *ledger.Tx, caller ledger.Caller, role, vote string, after rules.Outcome) (any, error) {
	request := &c.request.Record
	for _, tally := range after.Tallies {
		if tally.Institution == caller.Institution && tally.Role == role && tally.Missing == 0 && vote == records.Approve {
			tx.Leave(ledger.WaitingEntry(request, tally.Institution, tally.Role))
		}
	}
	if after.State != rules.Approved {
		return nil, nil
	}
	if after.DecidedBy != tx.ID {
		return nil, refusal.New(refusal.Forged, "the votes on request %.12s are numbered out of order", request.ID)
	}
	tx.Leave(ledger.OpenEntry(request))
	grant, err := ledger.Create(tx, caller.By, tx.ID, c.grant(after), records.Active, "")
	if err != nil {
		return nil, err
	}
	return grant.Raw, nil
}
