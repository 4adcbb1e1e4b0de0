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
	// Delivery is the key that data for the person is encrypted to; nil when they announced none with this one.
	Delivery *Delivery `json:"delivery,omitzero"`
}

// Delivery is an X25519 public key: its 32 bytes in base64, and their SHA-256.
type Delivery struct {
	SHA256    string `json:"sha256"`
	PublicKey string `json:"public_key"`
}

// DeliveryDigest is the SHA-256 of the delivery key, or empty when there is none.
func (k Key) DeliveryDigest() string {
	if k.Delivery == nil {
		return ""
	}
	return k.Delivery.SHA256
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

// AdmittedKeys is the series of those of a person's keys that somebody said are theirs. Only those make it longer who may say so: a certificate in that name is not enough.
func AdmittedKeys(institution, person string) Post {
	return Post{Name: KeyType + "/" + institution + "/" + person, Series: true}
}

// KeyPost is the name under which a key that somebody has announced is found: by itself, so that nobody without it stands in its way; with the
// digest of the delivery key that was announced with it.
func KeyPost(institution, person, fingerprint, delivery string) string {
	name := KeyType + "/" + institution + "/" + person + "/" + fingerprint
	if delivery != "" {
		name += "/" + delivery
	}
	return name
}

func keyPosts(record *Record[Key]) []Post {
	return []Post{{Name: KeyPost(record.Body.Institution, record.Body.Person, record.Body.Fingerprint, record.Body.DeliveryDigest()), Anew: true}}
}

// Keys lists the keys of an institution's people, or of one of them; of every institution when it is empty.
func Keys(institution, person string) Listing { return stored(KeyType, institution, person) }
