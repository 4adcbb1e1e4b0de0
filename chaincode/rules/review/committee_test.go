package review_test

import (
	"slices"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/rulestest"
)

func TestSeats(t *testing.T) {
	roster := review.NewRoster(records.Record[records.Committee]{
		Changes: []records.Change{{Tx: "one"}, {Tx: "two"}},
		Body: records.Committee{Seats: []records.Seat{
			{ID: "always", Key: "k", From: 10, SetTx: "one"},
			{ID: "until-20", From: 10, Until: 20, SetTx: "one"},
			{ID: "cut-at-15", From: 10, Until: 15, PlannedUntil: 30, SetTx: "one", EndedTx: "two"},
			{ID: "later", From: 40, SetTx: "two"},
			{ID: "never", From: 40, Until: 15, SetTx: "one", EndedTx: "two"},
			{ID: "invented", From: 10, SetTx: "three"},
		}},
	})
	for _, c := range []struct {
		at, changes int64
		want        []string
	}{
		{9, 2, []string{}},
		{10, 2, []string{"always", "cut-at-15", "until-20"}},
		{14, 2, []string{"always", "cut-at-15", "until-20"}},
		{15, 2, []string{"always", "until-20"}},
		{15, 1, []string{"always", "cut-at-15", "until-20"}},
		{20, 2, []string{"always"}},
		{29, 1, []string{"always", "cut-at-15"}},
		{30, 1, []string{"always"}},
		{40, 2, []string{"always", "later"}},
		{40, 1, []string{"always", "never"}},
		{40, 9, []string{"always", "later"}},
		{40, 0, []string{}},
	} {
		if got := roster.AsOf(c.changes).Members(records.Time(c.at)); !slices.Equal(got, c.want) {
			t.Errorf("at %d after %d changes: %v", c.at, c.changes, got)
		}
	}
	if got := roster.Prospects(18); !slices.Equal(got, []string{"always", "later", "until-20"}) {
		t.Error(got)
	}
	if !roster.Seated("always", "k", 12) || roster.Seated("nobody", "k", 12) || roster.Seated("always", "another", 12) || roster.Seated("until-20", "", 12) {
		t.Error("Seated")
	}
}

func TestUnmeetable(t *testing.T) {
	one, both := rulestest.Stage("hanbit", "dac", 2), []records.Stage{rulestest.Stage("hanbit", "dac", 2), rulestest.Stage("hanbit", "ethics", 1)}
	for _, c := range []struct {
		says       string
		of         *rulestest.Scene
		electorate review.Electorate
		unmeetable int
	}{
		{"enough people", rulestest.NewScene(one).Seat("hanbit/dac", "a", "b"), review.Electorate{}, 0},
		{"too few", rulestest.NewScene(one).Seat("hanbit/dac", "a"), review.Electorate{}, 1},
		{"the same person twice is one", rulestest.NewScene(one).Seat("hanbit/dac", "a", "a"), review.Electorate{}, 1},
		{"nobody", rulestest.NewScene(one), review.Electorate{}, 1},
		{"one person has one vote in both committees", rulestest.NewScene(both...).Seat("hanbit/dac", "a", "b").Seat("hanbit/ethics", "a", "b"), review.Electorate{}, 1},
		{"three people are enough for both", rulestest.NewScene(both...).Seat("hanbit/dac", "a", "b").Seat("hanbit/ethics", "b", "c"), review.Electorate{}, 0},
		{"the requester's institution does not vote", rulestest.NewScene(one).Seat("hanbit/dac", "a", "b", "c"), review.Electorate{Institution: "hanbit"}, 1},
		{"unless the policy lets it, but never the requester", rulestest.NewScene(one).Seat("hanbit/dac", "a", "b", "c"),
			review.Electorate{Institution: "hanbit", OwnVotes: true, People: []string{"c"}}, 0},
		{"two of three ask for themselves", rulestest.NewScene(one).Seat("hanbit/dac", "a", "b", "c"),
			review.Electorate{Institution: "hanbit", OwnVotes: true, People: []string{"c", "b"}}, 1},
	} {
		if got := review.Unmeetable(c.of.Policy, c.of.Rosters, c.electorate, 50); len(got) != c.unmeetable {
			t.Errorf("%s: %v", c.says, got)
		}
	}
}

// One person has one vote: a key by which two ids sit at a time counts for neither, and counts again when one of them is gone.
func TestOneKeyUnderTwoIds(t *testing.T) {
	roster := review.NewRoster(records.Record[records.Committee]{
		Body: records.Committee{Seats: []records.Seat{
			{ID: "a", Key: "k", From: 10, SetTx: "t"}, {ID: "b", Key: "k", From: 20, Until: 30, SetTx: "t"}, {ID: "c", Key: "other", From: 10, SetTx: "t"},
		}},
		Changes: []records.Change{{Tx: "t"}},
	})
	for at, counts := range map[records.Time]bool{15: true, 25: false, 30: true} {
		if roster.Seated("a", "k", at) != counts || roster.Seated("b", "k", at) || !roster.Seated("c", "other", at) {
			t.Errorf("at %d", at)
		}
	}
}
