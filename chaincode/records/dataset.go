package records

// DatasetType is the type of a dataset record.
const DatasetType = "dataset"

// Dataset is the head that a dataset's versions and policies hang from; its id is "hanbit/breast-cancer".
type Dataset struct {
	LatestVersion int64 `json:"latest_version"`
	LatestPolicy  int64 `json:"latest_policy"`
	// NarrowedBy is the number of the latest policy that applies to grants given under earlier ones too.
	NarrowedBy int64 `json:"narrowed_by,omitzero"`
}

// RecordType implements Body.
func (Dataset) RecordType() string { return DatasetType }

// Place implements Body.
func (Dataset) Place(id string) (prefix, owner string) {
	institution, _, ok := SplitDataset(id)
	if !ok {
		return "", ""
	}
	return DatasetType + "/" + id, institution
}

// Datasets lists the datasets in the order of their names; of one institution, or of all when it is empty.
func Datasets(institution string) Listing { return stored(DatasetType, institution) }
