package input

import (
	"fmt"
	"slices"
	"strings"

	"medconsent.org/chaincode/records"
)

// Disease checks a disease term.
func (c *Checker) Disease(field, value string) {
	if c.note(field, value == "", Schema{Ref: refTo(records.DiseaseForm.Name)}) {
		return
	}
	c.Require(value != "", field, "it is missing")
	if _, _, ok := records.SplitDisease(value); ok {
		return
	}
	if _, _, _, ok := records.SplitDiseaseRange(value); ok {
		c.Fail(field, "%q is a range, and here every disease is named by itself (like ICD10:C50)", value)
		return
	}
	c.Fail(field, "%q %s", shorten(value), noDisease(value))
}

// DiseaseOrRange checks a disease term, or a range of categories.
func (c *Checker) DiseaseOrRange(field, value string) {
	if c.note(field, value == "", Schema{Ref: refTo(records.DiseasesForm.Name)}) {
		return
	}
	if _, _, _, ok := records.SplitDiseaseRange(value); !ok {
		c.Disease(field, value)
	}
}

// noDisease says what is wrong with a term that is neither a disease nor a range.
func noDisease(value string) string {
	system, code, _ := strings.Cut(value, ":")
	if !slices.Contains(records.DiseaseSystems, system) {
		return "is not a disease (like ICD10:C50; the systems are " + strings.Join(records.DiseaseSystems, " ") + ")"
	}
	from, to, isRange := strings.Cut(code, "-")
	switch _, _, _, backwards := records.SplitDiseaseRange(system + ":" + to + "-" + from); {
	case backwards:
		return fmt.Sprintf("is backwards: a range begins before it ends (like %s:%s-%s)", system, to, from)
	case isRange && !records.HasPrefixHierarchy(system):
		return "is a range, and " + system + " has none: name the term above them"
	case lettered(system, code):
		return "is not a range: only ICD10CM has categories with a letter (like ICD10CM:" + code + ")"
	case isRange:
		return "is not a range: it goes from one category of three characters to another (like " + system + ":C50-C58)"
	case records.HasPrefixHierarchy(system):
		return "has not the form of a code of " + system + " (like " + system + ":C50 or " + system + ":C50.1)"
	}
	return "has not the form of a code of " + system + " (like " + system + ":0001816)"
}

// lettered tells whether ICD-10-CM would have this range, and the system that was named has not.
func lettered(system, code string) bool {
	_, _, _, ok := records.SplitDiseaseRange("ICD10CM:" + code)
	return ok && records.HasPrefixHierarchy(system)
}
