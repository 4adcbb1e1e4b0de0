package records

// EmergenciesType is the type of an emergencies record.
const EmergenciesType = "emergencies"

// Emergencies is what an institution has to keep in mind about its break-glass grants: which are not justified yet, and how many were ever opened. Its id is the
// institution's.
type Emergencies struct {
	Unjustified []string `json:"unjustified"`
	Opened      int64    `json:"opened"`
}

// RecordType implements Body.
func (Emergencies) RecordType() string { return EmergenciesType }

// Place implements Body.
func (Emergencies) Place(id string) (prefix, owner string) {
	if !IsInstitution(id) {
		return "", ""
	}
	return EmergenciesType + "/" + id, id
}
