package rules_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/quick"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

func gru() records.Alternative { return records.Alternative{Permission: "GRU"} }
func hmb() records.Alternative { return records.Alternative{Permission: "HMB"} }
func ds(diseases ...string) records.Alternative {
	return records.Alternative{Permission: "DS", Diseases: diseases}
}
func kind(k string) records.Purpose { return records.Purpose{Kind: k} }
func disease(terms ...string) records.Purpose {
	return records.Purpose{Kind: "disease", Diseases: terms}
}

func TestUse(t *testing.T) {
	for _, c := range []struct {
		says string
		use  []records.Alternative
		asks records.Purpose
		want rules.Answer
	}{
		{"general research use covers any research", []records.Alternative{gru()}, kind("general-research"), rules.Permit},
		{"general research use covers origins", []records.Alternative{gru()}, kind("origins"), rules.Permit},
		{"general research use covers a disease", []records.Alternative{gru()}, disease("ICD10:C50"), rules.Permit},
		{"clinical care is not research", []records.Alternative{gru(), hmb(), ds("ICD10:C50")}, kind("clinical-care"), rules.Deny},
		{"what is no purpose is not permitted", []records.Alternative{gru()}, kind("anything"), rules.Deny},
		{"health use covers health research", []records.Alternative{hmb()}, kind("health-research"), rules.Permit},
		{"health use covers a disease", []records.Alternative{hmb()}, disease("MONDO:1"), rules.Permit},
		{"health use does not cover general research", []records.Alternative{hmb()}, kind("general-research"), rules.Deny},
		{"health use does not cover origins", []records.Alternative{hmb()}, kind("origins"), rules.Deny},
		{"disease use covers its disease", []records.Alternative{ds("ICD10:C50")}, disease("ICD10:C50"), rules.Permit},
		{"disease use covers what lies under it", []records.Alternative{ds("ICD10:C50")}, disease("ICD10:C50.9"), rules.Permit},
		{"dots do not matter", []records.Alternative{ds("KCD8:C50.1")}, disease("KCD8:C5011"), rules.Permit},
		{"disease use does not cover what lies above", []records.Alternative{ds("ICD10:C50.9")}, disease("ICD10:C50"), rules.Deny},
		{"disease use does not cover a sibling", []records.Alternative{ds("ICD10:C50")}, disease("ICD10:C51"), rules.Deny},
		{"every disease asked for must be covered", []records.Alternative{ds("ICD10:C50")}, disease("ICD10:C50", "ICD10:E11"), rules.Deny},
		{"disease use covers no health research at large", []records.Alternative{ds("ICD10:C50")}, kind("health-research"), rules.Deny},
		{"disease use covers no general research", []records.Alternative{ds("ICD10:C50")}, kind("general-research"), rules.Deny},
		{"another system is for a person", []records.Alternative{ds("ICD10:C50")}, disease("MONDO:0007254"), rules.Review},
		{"editions are systems of their own", []records.Alternative{ds("ICD10:C50")}, disease("ICD10CM:C50"), rules.Review},
		{"the same MONDO term is permitted", []records.Alternative{ds("MONDO:0007254")}, disease("MONDO:0007254"), rules.Permit},
		{"another MONDO term is for a person", []records.Alternative{ds("MONDO:0007254")}, disease("MONDO:0007255"), rules.Review},
		{"a longer MONDO number is no descendant", []records.Alternative{ds("MONDO:000725")}, disease("MONDO:0007254"), rules.Review},
		{"one that is denied outweighs one for a person", []records.Alternative{ds("ICD10:C50")}, disease("MONDO:1", "ICD10:E11"), rules.Deny},
		{"alternatives: one is enough", []records.Alternative{ds("ICD10:C50"), hmb()}, kind("health-research"), rules.Permit},
		{"alternatives: review outweighs deny", []records.Alternative{ds("ICD10:C50"), ds("MONDO:1")}, disease("ICD10:E11"), rules.Review},
		{"no alternative, no use", nil, kind("general-research"), rules.Deny},
		{"a permission of a later version is not guessed", []records.Alternative{{Permission: "POA"}}, kind("origins"), rules.Deny},
	} {
		policy := records.Policy{Use: c.use, Modes: []string{"download"}, MaxDurationSeconds: 10}
		if got := rules.Decide(policy, rules.Ask{Institution: "nuri", Purpose: c.asks, Mode: "download"}); got.Answer != c.want {
			t.Errorf("%s: %v", c.says, got)
		}
	}
}

func codes(reasons []rules.Reason) []string {
	list := []string{}
	for _, reason := range reasons {
		list = append(list, reason.Code)
	}
	return list
}

func TestAllReasonsAreGiven(t *testing.T) {
	policy := records.Policy{Use: []records.Alternative{ds("ICD10:C50"), hmb()}, Modes: []string{"enclave"}, Recipients: []string{"saerom"}, MaxDurationSeconds: 10}
	got := rules.Decide(policy, rules.Ask{Institution: "nuri", Purpose: kind("origins"), Mode: "download", DurationSeconds: 11})
	want := []string{"USE_NOT_PERMITTED", "USE_NOT_PERMITTED", "MODE_NOT_ALLOWED", "RECIPIENT_NOT_ALLOWED", "DURATION_TOO_LONG"}
	if got.Answer != rules.Deny || !slices.Equal(codes(got.Reasons), want) || got.OnlyTooLong() {
		t.Fatal(got)
	}
	for _, reason := range got.Reasons {
		if reason.Message == "" || reason.Clause == "" {
			t.Fatal(reason)
		}
	}
	got = rules.Decide(policy, rules.Ask{Institution: "saerom", Purpose: kind("health-research"), Mode: "enclave", DurationSeconds: 11})
	if got.Answer != rules.Deny || !got.OnlyTooLong() {
		t.Fatal(got)
	}
	got = rules.Decide(policy, rules.Ask{Institution: "saerom", Purpose: kind("health-research"), Mode: "enclave", DurationSeconds: 10})
	if got.Answer != rules.Permit || !slices.Equal(codes(got.Reasons), []string{"USE_PERMITTED"}) {
		t.Fatal(got)
	}
}

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		granted, asked records.Purpose
		want           rules.Answer
	}{
		{kind("general-research"), kind("origins"), rules.Permit},
		{kind("health-research"), disease("ICD10:C50"), rules.Permit},
		{kind("health-research"), kind("general-research"), rules.Deny},
		{disease("ICD10:C50"), disease("ICD10:C50.1"), rules.Permit},
		{disease("ICD10:C50.1"), disease("ICD10:C50"), rules.Deny},
		{disease("ICD10:C50"), disease("DOID:1612"), rules.Review},
		{disease("ICD10:C50"), kind("health-research"), rules.Deny},
		{kind("origins"), kind("origins"), rules.Permit},
		{kind("origins"), kind("general-research"), rules.Deny},
		{kind("clinical-care"), kind("clinical-care"), rules.Deny},
	} {
		if got, why := rules.Covers(c.granted, c.asked); got != c.want || why == "" {
			t.Errorf("%v covers %v: %s (%s)", c.granted, c.asked, got, why)
		}
	}
}

var terms = []string{"ICD10:C50", "ICD10:C50.1", "ICD10:C51", "ICD10CM:C50", "MONDO:1", "MONDO:2", "KCD8:E11", "DOID:7"}

func pick[T any](from []T, bits uint8) []T {
	list := []T{}
	for i, item := range from {
		if bits&(1<<i) != 0 {
			list = append(list, item)
		}
	}
	return list
}

// Adding an alternative or an allowed disease never loses a permit.
func TestAddingNeverLosesAPermit(t *testing.T) {
	alternatives := []records.Alternative{gru(), hmb(), ds("ICD10:C50"), ds("MONDO:1"), ds("ICD10:C50.1", "MONDO:2")}
	purposes := []records.Purpose{kind("general-research"), kind("health-research"), kind("origins"), kind("clinical-care")}
	answer := func(use []records.Alternative, purpose records.Purpose) rules.Answer {
		return rules.Decide(records.Policy{Use: use, Modes: []string{"download"}}, rules.Ask{Purpose: purpose, Mode: "download"}).Answer
	}
	holds := func(use, more, allowed, alsoAllowed, asked, which uint8) bool {
		purpose := disease(pick(terms, asked)...)
		if which%5 != 0 {
			purpose = purposes[which%4]
		}
		few, many := pick(alternatives, use), pick(alternatives, use|more)
		if answer(few, purpose) == rules.Permit && answer(many, purpose) != rules.Permit {
			return false
		}
		narrow, wide := []records.Alternative{ds(pick(terms, allowed)...)}, []records.Alternative{ds(pick(terms, allowed|alsoAllowed)...)}
		return answer(narrow, purpose) != rules.Permit || answer(wide, purpose) == rules.Permit
	}
	if err := quick.Check(holds, &quick.Config{MaxCount: 5000}); err != nil {
		t.Fatal(err)
	}
}

// The codes of docs/contract.md and those of the program are the same.
func TestReasonCodesAreThoseOfTheReference(t *testing.T) {
	page, err := os.ReadFile("../../docs/contract.md")
	if err != nil {
		t.Skip("the reference is not beside the module")
	}
	_, section, _ := strings.Cut(string(page), "Codes of reasons:")
	section, _, _ = strings.Cut(section, "\n\n")
	documented := regexp.MustCompile(`[A-Z]+_[A-Z_]+|\b(?:GRANTED|FORGED)\b`).FindAllString(section, -1)
	if !slices.Equal(documented, rules.ReasonCodes) {
		t.Fatalf("documented %v\nin the program %v", documented, rules.ReasonCodes)
	}
}
