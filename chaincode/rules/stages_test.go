package rules_test

import (
	"reflect"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

func byRule(institution, role, rule string) records.Stage {
	return records.Stage{Institution: institution, Role: role, Rule: rule}
}

func inStep(stage records.Stage, step int64) records.Stage {
	stage.Step = step
	return stage
}

// stepped is hanbit's committee of three, by majority, and when it has approved saerom's board of two, by unanimity.
func stepped() *scene {
	return newScene(byRule("hanbit", "dac", "majority"), inStep(byRule("saerom", "ethics", "unanimous"), 2)).seat("hanbit/dac", "a", "b", "c").seat("saerom/ethics", "e", "f")
}

// change alters the ballot that was added last.
func (s *scene) change(do func(*records.Vote)) *scene {
	do(&s.Ballots[len(s.Ballots)-1].Vote)
	return s
}

func dac(s *scene, words ...string) *scene {
	for i, word := range words {
		if word != "" {
			s.vote(records.Time(110+i), "hanbit", "dac", string(rune('a'+i)), word)
		}
	}
	return s
}

func TestRulesOfStages(t *testing.T) {
	committee := func(rule string) *scene {
		return newScene(byRule("hanbit", "dac", rule)).seat("hanbit/dac", "a", "b", "c", "d")
	}
	for _, c := range []struct {
		says string
		of   *scene
		want rules.State
	}{
		{"half is no majority", dac(committee("majority"), "approve", "approve"), rules.InReview},
		{"more than half is", dac(committee("majority"), "approve", "approve", "approve"), rules.Approved},
		{"half that reject leave no majority", dac(committee("majority"), "reject", "reject"), rules.Rejected},
		{"a declared conflict does not lower a majority", dac(committee("majority"), "approve", "approve", "recuse"), rules.InReview},
		{"and the rest can still be enough", dac(committee("majority"), "approve", "recuse", "approve", "approve"), rules.Approved},
		{"a conflict and a rejection leave too few", dac(committee("majority"), "recuse", "reject"), rules.Rejected},
		{"in any order", dac(committee("majority"), "reject", "recuse"), rules.Rejected},
		{"conflicts alone reject nothing", dac(committee("majority"), "recuse", "recuse", "recuse"), rules.InReview},
		{"unanimity asks everybody", dac(committee("unanimous"), "approve", "approve", "approve"), rules.InReview},
		{"and has everybody", dac(committee("unanimous"), "approve", "approve", "approve", "approve"), rules.Approved},
		{"one rejection ends it", dac(committee("unanimous"), "reject"), rules.Rejected},
		{"who has a conflict is not asked", dac(committee("unanimous"), "recuse", "approve", "approve", "approve"), rules.Approved},
		{"nor when the others have spoken", dac(committee("unanimous"), "approve", "approve", "approve", "recuse"), rules.Approved},
		{"but never fewer than a majority", dac(committee("unanimous"), "approve", "approve", "recuse", "recuse"), rules.InReview},
		{"a declared conflict does not lower a number", dac(newScene(stage("hanbit", "dac", 2)).seat("hanbit/dac", "a", "b", "c"), "approve", "recuse"), rules.InReview},
		{"a committee without anybody has no majority", newScene(byRule("hanbit", "dac", "majority")), rules.Submitted},
	} {
		if got := c.of.state(); got != c.want {
			t.Errorf("%s: %s", c.says, got)
		}
	}
}

func TestOneWordInOneStage(t *testing.T) {
	both := newScene(stage("hanbit", "dac", 1), stage("hanbit", "ethics", 1)).seat("hanbit/dac", "a", "b").seat("hanbit/ethics", "a", "c")
	both.vote(110, "hanbit", "dac", "a", "approve")
	outcome := rules.Derive(both.Case)
	if outcome.State != rules.InReview || outcome.Tallies[1].Approvals != 0 || !reflect.DeepEqual(outcome.Tallies[1].WaitsFor, []string{"c"}) {
		t.Error("an approval in one committee is none in another, and its voter is not waited for there:", outcome)
	}
	blind := usual().vote(110, "hanbit", "dac", "a", "approve").change(func(v *records.Vote) { v.Rosters = nil })
	if got := blind.state(); got != rules.Submitted {
		t.Error("a vote that names no roster was judged by nobody:", got)
	}
}

func TestSteps(t *testing.T) {
	early := stepped().vote(109, "saerom", "ethics", "e", "approve")
	if got := rules.Derive(early.Case); got.State != rules.Submitted || len(got.Counted) != 0 || got.Tallies[1].Open || got.Tallies[1].Since != 0 {
		t.Error("a vote in a stage that is not open does not count:", got)
	}
	if got := dac(early, "approve", "approve").state(); got != rules.InReview {
		t.Error("nor later:", got)
	}
	met := dac(stepped(), "approve", "approve")
	outcome := rules.Derive(met.Case)
	want := []rules.Tally{
		{Institution: "hanbit", Role: "dac", Step: 1, Open: true, Since: 100, Rule: "majority", Threshold: 2, Approvals: 2, Seated: 3, WaitsFor: []string{"c"}},
		{Institution: "saerom", Role: "ethics", Step: 2, Open: true, Since: 111, Rule: "unanimous", Threshold: 2, Seated: 2, Missing: 2, WaitsFor: []string{"e", "f"}},
	}
	if !reflect.DeepEqual(outcome.Tallies, want) {
		t.Errorf("%+v", outcome.Tallies)
	}
	if got := met.vote(120, "saerom", "ethics", "e", "approve").vote(121, "saerom", "ethics", "f", "approve").state(); got != rules.Approved {
		t.Error("when the step before is met the next decides:", got)
	}
	shut := dac(stepped(), "approve", "approve").unseat("hanbit/dac", "a", 115).vote(120, "saerom", "ethics", "e", "approve")
	if outcome := rules.Derive(shut.Case); outcome.Tallies[1].Open || len(outcome.Counted) != 2 {
		t.Error("a lost seat shuts the step again:", outcome.Tallies)
	}
	shut.vote(130, "hanbit", "dac", "c", "approve")
	if outcome := rules.Derive(shut.Case); !outcome.Tallies[1].Open || outcome.Tallies[1].Since != 130 {
		t.Error("and the next approval opens it:", outcome.Tallies)
	}
	if got := stepped().vote(109, "saerom", "ethics", "e", "recuse"); len(rules.Derive(got.Case).Counted) != 1 {
		t.Error("a conflict can be declared before the step opens")
	}
	if got := rules.Derive(stepped().vote(109, "saerom", "ethics", "e", "reject").Case); len(got.Counted) != 0 {
		t.Error("a rejection in a stage that is not open does not count:", got.State)
	}
	if got := dac(stepped(), "approve", "approve", "reject").state(); got != rules.InReview {
		t.Error("a rejection in a stage that is met changes nothing:", got)
	}
}

func TestTheStageOfWhoeverAsks(t *testing.T) {
	policy := records.Policy{Stages: []records.Stage{stage("hanbit", "dac", 1), {Of: records.OfRequester, Role: "ethics", Threshold: 1}}}
	if got := rules.Committees(policy); !reflect.DeepEqual(got, []string{"hanbit/dac"}) {
		t.Error("it names no committee before it is resolved:", got)
	}
	resolved := rules.Resolve(policy, "nuri")
	if resolved.Stages[1].Committee() != "nuri/ethics" || policy.Stages[1].Institution != "" || len(rules.Coinciding(resolved)) != 0 {
		t.Error(resolved.Stages, policy.Stages)
	}
	own := func() *scene {
		s := newScene(resolved.Stages...).seat("hanbit/dac", "a").seat("nuri/ethics", "kim", "lee", "park")
		return s.vote(110, "hanbit", "dac", "a", "approve")
	}
	letter := &records.Ethics{Board: "b", Number: "1", SHA256: hex, ValidUntil: 900}
	with := func(v *records.Vote) { v.Attestation = letter }
	if got := own().vote(120, "nuri", "ethics", "park", "approve").change(with).state(); got != rules.Approved {
		t.Error("its people are admitted, whatever own_institution_votes says:", got)
	}
	for _, id := range []string{"kim", "lee"} {
		if got := own().vote(120, "nuri", "ethics", id, "approve").change(with).state(); got != rules.InReview {
			t.Error("the requester and the researchers are not:", id, got)
		}
	}
	coincides := rules.Resolve(records.Policy{Stages: []records.Stage{stage("nuri", "dac", 1), {Of: records.OfRequester, Role: "dac", Threshold: 1}}}, "nuri")
	if got := rules.Coinciding(coincides); len(got) != 1 || got[0].Code != rules.StageUnmeetable || got[0].Clause != "stages[1]" {
		t.Error(got)
	}
}

const hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

func TestAttestations(t *testing.T) {
	yes := true
	start := func() *scene {
		return newScene(records.Stage{Institution: "saerom", Role: "ethics", Threshold: 2, Attests: &yes}).seat("saerom/ethics", "e", "f", "g")
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
		if got := start().vote(110, "saerom", "ethics", "e", "approve").change(change).state(); got != rules.Submitted {
			t.Errorf("%s the approval counts: %s", says, got)
		}
	}
	s := start().vote(110, "saerom", "ethics", "e", "approve").change(letter(150)).vote(120, "saerom", "ethics", "f", "approve").change(letter(800))
	if outcome := rules.Derive(s.Case); outcome.State != rules.Approved || outcome.AttestedUntil() != 150 {
		t.Error("the first end counts:", outcome.AttestedUntil())
	}
	s = start().vote(110, "saerom", "ethics", "e", "approve").change(letter(150)).vote(150, "saerom", "ethics", "f", "approve").change(letter(800))
	if outcome := rules.Derive(s.Case); outcome.State != rules.InReview || outcome.Tallies[0].Approvals != 1 {
		t.Error("what was attested until then is no approval any more:", outcome)
	}
	s.vote(160, "saerom", "ethics", "g", "approve").change(letter(700))
	if outcome := rules.Derive(s.Case); outcome.State != rules.Approved || outcome.AttestedUntil() != 700 {
		t.Error("and bounds nothing:", outcome)
	}
	if got := start().vote(110, "saerom", "ethics", "e", "reject").vote(120, "saerom", "ethics", "f", "reject").state(); got != rules.Rejected {
		t.Error("a rejection attests nothing:", got)
	}
	other := newScene(stage("hanbit", "dac", 1)).seat("hanbit/dac", "a").vote(110, "hanbit", "dac", "a", "approve").change(letter(900))
	if got := other.state(); got != rules.Submitted {
		t.Error("another committee attests nothing:", got)
	}
}

func TestVetoes(t *testing.T) {
	start := func() *scene {
		s := usual()
		s.Policy.Vetoes = []records.Veto{{Institution: "hanbit", Role: "privacy"}, {Institution: "saerom", Role: "ethics"}}
		s.Rosters["hanbit/privacy"] = rules.Roster{Order: map[string]int64{setTx: 1}, Changes: 1, Committee: records.Committee{Institution: "hanbit", Role: "privacy"}}
		return s.seat("hanbit/privacy", "p")
	}
	for _, c := range []struct {
		says string
		of   *scene
		want rules.State
	}{
		{"one rejection rejects", start().vote(110, "hanbit", "privacy", "p", "reject"), rules.Rejected},
		{"of a stage too", start().vote(110, "saerom", "ethics", "e", "reject"), rules.Rejected},
		{"others do not", start().vote(110, "hanbit", "dac", "a", "reject"), rules.InReview},
		{"without a seat it does not", start().vote(110, "hanbit", "privacy", "x", "reject"), rules.Submitted},
		{"it approves nothing", start().vote(110, "hanbit", "privacy", "p", "approve"), rules.Submitted},
		{"it returns nothing", start().vote(110, "hanbit", "privacy", "p", "return"), rules.Submitted},
		{"who has a conflict has no veto", start().vote(110, "hanbit", "privacy", "p", "recuse").vote(111, "hanbit", "privacy", "p", "reject"), rules.InReview},
		{"after the approval it is too late", dac(start().vote(100, "saerom", "ethics", "e", "approve"), "approve", "approve").vote(120, "hanbit", "privacy", "p", "reject"), rules.Approved},
	} {
		if got := c.of.state(); got != c.want {
			t.Errorf("%s: %s", c.says, got)
		}
	}
	late := stepped()
	late.Policy.Vetoes = []records.Veto{{Institution: "saerom", Role: "ethics"}}
	if got := late.vote(110, "saerom", "ethics", "e", "reject").state(); got != rules.Rejected {
		t.Error("a veto waits for no step:", got)
	}
}

func TestConflictsAreDeclared(t *testing.T) {
	start := func() *scene {
		s := newScene(stage("hanbit", "dac", 1)).seat("hanbit/dac", "a", "b")
		s.Policy.Conflicts = records.Declare
		return s
	}
	if got := start().vote(110, "hanbit", "dac", "a", "approve").state(); got != rules.Submitted {
		t.Error("without the declaration it does not count:", got)
	}
	if got := start().vote(110, "hanbit", "dac", "a", "reject").state(); got != rules.Submitted {
		t.Error("nor does a rejection:", got)
	}
	declared := start().vote(110, "hanbit", "dac", "a", "approve").change(func(v *records.Vote) { v.NoConflict = true })
	if got := declared.state(); got != rules.Approved {
		t.Error("with it it does:", got)
	}
	if got := start().vote(110, "hanbit", "dac", "a", "return").state(); got != rules.Returned {
		t.Error("a return needs none:", got)
	}
}

func TestReturnsAndAmendments(t *testing.T) {
	s := dac(usual(), "approve", "return", "approve").vote(120, "saerom", "ethics", "e", "approve")
	if outcome := rules.Derive(s.Case); outcome.State != rules.Returned || len(outcome.Counted) != 2 {
		t.Error("after a return no vote counts:", outcome)
	}
	last := newScene(byRule("hanbit", "dac", "unanimous"), stage("saerom", "ethics", 1)).seat("hanbit/dac", "a", "b", "c").seat("saerom/ethics", "e", "f")
	last = dac(last.vote(100, "saerom", "ethics", "e", "approve"), "approve", "approve").vote(120, "saerom", "ethics", "f", "return").vote(121, "hanbit", "dac", "c", "recuse")
	if outcome := rules.Derive(last.Case); outcome.State != rules.Returned || len(outcome.Counted) != 5 {
		t.Error("a conflict declared meanwhile decides nothing:", outcome)
	}
	s.Now = 1000
	if got := s.state(); got != rules.Lapsed {
		t.Error("the deadline goes on:", got)
	}
	// c declares a conflict, and then the request is amended: its digest is another
	s = dac(usual(), "approve", "return", "recuse")
	s.Digest = "amended"
	s.Request.Changes = append(s.Request.Changes, records.Change{Action: "request.amended", At: 150})
	outcome := rules.Derive(s.Case)
	if outcome.State != rules.InReview || len(outcome.Counted) != 1 || outcome.Tallies[0].Recused != 1 || outcome.Tallies[0].Since != 150 {
		t.Error("only the conflict stays:", outcome)
	}
	anew := func(v *records.Vote) { v.RequestDigest = "amended" }
	s.vote(160, "hanbit", "dac", "c", "approve").change(anew)
	if got := len(rules.Derive(s.Case).Counted); got != 1 {
		t.Error("and binds:", got)
	}
	s.vote(161, "hanbit", "dac", "a", "approve").change(anew).vote(162, "hanbit", "dac", "b", "approve").change(anew).vote(163, "saerom", "ethics", "e", "approve").change(anew)
	if got := s.state(); got != rules.Approved {
		t.Error("who had voted votes anew:", got)
	}
}

func TestClosing(t *testing.T) {
	closed := func(s *scene) *scene { return s.vote(150, "hanbit", "steward", "s", "close") }
	if outcome := rules.Derive(closed(usual()).Case); outcome.State != rules.Closed || outcome.DecidedAt != 150 || outcome.Undecided() {
		t.Error("a steward of the owner ends it:", outcome)
	}
	for says, s := range map[string]*scene{
		"another institution's steward":  usual().vote(150, "saerom", "steward", "s", "close"),
		"somebody who is none":           usual().vote(150, "hanbit", "dac", "a", "close"),
		"a steward without the act":      usual().vote(150, "hanbit", "steward", "s", "reject"),
		"a steward who has a conflict":   closed(usual().seat("hanbit/dac", "s").vote(120, "hanbit", "dac", "s", "recuse")),
		"a steward after the approval":   closed(dac(usual().vote(100, "saerom", "ethics", "e", "approve"), "approve", "approve")),
		"a deputy":                       closed(usual()).change(func(v *records.Vote) { v.DeputyFor = &records.DeputyFor{Member: "a"} }),
		"a steward when time has passed": usual().vote(1000, "hanbit", "steward", "s", "close"),
	} {
		if got := s.state(); got == rules.Closed {
			t.Error(says, "closed it")
		}
	}
	own := usual()
	own.Request.Body.Requester, own.Request.Body.Researchers = records.Person{Institution: "hanbit", ID: "r"}, []string{"s"}
	if got := closed(own).state(); got == rules.Closed {
		t.Error("who asks withdraws")
	}
	amended := closed(usual())
	amended.Digest = "amended"
	if got := amended.state(); got != rules.Closed {
		t.Error("an amendment does not bring it back:", got)
	}
}

func TestAutomatic(t *testing.T) {
	policy := records.Policy{Use: []records.Alternative{{Permission: "GRU"}}, Modes: []string{"download"}, MaxDurationSeconds: 100, Automatic: true}
	request := records.Record[records.Request]{ID: "request", Type: "request", Status: records.Open, Changes: []records.Change{{Action: "request.created", At: 100}}, Body: records.Request{
		Purpose: records.Purpose{Kind: "general-research"}, Mode: "download", DurationSeconds: 50,
	}}
	automatic := func() bool { return rules.ApprovedAutomatically(request, policy, nil) }
	if !automatic() {
		t.Fatal("what is permitted is approved")
	}
	c := usual()
	c.Request.Status, c.Automatic = records.Open, true
	c.Now, c.LatestPolicy = 5000, 7
	if outcome := rules.Derive(c.Case); outcome.State != rules.Approved || outcome.DecidedBy != "request" || outcome.DecidedAt != 100 {
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
		{"not when somebody is needed elsewhere", []records.Stage{byRule("hanbit", "dac", "unanimous"), stage("hanbit", "ethics", 1)}, []string{"a", "b", "c"}, 1},
		{"a later step gives nobody another vote", []records.Stage{byRule("hanbit", "dac", "unanimous"), inStep(stage("hanbit", "ethics", 1), 2)}, []string{"a"}, 1},
		{"a committee without anybody", []records.Stage{byRule("hanbit", "dac", "majority")}, nil, 1},
		{"what is not resolved is passed over", []records.Stage{{Of: "requester", Role: "ethics", Threshold: 9}}, nil, 0},
	} {
		s := newScene(c.stages...)
		for _, stage := range c.stages {
			s.seat(stage.Committee(), c.people...)
		}
		if got := rules.Unmeetable(s.Policy, s.Rosters, rules.Electorate{}, 10); len(got) != c.want {
			t.Errorf("%s: %v", c.says, got)
		}
	}
	own := rules.Resolve(records.Policy{Stages: []records.Stage{{Of: "requester", Role: "ethics", Rule: "unanimous"}}}, "nuri")
	s := newScene(own.Stages...).seat("nuri/ethics", "kim")
	if got := rules.Unmeetable(own, s.Rosters, rules.ElectorateOf(s.Request.Body, own), 10); len(got) != 1 {
		t.Error("the requester alone on the board cannot approve:", got)
	}
}
