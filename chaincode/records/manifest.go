package records

// ManifestType is the type of a manifest record.
const ManifestType = "manifest"

// Manifest is the text of a version's manifest; it has the version's id.
type Manifest struct {
	Dataset string `json:"dataset"`
	Version int64  `json:"version"`
	Text    string `json:"text"`
}

// RecordType implements Body.
func (Manifest) RecordType() string { return ManifestType }

// Place implements Body.
func (m Manifest) Place(id string) (prefix, owner string) {
	if id != Numbered(m.Dataset, '@', m.Version) {
		return "", ""
	}
	return numberedPlace(ManifestType, id, '@')
}
