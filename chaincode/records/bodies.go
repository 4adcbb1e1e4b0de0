package records

import "strings"

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
	Dataset         string   `json:"dataset"`
	Version         int64    `json:"version"`
	VersionDigest   string   `json:"version_digest"`
	PolicyVersion   int64    `json:"policy_version"`
	PolicyDigest    string   `json:"policy_digest"`
	Purpose         Purpose  `json:"purpose"`
	Mode            string   `json:"mode"`
	DurationSeconds int64    `json:"duration_seconds"`
	Project         string   `json:"project"`
	AcceptedTerms   string   `json:"accepted_terms,omitzero"`
	Requester       Person   `json:"requester"`
	Researchers     []string `json:"researchers"`
	ReviewUntil     Time     `json:"review_until"`
	// Texts are the commitments of private texts that belong to the request.
	Texts []TextRef `json:"texts,omitzero"`
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
}

// Roster says which state of a committee a vote was judged by: how many changes its record had then.
type Roster struct {
	Committee string `json:"committee"`
	Changes   int64  `json:"changes"`
}

// The two votes.
const (
	Approve = "approve"
	Reject  = "reject"
)

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
	Dataset       string    `json:"dataset"`
	Version       int64     `json:"version"`
	VersionDigest string    `json:"version_digest"`
	PolicyVersion int64     `json:"policy_version"`
	PolicyDigest  string    `json:"policy_digest"`
	Request       string    `json:"request"`
	RequestDigest string    `json:"request_digest"`
	Votes         []VoteRef `json:"votes"`
	Institution   string    `json:"institution"`
	Grantees      []string  `json:"grantees"`
	Purpose       Purpose   `json:"purpose"`
	Mode          string    `json:"mode"`
	From          Time      `json:"from"`
	Until         Time      `json:"until"`
	Obligations   []string  `json:"obligations"`
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
func NamedByTx(kind string) bool {
	return kind == RequestType || kind == VoteType || kind == GrantType
}

// TypeOf is the type that a key claims: its first segment.
func TypeOf(key string) string {
	kind, _, _ := strings.Cut(key, "/")
	return kind
}
