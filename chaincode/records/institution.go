package records

// InstitutionType is the type of an institution record.
const InstitutionType = "institution"

// Institution is who takes part: the body of an `institution` record, whose id is the MSP ID.
type Institution struct {
	Title   string   `json:"title"`
	Country string   `json:"country"`
	Contact string   `json:"contact"`
	Roles   []string `json:"roles"`
	// Officers are those who act for the institution, each by one key of theirs. The first ones are named with the record itself.
	Officers []Officer `json:"officers,omitzero"`
	// Release is where its server of the release is, for those who fetch. Nothing is decided by it, and what is served there is believed nothing.
	Release string `json:"release,omitempty"`
}

// Officer is a person who acts for an institution in some roles, by one key.
type Officer struct {
	ID    string   `json:"id"`
	Roles []string `json:"roles"`
	Key   string   `json:"key"`
}

// OfficerRoles are the roles in which a person acts for the institution.
var OfficerRoles = []string{"steward", "privacy", "operator"}

// RecordType implements Body.
func (Institution) RecordType() string { return InstitutionType }

// Place implements Body.
func (Institution) Place(id string) (prefix, owner string) {
	if !IsInstitution(id) {
		return "", ""
	}
	return InstitutionType + "/" + id, id
}

// Roles are the roles that a certificate can carry in `medconsent.roles`.
var Roles = []string{"steward", "dac", "ethics", "privacy", "researcher", "auditor", "gateway", "operator"}

// Institutions lists the institutions in the order of their names.
func Institutions() Listing { return stored(InstitutionType) }
