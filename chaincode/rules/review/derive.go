// Package review judges what a request has come to: stages, votes, committees and deputies.
package review

import (
	"cmp"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/use"
)

// MaxSeq is the last number a vote can have: the largest integer that every JSON reader keeps.
const MaxSeq = 1<<53 - 1

// Ballot is a sealed vote as the fold sees it.
type Ballot struct {
	ID   string // the transaction that made it
	At   records.Time
	Key  string // that signed it
	Vote records.Vote
	// Place is the place of the vote among those that its institution has posted on the request, from 1. Zero is none: it was not posted.
	Place int64
}

// Case is all that a request's state is derived from.
type Case struct {
	Request records.Record[records.Request]
	Digest  string // of the request's record
	// Policy is the pinned one, resolved for the requester's institution.
	Policy records.Policy
	// Automatic is whether no stage is asked: see ApprovedAutomatically.
	Automatic bool
	// Rosters are the committees of the policy's stages and vetoes, by id, as they stand.
	Rosters map[string]Roster
	// Delegations are those that votes name, by id, as they stand.
	Delegations map[string]Delegation
	// Ballots are the sealed votes, in any order.
	Ballots []Ballot
	// LatestPolicy is the number of the dataset's latest policy.
	LatestPolicy int64
	// Now is the moment that is asked about.
	Now records.Time
	// former is whether Digest is of a text that the request had before.
	former bool
}

// AskedBy tells whether the request was made, or changed since, by whoever signs with a key.
func (c Case) AskedBy(key string) bool {
	return key != "" && slices.ContainsFunc(c.Request.Changes, func(change records.Change) bool { return change.By.Key == key })
}

// Outcome is what a request has come to.
type Outcome struct {
	State     machines.State
	Why       string       // of Lapsed
	DecidedAt records.Time // of Approved, Rejected and Closed
	DecidedBy string       // the transaction of the deciding vote, or the request's own when no stage was asked
	Counted   []Ballot     // the votes that count, in order
	Tallies   []Tally      // one for each stage, as of the deciding vote, or of Now

	spent, recused map[records.Person]bool
	keys           map[signer]bool
}

// Undecided tells whether the request is neither decided nor at its end.
func (o Outcome) Undecided() bool { return machines.RequestMachine.Live(o.State) }

// Voted tells whether a person's word was given, or they gave one as a deputy.
func (o Outcome) Voted(person records.Person) bool { return o.spent[person] }

// Spoke tells whether somebody of an institution has spoken by a key, or a deputy for them.
func (o Outcome) Spoke(institution, key string) bool { return o.keys[signer{institution, key}] }

// Recused tells whether a person has declared a conflict of interest.
func (o Outcome) Recused(person records.Person) bool { return o.recused[person] }

// Tally finds the tally of a committee's stage.
func (o Outcome) Tally(institution, role string) (Tally, bool) {
	for _, tally := range o.Tallies {
		if tally.Institution == institution && tally.Role == role {
			return tally, true
		}
	}
	return Tally{}, false
}

// NextSeq is the number of the next vote. Should an institution have taken the last number for a vote of its own, the next has it too and comes after by its time:
// nobody can keep others from voting.
func (o Outcome) NextSeq() int64 {
	if len(o.Counted) == 0 {
		return 1
	}
	return min(o.Counted[len(o.Counted)-1].Vote.Seq, MaxSeq-1) + 1
}

// Derive walks the votes in the order of their numbers, each judged at its own moment and by the rosters that its voter's peer saw, and says where the request
// stands. A vote completes the approval when every stage then has as many approvals as it asks for by people seated at that moment; a rejecting vote completes the
// rejection when its committee has a veto, or its stage can then no longer be met. A declared conflict of interest can complete either, where others have said the
// rest. While rosters stand still, the order of the votes does not change the outcome, except that a return comes too late after the decision.
//
// What was decided against the request on a text that it had before is decided: its owner cannot undo that by stating it anew.
func Derive(c Case) Outcome {
	if c.Request.Status == records.Withdrawn {
		return Outcome{State: machines.Withdrawn}
	}
	if c.Automatic {
		return Outcome{State: machines.Approved, DecidedAt: c.Request.CreatedAt(), DecidedBy: c.Request.ID}
	}
	for _, former := range formerTexts(c) {
		if outcome := decide(former); outcome.State == machines.Rejected || outcome.State == machines.Closed {
			return outcome
		}
	}
	return decide(c)
}

// formerTexts is the same case as it stood when the last word on each former text of the request was given: the votes up to that one, judged for that text.
func formerTexts(c Case) []Case {
	var former []Case
	ballots := inOrder(c.Ballots)
	for i, ballot := range slices.Backward(ballots) {
		digest := ballot.Vote.RequestDigest
		if digest == c.Digest || slices.ContainsFunc(former, func(f Case) bool { return f.Digest == digest }) {
			continue
		}
		then := c
		then.Digest, then.Ballots, then.former = digest, ballots[:i+1], true
		former = append(former, then)
	}
	return former
}

// decide walks the votes on one text.
func decide(c Case) Outcome {
	w := newWalk(c)
	ballots := inOrder(c.Ballots)
	for i, ballot := range ballots {
		if !w.counts(ballot) {
			continue
		}
		w.shut(ballot)
		w.take(ballot)
		tallies := w.tallies(ballot.At, &ballot)
		w.mark(tallies)
		state := w.decidedBy(ballot, tallies)
		if state == "" {
			continue
		}
		if state == machines.Approved {
			if veto, found := w.veto(ballots[i+1:]); found {
				w.take(veto)
				state, ballot, tallies = machines.Rejected, veto, w.tallies(veto.At, &veto)
			}
		}
		outcome := w.outcome(state, tallies)
		outcome.DecidedAt, outcome.DecidedBy = ballot.At, ballot.ID
		return outcome
	}
	return w.undecided()
}

// veto finds the first that counts among the votes after an approval. The contract lets nobody vote on an approved request, so an approval that a veto comes after was
// written when that had been given, and dated back, by chaincode that is not ours.
func (w *walk) veto(after []Ballot) (Ballot, bool) {
	for _, ballot := range after {
		if ballot.Vote.Vote == records.Reject && HasVeto(w.c.Policy, ballot.Vote.Voter.Institution, ballot.Vote.Role) && w.counts(ballot) {
			return ballot, true
		}
	}
	return Ballot{}, false
}

// ApprovedAutomatically tells whether no stage is asked about a request: its policy says so, it stands as it was made, and the one decision function permits it as
// of that moment, on nobody's word alone; nor did what the data rests on leave something for people to judge.
func ApprovedAutomatically(request records.Record[records.Request], policy records.Policy, hierarchy use.Hierarchy) bool {
	if !policy.Automatic || request.WasAmended() || request.Body.ForPeople {
		return false
	}
	verdict := use.Decide(policy, use.AskOf(request.Body, request.CreatedAt(), hierarchy))
	return verdict.Answer == rules.Permit && len(verdict.Claimed) == 0
}

func (w *walk) outcome(state machines.State, tallies []Tally) Outcome {
	return Outcome{State: state, Counted: w.counted, Tallies: tallies, spent: w.spent, recused: w.recused, keys: w.keys}
}

// undecided says where a request stands that no vote has decided.
func (w *walk) undecided() Outcome {
	outcome := w.outcome(machines.InReview, w.tallies(w.c.Now, nil))
	switch {
	case w.c.Now >= w.c.Request.Body.ReviewUntil:
		outcome.State, outcome.Why = machines.Lapsed, machines.Deadline
	case w.c.LatestPolicy != w.c.Request.Body.PolicyVersion:
		outcome.State, outcome.Why = machines.Lapsed, machines.PolicyChanged
	case w.returned:
		outcome.State = machines.Returned
	case len(w.counted) == 0:
		outcome.State = machines.Submitted
	}
	return outcome
}

// inOrder sorts by number; two votes with one number (their institution's chaincode was not ours) by time and then by id, alike at every peer. Whatever number and time a vote
// says, it comes after those that its institution had posted before: nobody's word is undone by one that is slipped in before it.
func inOrder(ballots []Ballot) []Ballot {
	type placed struct {
		Ballot
		seq int64
		at  records.Time
	}
	var list []placed
	last := map[string]placed{}
	for _, ballot := range slices.SortedStableFunc(slices.Values(ballots), func(a, b Ballot) int { return cmp.Compare(a.Place, b.Place) }) {
		next := placed{ballot, min(ballot.Vote.Seq, MaxSeq), ballot.At}
		if ballot.Place > 0 {
			before := last[ballot.Vote.Voter.Institution]
			next.seq, next.at = max(next.seq, before.seq), max(next.at, before.at)
			last[ballot.Vote.Voter.Institution] = next
		}
		list = append(list, next)
	}
	slices.SortFunc(list, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.at, b.at), cmp.Compare(a.Place, b.Place), cmp.Compare(a.ID, b.ID))
	})
	ordered := make([]Ballot, 0, len(list))
	for _, next := range list {
		next.Vote.Seq = next.seq
		ordered = append(ordered, next.Ballot)
	}
	return ordered
}
