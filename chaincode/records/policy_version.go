package records

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
