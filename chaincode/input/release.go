package input

import (
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
)

// MaxGrounds is how many cohorts a version can rest on.
const MaxGrounds = maxGrounds

const (
	// deliveryKey is how 32 bytes are written in base64.
	deliveryKey = `^[A-Za-z0-9+/]{43}=$`
	// maxSignature bounds a signature in base64: the longest is by a P-384 key, in DER.
	maxSignature = 200
)

// DeliveryKey checks an X25519 public key in base64: the one way of writing it (RFC 7748: below 2^255 − 19), and none of the few with which everybody shares the same secret.
func (c *Checker) DeliveryKey(field, value string) {
	if c.note(field, value == "", Schema{Ref: refTo("delivery-key")}) {
		return
	}
	key, err := base64.StdEncoding.Strict().DecodeString(value)
	c.Require(err == nil && len(key) == 32, field, "it is no X25519 public key: 32 bytes in base64")
	if c.err != nil {
		return
	}
	c.Require(canonical25519(key) && hasSecret(key), field, "it is no X25519 public key that data can be encrypted to")
}

// canonical25519 tells whether a number, its lowest byte first, is below 2^255 − 19.
func canonical25519(key []byte) bool {
	if key[31] != 0x7f || key[0] < 0xed {
		return key[31] < 0x80
	}
	return !slices.Equal(key[1:31], slices.Repeat([]byte{0xff}, 30))
}

// hasSecret tells whether an exchange with the key gives a secret, and not zero whatever the other's key is.
func hasSecret(key []byte) bool {
	public, err := ecdh.X25519().NewPublicKey(key)
	if err != nil {
		return false
	}
	any32 := sha256.Sum256([]byte("any key will do"))
	private, err := ecdh.X25519().NewPrivateKey(any32[:])
	if err != nil {
		return false
	}
	_, err = private.ECDH(public)
	return err == nil
}

// DeliveryDigest is the SHA-256 of a delivery key that was found to be right.
func DeliveryDigest(value string) string {
	key, _ := base64.StdEncoding.DecodeString(value)
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:])
}

// delivery checks that the delivery key is one, and that its digest is its own.
func (c *Checker) delivery(field string, d *records.Delivery) {
	if d == nil {
		return
	}
	c.DeliveryKey(field+".public_key", d.PublicKey)
	c.Require(DeliveryDigest(d.PublicKey) == d.SHA256, field+".sha256", "it is not that of the key")
}

// deliveries checks the delivery keys that are named of those who are to get data, of each one.
func (c *Checker) deliveries(deliveries []records.DeliveryOf, people []string) {
	seen := map[string]bool{}
	for i, d := range deliveries {
		at := fmt.Sprintf("deliveries[%d]", i)
		c.Require(slices.Contains(people, d.Person) && !seen[d.Person], at+".person", "%q is none of those who are to get the data, or stands there twice", shorten(d.Person))
		c.Digest(at+".sha256", d.SHA256)
		if c.err != nil {
			return
		}
		seen[d.Person] = true
	}
}

func (c *Checker) files(field string, f records.Files) {
	c.Digest(field+".root", f.Root)
	c.Between(field+".count", f.Count, 1, MaxInteger)
	c.Between(field+".bytes", f.Bytes, 0, MaxInteger)
}

// archive checks what is said of an archive.
func (c *Checker) archive(a records.Archive) {
	c.Dataset("dataset", a.Dataset)
	c.Between("version", a.Version, 1, records.MaxNumber)
	c.Digest("version_digest", a.VersionDigest)
	c.files("files", a.Files)
}

// archiveMade checks what the program takes over into an archive.
func (c *Checker) archiveMade(a records.Archive) {
	c.content("content", a.Content)
	c.Require(a.Content.Files == a.Files.Count && a.Content.Bytes == a.Files.Bytes, "files", "they are not as many, or as large, as the content")
	c.excludedUntil("exclusions", a.Exclusions)
}

func (c *Checker) excludedUntil(field string, excluded []records.ExcludedUntil) {
	c.AtMost(field, len(excluded), maxGrounds)
	seen := map[string]bool{}
	for i, e := range excluded {
		at := fmt.Sprintf("%s[%d]", field, i)
		c.Cohort(at+".cohort", e.Cohort)
		c.Between(at+".epoch", e.Epoch, 1, records.MaxNumber)
		c.Require(!seen[e.Cohort], at+".cohort", "%q stands there twice", shorten(e.Cohort))
		seen[e.Cohort] = true
	}
}

// receipt checks what is asked for with a release.
func (c *Checker) receipt(r records.Receipt) {
	c.Tx("grant", r.Grant)
	c.Digest("delivery", r.Delivery)
	c.Tx("archive", r.Archive)
	c.files("files", r.Files)
	c.OneOf("mode", r.Mode, records.ReleaseModes)
	c.Given(r.Asked.At != 0, "asked.at")
	c.Digest("asked.key", r.Asked.Key)
	c.note("asked.signature", r.Asked.Signature == "", Schema{Type: "string", MaxLength: pointer(maxSignature)})
	_, err := base64.StdEncoding.Strict().DecodeString(r.Asked.Signature)
	c.Require(r.Asked.Signature != "" && len(r.Asked.Signature) <= maxSignature && err == nil, "asked.signature", "it is no signature in base64 of at most %d characters", maxSignature)
}

// receiptMade checks what the program puts into a receipt.
func (c *Checker) receiptMade(r records.Receipt) {
	c.Between("version", r.Version, 1, records.MaxNumber)
	c.Digest("version_digest", r.VersionDigest)
	c.excludedUntil("exclusions", r.Exclusions)
	if r.Sent != nil {
		c.Between("sent", *r.Sent, 0, MaxInteger)
	}
}
