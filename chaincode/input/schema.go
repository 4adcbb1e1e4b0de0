package input

import "medconsent.org/chaincode/records"

// Schema is what a value has to be, in the words of JSON Schema (draft 2020-12). What depends on several members at once is not in it: there the refusal's sentence
// counts.
type Schema struct {
	Ref                  string             `json:"$ref,omitzero"`
	Description          string             `json:"description,omitzero"`
	Type                 string             `json:"type,omitzero"`
	Enum                 []string           `json:"enum,omitzero"`
	Pattern              string             `json:"pattern,omitzero"`
	Format               string             `json:"format,omitzero"`
	MinLength            *int               `json:"minLength,omitzero"`
	MaxLength            *int               `json:"maxLength,omitzero"`
	Minimum              *int64             `json:"minimum,omitzero"`
	Maximum              *int64             `json:"maximum,omitzero"`
	MinItems             *int               `json:"minItems,omitzero"`
	MaxItems             *int               `json:"maxItems,omitzero"`
	UniqueItems          bool               `json:"uniqueItems,omitzero"`
	Items                *Schema            `json:"items,omitzero"`
	Properties           map[string]*Schema `json:"properties,omitzero"`
	Required             []string           `json:"required,omitzero"`
	AdditionalProperties *bool              `json:"additionalProperties,omitzero"`
}

func refTo(name string) string { return "#/$defs/" + name }

func textSchema(least, most int) Schema {
	schema := Schema{Type: "string", MaxLength: &most}
	if least > 0 {
		schema.MinLength = &least
	}
	return schema
}

func listSchema(least, most int) Schema {
	schema := Schema{Type: "array", MaxItems: &most}
	if least > 0 {
		schema.MinItems = &least
	}
	return schema
}

// Definitions are the forms of single values, by the names under which schemas refer to them.
func Definitions() map[string]*Schema {
	definitions := map[string]*Schema{
		"time":         {Type: "string", Pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$`, Description: "a moment in whole seconds, in UTC (like 2026-11-24T10:50:10Z)"},
		"url":          {Type: "string", MaxLength: pointer(maxURL), Pattern: `^https?://[!-~]+$`, Description: "a URL (https://…)"},
		"contact":      {Type: "string", MaxLength: pointer(maxContact), Description: "a URL (https://…) or a mailbox"},
		"delivery-key": {Type: "string", Pattern: deliveryKey, Description: "an X25519 public key: its 32 bytes in base64"},
		"term-code":    {Type: "string", MaxLength: pointer(records.DiseaseForm.Most), Description: "a code of the ontology's system, written without the system"},
	}
	for _, form := range records.Forms {
		definitions[form.Name] = &Schema{Type: "string", Pattern: form.Pattern, MaxLength: pointer(form.Most), Description: form.Is}
	}
	return definitions
}

func pointer[V any](v V) *V { return &v }
