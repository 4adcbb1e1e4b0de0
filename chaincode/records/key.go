package records

// KeyType is the type of the record of a person's key.
const KeyType = "person"

// Key is a public key of a person, which a transaction signed by it has announced; its id is that transaction's.
type Key struct {
	Institution string `json:"institution"`
	Person      string `json:"person"`
	// Fingerprint is the SHA-256 of the public key, and PublicKey the key itself: SubjectPublicKeyInfo in DER, in base64.
	Fingerprint string `json:"fingerprint"`
	PublicKey   string `json:"public_key"`
}

// RecordType implements Body.
func (Key) RecordType() string { return KeyType }

// Place implements Body.
func (k Key) Place(id string) (prefix, owner string) {
	if !IsInstitution(k.Institution) || !IsPerson(k.Person) || !IsDigest(k.Fingerprint) || !IsTx(id) {
		return "", ""
	}
	return KeyType + "/" + k.Institution + "/" + k.Person, k.Institution
}

// Keys lists the keys of an institution's people, or of one of them; of every institution when it is empty.
func Keys(institution, person string) Listing { return stored(KeyType, institution, person) }
