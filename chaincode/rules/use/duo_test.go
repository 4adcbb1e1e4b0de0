package use_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/rulestest"
	"medconsent.org/chaincode/rules/use"
)

// What each permission says to each purpose, from the text of DUO (release 2021-02-23):
// NRES "there is no restriction on use"; GRU "for any research purpose"; HMB "health/medical/biomedical purposes; does not include the study of population origins or
// ancestry"; DS "provided it is related to the specified disease"; POA "limited to the study of population origins or ancestry"; CC "use is allowed for clinical use
// and care".
func TestPermissionsByTheText(t *testing.T) {
	kinds := []string{"general-research", "health-research", "disease", "origins", "clinical-care"}
	for permission, permits := range map[string][]bool{
		"NRES": {true, true, true, true, true},
		"GRU":  {true, true, true, true, false},
		"HMB":  {false, true, true, false, false},
		"DS":   {false, false, true, false, false},
		"POA":  {false, false, false, true, false},
	} {
		for i, kind := range kinds {
			purpose := records.Purpose{Kind: kind}
			if kind == "disease" {
				purpose.Diseases = []string{"ICD10:C50.1"}
			}
			alternative := records.Alternative{Permission: permission}
			if permission == "DS" {
				alternative.Diseases = []string{"ICD10:C50"}
			}
			want := map[bool]rules.Answer{true: rules.Permit, false: rules.Deny}[permits[i]]
			if got := judge(ask(purpose), alternative); got.Answer != want {
				t.Errorf("%s says %s to %s: %v", permission, got.Answer, kind, got.Reasons)
			}
			alternative.ClinicalCare = true
			if kind == "clinical-care" {
				want = rules.Permit
			}
			if got := judge(ask(purpose), alternative); got.Answer != want {
				t.Errorf("%s with CC says %s to %s", permission, got.Answer, kind)
			}
		}
	}
}

// limitCase is one limit with a request that keeps it and one that breaks it.
type limitCase struct {
	limit        records.Modifier
	keep, breaks func(*use.Ask)
	kept         rules.Answer
	claimed      []string
	code         string // of the reason when it is broken; LIMIT_NOT_MET where it is empty
}

func purposely(change func(*records.Purpose)) func(*use.Ask) {
	return func(a *use.Ask) { change(&a.Purpose) }
}

func asIs(*use.Ask) {}

var letter = &records.Ethics{Board: "IRB of Nuri", Number: "2026-11", SHA256: strings.Repeat("a", 64), ValidUntil: 2000}

// What each limit asks, from the text of DUO. What only the requester vouches for is review.
var limitCases = []limitCase{
	{limit: records.Modifier{Term: "NPOA"}, keep: asIs, kept: rules.Permit, // "use for purposes of population, origin, or ancestry research is prohibited"
		breaks: purposely(func(p *records.Purpose) { p.Kind = "origins" })},
	{limit: records.Modifier{Term: "NMDS"}, keep: asIs, kept: rules.Review, claimed: []string{"methods_development", "training"}, // "use does not allow methods development research (e.g., development of software or algorithms)"
		breaks: purposely(func(p *records.Purpose) { p.MethodsDevelopment = true })},
	{limit: records.Modifier{Term: "GSO"}, keep: purposely(func(p *records.Purpose) { p.Genetic = true }), kept: rules.Review, claimed: []string{"genetic"}, // "use is limited to genetic studies only"
		breaks: asIs},
	{limit: records.Modifier{Term: "NPU"}, keep: purposely(func(p *records.Purpose) { p.Organisation = "non-profit" }), kept: rules.Review, claimed: []string{"organisation"}, // "limited to not-for-profit organizations"
		breaks: purposely(func(p *records.Purpose) { p.Organisation = "for-profit" })},
	{limit: records.Modifier{Term: "NCU"}, keep: asIs, kept: rules.Review, claimed: []string{"commercial"}, // "limited to not-for-profit use"
		breaks: purposely(func(p *records.Purpose) { p.Commercial = true })},
	{limit: records.Modifier{Term: "NPUNCU"}, keep: purposely(func(p *records.Purpose) { p.Organisation = "government" }), kept: rules.Review, claimed: []string{"organisation", "commercial"}, // both
		breaks: asIs},
	{limit: records.Modifier{Term: "RS", Text: "cohort studies"}, keep: asIs, kept: rules.Review}, // "limited to studies of a certain research type": no machine knows
	{limit: records.Modifier{Term: "IRB"}, keep: purposely(func(p *records.Purpose) { p.Ethics = letter }), kept: rules.Review, claimed: []string{"ethics"}, // "must provide documentation of local IRB/ERB approval"
		breaks: asIs},
	{limit: records.Modifier{Term: "GS", Countries: []string{"KR", "JP"}}, keep: purposely(func(p *records.Purpose) { p.Countries = []string{"KR"} }), kept: rules.Review, claimed: []string{"countries"}, // "within a specific geographic region"
		breaks: purposely(func(p *records.Purpose) { p.Countries = []string{"KR", "US"} })},
	{limit: records.Modifier{Term: "IS", Institutions: []string{"nuri"}}, keep: asIs, kept: rules.Permit, // "within an approved institution"; the certificate says which
		breaks: func(a *use.Ask) { a.Institution = "saerom" }},
	{limit: records.Modifier{Term: "PS", Projects: []string{"P-1"}}, keep: purposely(func(p *records.Purpose) { p.ProjectID = "P-1" }), kept: rules.Review, claimed: []string{"project_id"}, // "within an approved project"
		breaks: purposely(func(p *records.Purpose) { p.ProjectID = "P-2" })},
	{limit: records.Modifier{Term: "US", Persons: []string{"nuri/kim", "nuri/lee"}}, keep: asIs, kept: rules.Permit, // "use by approved users"; the enrolment says who
		breaks: func(a *use.Ask) { a.People = append(slices.Clone(a.People), "nuri/park") }},
	{limit: records.Modifier{Term: "TS", Months: 12}, keep: func(a *use.Ask) { a.DurationSeconds = 365 * 86400 }, kept: rules.Permit, // "approved for a specific number of months"
		breaks: func(a *use.Ask) { a.DurationSeconds = 12*rulestest.Month + 1 }, code: "DURATION_TOO_LONG"},
}

// ask is a question of nuri/kim about download, with nothing stated but the purpose.
func ask(purpose records.Purpose) use.Ask {
	return use.Ask{Institution: "nuri", People: []string{"nuri/kim"}, Purpose: purpose, Mode: "download", At: 1000}
}

func open(uses ...records.Alternative) records.Policy {
	return records.Policy{Use: uses, Modes: []string{"download", "enclave"}, MaxDurationSeconds: 10 * 366 * 86400}
}

func judge(a use.Ask, uses ...records.Alternative) use.Verdict {
	return use.Decide(open(uses...), a)
}

func TestEveryLimitByTheText(t *testing.T) {
	tried := []string{}
	for _, c := range limitCases {
		tried = append(tried, c.limit.Term)
		kept := ask(kind("general-research"))
		c.keep(&kept)
		got := judge(kept, rulestest.Limited(c.limit))
		if got.Answer != c.kept || !slices.Equal(got.Claimed, c.claimed) {
			t.Errorf("%s kept: %s, claimed %v, %v", c.limit.Term, got.Answer, got.Claimed, got.Reasons)
		}
		if c.kept == rules.Review && !slices.ContainsFunc(got.Reasons, func(r rules.Reason) bool { return r.Clause == "use[0].limits[0]" }) {
			t.Errorf("%s does not say why a person has to look", c.limit.Term)
		}
		if c.breaks == nil {
			continue
		}
		broken := ask(kind("general-research"))
		c.breaks(&broken)
		got = judge(broken, rulestest.Limited(c.limit))
		code := c.code
		if code == "" {
			code = "LIMIT_NOT_MET"
		}
		if got.Answer != rules.Deny || got.Claimed != nil || got.Reasons[0].Code != code || got.Reasons[0].Clause != "use[0].limits[0]" {
			t.Errorf("%s broken: %v", c.limit.Term, got)
		}
	}
	if !slices.Equal(slices.Sorted(slices.Values(tried)), slices.Sorted(slices.Values(use.Codes(use.LimitClass)))) {
		t.Errorf("tried %v, known %v", tried, use.Codes(use.LimitClass))
	}
}

func contradictory(a, b string) bool {
	pair := map[string]bool{a: true, b: true}
	return pair["NPUNCU"] && (pair["NPU"] || pair["NCU"])
}

// Every pair of limits that can meet: in one alternative the worse answer counts, in two alternatives the better.
func TestEveryPairOfLimits(t *testing.T) {
	for i, a := range limitCases {
		for _, b := range limitCases[i+1:] {
			both := rulestest.Limited(a.limit, b.limit)
			if found := use.Contradictions(open(both)); (len(found) > 0) != contradictory(a.limit.Term, b.limit.Term) {
				t.Fatalf("%s and %s: %v", a.limit.Term, b.limit.Term, found)
			}
			for _, way := range []struct {
				says         string
				first, other func(*use.Ask)
			}{{"both kept", a.keep, b.keep}, {"first broken", a.breaks, b.keep}, {"second broken", a.keep, b.breaks}} {
				if way.first == nil || way.other == nil {
					continue
				}
				asked := ask(kind("general-research"))
				way.first(&asked)
				way.other(&asked)
				one, two := judge(asked, rulestest.Limited(a.limit)).Answer, judge(asked, rulestest.Limited(b.limit)).Answer
				together, either := judge(asked, both), judge(asked, rulestest.Limited(a.limit), rulestest.Limited(b.limit))
				if together.Answer.Rank() != min(one.Rank(), two.Rank()) {
					t.Errorf("%s with %s, %s: %s, alone %s and %s", a.limit.Term, b.limit.Term, way.says, together.Answer, one, two)
				}
				if either.Answer.Rank() != max(one.Rank(), two.Rank()) || len(either.Choices) != 2 {
					t.Errorf("%s or %s, %s: %s, alone %s and %s", a.limit.Term, b.limit.Term, way.says, either.Answer, one, two)
				}
			}
		}
	}
}

// Every limit with every permission that it can meet: the worse of both counts, for every kind of purpose.
func TestEveryPermissionWithEveryLimit(t *testing.T) {
	for _, permission := range []string{"GRU", "HMB", "DS", "POA"} {
		for _, purposeKind := range []string{"general-research", "health-research", "disease", "origins"} {
			for _, c := range limitCases {
				if permission == "POA" && c.limit.Term == "NPOA" {
					continue
				}
				alternative := records.Alternative{Permission: permission}
				if permission == "DS" {
					alternative.Diseases = []string{"ICD10:C50"}
				}
				asked := ask(kind(purposeKind))
				if purposeKind == "disease" {
					asked.Purpose.Diseases = []string{"ICD10:C50"}
				}
				c.keep(&asked)
				alone, limit := judge(asked, alternative).Answer, judge(asked, rulestest.Limited(c.limit)).Answer
				alternative.Limits = []records.Modifier{c.limit}
				if got := judge(asked, alternative).Answer; got.Rank() != min(alone.Rank(), limit.Rank()) {
					t.Errorf("%s with %s says %s to %s, alone %s and %s", permission, c.limit.Term, got, purposeKind, alone, limit)
				}
			}
		}
	}
}

func TestDuties(t *testing.T) {
	tried := []string{}
	for _, c := range []struct {
		duty records.Modifier
		want string
	}{
		{records.Modifier{Term: "PUB"}, "publish-results"},
		{records.Modifier{Term: "PUB", Text: "open access"}, "publish-results: open access"},
		{records.Modifier{Term: "MOR", Months: 12}, "no-publication-before 1971-01-02T00:16:40Z"}, // 366 days after second 1,000
		{records.Modifier{Term: "COL"}, "collaborate-with-owner"},
		{records.Modifier{Term: "RTN"}, "return-derived-data"},
	} {
		tried = append(tried, c.duty.Term)
		policy := open(records.Alternative{Permission: "GRU", Duties: []records.Modifier{c.duty}})
		verdict := use.Decide(policy, ask(kind("general-research")))
		if verdict.Answer != rules.Permit { // a duty denies nothing: MOR delays publication, not access
			t.Errorf("%s: %v", c.duty.Term, verdict)
		}
		if got := use.ObligationsOf(policy, verdict, 1000); !slices.Equal(got, append(slices.Clone(use.Standing), c.want)) {
			t.Errorf("%s: %v", c.duty.Term, got)
		}
	}
	for _, code := range use.Codes(use.DutyClass) {
		if !slices.Contains(tried, code) {
			t.Errorf("%s is not tried", code)
		}
	}
	// the duties of the alternative that serves, and of no other
	policy := open(
		records.Alternative{Permission: "DS", Diseases: []string{"ICD10:C50"}, Duties: []records.Modifier{{Term: "COL"}}},
		records.Alternative{Permission: "HMB", Duties: []records.Modifier{{Term: "PUB"}}},
	)
	for term, want := range map[string]string{"ICD10:C50": "collaborate-with-owner", "ICD10:E11": "publish-results"} {
		got := use.ObligationsOf(policy, use.Decide(policy, ask(disease(term))), 1000)
		if len(got) != 3 || got[2] != want {
			t.Errorf("%s: %v", term, got)
		}
	}
}

func TestWhatOnlyPeopleDecide(t *testing.T) {
	for _, c := range []struct {
		says string
		use  records.Alternative
		set  func(*records.Purpose)
		want rules.Answer
	}{
		{"linking", records.Alternative{Permission: "NRES"}, func(p *records.Purpose) { p.Linking = true }, rules.Review},
		{"children", records.Alternative{Permission: "NRES"}, func(p *records.Purpose) { p.Sensitive = []string{"children"} }, rules.Review},
		{"not about health, under GRU", gru(), func(p *records.Purpose) { p.Sensitive = []string{"not-health"} }, rules.Review},
		{"not about health, under HMB", hmb(), func(p *records.Purpose) { p.Sensitive = []string{"not-health"} }, rules.Deny},
		{"commercial use without NCU", hmb(), func(p *records.Purpose) { p.Commercial = true }, rules.Permit},
		{"methods where they are not prohibited", hmb(), func(p *records.Purpose) { p.MethodsDevelopment, p.Training = true, true }, rules.Permit},
		{"training counts as methods", rulestest.Limited(records.Modifier{Term: "NMDS"}), func(p *records.Purpose) { p.Training = true }, rules.Deny},
		{"an ethics letter that has ended", rulestest.Limited(records.Modifier{Term: "IRB"}), func(p *records.Purpose) { p.Ethics = &records.Ethics{ValidUntil: 1000} }, rules.Deny},
		{"no organisation stated", rulestest.Limited(records.Modifier{Term: "NPU"}), func(*records.Purpose) {}, rules.Deny},
		{"no country stated", rulestest.Limited(records.Modifier{Term: "GS", Countries: []string{"KR"}}), func(*records.Purpose) {}, rules.Deny},
		{"clinical care under GSO and CC", records.Alternative{Permission: "HMB", Limits: []records.Modifier{{Term: "GSO"}}, ClinicalCare: true},
			func(p *records.Purpose) { p.Kind = "clinical-care" }, rules.Review},
	} {
		asked := ask(kind("health-research"))
		c.set(&asked.Purpose)
		if got := judge(asked, c.use); got.Answer != c.want {
			t.Errorf("%s: %v", c.says, got)
		}
	}
	training := ask(kind("health-research"))
	training.Purpose.Training = true
	policy, no := open(rulestest.Limited(records.Modifier{Term: "NMDS"})), false
	policy.TrainingCountsAsMethods = &no
	if got := use.Decide(policy, training); got.Answer != rules.Review || !slices.Equal(got.Claimed, []string{"methods_development"}) {
		t.Errorf("training does not count as methods: %v", got)
	}
}

func TestContradictions(t *testing.T) {
	m := func(terms ...string) []records.Modifier {
		list := []records.Modifier{}
		for _, term := range terms {
			list = append(list, records.Modifier{Term: term})
		}
		return list
	}
	for _, c := range []struct {
		says   string
		use    records.Alternative
		clause string
	}{
		{"NRES with a limit", records.Alternative{Permission: "NRES", Limits: m("NCU")}, "use[0]"},
		{"NRES with a duty", records.Alternative{Permission: "NRES", Duties: m("PUB")}, "use[0]"},
		{"NRES with clinical care", records.Alternative{Permission: "NRES", ClinicalCare: true}, ""},
		{"a limit twice", records.Alternative{Permission: "GRU", Limits: m("IRB", "NCU", "IRB")}, "use[0].limits[2]"},
		{"a duty twice", records.Alternative{Permission: "GRU", Duties: m("PUB", "PUB")}, "use[0].duties[1]"},
		{"NPUNCU and NCU", records.Alternative{Permission: "GRU", Limits: m("NPUNCU", "NCU")}, "use[0]"},
		{"NPUNCU and NPU", records.Alternative{Permission: "GRU", Limits: m("NPU", "NPUNCU")}, "use[0]"},
		{"NPU and NCU", records.Alternative{Permission: "GRU", Limits: m("NPU", "NCU")}, ""},
		{"POA and NPOA", records.Alternative{Permission: "POA", Limits: m("NPOA")}, "use[0]"},
		{"POA and clinical care", records.Alternative{Permission: "POA", ClinicalCare: true}, "use[0]"},
		{"NMDS and clinical care", records.Alternative{Permission: "HMB", Limits: m("NMDS"), ClinicalCare: true}, ""},
		{"institutions that may not ask", rulestest.Limited(records.Modifier{Term: "IS", Institutions: []string{"onnuri"}}), "use[0]"},
		{"institutions of which one may ask", rulestest.Limited(records.Modifier{Term: "IS", Institutions: []string{"onnuri", "nuri"}}), ""},
		{"persons whose institution may not ask", rulestest.Limited(records.Modifier{Term: "US", Persons: []string{"onnuri/kim"}}), "use[0]"},
		{"persons of an institution that IS excludes", rulestest.Limited(records.Modifier{Term: "IS", Institutions: []string{"nuri"}}, records.Modifier{Term: "US", Persons: []string{"saerom/kim"}}), "use[0]"},
	} {
		policy := open(c.use)
		policy.Recipients = []string{"nuri", "saerom"}
		found := use.Contradictions(policy)
		if c.clause == "" && len(found) > 0 || c.clause != "" && (len(found) != 1 || found[0].Clause != c.clause || found[0].Code != "CONTRADICTION") {
			t.Errorf("%s: %v", c.says, found)
		}
	}
}

// Every term of DUO that can be used stands in the table once, with its id.
func TestTheTableIsDUO(t *testing.T) {
	ids := map[string]string{
		"NRES": "04", "HMB": "06", "DS": "07", "POA": "11", "GRU": "42", "RS": "12", "NMDS": "15", "GSO": "16", "NPUNCU": "18", "PUB": "19", "COL": "20", "IRB": "21",
		"GS": "22", "MOR": "24", "TS": "25", "US": "26", "PS": "27", "IS": "28", "RTN": "29", "CC": "43", "NPOA": "44", "NPU": "45", "NCU": "46",
	}
	if len(use.Terms) != len(ids) {
		t.Errorf("%d terms", len(use.Terms))
	}
	for _, term := range use.Terms {
		if term.DUO != "DUO:00000"+ids[term.Code] || term.Label == "" || term.Asks == "" || term.Follows == "" {
			t.Errorf("%v", fmt.Sprint(term.Code, term.DUO))
		}
	}
}
