package records

// InstitutionType is the type of an institution record.
const InstitutionType = "institution"

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

// Roles are the roles that a certificate can carry in `medconsent.roles`.
var Roles = []string{"steward", "dac", "ethics", "privacy", "researcher", "auditor", "gateway", "operator"}

// Institutions lists the institutions in the order of their names.
func Institutions() Listing { return stored(InstitutionType) }
