package input_test

import (
	"strings"
	"testing"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/refusal"
)

// What is wrong with a disease is said of it.
func TestNoDisease(t *testing.T) {
	for value, why := range map[string]string{
		"":                      "it is missing",
		"ICD10:E14-E10":         `"ICD10:E14-E10" is backwards: a range begins before it ends (like ICD10:E10-E14)`,
		"KCD8:C50-B50":          "is backwards",
		"ICD10:E10-E1":          "is not a range: it goes from one category of three characters to another (like ICD10:C50-C58)",
		"ICD10:E10.1-E14":       "is not a range",
		"ICD10:E10-ICD10:E14":   "is not a range",
		"MONDO:1-2":             "is a range, and MONDO has none",
		"ICD10:O00-O9A":         "is not a range: only ICD10CM has categories with a letter (like ICD10CM:O00-O9A)",
		"KCD8:C7A-C7B":          "only ICD10CM has categories with a letter (like ICD10CM:C7A-C7B)",
		"ICD10CM:C7B-C7A":       "is backwards: a range begins before it ends (like ICD10CM:C7A-C7B)",
		"ICD10CM:O9A-O00":       "is backwards",
		"ICD10CM:Z3A.1-Z3B":     "is not a range: it goes",
		"ICD10CM:COVID":         "has not the form of a code of ICD10CM",
		"ICD10CM:QAA":           "has not the form of a code of ICD10CM",
		"ICD10:QA0":             "has not the form of a code of ICD10",
		"ICD10:5C":              "has not the form of a code of ICD10 (like ICD10:C50 or ICD10:C50.1)",
		"ICD10:c50":             "has not the form of a code of ICD10",
		"DOID:":                 "has not the form of a code of DOID (like DOID:0001816)",
		"C50":                   "is not a disease (like ICD10:C50; the systems are ICD10 ICD10CM KCD7 KCD8 MONDO DOID)",
		"ICD11:C50":             "the systems are ICD10",
		strings.Repeat("x", 99): "is not a disease",
	} {
		var c input.Checker
		c.DiseaseOrRange("x", value)
		if refused := refusal.From(c.Err()); refused.Code != refusal.Invalid || refused.Field != "x" || !strings.Contains(refused.Message, why) {
			t.Errorf("%s: %v", value, c.Err())
		}
	}
	var c input.Checker
	c.DiseaseOrRange("x", "ICD10:E10-E14")
	c.DiseaseOrRange("x", "ICD10:E10-E10")
	for _, value := range []string{"ICD10CM:O00-O9A", "ICD10CM:C7A-C7B", "ICD10CM:C7A-C7A", "ICD10CM:M1A-M10", "ICD10CM:Q00-QA0", "ICD10CM:Z3A", "ICD10CM:QA0.0142"} {
		c.DiseaseOrRange("x", value)
	}
	c.Disease("x", "MONDO:0007254")
	if c.Err() != nil {
		t.Error(c.Err())
	}
	c.Disease("x", "ICD10:E10-E14") // a purpose names diseases one by one
	if refused := refusal.From(c.Err()); !strings.Contains(refused.Message, "is a range, and here") {
		t.Error(refused)
	}
}
