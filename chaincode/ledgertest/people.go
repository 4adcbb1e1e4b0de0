package ledgertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"
)

var attributesOID = asn1.ObjectIdentifier{1, 2, 3, 4, 5, 6, 7, 8, 1}

// Creator makes a certificate as Fabric CA issues it and the serialized identity that a peer hands to a chaincode.
func Creator(institution, commonName string, attributes map[string]string) []byte {
	return CreatorFrom(time.Unix(0, 0), institution, commonName, attributes)
}

// CreatorFrom is Creator with a certificate that is valid from a moment on.
func CreatorFrom(begins time.Time, institution, commonName string, attributes map[string]string) []byte {
	return CreatorWith(NewKey(), begins, institution, commonName, attributes)
}

// NewKey makes a key of its own.
func NewKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	return key
}

// KeyNamed makes a key from a name, always the same.
func KeyNamed(name string) *ecdsa.PrivateKey {
	sum := sha256.Sum256([]byte(name))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), sum[:])
	must(err)
	return key
}

// DigestOf is the SHA-256 of a public key, as SubjectPublicKeyInfo.
func DigestOf(key *ecdsa.PrivateKey) string {
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	must(err)
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// CreatorWith is CreatorFrom for a key.
func CreatorWith(key *ecdsa.PrivateKey, begins time.Time, institution, commonName string, attributes map[string]string) []byte {
	value, err := json.Marshal(map[string]any{"attrs": attributes})
	must(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: commonName},
		NotBefore: begins, NotAfter: time.Unix(1<<32, 0),
		ExtraExtensions: []pkix.Extension{{Id: attributesOID, Value: value}},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(err)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	creator, err := proto.Marshal(&msp.SerializedIdentity{Mspid: institution, IdBytes: certificate})
	must(err)
	return creator
}

// Person makes the identity of somebody with roles, a comma-separated list.
func Person(institution, id, roles string) []byte {
	return PersonWith(NewKey(), institution, id, roles)
}

// PersonWith is Person for a key.
func PersonWith(key *ecdsa.PrivateKey, institution, id, roles string) []byte {
	return CreatorWith(key, time.Unix(0, 0), institution, id, map[string]string{"hf.EnrollmentID": id, "medconsent.roles": roles})
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
