package contract_test

import (
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/review"
)

// held makes a situation's preparation of a grant of several people under a policy with terms, and what is then done with it.
func held(acts ...func(*sample.World, subject)) func(*sample.World) subject {
	return func(w *sample.World) subject {
		w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.Termed()})
		return then(w, subject{grant: w.GrantTo(object{"researchers": []string{"kim", "lee", "min"}, "accepted_terms": sample.DigestOf("terms")}), voter: sample.Lee}, acts)
	}
}

// renewing is a grant that begins when another ends.
func renewing(acts ...func(*sample.World, subject)) func(*sample.World) subject {
	return func(w *sample.World) subject {
		first := held()(w)
		w.Later(time.Minute)
		return then(w, subject{grant: w.GrantTo(object{"renews": first.grant, "researchers": []string{"kim", "lee"}, "accepted_terms": sample.DigestOf("terms")}), voter: sample.Lee}, acts)
	}
}

// byItself is a grant that no stage was asked about; renews is whether it begins when another ends.
func byItself(renews bool) func(*sample.World) subject {
	return func(w *sample.World) subject {
		w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.Termed(), object{"automatic": true})})
		request := sample.With(w.Request(), object{"researchers": []string{"kim", "lee", "min"}, "accepted_terms": sample.DigestOf("terms")})
		grant := sample.In(w.Do(sample.Kim, "request.submit", request), "id").(string)
		if renews {
			w.Later(time.Minute)
			grant = sample.In(w.Do(sample.Kim, "request.submit", sample.With(request, object{"renews": grant})), "id").(string)
		}
		return subject{grant: grant, voter: sample.Lee}
	}
}

// inAnEmergency is a grant that everybody who got it has asked for, and that has no terms.
func inAnEmergency(w *sample.World) subject {
	w.Do(sample.Steward, "committee.set", object{"role": "privacy", "members": sample.Members("p", "q")})
	id, grant := w.Opened()
	return subject{grant: grant, breakglass: id}
}

// joining is a grant that adds people to another.
func joining(acts ...func(*sample.World, subject)) func(*sample.World) subject {
	return func(w *sample.World) subject {
		first := held()(w)
		child := w.GrantTo(object{"joins": first.grant, "researchers": []string{"park", "lim"}, "accepted_terms": sample.DigestOf("terms"), "duration_seconds": 29 * 86400})
		return then(w, subject{grant: child, parent: first.grant, voter: sample.Park}, acts)
	}
}

func then(w *sample.World, s subject, acts []func(*sample.World, subject)) subject {
	for _, act := range acts {
		act(w, s)
	}
	return s
}

// byOn is an act of somebody on the grant, and onParent on the one that it joins, if any.
func byOn(who, name string, more object) attempt {
	return func(w *sample.World, s subject) *refusal.Error {
		return try(w, who, name, sample.With(more, object{"grant": s.grant}))
	}
}

func onParent(who, name string, more object) attempt {
	return func(w *sample.World, s subject) *refusal.Error {
		if s.parent == "" {
			return elsewhere
		}
		if refused := try(w, who, name, sample.With(more, object{"grant": s.parent})); refused != nil {
			return elsewhere // the other one is not in a state for it
		}
		return nil
	}
}

// untilItEnds lets one that has not begun begin, and any other end.
func untilItEnds(w *sample.World, s subject) *refusal.Error {
	if w.State(s.grant) != string(machines.GrantPending) {
		w.Later(31 * 24 * time.Hour)
	}
	return afterAMonth(w, s)
}

// lose takes the version away that was granted, past every rule.
func lose(w *sample.World, _ subject) *refusal.Error {
	if keys := w.Ledger.Keys("version/"); len(keys) > 0 {
		w.Ledger.Attack(ledgertest.Write{Key: keys[0], Delete: true})
	}
	return nil
}

// following is what a request says that renews or joins the subject's grant.
func following(w *sample.World, s subject, how string, more object) object {
	request := sample.With(w.Request(), object{"researchers": []string{"kim"}, "accepted_terms": sample.DigestOf("terms"), how: s.grant})
	return sample.With(request, more)
}

// submitted is a request that is to renew or join the subject's grant.
func submitted(how string, more object) attempt {
	return func(w *sample.World, s subject) *refusal.Error {
		if s.breakglass != "" || s.parent != "" || w.State(s.grant) == string(machines.GrantNarrowed) || len(w.Ledger.Keys("version/")) == 0 {
			return elsewhere // what no request follows, or what no other can be asked for
		}
		return try(w, sample.Kim, "request.submit", following(w, s, how, more))
	}
}

// followed makes a situation's preparation of a grant for so many days, with requests that would renew it, and add somebody to it, and wait for their last vote.
func followed(days int, acts ...func(*sample.World, subject)) func(*sample.World) subject {
	return func(w *sample.World) subject {
		w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.Termed()})
		terms := object{"researchers": []string{"kim", "lee"}, "accepted_terms": sample.DigestOf("terms"), "duration_seconds": days * 86400}
		s := subject{grant: w.GrantTo(terms), voter: sample.Lee}
		w.Later(time.Minute)
		waiting := func(how string, more object) string {
			id := sample.In(w.Do(sample.Kim, "request.submit", following(w, s, how, more)), "id").(string)
			w.Vote("hanbit/a:dac", id, "approve")
			w.Vote("saerom/e-1:ethics", id, "approve")
			return id
		}
		s.renewal, s.addition = waiting("renews", object{}), waiting("joins", alsoPark)
		return then(w, s, acts)
	}
}

// alsoPark adds somebody for a day.
var alsoPark = object{"researchers": []string{"park"}, "duration_seconds": 86400}

func afterDays(days int) attempt {
	return func(w *sample.World, _ subject) *refusal.Error {
		w.Later(time.Duration(days) * 24 * time.Hour)
		return nil
	}
}

// loseVote takes a vote away by which something was approved, past every rule, Fabric's too.
func loseVote(w *sample.World, s subject) *refusal.Error {
	request := sample.In(w.Ask("grant.get", object{"grant": s.grant}), "grant", "record", "body", "request").(string)
	w.Ledger.Attack(ledgertest.Write{Collection: ledger.SealCollection("hanbit"), Key: ledger.SeriesKey("vote/"+request, 1), Delete: true})
	return nil
}

// lastVote is the vote that would complete the approval of a request that waits for it.
func lastVote(request func(subject) string) attempt {
	return func(w *sample.World, s subject) *refusal.Error {
		if request(s) == "" || w.Ask("request.get", object{"request": request(s)})["state"] != string(machines.InReview) {
			return elsewhere
		}
		return try(w, "hanbit/b:dac", "request.vote", w.Ballot(request(s), "approve", "dac"))
	}
}

func TestGrantMachine(t *testing.T) {
	because := object{"reason": "because"}
	narrow := func(w *sample.World, s subject) *refusal.Error {
		if s.breakglass != "" {
			return elsewhere // no policy limits it
		}
		changes := object{"use": []object{{"permission": "DS", "diseases": []string{"ICD10:C50.2"}}}, "max_duration_seconds": 90*86400 - w.Count} // never the same
		return try(w, sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "applies": "existing", "policy": sample.With(sample.Termed(), changes)})
	}
	attempts := map[string]attempt{
		machines.ActRenew:   submitted("renews", object{}),
		machines.ActJoin:    submitted("joins", alsoPark),
		machines.ActRenewed: lastVote(func(s subject) string { return s.renewal }),
		machines.ActJoined:  lastVote(func(s subject) string { return s.addition }),
		"grant.revoke":      byOn(sample.Steward, "grant.revoke", because), "grant.relinquish": byOn(sample.Kim, "grant.relinquish", object{}),
		"grant.relinquish for oneself": func(w *sample.World, s subject) *refusal.Error {
			if s.breakglass != "" {
				return elsewhere
			}
			return byOn(s.voter, "grant.relinquish", object{})(w, s)
		},
		"grant.accept": func(w *sample.World, s subject) *refusal.Error {
			if s.breakglass != "" {
				return elsewhere
			}
			return byOn(s.voter, "grant.accept", object{"terms": sample.DigestOf("terms")})(w, s)
		},
		"grant.suspend": byOn(sample.Privacy, "grant.suspend", because), "grant.lift": byOn(sample.Privacy, "grant.lift", because),
		"grant.suspend of the one that it joins":    onParent(sample.Privacy, "grant.suspend", because),
		"grant.lift of the one that it joins":       onParent(sample.Privacy, "grant.lift", because),
		"grant.revoke of the one that it joins":     onParent(sample.Steward, "grant.revoke", because),
		"grant.relinquish of the one that it joins": onParent(sample.Kim, "grant.relinquish", object{}),
		"policy.set applies":                        narrow, machines.Time: untilItEnds, machines.ActLose: lose,
	}
	act := func(does string) func(*sample.World, subject) { return must(attempts[does]) }
	walk(t, machines.GrantMachine, []situation[machines.GrantState]{
		{says: "active", state: machines.GrantActive, by: "request.vote approve", prepare: held()},
		{says: "active, and others wait", state: machines.GrantActive, prepare: followed(30)},
		{says: "suspended, and others wait", state: machines.GrantSuspended, why: machines.ByItself, prepare: followed(30, act("grant.suspend"))},
		{says: "relinquished, and others wait", state: machines.GrantRelinquished, prepare: followed(30, act("grant.relinquish"))},
		{says: "revoked, and others wait", state: machines.GrantRevoked, prepare: followed(30, act("grant.revoke"))},
		{says: "expired, and others wait", state: machines.GrantExpired, prepare: followed(20, must(afterDays(20)))},
		{says: "unproven, as a vote is gone", state: machines.GrantUnproven, prepare: followed(30, must(loseVote))},
		{says: "active, joining another", state: machines.GrantActive, prepare: joining()},
		{says: "active, by itself", state: machines.GrantActive, by: "request.submit", prepare: byItself(false)},
		{says: "active, in an emergency", state: machines.GrantActive, by: "breakglass.confirm", prepare: inAnEmergency},
		{says: "pending", state: machines.GrantPending, by: "request.vote approve", prepare: renewing()},
		{says: "pending, by itself", state: machines.GrantPending, by: "request.submit", prepare: byItself(true)},
		{says: "suspended", state: machines.GrantSuspended, why: machines.ByItself, prepare: held(act("grant.suspend"))},
		{says: "suspended before it begins", state: machines.GrantSuspended, why: machines.ByItself, prepare: renewing(act("grant.suspend"))},
		{says: "suspended, joining another", state: machines.GrantSuspended, why: machines.ByItself, prepare: joining(act("grant.suspend"))},
		{says: "suspended with the one that it joins", state: machines.GrantSuspended, why: machines.WithJoined, prepare: joining(act("grant.suspend of the one that it joins"))},
		{says: "expired", state: machines.GrantExpired, prepare: held(act(machines.Time))},
		{says: "revoked", state: machines.GrantRevoked, prepare: held(act("grant.revoke"))},
		{says: "relinquished", state: machines.GrantRelinquished, prepare: held(act("grant.relinquish"))},
		{says: "narrowed", state: machines.GrantNarrowed, prepare: held(act("policy.set applies"))},
		{says: "unproven", state: machines.GrantUnproven, prepare: held(act(machines.ActLose))},
		{says: "ended with the one that it joins", state: machines.GrantEnded, prepare: joining(act("grant.revoke of the one that it joins"))},
	}, attempts, func(w *sample.World, s subject) (machines.GrantState, string) {
		shown := w.Ask("grant.get", object{"grant": s.grant})
		state := machines.GrantState(sample.In(shown, "state").(string))
		switch {
		case state != machines.GrantSuspended:
			return state, ""
		case shown["why"] == nil:
			return state, machines.ByItself
		}
		return state, machines.WithJoined
	})
}

func TestSeatMachine(t *testing.T) {
	seat := func(m object, others ...string) attempt {
		return func(w *sample.World, s subject) *refusal.Error {
			list := sample.Members(append([]string{"a", "b"}, others...)...)
			if m != nil {
				list = append(list, m)
			}
			return try(w, sample.Steward, "committee.set", object{"role": "dac", "members": list})
		}
	}
	at := func(days int) string { return time.Date(2026, 11, 24+days, 10, 0, 0, 0, time.UTC).Format(time.RFC3339) }
	now, later := object{"id": "m", "until": at(20)}, object{"id": "m", "from": at(20), "until": at(60)}
	seated := func(m object, acts ...attempt) func(*sample.World) subject {
		return func(w *sample.World) subject {
			must(seat(m, "c"))(w, subject{})
			for _, act := range acts {
				must(act)(w, subject{})
			}
			return subject{}
		}
	}
	keep := func(w *sample.World, s subject) *refusal.Error { // naming the member as they are: with what the seat says, or anew
		first := seatOf(w)
		if review.SeatStateAt(first, records.Time(w.Now.Unix())) == machines.SeatEnded {
			return seat(object{"id": "m"})(w, s)
		}
		return seat(object{"id": "m", "from": first.From, "until": first.Until})(w, s)
	}
	add := func(w *sample.World, _ subject) *refusal.Error {
		return try(w, sample.Steward, "committee.seat", object{"role": "dac", "members": sample.Members("m")})
	}
	unseat := func(w *sample.World, _ subject) *refusal.Error {
		return try(w, sample.Steward, "committee.unseat", object{"role": "dac", "members": []string{"m"}})
	}
	added := func(m object) func(*sample.World) subject {
		return func(w *sample.World) subject {
			w.Do(sample.Steward, "committee.seat", object{"role": "dac", "members": []object{m}})
			return subject{}
		}
	}
	walk(t, machines.SeatMachine, []situation[machines.SeatState]{
		{says: "planned, added to the others", state: machines.SeatPlanned, by: "committee.seat", prepare: added(later)},
		{says: "seated beside the others", state: machines.SeatHeld, by: "committee.seat", prepare: added(now)},
		{says: "planned", state: machines.SeatPlanned, by: "committee.set naming the member", prepare: seated(later)},
		{says: "seated", state: machines.SeatHeld, by: "committee.set naming the member", prepare: seated(now)},
		{says: "over", state: machines.SeatEnded, prepare: seated(now, afterAMonth)},
		{says: "ended", state: machines.SeatEnded, prepare: seated(now, seat(nil))},
		{says: "ended before it began", state: machines.SeatEnded, prepare: seated(later, seat(nil))},
	}, map[string]attempt{
		"committee.set naming the member": keep, "committee.set without the member": seat(nil), "committee.seat": add, "committee.unseat": unseat, machines.Time: afterAMonth,
	}, func(w *sample.World, _ subject) (machines.SeatState, string) {
		return review.SeatStateAt(seatOf(w), records.Time(w.Now.Unix())), ""
	})
}

// seatOf is the first seat of m.
func seatOf(w *sample.World) records.Seat {
	w.Helper()
	for _, item := range sample.In(w.Ask("committee.get", object{"institution": "hanbit", "role": "dac"}), "record", "body", "seats").([]any) {
		if sample.In(item, "id") == "m" {
			var seat records.Seat
			for field, into := range map[string]*records.Time{"from": &seat.From, "until": &seat.Until} {
				if err := into.UnmarshalText([]byte(sample.In(item, field).(string))); err != nil {
					w.Fatal(err)
				}
			}
			return seat
		}
	}
	w.Fatal("m has no seat")
	return records.Seat{}
}

func TestDelegationMachine(t *testing.T) {
	at := func(days int) string { return time.Date(2026, 11, 24+days, 10, 0, 0, 0, time.UTC).Format(time.RFC3339) }
	delegated := func(times object, acts ...attempt) func(*sample.World) subject {
		return func(w *sample.World) subject {
			s := subject{delegation: sample.In(w.Do("hanbit/a:dac", "committee.delegate", sample.With(object{"role": "dac", "deputy": "d"}, times)), "id").(string)}
			for _, act := range acts {
				must(act)(w, s)
			}
			return s
		}
	}
	undelegate := func(w *sample.World, s subject) *refusal.Error {
		return try(w, "hanbit/a:dac", "committee.undelegate", object{"delegation": s.delegation})
	}
	now, later := object{"until": at(20)}, object{"from": at(20), "until": at(60)}
	walk(t, machines.DelegationMachine, []situation[machines.DelegationState]{
		{says: "planned", state: machines.DelegationPlanned, by: "committee.delegate", prepare: delegated(later)},
		{says: "active", state: machines.DelegationActive, by: "committee.delegate", prepare: delegated(now)},
		{says: "expired", state: machines.DelegationExpired, prepare: delegated(now, afterAMonth)},
		{says: "ended", state: machines.DelegationEnded, prepare: delegated(now, undelegate)},
		{says: "ended before it began", state: machines.DelegationEnded, prepare: delegated(later, undelegate)},
	}, map[string]attempt{
		"committee.undelegate": undelegate, machines.Time: afterAMonth,
		"request.vote for the member": func(w *sample.World, s subject) *refusal.Error {
			return try(w, "hanbit/d:dac", "request.vote", sample.With(w.Ballot(w.Submitted(), "approve", "dac"), object{"for": "a", "delegation": s.delegation}))
		},
	}, func(w *sample.World, s subject) (machines.DelegationState, string) {
		list := w.Ask("delegation.list", object{"institution": "hanbit", "role": "dac"})
		return machines.DelegationState(sample.In(list, "items", 0, "state").(string)), ""
	})
}

func TestBreakglassMachine(t *testing.T) {
	broken := func(acts ...attempt) func(*sample.World) subject {
		return func(w *sample.World) subject {
			w.Do(sample.Steward, "committee.set", object{"role": "privacy", "members": sample.Members("p", "q")})
			id, _ := w.Proposed()
			s := subject{breakglass: id}
			for _, act := range acts {
				must(act)(w, s)
			}
			return s
		}
	}
	show := func(w *sample.World, s subject) object {
		return w.Ask("breakglass.get", object{"breakglass": s.breakglass})
	}
	confirm := func(w *sample.World, s subject) *refusal.Error {
		return try(w, sample.Steward, "breakglass.confirm", object{"breakglass": s.breakglass, "digest": sample.In(show(w, s), "breakglass", "digest")})
	}
	justify := func(w *sample.World, s subject) *refusal.Error {
		return try(w, "hanbit/q:privacy", "breakglass.justify", object{"breakglass": s.breakglass, "justification": "it saved a life"})
	}
	ends := func(who, name string, more object) attempt {
		return func(w *sample.World, s subject) *refusal.Error {
			grant, opened := sample.In(show(w, s), "breakglass", "record", "body", "grant").(string)
			if !opened || machines.GrantState(w.State(grant).(string)).Ended() {
				return elsewhere
			}
			return try(w, who, name, sample.With(more, object{"grant": grant}))
		}
	}
	revoke := ends(sample.Steward, "grant.revoke", object{"reason": "because"})
	walk(t, machines.BreakglassMachine, []situation[machines.BreakglassState]{
		{says: "proposed", state: machines.BreakglassProposed, by: "breakglass.propose", prepare: broken()},
		{says: "lapsed", state: machines.BreakglassLapsed, prepare: broken(afterAMonth)},
		{says: "open", state: machines.BreakglassOpen, prepare: broken(confirm)},
		{says: "unjustified, over", state: machines.BreakglassUnjustified, prepare: broken(confirm, afterAMonth)},
		{says: "unjustified, revoked", state: machines.BreakglassUnjustified, prepare: broken(confirm, revoke)},
		{says: "justified at once after it was revoked", state: machines.BreakglassJustified, prepare: broken(confirm, revoke, justify)},
		{says: "justified afterwards", state: machines.BreakglassJustified, prepare: broken(confirm, afterAMonth, justify)},
	}, map[string]attempt{
		"breakglass.confirm": confirm, "breakglass.justify": justify, "grant.revoke of its grant": revoke, machines.Time: afterAMonth,
		"grant.relinquish of its grant": ends(sample.Lee, "grant.relinquish", object{}),
	}, func(w *sample.World, s subject) (machines.BreakglassState, string) {
		return machines.BreakglassState(sample.In(show(w, s), "state").(string)), ""
	})
}
