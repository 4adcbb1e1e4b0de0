package sample

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"medconsent.org/chaincode/records"
)

// Gateway is what hanbit releases data by.
const Gateway = "hanbit/door:gateway"

// DeliveryKey is the delivery key of "institution/id", in base64, and its SHA-256.
func DeliveryKey(person string) (key, digest string) {
	seed := sha256.Sum256([]byte("delivery " + person))
	private, err := ecdh.X25519().NewPrivateKey(seed[:])
	if err != nil {
		panic(err)
	}
	raw := private.PublicKey().Bytes()
	return base64.StdEncoding.EncodeToString(raw), records.Digest(raw)
}

// Delivers has somebody announce their key with a delivery key, and an officer admit both. It gives the digest of the delivery key.
func (w *World) Delivers(who string) string {
	w.Helper()
	person, _, _ := strings.Cut(who, ":")
	institution, id, _ := strings.Cut(person, "/")
	key, digest := DeliveryKey(person)
	w.Do(who, "person.announce", object{"delivery": key})
	w.Do(institution+"/steward:steward", "person.admit", object{"person": id, "key": w.KeyOf(person), "delivery": digest})
	return digest
}

// Archive is the argument that publishes the archive of the version that stands.
func (w *World) Archive(changes object) object {
	w.Helper()
	d := w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	return With(object{
		"dataset": "hanbit/breast-cancer", "version": In(d, "version", "record", "body", "version"), "version_digest": In(d, "version", "digest"),
		"files": object{"root": DigestOf("files"), "count": 2, "bytes": 1000},
	}, changes)
}

// Archived publishes the sample archive and gives its id.
func (w *World) Archived(changes object) string {
	w.Helper()
	return In(w.Do(Gateway, "archive.publish", w.Archive(changes)), "id").(string)
}

// Asks is the argument that opens a release of both files to kim, who has signed that they ask for it. changes are made before they sign, and after after that.
func (w *World) Asks(grant, archive string, changes, after object) object {
	w.Helper()
	_, delivery := DeliveryKey("nuri/kim")
	asks := With(object{
		"grant": grant, "person": "nuri/kim", "delivery": delivery, "archive": archive, "files": object{"root": DigestOf("files"), "count": 2, "bytes": 1000}, "mode": "download",
		"asked": object{"at": w.Now.UTC().Format(time.RFC3339)},
	}, changes)
	person := asks["person"].(string)
	asks["asked"] = With(asks["asked"].(object), object{"key": w.KeyOf(person), "signature": w.signs(person, asks)})
	return With(asks, after)
}

// signs is what a person's key makes of what they ask for.
func (w *World) signs(person string, asks object) string {
	institution, id, _ := strings.Cut(person, "/")
	files, _ := asks["files"].(object)
	at, err := time.Parse(time.RFC3339, asks["asked"].(object)["at"].(string))
	if err != nil {
		panic(err)
	}
	receipt := records.Receipt{
		Grant: asks["grant"].(string), Person: records.Person{Institution: institution, ID: id}, Delivery: asks["delivery"].(string), Archive: asks["archive"].(string),
		Files: records.Files{Root: files["root"].(string), Count: int64(files["count"].(int)), Bytes: int64(files["bytes"].(int))}, Mode: asks["mode"].(string),
		Asked: records.Asked{At: records.Time(at.Unix())},
	}
	digest := sha256.Sum256(receipt.AskBytes())
	signature, err := ecdsa.SignASN1(rand.Reader, w.key(person), digest[:])
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}

// Released opens the sample release and gives the receipt's id.
func (w *World) Released(grant, archive string) string {
	w.Helper()
	return In(w.Do(Gateway, "release.open", w.Asks(grant, archive, nil, nil)), "id").(string)
}
