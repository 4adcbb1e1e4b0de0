package use_test

import (
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/use"
)

// given are the rows: a policy, what is asked of it, and the codes of the reasons that come of it.
var given = map[string]struct {
	policy records.Policy
	ask    use.Ask
	answer rules.Answer
	codes  string
}{
	"the permission covers it":         {offers(gru()), asks(kind("health-research")), rules.Permit, "USE_PERMITTED"},
	"it does not":                      {offers(hmb()), asks(kind("origins")), rules.Deny, "USE_NOT_PERMITTED"},
	"the disease is of another system": {offers(ds("ICD10:C50")), asks(disease("MONDO:0007254")), rules.Review, "USE_NEEDS_REVIEW"},
	"a limit excludes it":              {offers(limited("IS", "hanbit")), asks(kind("health-research")), rules.Deny, "LIMIT_NOT_MET"},
	"a limit is for people":            {offers(limited("RS", "cohort studies")), asks(kind("health-research")), rules.Review, "USE_PERMITTED LIMIT_NEEDS_REVIEW"},
	"a limit is kept by a word alone":  {offers(limited("NCU")), asks(kind("health-research")), rules.Review, "USE_PERMITTED CLAIMED_ONLY"},
	"data is to be linked":             {offers(gru()), asks(records.Purpose{Kind: "health-research", Linking: true}), rules.Review, "USE_PERMITTED LINKING_NEEDS_REVIEW"},
	"the purpose is sensitive":         {offers(gru()), asks(records.Purpose{Kind: "health-research", Sensitive: []string{"children"}}), rules.Review, "USE_PERMITTED SENSITIVE_NEEDS_REVIEW"},
	"another delivery":                 {offers(gru()), with(func(a *use.Ask) { a.Mode = "enclave" }), rules.Deny, "USE_PERMITTED MODE_NOT_ALLOWED"},
	"another institution":              {offers(gru()), with(func(a *use.Ask) { a.Institution = "saerom" }), rules.Deny, "USE_PERMITTED RECIPIENT_NOT_ALLOWED"},
	"more time":                        {offers(gru()), with(func(a *use.Ask) { a.DurationSeconds = 11 }), rules.Deny, "USE_PERMITTED DURATION_TOO_LONG"},
}

func offers(alternatives ...records.Alternative) records.Policy {
	return records.Policy{Use: alternatives, Modes: []string{"download"}, Recipients: []string{"nuri"}, MaxDurationSeconds: 10}
}

func limited(term string, values ...string) records.Alternative {
	modifier := records.Modifier{Term: term}
	switch term {
	case "IS":
		modifier.Institutions = values
	case "RS":
		modifier.Text = values[0]
	}
	return records.Alternative{Permission: "GRU", Limits: []records.Modifier{modifier}}
}

func asks(purpose records.Purpose) use.Ask {
	return use.Ask{Institution: "nuri", Purpose: purpose, Mode: "download", DurationSeconds: 10}
}

func with(change func(*use.Ask)) use.Ask {
	ask := asks(kind("health-research"))
	change(&ask)
	return ask
}

// What a policy says to a use has its reasons, and no others.
func TestWhatAPolicySays(t *testing.T) {
	for says, c := range given {
		if v := use.Decide(c.policy, c.ask); v.Answer != c.answer || strings.Join(codes(v.Reasons), " ") != c.codes {
			t.Errorf("%s: %s %v", says, v.Answer, v.Reasons)
		}
	}
}

// Each reason that a policy can give for a use has a row.
func TestEveryReasonOfAPolicyIsTried(t *testing.T) {
	next := slices.IndexFunc(rules.Meanings, func(m rules.Meaning) bool { return m.Code == rules.StageUnmeetable })
	for _, meaning := range rules.Meanings[:next] {
		tried := false
		for _, c := range given {
			tried = tried || slices.Contains(strings.Fields(c.codes), meaning.Code)
		}
		if !tried {
			t.Errorf("no row gives %s", meaning.Code)
		}
	}
}
