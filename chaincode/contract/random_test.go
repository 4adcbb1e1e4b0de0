package contract_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
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
	stub, _, refused := g.simulate(who, name, text(argument))
	if refused != nil {
		if refused.Code == refusal.Internal || refused.Code == refusal.Forged || refused.Message == "" {
			g.Fatalf("%s by %s with %v: %v", name, who, argument, refused)
		}
		return name, nil
	}
	return name, func() ledgertest.Code { return g.ledger.Commit(stub, institutions...) }
}

// step lets one or two things happen, or time pass, and looks at everything.
func (g gambler) step() {
	if g.Intn(5) == 0 {
		g.later(time.Duration(1+g.Intn(240)) * time.Minute)
		if g.Intn(8) == 0 {
			g.later(time.Duration(g.Intn(14*24)) * time.Hour)
		}
		g.look(rules.Time)
		return
	}
	name, hand := g.dares()
	rival, second := "", (func() ledgertest.Code)(nil)
	if g.Intn(5) == 0 {
		rival, second = g.dares() // simulated on the same state, and handed in after the other
	}
	for _, one := range []struct {
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
			g.Fatalf("%s: %s", one.name, code)
		}
	}
}

// look reads everything, and compares where it stands with where it stood before something happened.
func (g gambler) look(happened string) {
	g.Helper()
	visit := func(list string, kind string, follow func(key, from, to string)) []any {
		items := g.ask(list, object{"page_size": 100})["items"].([]any)
		for _, item := range items {
			if in(item, "forged") != nil || in(item, "not_counted") != nil {
				g.Fatalf("after %s something honest counts for nothing: %v", happened, item)
			}
			key, state := in(item, kind, "key").(string), in(item, "state").(string)
			if was := g.states[key]; was != state {
				follow(key, was, state)
				g.seen[kind+" "+state]++
			}
			g.states[key] = state
		}
		return items
	}
	clear(g.asked)
	requests := visit("request.list", "request", func(key, was, is string) { follows(g, rules.RequestMachine, happened, key, was, is) })
	visit("grant.list", "grant", func(key, was, is string) { follows(g, rules.GrantMachine, happened, key, was, is) })
	visit("breakglass.list", "breakglass", func(key, was, is string) { follows(g, rules.BreakglassMachine, happened, key, was, is) })
	visit("delegation.list", "delegation", func(key, was, is string) { follows(g, rules.DelegationMachine, happened, key, was, is) })
	for _, item := range requests {
		tallies := in(item, "waits_for").([]any)
		for _, tally := range tallies {
			if in(tally, "open") != true {
				continue
			}
			for _, id := range in(tally, "waits_for").([]any) {
				key := in(item, "request", "key").(string)
				g.asked[key] = append(g.asked[key], fmt.Sprintf("%s/%s:%s", in(tally, "institution"), id, in(tally, "role")))
			}
		}
	}
	g.oneGrantEach(requests)
	g.oneVoteEach()
}

// follows makes sure that what happened can have led from one state to another, by the machine's table.
func follows[S ~string](g gambler, m rules.Machine[S], happened, key, was, is string) {
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
		if happened != rules.Time {
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
	grants := map[string]int{}
	for _, key := range g.ledger.Keys("grant/") {
		grant, _ := g.stored(key)
		if request, ok := in(grant, "body", "request").(string); ok {
			grants[request]++
		}
		votes, _ := in(grant, "body", "votes").([]any)
		for _, named := range votes {
			vote, digest := g.stored(in(named, "key").(string))
			if digest != in(named, "digest") {
				g.Fatalf("%s names a vote that is not there", key)
			}
			until, attested := in(vote, "body", "attestation", "valid_until").(string)
			if given := in(vote, "changes", 0, "at").(string); attested && in(vote, "body", "vote") == "approve" && until > in(grant, "changes", 0, "at").(string) &&
				until > given && in(grant, "body", "until").(string) > until {
				g.Fatalf("%s outlives an attestation", key)
			}
		}
	}
	for _, item := range requests {
		id, approved := in(item, "request", "record", "id").(string), in(item, "state") == "approved"
		if (grants[id] == 1) != approved || grants[id] > 1 {
			g.Fatalf("request %s is %v and has %d grants", id, in(item, "state"), grants[id])
		}
	}
}

// oneVoteEach makes sure that on a request as it stood nobody voted twice, or was voted for twice, and that who declared a conflict of interest said nothing more.
func (g gambler) oneVoteEach() {
	g.Helper()
	type cast struct{ at, tx, vote, voter, member, digest string }
	byRequest := map[string][]cast{}
	for _, key := range g.ledger.Keys("vote/") {
		vote, _ := g.stored(key)
		body := vote["body"]
		institution := in(body, "voter", "institution").(string)
		c := cast{
			at: in(vote, "changes", 0, "at").(string), tx: vote["id"].(string), vote: in(body, "vote").(string), digest: in(body, "request_digest").(string),
			voter: institution + "/" + in(body, "voter", "id").(string),
		}
		c.member = institution + "/" + or(in(body, "deputy_for", "member"), in(body, "voter", "id")).(string)
		if c.vote != "close" {
			byRequest[in(body, "request").(string)] = append(byRequest[in(body, "request").(string)], c)
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
			g := gambler{guarded(t), rand.New(rand.NewSource(seed)), map[string]string{}, done, seen, map[string][]string{}} //nolint:gosec // the same sequence each time
			g.do(steward, "committee.set", object{"role": "dac", "members": members("a", "b", "c", "q")})
			g.do(saeromSteward, "committee.set", object{"role": "ethics", "members": members("e-1", "e-2", "e-3")})
			g.do(nuriSteward, "committee.set", object{"role": "ethics", "members": members("n-1", "n-2")})
			if seed%3 > 0 {
				g.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": with(g.policy(), object{"terms": termed()["terms"]})})
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
	all("request", named(rules.RequestMachine.Names())...)
	all("grant", named(slices.DeleteFunc(rules.GrantMachine.Names(), func(s rules.GrantState) bool { return s == rules.GrantEnded }))...) // which is rare
	all("delegation", string(rules.DelegationActive), string(rules.DelegationExpired), string(rules.DelegationEnded))
	all("breakglass", named(rules.BreakglassMachine.Names())...)
}

func named[S ~string](states []S) []string {
	list := []string{}
	for _, state := range states {
		list = append(list, string(state))
	}
	return list
}
