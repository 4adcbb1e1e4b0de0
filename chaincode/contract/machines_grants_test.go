package contract_test

import (
	"testing"
	"time"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

// held makes a situation's preparation of a grant of several people under a policy with terms, and what is then done with it.
func held(acts ...func(*world, subject)) func(*world) subject {
	return func(w *world) subject {
		w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": termed()})
		return then(w, subject{grant: w.grantTo(object{"researchers": []string{"kim", "lee", "min"}, "accepted_terms": digestOf("terms")}), voter: lee}, acts)
	}
}

// renewing is a grant that begins when another ends.
func renewing(acts ...func(*world, subject)) func(*world) subject {
	return func(w *world) subject {
		first := held()(w)
		w.later(time.Minute)
		return then(w, subject{grant: w.grantTo(object{"renews": first.grant, "researchers": []string{"kim", "lee"}, "accepted_terms": digestOf("terms")}), voter: lee}, acts)
	}
}

// byItself is a grant that no stage was asked about; renews is whether it begins when another ends.
func byItself(renews bool) func(*world) subject {
	return func(w *world) subject {
		w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": with(termed(), object{"automatic": true})})
		request := with(w.request(), object{"researchers": []string{"kim", "lee", "min"}, "accepted_terms": digestOf("terms")})
		grant := in(w.do(kim, "request.submit", request), "id").(string)
		if renews {
			w.later(time.Minute)
			grant = in(w.do(kim, "request.submit", with(request, object{"renews": grant})), "id").(string)
		}
		return subject{grant: grant, voter: lee}
	}
}

// inAnEmergency is a grant that everybody who got it has asked for, and that has no terms.
func inAnEmergency(w *world) subject {
	w.do(steward, "committee.set", object{"role": "privacy", "members": members("p", "q")})
	id, grant := w.opened()
	return subject{grant: grant, breakglass: id}
}

// joining is a grant that adds people to another.
func joining(acts ...func(*world, subject)) func(*world) subject {
	return func(w *world) subject {
		first := held()(w)
		child := w.grantTo(object{"joins": first.grant, "researchers": []string{"park", "lim"}, "accepted_terms": digestOf("terms"), "duration_seconds": 29 * 86400})
		return then(w, subject{grant: child, parent: first.grant, voter: park}, acts)
	}
}

func then(w *world, s subject, acts []func(*world, subject)) subject {
	for _, act := range acts {
		act(w, s)
	}
	return s
}

// byOn is an act of somebody on the grant, and onParent on the one that it joins, if any.
func byOn(who, name string, more object) attempt {
	return func(w *world, s subject) *refusal.Error {
		return w.try(who, name, with(more, object{"grant": s.grant}))
	}
}

func onParent(who, name string, more object) attempt {
	return func(w *world, s subject) *refusal.Error {
		if s.parent == "" {
			return elsewhere
		}
		if refused := w.try(who, name, with(more, object{"grant": s.parent})); refused != nil {
			return elsewhere // the other one is not in a state for it
		}
		return nil
	}
}

// untilItEnds lets one that has not begun begin, and any other end.
func untilItEnds(w *world, s subject) *refusal.Error {
	if w.state(s.grant) != string(rules.GrantPending) {
		w.later(31 * 24 * time.Hour)
	}
	return afterAMonth(w, s)
}

func TestGrantMachine(t *testing.T) {
	because := object{"reason": "because"}
	narrow := func(w *world, s subject) *refusal.Error {
		if s.breakglass != "" {
			return elsewhere // no policy limits it
		}
		changes := object{"use": []object{{"permission": "DS", "diseases": []string{"ICD10:C50.2"}}}, "max_duration_seconds": 90*86400 - w.count} // never the same
		return w.try(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "applies": "existing", "policy": with(termed(), changes)})
	}
	attempts := map[string]attempt{
		"grant.revoke": byOn(steward, "grant.revoke", because), "grant.relinquish": byOn(kim, "grant.relinquish", object{}),
		"grant.relinquish for oneself": func(w *world, s subject) *refusal.Error {
			if s.breakglass != "" {
				return elsewhere
			}
			return byOn(s.voter, "grant.relinquish", object{})(w, s)
		},
		"grant.accept": func(w *world, s subject) *refusal.Error {
			if s.breakglass != "" {
				return elsewhere
			}
			return byOn(s.voter, "grant.accept", object{"terms": digestOf("terms")})(w, s)
		},
		"grant.suspend": byOn(privacy, "grant.suspend", because), "grant.lift": byOn(privacy, "grant.lift", because),
		"grant.suspend of the one that it joins":    onParent(privacy, "grant.suspend", because),
		"grant.lift of the one that it joins":       onParent(privacy, "grant.lift", because),
		"grant.revoke of the one that it joins":     onParent(steward, "grant.revoke", because),
		"grant.relinquish of the one that it joins": onParent(kim, "grant.relinquish", object{}),
		"policy.set applies":                        narrow, rules.Time: untilItEnds,
	}
	act := func(does string) func(*world, subject) { return must(attempts[does]) }
	walk(t, rules.GrantMachine, []situation[rules.GrantState]{
		{says: "active", state: rules.GrantActive, by: "request.vote approve", prepare: held()},
		{says: "active, joining another", state: rules.GrantActive, prepare: joining()},
		{says: "active, by itself", state: rules.GrantActive, by: "request.submit", prepare: byItself(false)},
		{says: "active, in an emergency", state: rules.GrantActive, by: "breakglass.confirm", prepare: inAnEmergency},
		{says: "pending", state: rules.GrantPending, by: "request.vote approve", prepare: renewing()},
		{says: "pending, by itself", state: rules.GrantPending, by: "request.submit", prepare: byItself(true)},
		{says: "suspended", state: rules.GrantSuspended, why: rules.ByItself, prepare: held(act("grant.suspend"))},
		{says: "suspended before it begins", state: rules.GrantSuspended, why: rules.ByItself, prepare: renewing(act("grant.suspend"))},
		{says: "suspended, joining another", state: rules.GrantSuspended, why: rules.ByItself, prepare: joining(act("grant.suspend"))},
		{says: "suspended with the one that it joins", state: rules.GrantSuspended, why: rules.WithJoined, prepare: joining(act("grant.suspend of the one that it joins"))},
		{says: "expired", state: rules.GrantExpired, prepare: held(act(rules.Time))},
		{says: "revoked", state: rules.GrantRevoked, prepare: held(act("grant.revoke"))},
		{says: "relinquished", state: rules.GrantRelinquished, prepare: held(act("grant.relinquish"))},
		{says: "narrowed", state: rules.GrantNarrowed, prepare: held(act("policy.set applies"))},
		{says: "ended with the one that it joins", state: rules.GrantEnded, prepare: joining(act("grant.revoke of the one that it joins"))},
	}, attempts, func(w *world, s subject) (rules.GrantState, string) {
		shown := w.ask("grant.get", object{"grant": s.grant})
		state := rules.GrantState(in(shown, "state").(string))
		switch {
		case state != rules.GrantSuspended:
			return state, ""
		case shown["why"] == nil:
			return state, rules.ByItself
		}
		return state, rules.WithJoined
	})
}

func TestSeatMachine(t *testing.T) {
	seat := func(m object) attempt {
		return func(w *world, s subject) *refusal.Error {
			list := members("a", "b", "c")
			if m != nil {
				list = append(list, m)
			}
			return w.try(steward, "committee.set", object{"role": "dac", "members": list})
		}
	}
	at := func(days int) string { return time.Date(2026, 11, 24+days, 10, 0, 0, 0, time.UTC).Format(time.RFC3339) }
	now, later := object{"id": "m", "until": at(20)}, object{"id": "m", "from": at(20), "until": at(60)}
	seated := func(m object, acts ...attempt) func(*world) subject {
		return func(w *world) subject {
			must(seat(m))(w, subject{})
			for _, act := range acts {
				must(act)(w, subject{})
			}
			return subject{}
		}
	}
	keep := func(w *world, s subject) *refusal.Error { // naming the member as they are: with what the seat says, or anew
		first := seatOf(w)
		if rules.SeatStateAt(first, records.Time(w.now.Unix())) == rules.SeatEnded {
			return seat(object{"id": "m"})(w, s)
		}
		return seat(object{"id": "m", "from": first.From, "until": first.Until})(w, s)
	}
	walk(t, rules.SeatMachine, []situation[rules.SeatState]{
		{says: "planned", state: rules.SeatPlanned, by: "committee.set naming the member", prepare: seated(later)},
		{says: "seated", state: rules.SeatHeld, by: "committee.set naming the member", prepare: seated(now)},
		{says: "over", state: rules.SeatEnded, prepare: seated(now, afterAMonth)},
		{says: "ended", state: rules.SeatEnded, prepare: seated(now, seat(nil))},
		{says: "ended before it began", state: rules.SeatEnded, prepare: seated(later, seat(nil))},
	}, map[string]attempt{
		"committee.set naming the member": keep, "committee.set without the member": seat(nil), rules.Time: afterAMonth,
	}, func(w *world, _ subject) (rules.SeatState, string) {
		return rules.SeatStateAt(seatOf(w), records.Time(w.now.Unix())), ""
	})
}

// seatOf is the first seat of m.
func seatOf(w *world) records.Seat {
	w.Helper()
	for _, item := range in(w.ask("committee.get", object{"institution": "hanbit", "role": "dac"}), "record", "body", "seats").([]any) {
		if in(item, "id") == "m" {
			var seat records.Seat
			for field, into := range map[string]*records.Time{"from": &seat.From, "until": &seat.Until} {
				if err := into.UnmarshalText([]byte(in(item, field).(string))); err != nil {
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
	delegated := func(times object, acts ...attempt) func(*world) subject {
		return func(w *world) subject {
			s := subject{delegation: in(w.do("hanbit/a:dac", "committee.delegate", with(object{"role": "dac", "deputy": "d"}, times)), "id").(string)}
			for _, act := range acts {
				must(act)(w, s)
			}
			return s
		}
	}
	undelegate := func(w *world, s subject) *refusal.Error {
		return w.try("hanbit/a:dac", "committee.undelegate", object{"delegation": s.delegation})
	}
	now, later := object{"until": at(20)}, object{"from": at(20), "until": at(60)}
	walk(t, rules.DelegationMachine, []situation[rules.DelegationState]{
		{says: "planned", state: rules.DelegationPlanned, by: "committee.delegate", prepare: delegated(later)},
		{says: "active", state: rules.DelegationActive, by: "committee.delegate", prepare: delegated(now)},
		{says: "expired", state: rules.DelegationExpired, prepare: delegated(now, afterAMonth)},
		{says: "ended", state: rules.DelegationEnded, prepare: delegated(now, undelegate)},
		{says: "ended before it began", state: rules.DelegationEnded, prepare: delegated(later, undelegate)},
	}, map[string]attempt{
		"committee.undelegate": undelegate, rules.Time: afterAMonth,
		"request.vote for the member": func(w *world, s subject) *refusal.Error {
			return w.try("hanbit/d:dac", "request.vote", with(w.ballot(w.submitted(), "approve", "dac"), object{"for": "a", "delegation": s.delegation}))
		},
	}, func(w *world, s subject) (rules.DelegationState, string) {
		list := w.ask("delegation.list", object{"institution": "hanbit", "role": "dac"})
		return rules.DelegationState(in(list, "items", 0, "state").(string)), ""
	})
}

func TestBreakglassMachine(t *testing.T) {
	broken := func(acts ...attempt) func(*world) subject {
		return func(w *world) subject {
			w.do(steward, "committee.set", object{"role": "privacy", "members": members("p", "q")})
			id, _ := w.proposed()
			s := subject{breakglass: id}
			for _, act := range acts {
				must(act)(w, s)
			}
			return s
		}
	}
	show := func(w *world, s subject) object { return w.ask("breakglass.get", object{"breakglass": s.breakglass}) }
	confirm := func(w *world, s subject) *refusal.Error {
		return w.try(steward, "breakglass.confirm", object{"breakglass": s.breakglass, "digest": in(show(w, s), "breakglass", "digest")})
	}
	justify := func(w *world, s subject) *refusal.Error {
		return w.try(privacy, "breakglass.justify", object{"breakglass": s.breakglass, "justification": "it saved a life"})
	}
	ends := func(who, name string, more object) attempt {
		return func(w *world, s subject) *refusal.Error {
			grant, opened := in(show(w, s), "breakglass", "record", "body", "grant").(string)
			if !opened || rules.GrantState(w.state(grant).(string)).Ended() {
				return elsewhere
			}
			return w.try(who, name, with(more, object{"grant": grant}))
		}
	}
	revoke := ends(steward, "grant.revoke", object{"reason": "because"})
	walk(t, rules.BreakglassMachine, []situation[rules.BreakglassState]{
		{says: "proposed", state: rules.BreakglassProposed, by: "breakglass.propose", prepare: broken()},
		{says: "lapsed", state: rules.BreakglassLapsed, prepare: broken(afterAMonth)},
		{says: "open", state: rules.BreakglassOpen, prepare: broken(confirm)},
		{says: "unjustified, over", state: rules.BreakglassUnjustified, prepare: broken(confirm, afterAMonth)},
		{says: "unjustified, revoked", state: rules.BreakglassUnjustified, prepare: broken(confirm, revoke)},
		{says: "justified while it lasts", state: rules.BreakglassJustified, prepare: broken(confirm, justify)},
		{says: "justified afterwards", state: rules.BreakglassJustified, prepare: broken(confirm, afterAMonth, justify)},
	}, map[string]attempt{
		"breakglass.confirm": confirm, "breakglass.justify": justify, "grant.revoke of its grant": revoke, rules.Time: afterAMonth,
		"grant.relinquish of its grant": ends(lee, "grant.relinquish", object{}),
	}, func(w *world, s subject) (rules.BreakglassState, string) {
		return rules.BreakglassState(in(show(w, s), "state").(string)), ""
	})
}
