package review_test

import (
	"reflect"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/rulestest"
)

func byRule(institution, role, rule string) records.Stage {
	return records.Stage{Institution: institution, Role: role, Rule: rule}
}

func inStep(stage records.Stage, step int64) records.Stage {
	stage.Step = step
	return stage
}

// stepped is hanbit's committee of three, by majority, and when it has approved saerom's board of two, by unanimity.
func stepped() *rulestest.Scene {
	return rulestest.NewScene(byRule("hanbit", "dac", "majority"), inStep(byRule("saerom", "ethics", "unanimous"), 2)).Seat("hanbit/dac", "a", "b", "c").Seat("saerom/ethics", "e", "f")
}

func dac(s *rulestest.Scene, words ...string) *rulestest.Scene {
	for i, word := range words {
		if word != "" {
			s.Vote(records.Time(110+i), "hanbit", "dac", string(rune('a'+i)), word)
		}
	}
	return s
}

func TestRulesOfStages(t *testing.T) {
	committee := func(rule string) *rulestest.Scene {
		return rulestest.NewScene(byRule("hanbit", "dac", rule)).Seat("hanbit/dac", "a", "b", "c", "d")
	}
	for _, c := range []struct {
		says string
		of   *rulestest.Scene
		want machines.State
	}{
		{"half is no majority", dac(committee("majority"), "approve", "approve"), machines.InReview},
		{"more than half is", dac(committee("majority"), "approve", "approve", "approve"), machines.Approved},
		{"half that reject leave no majority", dac(committee("majority"), "reject", "reject"), machines.Rejected},
		{"a declared conflict does not lower a majority", dac(committee("majority"), "approve", "approve", "recuse"), machines.InReview},
		{"and the rest can still be enough", dac(committee("majority"), "approve", "recuse", "approve", "approve"), machines.Approved},
		{"a conflict and a rejection leave too few", dac(committee("majority"), "recuse", "reject"), machines.Rejected},
		{"in any order", dac(committee("majority"), "reject", "recuse"), machines.Rejected},
		{"conflicts alone reject nothing", dac(committee("majority"), "recuse", "recuse", "recuse"), machines.InReview},
		{"unanimity asks everybody", dac(committee("unanimous"), "approve", "approve", "approve"), machines.InReview},
		{"and has everybody", dac(committee("unanimous"), "approve", "approve", "approve", "approve"), machines.Approved},
		{"one rejection ends it", dac(committee("unanimous"), "reject"), machines.Rejected},
		{"who has a conflict is not asked", dac(committee("unanimous"), "recuse", "approve", "approve", "approve"), machines.Approved},
		{"nor when the others have spoken", dac(committee("unanimous"), "approve", "approve", "approve", "recuse"), machines.Approved},
		{"but never fewer than a majority", dac(committee("unanimous"), "approve", "approve", "recuse", "recuse"), machines.InReview},
		{"a declared conflict does not lower a number", dac(rulestest.NewScene(rulestest.Stage("hanbit", "dac", 2)).Seat("hanbit/dac", "a", "b", "c"), "approve", "recuse"), machines.InReview},
		{"a committee without anybody has no majority", rulestest.NewScene(byRule("hanbit", "dac", "majority")), machines.Submitted},
	} {
		if got := c.of.State(); got != c.want {
			t.Errorf("%s: %s", c.says, got)
		}
	}
}

func TestOneWordInOneStage(t *testing.T) {
	both := rulestest.NewScene(rulestest.Stage("hanbit", "dac", 1), rulestest.Stage("hanbit", "ethics", 1)).Seat("hanbit/dac", "a", "b").Seat("hanbit/ethics", "a", "c")
	both.Vote(110, "hanbit", "dac", "a", "approve")
	outcome := review.Derive(both.Case)
	if outcome.State != machines.InReview || outcome.Tallies[1].Approvals != 0 || !reflect.DeepEqual(outcome.Tallies[1].WaitsFor, []string{"c"}) {
		t.Error("an approval in one committee is none in another, and its voter is not waited for there:", outcome)
	}
	blind := rulestest.Usual().Vote(110, "hanbit", "dac", "a", "approve").Change(func(v *records.Vote) { v.Rosters = nil })
	if got := blind.State(); got != machines.Submitted {
		t.Error("a vote that names no roster was judged by nobody:", got)
	}
}

func TestSteps(t *testing.T) {
	early := stepped().Vote(109, "saerom", "ethics", "e", "approve")
	if got := review.Derive(early.Case); got.State != machines.Submitted || len(got.Counted) != 0 || got.Tallies[1].Open || got.Tallies[1].Since != 0 {
		t.Error("a vote in a stage that is not open does not count:", got)
	}
	if got := dac(early, "approve", "approve").State(); got != machines.InReview {
		t.Error("nor later:", got)
	}
	met := dac(stepped(), "approve", "approve")
	outcome := review.Derive(met.Case)
	want := []review.Tally{
		{Institution: "hanbit", Role: "dac", Step: 1, Open: true, Since: 100, Rule: "majority", Threshold: 2, Approvals: 2, Seated: 3, WaitsFor: []string{"c"}},
		{Institution: "saerom", Role: "ethics", Step: 2, Open: true, Since: 111, Rule: "unanimous", Threshold: 2, Seated: 2, Missing: 2, WaitsFor: []string{"e", "f"}},
	}
	if !reflect.DeepEqual(outcome.Tallies, want) {
		t.Errorf("%+v", outcome.Tallies)
	}
	if got := met.Vote(120, "saerom", "ethics", "e", "approve").Vote(121, "saerom", "ethics", "f", "approve").State(); got != machines.Approved {
		t.Error("when the step before is met the next decides:", got)
	}
	shut := dac(stepped(), "approve", "approve").Unseat("hanbit/dac", "a", 115).Vote(120, "saerom", "ethics", "e", "approve")
	if outcome := review.Derive(shut.Case); outcome.Tallies[1].Open || len(outcome.Counted) != 2 {
		t.Error("a lost seat shuts the step again:", outcome.Tallies)
	}
	shut.Vote(130, "hanbit", "dac", "c", "approve")
	if outcome := review.Derive(shut.Case); !outcome.Tallies[1].Open || outcome.Tallies[1].Since != 130 {
		t.Error("and the next approval opens it:", outcome.Tallies)
	}
	if got := stepped().Vote(109, "saerom", "ethics", "e", "recuse"); len(review.Derive(got.Case).Counted) != 1 {
		t.Error("a conflict can be declared before the step opens")
	}
	if got := review.Derive(stepped().Vote(109, "saerom", "ethics", "e", "reject").Case); len(got.Counted) != 0 {
		t.Error("a rejection in a stage that is not open does not count:", got.State)
	}
	if got := dac(stepped(), "approve", "approve", "reject").State(); got != machines.InReview {
		t.Error("a rejection in a stage that is met changes nothing:", got)
	}
}

func TestTheStageOfWhoeverAsks(t *testing.T) {
	policy := records.Policy{Stages: []records.Stage{rulestest.Stage("hanbit", "dac", 1), {Of: records.OfRequester, Role: "ethics", Threshold: 1}}}
	if got := review.Committees(policy); !reflect.DeepEqual(got, []string{"hanbit/dac"}) {
		t.Error("it names no committee before it is resolved:", got)
	}
	resolved := review.Resolve(policy, "nuri")
	if resolved.Stages[1].Committee() != "nuri/ethics" || policy.Stages[1].Institution != "" || len(review.Coinciding(resolved)) != 0 {
		t.Error(resolved.Stages, policy.Stages)
	}
	own := func() *rulestest.Scene {
		s := rulestest.NewScene(resolved.Stages...).Seat("hanbit/dac", "a").Seat("nuri/ethics", "kim", "lee", "park")
		return s.Vote(110, "hanbit", "dac", "a", "approve")
	}
	letter := &records.Ethics{Board: "b", Number: "1", SHA256: hex, ValidUntil: 900}
	with := func(v *records.Vote) { v.Attestation = letter }
	if got := own().Vote(120, "nuri", "ethics", "park", "approve").Change(with).State(); got != machines.Approved {
		t.Error("its people are admitted, whatever own_institution_votes says:", got)
	}
	for _, id := range []string{"kim", "lee"} {
		if got := own().Vote(120, "nuri", "ethics", id, "approve").Change(with).State(); got != machines.InReview {
			t.Error("the requester and the researchers are not:", id, got)
		}
	}
	coincides := review.Resolve(records.Policy{Stages: []records.Stage{rulestest.Stage("nuri", "dac", 1), {Of: records.OfRequester, Role: "dac", Threshold: 1}}}, "nuri")
	if got := review.Coinciding(coincides); len(got) != 1 || got[0].Code != rules.StageUnmeetable || got[0].Clause != "stages[1]" {
		t.Error(got)
	}
}

const hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

func TestAttestations(t *testing.T) {
	yes := true
	start := func() *rulestest.Scene {
		return rulestest.NewScene(records.Stage{Institution: "saerom", Role: "ethics", Threshold: 2, Attests: &yes}).Seat("saerom/ethics", "e", "f", "g")
	}
	letter := func(until records.Time) func(*records.Vote) {
		return func(v *records.Vote) {
			v.Attestation = &records.Ethics{Board: "b", Number: "1", SHA256: hex, ValidUntil: until}
		}
	}
	for says, change := range map[string]func(*records.Vote){
		"without one":       func(*records.Vote) {},
		"one that is over":  letter(110),
		"one without board": func(v *records.Vote) { letter(900)(v); v.Attestation.Board = "" },
		"one of no letter":  func(v *records.Vote) { letter(900)(v); v.Attestation.SHA256 = "x" },
	} {
		if got := start().Vote(110, "saerom", "ethics", "e", "approve").Change(change).State(); got != machines.Submitted {
			t.Errorf("%s the approval counts: %s", says, got)
		}
	}
	s := start().Vote(110, "saerom", "ethics", "e", "approve").Change(letter(150)).Vote(120, "saerom", "ethics", "f", "approve").Change(letter(800))
	if outcome := review.Derive(s.Case); outcome.State != machines.Approved || outcome.AttestedUntil() != 150 {
		t.Error("the first end counts:", outcome.AttestedUntil())
	}
	s = start().Vote(110, "saerom", "ethics", "e", "approve").Change(letter(150)).Vote(150, "saerom", "ethics", "f", "approve").Change(letter(800))
	if outcome := review.Derive(s.Case); outcome.State != machines.InReview || outcome.Tallies[0].Approvals != 1 {
		t.Error("what was attested until then is no approval any more:", outcome)
	}
	s.Vote(160, "saerom", "ethics", "g", "approve").Change(letter(700))
	if outcome := review.Derive(s.Case); outcome.State != machines.Approved || outcome.AttestedUntil() != 700 {
		t.Error("and bounds nothing:", outcome)
	}
	if got := start().Vote(110, "saerom", "ethics", "e", "reject").Vote(120, "saerom", "ethics", "f", "reject").State(); got != machines.Rejected {
		t.Error("a rejection attests nothing:", got)
	}
	other := rulestest.NewScene(rulestest.Stage("hanbit", "dac", 1)).Seat("hanbit/dac", "a").Vote(110, "hanbit", "dac", "a", "approve").Change(letter(900))
	if got := other.State(); got != machines.Submitted {
		t.Error("another committee attests nothing:", got)
	}
}

func TestVetoes(t *testing.T) {
	start := func() *rulestest.Scene {
		s := rulestest.Usual()
		s.Policy.Vetoes = []records.Veto{{Institution: "hanbit", Role: "privacy"}, {Institution: "saerom", Role: "ethics"}}
		s.Rosters["hanbit/privacy"] = review.Roster{Order: map[string]int64{rulestest.SetTx: 1}, Changes: 1, Committee: records.Committee{Institution: "hanbit", Role: "privacy"}}
		return s.Seat("hanbit/privacy", "p")
	}
	for _, c := range []struct {
		says string
		of   *rulestest.Scene
		want machines.State
	}{
		{"one rejection rejects", start().Vote(110, "hanbit", "privacy", "p", "reject"), machines.Rejected},
		{"of a stage too", start().Vote(110, "saerom", "ethics", "e", "reject"), machines.Rejected},
		{"others do not", start().Vote(110, "hanbit", "dac", "a", "reject"), machines.InReview},
		{"without a seat it does not", start().Vote(110, "hanbit", "privacy", "x", "reject"), machines.Submitted},
		{"it approves nothing", start().Vote(110, "hanbit", "privacy", "p", "approve"), machines.Submitted},
		{"it returns nothing", start().Vote(110, "hanbit", "privacy", "p", "return"), machines.Submitted},
		{"who has a conflict has no veto", start().Vote(110, "hanbit", "privacy", "p", "recuse").Vote(111, "hanbit", "privacy", "p", "reject"), machines.InReview},
		{"an approval that is dated before it undoes nothing", dac(start().Vote(100, "saerom", "ethics", "e", "approve"), "approve", "approve").Vote(120, "hanbit", "privacy", "p", "reject"), machines.Rejected},
		{"nor does one before that of a stage", dac(start().Vote(100, "saerom", "ethics", "e", "approve"), "approve", "approve").Vote(120, "saerom", "ethics", "f", "reject"), machines.Rejected},
		{"who has spoken has no other word", dac(start().Vote(100, "saerom", "ethics", "e", "approve"), "approve", "approve").Vote(120, "saerom", "ethics", "e", "reject"), machines.Approved},
		{"without a seat there is none", dac(start().Vote(100, "saerom", "ethics", "e", "approve"), "approve", "approve").Vote(120, "hanbit", "privacy", "x", "reject"), machines.Approved},
	} {
		if got := c.of.State(); got != c.want {
			t.Errorf("%s: %s", c.says, got)
		}
	}
	late := stepped()
	late.Policy.Vetoes = []records.Veto{{Institution: "saerom", Role: "ethics"}}
	if got := late.Vote(110, "saerom", "ethics", "e", "reject").State(); got != machines.Rejected {
		t.Error("a veto waits for no step:", got)
	}
}

func TestConflictsAreDeclared(t *testing.T) {
	start := func() *rulestest.Scene {
		s := rulestest.NewScene(rulestest.Stage("hanbit", "dac", 1)).Seat("hanbit/dac", "a", "b")
		s.Policy.Conflicts = records.Declare
		return s
	}
	if got := start().Vote(110, "hanbit", "dac", "a", "approve").State(); got != machines.Submitted {
		t.Error("without the declaration it does not count:", got)
	}
	if got := start().Vote(110, "hanbit", "dac", "a", "reject").State(); got != machines.Submitted {
		t.Error("nor does a rejection:", got)
	}
	declared := start().Vote(110, "hanbit", "dac", "a", "approve").Change(func(v *records.Vote) { v.NoConflict = true })
	if got := declared.State(); got != machines.Approved {
		t.Error("with it it does:", got)
	}
	if got := start().Vote(110, "hanbit", "dac", "a", "return").State(); got != machines.Returned {
		t.Error("a return needs none:", got)
	}
}

func TestReturnsAndAmendments(t *testing.T) {
	s := dac(rulestest.Usual(), "approve", "return", "approve").Vote(120, "saerom", "ethics", "e", "approve")
	if outcome := review.Derive(s.Case); outcome.State != machines.Returned || len(outcome.Counted) != 2 {
		t.Error("after a return no vote counts:", outcome)
	}
	last := rulestest.NewScene(byRule("hanbit", "dac", "unanimous"), rulestest.Stage("saerom", "ethics", 1)).Seat("hanbit/dac", "a", "b", "c").Seat("saerom/ethics", "e", "f")
	last = dac(last.Vote(100, "saerom", "ethics", "e", "approve"), "approve", "approve").Vote(120, "saerom", "ethics", "f", "return").Vote(121, "hanbit", "dac", "c", "recuse")
	if outcome := review.Derive(last.Case); outcome.State != machines.Returned || len(outcome.Counted) != 5 {
		t.Error("a conflict declared meanwhile decides nothing:", outcome)
	}
	s.Now = 1000
	if got := s.State(); got != machines.Lapsed {
		t.Error("the deadline goes on:", got)
	}
	// c declares a conflict, and then the request is amended: its digest is another
	s = dac(rulestest.Usual(), "approve", "return", "recuse")
	s.Digest = "amended"
	s.Request.Changes = append(s.Request.Changes, records.Change{Action: "request.amended", At: 150})
	outcome := review.Derive(s.Case)
	if outcome.State != machines.InReview || len(outcome.Counted) != 1 || outcome.Tallies[0].Recused != 1 || outcome.Tallies[0].Since != 150 {
		t.Error("only the conflict stays:", outcome)
	}
	anew := func(v *records.Vote) { v.RequestDigest = "amended" }
	s.Vote(160, "hanbit", "dac", "c", "approve").Change(anew)
	if got := len(review.Derive(s.Case).Counted); got != 1 {
		t.Error("and binds:", got)
	}
	s.Vote(161, "hanbit", "dac", "a", "approve").Change(anew).Vote(162, "hanbit", "dac", "b", "approve").Change(anew).Vote(163, "saerom", "ethics", "e", "approve").Change(anew)
	if got := s.State(); got != machines.Approved {
		t.Error("who had voted votes anew:", got)
	}
}

func TestClosing(t *testing.T) {
	closed := func(s *rulestest.Scene) *rulestest.Scene { return s.Vote(150, "hanbit", "steward", "s", "close") }
	if outcome := review.Derive(closed(rulestest.Usual()).Case); outcome.State != machines.Closed || outcome.DecidedAt != 150 || outcome.Undecided() {
		t.Error("a steward of the owner ends it:", outcome)
	}
	for says, s := range map[string]*rulestest.Scene{
		"another institution's steward":  rulestest.Usual().Vote(150, "saerom", "steward", "s", "close"),
		"somebody who is none":           rulestest.Usual().Vote(150, "hanbit", "dac", "a", "close"),
		"a steward without the act":      rulestest.Usual().Vote(150, "hanbit", "steward", "s", "reject"),
		"a steward who has a conflict":   closed(rulestest.Usual().Seat("hanbit/dac", "s").Vote(120, "hanbit", "dac", "s", "recuse")),
		"a steward after the approval":   closed(dac(rulestest.Usual().Vote(100, "saerom", "ethics", "e", "approve"), "approve", "approve")),
		"a deputy":                       closed(rulestest.Usual()).Change(func(v *records.Vote) { v.DeputyFor = &records.DeputyFor{Member: "a"} }),
		"a steward when time has passed": rulestest.Usual().Vote(1000, "hanbit", "steward", "s", "close"),
	} {
		if got := s.State(); got == machines.Closed {
			t.Error(says, "closed it")
		}
	}
	own := rulestest.Usual()
	own.Request.Body.Requester, own.Request.Body.Researchers = records.Person{Institution: "hanbit", ID: "r"}, []string{"s"}
	if got := closed(own).State(); got == machines.Closed {
		t.Error("who asks withdraws")
	}
	amended := closed(rulestest.Usual())
	amended.Digest = "amended"
	if got := amended.State(); got != machines.Closed {
		t.Error("an amendment does not bring it back:", got)
	}
}

func TestAutomatic(t *testing.T) {
	policy := records.Policy{Use: []records.Alternative{{Permission: "GRU"}}, Modes: []string{"download"}, MaxDurationSeconds: 100, Automatic: true}
	request := records.Record[records.Request]{ID: "request", Type: "request", Status: records.Open, Changes: []records.Change{{Action: "request.created", At: 100}}, Body: records.Request{
		Purpose: records.Purpose{Kind: "general-research"}, Mode: "download", DurationSeconds: 50,
	}}
	automatic := func() bool { return review.ApprovedAutomatically(request, policy, nil) }
	if !automatic() {
		t.Fatal("what is permitted is approved")
	}
	c := rulestest.Usual()
	c.Request.Status, c.Automatic = records.Open, true
	c.Now, c.LatestPolicy = 5000, 7
	if outcome := review.Derive(c.Case); outcome.State != machines.Approved || outcome.DecidedBy != "request" || outcome.DecidedAt != 100 {
		t.Error(outcome)
	}
	policy.Use[0].Limits = []records.Modifier{{Term: "NCU"}}
	if automatic() {
		t.Error("not on the requester's word alone")
	}
	policy.Use[0].Limits = nil
	request.Body.Purpose.Linking = true
	if automatic() {
		t.Error("not what people have to look at")
	}
	request.Body.Purpose.Linking, request.Body.Mode = false, "enclave"
	if automatic() {
		t.Error("not what is denied")
	}
	request.Body.Mode = "download"
	request.Changes = append(request.Changes, records.Change{Action: "request.amended", At: 110})
	if automatic() {
		t.Error("not an amended one")
	}
	request.Changes, policy.Automatic = request.Changes[:1], false
	if automatic() {
		t.Error("not unless the policy says so")
	}
}

func TestUnmeetableByRules(t *testing.T) {
	both := []records.Stage{byRule("hanbit", "dac", "majority"), byRule("hanbit", "ethics", "majority")}
	for _, c := range []struct {
		says   string
		stages []records.Stage
		people []string
		want   int
	}{
		{"a majority of the same three, twice, asks four people", both, []string{"a", "b", "c"}, 1},
		{"of the same two too", both, []string{"a", "b"}, 1},
		{"unanimity of a committee can be met", []records.Stage{byRule("hanbit", "dac", "unanimous")}, []string{"a", "b", "c"}, 0},
		{"not when somebody is needed elsewhere", []records.Stage{byRule("hanbit", "dac", "unanimous"), rulestest.Stage("hanbit", "ethics", 1)}, []string{"a", "b", "c"}, 1},
		{"a later step gives nobody another vote", []records.Stage{byRule("hanbit", "dac", "unanimous"), inStep(rulestest.Stage("hanbit", "ethics", 1), 2)}, []string{"a"}, 1},
		{"a committee without anybody", []records.Stage{byRule("hanbit", "dac", "majority")}, nil, 1},
		{"what is not resolved is passed over", []records.Stage{{Of: "requester", Role: "ethics", Threshold: 9}}, nil, 0},
	} {
		s := rulestest.NewScene(c.stages...)
		for _, stage := range c.stages {
			s.Seat(stage.Committee(), c.people...)
		}
		if got := review.Unmeetable(s.Policy, s.Rosters, review.Electorate{}, 10); len(got) != c.want {
			t.Errorf("%s: %v", c.says, got)
		}
	}
	own := review.Resolve(records.Policy{Stages: []records.Stage{{Of: "requester", Role: "ethics", Rule: "unanimous"}}}, "nuri")
	s := rulestest.NewScene(own.Stages...).Seat("nuri/ethics", "kim")
	if got := review.Unmeetable(own, s.Rosters, review.ElectorateOf(s.Request.Body, own), 10); len(got) != 1 {
		t.Error("the requester alone on the board cannot approve:", got)
	}
}
