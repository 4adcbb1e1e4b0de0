package records

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// OntologyRef names a version of a system's hierarchy.
type OntologyRef struct {
	System string `json:"system"`
	Digest string `json:"digest"`
}

// What an ontology is made of: pages of terms and an index over them, which stand by their own hash, and for each institution that adopted it a sealed record.
const (
	OntologyType      = "ontology"
	OntologyPageType  = "ontology-page"
	OntologyIndexType = "ontology-index"
)

// The bounds of an ontology.
const (
	MaxPageTerms     = 64
	MaxPageBytes     = 128 << 10
	MaxOntologyPages = 4096
	// MaxOntologyBytes bounds what one transaction has to read and verify.
	MaxOntologyBytes = 64 << 20
	MaxParents       = 100
	MaxAncestors     = 2_000
)

// HierarchySystems are the systems whose is-a hierarchy is kept on the ledger. The ICD and KCD families need none: their codes are the hierarchy.
var HierarchySystems = []string{"DOID", "MONDO"}

// Term is one term of a hierarchy. Parents and ancestors are codes of the same system, sorted; ancestors are every term above it.
type Term struct {
	Code      string   `json:"code"`
	Name      string   `json:"name,omitzero"`
	Parents   []string `json:"parents"`
	Ancestors []string `json:"ancestors"`
	Obsolete  bool     `json:"obsolete,omitzero"`
	// ReplacedBy is the one term that replaces an obsolete one, where there is one.
	ReplacedBy string `json:"replaced_by,omitzero"`
}

// OntologyPage is a run of terms of one system, sorted by code.
type OntologyPage struct {
	System string `json:"system"`
	Terms  []Term `json:"terms"`
}

// OntologyIndex is one version of a system's hierarchy: its pages in the order of their codes. The SHA-256 of its stored form is the version's digest: whoever
// names the digest has named every term.
type OntologyIndex struct {
	System  string    `json:"system"`
	Version string    `json:"version"`
	Terms   int64     `json:"terms"`
	Pages   []PageRef `json:"pages"`
}

// PageRef names a page by its first code and its hash.
type PageRef struct {
	First  string `json:"first"`
	SHA256 string `json:"sha256"`
}

// Bytes is the stored form: RFC 8785.
func (p OntologyPage) Bytes() ([]byte, error) { return canonical(p) }

// Bytes is the stored form: RFC 8785.
func (i OntologyIndex) Bytes() ([]byte, error) { return canonical(i) }

func canonical(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	form := jsontext.Value(text)
	if err := form.Canonicalize(); err != nil {
		return nil, err
	}
	return form, nil
}

// ParseOntologyPage reads a stored page; what is not byte for byte the stored form of a page is an error.
func ParseOntologyPage(stored []byte) (OntologyPage, error) { return parseStored[OntologyPage](stored) }

// ParseOntologyIndex reads a stored index; what is not byte for byte the stored form of an index is an error.
func ParseOntologyIndex(stored []byte) (OntologyIndex, error) {
	return parseStored[OntologyIndex](stored)
}

func parseStored[V any](stored []byte) (value V, err error) {
	if err := json.Unmarshal(stored, &value, json.RejectUnknownMembers(true)); err != nil {
		return value, err
	}
	if again, err := canonical(value); err != nil || !bytes.Equal(again, stored) {
		return value, fmt.Errorf("it is not in its stored form (RFC 8785)")
	}
	return value, nil
}

// Ontology is one institution's word that it goes by a version of a system's hierarchy; its id is "DOID/<digest>/hanbit".
type Ontology struct {
	System string `json:"system"`
	// Index is the version's digest: the SHA-256 of its index.
	Index   string `json:"index"`
	Source  string `json:"source,omitzero"`
	Licence string `json:"licence,omitzero"`
}

// RecordType implements Body.
func (Ontology) RecordType() string { return OntologyType }

// Place implements Body.
func (o Ontology) Place(id string) (prefix, owner string) {
	institution, ok := strings.CutPrefix(id, OntologyID(o.System, o.Index)+"/")
	if !ok || !HasIsAHierarchy(o.System) || !IsDigest(o.Index) || !IsInstitution(institution) {
		return "", ""
	}
	return OntologyType + "/" + id, institution
}

// OntologyID names a version of a system's hierarchy: "DOID/<digest>".
func OntologyID(system, digest string) string { return system + "/" + digest }

// HasIsAHierarchy tells whether the hierarchy of this system is kept on the ledger.
func HasIsAHierarchy(system string) bool { return slices.Contains(HierarchySystems, system) }

// IsTermCode tells whether a code can be one of the system's.
func IsTermCode(system, code string) bool {
	_, _, ok := SplitDisease(system + ":" + code)
	return ok
}

// Ontologies lists the adoptions, sorted by system, digest and institution; of one system, or of all when it is empty.
func Ontologies(system string) Listing { return stored(OntologyType, system) }

// AdoptionSeconds is the span in which the adoptions of one officer are counted: 30 days.
const AdoptionSeconds = 30 * 24 * 60 * 60

// MostAdoptions is how many versions one officer adopts in one span of that length. The series of an institution has an end, and whoever could reach it in an hour would keep
// their institution from ever adopting another.
const MostAdoptions = 50

// ontologyPosts lets the versions be found that an institution goes by, whatever others go by, and numbers what one officer adopts in one span of time.
func ontologyPosts(ontology *Record[Ontology]) []Post {
	officer := Person{Institution: ontology.Owner, ID: ontology.Changes[0].By.ID}
	span := strconv.FormatInt(int64(ontology.CreatedAt())/AdoptionSeconds, 10)
	return []Post{
		{Name: OntologyType + "/" + ontology.Body.System, Series: true},
		{Name: OntologyType + "/" + officer.String() + "/" + span, Series: true, Most: MostAdoptions},
	}
}
