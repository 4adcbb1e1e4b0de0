package use_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/use"
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
		{"a range covers the categories in it", []records.Alternative{ds("ICD10:C50-C58")}, disease("ICD10:C50", "ICD10:C54.1", "ICD10:C58.9"), rules.Permit},
		{"a range covers nothing beside it", []records.Alternative{ds("ICD10:C50-C58")}, disease("ICD10:C59"), rules.Deny},
		{"a range may cross letters", []records.Alternative{ds("ICD10:C00-D48")}, disease("ICD10:D10.1"), rules.Permit},
		{"a category with a letter is not ordered", []records.Alternative{ds("ICD10CM:C43-C44")}, disease("ICD10CM:C43.1"), rules.Permit},
		{"so it is for a person", []records.Alternative{ds("ICD10CM:C40-C50")}, disease("ICD10CM:C4A.1"), rules.Review},
		{"also at the end of its block", []records.Alternative{ds("ICD10CM:M05-M14")}, disease("ICD10CM:M1A.0"), rules.Review},
		{"also without what follows the dot", []records.Alternative{ds("ICD10CM:M05-M14")}, disease("ICD10CM:M1A"), rules.Review},
		{"also at the end of a short block", []records.Alternative{ds("ICD10CM:C43-C44")}, disease("ICD10CM:C4A.1"), rules.Review},
		{"also in a chapter of factors", []records.Alternative{ds("ICD10CM:Z30-Z39")}, disease("ICD10CM:Z3A.20"), rules.Review},
		{"also when a block of its own has it", []records.Alternative{ds("ICD10CM:C73-C75")}, disease("ICD10CM:C7A.0"), rules.Review},
		{"in another decade it lies in no case", []records.Alternative{ds("ICD10CM:M05-M14")}, disease("ICD10CM:M4A.0"), rules.Deny},
		{"in another chapter neither", []records.Alternative{ds("ICD10CM:M05-M14")}, disease("ICD10CM:C4A.0"), rules.Deny},
		{"numbers are certain beside it", []records.Alternative{ds("ICD10CM:M05-M14")}, disease("ICD10CM:M15.0"), rules.Deny},
		{"and in it", []records.Alternative{ds("ICD10CM:M05-M14")}, disease("ICD10CM:M10.9"), rules.Permit},
		{"a chapter may end in such a category", []records.Alternative{ds("ICD10CM:O00-O9A")}, disease("ICD10CM:O00.0", "ICD10CM:O80", "ICD10CM:O99.89", "ICD10CM:O9A.1"), rules.Permit},
		{"and has nothing beside it", []records.Alternative{ds("ICD10CM:O00-O9A")}, disease("ICD10CM:P00"), rules.Deny},
		{"so may a block", []records.Alternative{ds("ICD10CM:I10-I1A"), ds("ICD10CM:J40-J4A"), ds("ICD10CM:I30-I5A")}, disease("ICD10CM:I16"), rules.Permit},
		{"what lies before it", []records.Alternative{ds("ICD10CM:I30-I5A")}, disease("ICD10CM:I29"), rules.Deny},
		{"a range of such categories has those that it names", []records.Alternative{ds("ICD10CM:C7A-C7B")}, disease("ICD10CM:C7A.0", "ICD10CM:C7B.00"), rules.Permit},
		{"whether it has a number of its decade is for a person", []records.Alternative{ds("ICD10CM:C7A-C7B")}, disease("ICD10CM:C75"), rules.Review},
		{"also when it only begins so", []records.Alternative{ds("ICD10CM:C7A-C80")}, disease("ICD10CM:C76"), rules.Review},
		{"and when it only ends so", []records.Alternative{ds("ICD10CM:C43-C4A")}, disease("ICD10CM:C44"), rules.Review},
		{"but not in another decade", []records.Alternative{ds("ICD10CM:C7A-C7B")}, disease("ICD10CM:C80"), rules.Deny},
		{"nor before it begins", []records.Alternative{ds("ICD10CM:C43-C4A")}, disease("ICD10CM:C42"), rules.Deny},
		{"the first of a decade may follow its letter", []records.Alternative{ds("ICD10CM:M1A-M10")}, disease("ICD10CM:M1A.0", "ICD10CM:M10"), rules.Permit},
		{"such a category by itself covers what lies under it", []records.Alternative{ds("ICD10CM:Z3A")}, disease("ICD10CM:Z3A.20"), rules.Permit},
		{"and no number", []records.Alternative{ds("ICD10CM:Z3A")}, disease("ICD10CM:Z36"), rules.Deny},
		{"the letter may come first", []records.Alternative{ds("ICD10CM:Q00-QA0")}, disease("ICD10CM:Q99.9", "ICD10CM:QA0.0142"), rules.Permit},
		{"then its place in a chapter that does not name it is for a person", []records.Alternative{ds("ICD10CM:Q00-Q99")}, disease("ICD10CM:QA0.0"), rules.Review},
		{"though not in another", []records.Alternative{ds("ICD10CM:R00-R99")}, disease("ICD10CM:QA0.0"), rules.Deny},
		{"a range of another edition is for a person", []records.Alternative{ds("KCD7:C50-C58")}, disease("KCD8:C50"), rules.Review},
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
		{"a permission of a later version is not guessed", []records.Alternative{{Permission: "XYZ"}}, kind("origins"), rules.Deny},
		{"nor a limit", []records.Alternative{{Permission: "GRU", Limits: []records.Modifier{{Term: "XYZ"}}}}, kind("origins"), rules.Deny},
	} {
		policy := records.Policy{Use: c.use, Modes: []string{"download"}, MaxDurationSeconds: 10}
		if got := use.Decide(policy, use.Ask{Institution: "nuri", Purpose: c.asks, Mode: "download"}); got.Answer != c.want {
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
	got := use.Decide(policy, use.Ask{Institution: "nuri", Purpose: kind("origins"), Mode: "download", DurationSeconds: 11})
	want := []string{"USE_NOT_PERMITTED", "USE_NOT_PERMITTED", "MODE_NOT_ALLOWED", "RECIPIENT_NOT_ALLOWED", "DURATION_TOO_LONG"}
	if got.Answer != rules.Deny || !slices.Equal(codes(got.Reasons), want) {
		t.Fatal(got)
	}
	for _, reason := range got.Reasons {
		if reason.Message == "" || reason.Clause == "" {
			t.Fatal(reason)
		}
	}
	long := use.Ask{Institution: "saerom", Purpose: kind("health-research"), Mode: "enclave", DurationSeconds: 11}
	if got := use.Decide(policy, long); got.Answer != rules.Deny || !use.OnlyTooLong(policy, long) {
		t.Fatal(got)
	}
	long.Institution = "nuri"
	if use.OnlyTooLong(policy, long) {
		t.Fatal("the recipient is wrong too")
	}
	got = use.Decide(policy, use.Ask{Institution: "saerom", Purpose: kind("health-research"), Mode: "enclave", DurationSeconds: 10})
	if got.Answer != rules.Permit || !slices.Equal(codes(got.Reasons), []string{"USE_PERMITTED"}) {
		t.Fatal(got)
	}
}

// The codes of docs/contract.md and those of the program are the same.
func TestReasonCodesAreThoseOfTheReference(t *testing.T) {
	page, err := os.ReadFile("../../../docs/contract.md")
	if err != nil {
		t.Fatal("the reference is not beside the module")
	}
	_, section, _ := strings.Cut(string(page), "## Codes of reasons")
	section, _, _ = strings.Cut(section, "## Codes of refusal")
	documented := []rules.Meaning{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| (.*) \\|$").FindAllStringSubmatch(section, -1) {
		documented = append(documented, rules.Meaning{Code: row[1], Means: row[2]})
	}
	if !slices.Equal(documented, rules.Meanings) {
		t.Fatalf("documented %v\nin the program %v", documented, rules.Meanings)
	}
}
