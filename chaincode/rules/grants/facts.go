package grants

import (
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/use"
)

// Facts is all that a grant rests on, as it was found on the ledger. Every record in it was sealed by its owner; what should be there and is not, or only as a forgery, is
// said in words.
type Facts struct {
	// Key and Grant are the grant itself.
	Key   string
	Grant records.Record[records.Grant]
	// Now is the effective time: that of the question, or of the newest change of anything here.
	Now records.Time

	// Approval is what the votes came to, of a grant that names a request, and Emergency what two people opened, of one that names a break-glass record. Unseen says why
	// neither can be seen.
	Approval  *Approval
	Emergency *Emergency
	Unseen    string
	// Given is the key of the one grant that its request or break-glass has: its owner posted it in the transaction that made it, and can post no other. Empty: none.
	Given string
	// Joined is the grant that it joins, or nil when it stands alone.
	Joined *Joined
	// Later is the policy that applies to it although it was given under an earlier one.
	Later Later
	// Unlisted are the keys of those records among the grant, the one that it joins and its break-glass that are not in every list in which everybody looks for them.
	Unlisted []string

	// Lawfulness is what the dataset version rests on. Without a question it is no more than the statement of de-identification, and that where a policy asks for one.
	Lawfulness Lawfulness

	// What follows is gathered for a question only.

	// Hierarchy is where the diseases stand that were granted and are asked about.
	Hierarchy use.Hierarchy
	// AcceptedAt is when the person who is asked about accepted the terms in person; zero: they did not.
	AcceptedAt records.Time
	// Alarm is what the institution's watcher has against somebody on whose records, or on whose word for who the person is, the grant rests; empty when nothing.
	Alarm string
	// Beside are forgeries that stand beside all this. They were not counted, and are named.
	Beside []rules.Reason
}

// Approval is a request with everything that decides on it.
type Approval struct {
	// Key is that of the request.
	Key  string
	Case review.Case
	// Hierarchy is where the request's diseases and those of its policy stand.
	Hierarchy use.Hierarchy
	// Votes are the sealed votes, counted or not.
	Votes []Vote
	// Related is the grant that the request renews or joins, or nil.
	Related *Related
}

// Vote names a sealed vote.
type Vote struct {
	ID  string // the transaction that made it
	Ref records.VoteRef
}

// Related is a grant that another one renews or joins.
type Related struct {
	Key   string
	Grant records.Record[records.Grant]
}

// Outcome is what the votes come to at a moment.
func (a Approval) Outcome(at records.Time) review.Outcome {
	a.Case.Now = at
	return review.Derive(a.Case)
}

// Grant is what an approval makes: with the duties of the alternative that serves the request, and within the time that related grants and attestations leave.
func (a Approval) Grant(outcome review.Outcome) records.Grant {
	request := a.Case.Request
	var related *records.Record[records.Grant]
	if a.Related != nil {
		related = &a.Related.Grant
	}
	bounds := BoundsOf(related, request.Body, outcome.AttestedUntil())
	verdict := use.Decide(a.Case.Policy, use.AskOf(request.Body, request.StatedAt(), a.Hierarchy))
	obligations := use.ObligationsOf(a.Case.Policy, verdict, bounds.From(outcome.DecidedAt))
	return GrantOf(request, a.Case.Digest, outcome.DecidedAt, a.counted(outcome), obligations, bounds)
}

// counted names the counted votes by key and digest.
func (a Approval) counted(outcome review.Outcome) []records.VoteRef {
	refs := make([]records.VoteRef, 0, len(outcome.Counted))
	for _, ballot := range outcome.Counted {
		for _, vote := range a.Votes {
			if vote.ID == ballot.ID {
				refs = append(refs, vote.Ref)
			}
		}
	}
	return refs
}

// Emergency is a break-glass record with what decides whether the glass was broken by the rules.
type Emergency struct {
	Key    string
	Record records.Record[records.Breakglass]
	// Roster is the owner's privacy committee.
	Roster review.Roster
	// VersionDigest is that of the dataset version that was opened.
	VersionDigest string
}

// Joined is the grant that another one joins.
type Joined struct {
	// Unseen says why it cannot be seen; then nothing else is known.
	Unseen string
	Key    string
	Grant  records.Record[records.Grant]
	Later  Later
}

// Later is the last policy, before the moment that is asked about, that applies to a grant although the grant was given under an earlier one. The zero value: there is none.
type Later struct {
	// Unseen says why that cannot be seen.
	Unseen string
	Key    string
	Policy *records.Record[records.PolicyVersion]
	// Hierarchy is where the grant's diseases and those of the policy stand.
	Hierarchy use.Hierarchy
}

// Lawfulness is what the dataset version of a grant rests on, and by what policy it was given.
type Lawfulness struct {
	// Unseen says why the version or the policy cannot be seen; then nothing else is known.
	Unseen  string
	Resting lawful.Resting
	// Policy is the one that the grant was given under; nil for a break-glass, which no policy gave.
	Policy *records.Policy
}
