package review_test

import (
	"strings"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/rulestest"
)

// A rejection is not undone by taking away what it was judged by: then nobody can tell what was said.
func TestWhatVotesWereJudgedByIsMissing(t *testing.T) {
	deputy := func(s *rulestest.Scene) {
		s.Ballots[0].Vote.DeputyFor = &records.DeputyFor{Member: "e", Delegation: "d"}
	}
	for says, c := range map[string]struct {
		change func(*rulestest.Scene)
		want   string
	}{
		"all is there":      {func(*rulestest.Scene) {}, ""},
		"the committee":     {func(s *rulestest.Scene) { delete(s.Rosters, "saerom/ethics") }, "saerom/ethics had been changed 1 times"},
		"another committee": {func(s *rulestest.Scene) { delete(s.Rosters, "hanbit/dac") }, ""},
		"its later state": {func(s *rulestest.Scene) {
			s.Ballots[0].Vote.Rosters = []records.Roster{{Committee: "saerom/ethics", Changes: 2}}
		}, "changed 2 times"},
		"the delegation": {deputy, "delegation d"},
		"a committee that nobody asks": {func(s *rulestest.Scene) {
			s.Ballots[0].Vote.Role, s.Ballots[0].Vote.Rosters = "dac", []records.Roster{{Committee: "saerom/dac", Changes: 9}}
		}, ""},
	} {
		s := rulestest.Usual().Vote(110, "saerom", "ethics", "e", records.Reject)
		c.change(s)
		if got := review.Missing(s.Case); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", says, got)
		}
	}
}
