package records

// VoteType is the type of a vote record.
const VoteType = "vote"

// Vote is one person's word on a request; its id is the transaction that made it.
type Vote struct {
	Request       string   `json:"request"`
	Dataset       string   `json:"dataset"`
	Seq           int64    `json:"seq"`
	Voter         Person   `json:"voter"`
	Role          string   `json:"role"`
	Vote          string   `json:"vote"`
	Reason        string   `json:"reason,omitzero"`
	RequestDigest string   `json:"request_digest"`
	VersionDigest string   `json:"version_digest"`
	PolicyDigest  string   `json:"policy_digest"`
	Rosters       []Roster `json:"rosters"`
	// NoConflict is whether the voter declared that they have no conflict of interest.
	NoConflict bool `json:"no_conflict,omitzero"`
	// Attestation is the ethics board's own approval, which an approval in an ethics stage can carry.
	Attestation *Ethics `json:"attestation,omitzero"`
	// DeputyFor is whose word it is, when the voter is a deputy.
	DeputyFor *DeputyFor `json:"deputy_for,omitzero"`
}

// DeputyFor says for which member of the committee a deputy votes, and by which state of which delegation: how many changes its record had then, and what it said.
type DeputyFor struct {
	Member     string `json:"member"`
	Delegation string `json:"delegation"`
	Changes    int64  `json:"changes"`
	Digest     string `json:"digest"`
}

// Member is the person whose word the vote is: the voter, or the member for whom the voter is a deputy.
func (v Vote) Member() Person {
	if v.DeputyFor != nil {
		return Person{Institution: v.Voter.Institution, ID: v.DeputyFor.Member}
	}
	return v.Voter
}

// Against tells whether a vote is none for the request: a rejection, a return, a declared conflict, or its end. It counts for ever.
func (v Vote) Against() bool { return v.Vote != Approve }

// Roster says which state of a committee a vote was judged by: how many changes its record had then, and the digest of the seats as they were. Whoever owns the committee can
// write its record anew, so what a vote was judged by stands in the vote.
type Roster struct {
	Committee string `json:"committee"`
	Changes   int64  `json:"changes"`
	Digest    string `json:"digest"`
}

// The kinds of vote: the two that decide, a declared conflict of interest, a return for changes, and the administrative end.
const (
	Approve = "approve"
	Reject  = "reject"
	Recuse  = "recuse"
	Return  = "return"
	Close   = "close"
)

// Votes lists the kinds of vote.
var Votes = []string{Approve, Reject, Recuse, Return, Close}

// RecordType implements Body.
func (Vote) RecordType() string { return VoteType }

// Place implements Body.
func (v Vote) Place(id string) (prefix, owner string) {
	if !IsTx(v.Request) || !IsTx(id) || !IsInstitution(v.Voter.Institution) {
		return "", ""
	}
	return VoteType + "/" + v.Request, v.Voter.Institution
}
