package input

import (
	"fmt"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"medconsent.org/chaincode/refusal"
)

// usageInfo is schema.org's name of the conditions of use, in the spellings that JSON-LD documents have for it.
var usageInfo = []string{"usageInfo", "sc:usageInfo", "schema:usageInfo", "https://schema.org/usageInfo", "http://schema.org/usageInfo"}

// UsageInfo finds the conditions of use that a manifest on the ledger states: the value of its member `usageInfo` in RFC 8785 form, nil when there is none; and a
// place where it states others, or gives the name another meaning (`sc:usageInfo`, `distribution[0].usageInfo`, `@context.usageInfo`), empty when there is none.
//
// Refuses with INVALID what Reference refuses, too.
func (m Manifest) UsageInfo() (value jsontext.Value, elsewhere string, err error) {
	if m.Text == nil {
		return nil, "", nil
	}
	var document map[string]jsontext.Value
	if err := json.Unmarshal([]byte(*m.Text), &document); err != nil {
		return nil, "", refusal.New(refusal.Invalid, "it is not a JSON object: %v", err)
	}
	stated, found := document["usageInfo"]
	if found {
		value = stated.Clone()
		if err := value.Canonicalize(); err != nil {
			return nil, "", refusal.New(refusal.Invalid, "it has no RFC 8785 form: %v", err)
		}
		delete(document, "usageInfo")
	}
	for _, name := range slices.Sorted(maps.Keys(document)) {
		if slices.Contains(usageInfo, name) {
			return value, name, nil
		}
		var rest any
		if err := json.Unmarshal(document[name], &rest); err != nil {
			return nil, "", refusal.New(refusal.Invalid, "it is not JSON: %v", err)
		}
		if elsewhere = stating(name, rest); elsewhere != "" {
			return value, elsewhere, nil
		}
	}
	return value, "", nil
}

// stating is the first place under a value where conditions of use are stated, or empty.
func stating(path string, value any) string {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			place := path + "." + name
			if slices.Contains(usageInfo, name) {
				return place
			}
			if place = stating(place, v[name]); place != "" {
				return place
			}
		}
	case []any:
		for i, one := range v {
			if place := stating(fmt.Sprintf("%s[%d]", path, i), one); place != "" {
				return place
			}
		}
	}
	return ""
}
