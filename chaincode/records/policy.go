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
}

// Alternative is one set of use conditions (GA4GH DUO); a use is permitted when some alternative permits it.
type Alternative struct {
	Permission string   `json:"permission"`
	Diseases   []string `json:"diseases,omitzero"`
}

// Permissions of GA4GH DUO that are decided here.
const (
	GeneralResearch = "GRU" // DUO:0000042, general research use
	HealthMedical   = "HMB" // DUO:0000006, health, medical or biomedical research
	DiseaseSpecific = "DS"  // DUO:0000007, disease specific research
)

// Permissions lists those that are decided here.
var Permissions = []string{GeneralResearch, HealthMedical, DiseaseSpecific}

// Stage is one approval: so many members of one committee.
type Stage struct {
	Institution string `json:"institution"`
	Role        string `json:"role"`
	Threshold   int64  `json:"threshold"`
}

// Committee is the id of the committee that the stage asks.
func (s Stage) Committee() string { return CommitteeID(s.Institution, s.Role) }

// Purpose is what somebody wants to do, in a vocabulary of its own (DUO describes data, not uses).
type Purpose struct {
	Kind     string   `json:"kind"`
	Diseases []string `json:"diseases,omitzero"`
}

// The kinds of purpose.
const (
	ForGeneralResearch = "general-research"
	ForHealthResearch  = "health-research"
	ForDisease         = "disease"
	ForOrigins         = "origins"
	ForClinicalCare    = "clinical-care"
)

// PurposeKinds lists the kinds of purpose.
var PurposeKinds = []string{ForGeneralResearch, ForHealthResearch, ForDisease, ForOrigins, ForClinicalCare}

// Modes lists the ways of delivery.
var Modes = []string{"download", "enclave", "federated"}
