package grants_test

import (
	"slices"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/rulestest"
)

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
		want machines.GrantState
	}{
		{grant, 99, machines.GrantPending}, {grant, 100, machines.GrantActive}, {grant, 199, machines.GrantActive}, {grant, 200, machines.GrantExpired},
		{revoked, 149, machines.GrantActive}, {revoked, 150, machines.GrantRevoked}, {revoked, 300, machines.GrantRevoked},
		{odd, 150, machines.GrantRevoked},
	} {
		if got := grants.GrantStateAt(c.of, c.at); got != c.want {
			t.Errorf("at %d: %s, want %s", c.at, got, c.want)
		}
	}
}

// lived is a grant from 100 until 200 with changes of these actions at these moments, and the status that an honest owner would have given it.
func lived(said records.Status, changes ...records.Change) records.Record[records.Grant] {
	grant := records.Record[records.Grant]{
		Status: said, Body: records.Grant{Institution: "nuri", Grantees: []string{"kim", "lee"}, From: 100, Until: 200},
		Changes: []records.Change{{Action: "grant.created", At: 90}},
	}
	for _, change := range changes {
		change.Action = "grant." + change.Action
		grant.Changes = append(grant.Changes, change)
	}
	return grant
}

func did(action string, at records.Time) records.Change {
	return records.Change{Action: action, At: at}
}

func TestAGrantsLife(t *testing.T) {
	suspended := lived(records.Suspended, did("suspended", 120))
	lifted := lived(records.Active, did("suspended", 120), did("lifted", 140))
	twice := lived(records.Suspended, did("suspended", 95), did("lifted", 140), did("suspended", 150))
	relinquished := lived(records.Relinquished, did("left", 110), did("suspended", 120), did("relinquished", 130))
	revived := lived(records.Active, did("revoked", 120), did("suspended", 130), did("lifted", 140))
	for _, c := range []struct {
		says string
		of   records.Record[records.Grant]
		at   records.Time
		want machines.GrantState
	}{
		{"before it is suspended", suspended, 119, machines.GrantActive},
		{"from then on", suspended, 120, machines.GrantSuspended},
		{"its time goes on", suspended, 200, machines.GrantExpired},
		{"between two changes", lifted, 139, machines.GrantSuspended},
		{"lifted", lifted, 140, machines.GrantActive},
		{"suspended before it begins", twice, 97, machines.GrantSuspended},
		{"not yet suspended, and not begun", twice, 94, machines.GrantPending},
		{"lifted in between", twice, 149, machines.GrantActive},
		{"suspended again", twice, 150, machines.GrantSuspended},
		{"somebody left", relinquished, 115, machines.GrantActive},
		{"given up", relinquished, 130, machines.GrantRelinquished},
		{"given up for good", relinquished, 300, machines.GrantRelinquished},
		{"nothing revives a revoked one", revived, 150, machines.GrantRevoked},
		{"a status without its change", lived(records.Active, did("suspended", 120)), 110, machines.GrantRevoked},
		{"another status without its change", lived(records.Relinquished), 110, machines.GrantRevoked},
		{"a status of no grant", lived("open"), 110, machines.GrantRevoked},
	} {
		if got := grants.GrantStateAt(c.of, c.at); got != c.want {
			t.Errorf("%s, at %d: %s, want %s", c.says, c.at, got, c.want)
		}
	}
	left := lived(records.Active, records.Change{Action: "left", At: 110, By: records.By{Institution: "nuri", ID: "lee"}}, records.Change{Action: "left", At: 120, By: records.By{Institution: "hanbit", ID: "kim"}})
	if grants.LeftAt(left, "lee", 109) || !grants.LeftAt(left, "lee", 110) || grants.LeftAt(left, "kim", 150) {
		t.Error("who left when")
	}
	if holders := grants.HoldersAt(left, 150); !slices.Equal(holders, []string{"kim"}) {
		t.Error(holders)
	}
}

// Whatever is done to a grant: once it has ended by its own record it stays ended, and what it was at a moment does not change by what is done later.
func TestAnEndIsForGood(t *testing.T) {
	for seed := range int64(3000) {
		d := rulestest.Roll(seed)
		grant := lived(records.Active)
		at := records.Time(95)
		for range 1 + d.Intn(8) {
			at += records.Time(d.Intn(20))
			before := states(grant, at-1)
			action := d.One("suspended", "lifted", "left", "revoked", "relinquished")
			grant.Changes = append(slices.Clone(grant.Changes), did("grant."+action, at))
			grant.Status = statusOf(grant)
			if now := states(grant, at-1); !slices.Equal(before, now) {
				t.Fatalf("seed %d: %s at %d changes the past: %v, then %v", seed, action, at, before, now)
			}
		}
		ended := machines.GrantState("")
		for moment := records.Time(90); moment < 320; moment++ {
			state := grants.GrantStateAt(grant, moment)
			final := state == machines.GrantRevoked || state == machines.GrantRelinquished
			switch {
			case final && ended == "":
				ended = state
			case ended != "" && state != ended:
				t.Fatalf("seed %d: %s at %d after %s", seed, state, moment, ended)
			}
			if moment >= 200 && !state.Ended() {
				t.Fatalf("seed %d: %s at %d", seed, state, moment)
			}
		}
	}
}

func states(grant records.Record[records.Grant], until records.Time) []machines.GrantState {
	list := []machines.GrantState{}
	for at := records.Time(90); at <= until; at++ {
		list = append(list, grants.GrantStateAt(grant, at))
	}
	return list
}

// statusOf says plainly what a grant's changes come to.
func statusOf(grant records.Record[records.Grant]) records.Status {
	status := records.Active
	for _, change := range grant.Changes {
		if status == records.Revoked || status == records.Relinquished {
			break
		}
		switch change.Action {
		case "grant.suspended":
			status = records.Suspended
		case "grant.lifted":
			status = records.Active
		case "grant.revoked":
			status = records.Revoked
		case "grant.relinquished":
			status = records.Relinquished
		}
	}
	return status
}

// A grant lasts at most as long as was asked, begins neither before the decision nor before the renewed one ends, and outlives neither an ethics approval, stated or attested,
// nor the one that it joins.
func TestAGrantsTime(t *testing.T) {
	for seed := range int64(5000) {
		d := rulestest.Roll(seed)
		related := records.Record[records.Grant]{Body: records.Grant{Until: records.Time(100 + d.Intn(200))}}
		request := records.Record[records.Request]{Body: records.Request{DurationSeconds: int64(1 + d.Intn(200))}}
		of, attested := &related, records.Time(d.Intn(2)*(150+d.Intn(300)))
		switch d.Intn(3) {
		case 0:
			of = nil
		case 1:
			request.Body.Renews = "x"
		case 2:
			request.Body.Joins = "x"
		}
		letter := records.Time(150 + d.Intn(300))
		if d.Intn(2) == 0 {
			request.Body.Purpose.Ethics = &records.Ethics{ValidUntil: letter}
		}
		stated := request.Body.Purpose.Ethics != nil
		decided := records.Time(150 + d.Intn(100))
		grant := grants.GrantOf(request, "", decided, nil, nil, grants.BoundsOf(of, request.Body, attested))
		wrong := grant.From < decided || int64(grant.Until-grant.From) > request.Body.DurationSeconds || attested != 0 && grant.Until > attested || stated && grant.Until > letter ||
			request.Body.Renews != "" && grant.From < related.Body.Until || request.Body.Joins != "" && grant.Until > related.Body.Until
		if wrong {
			t.Fatalf("seed %d: from %d until %d; decided %d, attested %d, %v", seed, grant.From, grant.Until, decided, attested, related.Body.Until)
		}
		free := of == nil && attested == 0 && !stated
		if free && (grant.From != decided || grant.Until != decided+records.Time(request.Body.DurationSeconds)) {
			t.Fatalf("seed %d: from %d until %d without a bound", seed, grant.From, grant.Until)
		}
	}
}

func TestUnrelated(t *testing.T) {
	purpose := records.Purpose{Kind: records.ForDisease, Diseases: []string{"ICD10:C50"}}
	grant := records.Record[records.Grant]{ID: "g", Body: records.Grant{
		Dataset: "hanbit/a", Version: 1, Institution: "nuri", Grantees: []string{"kim", "lee"}, Purpose: purpose, Mode: "download", From: 100, Until: 200,
	}}
	ask := func(change func(*records.Request)) records.Request {
		request := records.Request{
			Dataset: "hanbit/a", Version: 1, Requester: records.Person{Institution: "nuri", ID: "kim"}, Researchers: []string{"kim"}, Purpose: purpose, Mode: "download", DurationSeconds: 50,
		}
		change(&request)
		return request
	}
	joins := func(change func(*records.Request)) records.Request {
		return ask(func(r *records.Request) { r.Joins, r.Researchers = "g", []string{"park"}; change(r) })
	}
	renews := func(change func(*records.Request)) records.Request {
		return ask(func(r *records.Request) { r.Renews = "g"; change(r) })
	}
	emergency, child := grant, grant
	emergency.Body.Breakglass, child.Body.Joins = "b", "0123456789abcdef"
	nothing := func(*records.Request) {}
	for _, c := range []struct {
		says    string
		request records.Request
		at      records.Time
		grant   records.Record[records.Grant]
		reasons int
	}{
		{"a renewal", renews(nothing), 150, grant, 0},
		{"of another version, purpose, mode and time", renews(func(r *records.Request) {
			r.Version, r.Purpose.Kind, r.Mode, r.DurationSeconds = 2, "origins", "enclave", 9999
		}), 150, grant, 0},
		{"of what joined another", renews(nothing), 150, child, 0},
		{"by all", renews(func(r *records.Request) { r.Researchers = []string{"lee", "kim"} }), 150, grant, 0},
		{"by more", renews(func(r *records.Request) { r.Researchers = []string{"lee", "park"} }), 150, grant, 1},
		{"of another dataset", renews(func(r *records.Request) { r.Dataset = "hanbit/b" }), 150, grant, 1},
		{"by others", renews(func(r *records.Request) { r.Requester.Institution = "saerom" }), 150, grant, 1},
		{"before it begins", renews(nothing), 99, grant, 1},
		{"in its last second", renews(nothing), 199, grant, 0},
		{"after its end", renews(nothing), 200, grant, 1},
		{"of break-glass", renews(nothing), 150, emergency, 1},
		{"both", renews(func(r *records.Request) { r.Joins = "g" }), 150, grant, 2},

		{"joining", joins(nothing), 150, grant, 0},
		{"a list that names nothing is none", joins(func(r *records.Request) { r.Purpose.Countries = []string{} }), 150, grant, 0},
		{"longer than what is left", joins(func(r *records.Request) { r.DurationSeconds = 51 }), 150, grant, 1},
		{"another version", joins(func(r *records.Request) { r.Version = 2 }), 150, grant, 1},
		{"another mode", joins(func(r *records.Request) { r.Mode = "enclave" }), 150, grant, 1},
		{"another purpose", joins(func(r *records.Request) { r.Purpose.Training = true }), 150, grant, 1},
		{"a grantee already", joins(func(r *records.Request) { r.Researchers = []string{"park", "lee"} }), 150, grant, 1},
		{"what joined another", joins(nothing), 150, child, 1},
		{"of break-glass", joins(nothing), 150, emergency, 1},
	} {
		if got := grants.Unrelated(c.request, c.at, c.grant); len(got) != c.reasons {
			t.Errorf("%s: %q", c.says, got)
		}
	}
}

func TestBreakglassStates(t *testing.T) {
	record := func(status records.Status) records.Record[records.Breakglass] {
		return records.Record[records.Breakglass]{Status: status, Changes: []records.Change{{Action: "breakglass.created", At: 100}}}
	}
	day := records.Time(grants.ConfirmationSeconds)
	for _, c := range []struct {
		status records.Status
		lasts  bool
		at     records.Time
		want   machines.BreakglassState
	}{
		{records.Proposed, false, 100, machines.BreakglassProposed}, {records.Proposed, false, 99 + day, machines.BreakglassProposed}, {records.Proposed, false, 100 + day, machines.BreakglassLapsed},
		{records.Open, true, 100, machines.BreakglassOpen}, {records.Open, true, 100 + day, machines.BreakglassOpen}, {records.Open, false, 100, machines.BreakglassUnjustified},
		{records.Justified, true, 100, machines.BreakglassJustified}, {records.Justified, false, 100 + day, machines.BreakglassJustified},
	} {
		if got := grants.BreakglassStateAt(record(c.status), c.lasts, c.at); got != c.want {
			t.Errorf("%s at %d: %s, want %s", c.status, c.at, got, c.want)
		}
	}
}
