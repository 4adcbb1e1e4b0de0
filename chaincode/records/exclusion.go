package records

import (
	"fmt"
	"strings"
)

// ExclusionType is the type of an exclusion record.
const ExclusionType = "exclusion"

// Exclusion is the owner's word that who has withdrawn from a cohort, as of an epoch, is left out of a dataset version; its id is
// "hanbit/breast-cancer@1/oncology".
type Exclusion struct {
	Dataset string `json:"dataset"`
	Version int64  `json:"version"`
	Cohort  string `json:"cohort"`
	Epoch   int64  `json:"epoch"`
	// Content is what is delivered from now on; ExclusionList the commitment (a salted hash) of the list that is applied on delivery. There is one of them.
	Content       *Content `json:"content,omitzero"`
	ExclusionList string   `json:"exclusion_list,omitzero"`
}

// RecordType implements Body.
func (Exclusion) RecordType() string { return ExclusionType }

// Place implements Body. The cohort is of the dataset's institution.
func (e Exclusion) Place(id string) (prefix, owner string) {
	prefix, owner = numberedPlace(ExclusionType, Numbered(e.Dataset, '@', e.Version), '@')
	institution, slug, ok := SplitDataset(e.Cohort)
	if prefix == "" || !ok || institution != owner || id != ExclusionID(e.Dataset, e.Version, e.Cohort) {
		return "", ""
	}
	return prefix + "/" + slug, owner
}

// ExclusionID is the id of the exclusion of a cohort's withdrawn from a dataset version.
func ExclusionID(dataset string, version int64, cohort string) string {
	_, slug, _ := strings.Cut(cohort, "/")
	return fmt.Sprintf("%s/%s", Numbered(dataset, '@', version), slug)
}
