package records

import (
	"fmt"
	"strings"
)

// The types of records about the people in the data. None of them names a person, in any form.
const (
	GroundType    = "ground"
	CohortType    = "cohort"
	EpochType     = "epoch"
	ExclusionType = "exclusion"
	BasisType     = "basis"
)

// Ground says what the use of one dataset version rests on: consent, a legal basis, or several of them, all of which must hold. It has the version's id.
type Ground struct {
	Dataset       string   `json:"dataset"`
	Version       int64    `json:"version"`
	VersionDigest string   `json:"version_digest"`
	Cohorts       []string `json:"cohorts,omitzero"`
	Bases         []string `json:"bases,omitzero"`
}

// RecordType implements Body.
func (Ground) RecordType() string { return GroundType }

// Place implements Body.
func (g Ground) Place(id string) (prefix, owner string) {
	if id != Numbered(g.Dataset, '@', g.Version) {
		return "", ""
	}
	return numberedPlace(GroundType, id, '@')
}

// Cohort is the head that the epochs of one group's consent hang from; its id is "hanbit/oncology".
type Cohort struct {
	Title       string `json:"title"`
	LatestEpoch int64  `json:"latest_epoch"`
	// BatchSeconds is how long the institution collects changes before the next epoch, so that nobody can tell whose change it was.
	BatchSeconds int64 `json:"batch_seconds"`
}

// RecordType implements Body.
func (Cohort) RecordType() string { return CohortType }

// Place implements Body.
func (Cohort) Place(id string) (prefix, owner string) { return namedPlace(CohortType, id) }

// Epoch is what the people of a cohort permit from its moment on; its id is "hanbit/oncology~3".
type Epoch struct {
	Cohort string `json:"cohort"`
	Epoch  int64  `json:"epoch"`
	// Root is the Merkle root (RFC 6962) over one leaf for each person who ever was in the cohort, under a pseudonym of this epoch.
	Root string `json:"root"`
	// People and Withdrawn are bands of numbers: how many are in, and how many have withdrawn in all.
	People    string        `json:"people"`
	Withdrawn string        `json:"withdrawn"`
	Use       []Alternative `json:"use"`
	Law       Law           `json:"law"`
	Wording   Document      `json:"wording"`
	Statement string        `json:"statement,omitzero"`
	// UseSince is when the uses that stand here were first permitted as they are. The contract writes it.
	UseSince Time `json:"use_since"`
	// WithdrawnSince is the first epoch from which on people have been withdrawn without a break; absent when nobody is. The contract writes it.
	WithdrawnSince int64 `json:"withdrawn_since,omitzero"`
	// Ontologies are the versions of the hierarchies by which the diseases are understood, as in a policy. The contract writes them.
	Ontologies []OntologyRef `json:"ontologies,omitzero"`
}

// Law names the law that people consented under, by a code of rules.Laws.
type Law struct {
	Code    string `json:"code"`
	Article string `json:"article,omitzero"`
}

// Document is a text at an address, bound by its hash.
type Document struct {
	URL    string `json:"url"`
	SHA256 string `json:"sha256"`
}

// NoPeople is the band of nobody.
const NoPeople = "none"

// Bands are the only numbers of people that reach the ledger.
var Bands = []string{NoPeople, "under-20", "20-99", "100-999", "1000-9999", "10000-99999", "100000-999999", "1000000-or-more"}

// RecordType implements Body.
func (Epoch) RecordType() string { return EpochType }

// Place implements Body.
func (e Epoch) Place(id string) (prefix, owner string) {
	if id != Numbered(e.Cohort, '~', e.Epoch) {
		return "", ""
	}
	return numberedPlace(EpochType, id, '~')
}

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

// Basis is a legal basis other than consent, as the institution attests it; its id is "hanbit/irb-waiver".
type Basis struct {
	Code     string        `json:"code"`
	Article  string        `json:"article,omitzero"`
	Document BasisDocument `json:"document"`
	// Notice is where the public was told, and when; Objection where somebody can object.
	Notice    *Notice       `json:"notice,omitzero"`
	Objection *Objection    `json:"objection,omitzero"`
	Purposes  []Alternative `json:"purposes,omitzero"`
	Statement string        `json:"statement,omitzero"`
	// Ontologies are the versions of the hierarchies by which the purposes' diseases are understood. The contract writes them.
	Ontologies []OntologyRef `json:"ontologies,omitzero"`
}

// BasisDocument is what a basis is proved by: a contract, a letter of an ethics board, an order. It need not be public, and is bound by its hash.
type BasisDocument struct {
	Title  string `json:"title"`
	URL    string `json:"url,omitzero"`
	SHA256 string `json:"sha256"`
}

// Notice is a page on which the people in the data, and anybody, can read of the use.
type Notice struct {
	URL         string `json:"url"`
	SHA256      string `json:"sha256"`
	PublishedAt Time   `json:"published_at"`
}

// Objection is where somebody can say no.
type Objection struct {
	URL string `json:"url"`
}

// RecordType implements Body.
func (Basis) RecordType() string { return BasisType }

// Place implements Body.
func (Basis) Place(id string) (prefix, owner string) { return namedPlace(BasisType, id) }

func namedPlace(kind, id string) (prefix, owner string) {
	institution, _, ok := SplitDataset(id)
	if !ok {
		return "", ""
	}
	return kind + "/" + id, institution
}

// TextRef is the commitment of a private text that belongs to a request: SHA-256("medconsent/text/1" ‖ 0x00 ‖ salt ‖ text).
type TextRef struct {
	Kind       string `json:"kind"`
	Commitment string `json:"commitment"`
}

// RequestText is a private text that a request names. One that an amendment has replaced stays named, so that it can be read and purged.
type RequestText struct {
	TextRef
	Replaced bool `json:"replaced,omitzero"`
}

// TextKinds lists the kinds of private text that a request can have.
var TextKinds = []string{"description", "ethics-letter"}
