package use_test

import (
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/rulestest"
	"medconsent.org/chaincode/rules/use"
)

func TestNarrowerStatements(t *testing.T) {
	base := records.Policy{Use: []records.Alternative{{Permission: "GRU"}}, Modes: []string{"download"}, MaxDurationSeconds: 10}
	with := func(d *records.Deidentification, period int64) records.Policy {
		policy := base
		policy.Deidentification, policy.ExclusionPeriodSeconds = d, period
		return policy
	}
	tables := func(k, l int64) *records.Deidentification {
		return &records.Deidentification{Tables: &records.TableDemands{K: k, L: l}}
	}
	images := func(faces bool, n int64) *records.Deidentification {
		return &records.Deidentification{Images: &records.ImageDemands{FacesRemoved: faces, CheckedAtLeast: n}}
	}
	terms := func(terms ...string) *records.Deidentification { return &records.Deidentification{Terms: terms} }
	for _, c := range []struct {
		narrow, wide records.Policy
		clause       string
	}{
		{with(nil, 0), with(nil, 0), ""}, {with(tables(5, 0), 0), with(nil, 0), ""}, {with(nil, 0), with(tables(5, 0), 0), "deidentification"},
		{with(tables(6, 2), 0), with(tables(5, 2), 0), ""}, {with(tables(4, 2), 0), with(tables(5, 2), 0), "deidentification.tables"}, {with(tables(5, 1), 0), with(tables(5, 2), 0), "deidentification.tables"},
		{with(images(true, 2), 0), with(images(false, 2), 0), ""}, {with(images(false, 2), 0), with(images(true, 2), 0), "deidentification.images"}, {with(images(true, 1), 0), with(images(true, 2), 0), "deidentification.images"},
		{with(tables(5, 0), 0), with(images(true, 0), 0), "deidentification.images"},
		{with(terms("anonymous"), 0), with(terms("anonymous", "coded"), 0), ""}, {with(terms("coded"), 0), with(terms("anonymous"), 0), "deidentification.terms"}, {with(tables(5, 0), 0), with(terms("anonymous"), 0), "deidentification.terms"},
		{with(nil, 7*rulestest.Day), with(nil, 0), ""}, {with(nil, 15*rulestest.Day), with(nil, 0), "exclusion_period_seconds"}, {with(nil, 0), with(nil, 14*rulestest.Day), ""}, {with(nil, 0), with(nil, 13*rulestest.Day), "exclusion_period_seconds"},
	} {
		reasons := use.Wider(c.narrow, c.wide, nil)
		got := ""
		for _, reason := range reasons {
			got += reason.Clause
		}
		if got != c.clause {
			t.Errorf("%+v within %+v: %q", c.narrow.Deidentification, c.wide.Deidentification, got)
		}
	}
}

// wider has a row for each way in which a policy can let more be done than another, beside what it asks of the statement. The clause is where the one reason says so.
var wider = map[string]struct {
	change  func(policy, than *records.Policy)
	changed []string // systems by whose hierarchies the two do not both go
	clause  string
}{
	"nothing": {func(_, _ *records.Policy) {}, nil, ""},
	"less of everything": {func(_, than *records.Policy) {
		than.Modes, than.MaxDurationSeconds = []string{"download", "enclave"}, 11
	}, nil, ""},
	"another mode":          {func(p, _ *records.Policy) { p.Modes = []string{"download", "enclave"} }, nil, "modes"},
	"another recipient":     {func(p, _ *records.Policy) { p.Recipients = []string{"nuri", "saerom"} }, nil, "recipients"},
	"any recipient":         {func(p, _ *records.Policy) { p.Recipients = nil }, nil, "recipients"},
	"a recipient among any": {func(_, than *records.Policy) { than.Recipients = nil }, nil, ""},
	"a longer time":         {func(p, _ *records.Policy) { p.MaxDurationSeconds = 11 }, nil, "max_duration_seconds"},
	"nobody is asked":       {func(p, _ *records.Policy) { p.Automatic = true }, nil, "automatic"},
	"another permission":    {func(p, _ *records.Policy) { p.Use = []records.Alternative{gru()} }, nil, "use[0]"},
	"another alternative":   {func(p, _ *records.Policy) { p.Use = []records.Alternative{hmb(), gru()} }, nil, "use[1]"},
	"a disease of it":       {func(p, _ *records.Policy) { p.Use = []records.Alternative{ds("MONDO:0007254")} }, []string{"DOID"}, ""},
	"another hierarchy": {func(p, than *records.Policy) {
		p.Use = []records.Alternative{ds("MONDO:0007254")}
		than.Use = p.Use
	}, []string{"MONDO"}, "use[0]"},
	"a limit less": {func(_, than *records.Policy) {
		than.Use = []records.Alternative{{Permission: "HMB", Limits: []records.Modifier{{Term: "NCU"}}}}
	}, nil, "use[0]"},
}

func TestWhatIsNotNarrower(t *testing.T) {
	for says, c := range wider {
		policy, than := offers(hmb()), offers(hmb())
		c.change(&policy, &than)
		reasons := use.Wider(policy, than, nil, c.changed...)
		if c.clause == "" && len(reasons) == 0 {
			continue
		}
		if len(reasons) != 1 || reasons[0].Code != rules.NotNarrower || reasons[0].Clause != c.clause {
			t.Errorf("%s: %v", says, reasons)
		}
	}
}

// A range is within another only when nothing that it permits, or leaves to people, is treated worse by the other: every two ranges of these categories, and every category.
func TestRangesWithLettersAreNeverWiderThanWhatHoldsThem(t *testing.T) {
	categories := []string{"C39", "C40", "C43", "C44", "C49", "C4A", "C4B", "C50", "O90", "O98", "O99", "O9A", "P00", "Q00", "Q99", "QA0", "QA1", "R00"}
	var ranges, within []string
	for _, from := range categories {
		for _, to := range categories {
			term := "ICD10CM:" + from + "-" + to
			if _, _, _, ok := records.SplitDiseaseRange(term); ok {
				ranges = append(ranges, term)
			}
		}
	}
	answer := func(allowed, category string) rules.Answer {
		found, _ := use.Covers(disease(allowed), disease("ICD10CM:"+category), nil)
		return found
	}
	of := func(term string) records.Policy {
		return records.Policy{Use: []records.Alternative{ds(term)}, Modes: []string{"download"}, MaxDurationSeconds: 1}
	}
	for _, wide := range ranges {
		for _, narrow := range ranges {
			if len(use.Wider(of(narrow), of(wide), nil)) > 0 {
				continue
			}
			within = append(within, narrow)
			for _, category := range categories {
				if answer(narrow, category).Rank() > answer(wide, category).Rank() {
					t.Errorf("%s counts as within %s, and for %s it says %s, the other %s", narrow, wide, category, answer(narrow, category), answer(wide, category))
				}
			}
		}
	}
	if len(within) < 2*len(ranges) {
		t.Errorf("of %d ranges %d lie within another", len(ranges), len(within))
	}
}
