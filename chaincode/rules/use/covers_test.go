package use_test

import (
	"slices"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/rulestest"
	"medconsent.org/chaincode/rules/use"
)

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		granted, asked records.Purpose
		want           rules.Answer
	}{
		{kind("general-research"), kind("health-research"), rules.Permit},
		{kind("general-research"), kind("origins"), rules.Deny}, // a policy may exclude them: they are asked for by name
		{kind("general-research"), kind("clinical-care"), rules.Deny},
		{kind("health-research"), disease("ICD10:C50"), rules.Permit},
		{kind("health-research"), kind("general-research"), rules.Deny},
		{disease("ICD10:C50"), disease("ICD10:C50.1"), rules.Permit},
		{disease("ICD10:C50.1"), disease("ICD10:C50"), rules.Deny},
		{disease("ICD10:C50"), disease("DOID:1612"), rules.Review},
		{disease("ICD10:C50"), kind("health-research"), rules.Deny},
		{kind("origins"), kind("origins"), rules.Permit},
		{kind("origins"), kind("general-research"), rules.Deny},
		{kind("clinical-care"), kind("clinical-care"), rules.Permit},
		{records.Purpose{Kind: "disease", Diseases: []string{"ICD10:C50"}}, records.Purpose{Kind: "disease", Diseases: []string{"DOID:1"}, Linking: true}, rules.Deny},
		{records.Purpose{Kind: "origins", Genetic: true}, kind("origins"), rules.Deny},
		{kind("origins"), records.Purpose{Kind: "origins", Genetic: true}, rules.Permit},
		{records.Purpose{Kind: "origins", Countries: []string{"KR", "JP"}}, records.Purpose{Kind: "origins", Countries: []string{"KR"}}, rules.Permit},
		{records.Purpose{Kind: "origins", Countries: []string{"KR"}}, kind("origins"), rules.Deny},
		{records.Purpose{Kind: "origins", Countries: []string{"KR"}}, records.Purpose{Kind: "origins", Countries: []string{"US"}}, rules.Deny},
		{records.Purpose{Kind: "origins", ProjectID: "P-1"}, kind("origins"), rules.Deny},
		{records.Purpose{Kind: "origins", Organisation: "non-profit", Ethics: letter}, kind("origins"), rules.Permit}, // these are not about the use
		{records.Purpose{Kind: "origins", Organisation: "non-profit"}, records.Purpose{Kind: "origins", Organisation: "for-profit"}, rules.Deny},
	} {
		got, why := use.Covers(c.granted, use.AsGranted(c.asked, c.granted), nil)
		if got != c.want || (got == rules.Permit) != (len(why) == 0) {
			t.Errorf("%v covers %v: %s (%v)", c.granted, c.asked, got, why)
		}
	}
	many := records.Purpose{Kind: "health-research", MethodsDevelopment: true, Training: true, Linking: true, Commercial: true, Sensitive: []string{"children"}}
	if got, why := use.Covers(kind("origins"), many, nil); got != rules.Deny || len(why) != 6 {
		t.Errorf("all reasons: %v", why)
	}
}

func TestHierarchyDecides(t *testing.T) {
	place := func(code string, ancestors ...string) use.Placed {
		return use.Placed{System: "MONDO", Code: code, Term: &records.Term{Code: code, Ancestors: ancestors}}
	}
	hierarchy := use.Hierarchy{
		"MONDO:1": place("1"), "MONDO:2": place("2", "1"), "MONDO:3": place("3", "1", "2"), "MONDO:9": place("9"),
		"MONDO:4": {System: "MONDO", Code: "4", Term: &records.Term{Code: "4", Obsolete: true, ReplacedBy: "3"}, Replacement: &records.Term{Code: "3", Ancestors: []string{"1", "2"}}},
	}
	for _, c := range []struct {
		allowed, asked string
		want           rules.Answer
	}{
		{"MONDO:1", "MONDO:3", rules.Permit}, {"MONDO:2", "MONDO:4", rules.Permit}, {"MONDO:3", "MONDO:1", rules.Deny}, {"MONDO:9", "MONDO:2", rules.Deny},
		{"MONDO:1", "MONDO:7", rules.Review}, {"MONDO:1", "DOID:1", rules.Review},
	} {
		asked := ask(disease(c.asked))
		asked.Hierarchy = hierarchy
		if got := judge(asked, ds(c.allowed)); got.Answer != c.want {
			t.Errorf("%s under %s: %v", c.asked, c.allowed, got.Reasons)
		}
		if got, _ := use.Covers(disease(c.allowed), disease(c.asked), hierarchy); got != c.want {
			t.Errorf("%s covers %s: %s", c.allowed, c.asked, got)
		}
	}
}

// A pinned hierarchy that is not whole denies what needs it, and is no question for people.
func TestWhatIsLostDenies(t *testing.T) {
	lost := use.Hierarchy{"MONDO:1": {System: "MONDO", Code: "1", Lost: true}, "MONDO:3": {System: "MONDO", Code: "3", Lost: true}}
	half := use.Hierarchy{"MONDO:1": {System: "MONDO", Code: "1", Lost: true}, "MONDO:3": {System: "MONDO", Code: "3", Term: &records.Term{Code: "3"}}}
	limited := ds("MONDO:1")
	limited.Limits = []records.Modifier{{Term: "NPU"}}
	for says, c := range map[string]struct {
		asked     []string
		hierarchy use.Hierarchy
		policy    []records.Alternative
		want      rules.Answer
		codes     string
		lost      bool
	}{
		"the whole":                     {[]string{"MONDO:3"}, lost, []records.Alternative{ds("MONDO:1")}, rules.Deny, "EVIDENCE_MISSING", true},
		"a page of one of the two":      {[]string{"MONDO:3"}, half, []records.Alternative{ds("MONDO:1")}, rules.Deny, "EVIDENCE_MISSING", true},
		"beside a term of another":      {[]string{"MONDO:3"}, lost, []records.Alternative{ds("MONDO:1", "DOID:1")}, rules.Deny, "EVIDENCE_MISSING", true},
		"the allowed term itself":       {[]string{"MONDO:1"}, lost, []records.Alternative{ds("MONDO:1")}, rules.Permit, "USE_PERMITTED", false},
		"another alternative permits":   {[]string{"MONDO:3"}, lost, []records.Alternative{ds("MONDO:1"), {Permission: "HMB"}}, rules.Permit, "USE_PERMITTED", false},
		"another disease denies anyway": {[]string{"MONDO:3", "no disease"}, lost, []records.Alternative{ds("MONDO:1")}, rules.Deny, "USE_NOT_PERMITTED", false},
		"a limit denies anyway":         {[]string{"MONDO:3"}, lost, []records.Alternative{limited}, rules.Deny, "EVIDENCE_MISSING LIMIT_NOT_MET", false},
	} {
		asked := ask(disease(c.asked...))
		asked.Hierarchy = c.hierarchy
		got := use.DecideUse(records.Policy{Use: c.policy}, asked)
		if got.Answer != c.want || rulestest.CodesOf(got.Reasons) != c.codes || got.Lost != c.lost {
			t.Errorf("%s: %s for %v, lost: %v", says, got.Answer, got.Reasons, got.Lost)
		}
	}
	got, why := use.Covers(disease("MONDO:1"), disease("MONDO:3"), lost)
	if got != rules.Deny || rulestest.CodesOf(why) != "EVIDENCE_MISSING" {
		t.Error(got, why)
	}
}

// The same terms are not shown to cover the same when the two policies go by different versions of their hierarchy.
func TestWiderByAnotherVersion(t *testing.T) {
	of := func(uses records.Alternative) records.Policy {
		return records.Policy{Use: []records.Alternative{uses}, Modes: []string{"download"}, MaxDurationSeconds: 1}
	}
	doid, icd := of(ds("DOID:1612")), of(ds("ICD10:C50"))
	for _, c := range []struct {
		says         string
		policy, than records.Policy
		changed      []string
		wider        int
	}{
		{"the same version", doid, doid, nil, 0},
		{"another version", doid, doid, []string{"DOID"}, 1},
		{"another version of another system", doid, doid, []string{"MONDO"}, 0},
		{"codes that are their own hierarchy", icd, icd, []string{"DOID", "MONDO"}, 0},
		{"within health, whatever lies where", doid, of(hmb()), []string{"DOID"}, 0},
		{"beside others", of(ds("ICD10:C50", "DOID:1612")), of(ds("DOID:1612", "ICD10:C50")), []string{"DOID"}, 1},
	} {
		if wider := use.Wider(c.policy, c.than, nil, c.changed...); len(wider) != c.wider {
			t.Errorf("%s: %v", c.says, wider)
		}
	}
}

func TestWider(t *testing.T) {
	base := open(hmb())
	base.Recipients, base.MaxDurationSeconds = []string{"nuri", "saerom"}, 12*rulestest.Month
	with := func(change func(*records.Policy)) records.Policy {
		policy := base
		change(&policy)
		return policy
	}
	uses := func(uses ...records.Alternative) func(*records.Policy) {
		return func(p *records.Policy) { p.Use = uses }
	}
	m := func(term string) records.Modifier { return records.Modifier{Term: term} }
	no := false
	for _, c := range []struct {
		says        string
		policy, was records.Policy
		wider       []string
	}{
		{"the same", base, base, nil},
		{"less time", with(func(p *records.Policy) { p.MaxDurationSeconds = 1 }), base, nil},
		{"more of everything", with(func(p *records.Policy) {
			p.MaxDurationSeconds, p.Modes, p.Recipients, p.Use = 13*rulestest.Month, []string{"download", "federated"}, nil, []records.Alternative{gru(), hmb()}
		}), base, []string{"modes", "recipients", "max_duration_seconds", "use[0]"}},
		{"other recipients", with(func(p *records.Policy) { p.Recipients = []string{"onnuri"} }), base, []string{"recipients"}},
		{"a disease instead of health", with(uses(ds("ICD10:C50"))), base, nil},
		{"a limit more", with(uses(records.Alternative{Permission: "HMB", Limits: []records.Modifier{m("IRB")}})), base, nil},
		{"clinical care more", with(uses(records.Alternative{Permission: "HMB", ClinicalCare: true})), base, []string{"use[0]"}},
		{"a limit less", base, with(uses(records.Alternative{Permission: "HMB", Limits: []records.Modifier{m("IRB")}})), []string{"use[0]"}},
		{"origins under GRU", with(uses(records.Alternative{Permission: "POA"})), with(uses(gru())), nil},
		{"origins where they are excluded", with(uses(records.Alternative{Permission: "POA"})), with(uses(rulestest.Limited(m("NPOA")))), []string{"use[0]"}},
		{"health where origins are excluded", with(uses(hmb())), with(uses(rulestest.Limited(m("NPOA")))), nil},
		{"under no restriction everything", with(uses(records.Alternative{Permission: "HMB", ClinicalCare: true})), with(uses(records.Alternative{Permission: "NRES"})), nil},
		{"NPUNCU within NPU", with(uses(rulestest.Limited(m("NPUNCU")))), with(uses(rulestest.Limited(m("NPU")))), nil},
		{"NPU within NPUNCU", with(uses(rulestest.Limited(m("NPU")))), with(uses(rulestest.Limited(m("NPUNCU")))), []string{"use[0]"}},
		{"NPU and NCU within NPUNCU", with(uses(rulestest.Limited(m("NPU"), m("NCU")))), with(uses(rulestest.Limited(m("NPUNCU")))), nil},
		{"fewer countries", with(uses(rulestest.Limited(records.Modifier{Term: "GS", Countries: []string{"KR"}}))), with(uses(rulestest.Limited(records.Modifier{Term: "GS", Countries: []string{"JP", "KR"}}))), nil},
		{"more countries", with(uses(rulestest.Limited(records.Modifier{Term: "GS", Countries: []string{"JP", "KR"}}))), with(uses(rulestest.Limited(records.Modifier{Term: "GS", Countries: []string{"KR"}}))), []string{"use[0]"}},
		{"recipients within IS", base, with(uses(records.Alternative{Permission: "HMB", Limits: []records.Modifier{{Term: "IS", Institutions: []string{"nuri", "saerom", "x"}}}})), nil},
		{"the duration within TS", base, with(uses(records.Alternative{Permission: "HMB", Limits: []records.Modifier{{Term: "TS", Months: 12}}})), nil},
		{"the duration past TS", base, with(uses(records.Alternative{Permission: "HMB", Limits: []records.Modifier{{Term: "TS", Months: 11}}})), []string{"use[0]"}},
		{"another text", with(uses(rulestest.Limited(records.Modifier{Term: "RS", Text: "a"}))), with(uses(rulestest.Limited(records.Modifier{Term: "RS", Text: "b"}))), []string{"use[0]"}},
		{"a range within a range", with(uses(ds("ICD10:C51-C52", "ICD10:C50.1"))), with(uses(ds("ICD10:C50-C58"))), nil},
		{"a range past a range", with(uses(ds("ICD10:C51-C59"))), with(uses(ds("ICD10:C50-C58"))), []string{"use[0]"}},
		{"training that counted as methods", with(func(p *records.Policy) {
			p.Use, p.TrainingCountsAsMethods = []records.Alternative{rulestest.Limited(m("NMDS"))}, &no
		}), with(uses(rulestest.Limited(m("NMDS")))), []string{"use[0]"}},
	} {
		clauses := []string{}
		for _, reason := range use.Wider(c.policy, c.was, nil) {
			clauses = append(clauses, reason.Clause)
		}
		if !slices.Equal(clauses, c.wider) && len(clauses)+len(c.wider) > 0 {
			t.Errorf("%s: %v", c.says, clauses)
		}
	}
}

func TestWords(t *testing.T) {
	policy := open(records.Alternative{Permission: "DS", Diseases: []string{"ICD10:C50", "ICD10:C51-C52"}, Limits: []records.Modifier{{Term: "NMDS"}, {Term: "TS", Months: 24}},
		Duties: []records.Modifier{{Term: "PUB"}}, ClinicalCare: true})
	policy.Stages = []records.Stage{{Institution: "hanbit", Role: "dac", Threshold: 2}}
	policy.Terms = &records.Terms{URL: "https://hanbit.example/terms", SHA256: "ab"}
	words := use.Words(policy)
	for _, want := range []string{
		"Permitted: research on ICD10:C50 or ICD10:C51-C52 and what lies under them (DS), and clinical care besides (CC), not for the development of methods (NMDS), for at most 24 months (TS).",
		"The training of a model counts as the development of methods.", "Who uses it so must make the results available to the scientific community (PUB).",
		"Any institution of the consortium may ask.", "Needs 2 approvals of hanbit/dac.", "Whoever asks accepts the terms at https://hanbit.example/terms (SHA-256 ab).",
	} {
		if !slices.Contains(words, want) {
			t.Errorf("%q is not among %q", want, words)
		}
	}
	other := policy
	other.Modes = []string{"enclave"}
	if removed, added := use.Differences(policy, other); len(removed) != 1 || len(added) != 1 {
		t.Errorf("%v %v", removed, added)
	}
	for _, term := range use.Terms {
		if term.Class == use.LimitClass || term.Class == use.DutyClass {
			alternative := records.Alternative{Permission: "GRU"}
			modifier := []records.Modifier{{Term: term.Code, Months: 1, Text: "x", Countries: []string{"KR"}}}
			if term.Class == use.LimitClass {
				alternative.Limits = modifier
			} else {
				alternative.Duties = modifier
			}
			if !slices.ContainsFunc(use.Words(open(alternative)), func(s string) bool { return s != "" && len(s) > 5 && contains(s, "("+term.Code+")") }) {
				t.Errorf("%s has no words", term.Code)
			}
		}
	}
}
