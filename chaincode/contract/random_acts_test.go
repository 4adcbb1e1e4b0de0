package contract_test

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/machines"
)

// gambler is a world in which anybody does anything at any time.
type gambler struct {
	*sample.World
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
	sample.Steward, "hanbit/r:researcher,dac", "saerom/e-1:ethics", "saerom/e-2:ethics,researcher", "saerom/e-3:ethics", sample.SaeromSteward,
	sample.Kim, sample.Lee, sample.Park, "nuri/n-1:ethics,researcher", "nuri/n-2:ethics", sample.NuriSteward, sample.Operator,
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

func (g gambler) now() records.Time { return records.Time(g.World.Now.Unix()) }

func (g gambler) in(most time.Duration) string {
	return (g.now() + records.Time(g.Int63n(int64(most/time.Second)))).String()
}

// id is the id of something that stands under a prefix, mostly of what has not ended, sometimes of nothing.
func (g gambler) id(kind string) string {
	keys := g.Ledger.Keys(kind + "/")
	if live := slices.DeleteFunc(slices.Clone(keys), g.ended); len(live) > 0 && !g.rarely() {
		keys = live
	}
	if len(keys) == 0 || g.Intn(100) == 0 {
		return sample.DigestOf("none")
	}
	key := keys[g.Intn(len(keys))]
	return key[strings.LastIndexByte(key, '/')+1:]
}

func (g gambler) ended(key string) bool {
	state := g.states[key]
	return machines.RequestMachine.Final(machines.State(state)) || machines.GrantMachine.Final(machines.GrantState(state)) ||
		machines.BreakglassMachine.Final(machines.BreakglassState(state)) || machines.DelegationMachine.Final(machines.DelegationState(state))
}

// stored is the record at a key.
func (g gambler) stored(key string) (record object, digest string) {
	return g.parsed(g.Ledger.Value(key))
}

// votes are all that institutions have posted, in the form in which they are stored.
func (g gambler) votes() [][]byte {
	var all [][]byte
	for _, institution := range sample.Institutions {
		for _, key := range g.Ledger.Posts(institution, "vote/") {
			all = append(all, g.Ledger.Post(institution, key))
		}
	}
	return all
}

// voteAt finds a vote by the key that it has, though nothing stands there.
func (g gambler) voteAt(key string) (record object, digest string) {
	for _, value := range g.votes() {
		if vote, digest := g.parsed(value); key == "vote/"+sample.In(vote, "body", "request").(string)+"/"+vote["id"].(string) {
			return vote, digest
		}
	}
	return g.parsed(nil)
}

func (g gambler) parsed(value []byte) (record object, digest string) {
	if value == nil {
		return nil, sample.DigestOf("none")
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
		{sample.With(dac, object{"threshold": 2}), ethics}, {dac}, {dac, own}, {dac, sample.With(own, object{"attests": false, "step": 2})},
		{sample.With(dac, object{"threshold": nil, "rule": "majority"}), sample.With(ethics, object{"threshold": nil, "rule": "unanimous", "step": 2})},
		{sample.With(dac, object{"threshold": nil, "rule": "unanimous"})},
	}[g.Intn(6)]
}

func (g gambler) policy() object {
	changes := object{"stages": g.stages(), "automatic": g.Intn(4) == 0, "own_institution_votes": g.Intn(3) == 0, "review_period_seconds": 86400 * (5 + g.Intn(40))}
	if g.Intn(2) == 0 {
		changes["terms"] = object{"url": "https://hanbit.example/terms", "sha256": sample.DigestOf("terms")}
	}
	if g.Intn(4) == 0 {
		changes["conflicts"] = "declare"
	}
	if g.Intn(3) == 0 {
		changes["vetoes"] = []object{{"institution": "hanbit", "role": "privacy"}}
	}
	return sample.With(sample.Policy(), changes)
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
		"institution.set": func() (string, object) { return sample.Operator, sample.Profile() },
		"committee.set": func() (string, object) {
			if g.Intn(3) == 0 {
				return sample.SaeromSteward, object{"role": "ethics", "members": sample.Members(g.people("e-1", "e-2", "e-3")...)}
			}
			return sample.Steward, object{"role": "dac", "members": sample.Members(append(g.people("a", "b", "c", "d"), "q")...)}
		},
		"committee.delegate": func() (string, object) {
			return g.likely("hanbit/a:dac", "hanbit/b:dac", "hanbit/c:dac,privacy"), object{"role": g.one("dac", "dac", "dac", "ethics"), "deputy": g.one("d", "c", "r", "e-3", "n-1"), "until": soon()}
		},
		"committee.undelegate": func() (string, object) {
			return g.likely("hanbit/a:dac", "hanbit/b:dac", sample.Steward, "saerom/e-1:ethics"), object{"delegation": g.id("delegation")}
		},
		"dataset.publish": func() (string, object) {
			return sample.Steward, sample.With(sample.Publication(), object{"policy": nil, "title": "As of " + g.now().String()})
		},
		"policy.set": func() (string, object) {
			argument := object{"dataset": dataset, "policy": g.policy()}
			if g.Intn(2) == 0 {
				standing := sample.In(g.Ask("policy.get", object{"dataset": dataset}), "record", "body", "policy").(object)
				argument = object{"dataset": dataset, "policy": sample.With(standing, object{"use": []object{{"permission": "DS", "diseases": []string{"ICD10:C50.2"}}}}), "applies": "existing"}
			}
			return sample.Steward, argument
		},
		"request.submit": func() (string, object) {
			argument := sample.With(g.World.Request(), object{"purpose": g.purpose(), "researchers": g.people("kim", "lee", "park", "n-1"), "duration_seconds": 86400 * (1 + g.Intn(80))})
			if sample.In(g.Ask("policy.get", object{"dataset": dataset}), "record", "body", "policy", "terms") != nil {
				argument["accepted_terms"] = sample.DigestOf("terms")
			}
			if grant, _ := g.stored("grant/" + g.id("grant")); grant != nil && g.Intn(2) == 0 {
				related := g.one("renews", "joins", "joins")
				argument[related], argument["researchers"] = grant["id"], sample.In(grant, "body", "grantees").([]any)[:1]
				if related == "joins" {
					argument = sample.With(argument, object{"purpose": sample.In(grant, "body", "purpose"), "mode": sample.In(grant, "body", "mode"), "researchers": g.people("park", "n-1", "lim"), "duration_seconds": 86400 * (1 + g.Intn(9)),
						"version": sample.In(grant, "body", "version"), "version_digest": sample.In(grant, "body", "version_digest")})
				}
			}
			return g.one(sample.Kim, sample.Kim, sample.Lee, "saerom/e-2:ethics,researcher"), argument
		},
		"request.amend": func() (string, object) {
			argument := object{"request": g.id("request"), "project": "project " + g.one("one", "two", "three")}
			if g.Intn(3) == 0 {
				argument["researchers"] = g.people("kim", "lee", "park")
			}
			return g.one(sample.Kim, sample.Lee, sample.Park), argument
		},
		"request.vote":     g.ballot,
		"request.withdraw": func() (string, object) { return g.likely(sample.Kim, sample.Lee), object{"request": g.id("request")} },
		"request.remark": func() (string, object) {
			if g.Intn(2) == 0 {
				invitation := g.one(append(g.Ledger.Keys("invitation/"), "invitation/"+sample.DigestOf("none")+"/"+sample.DigestOf("none"))...)
				parts := strings.Split(invitation, "/")
				return g.likely(sample.Park, "saerom/e-3:ethics"), object{"request": parts[1], "kind": "opinion", "text": "well", "invitation": parts[2]}
			}
			return g.one(cast...), object{"request": g.id("request"), "text": "well"}
		},
		"request.invite": func() (string, object) {
			return g.likely("hanbit/a:dac", "saerom/e-1:ethics"), object{"request": g.id("request"), "reviewer": g.one("nuri/park", "saerom/e-3"), "question": "well?"}
		},
		"grant.revoke": func() (string, object) {
			if grant, _ := g.stored("grant/" + g.id("grant")); g.Intn(2) == 0 {
				return g.likely(sample.Steward, sample.Privacy), object{"grant": or(sample.In(grant, "body", "joins"), g.id("grant")), "reason": because}
			}
			return sample.Steward, object{"grant": g.id("grant"), "reason": because, "others": g.people(g.id("grant"), g.id("grant"))[:1]}
		},
		"grant.relinquish": func() (string, object) {
			grant, _ := g.stored("grant/" + g.id("grant"))
			return g.likely(sample.Kim, sample.Lee, sample.Park), object{"grant": or(sample.In(grant, "body", "joins"), g.id("grant"))}
		},
		"grant.suspend": func() (string, object) {
			return g.likely(sample.Privacy), object{"grant": g.id("grant"), "reason": because}
		},
		"grant.lift": func() (string, object) {
			return g.likely(sample.Privacy), object{"grant": g.id("grant"), "reason": because}
		},
		"grant.accept": func() (string, object) {
			grant, _ := g.stored("grant/" + g.id("grant"))
			people, _ := sample.In(grant, "body", "grantees").([]any)
			return fmt.Sprintf("nuri/%s:researcher", append(people, "kim")[g.Intn(len(people)+1)]), object{"grant": or(grant["id"], sample.DigestOf("none")), "terms": sample.DigestOf("terms")}
		},
		"breakglass.propose": func() (string, object) { return g.likely(sample.Privacy), sample.Emergency() },
		"breakglass.confirm": func() (string, object) {
			id := g.id("breakglass")
			_, digest := g.stored("breakglass/" + id)
			return g.likely(sample.Steward, "hanbit/q:privacy,dac"), object{"breakglass": id, "digest": digest}
		},
		"breakglass.justify": func() (string, object) {
			return g.likely("hanbit/q:privacy"), object{"breakglass": g.id("breakglass"), "justification": because}
		},
	}
}

// ballot is a vote of somebody on something, mostly on what stands.
func (g gambler) ballot() (string, object) {
	id := g.id("request")
	record, digest := g.stored("request/" + id)
	if g.rarely() {
		digest = sample.DigestOf("stale")
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
		who, role, vote = sample.Steward, "steward", "close"
	}
	argument := object{
		"request": id, "vote": vote, "role": role, "reason": "because", "request_digest": digest,
		"version_digest": sample.In(record, "body", "version_digest"), "policy_digest": sample.In(record, "body", "policy_digest"),
	}
	if decides := vote == "approve" || vote == "reject"; decides && !g.rarely() {
		argument["no_conflict"] = true
	}
	if vote == "approve" && role == "ethics" && g.Intn(5) > 0 {
		argument["attestation"] = object{"board": "the board", "number": "7", "sha256": sample.DigestOf("letter"), "valid_until": g.in(60 * 24 * time.Hour)}
	}
	if keys := g.Ledger.Keys("delegation/"); len(keys) > 0 && g.Intn(3) == 0 {
		delegation, _ := g.stored(keys[g.Intn(len(keys))])
		argument["for"], argument["delegation"] = sample.In(delegation, "body", "member"), delegation["id"]
		who = sample.In(delegation, "body", "institution").(string) + "/" + sample.In(delegation, "body", "deputy").(string) + ":" + sample.In(delegation, "body", "role").(string)
		argument["role"] = sample.In(delegation, "body", "role")
	}
	return who, argument
}
