package records

// CohortType is the type of a cohort record.
const CohortType = "cohort"

// Cohort is the head that the epochs of one group's consent hang from; its id is "hanbit/oncology".
type Cohort struct {
	Title       string `json:"title"`
	LatestEpoch int64  `json:"latest_epoch"`
	// BatchSeconds is how long the institution collects changes before the next epoch, so that nobody can tell whose change it was.
	BatchSeconds int64 `json:"batch_seconds"`
	// KeyCheck is what the cohort's secret key makes of the cohort's name, so that another key is noticed; it leads to no key and to no identifier. It may be left out.
	KeyCheck string `json:"key_check,omitzero"`
}

// RecordType implements Body.
func (Cohort) RecordType() string { return CohortType }

// Place implements Body.
func (Cohort) Place(id string) (prefix, owner string) { return namedPlace(CohortType, id) }

// Cohorts lists the cohorts in the order of their names; of one institution, or of all when it is empty.
func Cohorts(institution string) Listing { return stored(CohortType, institution) }
