package records

// Policy says what a dataset may be used for, who must approve, and within which limits.
type Policy struct {
	Use                 []Alternative `json:"use"`
	Stages              []Stage       `json:"stages"`
	Modes               []string      `json:"modes"`
	MaxDurationSeconds  int64         `json:"max_duration_seconds"`
	ReviewPeriodSeconds int64         `json:"review_period_seconds"`
	Recipients          []string      `json:"recipients"`
	OwnInstitutionVotes bool          `json:"own_institution_votes"`
	// TrainingCountsAsMethods is whether training a model is methods development (NMDS); absent means that it is.
	TrainingCountsAsMethods *bool `json:"training_counts_as_methods,omitzero"`
	// Terms is what every requester must accept; absent means nothing besides the policy.
	Terms       *Terms       `json:"terms,omitzero"`
	Attachments []Attachment `json:"attachments,omitzero"`
	// Vetoes are the committees of which one rejection by a seated member rejects.
	Vetoes []Veto `json:"vetoes,omitzero"`
	// Automatic is whether a request that the policy permits is approved without asking a stage.
	Automatic bool `json:"automatic,omitzero"`
	// Conflicts is Declare when every vote has to say that its voter has no conflict of interest; absent, or "none", means that none has to.
	Conflicts string `json:"conflicts,omitzero"`
	// ExclusionPeriodSeconds is how long after an epoch who withdrew must be left out; absent means DefaultExclusionPeriod.
	ExclusionPeriodSeconds int64 `json:"exclusion_period_seconds,omitzero"`
	// Deidentification is what is asked of the statement of de-identification; absent means nothing besides what is asked of every image.
	Deidentification *Deidentification `json:"deidentification,omitzero"`
}

// DefaultExclusionPeriod is two weeks, in seconds.
const DefaultExclusionPeriod = 14 * 24 * 60 * 60

// ExclusionPeriod is how long after an epoch, in seconds, who withdrew must be left out.
func (p Policy) ExclusionPeriod() int64 {
	if p.ExclusionPeriodSeconds == 0 {
		return DefaultExclusionPeriod
	}
	return p.ExclusionPeriodSeconds
}

// What `conflicts` says.
const (
	NoDeclaration = "none"
	Declare       = "declare"
)

// DeclaresConflicts tells whether a vote has to say that its voter has no conflict of interest.
func (p Policy) DeclaresConflicts() bool { return p.Conflicts == Declare }

// TrainingIsMethods tells whether the training of a model counts as methods development.
func (p Policy) TrainingIsMethods() bool {
	return p.TrainingCountsAsMethods == nil || *p.TrainingCountsAsMethods
}

// Terms are conditions in a document of their own, bound by its hash: a page that changes behind its address is noticed.
type Terms struct {
	URL    string `json:"url"`
	SHA256 string `json:"sha256"`
}

// Attachment is a document that goes with the policy, bound by its hash.
type Attachment struct {
	Title  string `json:"title"`
	URL    string `json:"url"`
	SHA256 string `json:"sha256"`
}

// Alternative is one set of use conditions (GA4GH DUO): a permission with its limits and duties. A use is permitted when some alternative permits it.
type Alternative struct {
	Permission string     `json:"permission"`
	Diseases   []string   `json:"diseases,omitzero"`
	Limits     []Modifier `json:"limits,omitzero"`
	Duties     []Modifier `json:"duties,omitzero"`
	// ClinicalCare adds clinical care to what the permission permits (CC, DUO:0000043).
	ClinicalCare bool `json:"clinical_care,omitzero"`
}

// Modifier is a limit or a duty with the parameter that its term takes; use.Terms says which.
type Modifier struct {
	Term         string   `json:"term"`
	Countries    []string `json:"countries,omitzero"`
	Institutions []string `json:"institutions,omitzero"`
	Projects     []string `json:"projects,omitzero"`
	Persons      []string `json:"persons,omitzero"`
	Months       int64    `json:"months,omitzero"`
	Text         string   `json:"text,omitzero"`
}

// Stage is one approval by one committee: of an institution that the policy names, or of whoever asks; by so many of its members, or by the rule.
type Stage struct {
	Institution string `json:"institution,omitzero"`
	// Of is OfRequester when the committee is that of the requester's institution, which review.Resolve puts into Institution.
	Of        string `json:"of,omitzero"`
	Role      string `json:"role"`
	Threshold int64  `json:"threshold,omitzero"`
	// Rule is Majority or Unanimous, instead of a threshold.
	Rule string `json:"rule,omitzero"`
	// Step is when the stage opens: after every stage of a smaller step is met. Absent means 1.
	Step int64 `json:"step,omitzero"`
	// Attests is whether an approval in the stage carries an attestation; absent means that it does when it is an ethics committee of whoever asks.
	Attests *bool `json:"attests,omitzero"`
}

// OfRequester is what `of` says of a stage of the requester's institution.
const OfRequester = "requester"

// What a stage can ask instead of a number.
const (
	Majority  = "majority"
	Unanimous = "unanimous"
)

// StageRules lists what a stage can ask instead of a number.
var StageRules = []string{Majority, Unanimous}

// Committee is the id of the committee that the stage asks.
func (s Stage) Committee() string { return CommitteeID(s.Institution, s.Role) }

// StepNumber is the stage's step, from 1.
func (s Stage) StepNumber() int64 { return max(s.Step, 1) }

// MustAttest tells whether an approval in the stage has to carry an attestation.
func (s Stage) MustAttest() bool {
	if s.Attests != nil {
		return *s.Attests
	}
	return s.Of == OfRequester && s.Role == "ethics"
}

// Veto is a committee that can reject a request by one member's word.
type Veto struct {
	Institution string `json:"institution"`
	Role        string `json:"role"`
}

// Committee is the id of the committee that has the veto.
func (v Veto) Committee() string { return CommitteeID(v.Institution, v.Role) }

// PolicyType is the type of a policy record.
const PolicyType = "policy"

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

// RecordType implements Body.
func (PolicyVersion) RecordType() string { return PolicyType }

// Place implements Body.
func (p PolicyVersion) Place(id string) (prefix, owner string) {
	if id != Numbered(p.Dataset, '#', p.Version) {
		return "", ""
	}
	return numberedPlace(PolicyType, id, '#')
}
