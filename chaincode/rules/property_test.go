package rules_test

import (
	"encoding/json"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

// dice makes policies and requests out of few values, so that they meet often.
type dice struct{ *rand.Rand }

func roll(seed int64) dice { return dice{rand.New(rand.NewSource(seed))} }

func (d dice) one(from ...string) string { return from[d.Intn(len(from))] }
func (d dice) yes() bool                 { return d.Intn(2) == 0 }
func (d dice) some(from ...string) []string {
	picked := []string{}
	for _, item := range from {
		if d.yes() {
			picked = append(picked, item)
		}
	}
	if len(picked) == 0 {
		return []string{from[0]}
	}
	return picked
}

var (
	allowedDiseases = []string{"ICD10:C50", "ICD10:C50.1", "ICD10:E10-E14", "KCD8:C50", "MONDO:1", "MONDO:2", "ICD10CM:C40-C50"}
	askedDiseases   = []string{"ICD10:C50", "ICD10:C50.1", "ICD10:C51", "ICD10:E11.9", "ICD10CM:C4A.1", "KCD8:C50.9", "MONDO:2", "MONDO:3"}
	world           = rules.Hierarchy{
		"MONDO:1": {System: "MONDO", Code: "1", Term: &records.Term{Code: "1"}},
		"MONDO:2": {System: "MONDO", Code: "2", Term: &records.Term{Code: "2", Ancestors: []string{"1"}}},
		"MONDO:3": {System: "MONDO", Code: "3", Term: &records.Term{Code: "3", Ancestors: []string{"1", "2"}}},
	}
)

func (d dice) limit() records.Modifier {
	switch m := (records.Modifier{Term: d.one(rules.Codes(rules.LimitClass)...)}); m.Term {
	case "GS":
		return records.Modifier{Term: m.Term, Countries: d.some("KR", "JP", "US")}
	case "IS":
		return records.Modifier{Term: m.Term, Institutions: d.some("nuri", "saerom")}
	case "US":
		return records.Modifier{Term: m.Term, Persons: d.some("nuri/kim", "saerom/lee")}
	case "PS":
		return records.Modifier{Term: m.Term, Projects: d.some("P-1", "P-2")}
	case "TS":
		return records.Modifier{Term: m.Term, Months: int64(1 + d.Intn(3))}
	case "RS":
		return records.Modifier{Term: m.Term, Text: d.one("a", "b")}
	default:
		return m
	}
}

func (d dice) alternative() records.Alternative {
	a := records.Alternative{Permission: d.one("NRES", "GRU", "GRU", "HMB", "HMB", "DS", "DS", "POA"), ClinicalCare: d.Intn(4) == 0}
	if a.Permission == "DS" {
		a.Diseases = d.some(allowedDiseases...)
	}
	for a.Permission != "NRES" && d.Intn(3) > 0 && len(a.Limits) < 3 {
		if limit := d.limit(); !slices.ContainsFunc(a.Limits, func(m records.Modifier) bool { return m.Term == limit.Term }) {
			a.Limits = append(a.Limits, limit)
		}
	}
	return a
}

func (d dice) policy() records.Policy {
	policy := records.Policy{Modes: d.some("download", "enclave"), MaxDurationSeconds: int64(1+d.Intn(3)) * month}
	for range 1 + d.Intn(3) {
		policy.Use = append(policy.Use, d.alternative())
	}
	if d.yes() {
		policy.Recipients = d.some("nuri", "saerom")
	}
	if d.Intn(4) == 0 {
		no := false
		policy.TrainingCountsAsMethods = &no
	}
	return policy
}

func (d dice) purpose() records.Purpose {
	p := records.Purpose{Kind: d.one(records.PurposeKinds...)}
	if p.Kind == "disease" {
		p.Diseases = d.some(askedDiseases...)
	}
	rare := func() bool { return d.Intn(4) == 0 }
	p.MethodsDevelopment, p.Training, p.Linking, p.Commercial, p.Genetic = rare(), rare(), rare(), rare(), d.yes()
	p.Organisation = d.one("", "non-profit", "non-profit", "for-profit", "government")
	if d.yes() {
		p.Countries = d.some("KR", "JP", "US")
	}
	if rare() {
		p.Sensitive = d.some(records.Sensitive...)
	}
	if d.yes() {
		p.Ethics = &records.Ethics{Board: "b", Number: "1", ValidUntil: records.Time(500 * (1 + d.Intn(3)))}
	}
	p.ProjectID = d.one("", "P-1", "P-2")
	return p
}

func (d dice) ask() rules.Ask {
	institution := d.one("nuri", "saerom")
	return rules.Ask{
		Institution: institution, People: []string{institution + "/" + d.one("kim", "lee")}, Purpose: d.purpose(), Mode: d.one("download", "enclave"),
		DurationSeconds: int64(d.Intn(4)) * month, At: 1000, Hierarchy: world,
	}
}

// narrow makes a purpose that is the same or narrower.
func (d dice) narrow(p records.Purpose) records.Purpose {
	below := map[string][]string{"general-research": {"general-research", "health-research", "disease"}, "health-research": {"health-research", "disease"}}
	if kinds := below[p.Kind]; kinds != nil {
		if p.Kind = d.one(kinds...); p.Kind == "disease" {
			p.Diseases = d.some(askedDiseases...)
		}
	} else if p.Kind == "disease" {
		p.Diseases = d.some(p.Diseases...)
	}
	p.MethodsDevelopment, p.Training = p.MethodsDevelopment && d.yes(), p.Training && d.yes()
	p.Linking, p.Commercial, p.Genetic = p.Linking && d.yes(), p.Commercial && d.yes(), p.Genetic || d.yes()
	if p.Organisation == "" {
		p.Organisation = d.one("", "non-profit", "for-profit")
	}
	if p.Countries == nil && d.yes() {
		p.Countries = []string{"KR"}
	} else if p.Countries != nil {
		p.Countries = d.some(p.Countries...)
	}
	if p.Sensitive != nil {
		p.Sensitive = d.some(p.Sensitive...)
	}
	if p.ProjectID == "" {
		p.ProjectID = d.one("", "P-1")
	}
	return p
}

const rounds = 8_000

func encoded(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

func TestAddingNeverLosesAPermit(t *testing.T) {
	for seed := range int64(rounds) {
		d := roll(seed)
		policy, asked := d.policy(), d.ask()
		before := rules.Decide(policy, asked).Answer
		more := policy
		more.Use = slices.Clone(policy.Use)
		i := d.Intn(len(more.Use))
		what := d.one("alternative", "care", "mode", "recipient", "duration", "disease", "value")
		switch what {
		case "alternative":
			more.Use = slices.Insert(more.Use, i, d.alternative())
		case "care":
			more.Use[i].ClinicalCare = true
		case "mode":
			more.Modes = []string{"download", "enclave", "federated"}
		case "recipient":
			more.Recipients = nil
		case "duration":
			more.MaxDurationSeconds *= 2
		case "disease":
			if more.Use[i].Permission == "DS" {
				more.Use[i].Diseases = append(slices.Clone(more.Use[i].Diseases), d.one(allowedDiseases...))
			}
		case "value":
			more.Use[i].Limits = slices.Clone(more.Use[i].Limits)
			for at := range more.Use[i].Limits {
				m := &more.Use[i].Limits[at]
				if m.Countries != nil {
					m.Countries = []string{"JP", "KR", "US"}
				}
				if m.Institutions != nil {
					m.Institutions = []string{"nuri", "saerom"}
				}
				if m.Persons != nil {
					m.Persons = []string{"nuri/kim", "nuri/lee", "saerom/kim", "saerom/lee"}
				}
				if m.Projects != nil {
					m.Projects = []string{"P-1", "P-2"}
				}
				m.Months *= 2
			}
		}
		if after := rules.Decide(more, asked).Answer; after.Rank() < before.Rank() {
			t.Fatalf("%d: adding a %s turned %s into %s\n%s\n%s\n%s", seed, what, before, after, encoded(policy), encoded(more), encoded(asked))
		}
	}
}

func TestAddingALimitNeverGainsAPermit(t *testing.T) {
	for seed := range int64(rounds) {
		d := roll(seed)
		policy, asked := d.policy(), d.ask()
		before := rules.Decide(policy, asked).Answer
		more := policy
		more.Use = slices.Clone(policy.Use)
		i := d.Intn(len(more.Use))
		more.Use[i].Limits = append(slices.Clone(more.Use[i].Limits), d.limit())
		if after := rules.Decide(more, asked).Answer; after.Rank() > before.Rank() {
			t.Fatalf("%d: a limit turned %s into %s\n%s\n%s", seed, before, after, encoded(more), encoded(asked))
		}
	}
}

func TestANarrowerPurposeNeverLosesAPermit(t *testing.T) {
	for seed := range int64(rounds) {
		d := roll(seed)
		policy, asked := d.policy(), d.ask()
		before := rules.Decide(policy, asked).Answer
		narrower := asked
		narrower.Purpose = d.narrow(asked.Purpose)
		if d.yes() {
			narrower.DurationSeconds /= 2
		}
		if answer, why := rules.Covers(asked.Purpose, narrower.Purpose, world); answer != rules.Permit {
			t.Fatalf("%d: %s does not cover %s: %v", seed, encoded(asked.Purpose), encoded(narrower.Purpose), why)
		}
		if after := rules.Decide(policy, narrower).Answer; after.Rank() < before.Rank() {
			t.Fatalf("%d: the narrower purpose turned %s into %s\n%s\n%s\n%s", seed, before, after, encoded(policy), encoded(asked), encoded(narrower))
		}
		// and whatever else a grant covers: a member of the narrower purpose is put back, or wider
		other := narrower
		d.stray(&other.Purpose)
		if answer, _ := rules.Covers(asked.Purpose, other.Purpose, world); answer == rules.Permit && rules.Decide(policy, other).Answer.Rank() < before.Rank() {
			t.Fatalf("%d: %s is covered by %s and judged worse", seed, encoded(other.Purpose), encoded(asked.Purpose))
		}
	}
}

// stray changes one member to anything.
func (d dice) stray(p *records.Purpose) {
	any := d.purpose()
	switch d.Intn(9) {
	case 0:
		p.Kind, p.Diseases = any.Kind, any.Diseases
	case 1:
		p.MethodsDevelopment = !p.MethodsDevelopment
	case 2:
		p.Training = !p.Training
	case 3:
		p.Linking, p.Commercial = any.Linking, !p.Commercial
	case 4:
		p.Genetic = !p.Genetic
	case 5:
		p.Organisation = any.Organisation
	case 6:
		p.Countries = any.Countries
	case 7:
		p.Sensitive, p.Ethics = any.Sensitive, any.Ethics
	case 8:
		p.ProjectID = any.ProjectID
	}
}

// What is proved to be narrower is: no use is judged better by it.
func TestWhatIsNotWiderAllowsNoMore(t *testing.T) {
	proved := 0
	for seed := range int64(rounds) {
		d := roll(seed)
		wide := d.policy()
		narrow := d.policy()
		if d.yes() {
			narrow = wide
			narrow.Use = slices.Clone(wide.Use)
			narrow.Use[0].Limits = append(slices.Clone(narrow.Use[0].Limits), d.limit())
			narrow.TrainingCountsAsMethods = d.policy().TrainingCountsAsMethods
		}
		if len(rules.Wider(narrow, wide, world)) > 0 {
			continue
		}
		proved++
		for range 20 {
			asked := d.ask()
			if by, was := rules.Decide(narrow, asked).Answer, rules.Decide(wide, asked).Answer; by.Rank() > was.Rank() {
				t.Fatalf("%d: %s by the narrower, %s by the wider\n%s\n%s\n%s", seed, by, was, encoded(narrow), encoded(wide), encoded(asked))
			}
		}
	}
	if proved < rounds/20 {
		t.Fatalf("only %d pairs were compared", proved)
	}
}

func TestSameInputsSameBytes(t *testing.T) {
	for seed := range int64(2000) {
		d := roll(seed)
		policy, asked := d.policy(), d.ask()
		first, again := rules.Decide(policy, asked), rules.Decide(policy, asked)
		words, wordsAgain := rules.Words(policy), rules.Words(policy)
		if !reflect.DeepEqual(first, again) || encoded(first) != encoded(again) || !slices.Equal(words, wordsAgain) {
			t.Fatalf("%d: %v and %v", seed, first, again)
		}
		for _, reason := range first.Reasons {
			if reason.Code == "" || reason.Message == "" || reason.Clause == "" {
				t.Fatalf("%d: an empty reason %v", seed, first)
			}
		}
	}
}

// Whatever stands in a policy and a purpose, checked or not: no panic, and an answer.
func FuzzDecide(f *testing.F) {
	for seed := range int64(20) {
		d := roll(seed)
		f.Add(encoded(d.policy()), encoded(d.policy()), encoded(d.purpose()), encoded(d.purpose()))
	}
	f.Fuzz(func(t *testing.T, policyText, otherText, purposeText, askedText string) {
		var policy, other records.Policy
		var purpose, asked records.Purpose
		for text, into := range map[string]any{policyText: &policy, otherText: &other, purposeText: &purpose, askedText: &asked} {
			_ = json.Unmarshal([]byte(text), into)
		}
		verdict := rules.Decide(policy, rules.Ask{Purpose: purpose, Mode: "download", Hierarchy: world})
		if verdict.Answer != rules.Permit && verdict.Answer != rules.Deny && verdict.Answer != rules.Review {
			t.Fatal(verdict)
		}
		rules.ObligationsOf(policy, verdict, 1)
		rules.Covers(purpose, asked, world)
		rules.Wider(policy, other, world)
		rules.Contradictions(policy)
		rules.Words(policy)
	})
}
