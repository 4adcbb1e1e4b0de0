package records

import (
	"slices"
	"strings"
)

// The types of records.
const (
	InstitutionType = "institution"
	CommitteeType   = "committee"
	DatasetType     = "dataset"
	VersionType     = "version"
	ManifestType    = "manifest"
	PolicyType      = "policy"
	RequestType     = "request"
	VoteType        = "vote"
	GrantType       = "grant"
)

// Institution is who takes part: the body of an `institution` record, whose id is the MSP ID.
type Institution struct {
	Title   string   `json:"title"`
	Country string   `json:"country"`
	Contact string   `json:"contact"`
	Roles   []string `json:"roles"`
}

// RecordType implements Body.
func (Institution) RecordType() string { return InstitutionType }

// Place implements Body.
func (Institution) Place(id string) (prefix, owner string) {
	if !IsInstitution(id) {
		return "", ""
	}
	return InstitutionType + "/" + id, id
}

// Committee is an institution's roster for a role, with every seat that ever was; its id is "hanbit/dac".
type Committee struct {
	Institution string `json:"institution"`
	Role        string `json:"role"`
	Seats       []Seat `json:"seats"`
}

// Seat is one person's time on a committee: from `From` on and before `Until`.
type Seat struct {
	ID    string `json:"id"`
	From  Time   `json:"from"`
	Until Time   `json:"until,omitzero"`
	SetTx string `json:"set_tx"`
	// EndedTx is the transaction that ended the seat before its planned end; Until is then that moment.
	EndedTx string `json:"ended_tx,omitzero"`
	// PlannedUntil is the end the seat had before it was cut short, if it had one.
	PlannedUntil Time `json:"planned_until,omitzero"`
}

// MaxSeats is how many seats, past ones included, a committee's record can hold.
const MaxSeats = 1_000

// RecordType implements Body.
func (Committee) RecordType() string { return CommitteeType }

// Place implements Body.
func (c Committee) Place(id string) (prefix, owner string) {
	if !IsInstitution(c.Institution) || !IsCommitteeRole(c.Role) || id != CommitteeID(c.Institution, c.Role) {
		return "", ""
	}
	return CommitteeType + "/" + id, c.Institution
}

// CommitteeID is the id of an institution's committee for a role.
func CommitteeID(institution, role string) string { return institution + "/" + role }

// Roles are the roles that a certificate can carry in `medconsent.roles`.
var Roles = []string{"steward", "dac", "ethics", "privacy", "researcher", "auditor", "gateway", "operator"}

// CommitteeRoles are the roles that sit in committees and vote.
var CommitteeRoles = []string{"dac", "ethics", "privacy"}

// IsCommitteeRole tells whether a role sits in a committee.
func IsCommitteeRole(role string) bool {
	return role == "dac" || role == "ethics" || role == "privacy"
}

// Dataset is the head that a dataset's versions and policies hang from; its id is "hanbit/breast-cancer".
type Dataset struct {
	LatestVersion int64 `json:"latest_version"`
	LatestPolicy  int64 `json:"latest_policy"`
	// NarrowedBy is the number of the latest policy that applies to grants given under earlier ones too.
	NarrowedBy int64 `json:"narrowed_by,omitzero"`
}

// RecordType implements Body.
func (Dataset) RecordType() string { return DatasetType }

// Place implements Body.
func (Dataset) Place(id string) (prefix, owner string) {
	institution, _, ok := SplitDataset(id)
	if !ok {
		return "", ""
	}
	return DatasetType + "/" + id, institution
}

// Version is one immutable version of a dataset: what a finder needs and what the content must hash to. Its id is "hanbit/breast-cancer@1".
type Version struct {
	Dataset  string      `json:"dataset"`
	Version  int64       `json:"version"`
	Title    string      `json:"title"`
	Summary  string      `json:"summary,omitzero"`
	Kinds    []string    `json:"kinds"`
	Keywords []string    `json:"keywords"`
	Contact  string      `json:"contact"`
	Records  *int64      `json:"records,omitzero"`
	Manifest ManifestRef `json:"manifest"`
	Content  Content     `json:"content"`
}

// ManifestRef names a Croissant document by its hashes: of the author's bytes, and of their RFC 8785 form.
type ManifestRef struct {
	SHA256    string `json:"sha256"`
	Bytes     int64  `json:"bytes"`
	JCSSHA256 string `json:"jcs_sha256"`
	URL       string `json:"url,omitzero"`
	// UsageInfoSHA256 is of the RFC 8785 form of its usageInfo, which was the offer of the policy that held when the version was published; absent when it has
	// none, or is not on the ledger.
	UsageInfoSHA256 string `json:"usage_info_sha256,omitzero"`
}

// Content is the Merkle root, number of files and size in bytes of a version's content.
type Content struct {
	Root  string `json:"root"`
	Files int64  `json:"files"`
	Bytes int64  `json:"bytes"`
}

// RecordType implements Body.
func (Version) RecordType() string { return VersionType }

// Place implements Body.
func (v Version) Place(id string) (prefix, owner string) {
	if id != Numbered(v.Dataset, '@', v.Version) {
		return "", ""
	}
	return numberedPlace(VersionType, id, '@')
}

// Manifest is the text of a version's manifest; it has the version's id.
type Manifest struct {
	Dataset string `json:"dataset"`
	Version int64  `json:"version"`
	Text    string `json:"text"`
}

// RecordType implements Body.
func (Manifest) RecordType() string { return ManifestType }

// Place implements Body.
func (m Manifest) Place(id string) (prefix, owner string) {
	if id != Numbered(m.Dataset, '@', m.Version) {
		return "", ""
	}
	return numberedPlace(ManifestType, id, '@')
}

// PolicyVersion is one immutable version of a dataset's policy; its id is "hanbit/breast-cancer#1".
type PolicyVersion struct {
	Dataset string `json:"dataset"`
	Version int64  `json:"version"`
	Policy  Policy `json:"policy"`
	// Applies is Existing when the policy also holds for grants given under earlier ones.
	Applies string `json:"applies,omitzero"`
	// Follows is the number of the policy that did so last.
	Follows int64 `json:"follows,omitzero"`
	// Ontologies are the versions of the hierarchies by which its diseases are understood, for ever.
	Ontologies []OntologyRef `json:"ontologies,omitzero"`
}

// Existing is what `applies` says of a policy that holds for existing grants too.
const Existing = "existing"

// OntologyRef names a version of a system's hierarchy.
type OntologyRef struct {
	System string `json:"system"`
	Digest string `json:"digest"`
}

// RecordType implements Body.
func (PolicyVersion) RecordType() string { return PolicyType }

// Place implements Body.
func (p PolicyVersion) Place(id string) (prefix, owner string) {
	if id != Numbered(p.Dataset, '#', p.Version) {
		return "", ""
	}
	return numberedPlace(PolicyType, id, '#')
}

// Person is somebody at an institution, by enrolment id.
type Person struct {
	Institution string `json:"institution"`
	ID          string `json:"id"`
}

// String is "nuri/kim".
func (p Person) String() string { return p.Institution + "/" + p.ID }

// Request asks for a dataset version under the policy version that its author read; its id is the transaction that made it.
type Request struct {
	Dataset         string  `json:"dataset"`
	Version         int64   `json:"version"`
	VersionDigest   string  `json:"version_digest"`
	PolicyVersion   int64   `json:"policy_version"`
	PolicyDigest    string  `json:"policy_digest"`
	Purpose         Purpose `json:"purpose"`
	Mode            string  `json:"mode"`
	DurationSeconds int64   `json:"duration_seconds"`
	Project         string  `json:"project"`
	AcceptedTerms   string  `json:"accepted_terms,omitzero"`
	// Renews is the grant that this one is to follow, Joins the one that it is to add people to; at most one of them.
	Renews      string   `json:"renews,omitzero"`
	Joins       string   `json:"joins,omitzero"`
	Requester   Person   `json:"requester"`
	Researchers []string `json:"researchers"`
	ReviewUntil Time     `json:"review_until"`
	// Texts are the commitments of private texts that belong to the request, or did before it was amended.
	Texts []RequestText `json:"texts,omitzero"`
	// ForPeople says that what the data rests on left something for people to judge when the request was made: so it is not approved automatically.
	ForPeople bool `json:"for_people,omitzero"`
}

// RecordType implements Body.
func (Request) RecordType() string { return RequestType }

// Place implements Body.
func (r Request) Place(id string) (prefix, owner string) {
	if _, _, ok := SplitDataset(r.Dataset); !ok || !IsTx(id) || !IsInstitution(r.Requester.Institution) {
		return "", ""
	}
	return RequestType, r.Requester.Institution
}

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

// DeputyFor says for which member of the committee a deputy votes, by which delegation, and how many changes its record had then.
type DeputyFor struct {
	Member     string `json:"member"`
	Delegation string `json:"delegation"`
	Changes    int64  `json:"changes"`
}

// Member is the person whose word the vote is: the voter, or the member for whom the voter is a deputy.
func (v Vote) Member() Person {
	if v.DeputyFor != nil {
		return Person{Institution: v.Voter.Institution, ID: v.DeputyFor.Member}
	}
	return v.Voter
}

// Roster says which state of a committee a vote was judged by: how many changes its record had then.
type Roster struct {
	Committee string `json:"committee"`
	Changes   int64  `json:"changes"`
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

// Grant is what an approval makes; its id is the transaction of the vote that completed it.
type Grant struct {
	Dataset       string `json:"dataset"`
	Version       int64  `json:"version"`
	VersionDigest string `json:"version_digest"`
	// Policy, request and votes are what an approved request's grant rests on; a break-glass grant has none of them.
	PolicyVersion int64     `json:"policy_version,omitzero"`
	PolicyDigest  string    `json:"policy_digest,omitzero"`
	Request       string    `json:"request,omitzero"`
	RequestDigest string    `json:"request_digest,omitzero"`
	Votes         []VoteRef `json:"votes,omitzero"`
	// Breakglass is the id of the record that a break-glass grant rests on.
	Breakglass string `json:"breakglass,omitzero"`
	// Renews is the grant that this one follows, Joins the one that it adds people to and ends with.
	Renews      string   `json:"renews,omitzero"`
	Joins       string   `json:"joins,omitzero"`
	Institution string   `json:"institution"`
	Grantees    []string `json:"grantees"`
	Purpose     Purpose  `json:"purpose"`
	Mode        string   `json:"mode"`
	From        Time     `json:"from"`
	Until       Time     `json:"until"`
	Obligations []string `json:"obligations"`
}

// VoteRef names a vote by key and digest.
type VoteRef struct {
	Key    string `json:"key"`
	Digest string `json:"digest"`
}

// RecordType implements Body.
func (Grant) RecordType() string { return GrantType }

// Place implements Body.
func (g Grant) Place(id string) (prefix, owner string) {
	institution, _, ok := SplitDataset(g.Dataset)
	if !ok || !IsTx(id) || !IsInstitution(g.Institution) {
		return "", ""
	}
	return GrantType, institution
}

// NamedByTx tells whether records of this type have the id of the transaction that made them.
func NamedByTx(kind string) bool { return slices.Contains(namedByTx, kind) }

var namedByTx = []string{
	RequestType, VoteType, GrantType,
	DelegationType,
	RemarkType, InvitationType,
	AcceptanceType, BreakglassType,
}

// TypeOf is the type that a key claims: its first segment.
func TypeOf(key string) string {
	kind, _, _ := strings.Cut(key, "/")
	return kind
}
