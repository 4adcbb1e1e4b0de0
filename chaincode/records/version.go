package records

// VersionType is the type of a version record.
const VersionType = "version"

// Version is one immutable version of a dataset: what a finder needs and what the content must hash to. Its id is "hanbit/breast-cancer@1".
type Version struct {
	Dataset string   `json:"dataset"`
	Version int64    `json:"version"`
	Title   string   `json:"title"`
	Summary string   `json:"summary,omitzero"`
	Kinds   []string `json:"kinds"`
	// BodyParts says what the images show, where a face can be in it.
	BodyParts []string    `json:"body_parts"`
	Keywords  []string    `json:"keywords"`
	Contact   string      `json:"contact"`
	Records   *int64      `json:"records,omitzero"`
	Manifest  ManifestRef `json:"manifest"`
	Content   Content     `json:"content"`
}

// ManifestRef names a Croissant document by its hashes: of the author's bytes, and of their RFC 8785 form.
type ManifestRef struct {
	SHA256    string `json:"sha256"`
	Bytes     int64  `json:"bytes"`
	JCSSHA256 string `json:"jcs_sha256"`
	URL       string `json:"url,omitzero"`
	// UsageInfoSHA256 is of the RFC 8785 form of its usageInfo, which was the offer of the policy that held when the version was published; absent when it has
	// none, or is not on the ledger.
	UsageInfoSHA256 string `json:"usage_info_sha256,omitzero"`
}

// Content is the Merkle root, number of files and size in bytes of a version's content.
type Content struct {
	Root  string `json:"root"`
	Files int64  `json:"files"`
	Bytes int64  `json:"bytes"`
}

// RecordType implements Body.
func (Version) RecordType() string { return VersionType }

// Place implements Body.
func (v Version) Place(id string) (prefix, owner string) {
	if id != Numbered(v.Dataset, '@', v.Version) {
		return "", ""
	}
	return numberedPlace(VersionType, id, '@')
}

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
