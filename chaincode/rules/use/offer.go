package use

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"medconsent.org/chaincode/records"
)

// node is a node object of JSON-LD 1.1. An offer holds strings only (and what is made of them), so that its RFC 8785 form leaves nothing open.
type node = map[string]any

// Profile names the meaning that an offer's words have here (ODRL 2.2, "Profiles"): docs/usage-info.md. Another meaning gets another number.
const Profile = "ledger:usage-info/1"

// offerContext is the offer's own context. It begins by forgetting the document's, whose author could give the same words another meaning. OBO's namespace is not
// cut after "DUO_": JSON-LD 1.1 takes no such prefix, unless it is told to.
var offerContext = []any{nil, node{
	"DOID":    node{"@id": "http://purl.obolibrary.org/obo/DOID_", "@prefix": true},
	"MONDO":   node{"@id": "http://purl.obolibrary.org/obo/MONDO_", "@prefix": true},
	"country": "https://www.iso.org/obp/ui/#iso:code:3166:",
	"ledger":  "tag:medconsent.org,2026:",
	"obo":     "http://purl.obolibrary.org/obo/",
	"odrl":    "http://www.w3.org/ns/odrl/2/",
	"sc":      "https://schema.org/",
	"xsd":     "http://www.w3.org/2001/XMLSchema#",
}}

// Offer is what a policy permits on a dataset as an ODRL 2.2 offer with the terms of GA4GH DUO, in its RFC 8785 form: the `usageInfo` of Croissant 1.1. The same
// dataset and policy give the same bytes. docs/usage-info.md has the table, and what of a policy ODRL has no words for.
func Offer(dataset string, policy records.Policy) (jsontext.Value, error) {
	owner, _, _ := records.SplitDataset(dataset)
	var permissions []any
	permit := func(alternative records.Alternative, purpose ...any) {
		permission := node{
			"@type": "odrl:Permission", "odrl:target": entity("dataset", dataset), "odrl:assigner": entity("institution", owner), "odrl:action": id("odrl:use"),
			"odrl:constraint": slices.Concat(purpose, limitsOffered(alternative.Limits), deliveryOffered(policy)),
		}
		if duties := dutiesOffered(alternative.Duties); len(duties) > 0 {
			permission["odrl:duty"] = duties
		}
		permissions = append(permissions, permission)
	}
	for _, alternative := range policy.Use {
		purpose := []any{asTerm(alternative.Permission)}
		if len(alternative.Diseases) > 0 {
			purpose = append(purpose, anyOf("purpose", each(alternative.Diseases, disease)))
		}
		permit(alternative, purpose...)
		if alternative.ClinicalCare { // of any disease: it is permitted besides, so it is a permission of its own
			permit(alternative, asTerm(ClinicalCareUse))
		}
	}
	return identified(node{
		"@context": offerContext, "@type": []any{"sc:CreativeWork", "odrl:Offer"}, "sc:name": "Conditions of use of " + dataset,
		"odrl:profile": id(Profile), "odrl:permission": permissions,
	})
}

// identified gives an offer its uid: the name by hash (RFC 6920) of everything else in it.
func identified(offer node) (jsontext.Value, error) {
	content, err := canonical(offer)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	offer["@id"] = "ni:///sha-256;" + base64.RawURLEncoding.EncodeToString(sum[:])
	return canonical(offer)
}

func canonical(value any) (jsontext.Value, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("the policy cannot be written as an offer: %w", err)
	}
	form := jsontext.Value(text)
	return form, form.Canonicalize()
}

// limitsOffered are the limits' terms, each followed by its parameter in the words of ODRL.
func limitsOffered(limits []records.Modifier) []any {
	var constraints []any
	for _, limit := range limits {
		constraints = append(constraints, described(asTerm(limit.Term), limit))
		if parameter := parameterOffered(limit); parameter != nil {
			constraints = append(constraints, parameter)
		}
	}
	return constraints
}

// dutiesOffered are the duties, each with the term as its action: ODRL has no word for them.
func dutiesOffered(duties []records.Modifier) []any {
	var offered []any
	for _, duty := range duties {
		term, _ := TermOf(duty.Term)
		one := described(node{"@type": "odrl:Duty", "sc:name": term.Label, "odrl:action": id(duoIRI(term))}, duty)
		if parameter := parameterOffered(duty); parameter != nil {
			one["odrl:constraint"] = []any{parameter}
		}
		offered = append(offered, one)
	}
	return offered
}

// deliveryOffered is what holds whatever the alternative: the ways of delivery, who may ask, and for how long.
func deliveryOffered(policy records.Policy) []any {
	constraints := []any{anyOf("deliveryChannel", entities("mode", policy.Modes))}
	if len(policy.Recipients) > 0 {
		constraints = append(constraints, anyOf("recipient", entities("institution", policy.Recipients)))
	}
	return append(constraints, duration("elapsedTime", "lteq", secondsOffered(policy.MaxDurationSeconds)))
}

// parameterOffered is a parameter that ODRL has a left operand for; a text is none.
func parameterOffered(m records.Modifier) any {
	term, _ := TermOf(m.Term)
	switch term.Parameter {
	case CountryParameter:
		return anyOf("spatial", each(m.Countries, func(code string) any { return id("country:" + code) }))
	case InstitutionParameter:
		return anyOf("recipient", entities("institution", m.Institutions))
	case PersonParameter:
		return anyOf("recipient", entities("person", m.Persons))
	case ProjectParameter:
		return anyOf("purpose", entities("project", m.Projects))
	case MonthParameter:
		if term.Class == DutyClass { // a moratorium: not before
			return duration("delayPeriod", "gteq", fmt.Sprintf("P%dM", m.Months))
		}
		return duration("elapsedTime", "lteq", fmt.Sprintf("P%dM", m.Months))
	}
	return nil
}

func described(one node, m records.Modifier) node {
	if m.Text != "" {
		one["sc:description"] = m.Text
	}
	return one
}

// asTerm says that the purpose is of the kind that a term of DUO names.
func asTerm(code string) node {
	term, _ := TermOf(code)
	one := constraint("purpose", "isA", id(duoIRI(term)))
	one["sc:name"] = term.Label
	return one
}

func duoIRI(term Term) string { return "obo:" + strings.Replace(term.DUO, ":", "_", 1) }

// disease is a term as the policy has it: an IRI where its system has some, else a text.
func disease(term string) any {
	if system, _, ok := records.SplitDisease(term); ok && !records.HasPrefixHierarchy(system) {
		return id(term)
	}
	return term
}

// anyOf has one right operand, which is a list: ODRL takes exactly one.
func anyOf(leftOperand string, values []any) node {
	return constraint(leftOperand, "isAnyOf", node{"@list": values})
}

func duration(leftOperand, operator, value string) node {
	return constraint(leftOperand, operator, node{"@type": "xsd:duration", "@value": value})
}

func constraint(leftOperand, operator string, rightOperand any) node {
	return node{"@type": "odrl:Constraint", "odrl:leftOperand": id("odrl:" + leftOperand), "odrl:operator": id("odrl:" + operator), "odrl:rightOperand": rightOperand}
}

// secondsOffered writes seconds as a duration of XML Schema, in days where that is exact.
func secondsOffered(seconds int64) string {
	const day = 24 * 60 * 60
	if seconds%day == 0 {
		return fmt.Sprintf("P%dD", seconds/day)
	}
	return fmt.Sprintf("PT%dS", seconds)
}

// entity is something that the ledger names, by a tag URI (RFC 4151): unique within the consortium, and no address.
func entity(kind, name string) node { return id("ledger:" + kind + "/" + name) }

func entities(kind string, names []string) []any {
	return each(names, func(name string) any { return entity(kind, name) })
}

func id(iri string) node { return node{"@id": iri} }

func each(words []string, as func(string) any) []any {
	values := make([]any, len(words))
	for i, word := range words {
		values[i] = as(word)
	}
	return values
}
