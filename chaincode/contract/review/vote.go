package review

import (
	"slices"

	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/review"
)

// refuseDenied refuses with POLICY_DENIES to give a grant that check would deny to whoever holds it: by the same rule (grants.Judge), so that the two cannot disagree.
func refuseDenied(facts grants.Facts) error {
	verdict := grants.Judge(facts, grants.ToBeGiven(facts.Grant.Body))
	if verdict.Answer != rules.Deny {
		return nil
	}
	return rules.WithReasons(refusal.New(refusal.PolicyDenies, "the approval would be complete, and the data may not be used so: %s", rules.Sentences(verdict.Reasons)).
		Hinting("the owner's privacy officer sets grounds and statements; a vote against needs none"), verdict.Reasons)
}

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

func (a voteArgument) Check(c *input.Checker) {
	c.TxPrefix("request", a.Request)
	c.Body(records.Vote{
		Vote: a.Vote, Role: a.Role, Reason: a.Reason, RequestDigest: a.RequestDigest, VersionDigest: a.VersionDigest, PolicyDigest: a.PolicyDigest, Attestation: a.Attestation,
	})
	c.Require(a.Vote == records.Approve || a.Reason != "", "reason", "whoever does not approve says why")
	decides := a.Vote == records.Approve || a.Vote == records.Reject
	c.Require(decides || !a.NoConflict, "no_conflict", "it goes with an approval or a rejection")
	c.Require(a.Attestation == nil || a.Vote == records.Approve && a.Role == "ethics", "attestation", "it goes with an approval by an ethics committee")
	c.Require(a.For == "" || a.Delegation != "", "delegation", "a deputy names the delegation")
	c.Require(a.Delegation == "" || a.For != "", "for", "a deputy names the member")
	if a.For != "" {
		c.Person("for", a.For)
		if a.Delegation != "" {
			c.TxPrefix("delegation", a.Delegation)
		}
		c.Require(decides || a.Vote == records.Return, "for", "a conflict of interest is declared, and a request closed, in person")
	}
}

type voteAnswer struct {
	Vote  any            `json:"vote"`
	State machines.State `json:"state"`
	Grant any            `json:"grant,omitzero"`
}

// castVote writes a vote, and the grant when the vote completes the approval. A word against is given by names alone, so that nobody holds it back; a declared conflict that
// completes an approval is given anew, by all that the grant rests on.
func castVote(tx *ledger.Tx, a voteArgument) (any, error) {
	if a.Vote == records.Approve {
		return cast(tx, a, evidence.FindCase)
	}
	answer, err := cast(tx, a, evidence.FindCaseByName)
	if err == nil && answer.State == machines.Approved {
		tx.Discard()
		return cast(tx, a, evidence.FindCase)
	}
	return answer, err
}

func cast(tx *ledger.Tx, a voteArgument, find func(*ledger.Tx, string) (*evidence.Case, error)) (voteAnswer, error) {
	var answer voteAnswer
	caller, err := tx.Caller()
	if err != nil {
		return answer, err
	}
	found, err := find(tx, a.Request)
	if err != nil {
		return answer, err
	}
	deputy, err := readDeputy(found, tx, caller, a)
	if err != nil {
		return answer, err
	}
	var prospect grants.Facts
	if !found.ByName && (a.Vote == records.Approve || a.Vote == records.Recuse) { // what can complete an approval
		if prospect, err = found.Prospect(tx); err != nil {
			return answer, err
		}
	}
	b := casting{a: a, caller: caller, deputy: deputy, before: found.Outcome(tx), at: tx.Now()}
	if err := admits(found, b); err != nil {
		return answer, err
	}
	body := records.Vote{
		Request: found.Request.Record.ID, Dataset: found.Request.Record.Body.Dataset, Seq: b.before.NextSeq(), Voter: caller.Person(), Role: a.Role, Vote: a.Vote, Reason: a.Reason,
		RequestDigest: a.RequestDigest, VersionDigest: a.VersionDigest, PolicyDigest: a.PolicyDigest, Rosters: rosterStates(found),
		NoConflict: a.NoConflict, Attestation: a.Attestation, DeputyFor: deputy,
	}
	vote, err := ledger.Create(tx, caller.By, tx.ID, body, records.Final, "")
	if err != nil {
		return answer, err
	}
	found.Votes = append(found.Votes, vote)
	found.Facts.Ballots = evidence.Ballots(found.Votes)
	after := found.Outcome(tx)
	answer = voteAnswer{Vote: vote.Raw, State: after.State}
	if found.ByName && after.State == machines.Approved { // what the grant would rest on was not read
		return answer, nil
	}
	answer.Grant, err = settle(found, tx, caller, after, prospect)
	return answer, err
}

// rosterStates says which states of the committees the vote is judged by.
func rosterStates(c *evidence.Case) []records.Roster {
	ids := review.Committees(c.Facts.Policy)
	states := make([]records.Roster, 0, len(ids))
	for _, id := range ids {
		states = append(states, c.Facts.Rosters[id].State(id))
	}
	return states
}

// settle writes what a vote brings about: the grant, when it completes the approval. It gives the grant, or nil. A rejection deletes no index entry: a dishonest
// requester could have kept the entries' policies for itself, and nobody may be able to hold a rejection back.
func settle(c *evidence.Case, tx *ledger.Tx, caller ledger.Caller, after review.Outcome, prospect grants.Facts) (any, error) {
	if !slices.ContainsFunc(after.Counted, func(b review.Ballot) bool { return b.ID == tx.ID }) || after.DecidedBy != "" && after.DecidedBy != tx.ID {
		return nil, refusal.New(refusal.Forged, "the votes on request %.12s are numbered out of order", c.Request.Record.ID)
	}
	if after.State != machines.Approved {
		return nil, nil
	}
	if err := refuseHidden(c, tx); err != nil {
		return nil, err
	}
	if missing := review.Missing(c.Facts); missing != "" {
		return nil, refusal.New(refusal.Forged, "this vote would complete the approval of request %.12s, and what was said before cannot be told: %s", c.Request.Record.ID, missing)
	}
	return give(c, tx, caller, after, prospect)
}

// refuseHidden refuses with FORGED to approve a request that is not among its dataset's owner's open ones, where its committees look for what they can still reject.
func refuseHidden(c *evidence.Case, tx *ledger.Tx) error {
	open, err := tx.Stands(records.OpenEntry(&c.Request.Record).Key)
	if err != nil || open {
		return err
	}
	return refusal.New(refusal.Forged, "request %.12s is not among the open requests for %s: its requester's chaincode is not ours", c.Request.Record.ID, c.Request.Record.Body.Dataset).
		Hinting("nobody could see it who may reject it; it is submitted anew (request.submit)")
}

// give writes the grant of an approved request, and deletes the index entries that have had their time and that are the caller's institution's or the owner's: both
// endorse an approval. prospect is what the grant rests on besides the approval.
func give(c *evidence.Case, tx *ledger.Tx, caller ledger.Caller, outcome review.Outcome, prospect grants.Facts) (any, error) {
	request := &c.Request.Record
	terms := c.Approval().Grant(outcome)
	if !c.Facts.Automatic { // people have judged what lay before them
		terms.Judged = grants.Shown(prospect)
	}
	if err := refuseUnlessGrantable(c, tx, terms); err != nil {
		return nil, err
	}
	owner, _, _ := records.SplitDataset(request.Body.Dataset)
	if !c.Facts.Automatic { // nobody was asked
		for _, stage := range c.Facts.Policy.Stages {
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
	if err := refuseDenied(c.Given(tx, prospect, grant)); err != nil {
		return nil, err
	}
	return grant.Raw, nil
}
