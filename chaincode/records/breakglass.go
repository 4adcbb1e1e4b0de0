package records

// The types of records about a grant's life and about break-glass.
const (
	AcceptanceType  = "acceptance"
	BreakglassType  = "breakglass"
	EmergenciesType = "emergencies"
)

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

// Breakglass opens a dataset without an approval: two people of its owner, for few hours, to be justified afterwards. Its id is the transaction that proposed it.
type Breakglass struct {
	Dataset         string   `json:"dataset"`
	Version         int64    `json:"version"`
	VersionDigest   string   `json:"version_digest"`
	Institution     string   `json:"institution"`
	People          []string `json:"people"`
	Purpose         Purpose  `json:"purpose"`
	Mode            string   `json:"mode"`
	DurationSeconds int64    `json:"duration_seconds"`
	Reason          string   `json:"reason"`
	// Roster is the state of the owner's privacy committee that the proposer's seat was judged by.
	Roster      Roster  `json:"roster"`
	ProposedBy  Person  `json:"proposed_by"`
	ConfirmedBy *Person `json:"confirmed_by,omitzero"`
	// Grant is what the confirmation made; its id is the confirming transaction.
	Grant string `json:"grant,omitzero"`
	// Justification says afterwards why it had to be.
	Justification string `json:"justification,omitzero"`
}

// RecordType implements Body.
func (Breakglass) RecordType() string { return BreakglassType }

// Place implements Body.
func (b Breakglass) Place(id string) (prefix, owner string) {
	institution, _, ok := SplitDataset(b.Dataset)
	if !ok || !IsTx(id) || !IsInstitution(b.Institution) {
		return "", ""
	}
	return BreakglassType, institution
}

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
