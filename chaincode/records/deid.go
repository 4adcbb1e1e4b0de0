package records

// DeidType is the type of a statement of de-identification.
const DeidType = "deid"

// Deid is how one dataset version was de-identified, as the privacy officer of its owner attests it. It has the version's id.
type Deid struct {
	Dataset       string    `json:"dataset"`
	Version       int64     `json:"version"`
	VersionDigest string    `json:"version_digest"`
	Statement     Statement `json:"statement"`
}

// RecordType implements Body.
func (Deid) RecordType() string { return DeidType }

// Place implements Body.
func (d Deid) Place(id string) (prefix, owner string) {
	if id != Numbered(d.Dataset, '@', d.Version) {
		return "", ""
	}
	return numberedPlace(DeidType, id, '@')
}

// Statement says what was done, by what, and what was measured.
type Statement struct {
	Law          string       `json:"law"`
	Term         string       `json:"term"`
	Methods      []Method     `json:"methods"`
	Tables       []Table      `json:"tables,omitzero"`
	Images       []Image      `json:"images,omitzero"`
	ResidualRisk string       `json:"residual_risk"`
	Report       DeidDocument `json:"report"`
}

// Method is one step, with the tool that did it.
type Method struct {
	Method      string `json:"method"`
	Tool        string `json:"tool"`
	ToolVersion string `json:"tool_version"`
}

// Table is what was measured on one table. k and l mean nothing without the columns they are about and what was released before.
type Table struct {
	Name             string   `json:"name"`
	QuasiIdentifiers []string `json:"quasi_identifiers"`
	Sensitive        []string `json:"sensitive"`
	// K is the size of the smallest class of rows that the quasi-identifiers do not tell apart (k-anonymity); L the fewest distinct sensitive values in one (l-diversity).
	K              int64    `json:"k"`
	L              int64    `json:"l,omitzero"`
	RecordsBand    string   `json:"records_band"`
	ReleasedBefore []string `json:"released_before"`
}

// Image is one kind of image of the version.
type Image struct {
	Modality    string `json:"modality"`
	BodyPart    string `json:"body_part"`
	Faces       string `json:"faces"`
	Tool        string `json:"tool,omitzero"`
	ToolVersion string `json:"tool_version,omitzero"`
	Volumes     int64  `json:"volumes"`
	// Checked is at how many of the volumes somebody looked, and CheckedBy who.
	Checked   int64  `json:"checked"`
	CheckedBy string `json:"checked_by,omitzero"`
}

// DeidDocument is the full report, which need not be public.
type DeidDocument struct {
	SHA256 string `json:"sha256"`
	URL    string `json:"url,omitzero"`
}

// What can be said of the faces in images.
const (
	FacesRemoved = "removed"
	NoFaces      = "not-present"
	FacesPresent = "present"
)

// Faces lists what can be said of the faces in images.
var Faces = []string{FacesRemoved, NoFaces, FacesPresent}

// BodyParts lists the parts of the body that images can show.
var BodyParts = []string{"head", "neck", "chest", "abdomen", "pelvis", "breast", "spine", "extremity", "whole-body", "other"}

// Modalities lists the DICOM codes of what images are made with (PS3.3, C.7.3.1.1.1).
var Modalities = []string{"CR", "CT", "DX", "ES", "GM", "IO", "IVUS", "MG", "MR", "NM", "OCT", "OP", "OPT", "OT", "PT", "PX", "RF", "RG", "SM", "US", "XA", "XC"}

// Deidentification is what a policy asks of the statement.
type Deidentification struct {
	Terms  []string      `json:"terms,omitzero"`
	Tables *TableDemands `json:"tables,omitzero"`
	Images *ImageDemands `json:"images,omitzero"`
}

// TableDemands are asked of every table, and of nothing else.
type TableDemands struct {
	K int64 `json:"k"`
	L int64 `json:"l,omitzero"`
}

// ImageDemands are asked of every kind of image.
type ImageDemands struct {
	FacesRemoved   bool  `json:"faces_removed,omitzero"`
	CheckedAtLeast int64 `json:"checked_at_least,omitzero"`
}
