package review

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"medconsent.org/chaincode/records"
)

// digestOf is the digest of a part of a record: of its RFC 8785 form.
func digestOf(part any) string {
	text, err := json.Marshal(part)
	if err != nil {
		return "" // no digest: nothing that was read from JSON cannot be written as JSON
	}
	value := jsontext.Value(text)
	if value.Canonicalize() != nil {
		return ""
	}
	return records.Digest(value)
}
