package review

import (
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/machines"
)

// walk is the fold over the votes: what has been counted so far.
type walk struct {
	c          Case
	electorate Electorate
	owner      string
	counted    []Ballot
	// spoken are the counted words by whose they are; spent is everybody whose word was given, or who gave one as a deputy.
	spoken  map[records.Person]Ballot
	spent   map[records.Person]bool
	recused map[records.Person]bool
	// keys are those by which somebody of an institution has spoken, or for whom a deputy has.
	keys     map[signer]bool
	returned bool
	opened   map[int64]records.Time
	// states are the committees as votes saw them.
	states map[records.Roster]Roster
	// rewritten is whether something that a vote was judged by is not any more what it was.
	rewritten bool
}

// signer is a key by which an institution's people act. What another institution says of a key is not its word to give.
type signer struct{ institution, key string }

func newWalk(c Case) *walk {
	owner, _, _ := records.SplitDataset(c.Request.Body.Dataset)
	w := &walk{
		c: c, electorate: ElectorateOf(c.Request.Body, c.Policy), owner: owner,
		spoken: map[records.Person]Ballot{}, spent: map[records.Person]bool{}, recused: map[records.Person]bool{}, opened: map[int64]records.Time{}, states: map[records.Roster]Roster{},
		keys: map[signer]bool{},
	}
	w.rewritten = slices.ContainsFunc(c.Ballots, w.lost)
	return w
}

// lost tells whether something that a vote was judged by is not any more what the vote says that it was: whoever owns it has written it anew, by chaincode of its own.
func (w *walk) lost(ballot Ballot) bool {
	if deputy := ballot.Vote.DeputyFor; deputy != nil && w.c.Delegations[deputy.Delegation].Digest(deputy.Changes) != deputy.Digest {
		return true
	}
	return slices.ContainsFunc(ballot.Vote.Rosters, func(seen records.Roster) bool { return w.asSeen(seen).Lost })
}

// counts judges one vote by the moment and the rosters that it was cast by, and by what was counted before it. The contract has refused what does not count, but a
// voter's institution seals its own votes and its chaincode may not be ours.
func (w *walk) counts(ballot Ballot) bool {
	vote := ballot.Vote
	voter, member := vote.Voter, vote.Member()
	if ballot.At >= w.c.Request.Body.ReviewUntil {
		return false
	}
	if vote.Vote == records.Close {
		return vote.Role == "steward" && voter.Institution == w.owner && vote.DeputyFor == nil && (!w.electorate.Asks(voter) || w.ofAnother(ballot)) && !w.recused[voter]
	}
	if w.spent[voter] || w.spent[member] || !w.mayspeak(ballot) {
		return false
	}
	if vote.Vote == records.Approve && w.anothers(ballot) { // a word against is taken from whoever gives it
		return false
	}
	// A rejection counts after a return too: the contract lets nobody vote then, so a return that stands before it was written afterwards, by a chaincode that is not ours.
	if vote.Vote == records.Recuse { // it is about the person and the request, whatever the request says by now
		return vote.DeputyFor == nil
	}
	if (w.returned && vote.Vote != records.Reject) || vote.RequestDigest != w.c.Digest {
		return false
	}
	pinned := vote.VersionDigest == w.c.Request.Body.VersionDigest && vote.PolicyDigest == w.c.Request.Body.PolicyDigest
	return (pinned || w.ofAnother(ballot)) && w.isWord(ballot)
}

// anothers tells whether one of the keys by which a vote was given has spoken on the request under another name, or asked for it: one key is one person.
func (w *walk) anothers(ballot Ballot) bool {
	return slices.ContainsFunc(w.signers(ballot), func(s signer) bool { return w.keys[s] || w.c.AskedBy(s.key) })
}

// signers are the keys of the voter and of the member for whom they are a deputy.
func (w *walk) signers(ballot Ballot) []signer {
	institution := ballot.Vote.Voter.Institution
	var list []signer
	for _, key := range []string{ballot.Key, w.memberKey(ballot)} {
		if key != "" {
			list = append(list, signer{institution, key})
		}
	}
	return list
}

// memberKey is the key by which a member made the delegation that a vote was given by, or nothing.
func (w *walk) memberKey(ballot Ballot) string {
	if deputy := ballot.Vote.DeputyFor; deputy != nil {
		return w.c.Delegations[deputy.Delegation].MemberKey
	}
	return ""
}

// ofAnother tells whether a word against a request is about a text that it had before. Who asked then, and for which version, its owner may have written anew since: the
// contract amends neither, and has looked at both when the word was given.
func (w *walk) ofAnother(ballot Ballot) bool {
	return ballot.Vote.Against() && (w.c.former || ballot.Vote.RequestDigest != w.c.Digest)
}

// mayspeak tells whether the voter, or the member for whom they are a deputy, has a seat on a committee that the policy names, and both are admitted. A word against the
// request, of which that cannot be told any more, is taken as it was given: the contract has admitted it, and whoever has written anew what it was judged by undoes nothing.
func (w *walk) mayspeak(ballot Ballot) bool {
	vote := ballot.Vote
	stage, asked := StageOf(w.c.Policy, vote.Voter.Institution, vote.Role)
	if !asked && !HasVeto(w.c.Policy, vote.Voter.Institution, vote.Role) {
		return false
	}
	if !w.ofAnother(ballot) {
		for _, person := range []records.Person{vote.Voter, vote.Member()} {
			if asked && !w.electorate.AdmitsTo(stage, person) || !asked && !w.electorate.Admits(person) {
				return false
			}
		}
	}
	key := ballot.Key
	if deputy := vote.DeputyFor; deputy != nil {
		delegation, known := w.c.Delegations[deputy.Delegation]
		if known && delegation.Digest(deputy.Changes) != deputy.Digest {
			return vote.Against()
		}
		if !known || !delegation.Lets(vote.Voter, ballot.Key, vote.Role, deputy.Member, ballot.At, deputy.Changes) {
			return false
		}
		key = delegation.MemberKey
	}
	roster := w.roster(records.CommitteeID(vote.Voter.Institution, vote.Role), &ballot)
	return roster.Lost && vote.Against() || roster.Seated(vote.Member().ID, key, ballot.At)
}

// isWord tells whether a vote is one that can be given in its committee at its moment, with what the policy asks for.
func (w *walk) isWord(ballot Ballot) bool {
	vote := ballot.Vote
	stage, asked := StageOf(w.c.Policy, vote.Voter.Institution, vote.Role)
	open := asked && (w.open(stage, ballot) || vote.Against() && w.rewritten)
	declared := vote.NoConflict || !w.c.Policy.DeclaresConflicts()
	switch vote.Vote {
	case records.Approve:
		return open && declared && attested(stage, vote.Attestation, ballot.At)
	case records.Reject:
		return declared && (open || HasVeto(w.c.Policy, vote.Voter.Institution, vote.Role))
	case records.Return:
		return open
	}
	return false
}

// attested tells whether an approval has the attestation that its stage asks for, and none that is over or does not belong to it.
func attested(stage records.Stage, attestation *records.Ethics, at records.Time) bool {
	if attestation == nil {
		return !stage.MustAttest()
	}
	return stage.Role == "ethics" && attestation.ValidUntil > at && attestation.Board != "" && attestation.Number != "" && records.IsDigest(attestation.SHA256)
}

// AttestedUntil is the first end among the attestations of the counted approvals, or zero when there is none. One that was over at the decision did not count in it.
func (o Outcome) AttestedUntil() records.Time {
	var first records.Time
	for _, ballot := range o.Counted {
		attestation := ballot.Vote.Attestation
		if ballot.Vote.Vote == records.Approve && attestation != nil && attestation.ValidUntil > o.DecidedAt && (first == 0 || attestation.ValidUntil < first) {
			first = attestation.ValidUntil
		}
	}
	return first
}

// take counts a vote.
func (w *walk) take(ballot Ballot) {
	vote := ballot.Vote
	w.counted = append(w.counted, ballot)
	switch vote.Vote {
	case records.Close:
		return
	case records.Return:
		w.returned = true
	case records.Recuse:
		w.recused[vote.Voter] = true
	}
	w.spoken[vote.Member()] = ballot
	w.spent[vote.Voter], w.spent[vote.Member()] = true, true
	for _, s := range w.signers(ballot) {
		w.keys[s] = true
	}
}

// said tells whether a person's word in a stage is this one. An approval says it as long as its attestation lasts.
func (w *walk) said(stage records.Stage, person records.Person, word string, at records.Time) bool {
	ballot, ok := w.spoken[person]
	if !ok || ballot.Vote.Role != stage.Role || ballot.Vote.Vote != word {
		return false
	}
	return word != records.Approve || ballot.Vote.Attestation == nil || ballot.Vote.Attestation.ValidUntil > at
}

// roster is a committee in the state that a vote was judged by; without a vote, as it stands. A committee that the vote does not name has nobody.
func (w *walk) roster(committee string, judged *Ballot) Roster {
	roster := w.c.Rosters[committee]
	if judged == nil {
		return roster
	}
	for _, seen := range judged.Vote.Rosters {
		if seen.Committee == committee {
			return w.asSeen(seen)
		}
	}
	return roster.AsOf(0)
}

// asSeen is a committee as a vote saw it.
func (w *walk) asSeen(seen records.Roster) Roster {
	state, known := w.states[seen]
	if !known {
		state = w.c.Rosters[seen.Committee].AsSeen(seen)
		w.states[seen] = state
	}
	return state
}

// decidedBy tells what the vote that was counted last has completed, by the tallies as of it.
func (w *walk) decidedBy(ballot Ballot, tallies []Tally) machines.State {
	vote := ballot.Vote
	switch {
	case vote.Vote == records.Close:
		return machines.Closed
	case w.returned && vote.Vote != records.Reject: // what was said about the request as it stands will not count any more
		return ""
	case vote.Vote == records.Reject && HasVeto(w.c.Policy, vote.Voter.Institution, vote.Role):
		return machines.Rejected
	case vote.Vote == records.Reject && w.roster(records.CommitteeID(vote.Voter.Institution, vote.Role), &ballot).Lost: // whether others could still approve nobody can tell
		return machines.Rejected
	case vote.Vote == records.Reject || vote.Vote == records.Recuse:
		for _, tally := range tallies {
			if w.concerns(ballot, tally) && tally.hopeless() {
				return machines.Rejected
			}
		}
	}
	if (vote.Vote == records.Approve || vote.Vote == records.Recuse) && met(tallies) {
		return machines.Approved
	}
	return ""
}

// concerns tells whether a vote changes a stage's tally: its own, and for a declared conflict every one in which the person has a seat.
func (w *walk) concerns(ballot Ballot, tally Tally) bool {
	vote := ballot.Vote
	if tally.Institution != vote.Voter.Institution {
		return false
	}
	return tally.Role == vote.Role ||
		vote.Vote == records.Recuse && w.roster(records.CommitteeID(tally.Institution, tally.Role), &ballot).Sits(vote.Voter.ID, ballot.At)
}
