package records

// Purpose is what somebody states that they want to do, in a vocabulary of its own (DUO describes data, not uses). What is left out is not done, or not
// narrowed: no countries means anywhere.
type Purpose struct {
	Kind               string   `json:"kind"`
	Diseases           []string `json:"diseases,omitzero"`
	MethodsDevelopment bool     `json:"methods_development,omitzero"`
	Training           bool     `json:"training,omitzero"`
	Linking            bool     `json:"linking,omitzero"`
	Commercial         bool     `json:"commercial,omitzero"`
	Genetic            bool     `json:"genetic,omitzero"`
	Organisation       string   `json:"organisation,omitzero"`
	Countries          []string `json:"countries,omitzero"`
	Sensitive          []string `json:"sensitive,omitzero"`
	Ethics             *Ethics  `json:"ethics,omitzero"`
	ProjectID          string   `json:"project_id,omitzero"`
}

// Ethics is the approval of an ethics board that the requester has: the letter by its hash.
type Ethics struct {
	Board      string `json:"board"`
	Number     string `json:"number"`
	SHA256     string `json:"sha256"`
	ValidUntil Time   `json:"valid_until"`
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

// The kinds of organisation.
const (
	NonProfit  = "non-profit"
	ForProfit  = "for-profit"
	Government = "government"
)

// Organisations lists the kinds of organisation.
var Organisations = []string{NonProfit, ForProfit, Government}

// NotHealth is the sensitive purpose that is not about health.
const NotHealth = "not-health"

// Sensitive lists what makes a purpose one that only people decide on.
var Sensitive = []string{"children", "vulnerable", "stigmatised-disease", "one-sex", "psychological-traits", "illegal-behaviour", NotHealth}

// Modes lists the ways of delivery.
var Modes = []string{"download", "enclave", "federated"}

// ReleaseModes lists those in which the data itself leaves.
var ReleaseModes = []string{"download"}
