package review_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/review"
)

// asked is the sample in which saerom's ethics board is asked after hanbit's committee, and one rejection there decides: by a veto, or because both have to approve.
func asked(t *testing.T, changes object) (w *sample.World, request string) {
	t.Helper()
	w = sample.New(t)
	w.Do("nuri/steward:steward", "committee.set", object{"role": "ethics", "members": sample.Members("n-1")})
	w.Set(sample.With(object{
		"stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 1}, {"institution": "saerom", "role": "ethics", "threshold": 2, "step": 2}},
	}, changes), nil)
	w.Later(time.Hour)
	return w, w.Submitted()
}

// seatOf is the seat of a person in a committee's record.
func seatOf(record object, id string) object {
	for _, seat := range sample.In(record, "body", "seats").([]any) {
		if seat.(object)["id"] == id {
			return seat.(object)
		}
	}
	panic("no seat of " + id)
}

// withoutSeat takes a person out of a committee's record.
func withoutSeat(record object, id string) {
	kept := []any{}
	for _, seat := range sample.In(record, "body", "seats").([]any) {
		if seat.(object)["id"] != id {
			kept = append(kept, seat)
		}
	}
	record["body"].(object)["seats"] = kept
}

// rewritings are what an institution can make of the seat of a member in the record of its committee, so that they never had a say.
var rewritings = map[string]func(record object, id string){
	"it began later":           func(record object, id string) { seatOf(record, id)["from"] = "2026-11-24T12:00:00Z" },
	"it ended before":          func(record object, id string) { seatOf(record, id)["until"] = "2026-11-24T10:30:00Z" },
	"it is for another key":    func(record object, id string) { seatOf(record, id)["key"] = sample.DigestOf("another") },
	"it is another person's":   func(record object, id string) { seatOf(record, id)["id"] = "x" },
	"it was never there":       withoutSeat,
	"it was given by nobody":   func(record object, id string) { seatOf(record, id)["set_tx"] = sample.DigestOf("nothing") },
	"it was given afterwards":  func(record object, id string) { seatOf(record, id)["set_tx"] = sample.DigestOf("restated") },
	"its committee began anew": func(record object, id string) { began(record); withoutSeat(record, id) },
	"its committee began before": func(record object, id string) {
		later(record)
		seatOf(record, id)["set_tx"] = sample.DigestOf("restated")
	},
}

// began leaves of a record's changes the first.
func began(record object) {
	record["changes"] = record["changes"].([]any)[:1]
	record["updated_at"] = sample.In(record, "changes", 0, "at")
}

// later puts changes before the one by which everybody was seated.
func later(record object) {
	changes := record["changes"].([]any)
	made := changes[0].(object)
	for i := range 3 {
		changes = append(changes, sample.With(made, object{"tx": sample.DigestOf(strings.Repeat("more", i+1)), "action": "committee.updated"}))
	}
	record["changes"] = changes
	record["updated_at"] = made["at"]
}

// seals makes sure that what was written anew is what its owner sealed: it is not passed over as a forgery.
func seals(w *sample.World, query string, argument object, path ...any) {
	w.Helper()
	record, _ := sample.In(w.Ask(query, argument), path...).(object)
	if record == nil || record["revision"].(float64) < 2 {
		w.Fatalf("what was written anew is not what stands there: %v", record)
	}
}

// staysRejected tells whether a request is rejected and stays so, whoever approves.
func staysRejected(t *testing.T, w *sample.World, request string) {
	t.Helper()
	if state := w.Ask("request.get", object{"request": request})["state"]; state != "rejected" {
		t.Errorf("it is %v", state)
	}
	for _, who := range []string{"hanbit/a:dac", "saerom/e-1:ethics", "saerom/e-2:ethics", "hanbit/b:dac", "hanbit/c:dac"} {
		_, role, _ := strings.Cut(who, ":")
		stub, _, refused := w.Simulate(who, "request.vote", sample.Text(w.Ballot(request, "approve", role)))
		if refused == nil {
			w.Ledger.Commit(stub, sample.Institutions...)
			t.Errorf("%s approves", who)
		} else if refused.Code != refusal.Decided && refused.Code != refusal.Forbidden {
			t.Errorf("%s: %v", who, refused)
		}
	}
	if answer := w.Check(nil); answer["decision"] != "deny" {
		t.Errorf("%v", answer)
	}
}

var vetoed = object{"vetoes": []object{{"institution": "saerom", "role": "ethics"}}}

// What was judged by a seat stays judged, whatever its institution makes of the seat later: a veto, and a rejection that leaves too few.
func TestARejectedRequestStaysSoWhateverBecomesOfTheSeat(t *testing.T) {
	for says, rewrite := range rewritings {
		for _, by := range []object{vetoed, nil} {
			t.Run(says, func(t *testing.T) {
				w, id := asked(t, by)
				w.Vote("hanbit/a:dac", id, "approve")
				w.Later(time.Minute)
				w.Expect(w.Vote("saerom/e-1:ethics", id, "reject")["state"], "rejected")
				w.Later(time.Minute)
				w.Restate(w.Only("committee/saerom/ethics/"), func(record object) { rewrite(record, "e-1") })
				seals(w, "committee.get", object{"institution": "saerom", "role": "ethics"}, "record")
				staysRejected(t, w, id)
			})
		}
	}
}

// Nor does it help to make of a seat on another committee what would have shut the stage in which somebody rejected.
func TestAStageThatWasOpenWasOpen(t *testing.T) {
	for says, rewrite := range rewritings {
		t.Run(says, func(t *testing.T) {
			w, id := asked(t, nil)
			w.Vote("hanbit/a:dac", id, "approve")
			w.Later(time.Minute)
			w.Expect(w.Vote("saerom/e-1:ethics", id, "reject")["state"], "rejected")
			w.Later(time.Minute)
			w.Restate(w.Only("committee/hanbit/dac/"), func(record object) { rewrite(record, "a") })
			seals(w, "committee.get", object{"institution": "hanbit", "role": "dac"}, "record")
			staysRejected(t, w, id)
		})
	}
}

// A deputy's word stays given, whatever the member's institution makes of the delegation or of the member's seat.
func TestADeputysWordStaysGiven(t *testing.T) {
	body := func(member string, value any) func(object) {
		return func(record object) { record["body"].(object)[member] = value }
	}
	by := func(member string, value any) func(object) {
		return func(record object) { sample.In(record, "changes", 0, "by").(object)[member] = value }
	}
	for says, rewrite := range map[string]func(record object){
		"to another":        body("deputy", "x"),
		"by another key":    body("deputy_key", sample.DigestOf("another")),
		"later":             body("from", "2026-11-24T12:00:00Z"),
		"no longer":         body("until", "2026-11-24T11:00:30Z"),
		"without end":       body("until", "2036-11-24T11:00:30Z"),
		"for no time":       body("until", "2026-11-24T10:00:30Z"),
		"by somebody else":  by("id", "e-2"),
		"by no key of e-1s": by("key", sample.DigestOf("another")),
		"ended at once":     func(record object) { sample.In(record, "changes", 0).(object)["action"] = "delegation.ended" },
		"ended as it began": func(record object) {
			changes := record["changes"].([]any)
			record["changes"] = append([]any{changes[0], sample.With(changes[0].(object), object{"action": "delegation.ended"})}, changes[1:]...)
			record["status"] = "ended"
		},
	} {
		t.Run(says, func(t *testing.T) {
			w, id := asked(t, vetoed)
			w.Do("saerom/d:ethics", "person.announce", object{})
			lent := w.Delegated("saerom/e-1:ethics", "d")
			w.Later(time.Minute)
			w.Expect(w.Do("saerom/d:ethics", "request.vote", sample.With(w.Ballot(id, "reject", "ethics"), object{"for": "e-1", "delegation": lent}))["state"], "rejected")
			w.Later(time.Minute)
			w.Restate("delegation/saerom/ethics/e-1/"+lent, rewrite)
			seals(w, "delegation.list", object{"institution": "saerom", "role": "ethics", "member": "e-1"}, "items", 0, "delegation", "record")
			staysRejected(t, w, id)
		})
	}
}

// The requester's institution makes another request of one that was rejected: another project, or asked by the one who rejected it, who has no say then.
func TestARejectedRequestIsNotMadeAnotherOne(t *testing.T) {
	for says, change := range map[string]object{
		"who rejected asks": {"researchers": []any{"kim", "n-1"}},
		"another project":   {"project": "another"},
	} {
		t.Run(says, func(t *testing.T) {
			w, id := asked(t, object{"vetoes": []object{{"institution": "nuri", "role": "ethics"}}, "own_institution_votes": true})
			w.Expect(w.Vote("nuri/n-1:ethics", id, "reject")["state"], "rejected")
			w.Restate("request/"+id, func(record object) {
				changes := record["changes"].([]any)
				changes[len(changes)-1].(object)["action"] = "request.amended"
				record["body"] = sample.With(record["body"].(object), change)
			})
			staysRejected(t, w, id)
		})
	}
}

// A return and a declared conflict are words that count for ever too.
func TestAReturnAndAConflictStay(t *testing.T) {
	for says, rewrite := range rewritings {
		t.Run(says, func(t *testing.T) {
			w, id := asked(t, nil)
			w.Vote("hanbit/a:dac", id, "approve")
			w.Do("saerom/e-1:ethics", "request.vote", w.Says(id, "recuse", "ethics", nil))
			w.Do("saerom/e-2:ethics", "request.vote", w.Says(id, "return", "ethics", nil))
			w.Later(time.Minute)
			w.Restate(w.Only("committee/saerom/ethics/"), func(record object) { rewrite(record, "e-1"); rewrite(record, "e-2") })
			seals(w, "committee.get", object{"institution": "saerom", "role": "ethics"}, "record")
			w.Expect(w.Ask("request.get", object{"request": id})["state"], "returned")
			w.Later(time.Minute)
			w.Do("saerom/steward:steward", "committee.set", object{"role": "ethics", "members": sample.Members("e-3", "e-4")})
			w.Do("saerom/steward:steward", "committee.set", object{"role": "ethics", "members": sample.Members("e-1", "e-2", "e-3", "e-4")})
			w.Do(sample.Kim, "request.amend", object{"request": id, "project": "something else"})
			w.Vote("hanbit/a:dac", id, "approve")
			w.Refused(refusal.Recused, "saerom/e-1:ethics", "request.vote", w.Ballot(id, "approve", "ethics"))
			w.Expect(w.Check(nil)["decision"], "deny")
		})
	}
}

// A seat that is dated back gives no approval that did not count when it was given: those who approved then have pinned who sat there.
func TestASeatThatIsDatedBack(t *testing.T) {
	w := sample.New(t)
	w.Set(object{"stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 1}, {"institution": "saerom", "role": "ethics", "threshold": 2}}}, nil)
	id := w.Submitted()
	w.Later(time.Minute)
	w.Vote("saerom/e-1:ethics", id, "approve")
	honest := sample.Text(sample.In(w.Ask("request.get", object{"request": id}), "votes", 0, "record").(object))
	tx := sample.In(w.Ask("request.get", object{"request": id}), "votes", 0, "record", "id").(string)
	w.Later(time.Minute)
	key := w.Only("committee/saerom/ethics/")
	w.Restate(key, func(record object) {
		seat := sample.With(seatOf(record, "e-1"), object{"id": "ghost", "key": w.KeyOf("saerom/ghost")})
		record["body"].(object)["seats"] = append(sample.In(record, "body", "seats").([]any), any(seat))
	})
	record := records.Record[records.Committee]{}
	if err := json.Unmarshal(w.Ledger.Value(key), &record); err != nil {
		t.Fatal(err)
	}
	was := sample.In(w.Ask("request.get", object{"request": id}), "votes", 0, "record", "body", "rosters", 1, "digest").(string)
	ghost := strings.NewReplacer(tx, sample.DigestOf("ghost"), `"id":"e-1"`, `"id":"ghost"`, w.KeyOf("saerom/e-1"), w.KeyOf("saerom/ghost"), `"seq":1`, `"seq":2`,
		was, review.NewRoster(record).AsOf(1).Digest()).Replace(honest)
	w.Ledger.Attack(sample.Post("saerom", "vote/"+id+"#at2", ghost))
	w.Expect(len(w.Ask("request.get", object{"request": id})["votes"].([]any)), 2)
	w.Expect(w.Vote("hanbit/a:dac", id, "approve")["state"], "in-review")
	w.Expect(w.Check(nil)["decision"], "deny")
}

// Nor does a vote that is slipped in before it, with a lower number and an earlier date: by the same person, or by others who
// would have returned the request.
func TestAVoteIsNotSlippedInBefore(t *testing.T) {
	for says, c := range map[string]struct {
		owner, post string
		changed     []string
	}{
		"the same person approved": {"saerom", "#at2", []string{`"vote":"reject"`, `"vote":"approve"`, `"seq":2`, `"seq":1`}},
		"and long ago":             {"saerom", "#at2", []string{`"vote":"reject"`, `"vote":"approve"`, `"seq":2`, `"seq":-7`, "2026-11-24T11:01:00Z", "2026-11-24T11:00:01Z"}},
		"another returned it":      {"saerom", "#at2", []string{`"vote":"reject"`, `"vote":"return"`, `"id":"e-1"`, `"id":"e-2"`, "KEY:saerom/e-1", "KEY:saerom/e-2", `"seq":2`, `"seq":1`}},
		"another committee did so": {"hanbit", "#at2", []string{`"vote":"reject"`, `"vote":"return"`, `"id":"e-1","institution":"saerom"`, `"id":"b","institution":"hanbit"`, "KEY:saerom/e-1", "KEY:hanbit/b", `"owner":"saerom"`, `"owner":"hanbit"`, `"role":"ethics"`, `"role":"dac"`, `"roles":["ethics"]`, `"roles":["dac"]`, `"seq":2`, `"seq":1`}},
	} {
		t.Run(says, func(t *testing.T) {
			w, id := asked(t, sample.With(vetoed, object{"stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 1}, {"institution": "saerom", "role": "ethics", "threshold": 2}}}))
			w.Vote("hanbit/a:dac", id, "approve")
			w.Later(time.Minute)
			rejected := w.Vote("saerom/e-1:ethics", id, "reject")
			w.Expect(rejected["state"], "rejected")
			tx := sample.In(rejected, "vote", "id").(string)
			for i := range c.changed {
				if person, ok := strings.CutPrefix(c.changed[i], "KEY:"); ok {
					c.changed[i] = w.KeyOf(person)
				}
			}
			slipped := strings.NewReplacer(append(c.changed, tx, sample.DigestOf("slipped"))...).Replace(sample.Text(rejected["vote"].(object)))
			w.Ledger.Attack(sample.Post(c.owner, "vote/"+id+c.post, slipped))
			w.Expect(len(w.Ask("request.get", object{"request": id})["votes"].([]any)), 3)
			staysRejected(t, w, id)
		})
	}
}

// The owner's committee, which alone is asked to approve, is vetoed by another institution. Its own chaincode then writes the approval, with the number and the date of
// before the veto: the veto counts all the same.
func TestAnApprovalIsDatedBackBeforeAVeto(t *testing.T) {
	w, id := asked(t, sample.With(vetoed, object{"stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 1}}}))
	w.Later(time.Minute)
	rejected := w.Vote("saerom/e-1:ethics", id, "reject")
	w.Expect(rejected["state"], "rejected")
	veto := sample.In(rejected, "vote", "id").(string)
	approval := strings.NewReplacer(
		`"vote":"reject"`, `"vote":"approve"`, `"id":"e-1","institution":"saerom"`, `"id":"a","institution":"hanbit"`, w.KeyOf("saerom/e-1"), w.KeyOf("hanbit/a"),
		`"owner":"saerom"`, `"owner":"hanbit"`, `"role":"ethics"`, `"role":"dac"`, `"roles":["ethics"]`, `"roles":["dac"]`, `"seq":1`, `"seq":0`,
		"2026-11-24T11:01:00Z", "2026-11-24T11:00:30Z", veto, sample.DigestOf("dated back"),
	).Replace(sample.Text(rejected["vote"].(object)))
	w.Ledger.Attack(sample.Post("hanbit", "vote/"+id+"#at1", approval))
	w.Expect(len(w.Ask("request.get", object{"request": id})["votes"].([]any)), 2)
	staysRejected(t, w, id)
}

// aims are what a later policy or version makes of a request that names it.
var aims = map[string]func(w *sample.World) (aimed object){
	"a policy": func(w *sample.World) object {
		w.Set(object{"stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 1}}}, nil)
		r := w.Request()
		return object{"policy_version": r["policy_version"], "policy_digest": r["policy_digest"]}
	},
	"a version": func(w *sample.World) object {
		w.Do(sample.Steward, "dataset.publish", sample.NextVersion())
		w.Rests(nil)
		r := w.Request()
		return object{"version": r["version"], "version_digest": r["version_digest"]}
	},
}

// aimings are how a requester's own chaincode aims its request at another policy or version, and why that counts for nothing.
var aimings = map[string]struct {
	made func(made, aimed object) object // what it says that it was made with
	why  string
}{
	"it says so now":                  {func(made, _ object) object { return made }, "never changes"},
	"it says that it was made so":     {sample.With, "written it anew"},
	"it does not say how it was made": {func(_, _ object) object { return nil }, "written it anew"},
}

// A request that was rejected under one policy is rejected: who asks cannot aim it at another one, by which others decide, or at another version. No clock tells which was
// first: all of it happens within one second, or is dated the other way round.
func TestARejectedRequestIsNotAimedAtAnotherPolicy(t *testing.T) {
	for what, later := range aims {
		for says, aiming := range aimings {
			for _, between := range []time.Duration{0, -4 * time.Minute, time.Minute} {
				t.Run(what+" "+says+" "+between.String(), func(t *testing.T) {
					w := sample.New(t)
					w.Set(vetoed, nil)
					w.Later(time.Hour)
					id := w.Submitted()
					w.Expect(w.Vote("saerom/e-1:ethics", id, "reject")["state"], "rejected")
					w.Later(between)
					aimed := later(w)
					w.Restate("request/"+id, func(record object) {
						made := sample.In(record, "body", "as_made").(object)
						record["body"] = sample.With(sample.With(made, aimed), object{"as_made": aiming.made(made, aimed)})
					})
					refused := w.Refused(refusal.Forged, sample.Kim, "request.get", object{"request": id})
					w.Expect(strings.Contains(refused.Message, aiming.why), true)
					ballot := w.Ballot(w.Submitted(), "approve", "dac") // the control: another request, as others decide by now
					w.Refused(refusal.Forged, "hanbit/a:dac", "request.vote", sample.With(ballot, object{"request": id}))
					w.Do("hanbit/a:dac", "request.vote", ballot)
				})
			}
		}
	}
}

// What a request says that it was made with has the same bounds as what it says: readers see it.
func TestWhatARequestWasMadeWithIsCheckedToo(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	w.Restate("request/"+id, func(record object) {
		body := record["body"].(object)
		body["as_made"] = sample.With(body["as_made"].(object), object{"project": "\x1b[2J"})
	})
	refused := w.Refused(refusal.Forged, sample.Kim, "request.get", object{"request": id})
	w.Expect(strings.Contains(refused.Message, "the contract refuses such a request"), true)
}

// A vote stands in its own institution's collection. In that of another voter's institution it is none, whatever it says of itself.
func TestAVoteInTheCollectionOfAnother(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	honest := w.Vote("hanbit/a:dac", id, "approve")["vote"].(object)
	invented := strings.NewReplacer(honest["id"].(string), sample.DigestOf("invented"), `"id":"a"`, `"id":"b"`, w.KeyOf("hanbit/a"), w.KeyOf("hanbit/b"), `"seq":1`, `"seq":2`).Replace(sample.Text(honest))
	w.Ledger.Attack(sample.Post("saerom", "vote/"+id+"#at1", invented))
	w.Expect(w.Vote("saerom/e-1:ethics", id, "approve")["state"], "in-review") // it takes two of hanbit
	w.Expect(w.Check(nil)["decision"], "deny")
	w.Expect(w.Vote("hanbit/b:dac", id, "approve")["state"], "approved") // the control
}

// Nor is one that is dated into the future: it would move every decision that rests on it there.
func TestAVoteThatIsDatedIntoTheFuture(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	honest := w.Vote("hanbit/a:dac", id, "approve")["vote"].(object)
	at := honest["updated_at"].(string)
	later := strings.NewReplacer(honest["id"].(string), sample.DigestOf("later"), `"id":"a"`, `"id":"b"`, w.KeyOf("hanbit/a"), w.KeyOf("hanbit/b"), `"seq":1`, `"seq":2`, at, "2026-11-30T00:00:00Z").Replace(sample.Text(honest))
	w.Ledger.Attack(sample.Post("hanbit", "vote/"+id+"#at2", later))
	answer := w.Vote("saerom/e-1:ethics", id, "approve")
	w.Expect(answer["state"], "in-review")
	w.Expect(sample.In(answer, "vote", "updated_at"), at)
}
