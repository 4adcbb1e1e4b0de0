package review_test

import (
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/rulestest"
	"medconsent.org/chaincode/rules/use"
)

// Whoever asks has no vote in a stage of their own institution, so who the policy names can be shut out by it.
func TestRecipientsWhoAreShutOut(t *testing.T) {
	ofRequester := records.Stage{Of: records.OfRequester, Role: "ethics", Threshold: 1}
	is := records.Modifier{Term: "IS", Institutions: []string{"saerom"}}
	us := records.Modifier{Term: "US", Persons: []string{"saerom/lee"}}
	any := records.Alternative{Permission: "GRU"}
	for _, c := range []struct {
		says       string
		recipients []string
		use        []records.Alternative
		own        bool
		stages     []records.Stage
		clauses    []string
		nobody     bool
	}{
		{says: "any institution", use: []records.Alternative{any}},
		{says: "the only recipient", recipients: []string{"saerom"}, use: []records.Alternative{any}, clauses: []string{"stages[1]"}, nobody: true},
		{says: "one of two", recipients: []string{"nuri", "saerom"}, use: []records.Alternative{any}, clauses: []string{"stages[1]"}},
		{says: "both of two", recipients: []string{"saerom", "hanbit"}, use: []records.Alternative{any}, clauses: []string{"stages[1]", "stages[0]"}, nobody: true},
		{says: "another", recipients: []string{"nuri"}, use: []records.Alternative{any}},
		{says: "it has a vote", recipients: []string{"saerom"}, use: []records.Alternative{any}, own: true},
		{says: "it has a vote, and is asked twice", recipients: []string{"saerom"}, use: []records.Alternative{any}, own: true, stages: []records.Stage{ofRequester},
			clauses: []string{"stages[1]"}, nobody: true},
		{says: "by IS", use: []records.Alternative{rulestest.Limited(is)}, clauses: []string{"stages[1]"}, nobody: true},
		{says: "by US", use: []records.Alternative{rulestest.Limited(us)}, clauses: []string{"stages[1]"}, nobody: true},
		{says: "by IS, and anybody by another alternative", use: []records.Alternative{rulestest.Limited(is), any}, clauses: []string{"stages[1]"}},
		{says: "by IS, and not a recipient", recipients: []string{"nuri"}, use: []records.Alternative{rulestest.Limited(is), any}},
		{says: "by IS, among more recipients", recipients: []string{"nuri", "saerom"}, use: []records.Alternative{rulestest.Limited(is)}, clauses: []string{"stages[1]"}, nobody: true},
	} {
		policy := rulestest.NewScene(append([]records.Stage{rulestest.Stage("hanbit", "dac", 1), rulestest.Stage("saerom", "ethics", 1)}, c.stages...)...).Policy
		policy.Use, policy.Recipients, policy.OwnInstitutionVotes = c.use, c.recipients, c.own
		reasons, nobody := use.ShutOut(policy)
		clauses := []string{}
		for _, reason := range reasons {
			clauses = append(clauses, reason.Clause)
			if reason.Code != rules.StageUnmeetable || !strings.Contains(reason.Message, " itself can never be granted access: ") {
				t.Errorf("%s: %v", c.says, reason)
			}
		}
		if !slices.Equal(clauses, c.clauses) || nobody != c.nobody {
			t.Errorf("%s: %v, nobody: %t", c.says, reasons, nobody)
		}
		for _, reason := range reasons { // no word of it is said of somebody who could be granted access
			who, _, _ := strings.Cut(reason.Message, " ")
			resolved := review.Resolve(policy, who)
			s := rulestest.NewScene(resolved.Stages...).Seat("hanbit/dac", "a", "b").Seat("saerom/ethics", "c", "d")
			electorate := review.Electorate{Institution: who, OwnVotes: c.own}
			if len(review.Unmeetable(resolved, s.Rosters, electorate, 50))+len(review.Coinciding(resolved)) == 0 {
				t.Errorf("%s: %s could be granted access", c.says, who)
			}
		}
	}
}

func TestUnregistered(t *testing.T) {
	policy := rulestest.NewScene(rulestest.Stage("hanbit", "dac", 1)).Policy
	policy.Use = []records.Alternative{rulestest.Limited(records.Modifier{Term: "IS", Institutions: []string{"nuri", "berlin"}}, records.Modifier{Term: "US", Persons: []string{"oslo/a", "oslo/b"}})}
	policy.Recipients = []string{"berlin", "nuri"}
	policy.Vetoes = []records.Veto{{Institution: "rome", Role: "dac"}, {Institution: "saerom", Role: "dac"}}
	rosters := map[string]review.Roster{"rome/dac": {Unregistered: true}, "saerom/dac": {}}
	clauses := []string{}
	for _, reason := range review.Unregistered(policy, rosters, []string{"hanbit", "nuri"}) {
		clauses = append(clauses, reason.Clause)
		if reason.Code != rules.InstitutionUnknown || !strings.HasPrefix(reason.Message, "there is no institution ") {
			t.Error(reason)
		}
	}
	if want := []string{"recipients", "use[0].limits[0]", "use[0].limits[1]", "vetoes[0]"}; !slices.Equal(clauses, want) {
		t.Error(clauses)
	}
	nowhere := rulestest.NewScene(rulestest.Stage("berlin", "dac", 1))
	nowhere.Rosters["berlin/dac"] = review.Roster{Unregistered: true}
	got := review.Unmeetable(nowhere.Policy, nowhere.Rosters, review.Electorate{}, 50)
	if len(got) != 1 || !strings.Contains(got[0].Message, "there is no institution berlin on the ledger") || strings.Contains(got[0].Message, "only 0") {
		t.Error(got)
	}
}
