package review_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/rulestest"
	"medconsent.org/chaincode/rules/use"
)

// desk is a random policy's committees, and what their people would say.
type desk struct {
	*rulestest.Scene
	words []records.Vote
}

var committees = []struct{ institution, role, people string }{{"hanbit", "dac", "abcd"}, {"hanbit", "privacy", "pqr"}, {"saerom", "ethics", "efg"}}

// roll makes one to three stages in one or two steps, and one word for each of their people but some; one in four is given by a deputy.
func newDesk(d rulestest.Dice, unanimous bool) *desk {
	demands := []string{"", "", "majority"}
	if unanimous {
		demands = append(demands, "unanimous", "unanimous")
	}
	stages := []records.Stage{}
	for _, committee := range committees[:1+d.Intn(len(committees))] {
		stage := records.Stage{Institution: committee.institution, Role: committee.role, Rule: d.One(demands...), Step: int64(d.Intn(3))}
		if stage.Rule == "" {
			stage.Threshold = int64(1 + d.Intn(3))
		}
		stages = append(stages, stage)
	}
	made := &desk{Scene: rulestest.NewScene(stages...)}
	made.Delegations = map[string]review.Delegation{}
	for _, committee := range committees[:len(stages)] {
		for _, id := range committee.people {
			made.Seat(committee.institution+"/"+committee.role, string(id))
			if word := d.One("approve", "approve", "approve", "reject", "recuse", ""); word != "" {
				vote := records.Vote{Voter: records.Person{Institution: committee.institution, ID: string(id)}, Role: committee.role, Vote: word}
				if d.Intn(4) == 0 && word != "recuse" {
					made.delegate(&vote)
				}
				made.words = append(made.words, vote)
			}
		}
	}
	return made
}

// delegate has a vote given by somebody else.
func (d *desk) delegate(vote *records.Vote) {
	member := vote.Voter.ID
	vote.Voter.ID = "deputy-" + member
	named := review.NewDelegation(delegation(vote.Voter.Institution, vote.Role, member, vote.Voter.ID))
	vote.DeputyFor = &records.DeputyFor{Member: member, Delegation: "d-" + member, Changes: 1, Digest: named.Digest(1)}
	d.Delegations[vote.DeputyFor.Delegation] = named
}

func delegation(institution, role, member, deputy string) records.Record[records.Delegation] {
	return records.Record[records.Delegation]{
		Type: records.DelegationType, Status: records.Active,
		Body:    records.Delegation{Institution: institution, Role: role, Member: member, Deputy: deputy, DeputyKey: deputy, From: 50, Until: 5000},
		Changes: []records.Change{{Action: "delegation.created", At: 50, By: records.By{Institution: institution, ID: member, Key: member}}},
	}
}

// cast gives the words in a random one of the orders that the contract admits: whoever is refused tries again later.
func (d *desk) cast(dice rulestest.Dice) review.Outcome {
	s := rulestest.Scene{Case: d.Case}
	s.Ballots = nil
	left := slices.Clone(d.words)
	outcome := review.Derive(s.Case)
	for at := records.Time(110); ; at++ {
		admitted := false
		for _, i := range dice.Perm(len(left)) {
			before := len(s.Ballots)
			s.Vote(at, left[i].Voter.Institution, left[i].Role, left[i].Voter.ID, left[i].Vote)
			s.Change(func(v *records.Vote) { v.DeputyFor, v.Attestation = left[i].DeputyFor, left[i].Attestation })
			if next := review.Derive(s.Case); len(next.Counted) == before+1 {
				outcome, left, admitted = next, slices.Delete(left, i, i+1), true
				break
			}
			s.Ballots = s.Ballots[:before]
		}
		if !admitted || !outcome.Undecided() {
			return outcome
		}
	}
}

const casts = 1_500

// While rosters stand still, no order of the votes that the contract admits changes the outcome.
func TestNoOrderChangesTheOutcome(t *testing.T) {
	seen := map[machines.State]int{}
	for seed := range int64(casts) {
		d := rulestest.Roll(seed)
		desk := newDesk(d, true)
		first := desk.cast(d)
		seen[first.State]++
		for range 3 {
			if again := desk.cast(d); again.State != first.State {
				t.Fatalf("%d: %s and %s\n%s\n%s", seed, first.State, again.State, rulestest.Encoded(desk.Policy.Stages), rulestest.Encoded(desk.words))
			}
		}
	}
	if seen[machines.Approved] < casts/10 || seen[machines.Rejected] < casts/10 || seen[machines.InReview] < casts/10 {
		t.Fatal("the dice are loaded:", seen)
	}
}

// What is approved has every stage met at the last counted vote, by people who then sit there, each once: counted again in another way.
func TestWhatIsApprovedIsMet(t *testing.T) {
	for seed := range int64(casts) {
		d := rulestest.Roll(seed)
		desk := newDesk(d, true)
		outcome := desk.cast(d)
		if outcome.State != machines.Approved {
			continue
		}
		for i, stage := range desk.Policy.Stages {
			seats, conflicts, approvals := len(committees[i].people), map[records.Person]bool{}, map[records.Person]bool{}
			for _, ballot := range outcome.Counted {
				if vote := ballot.Vote; vote.Role == stage.Role && vote.Voter.Institution == stage.Institution {
					conflicts[vote.Member()] = conflicts[vote.Member()] || vote.Vote == "recuse"
					approvals[vote.Member()] = approvals[vote.Member()] || vote.Vote == "approve"
				}
			}
			said := func(by map[records.Person]bool) (n int) {
				for _, yes := range by {
					if yes {
						n++
					}
				}
				return n
			}
			enough := map[string]bool{
				"": said(approvals) >= int(stage.Threshold), "majority": 2*said(approvals) > seats, "unanimous": 2*said(approvals) > seats && said(approvals)+said(conflicts) == seats,
			}
			if !enough[stage.Rule] {
				t.Fatalf("%d: %s is not met\n%s\n%s", seed, rulestest.Encoded(stage), rulestest.Encoded(desk.words), rulestest.Encoded(outcome.Counted))
			}
		}
	}
}

// Where numbers and majorities are asked for, who declares a conflict helps an approval no more than who says nothing; where unanimity is, no more than who approves.
func TestAConflictNeverHelps(t *testing.T) {
	for _, unanimous := range []bool{false, true} {
		for seed := range int64(casts) {
			d := rulestest.Roll(seed)
			desk := newDesk(d, unanimous)
			if desk.cast(d).State != machines.Approved {
				continue
			}
			for i := range desk.words {
				if desk.words[i].Vote != "recuse" {
					continue
				}
				if unanimous {
					desk.words[i].Vote = "approve"
				} else {
					desk.words = slices.Delete(desk.words, i, i+1)
				}
				if again := desk.cast(d); again.State != machines.Approved {
					t.Fatalf("%d: a declared conflict has helped: %s\n%s", seed, rulestest.Encoded(desk.Policy.Stages), rulestest.Encoded(desk.words))
				}
				break
			}
		}
	}
}

// Deputies bring about just what the members would have.
func TestADeputyAddsNoVote(t *testing.T) {
	for seed := range int64(casts) {
		d := rulestest.Roll(seed)
		desk := newDesk(d, true)
		by := desk.cast(d)
		for i := range desk.words {
			desk.words[i].Voter, desk.words[i].DeputyFor = desk.words[i].Member(), nil
		}
		if in := desk.cast(d); in.State != by.State {
			t.Fatalf("%d: %s by deputies, %s in person\n%s", seed, by.State, in.State, rulestest.Encoded(desk.words))
		}
	}
}

// Whatever is sealed, by whatever chaincode: no person and no seat counts twice, nobody without a seat counts, and the order in which a peer reads it does not matter.
func TestHostileVotes(t *testing.T) {
	everybody := []string{"a", "b", "c", "d", "e", "p", "x", "deputy-a", "deputy-b"}
	for seed := range int64(casts) {
		d := rulestest.Roll(seed)
		desk := newDesk(d, true)
		for _, member := range []string{"a", "b", "x"} {
			for _, deputy := range []string{"a", "c", "x", "deputy-a", "deputy-b"} {
				desk.Delegations["d-"+member+"-"+deputy] = review.NewDelegation(delegation("hanbit", "dac", member, deputy))
			}
		}
		for range 12 {
			institution, role := d.One("hanbit", "hanbit", "saerom", "nuri"), d.One("dac", "dac", "privacy", "ethics", "steward")
			voter, member := d.One(everybody...), d.One("a", "b", "x")
			desk.Vote(records.Time(100+d.Intn(20)), institution, role, voter, d.One("approve", "approve", "reject", "recuse", "return", "close", "abstain"))
			desk.Change(func(v *records.Vote) {
				v.Seq = int64(d.Intn(6) - 1)
				if d.Yes() {
					id, changes := "d-"+member+"-"+voter, int64(d.Intn(3)-1)
					v.DeputyFor = &records.DeputyFor{Member: member, Delegation: id, Changes: changes, Digest: desk.Delegations[id].Digest(changes)}
				}
				if d.Intn(8) == 0 {
					v.Rosters = nil
				}
			})
		}
		outcome := review.Derive(desk.Case)
		spoke := map[records.Person]bool{}
		for _, ballot := range outcome.Counted {
			vote := ballot.Vote
			if vote.Vote == "close" {
				continue
			}
			if spoke[vote.Voter] || spoke[vote.Member()] {
				t.Fatalf("%d: somebody counts twice\n%s", seed, rulestest.Encoded(outcome.Counted))
			}
			spoke[vote.Voter], spoke[vote.Member()] = true, true
			if !desk.Rosters[vote.Voter.Institution+"/"+vote.Role].Seated(vote.Member().ID, memberKey(desk, ballot), ballot.At) {
				t.Fatalf("%d: %s has no seat", seed, vote.Member())
			}
		}
		d.Shuffle(len(desk.Ballots), func(i, j int) { desk.Ballots[i], desk.Ballots[j] = desk.Ballots[j], desk.Ballots[i] })
		if again := review.Derive(desk.Case); rulestest.Encoded(again) != rulestest.Encoded(outcome) {
			t.Fatalf("%d: %s and %s", seed, rulestest.Encoded(outcome), rulestest.Encoded(again))
		}
	}
}

// memberKey is the key by which whoever has the seat spoke: it signed the ballot, or lent the voice.
func memberKey(d *desk, ballot review.Ballot) string {
	if deputy := ballot.Vote.DeputyFor; deputy != nil {
		return d.Delegations[deputy.Delegation].MemberKey
	}
	return ballot.Key
}

// A grant never outlives an attestation that its approval rests on.
func TestNoGrantOutlivesItsAttestation(t *testing.T) {
	granted := 0
	for seed := range int64(casts) {
		d := rulestest.Roll(seed)
		desk := newDesk(d, false)
		for i := range desk.words {
			if desk.words[i].Vote == "approve" && desk.words[i].Role == "ethics" && d.Yes() {
				desk.words[i].Attestation = &records.Ethics{Board: "b", Number: "1", SHA256: hex, ValidUntil: records.Time(105 + d.Intn(30))}
			}
		}
		outcome := desk.cast(d)
		if outcome.State != machines.Approved {
			continue
		}
		desk.Request.Body.DurationSeconds = int64(d.Intn(40))
		grant := grants.GrantOf(desk.Request, "r", outcome.DecidedAt, nil, nil, grants.BoundsOf(nil, desk.Request.Body, outcome.AttestedUntil()))
		for _, ballot := range outcome.Counted {
			if letter := ballot.Vote.Attestation; letter != nil && letter.ValidUntil > grant.From {
				granted++
				if grant.Until > letter.ValidUntil {
					t.Fatalf("%d: until %s, and the letter until %s", seed, grant.Until, letter.ValidUntil)
				}
			}
		}
	}
	if granted == 0 {
		t.Fatal("no grant rests on an attestation")
	}
}

// Automatic approval gives nothing that the decision does not permit without anybody's word.
func TestAutomaticApprovesOnlyWhatIsPermitted(t *testing.T) {
	approved := 0
	for seed := range int64(rulestest.Rounds) {
		d := rulestest.Roll(seed)
		policy, asked := d.Policy(), d.Ask()
		policy.Automatic = true
		request := records.Record[records.Request]{Changes: []records.Change{{At: 1000}}, Body: records.Request{
			Requester: records.Person{Institution: asked.Institution}, Purpose: asked.Purpose, Mode: asked.Mode, DurationSeconds: asked.DurationSeconds,
		}}
		if !review.ApprovedAutomatically(request, policy, rulestest.World) {
			continue
		}
		approved++
		if verdict := use.Decide(policy, use.AskOf(request.Body, 1000, rulestest.World)); verdict.Answer != rules.Permit || len(verdict.Claimed) > 0 {
			t.Fatalf("%d: %s", seed, rulestest.Encoded(verdict))
		}
	}
	if approved < rulestest.Rounds/50 {
		t.Fatal("hardly any was approved:", approved)
	}
}

// Whatever stands in a policy, a request, a delegation and votes, checked or not: no panic, and a state.
func FuzzDerive(f *testing.F) {
	for seed := range int64(20) {
		desk := newDesk(rulestest.Roll(seed), true)
		desk.cast(rulestest.Roll(seed))
		f.Add(rulestest.Encoded(desk.Policy), rulestest.Encoded(desk.Request), rulestest.Encoded(desk.words), rulestest.Encoded(delegation("hanbit", "dac", "a", "deputy-a")))
	}
	f.Fuzz(func(t *testing.T, policyText, requestText, votesText, delegationText string) {
		c := rulestest.Usual().Case
		var votes []records.Vote
		var lent records.Record[records.Delegation]
		for text, into := range map[string]any{policyText: &c.Policy, requestText: &c.Request, votesText: &votes, delegationText: &lent} {
			_ = json.Unmarshal([]byte(text), into)
		}
		c.Policy = review.Resolve(c.Policy, "nuri")
		c.Delegations = map[string]review.Delegation{"d-a": review.NewDelegation(lent)}
		for i, vote := range votes {
			c.Ballots = append(c.Ballots, review.Ballot{ID: fmt.Sprint(i), At: 110, Vote: vote})
		}
		outcome := review.Derive(c)
		if !slices.Contains(machines.RequestMachine.Names(), outcome.State) || outcome.NextSeq() > review.MaxSeq {
			t.Fatal(outcome)
		}
		if len(c.Policy.Stages) <= 8 { // the contract takes no more, and every set of them is looked at
			review.Unmeetable(c.Policy, c.Rosters, review.ElectorateOf(c.Request.Body, c.Policy), 10)
		}
		use.Words(c.Policy)
		outcome.AttestedUntil()
	})
}

// Whatever owners make of the past of their committees and delegations: what is rejected stays so, and nothing is approved by it that was not.
func TestNoPastIsWrittenAnew(t *testing.T) {
	rejected := 0
	for seed := range int64(casts / 3) {
		d := rulestest.Roll(seed)
		desk := newDesk(d, true)
		if d.Yes() {
			desk.Policy.Vetoes = []records.Veto{{Institution: "hanbit", Role: "dac"}}
		}
		first := desk.cast(d)
		desk.Ballots = first.Counted
		if again := review.Derive(desk.Case); again.State != first.State {
			t.Fatalf("%d: %s and %s", seed, first.State, again.State)
		}
		for range 4 {
			rewriteOne(d, desk)
			switch again := review.Derive(desk.Case); {
			case first.State == machines.Rejected && again.State != machines.Rejected:
				t.Fatalf("%d: it was rejected, and is %s\n%s", seed, again.State, rulestest.Encoded(desk.Case))
			case first.State != machines.Approved && again.State == machines.Approved:
				t.Fatalf("%d: it was %s, and is approved\n%s", seed, first.State, rulestest.Encoded(desk.Case))
			}
		}
		if first.State == machines.Rejected {
			rejected++
		}
	}
	if rejected < casts/30 {
		t.Fatal("the dice are loaded:", rejected)
	}
}

// rewriteOne gives one seat, or one delegation, another past.
func rewriteOne(d rulestest.Dice, desk *desk) {
	if ids := slices.Sorted(maps.Keys(desk.Delegations)); len(ids) > 0 && d.Intn(3) == 0 {
		record := delegation("hanbit", "dac", d.One("a", "b", "c"), d.One("deputy-a", "deputy-b", "x"))
		record.Body.From = records.Time(40 + d.Intn(100))
		desk.Delegations[d.One(ids...)] = review.NewDelegation(record)
		return
	}
	ids := slices.Sorted(maps.Keys(desk.Rosters))
	id := d.One(ids...)
	roster := desk.Rosters[id]
	roster.Committee.Seats = slices.Clone(roster.Committee.Seats)
	if len(roster.Committee.Seats) == 0 {
		return
	}
	seat := &roster.Committee.Seats[d.Intn(len(roster.Committee.Seats))]
	switch d.Intn(5) {
	case 0:
		seat.From = records.Time(100 + d.Intn(100))
	case 1:
		seat.Until = records.Time(50 + d.Intn(100))
	case 2:
		seat.Key = "another"
	case 3:
		seat.ID = d.One("a", "b", "x")
	case 4:
		seat.SetTx = "nothing"
	}
	desk.Rosters[id] = roster
}
