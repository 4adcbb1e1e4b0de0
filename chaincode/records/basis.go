package records

// BasisType is the type of a basis record.
const BasisType = "basis"

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

// Bases lists the legal bases in the order of their names; of one institution, or of all when it is empty.
func Bases(institution string) Listing { return stored(BasisType, institution) }
