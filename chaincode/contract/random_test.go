package contract_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/machines"
)

// dares simulates something and gives how to hand it in; nil when it was refused.
func (g gambler) dares() (name string, hand func() ledgertest.Code) {
	acts := g.acts()
	names := append(slices.Repeat([]string{"request.vote"}, 16), slices.Repeat([]string{"request.submit"}, 4)...)
	names = append(names, "grant.accept", "grant.accept", "grant.revoke")
	for act := range acts {
		names = append(names, act)
	}
	slices.Sort(names)
	name = g.one(names...)
	who, argument := acts[name]()
	if slices.Contains([]string{"policy.set", "committee.set", "dataset.publish", "institution.set"}, name) && g.Intn(4) > 0 {
		return name, nil // less often
	}
	stub, _, refused := g.Simulate(who, name, sample.Text(argument))
	if refused != nil {
		if refused.Code == refusal.Internal || refused.Code == refusal.Forged || refused.Message == "" {
			g.Fatalf("%s by %s with %v: %v", name, who, argument, refused)
		}
		return name, nil
	}
	return name, func() ledgertest.Code { return g.Ledger.Commit(stub, sample.Institutions...) }
}

// step lets one or two things happen, or time pass, and looks at everything.
func (g gambler) step() {
	if g.Intn(5) == 0 {
		g.Later(time.Duration(1+g.Intn(240)) * time.Minute)
		if g.Intn(8) == 0 {
			g.Later(time.Duration(g.Intn(14*24)) * time.Hour)
		}
		g.look(machines.Time)
		return
	}
	name, hand := g.dares()
	rival, second := "", (func() ledgertest.Code)(nil)
	if g.Intn(5) == 0 {
		rival, second = g.dares() // simulated on the same state, and handed in after the other
	}
	for i, one := range []struct {
		name string
		hand func() ledgertest.Code
	}{{name, hand}, {rival, second}} {
		if one.hand == nil {
			continue
		}
		switch code := one.hand(); code {
		case ledgertest.Valid:
			g.done[one.name]++
			g.look(one.name)
		case ledgertest.EndorsementPolicyFailure:
			if i == 0 { // the other may have been overtaken: what it would have written is there, and locked
				g.Fatalf("%s: %s", one.name, code)
			}
		}
	}
}

// look reads everything, and compares where it stands with where it stood before something happened.
func (g gambler) look(happened string) {
	g.Helper()
	visit := func(list string, kind string, follow func(key, from, to string)) []any {
		items := g.Ask(list, object{"page_size": 100})["items"].([]any)
		for _, item := range items {
			if sample.In(item, "forged") != nil || sample.In(item, "not_counted") != nil {
				g.Fatalf("after %s something honest counts for nothing: %v", happened, item)
			}
			key, state := sample.In(item, kind, "key").(string), sample.In(item, "state").(string)
			if was := g.states[key]; was != state {
				follow(key, was, state)
				g.seen[kind+" "+state]++
			}
			g.states[key] = state
		}
		return items
	}
	clear(g.asked)
	requests := visit("request.list", "request", func(key, was, is string) { follows(g, machines.RequestMachine, happened, key, was, is) })
	visit("grant.list", "grant", func(key, was, is string) { follows(g, machines.GrantMachine, happened, key, was, is) })
	visit("breakglass.list", "breakglass", func(key, was, is string) { follows(g, machines.BreakglassMachine, happened, key, was, is) })
	visit("delegation.list", "delegation", func(key, was, is string) { follows(g, machines.DelegationMachine, happened, key, was, is) })
	for _, item := range requests {
		tallies := sample.In(item, "waits_for").([]any)
		for _, tally := range tallies {
			if sample.In(tally, "open") != true {
				continue
			}
			for _, id := range sample.In(tally, "waits_for").([]any) {
				key := sample.In(item, "request", "key").(string)
				g.asked[key] = append(g.asked[key], fmt.Sprintf("%s/%s:%s", sample.In(tally, "institution"), id, sample.In(tally, "role")))
			}
		}
	}
	g.oneGrantEach(requests)
	g.oneVoteEach()
}

// follows makes sure that what happened can have led from one state to another, by the machine's table.
func follows[S ~string](g gambler, m machines.Machine[S], happened, key, was, is string) {
	g.Helper()
	reach := []S{S(was)}
	for range 3 { // much time can make several steps
		for _, from := range reach {
			for _, act := range m.Acts {
				if !strings.HasPrefix(act.Does, happened) {
					continue
				}
				for _, step := range act.Steps {
					if slices.Contains(step.From, from) || from == "" && len(step.From) == 0 {
						reach = append(reach, step.To)
					}
				}
			}
		}
		if happened != machines.Time {
			break
		}
	}
	if !slices.Contains(reach, S(is)) {
		g.Fatalf("%s led %s from %q to %q, which the table of a %s does not have", happened, key, was, is, m.Name)
	}
}

// oneGrantEach makes sure that a request is approved if and only if one grant rests on it, which keeps to its votes' attestations.
func (g gambler) oneGrantEach(requests []any) {
	g.Helper()
	four := map[string]int{}
	for _, key := range g.Ledger.Keys("grant/") {
		grant, _ := g.stored(key)
		if request, ok := sample.In(grant, "body", "request").(string); ok {
			four[request]++
		}
		votes, _ := sample.In(grant, "body", "votes").([]any)
		for _, named := range votes {
			vote, digest := g.voteAt(sample.In(named, "key").(string))
			if digest != sample.In(named, "digest") {
				g.Fatalf("%s names a vote that is not there", key)
			}
			until, attested := sample.In(vote, "body", "attestation", "valid_until").(string)
			if given := sample.In(vote, "changes", 0, "at").(string); attested && sample.In(vote, "body", "vote") == "approve" && until > sample.In(grant, "changes", 0, "at").(string) &&
				until > given && sample.In(grant, "body", "until").(string) > until {
				g.Fatalf("%s outlives an attestation", key)
			}
		}
	}
	for _, item := range requests {
		id, approved := sample.In(item, "request", "record", "id").(string), sample.In(item, "state") == "approved"
		if (four[id] == 1) != approved || four[id] > 1 {
			g.Fatalf("request %s is %v and has %d grants", id, sample.In(item, "state"), four[id])
		}
	}
}

// oneVoteEach makes sure that on a request as it stood nobody voted twice, or was voted for twice, and that who declared a conflict of interest said nothing more.
func (g gambler) oneVoteEach() {
	g.Helper()
	type cast struct{ at, tx, vote, voter, member, digest string }
	byRequest := map[string][]cast{}
	for _, stored := range g.votes() {
		vote, _ := g.parsed(stored)
		body := vote["body"]
		institution := sample.In(body, "voter", "institution").(string)
		c := cast{
			at: sample.In(vote, "changes", 0, "at").(string), tx: vote["id"].(string), vote: sample.In(body, "vote").(string), digest: sample.In(body, "request_digest").(string),
			voter: institution + "/" + sample.In(body, "voter", "id").(string),
		}
		c.member = institution + "/" + or(sample.In(body, "deputy_for", "member"), sample.In(body, "voter", "id")).(string)
		if c.vote != "close" {
			byRequest[sample.In(body, "request").(string)] = append(byRequest[sample.In(body, "request").(string)], c)
		}
	}
	for request, votes := range byRequest {
		spent, recused := map[string]string{}, map[string]cast{}
		for _, c := range votes {
			for _, person := range slices.Compact([]string{c.voter, c.member}) {
				if spent[person+c.digest] != "" {
					g.Fatalf("%s counts twice on request %s: %s and %s", person, request, spent[person+c.digest], c.tx)
				}
				spent[person+c.digest] = c.tx
			}
			if c.vote == "recuse" {
				recused[c.voter] = c
			}
		}
		for _, c := range votes {
			for _, person := range []string{c.voter, c.member} {
				if r, ok := recused[person]; ok && r.tx != c.tx && c.at > r.at {
					g.Fatalf("%s voted on request %s after declaring a conflict of interest", person, request)
				}
			}
		}
	}
}

// Whatever anybody does in whatever order: no fault, nothing written on a refusal (the world checks that), every state follows from the one before by the machines'
// tables, one grant for each approved request and no other, nobody counts twice, and nothing honest is taken for a forgery.
func TestAnybodyDoesAnything(t *testing.T) {
	done := map[string]int{}
	seen := map[string]int{}
	for seed := range int64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			g := gambler{sample.Guarded(t), rand.New(rand.NewSource(seed)), map[string]string{}, done, seen, map[string][]string{}} //nolint:gosec // the same sequence each time
			g.Do(sample.Steward, "committee.set", object{"role": "dac", "members": sample.Members("a", "b", "c", "q")})
			g.Do(sample.SaeromSteward, "committee.set", object{"role": "ethics", "members": sample.Members("e-1", "e-2", "e-3")})
			g.Do(sample.NuriSteward, "committee.set", object{"role": "ethics", "members": sample.Members("n-1", "n-2")})
			if seed%3 > 0 {
				g.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.With(g.policy(), object{"terms": sample.Termed()["terms"]})})
			}
			for range 280 {
				g.step()
			}
		})
	}
	t.Log("what succeeded:", done, "what came to be:", seen)
	for name := range (gambler{}).acts() {
		if done[name] == 0 {
			t.Errorf("%s never succeeded: the test shows nothing about it", name)
		}
	}
	all := func(kind string, states ...string) {
		for _, state := range states {
			if seen[kind+" "+state] == 0 {
				t.Errorf("no %s came to be %s: the test shows nothing about it", kind, state)
			}
		}
	}
	all("request", named(machines.RequestMachine.Names())...)
	if seen["grant "+string(machines.GrantUnproven)] > 0 {
		t.Error("a grant came to be unproven although nobody wrote past the contract")
	}
	all("grant", named(slices.DeleteFunc(machines.GrantMachine.Names(), func(s machines.GrantState) bool {
		return s == machines.GrantUnproven || s == machines.GrantEnded // which is rare
	}))...)
	all("delegation", string(machines.DelegationActive), string(machines.DelegationExpired), string(machines.DelegationEnded))
	all("breakglass", named(machines.BreakglassMachine.Names())...)
}

func named[S ~string](states []S) []string {
	list := []string{}
	for _, state := range states {
		list = append(list, string(state))
	}
	return list
}
