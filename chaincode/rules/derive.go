package rules

import (
	"cmp"
	"slices"

	"medconsent.org/chaincode/records"
)

// State is where a request stands.
type State string

// The states of a request.
const (
	Submitted State = "submitted"
	InReview  State = "in-review"
	Approved  State = "approved"
	Rejected  State = "rejected"
	Withdrawn State = "withdrawn"
	Lapsed    State = "lapsed"
)

// States lists the states of a request.
var States = []State{Submitted, InReview, Approved, Rejected, Withdrawn, Lapsed}

// Why a request lapsed.
const (
	Deadline      = "deadline"
	PolicyChanged = "policy-changed"
)

// MaxSeq is the last number a vote can have: the largest integer that every JSON reader keeps.
const MaxSeq = 1<<53 - 1

// Ballot is a sealed vote as the fold sees it.
type Ballot struct {
	ID   string // the transaction that made it
	At   records.Time
	Vote records.Vote
}

// Case is all that a request's state is derived from.
type Case struct {
	Request records.Record[records.Request]
	Digest  string // of the request's record
	Policy  records.Policy
	// Rosters are the committees of the policy's stages, by id, as they stand.
	Rosters map[string]Roster
	// Ballots are the sealed votes, in any order.
	Ballots []Ballot
	// LatestPolicy is the number of the dataset's latest policy.
	LatestPolicy int64
	// Now is the moment that is asked about.
	Now records.Time
}

// Tally is how far one stage has come.
type Tally struct {
	Institution string `json:"institution"`
	Role        string `json:"role"`
	Threshold   int64  `json:"threshold"`
	Approvals   int64  `json:"approvals"`
	Rejections  int64  `json:"rejections"`
	Seated      int64  `json:"seated"`
	Missing     int64  `json:"missing"`
}

// Outcome is what a request has come to.
type Outcome struct {
	State     State
	Why       string       // of Lapsed
	DecidedAt records.Time // of Approved and Rejected
	DecidedBy string       // the transaction of the deciding vote
	Counted   []Ballot     // the votes that count, in order
	Tallies   []Tally      // one for each stage, as of the deciding vote, or of Now
}

// Undecided tells whether votes can still be cast.
func (o Outcome) Undecided() bool { return o.State == Submitted || o.State == InReview }

// NextSeq is the number of the next vote. Should an institution have taken the last number for a vote of its own, the next has it too and comes after by its time:
// nobody can keep others from voting.
func (o Outcome) NextSeq() int64 {
	if len(o.Counted) == 0 {
		return 1
	}
	return min(o.Counted[len(o.Counted)-1].Vote.Seq, MaxSeq-1) + 1
}

// Derive walks the votes in the order of their numbers, each judged at its own moment and by the rosters that its voter's peer saw, and says where the request
// stands. An approving vote completes the approval when every stage then has its threshold of approvals by people seated at that moment; a rejecting vote
// completes the rejection when its own stage can then no longer be met, because those seated and eligible who have not rejected are fewer than its
// threshold. While rosters stand still, the order of the votes does not change the outcome.
func Derive(c Case) Outcome {
	if c.Request.Status == records.Withdrawn {
		return Outcome{State: Withdrawn}
	}
	w := walk{c: c, electorate: ElectorateOf(c.Request.Body, c.Policy), voted: map[records.Person]bool{}}
	for _, ballot := range inOrder(c.Ballots) {
		if !w.counts(ballot) {
			continue
		}
		w.counted = append(w.counted, ballot)
		w.voted[ballot.Vote.Voter] = true
		if state := w.decidedBy(ballot); state != "" {
			return Outcome{State: state, DecidedAt: ballot.At, DecidedBy: ballot.ID, Counted: w.counted, Tallies: w.tallies(ballot.At, &ballot)}
		}
	}
	outcome := Outcome{State: InReview, Counted: w.counted, Tallies: w.tallies(c.Now, nil)}
	switch {
	case c.Now >= c.Request.Body.ReviewUntil:
		outcome.State, outcome.Why = Lapsed, Deadline
	case c.LatestPolicy != c.Request.Body.PolicyVersion:
		outcome.State, outcome.Why = Lapsed, PolicyChanged
	case len(w.counted) == 0:
		outcome.State = Submitted
	}
	return outcome
}

// inOrder sorts by number; two votes with one number (their institution's chaincode was not ours) by time and then by id, alike at every peer.
func inOrder(ballots []Ballot) []Ballot {
	return slices.SortedFunc(slices.Values(ballots), func(a, b Ballot) int {
		return cmp.Or(cmp.Compare(min(a.Vote.Seq, MaxSeq), min(b.Vote.Seq, MaxSeq)), cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID))
	})
}

type walk struct {
	c          Case
	electorate Electorate
	counted    []Ballot
	voted      map[records.Person]bool
}

func (w *walk) counts(ballot Ballot) bool {
	vote, request := ballot.Vote, w.c.Request.Body
	stage, ok := w.stage(vote.Voter.Institution, vote.Role)
	return ok &&
		vote.RequestDigest == w.c.Digest && vote.VersionDigest == request.VersionDigest && vote.PolicyDigest == request.PolicyDigest &&
		(vote.Vote == records.Approve || vote.Vote == records.Reject) &&
		ballot.At < request.ReviewUntil &&
		w.electorate.Admits(vote.Voter) && !w.voted[vote.Voter] &&
		w.roster(stage, &ballot).Seated(vote.Voter.ID, ballot.At)
}

func (w *walk) stage(institution, role string) (records.Stage, bool) {
	for _, stage := range w.c.Policy.Stages {
		if stage.Institution == institution && stage.Role == role {
			return stage, true
		}
	}
	return records.Stage{}, false
}

// roster is a stage's committee in the state that a vote was judged by; without a vote, as it stands. A committee that the vote does not name has nobody.
func (w *walk) roster(stage records.Stage, judged *Ballot) Roster {
	roster := w.c.Rosters[stage.Committee()]
	if judged == nil {
		return roster
	}
	for _, seen := range judged.Vote.Rosters {
		if seen.Committee == stage.Committee() {
			return roster.AsOf(seen.Changes)
		}
	}
	return roster.AsOf(0)
}

// decidedBy tells what the vote that was counted last has completed.
func (w *walk) decidedBy(ballot Ballot) State {
	if ballot.Vote.Vote == records.Reject {
		stage, _ := w.stage(ballot.Vote.Voter.Institution, ballot.Vote.Role)
		if w.left(stage, ballot) < stage.Threshold {
			return Rejected
		}
		return ""
	}
	for _, tally := range w.tallies(ballot.At, &ballot) {
		if tally.Missing > 0 {
			return ""
		}
	}
	if len(w.c.Policy.Stages) == 0 {
		return ""
	}
	return Approved
}

// left counts those seated and eligible who have not rejected in this stage.
func (w *walk) left(stage records.Stage, ballot Ballot) int64 {
	var left int64
	for _, id := range w.roster(stage, &ballot).Members(ballot.At) {
		person := records.Person{Institution: stage.Institution, ID: id}
		if w.electorate.Admits(person) && !w.said(stage, person, records.Reject) {
			left++
		}
	}
	return left
}

func (w *walk) said(stage records.Stage, person records.Person, word string) bool {
	return slices.ContainsFunc(w.counted, func(b Ballot) bool {
		return b.Vote.Voter == person && b.Vote.Role == stage.Role && b.Vote.Vote == word
	})
}

func (w *walk) tallies(at records.Time, judged *Ballot) []Tally {
	tallies := make([]Tally, 0, len(w.c.Policy.Stages))
	for _, stage := range w.c.Policy.Stages {
		tally := Tally{Institution: stage.Institution, Role: stage.Role, Threshold: stage.Threshold}
		for _, id := range w.roster(stage, judged).Members(at) {
			person := records.Person{Institution: stage.Institution, ID: id}
			if !w.electorate.Admits(person) {
				continue
			}
			tally.Seated++
			if w.said(stage, person, records.Approve) {
				tally.Approvals++
			} else if w.said(stage, person, records.Reject) {
				tally.Rejections++
			}
		}
		tally.Missing = max(0, stage.Threshold-tally.Approvals)
		tallies = append(tallies, tally)
	}
	return tallies
}
