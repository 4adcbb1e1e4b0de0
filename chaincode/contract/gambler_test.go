package contract_test

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"time"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// gambler is a world in which anybody does anything at any time.
type gambler struct {
	*world
	*rand.Rand
	// states are where each thing stood when it was last looked at, by its key; done and seen count what succeeded and
	// where something came to stand.
	states map[string]string
	done   map[string]int
	seen   map[string]int
	// asked are those whom each request waits for, with the role.
	asked map[string][]string
}

// cast is everybody, with the roles of their certificates: some have a seat, some had one, some have none.
var cast = []string{
	"hanbit/a:dac", "hanbit/a:ethics,dac", "hanbit/b:dac", "hanbit/c:dac,privacy", "hanbit/d:dac,ethics,privacy", "hanbit/p:privacy", "hanbit/q:privacy,dac",
	steward, "hanbit/r:researcher,dac", "saerom/e-1:ethics", "saerom/e-2:ethics,researcher", "saerom/e-3:ethics", saeromSteward,
	kim, lee, park, "nuri/n-1:ethics,researcher", "nuri/n-2:ethics", nuriSteward, operator,
}

func (g gambler) one(list ...string) string { return list[g.Intn(len(list))] }

// likely is mostly one of those who may, and sometimes anybody.
func (g gambler) likely(who ...string) string {
	if g.Intn(4) == 0 {
		return g.one(cast...)
	}
	return g.one(who...)
}

func (g gambler) rarely() bool { return g.Intn(10) == 0 }

func (g gambler) now() records.Time { return records.Time(g.world.now.Unix()) }

func (g gambler) in(most time.Duration) string {
	return (g.now() + records.Time(g.Int63n(int64(most/time.Second)))).String()
}

// id is the id of something that stands under a prefix, mostly of what has not ended, sometimes of nothing.
func (g gambler) id(kind string) string {
	keys := g.ledger.Keys(kind + "/")
	if live := slices.DeleteFunc(slices.Clone(keys), g.ended); len(live) > 0 && !g.rarely() {
		keys = live
	}
	if len(keys) == 0 || g.Intn(100) == 0 {
		return digestOf("none")
	}
	key := keys[g.Intn(len(keys))]
	return key[strings.LastIndexByte(key, '/')+1:]
}

func (g gambler) ended(key string) bool {
	state := g.states[key]
	return rules.RequestMachine.Final(rules.State(state)) || rules.GrantMachine.Final(rules.GrantState(state)) ||
		rules.BreakglassMachine.Final(rules.BreakglassState(state)) || rules.DelegationMachine.Final(rules.DelegationState(state))
}

// stored is the record at a key.
func (g gambler) stored(key string) (record object, digest string) {
	value := g.ledger.Value(key)
	if value == nil {
		return nil, digestOf("none")
	}
	if err := json.Unmarshal(value, &record); err != nil {
		g.Fatal(err)
	}
	return record, records.Digest(value)
}

func (g gambler) stages() []object {
	dac, ethics := object{"institution": "hanbit", "role": "dac", "threshold": 1}, object{"institution": "saerom", "role": "ethics", "threshold": 1}
	own := object{"of": "requester", "role": "ethics", "threshold": 1}
	return [][]object{
		{with(dac, object{"threshold": 2}), ethics}, {dac}, {dac, own}, {dac, with(own, object{"attests": false, "step": 2})},
		{with(dac, object{"threshold": nil, "rule": "majority"}), with(ethics, object{"threshold": nil, "rule": "unanimous", "step": 2})},
		{with(dac, object{"threshold": nil, "rule": "unanimous"})},
	}[g.Intn(6)]
}

func (g gambler) policy() object {
	changes := object{"stages": g.stages(), "automatic": g.Intn(4) == 0, "own_institution_votes": g.Intn(3) == 0, "review_period_seconds": 86400 * (5 + g.Intn(40))}
	if g.Intn(2) == 0 {
		changes["terms"] = object{"url": "https://hanbit.example/terms", "sha256": digestOf("terms")}
	}
	if g.Intn(4) == 0 {
		changes["conflicts"] = "declare"
	}
	if g.Intn(3) == 0 {
		changes["vetoes"] = []object{{"institution": "hanbit", "role": "privacy"}}
	}
	return with(policy(), changes)
}

func (g gambler) purpose() object {
	if g.Intn(5) == 0 {
		return object{"kind": "disease", "diseases": []string{g.one("ICD10:C50.2", "ICD10:C61")}}
	}
	return object{"kind": "disease", "diseases": []string{"ICD10:C50.1"}}
}

func (g gambler) people(list ...string) []string {
	g.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:1+g.Intn(len(list))]
}

// acts are ways to call each transaction, often by somebody who may.
func (g gambler) acts() map[string]func() (who string, argument object) {
	dataset, because := "hanbit/breast-cancer", "because"
	soon := func() string { return g.in(40 * 24 * time.Hour) }
	return map[string]func() (string, object){
		"institution.set": func() (string, object) { return operator, profile() },
		"committee.set": func() (string, object) {
			if g.Intn(3) == 0 {
				return saeromSteward, object{"role": "ethics", "members": members(g.people("e-1", "e-2", "e-3")...)}
			}
			return steward, object{"role": "dac", "members": members(append(g.people("a", "b", "c", "d"), "q")...)}
		},
		"committee.delegate": func() (string, object) {
			return g.likely("hanbit/a:dac", "hanbit/b:dac", "hanbit/c:dac,privacy"), object{"role": g.one("dac", "dac", "dac", "ethics"), "deputy": g.one("d", "c", "r", "e-3", "n-1"), "until": soon()}
		},
		"committee.undelegate": func() (string, object) {
			return g.likely("hanbit/a:dac", "hanbit/b:dac", steward, "saerom/e-1:ethics"), object{"delegation": g.id("delegation")}
		},
		"dataset.publish": func() (string, object) { return steward, with(publication(), object{"policy": nil}) },
		"policy.set": func() (string, object) {
			argument := object{"dataset": dataset, "policy": g.policy()}
			if g.Intn(2) == 0 {
				standing := in(g.ask("policy.get", object{"dataset": dataset}), "record", "body", "policy").(object)
				argument = object{"dataset": dataset, "policy": with(standing, object{"use": []object{{"permission": "DS", "diseases": []string{"ICD10:C50.2"}}}}), "applies": "existing"}
			}
			return steward, argument
		},
		"request.submit": func() (string, object) {
			argument := with(g.world.request(), object{"purpose": g.purpose(), "researchers": g.people("kim", "lee", "park", "n-1"), "duration_seconds": 86400 * (1 + g.Intn(80))})
			if in(g.ask("policy.get", object{"dataset": dataset}), "record", "body", "policy", "terms") != nil {
				argument["accepted_terms"] = digestOf("terms")
			}
			if grant, _ := g.stored("grant/" + g.id("grant")); grant != nil && g.Intn(2) == 0 {
				related := g.one("renews", "joins", "joins")
				argument[related], argument["researchers"] = grant["id"], in(grant, "body", "grantees").([]any)[:1]
				if related == "joins" {
					argument = with(argument, object{"purpose": in(grant, "body", "purpose"), "mode": in(grant, "body", "mode"), "researchers": g.people("park", "n-1", "lim"), "duration_seconds": 86400 * (1 + g.Intn(9)),
						"version": in(grant, "body", "version"), "version_digest": in(grant, "body", "version_digest")})
				}
			}
			return g.one(kim, kim, lee, "saerom/e-2:ethics,researcher"), argument
		},
		"request.amend": func() (string, object) {
			argument := object{"request": g.id("request"), "project": "project " + g.one("one", "two", "three")}
			if g.Intn(3) == 0 {
				argument["researchers"] = g.people("kim", "lee", "park")
			}
			return g.one(kim, lee, park), argument
		},
		"request.vote":     g.ballot,
		"request.withdraw": func() (string, object) { return g.likely(kim, lee), object{"request": g.id("request")} },
		"request.remark": func() (string, object) {
			if g.Intn(2) == 0 {
				invitation := g.one(append(g.ledger.Keys("invitation/"), "invitation/"+digestOf("none")+"/"+digestOf("none"))...)
				parts := strings.Split(invitation, "/")
				return g.likely(park, "saerom/e-3:ethics"), object{"request": parts[1], "kind": "opinion", "text": "well", "invitation": parts[2]}
			}
			return g.one(cast...), object{"request": g.id("request"), "text": "well"}
		},
		"request.invite": func() (string, object) {
			return g.likely("hanbit/a:dac", "saerom/e-1:ethics"), object{"request": g.id("request"), "reviewer": g.one("nuri/park", "saerom/e-3"), "question": "well?"}
		},
		"grant.revoke": func() (string, object) {
			if grant, _ := g.stored("grant/" + g.id("grant")); g.Intn(2) == 0 {
				return g.likely(steward, privacy), object{"grant": or(in(grant, "body", "joins"), g.id("grant")), "reason": because}
			}
			return steward, object{"grant": g.id("grant"), "reason": because, "others": g.people(g.id("grant"), g.id("grant"))[:1]}
		},
		"grant.relinquish": func() (string, object) {
			grant, _ := g.stored("grant/" + g.id("grant"))
			return g.likely(kim, lee, park), object{"grant": or(in(grant, "body", "joins"), g.id("grant"))}
		},
		"grant.suspend": func() (string, object) {
			return g.likely(privacy), object{"grant": g.id("grant"), "reason": because}
		},
		"grant.lift": func() (string, object) {
			return g.likely(privacy), object{"grant": g.id("grant"), "reason": because}
		},
		"grant.accept": func() (string, object) {
			grant, _ := g.stored("grant/" + g.id("grant"))
			people, _ := in(grant, "body", "grantees").([]any)
			return fmt.Sprintf("nuri/%s:researcher", append(people, "kim")[g.Intn(len(people)+1)]), object{"grant": or(grant["id"], digestOf("none")), "terms": digestOf("terms")}
		},
		"breakglass.propose": func() (string, object) { return g.likely(privacy), emergency() },
		"breakglass.confirm": func() (string, object) {
			id := g.id("breakglass")
			_, digest := g.stored("breakglass/" + id)
			return g.likely(steward, "hanbit/q:privacy,dac"), object{"breakglass": id, "digest": digest}
		},
		"breakglass.justify": func() (string, object) {
			return g.likely(privacy), object{"breakglass": g.id("breakglass"), "justification": because}
		},
	}
}

// ballot is a vote of somebody on something, mostly on what stands.
func (g gambler) ballot() (string, object) {
	id := g.id("request")
	record, digest := g.stored("request/" + id)
	if g.rarely() {
		digest = digestOf("stale")
	}
	who := g.one(cast...)
	if asked := g.asked["request/"+id]; len(asked) > 0 && g.Intn(4) > 0 {
		who = g.one(asked...)
	}
	_, roles, _ := strings.Cut(who, ":")
	role := g.one(strings.Split(roles, ",")...)
	vote := g.one(append(slices.Repeat([]string{"approve"}, 10), "reject", "reject", "recuse", "return")...)
	if role == "steward" {
		vote = g.one("close", "approve", "approve", "approve")
	}
	if g.Intn(30) == 0 {
		who, role, vote = steward, "steward", "close"
	}
	argument := object{
		"request": id, "vote": vote, "role": role, "reason": "because", "request_digest": digest,
		"version_digest": in(record, "body", "version_digest"), "policy_digest": in(record, "body", "policy_digest"),
	}
	if decides := vote == "approve" || vote == "reject"; decides && !g.rarely() {
		argument["no_conflict"] = true
	}
	if vote == "approve" && role == "ethics" && g.Intn(5) > 0 {
		argument["attestation"] = object{"board": "the board", "number": "7", "sha256": digestOf("letter"), "valid_until": g.in(60 * 24 * time.Hour)}
	}
	if keys := g.ledger.Keys("delegation/"); len(keys) > 0 && g.Intn(3) == 0 {
		delegation, _ := g.stored(keys[g.Intn(len(keys))])
		argument["for"], argument["delegation"] = in(delegation, "body", "member"), delegation["id"]
		who = in(delegation, "body", "institution").(string) + "/" + in(delegation, "body", "deputy").(string) + ":" + in(delegation, "body", "role").(string)
		argument["role"] = in(delegation, "body", "role")
	}
	return who, argument
}
