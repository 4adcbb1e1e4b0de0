package rules_test

import (
	"slices"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

func TestSeats(t *testing.T) {
	roster := rules.NewRoster(records.Record[records.Committee]{
		Changes: []records.Change{{Tx: "one"}, {Tx: "two"}},
		Body: records.Committee{Seats: []records.Seat{
			{ID: "always", From: 10, SetTx: "one"},
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
	if !roster.Seated("always", 12) || roster.Seated("nobody", 12) {
		t.Error("Seated")
	}
}

func TestUnmeetable(t *testing.T) {
	one, both := stage("hanbit", "dac", 2), []records.Stage{stage("hanbit", "dac", 2), stage("hanbit", "ethics", 1)}
	for _, c := range []struct {
		says       string
		of         *scene
		electorate rules.Electorate
		unmeetable int
	}{
		{"enough people", newScene(one).seat("hanbit/dac", "a", "b"), rules.Electorate{}, 0},
		{"too few", newScene(one).seat("hanbit/dac", "a"), rules.Electorate{}, 1},
		{"the same person twice is one", newScene(one).seat("hanbit/dac", "a", "a"), rules.Electorate{}, 1},
		{"nobody", newScene(one), rules.Electorate{}, 1},
		{"one person has one vote in both committees", newScene(both...).seat("hanbit/dac", "a", "b").seat("hanbit/ethics", "a", "b"), rules.Electorate{}, 1},
		{"three people are enough for both", newScene(both...).seat("hanbit/dac", "a", "b").seat("hanbit/ethics", "b", "c"), rules.Electorate{}, 0},
		{"the requester's institution does not vote", newScene(one).seat("hanbit/dac", "a", "b", "c"), rules.Electorate{Institution: "hanbit"}, 1},
		{"unless the policy lets it, but never the requester", newScene(one).seat("hanbit/dac", "a", "b", "c"),
			rules.Electorate{Institution: "hanbit", OwnVotes: true, People: []string{"c"}}, 0},
		{"two of three ask for themselves", newScene(one).seat("hanbit/dac", "a", "b", "c"),
			rules.Electorate{Institution: "hanbit", OwnVotes: true, People: []string{"c", "b"}}, 1},
	} {
		if got := rules.Unmeetable(c.of.Policy, c.of.Rosters, c.electorate, 50); len(got) != c.unmeetable {
			t.Errorf("%s: %v", c.says, got)
		}
	}
}

func TestGrantStates(t *testing.T) {
	grant := records.Record[records.Grant]{Status: records.Active, Body: records.Grant{From: 100, Until: 200}, Changes: []records.Change{{Action: "grant.created", At: 100}}}
	revoked := grant
	revoked.Status = records.Revoked
	revoked.Changes = append(slices.Clone(grant.Changes), records.Change{Action: "grant.revoked", At: 150})
	odd := grant
	odd.Status = "suspended"
	for _, c := range []struct {
		of   records.Record[records.Grant]
		at   records.Time
		want rules.GrantState
	}{
		{grant, 99, rules.GrantPending}, {grant, 100, rules.GrantActive}, {grant, 199, rules.GrantActive}, {grant, 200, rules.GrantExpired},
		{revoked, 149, rules.GrantActive}, {revoked, 150, rules.GrantRevoked}, {revoked, 300, rules.GrantRevoked},
		{odd, 150, rules.GrantRevoked},
	} {
		if got := rules.GrantStateAt(c.of, c.at); got != c.want {
			t.Errorf("at %d: %s, want %s", c.at, got, c.want)
		}
	}
}
