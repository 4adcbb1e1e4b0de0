package records

// AcceptanceType is the type of an acceptance record.
const AcceptanceType = "acceptance"

// Acceptance is a grantee's word, given in person, that they accept the policy's terms by the hash of the document; its id is the transaction that made it.
type Acceptance struct {
	Grant   string `json:"grant"`
	Dataset string `json:"dataset"`
	Person  Person `json:"person"`
	Terms   string `json:"terms"`
}

// RecordType implements Body.
func (Acceptance) RecordType() string { return AcceptanceType }

// Place implements Body.
func (a Acceptance) Place(id string) (prefix, owner string) {
	if _, _, ok := SplitDataset(a.Dataset); !ok || !IsTx(id) || !IsTx(a.Grant) || !IsInstitution(a.Person.Institution) || !IsPerson(a.Person.ID) {
		return "", ""
	}
	return AcceptanceType + "/" + a.Grant + "/" + a.Person.String(), a.Person.Institution
}
