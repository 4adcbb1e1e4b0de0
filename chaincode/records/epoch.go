package records

// EpochType is the type of an epoch record.
const EpochType = "epoch"

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

// Law names the law that people consented under, by a code of lawful.Laws.
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
