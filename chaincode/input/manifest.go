package input

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/gowebpki/jcs"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

const (
	// MaxManifestBytes is the largest manifest that is kept on the ledger.
	MaxManifestBytes = 128 << 10
	maxManifestDepth = 64
)

// Manifest is how a manifest is given: as text, or by address and hashes.
type Manifest struct {
	Text      *string `json:"text"`
	URL       string  `json:"url"`
	SHA256    string  `json:"sha256"`
	JCSSHA256 string  `json:"jcs_sha256"`
	Bytes     *int64  `json:"bytes"`
}

// Check checks a manifest that is given by address and hashes.
func (m Manifest) Check(c *Checker, field string) {
	if m.Text != nil {
		c.note(field+".text", false, textSchema(0, MaxManifestBytes))
		return
	}
	c.Require(m.URL != "", field, "give either text, or url, sha256, jcs_sha256 and bytes")
	c.URL(field+".url", m.URL)
	c.Digest(field+".sha256", m.SHA256)
	c.Digest(field+".jcs_sha256", m.JCSSHA256)
	c.Given(m.Bytes != nil, field+".bytes")
	if m.Bytes != nil {
		c.Between(field+".bytes", *m.Bytes, 1, MaxInteger)
	}
}

// Reference checks the manifest and computes its hashes from the text, where there is one.
//
// Refuses with INVALID, TOO_LARGE.
func (m Manifest) Reference(field string) (records.ManifestRef, error) {
	if m.Text == nil {
		var c Checker
		if m.Check(&c, field); c.err != nil {
			return records.ManifestRef{}, c.err
		}
		return records.ManifestRef{SHA256: m.SHA256, Bytes: *m.Bytes, JCSSHA256: m.JCSSHA256, URL: m.URL}, nil
	}
	if m.URL != "" || m.SHA256 != "" || m.JCSSHA256 != "" || m.Bytes != nil {
		return records.ManifestRef{}, refusal.New(refusal.Invalid, "give either text, or url, sha256, jcs_sha256 and bytes").At(field)
	}
	if len(*m.Text) > MaxManifestBytes {
		return records.ManifestRef{}, refusal.New(refusal.TooLarge, "the manifest has %d bytes; at most %d are kept on the ledger", len(*m.Text), MaxManifestBytes).
			At(field + ".text").Hinting("serve it from an address of yours and publish url, sha256, jcs_sha256 and bytes")
	}
	canonical, err := Canonical([]byte(*m.Text))
	if err != nil {
		refused := refusal.From(err)
		return records.ManifestRef{}, refused.At(strings.TrimSuffix(field+".text:"+refused.Field, ":"))
	}
	return records.ManifestRef{SHA256: records.Digest([]byte(*m.Text)), Bytes: int64(len(*m.Text)), JCSSHA256: records.Digest(canonical)}, nil
}

// Canonical is the RFC 8785 form of a JSON object. What implementations disagree about (integers past 2^53, numbers past a double's range, duplicate
// names, lone surrogates) is refused.
//
// Refuses with INVALID.
func Canonical(text []byte) ([]byte, error) {
	if kind := jsontext.Value(text).Kind(); kind != '{' {
		return nil, refusal.New(refusal.Invalid, "it is not a JSON object")
	}
	if err := inspect(text, maxManifestDepth, documentScalar); err != nil {
		return nil, err
	}
	canonical, err := jcs.Transform(text)
	if err != nil {
		return nil, refusal.New(refusal.Invalid, "it has no RFC 8785 form: %v", err)
	}
	return canonical, nil
}

func documentScalar(token jsontext.Token) string {
	if token.Kind() != '0' {
		return ""
	}
	literal := token.String()
	if !strings.ContainsAny(literal, ".eE") {
		if value, err := strconv.ParseInt(literal, 10, 64); err != nil || value > MaxInteger || value < -MaxInteger {
			return fmt.Sprintf("the integer %s is past ±(2^53−1), where JSON readers differ", shorten(literal))
		}
		return ""
	}
	if value, err := strconv.ParseFloat(literal, 64); err != nil || math.IsInf(value, 0) {
		return fmt.Sprintf("the number %s is past what a double can hold", shorten(literal))
	}
	return ""
}
