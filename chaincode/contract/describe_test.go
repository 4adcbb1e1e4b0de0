package contract_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"medconsent.org/chaincode/contract"
)

// The program and the SDK have the contract for machines as the program's tables say it.
func TestTheContractForMachines(t *testing.T) {
	want, err := contract.Describe()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"contract.json", "../../sdk/medconsent/contract.json"} {
		if got, _ := os.ReadFile(path); string(got) == string(want) {
			continue
		}
		if os.Getenv("UPDATE_DOCS") == "" {
			t.Fatalf("%s is not what the program's tables say: UPDATE_DOCS=1 go test ./contract -run %s", path, t.Name())
		}
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// unbounded are the members of arguments that only the bytes of the whole argument bound: a bookmark is what the page before gave, and pages are as many as fit.
var unbounded = map[string]bool{"bookmark": true, "pages": true}

// What a client is told of an argument has a bound for every text, number and list in it.
func TestEveryMemberHasABound(t *testing.T) {
	var description struct {
		Transactions map[string]struct {
			Argument object `json:"argument"`
		} `json:"transactions"`
		Definitions map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(contract.JSON, &description); err != nil {
		t.Fatal(err)
	}
	for name, described := range description.Transactions {
		everyBound(t, name, description.Definitions, described.Argument)
	}
	for name, definition := range description.Definitions {
		everyBound(t, "$defs."+name, description.Definitions, definition)
	}
}

func everyBound(t *testing.T, at string, definitions map[string]object, schema object) {
	t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		if definitions[strings.TrimPrefix(ref, "#/$defs/")] == nil {
			t.Errorf("%s refers to %s, which is not there", at, ref)
		}
		return
	}
	has := func(keys ...string) bool {
		for _, key := range keys {
			if schema[key] == nil {
				return false
			}
		}
		return true
	}
	bounded := true
	switch schema["type"] {
	case "string":
		bounded = has("maxLength") || has("enum") || has("pattern")
	case "integer":
		bounded = has("minimum", "maximum")
	case "array":
		bounded = has("maxItems")
		everyBound(t, at+"[]", definitions, schema["items"].(object))
	case "object":
		for name, member := range schema["properties"].(object) {
			everyBound(t, at+"."+name, definitions, member.(object))
		}
	}
	if !bounded && !unbounded[at[strings.LastIndexByte(at, '.')+1:]] {
		t.Errorf("%s: what it can hold has no bound: %v", at, schema)
	}
}
