package use_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gowebpki/jcs"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/use"
)

type jsonObject = map[string]any

// offered parses the offer of a policy.
func offered(t *testing.T, policy records.Policy) jsonObject {
	t.Helper()
	text, err := use.Offer("hanbit/breast-cancer", policy)
	if err != nil {
		t.Fatal(err)
	}
	canonical, err := jcs.Transform(text) // another implementation of RFC 8785
	if err != nil || string(canonical) != string(text) {
		t.Fatalf("not in RFC 8785 form (%v): %s", err, text)
	}
	var offer jsonObject
	if err := json.Unmarshal(text, &offer); err != nil {
		t.Fatal(err)
	}
	return offer
}

// said writes the permissions of an offer in short: each constraint as "leftOperand operator rightOperand", each duty as "duty action".
func said(t *testing.T, offer jsonObject) [][]string {
	t.Helper()
	short := func(v any) string {
		switch x := v.(type) {
		case string:
			return fmt.Sprintf("%q", x)
		case jsonObject:
			if list, ok := x["@list"].([]any); ok {
				words := []string{}
				for _, one := range list {
					if iri, ok := one.(jsonObject); ok {
						words = append(words, iri["@id"].(string))
					} else {
						words = append(words, fmt.Sprintf("%q", one))
					}
				}
				return "(" + strings.Join(words, " ") + ")"
			}
			if x["@type"] == "xsd:duration" {
				return x["@value"].(string)
			}
			return x["@id"].(string)
		}
		t.Fatalf("no operand: %v", v)
		return ""
	}
	constraint := func(v any) string {
		c := v.(jsonObject)
		if c["@type"] != "odrl:Constraint" {
			t.Errorf("not a constraint: %v", c)
		}
		words := short(c["odrl:leftOperand"]) + " " + short(c["odrl:operator"]) + " " + short(c["odrl:rightOperand"])
		if text, ok := c["sc:description"]; ok {
			words += fmt.Sprintf(" %q", text)
		}
		return words
	}
	var all [][]string
	for _, one := range offer["odrl:permission"].([]any) {
		permission := one.(jsonObject)
		if permission["@type"] != "odrl:Permission" || short(permission["odrl:action"]) != "odrl:use" ||
			short(permission["odrl:target"]) != "ledger:dataset/hanbit/breast-cancer" || short(permission["odrl:assigner"]) != "ledger:institution/hanbit" {
			t.Errorf("a permission of an offer has one action, target and assigner: %v", permission)
		}
		var words []string
		for _, c := range permission["odrl:constraint"].([]any) {
			words = append(words, constraint(c))
		}
		duties, _ := permission["odrl:duty"].([]any)
		for _, one := range duties {
			duty := one.(jsonObject)
			line := "duty " + short(duty["odrl:action"])
			if text, ok := duty["sc:description"]; ok {
				line += fmt.Sprintf(" %q", text)
			}
			under, _ := duty["odrl:constraint"].([]any)
			for _, c := range under {
				line += ", " + constraint(c)
			}
			words = append(words, line)
		}
		all = append(all, words)
	}
	return all
}

// Every term of DUO as ODRL says it: docs/usage-info.md has the same table in words.
var offeredTerms = map[string]struct {
	modifier records.Modifier
	says     []string
}{
	"NRES":   {says: []string{"odrl:purpose odrl:isA obo:DUO_0000004"}},
	"GRU":    {says: []string{"odrl:purpose odrl:isA obo:DUO_0000042"}},
	"HMB":    {says: []string{"odrl:purpose odrl:isA obo:DUO_0000006"}},
	"DS":     {says: []string{"odrl:purpose odrl:isA obo:DUO_0000007", `odrl:purpose odrl:isAnyOf ("ICD10:C50-C58" "KCD8:C50" MONDO:0005070 DOID:1612)`}},
	"POA":    {says: []string{"odrl:purpose odrl:isA obo:DUO_0000011"}},
	"NPOA":   {says: []string{"odrl:purpose odrl:isA obo:DUO_0000044"}},
	"NMDS":   {says: []string{"odrl:purpose odrl:isA obo:DUO_0000015"}},
	"GSO":    {says: []string{"odrl:purpose odrl:isA obo:DUO_0000016"}},
	"NPU":    {says: []string{"odrl:purpose odrl:isA obo:DUO_0000045"}},
	"NCU":    {says: []string{"odrl:purpose odrl:isA obo:DUO_0000046"}},
	"NPUNCU": {says: []string{"odrl:purpose odrl:isA obo:DUO_0000018"}},
	"RS":     {records.Modifier{Text: "cohorts <b> & \"한국\" \u2028"}, []string{"odrl:purpose odrl:isA obo:DUO_0000012 \"cohorts <b> & \\\"한국\\\" \\u2028\""}},
	"IRB":    {says: []string{"odrl:purpose odrl:isA obo:DUO_0000021"}},
	"GS":     {records.Modifier{Countries: []string{"KR", "JP"}}, []string{"odrl:purpose odrl:isA obo:DUO_0000022", "odrl:spatial odrl:isAnyOf (country:KR country:JP)"}},
	"IS":     {records.Modifier{Institutions: []string{"nuri"}}, []string{"odrl:purpose odrl:isA obo:DUO_0000028", "odrl:recipient odrl:isAnyOf (ledger:institution/nuri)"}},
	"PS":     {records.Modifier{Projects: []string{"P-1"}}, []string{"odrl:purpose odrl:isA obo:DUO_0000027", "odrl:purpose odrl:isAnyOf (ledger:project/P-1)"}},
	"US":     {records.Modifier{Persons: []string{"nuri/kim"}}, []string{"odrl:purpose odrl:isA obo:DUO_0000026", "odrl:recipient odrl:isAnyOf (ledger:person/nuri/kim)"}},
	"TS":     {records.Modifier{Months: 12}, []string{"odrl:purpose odrl:isA obo:DUO_0000025", "odrl:elapsedTime odrl:lteq P12M"}},
	"PUB":    {says: []string{"duty obo:DUO_0000019"}},
	"MOR":    {records.Modifier{Months: 6}, []string{"duty obo:DUO_0000024, odrl:delayPeriod odrl:gteq P6M"}},
	"COL":    {records.Modifier{Text: "with Dr. Park"}, []string{`duty obo:DUO_0000020 "with Dr. Park"`}},
	"RTN":    {says: []string{"duty obo:DUO_0000029"}},
}

func TestTheOfferOfEveryTerm(t *testing.T) {
	always := []string{"odrl:deliveryChannel odrl:isAnyOf (ledger:mode/download ledger:mode/enclave)", "odrl:elapsedTime odrl:lteq P3660D"}
	for _, term := range use.Terms {
		c, ok := offeredTerms[term.Code]
		if !ok && term.Class != use.CareClass {
			t.Errorf("%s is not tried", term.Code)
			continue
		}
		c.modifier.Term = term.Code
		alternative := records.Alternative{Permission: "GRU"}
		want := [][]string{slices.Concat([]string{"odrl:purpose odrl:isA obo:DUO_0000042"}, c.says, always)}
		switch term.Class {
		case use.PermissionClass:
			alternative.Permission = term.Code
			if term.Parameter == use.DiseaseParameter {
				alternative.Diseases = []string{"ICD10:C50-C58", "KCD8:C50", "MONDO:0005070", "DOID:1612"}
			}
			want = [][]string{slices.Concat(c.says, always)}
		case use.LimitClass:
			alternative.Limits = []records.Modifier{c.modifier}
		case use.DutyClass:
			alternative.Duties = []records.Modifier{c.modifier}
			want = [][]string{slices.Concat([]string{"odrl:purpose odrl:isA obo:DUO_0000042"}, always, c.says)}
		case use.CareClass:
			alternative.ClinicalCare = true
			want = append(want, slices.Concat([]string{"odrl:purpose odrl:isA obo:DUO_0000043"}, always))
		}
		offer := offered(t, open(alternative))
		if got := said(t, offer); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s says\n%q, not\n%q", term.Code, got, want)
		}
		if text := fmt.Sprint(offer); !strings.Contains(text, "sc:name:"+term.Label) {
			t.Errorf("%s is not named by its label: %s", term.Code, text)
		}
	}
}

func TestTheOfferOfAWholePolicy(t *testing.T) {
	policy := records.Policy{
		Use: []records.Alternative{
			{Permission: "DS", Diseases: []string{"ICD10:C50"}, ClinicalCare: true, Limits: []records.Modifier{{Term: "NCU"}}, Duties: []records.Modifier{{Term: "PUB"}}},
			{Permission: "POA"},
		},
		Modes: []string{"federated"}, MaxDurationSeconds: 86401, Recipients: []string{"nuri", "saerom"},
	}
	everywhere := []string{"odrl:deliveryChannel odrl:isAnyOf (ledger:mode/federated)", "odrl:recipient odrl:isAnyOf (ledger:institution/nuri ledger:institution/saerom)", "odrl:elapsedTime odrl:lteq PT86401S"}
	with := func(first []string, last ...string) []string { return slices.Concat(first, everywhere, last) }
	want := [][]string{
		with([]string{"odrl:purpose odrl:isA obo:DUO_0000007", `odrl:purpose odrl:isAnyOf ("ICD10:C50")`, "odrl:purpose odrl:isA obo:DUO_0000046"}, "duty obo:DUO_0000019"),
		with([]string{"odrl:purpose odrl:isA obo:DUO_0000043", "odrl:purpose odrl:isA obo:DUO_0000046"}, "duty obo:DUO_0000019"), // care of any disease, under the same limits
		with([]string{"odrl:purpose odrl:isA obo:DUO_0000011"}),
	}
	offer := offered(t, policy)
	if got := said(t, offer); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("says\n%q, not\n%q", got, want)
	}
	if offer["odrl:profile"].(jsonObject)["@id"] != "ledger:usage-info/1" || fmt.Sprint(offer["@type"]) != "[sc:CreativeWork odrl:Offer]" {
		t.Error(offer)
	}
	if context := offer["@context"].([]any); context[0] != nil || len(context) != 2 {
		t.Error("the offer would be read by the document's context, which is its author's", context)
	}
	if again := offered(t, policy); fmt.Sprint(again) != fmt.Sprint(offer) {
		t.Error("the same policy has another offer")
	}
}

// Fixed for ever: a change here makes the usageInfo of every manifest outdated, and needs another Profile. Python's tests read the same file.
func TestTheOfferIsFixed(t *testing.T) {
	kept, err := os.ReadFile("testdata/offer.json")
	if err != nil {
		t.Fatal(err)
	}
	alternative := records.Alternative{Permission: "DS", Diseases: []string{"ICD10:C50", "MONDO:0007254"}, ClinicalCare: true}
	for _, term := range use.Terms {
		modifier := offeredTerms[term.Code].modifier
		modifier.Term = term.Code
		switch term.Class {
		case use.LimitClass:
			alternative.Limits = append(alternative.Limits, modifier)
		case use.DutyClass:
			alternative.Duties = append(alternative.Duties, modifier)
		}
	}
	policy := open(alternative, records.Alternative{Permission: "POA"})
	policy.Recipients = []string{"nuri", "saerom"}
	offer, err := use.Offer("hanbit/breast-cancer", policy)
	if err != nil {
		t.Fatal(err)
	}
	if fixed, err := jcs.Transform(kept); err != nil || string(fixed) != string(offer) {
		t.Errorf("it was %s (%v), and is %s", fixed, err, offer)
	}
}

// docs/usage-info.md says of every term how ODRL says it.
func TestThePageHasEveryTerm(t *testing.T) {
	page, err := os.ReadFile("../../../docs/usage-info.md")
	if err != nil {
		t.Fatal(err)
	}
	_, mapping, _ := strings.Cut(string(page), "## The mapping")
	for _, term := range use.Terms {
		if !regexp.MustCompile(`(?m)^\|[^|]*\b` + term.Code + `\b`).MatchString(mapping) {
			t.Errorf("%s is not in the table", term.Code)
		}
	}
	if !strings.Contains(mapping, "`"+use.Profile+"`") {
		t.Error("the page is of another profile")
	}
}

// What ODRL has no words for is not in the offer; whatever else changes changes it, and its name.
func TestWhatChangesAnOffer(t *testing.T) {
	no := false
	base := func() records.Policy {
		return records.Policy{
			Use:   []records.Alternative{{Permission: "HMB", Limits: []records.Modifier{{Term: "NMDS"}, {Term: "GS", Countries: []string{"KR", "JP"}}}}},
			Modes: []string{"download", "enclave"}, MaxDurationSeconds: 86400, ReviewPeriodSeconds: 60, Stages: []records.Stage{{Institution: "hanbit", Role: "dac", Threshold: 1}},
		}
	}
	name := func(change func(*records.Policy)) string {
		policy := base()
		change(&policy)
		return offered(t, policy)["@id"].(string)
	}
	plain := name(func(*records.Policy) {})
	for says, change := range map[string]func(*records.Policy){
		"stages":   func(p *records.Policy) { p.Stages[0].Threshold = 2 },
		"review":   func(p *records.Policy) { p.ReviewPeriodSeconds = 61 },
		"own":      func(p *records.Policy) { p.OwnInstitutionVotes = true },
		"training": func(p *records.Policy) { p.TrainingCountsAsMethods = &no },
		"terms":    func(p *records.Policy) { p.Terms = &records.Terms{URL: "https://x.example"} },
		"attached": func(p *records.Policy) { p.Attachments = []records.Attachment{{Title: "x"}} },
	} {
		if name(change) != plain {
			t.Errorf("%s has no words in ODRL, and changed the offer", says)
		}
	}
	seen := map[string]string{plain: "nothing"}
	for says, change := range map[string]func(*records.Policy){
		"permission": func(p *records.Policy) { p.Use[0].Permission = "GRU" },
		"fewer":      func(p *records.Policy) { p.Use[0].Limits = p.Use[0].Limits[:1] },
		"country":    func(p *records.Policy) { p.Use[0].Limits[1].Countries = []string{"KR"} },
		"order":      func(p *records.Policy) { p.Use[0].Limits[1].Countries = []string{"JP", "KR"} },
		"duty":       func(p *records.Policy) { p.Use[0].Duties = []records.Modifier{{Term: "PUB"}} },
		"duty text":  func(p *records.Policy) { p.Use[0].Duties = []records.Modifier{{Term: "PUB", Text: "x"}} },
		"care":       func(p *records.Policy) { p.Use[0].ClinicalCare = true },
		"another":    func(p *records.Policy) { p.Use = append(p.Use, records.Alternative{Permission: "POA"}) },
		"modes":      func(p *records.Policy) { p.Modes = p.Modes[:1] },
		"recipients": func(p *records.Policy) { p.Recipients = []string{"nuri"} },
		"duration":   func(p *records.Policy) { p.MaxDurationSeconds++ },
	} {
		changed := name(change)
		if other, twice := seen[changed]; twice {
			t.Errorf("%s and %s have one offer", says, other)
		}
		seen[changed] = says
	}
	other, err := use.Offer("hanbit/lung-cancer", base())
	if err != nil || strings.Contains(string(other), plain) {
		t.Error("another dataset has the same offer", err)
	}
}
