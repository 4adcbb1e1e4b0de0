package records

// EmergenciesType is the type of an emergencies record.
const EmergenciesType = "emergencies"

// Emergencies is what an institution has to keep in mind about its break-glass grants: what was opened lately or is not justified yet, and how many were ever opened. Its
// id is the institution's.
type Emergencies struct {
	Openings []Opening `json:"openings"`
	Opened   int64     `json:"opened"`
}

// Opening is one break-glass that was opened: who got which dataset, from when until when.
type Opening struct {
	Breakglass  string   `json:"breakglass"`
	Grant       string   `json:"grant"`
	Dataset     string   `json:"dataset"`
	Institution string   `json:"institution"`
	People      []string `json:"people"`
	From        Time     `json:"from"`
	Until       Time     `json:"until"`
	Justified   bool     `json:"justified,omitzero"`
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
