package input

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/use"
)

func TestThePatternsAreTheGrammars(t *testing.T) {
	for _, word := range []string{
		"", "hanbit", "Hanbit", "a--b", "nuri/kim", "nuri/Kim", "nuri/e_1.2", "KR", "kr", "P-1", "P 1", "a.b", "NO", "0x1f", "ICD10:C50", "ICD10:C5", "ICD10:C50-C58", "ICD10CM:C4A.1", "MONDO:0007254",
		"DOID:1-2", "KCD8:C501", "ICD10:C50.", "ICD9:250", "C50", "ICD10:c50", string(make([]byte, 64)), "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	} {
		for _, form := range records.Forms {
			if got := len(word) <= form.Most && regexp.MustCompile(form.Pattern).MatchString(word); got != form.Fits(word) {
				t.Errorf("%q as %s: %t by the pattern, %t by the grammar", word, form.Name, got, form.Fits(word))
			}
		}
	}
}

type schema = map[string]any

func ref(name string) schema { return schema{"$ref": "#/$defs/" + name} }

func listOf(item schema, least, most int) schema {
	return schema{"type": "array", "items": item, "minItems": least, "maxItems": most, "uniqueItems": true}
}

func text(most int) schema { return schema{"type": "string", "minLength": 1, "maxLength": most} }

func closed(properties schema, required ...string) schema {
	return schema{"type": "object", "properties": properties, "required": append([]string{}, required...), "additionalProperties": false}
}

// modifiersOf is how a limit or a duty is written: the bare term, or a mapping of the term to its parameter.
func modifiersOf(class use.Class) schema {
	bare, parameters := []string{}, schema{}
	for _, term := range use.Terms {
		if term.Class != class {
			continue
		}
		if term.Parameter == use.NoParameter || term.Optional {
			bare = append(bare, term.Code)
		}
		if term.Parameter != use.NoParameter {
			form := map[use.Parameter]schema{
				use.CountryParameter: listOf(ref("country"), 1, maxNamed), use.InstitutionParameter: listOf(ref("institution"), 1, maxNamed),
				use.ProjectParameter: listOf(ref("project"), 1, maxNamed), use.PersonParameter: listOf(ref("person"), 1, maxNamed),
				use.MonthParameter: {"type": "integer", "minimum": 1, "maximum": maxMonths}, use.TextParameter: text(500),
			}[term.Parameter]
			form["description"] = term.DUO + ", " + term.Label
			form["$comment"] = string(term.Parameter)
			parameters[term.Code] = form
		}
	}
	mapping := closed(parameters)
	mapping["minProperties"], mapping["maxProperties"] = 1, 1
	return schema{"anyOf": []schema{{"enum": bare}, mapping}}
}

// stageSchema is whom a stage asks (an institution's committee, or that of whoever asks) and for how much (a number, or a rule): one of each.
func stageSchema() schema {
	stage := closed(schema{
		"institution": ref("institution"), "of": schema{"enum": []string{records.OfRequester}}, "role": schema{"enum": records.CommitteeRoles},
		"threshold": schema{"type": "integer", "minimum": 1, "maximum": records.MaxSeats, "default": 1}, "rule": schema{"enum": records.StageRules},
		"step":    schema{"type": "integer", "minimum": 1, "maximum": maxSteps, "default": 1},
		"attests": schema{"type": "boolean", "description": "an approval carries the ethics board's attestation; by default when it is an ethics committee of whoever asks"},
	}, "role")
	stage["oneOf"] = []schema{{"required": []string{"institution"}}, {"required": []string{"of"}}}
	stage["not"] = schema{"required": []string{"threshold", "rule"}}
	stage["if"] = schema{"required": []string{"attests"}}
	stage["then"] = schema{"properties": schema{"role": schema{"const": "ethics"}}}
	return stage
}

// statementDemands is what a policy asks of the statement of de-identification.
func statementDemands() schema {
	number := func(least int) schema { return schema{"type": "integer", "minimum": least, "maximum": maxK} }
	images := closed(schema{"faces_removed": schema{"type": "boolean"}, "checked_at_least": number(0)})
	images["minProperties"] = 1
	return closed(schema{
		"terms":  listOf(schema{"enum": lawful.DeidTerms}, 1, len(lawful.DeidTerms)),
		"tables": closed(schema{"k": number(2), "l": number(0)}, "k"), "images": images,
	})
}

func policySchema() schema {
	definitions := schema{
		"limit": modifiersOf(use.LimitClass), "duty": modifiersOf(use.DutyClass),
		"duration": schema{"type": "string", "pattern": `^[0-9]+[dhms]( [0-9]+[dhms])*$`, "description": "as 90d, 12h or 1d 12h"},
		"url":      schema{"type": "string", "pattern": "^https?://", "maxLength": 500},
		"alternative": closed(schema{
			"permission": schema{"enum": use.Codes(use.PermissionClass)}, "diseases": listOf(ref("disease"), 1, maxNamed),
			"limits": listOf(ref("limit"), 0, len(use.Codes(use.LimitClass))), "duties": listOf(ref("duty"), 0, len(use.Codes(use.DutyClass))),
			"clinical_care": schema{"type": "boolean"},
		}, "permission"),
		"stage": stageSchema(),
		"veto":  closed(schema{"institution": ref("institution"), "role": schema{"enum": records.CommitteeRoles}}, "institution", "role"),
	}
	for name, form := range map[string]records.Form{
		"institution": records.InstitutionForm, "country": records.CountryForm, "project": records.ProjectForm, "person": records.PersonNameForm, "digest": records.DigestForm, "disease": records.DiseasesForm,
	} {
		definitions[name] = schema{"type": "string", "pattern": form.Pattern, "maxLength": form.Most}
	}
	whole := closed(schema{
		"use": schema{"type": "array", "items": ref("alternative"), "minItems": 1, "maxItems": 16}, "stages": schema{"type": "array", "items": ref("stage"), "minItems": 1, "maxItems": 8},
		"modes": listOf(schema{"enum": records.Modes}, 1, len(records.Modes)), "max_duration": ref("duration"), "review_period": ref("duration"),
		"recipients":            schema{"anyOf": []schema{{"enum": []string{"any"}}, listOf(ref("institution"), 1, 200)}},
		"own_institution_votes": schema{"type": "boolean", "default": false}, "training_counts_as_methods": schema{"type": "boolean", "default": true},
		"terms":            closed(schema{"url": ref("url"), "sha256": ref("digest")}, "url", "sha256"),
		"vetoes":           listOf(ref("veto"), 0, maxVetoes),
		"automatic":        schema{"type": "boolean", "default": false, "description": "approve at once what the policy permits, without asking a stage"},
		"conflicts":        schema{"enum": []string{records.NoDeclaration, records.Declare}, "default": records.NoDeclaration},
		"exclusion_period": ref("duration"), "deidentification": statementDemands(),
		"attachments": schema{"type": "array", "maxItems": maxAttachments, "items": closed(schema{"title": text(200), "url": ref("url"), "sha256": ref("digest")}, "title", "url", "sha256")},
	}, "use", "stages", "modes", "max_duration", "review_period")
	whole["$schema"], whole["title"], whole["$defs"] = "https://json-schema.org/draft/2020-12/schema", "A medconsent policy, as YAML 1.2", definitions
	return whole
}

// The published schema of a policy's YAML form, and the copy that the SDK checks files by, are made from the table of terms.
func TestThePublishedSchema(t *testing.T) {
	want, err := json.MarshalIndent(policySchema(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	for _, path := range []string{"../../docs/policy-schema.json", "../../sdk/medconsent/documents/policy-schema.json"} {
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			t.Fatal("the documentation is not beside the module")
		}
		if got, _ := os.ReadFile(path); string(got) == string(want) {
			continue
		}
		if os.Getenv("UPDATE_DOCS") == "" {
			t.Fatalf("%s is not the program's: UPDATE_DOCS=1 go test ./input", path)
		}
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
