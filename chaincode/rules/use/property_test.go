package use_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/rulestest"
	"medconsent.org/chaincode/rules/use"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

func TestAddingNeverLosesAPermit(t *testing.T) {
	for seed := range int64(rulestest.Rounds) {
		d := rulestest.Roll(seed)
		policy, asked := d.Policy(), d.Ask()
		before := use.Decide(policy, asked).Answer
		more := policy
		more.Use = slices.Clone(policy.Use)
		i := d.Intn(len(more.Use))
		what := d.One("alternative", "care", "mode", "recipient", "duration", "disease", "value")
		switch what {
		case "alternative":
			more.Use = slices.Insert(more.Use, i, d.Alternative())
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
				more.Use[i].Diseases = append(slices.Clone(more.Use[i].Diseases), d.One(rulestest.AllowedDiseases...))
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
		if after := use.Decide(more, asked).Answer; after.Rank() < before.Rank() {
			t.Fatalf("%d: adding a %s turned %s into %s\n%s\n%s\n%s", seed, what, before, after, rulestest.Encoded(policy), rulestest.Encoded(more), rulestest.Encoded(asked))
		}
	}
}

func TestAddingALimitNeverGainsAPermit(t *testing.T) {
	for seed := range int64(rulestest.Rounds) {
		d := rulestest.Roll(seed)
		policy, asked := d.Policy(), d.Ask()
		before := use.Decide(policy, asked).Answer
		more := policy
		more.Use = slices.Clone(policy.Use)
		i := d.Intn(len(more.Use))
		more.Use[i].Limits = append(slices.Clone(more.Use[i].Limits), d.Limit())
		if after := use.Decide(more, asked).Answer; after.Rank() > before.Rank() {
			t.Fatalf("%d: a limit turned %s into %s\n%s\n%s", seed, before, after, rulestest.Encoded(more), rulestest.Encoded(asked))
		}
	}
}

// What is taken away of a hierarchy never makes an answer better: above all, no denial becomes a question for people.
func TestALostHierarchyGainsNothing(t *testing.T) {
	worse := 0
	for seed := range int64(rulestest.Rounds) {
		d := rulestest.Roll(seed)
		policy, asked := d.Policy(), d.Ask()
		before := use.Decide(policy, asked)
		lost := asked
		lost.Hierarchy = maps.Clone(asked.Hierarchy)
		for _, term := range d.Some(slices.Sorted(maps.Keys(asked.Hierarchy))...) {
			lost.Hierarchy[term] = use.Placed{System: "MONDO", Lost: true}
		}
		after := use.Decide(policy, lost)
		if after.Answer.Rank() > before.Answer.Rank() || after.Lost && after.Answer != rules.Deny || before.Lost {
			t.Fatalf("%d: %s without a part of the hierarchy, %s with it\n%s\n%s", seed, after.Answer, before.Answer, rulestest.Encoded(policy), rulestest.Encoded(asked))
		}
		if after.Answer != before.Answer {
			worse++
		}
		if before.Answer != rules.Deny && after.Answer == rules.Deny && !after.Lost {
			t.Fatalf("%d: it denies for another reason: %v", seed, after.Reasons)
		}
	}
	if worse < 20 {
		t.Fatal("too few to tell:", worse)
	}
}

func TestANarrowerPurposeNeverLosesAPermit(t *testing.T) {
	for seed := range int64(rulestest.Rounds) {
		d := rulestest.Roll(seed)
		policy, asked := d.Policy(), d.Ask()
		before := use.Decide(policy, asked).Answer
		narrower := asked
		narrower.Purpose = d.Narrow(asked.Purpose)
		if d.Yes() {
			narrower.DurationSeconds /= 2
		}
		if answer, why := use.Covers(asked.Purpose, narrower.Purpose, rulestest.World); answer != rules.Permit {
			t.Fatalf("%d: %s does not cover %s: %v", seed, rulestest.Encoded(asked.Purpose), rulestest.Encoded(narrower.Purpose), why)
		}
		if after := use.Decide(policy, narrower).Answer; after.Rank() < before.Rank() {
			t.Fatalf("%d: the narrower purpose turned %s into %s\n%s\n%s\n%s", seed, before, after, rulestest.Encoded(policy), rulestest.Encoded(asked), rulestest.Encoded(narrower))
		}
		// and whatever else a grant covers: a member of the narrower purpose is put back, or wider
		other := narrower
		stray(d, &other.Purpose)
		if answer, _ := use.Covers(asked.Purpose, other.Purpose, rulestest.World); answer == rules.Permit && use.Decide(policy, other).Answer.Rank() < before.Rank() {
			t.Fatalf("%d: %s is covered by %s and judged worse", seed, rulestest.Encoded(other.Purpose), rulestest.Encoded(asked.Purpose))
		}
	}
}

// stray changes one member to anything.
func stray(d rulestest.Dice, p *records.Purpose) {
	any := d.Purpose()
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
	for seed := range int64(rulestest.Rounds) {
		d := rulestest.Roll(seed)
		wide := d.Policy()
		narrow := d.Policy()
		if d.Yes() {
			narrow = wide
			narrow.Use = slices.Clone(wide.Use)
			narrow.Use[0].Limits = append(slices.Clone(narrow.Use[0].Limits), d.Limit())
			narrow.TrainingCountsAsMethods = d.Policy().TrainingCountsAsMethods
		}
		if len(use.Wider(narrow, wide, rulestest.World)) > 0 {
			continue
		}
		proved++
		for range 20 {
			asked := d.Ask()
			if by, was := use.Decide(narrow, asked).Answer, use.Decide(wide, asked).Answer; by.Rank() > was.Rank() {
				t.Fatalf("%d: %s by the narrower, %s by the wider\n%s\n%s\n%s", seed, by, was, rulestest.Encoded(narrow), rulestest.Encoded(wide), rulestest.Encoded(asked))
			}
		}
	}
	if proved < rulestest.Rounds/20 {
		t.Fatalf("only %d pairs were compared", proved)
	}
}

func TestSameInputsSameBytes(t *testing.T) {
	for seed := range int64(2000) {
		d := rulestest.Roll(seed)
		policy, asked := d.Policy(), d.Ask()
		first, again := use.Decide(policy, asked), use.Decide(policy, asked)
		words, wordsAgain := use.Words(policy), use.Words(policy)
		if !reflect.DeepEqual(first, again) || rulestest.Encoded(first) != rulestest.Encoded(again) || !slices.Equal(words, wordsAgain) {
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
		d := rulestest.Roll(seed)
		f.Add(rulestest.Encoded(d.Policy()), rulestest.Encoded(d.Policy()), rulestest.Encoded(d.Purpose()), rulestest.Encoded(d.Purpose()))
	}
	f.Fuzz(func(t *testing.T, policyText, otherText, purposeText, askedText string) {
		var policy, other records.Policy
		var purpose, asked records.Purpose
		for text, into := range map[string]any{policyText: &policy, otherText: &other, purposeText: &purpose, askedText: &asked} {
			_ = json.Unmarshal([]byte(text), into)
		}
		verdict := use.Decide(policy, use.Ask{Purpose: purpose, Mode: "download", Hierarchy: rulestest.World})
		if verdict.Answer != rules.Permit && verdict.Answer != rules.Deny && verdict.Answer != rules.Review {
			t.Fatal(verdict)
		}
		use.ObligationsOf(policy, verdict, 1)
		use.Covers(purpose, asked, rulestest.World)
		use.Wider(policy, other, rulestest.World)
		use.Contradictions(policy)
		use.Words(policy)
	})
}
