package ledger

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"

	"medconsent.org/chaincode/refusal"
)

// Widens notes, in words, that what the transaction does makes or widens a permit: it then waits for a second officer.
func (tx *Tx) Widens(words ...string) { tx.widens = append(tx.widens, words...) }

// Widening is what the transaction widens, in words.
func (tx *Tx) Widening() []string { return tx.widens }

// TakesAway notes that what the transaction does only takes away, so that nothing is asked of whoever does it besides the role.
func (tx *Tx) TakesAway() { tx.takes = true }

// OnlyTakesAway tells whether it was noted so.
func (tx *Tx) OnlyTakesAway() bool { return tx.takes && len(tx.widens) == 0 }

// As runs what somebody proposed as if they sent it, with what was read so far. What it notes of widening is given apart.
func (tx *Tx) As(actor Caller, act func(*Tx) (any, error)) (answer any, widens []string, err error) {
	was, said := tx.actor, tx.widens
	tx.actor, tx.widens = &actor, nil
	defer func() { tx.actor, tx.widens = was, said }()
	answer, err = act(tx)
	return answer, tx.widens, err
}

// Discard forgets everything that was queued.
func (tx *Tx) Discard() {
	tx.writes, tx.posts, tx.private, tx.states, tx.changes = nil, nil, nil, nil, nil
}

// PublicKey is the caller's public key: SubjectPublicKeyInfo in DER, in base64.
func (tx *Tx) PublicKey() (string, error) {
	creator, err := tx.creator()
	if err != nil {
		return "", err
	}
	block, _ := pem.Decode(creator.IdBytes)
	if block == nil {
		return "", refusal.New(refusal.Forbidden, "the caller's certificate cannot be read")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return "", refusal.New(refusal.Forbidden, "the caller's certificate cannot be read")
	}
	return base64.StdEncoding.EncodeToString(certificate.RawSubjectPublicKeyInfo), nil
}
