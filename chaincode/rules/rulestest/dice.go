// Package rulestest makes random policies and purposes for tests of the rules.
package rulestest

import (
	"encoding/json"
	"math/rand"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/use"
)

// Month is as many seconds as the rules take for a month.
const Month = 366 * 86400 / 12

// Limited is an alternative for general research within limits.
func Limited(limits ...records.Modifier) records.Alternative {
	return records.Alternative{Permission: "GRU", Limits: limits}
}

// Day is as many seconds as a day has.
const Day = 24 * 60 * 60

// Dice makes policies and requests out of few values, so that they meet often.
type Dice struct{ *rand.Rand }

// Roll gives dice that fall the same way for the same seed.
func Roll(seed int64) Dice { return Dice{rand.New(rand.NewSource(seed))} }

// One is one of several words.
func (d Dice) One(from ...string) string { return from[d.Intn(len(from))] }

// Yes is true in half of all cases.
func (d Dice) Yes() bool { return d.Intn(2) == 0 }

// Some are some of several words, or none.
func (d Dice) Some(from ...string) []string {
	picked := []string{}
	for _, item := range from {
		if d.Yes() {
			picked = append(picked, item)
		}
	}
	if len(picked) == 0 {
		return []string{from[0]}
	}
	return picked
}

var (
	AllowedDiseases = []string{"ICD10:C50", "ICD10:C50.1", "ICD10:E10-E14", "KCD8:C50", "MONDO:1", "MONDO:2", "ICD10CM:C40-C50", "ICD10CM:C40-C4A"}
	askedDiseases   = []string{"ICD10:C50", "ICD10:C50.1", "ICD10:C51", "ICD10:E11.9", "ICD10CM:C4A.1", "ICD10CM:C44", "KCD8:C50.9", "MONDO:2", "MONDO:3"}
	World           = use.Hierarchy{
		"MONDO:1": {System: "MONDO", Code: "1", Term: &records.Term{Code: "1"}},
		"MONDO:2": {System: "MONDO", Code: "2", Term: &records.Term{Code: "2", Ancestors: []string{"1"}}},
		"MONDO:3": {System: "MONDO", Code: "3", Term: &records.Term{Code: "3", Ancestors: []string{"1", "2"}}},
	}
)

// Limit is any limit with a parameter that fits it.
func (d Dice) Limit() records.Modifier {
	switch m := (records.Modifier{Term: d.One(use.Codes(use.LimitClass)...)}); m.Term {
	case "GS":
		return records.Modifier{Term: m.Term, Countries: d.Some("KR", "JP", "US")}
	case "IS":
		return records.Modifier{Term: m.Term, Institutions: d.Some("nuri", "saerom")}
	case "US":
		return records.Modifier{Term: m.Term, Persons: d.Some("nuri/kim", "saerom/lee")}
	case "PS":
		return records.Modifier{Term: m.Term, Projects: d.Some("P-1", "P-2")}
	case "TS":
		return records.Modifier{Term: m.Term, Months: int64(1 + d.Intn(3))}
	case "RS":
		return records.Modifier{Term: m.Term, Text: d.One("a", "b")}
	default:
		return m
	}
}

// Alternative is any permission with limits.
func (d Dice) Alternative() records.Alternative {
	a := records.Alternative{Permission: d.One("NRES", "GRU", "GRU", "HMB", "HMB", "DS", "DS", "POA"), ClinicalCare: d.Intn(4) == 0}
	if a.Permission == "DS" {
		a.Diseases = d.Some(AllowedDiseases...)
	}
	for a.Permission != "NRES" && d.Intn(3) > 0 && len(a.Limits) < 3 {
		if limit := d.Limit(); !slices.ContainsFunc(a.Limits, func(m records.Modifier) bool { return m.Term == limit.Term }) {
			a.Limits = append(a.Limits, limit)
		}
	}
	return a
}

// Policy is any policy that the contract would take.
func (d Dice) Policy() records.Policy {
	policy := records.Policy{Modes: d.Some("download", "enclave"), MaxDurationSeconds: int64(1+d.Intn(3)) * Month}
	for range 1 + d.Intn(3) {
		policy.Use = append(policy.Use, d.Alternative())
	}
	if d.Yes() {
		policy.Recipients = d.Some("nuri", "saerom")
	}
	if d.Intn(4) == 0 {
		no := false
		policy.TrainingCountsAsMethods = &no
	}
	return policy
}

// Purpose is any purpose.
func (d Dice) Purpose() records.Purpose {
	p := records.Purpose{Kind: d.One(records.PurposeKinds...)}
	if p.Kind == "disease" {
		p.Diseases = d.Some(askedDiseases...)
	}
	rare := func() bool { return d.Intn(4) == 0 }
	p.MethodsDevelopment, p.Training, p.Linking, p.Commercial, p.Genetic = rare(), rare(), rare(), rare(), d.Yes()
	p.Organisation = d.One("", "non-profit", "non-profit", "for-profit", "government")
	if d.Yes() {
		p.Countries = d.Some("KR", "JP", "US")
	}
	if rare() {
		p.Sensitive = d.Some(records.Sensitive...)
	}
	if d.Yes() {
		p.Ethics = &records.Ethics{Board: "b", Number: "1", ValidUntil: records.Time(500 * (1 + d.Intn(3)))}
	}
	p.ProjectID = d.One("", "P-1", "P-2")
	return p
}

// Ask is any use that somebody asks for.
func (d Dice) Ask() use.Ask {
	institution := d.One("nuri", "saerom")
	return use.Ask{
		Institution: institution, People: []string{institution + "/" + d.One("kim", "lee")}, Purpose: d.Purpose(), Mode: d.One("download", "enclave"),
		DurationSeconds: int64(d.Intn(4)) * Month, At: 1000, Hierarchy: World,
	}
}

// Narrow makes a purpose that is the same or narrower.
func (d Dice) Narrow(p records.Purpose) records.Purpose {
	below := map[string][]string{"general-research": {"general-research", "health-research", "disease"}, "health-research": {"health-research", "disease"}}
	if kinds := below[p.Kind]; kinds != nil {
		if p.Kind = d.One(kinds...); p.Kind == "disease" {
			p.Diseases = d.Some(askedDiseases...)
		}
	} else if p.Kind == "disease" {
		p.Diseases = d.Some(p.Diseases...)
	}
	p.MethodsDevelopment, p.Training = p.MethodsDevelopment && d.Yes(), p.Training && d.Yes()
	p.Linking, p.Commercial, p.Genetic = p.Linking && d.Yes(), p.Commercial && d.Yes(), p.Genetic || d.Yes()
	if p.Organisation == "" {
		p.Organisation = d.One("", "non-profit", "for-profit")
	}
	if p.Countries == nil && d.Yes() {
		p.Countries = []string{"KR"}
	} else if p.Countries != nil {
		p.Countries = d.Some(p.Countries...)
	}
	if p.Sensitive != nil {
		p.Sensitive = d.Some(p.Sensitive...)
	}
	if p.ProjectID == "" {
		p.ProjectID = d.One("", "P-1")
	}
	return p
}

// Rounds is how often a property is tried.
const Rounds = 8_000

// Encoded is a value as JSON, to be compared.
func Encoded(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}
