package contract_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

// emergency is a proposal to break glass.
func emergency() object {
	return object{
		"dataset": "hanbit/breast-cancer", "institution": "nuri", "people": []string{"kim", "lee"}, "purpose": object{"kind": "clinical-care"}, "mode": "enclave",
		"duration_seconds": 3600, "reason": "a patient in danger",
	}
}

// guarded is a sample in which p and q sit on hanbit's privacy committee.
func guarded(t *testing.T) *world {
	t.Helper()
	w := sample(t)
	w.do(steward, "committee.set", object{"role": "privacy", "members": members("p", "q")})
	return w
}

func (w *world) proposed() (id string, confirmation object) {
	w.Helper()
	id = in(w.do(privacy, "breakglass.propose", emergency()), "id").(string)
	return id, object{"breakglass": id, "digest": in(w.ask("breakglass.get", object{"breakglass": id}), "breakglass", "digest")}
}

// opened gives a break-glass record and its grant.
func (w *world) opened() (id, grant string) {
	w.Helper()
	id, confirmation := w.proposed()
	return id, in(w.do(steward, "breakglass.confirm", confirmation), "grant", "id").(string)
}

func (w *world) emergency(changes object) object {
	w.Helper()
	return w.check(with(object{"purpose": object{"kind": "clinical-care"}, "mode": "enclave"}, changes))
}

func TestBreakglass(t *testing.T) {
	w := guarded(t)
	id, confirmation := w.proposed()
	shown := w.ask("breakglass.get", object{"breakglass": id[:8]})
	w.expect(shown["state"], "proposed")
	w.expect(in(shown, "breakglass", "record", "body", "version"), 1.0)
	w.expect(w.emergency(nil)["decision"], "deny")
	w.later(time.Hour)
	opened := w.do(steward, "breakglass.confirm", confirmation)
	grant := in(opened, "grant", "id").(string)
	w.expect(in(opened, "breakglass", "body", "grant"), grant)
	w.expect(in(opened, "breakglass", "body", "confirmed_by", "id"), "steward")
	w.expect(in(opened, "grant", "body", "breakglass"), id)
	w.expect(in(opened, "grant", "body", "until"), "2026-11-24T12:00:00Z")
	for _, member := range []string{"request", "policy_version", "policy_digest", "request_digest", "votes"} {
		w.expect(in(opened, "grant", "body", member), nil)
	}
	for _, person := range []string{"nuri/kim", "nuri/lee"} {
		permitted := w.emergency(object{"for": person})
		w.expect(permitted["decision"], "permit") // by a mode and a purpose that no policy allows
		w.expect(permitted["grant"], grant)
		w.expect(slices.Contains(permitted["obligations"].([]any), any("justify-afterwards")), true)
		w.expect(in(permitted, "reasons", 0, "message"), "opened by break-glass from 2026-11-24T11:00:00Z until 2026-11-24T12:00:00Z")
	}
	w.expect(w.emergency(object{"for": "nuri/park"})["decision"], "deny")
	w.expect(w.emergency(object{"purpose": object{"kind": "origins"}})["decision"], "deny")
	w.expect(w.emergency(object{"mode": "download"})["decision"], "deny")
	w.expect(w.ask("breakglass.get", object{"breakglass": id})["state"], "open")
	w.expect(in(w.ask("grant.list", object{"holder": "nuri/lee", "state": "active"}), "items", 0, "grant", "record", "body", "breakglass"), id)
	w.refused(refusal.Decided, steward, "breakglass.confirm", confirmation)
	trail := w.ask("audit.trail", object{"dataset": "hanbit/breast-cancer"})["items"].([]any)
	kinds := []any{}
	for _, item := range trail {
		kinds = append(kinds, in(item, "record", "type"))
	}
	w.expect(slices.Contains(kinds, any("breakglass")) && slices.Contains(kinds, any("grant")), true)

	// a policy that applies to existing grants does not touch it; revoking does
	w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": with(policy(), object{"recipients": []string{"onnuri"}}), "applies": "existing"})
	w.expect(w.emergency(nil)["decision"], "permit")
	w.do(privacy, "grant.suspend", object{"grant": grant, "reason": "x"})
	shown = w.ask("breakglass.get", object{"breakglass": id})
	w.expect(shown["state"], "open")
	w.expect(shown["why"], "its grant is suspended")
	w.do(privacy, "grant.lift", object{"grant": grant, "reason": "x"})
	w.do(lee, "grant.relinquish", object{"grant": grant}) // any of them ends it
	w.expect(w.state(grant), "relinquished")
	w.expect(w.ask("breakglass.get", object{"breakglass": id})["state"], "unjustified")
	w.expect(len(w.ask("breakglass.list", object{"owner": "hanbit", "state": "unjustified"})["items"].([]any)), 1)
	w.expect(len(w.ask("breakglass.list", object{"owner": "nuri"})["items"].([]any)), 0)
	justified := w.do("hanbit/q:privacy", "breakglass.justify", object{"breakglass": id, "justification": "the patient was unconscious"})
	w.expect(in(justified, "body", "justification"), "the patient was unconscious")
	w.expect(w.ask("breakglass.list", object{})["items"].([]any)[0].(object)["state"], "justified")
	w.refused(refusal.Decided, privacy, "breakglass.justify", object{"breakglass": id, "justification": "again"})
}

func TestWhoBreaksGlass(t *testing.T) {
	w := guarded(t)
	w.do("nuri/steward:steward", "committee.set", object{"role": "privacy", "members": members("p")})
	propose := func(code refusal.Code, who string, changes object) *refusal.Error {
		t.Helper()
		return w.refused(code, who, "breakglass.propose", with(emergency(), changes))
	}
	propose(refusal.Forbidden, "hanbit/p:dac,steward", nil)
	propose(refusal.Forbidden, "hanbit/new:privacy", nil) // no seat
	propose(refusal.Forbidden, "nuri/p:privacy", nil)     // another's data
	propose(refusal.OwnRequest, privacy, object{"institution": "hanbit", "people": []string{"p"}})
	propose(refusal.NotFound, privacy, object{"dataset": "hanbit/none"})
	propose(refusal.NotFound, privacy, object{"version": 2})
	for field, value := range map[string]any{
		"people": []string{}, "people[1]": []string{"kim", "kim"}, "duration_seconds": 72*3600 + 1, "mode": "post", "purpose.kind": object{"kind": "profit"}, "reason": "", "institution": "Nuri",
		"version": 0,
	} {
		member, _, _ := strings.Cut(strings.Split(field, "[")[0], ".")
		w.expect(strings.HasPrefix(propose(refusal.Invalid, privacy, object{member: value}).Field, member), true)
	}
	propose(refusal.Invalid, privacy, object{"duration_seconds": 0})
	id, confirmation := w.proposed()
	confirm := func(code refusal.Code, who string, changes object) {
		t.Helper()
		w.refused(code, who, "breakglass.confirm", with(confirmation, changes))
	}
	confirm(refusal.OwnRequest, privacy, nil)
	confirm(refusal.OwnRequest, "hanbit/p:privacy,steward,dac", nil) // another certificate, the same person
	confirm(refusal.Forbidden, "hanbit/x:ethics,researcher", nil)
	confirm(refusal.Forbidden, "nuri/steward:steward", nil)
	confirm(refusal.Conflict, steward, object{"digest": digestOf("x")})
	confirm(refusal.NotFound, steward, object{"breakglass": digestOf("x")})
	w.refused(refusal.Conflict, privacy, "breakglass.justify", object{"breakglass": id, "justification": "x"})
	w.refused(refusal.Invalid, privacy, "breakglass.justify", object{"breakglass": id, "justification": strings.Repeat("x", 2001)})
	w.later(24 * time.Hour)
	confirm(refusal.Expired, steward, nil)
	w.expect(w.ask("breakglass.get", object{"breakglass": id})["state"], "lapsed")
	_, confirmation = w.proposed() // what lapsed stands in nobody's way
	w.later(24*time.Hour - time.Second)
	w.commits("hanbit/any:dac", "breakglass.confirm", confirmation, "hanbit", "saerom")

	// who gets the data opens it for nobody
	own := with(emergency(), object{"institution": "hanbit", "people": []string{"steward"}})
	w.refused(refusal.Unjustified, privacy, "breakglass.propose", own)
	w.do(privacy, "breakglass.justify", object{"breakglass": confirmation["breakglass"], "justification": "x"})
	id = in(w.do(privacy, "breakglass.propose", own), "id").(string)
	w.refused(refusal.OwnRequest, steward, "breakglass.confirm", object{"breakglass": id, "digest": in(w.ask("breakglass.get", object{"breakglass": id}), "breakglass", "digest")})
	w.refused(refusal.Forbidden, steward, "breakglass.justify", object{"breakglass": id, "justification": "x"})
	w.refused(refusal.Forbidden, "nuri/p:privacy", "breakglass.justify", object{"breakglass": id, "justification": "x"})
}

// waiting is what waits for somebody of an institution, by the ids of the break-glass records.
func (w *world) waiting(who string) []string {
	w.Helper()
	ids := []string{}
	for _, item := range w.as(who, "breakglass.list", object{"waiting": true})["items"].([]any) {
		ids = append(ids, in(item, "breakglass", "record", "id").(string))
	}
	return ids
}

// A proposal waits for everybody who could confirm it and for nobody else; what was opened waits for those who can justify it.
func TestWhoABreakGlassWaitsFor(t *testing.T) {
	w := guarded(t)
	officers := []string{steward, "hanbit/any:dac", "hanbit/q:privacy", "hanbit/both:auditor,dac"}
	others := []string{
		privacy, "hanbit/p:privacy,steward,dac", // who proposed it, by whichever certificate
		"hanbit/x:ethics,researcher,auditor,gateway,operator", "hanbit/x:", // no role of those
		"nuri/steward:steward", "nuri/p:privacy", "saerom/q:privacy,steward,dac", kim, lee, // another institution's
	}
	expect := func(waits map[string]string) {
		t.Helper()
		for _, who := range slices.Concat(officers, others) {
			if id, found := waits[who]; found {
				w.expect(w.waiting(who), []string{id})
			} else {
				w.expect(w.waiting(who), []string{})
			}
		}
	}
	expect(nil)
	id, _ := w.proposed()
	waits := map[string]string{}
	for _, who := range officers {
		waits[who] = id
	}
	expect(waits)
	item := w.as(steward, "breakglass.list", object{"waiting": true})["items"].([]any)[0]
	w.expect(in(item, "confirm_until"), "2026-11-25T10:00:00Z")
	w.expect(in(item, "why"), nil)
	for _, c := range []struct {
		filter object
		found  int
	}{{object{"state": "proposed"}, 1}, {object{"state": "open"}, 0}, {object{"owner": "hanbit"}, 1}, {object{"owner": "nuri"}, 0}} {
		w.expect(len(w.as(steward, "breakglass.list", with(c.filter, object{"waiting": true}))["items"].([]any)), c.found)
		w.expect(len(w.as(kim, "breakglass.list", with(c.filter, object{"waiting": false}))["items"].([]any)), c.found)
	}

	// those who would get the data confirm nothing, and nothing waits for them
	own := in(w.do(privacy, "breakglass.propose", with(emergency(), object{"institution": "hanbit", "people": []string{"steward"}})), "id").(string)
	w.expect(w.waiting(steward), []string{id})
	w.expect(w.waiting("hanbit/any:dac"), []string{own, id})
	w.later(24*time.Hour - time.Second)
	w.expect(w.waiting(steward), []string{id})
	w.later(time.Second) // both have lapsed
	expect(nil)

	// opened: it is for the owner's privacy officers to justify, the one who proposed it too
	id, _ = w.opened()
	toJustify := map[string]string{privacy: id, "hanbit/q:privacy": id, "hanbit/p:privacy,steward,dac": id}
	expect(toJustify)
	w.expect(in(w.as(privacy, "breakglass.list", object{"waiting": true}), "items", 0, "confirm_until"), nil)
	w.later(2 * time.Hour)
	expect(toJustify) // its grant has ended
	w.do(privacy, "breakglass.justify", object{"breakglass": id, "justification": "x"})
	expect(nil)
}

// What hinders a confirmation is said of the proposal, which goes on waiting for the same people.
func TestAHinderedProposal(t *testing.T) {
	w := guarded(t)
	first, one := w.proposed()
	second, two := w.proposed()
	w.expect(w.waiting(steward), []string{second, first})
	w.do(steward, "breakglass.confirm", one)
	why := func(who string) any {
		t.Helper()
		item := w.as(who, "breakglass.list", object{"waiting": true, "state": "proposed"})["items"].([]any)[0]
		w.expect(in(item, "breakglass", "record", "id"), second)
		w.expect(w.ask("breakglass.get", object{"breakglass": second})["why"], in(item, "why"))
		return in(item, "why")
	}
	w.expect(why(steward), w.refused(refusal.Unjustified, steward, "breakglass.confirm", two).Message)
	w.expect(strings.Contains(why(steward).(string), first[:12]), true)
	w.do(privacy, "breakglass.justify", object{"breakglass": first, "justification": "x"})
	w.expect(why(steward), nil)
	w.do(privacy, "basis.end", object{"basis": "hanbit/irb-waiver", "reason": "x"})
	w.expect(why("hanbit/any:dac"), w.refused(refusal.PolicyDenies, steward, "breakglass.confirm", two).Message)
}

// A proposal that others make up in an institution's name waits for nobody; it is named as forged. So is one whose entry in the list was made up, or that was changed.
func TestAForgedProposalWaitsForNobody(t *testing.T) {
	w := guarded(t)
	id, _ := w.proposed()
	invented := w.forge("hanbit", privacy, "breakglass.propose", emergency())
	items := w.as(steward, "breakglass.list", object{"waiting": true})["items"].([]any)
	w.expect(len(items), 2)
	w.expect(in(items, 0, "key"), "breakglass/"+invented)
	w.expect(in(items, 0, "forged"), "it carries no seal of hanbit")
	w.expect(in(items, 1, "breakglass", "record", "id"), id)

	// an entry that leads to another institution's, and a proposal that no longer says who proposed it
	w.ledger.Attack(put("i/breakglass-owner/nuri/"+strings.Repeat("0", 12)+"/"+id, "1"))
	w.expect(w.waiting("nuri/steward:steward"), []string{})
	key := "breakglass/" + id
	changed := strings.Replace(string(w.ledger.Value(key)), `"proposed_by":{"id":"p"`, `"proposed_by":{"id":"q"`, 1)
	w.ledger.Attack(put(key, changed))
	for _, who := range []string{privacy, steward} {
		for _, item := range w.as(who, "breakglass.list", object{"waiting": true})["items"].([]any) {
			w.expect(in(item, "breakglass"), nil)
		}
	}
}

// What an owner's own chaincode sealed against the rules waits for nobody either, and is not confirmed.
func TestAProposalAgainstTheRules(t *testing.T) {
	w := guarded(t)
	id, confirmation := w.proposed()
	key := "breakglass/" + id
	honest := string(w.ledger.Value(key))
	for says, change := range map[string][2]string{
		"another proposer":   {`"proposed_by":{"id":"p"`, `"proposed_by":{"id":"q"`},
		"no privacy officer": {`"roles":["privacy"]`, `"roles":["researcher"]`},
		"no seat":            {`"changes":1,"committee":"hanbit/privacy"`, `"changes":0,"committee":"hanbit/privacy"`},
		"for themself":       {`"institution":"nuri","mode":"enclave","people":["kim","lee"]`, `"institution":"hanbit","mode":"enclave","people":["p"]`},
		"for a year":         {`"duration_seconds":3600`, `"duration_seconds":31536000`},
		"without a reason":   {`"reason":"a patient in danger"`, `"reason":""`},
	} {
		forged := strings.Replace(honest, change[0], change[1], 1)
		if forged == honest {
			t.Fatalf("%s: %s is not in %s", says, change[0], honest)
		}
		w.ledger.Attack(put(key, forged), seal("hanbit", key, forged))
		digest := in(w.ask("breakglass.get", object{"breakglass": id}), "breakglass", "digest")
		w.refused(refusal.Forged, steward, "breakglass.confirm", with(confirmation, object{"digest": digest}))
		items := w.as(steward, "breakglass.list", object{"waiting": true})["items"].([]any)
		if len(items) != 1 || in(items[0], "key") != key || in(items[0], "breakglass") != nil {
			t.Errorf("%s: %v", says, items)
		}
	}
	w.ledger.Attack(put(key, honest), seal("hanbit", key, honest))
	w.expect(w.waiting(steward), []string{id})
	w.do(steward, "breakglass.confirm", confirmation)
}

// One at a time: until it is justified no other is proposed, and none that was proposed before is confirmed; of two that race one counts.
func TestUnjustified(t *testing.T) {
	w := guarded(t)
	_, first := w.proposed()
	_, second := w.proposed()
	one, _, _ := w.simulate(steward, "breakglass.confirm", text(first))
	two, _, _ := w.simulate(steward, "breakglass.confirm", text(second))
	late, _, _ := w.simulate(privacy, "breakglass.propose", text(emergency()))
	w.expect(w.ledger.Commit(one, institutions...), ledgertest.Valid)
	w.expect(w.ledger.Commit(two, institutions...), ledgertest.PhantomReadConflict)
	w.expect(w.ledger.Commit(late, institutions...), ledgertest.PhantomReadConflict)
	refused := w.refused(refusal.Unjustified, privacy, "breakglass.propose", emergency())
	w.expect(refused.Details[0], first["breakglass"])
	w.refused(refusal.Unjustified, steward, "breakglass.confirm", second)
	w.later(2 * time.Hour) // it has ended, and is still not justified
	w.refused(refusal.Unjustified, privacy, "breakglass.propose", emergency())
	w.do(privacy, "breakglass.justify", object{"breakglass": first["breakglass"], "justification": "x"})
	_, third := w.proposed()
	one, _, _ = w.simulate(steward, "breakglass.confirm", text(second))
	two, _, _ = w.simulate(steward, "breakglass.confirm", text(third))
	w.expect(w.ledger.Commit(one, institutions...), ledgertest.Valid)
	if code := w.ledger.Commit(two, institutions...); code == ledgertest.Valid {
		t.Fatal("both were opened")
	}
	w.refused(refusal.Unjustified, steward, "breakglass.confirm", third)
}

// However often glass was broken, there is room for the next: the record that keeps it in mind keeps no history of its own.
func TestEmergenciesWithoutEnd(t *testing.T) {
	w := guarded(t)
	for range 130 {
		id, _ := w.opened()
		w.do(privacy, "breakglass.justify", object{"breakglass": id, "justification": "x"})
	}
	w.opened()
	w.refused(refusal.Unjustified, privacy, "breakglass.propose", emergency())
	w.expect(strings.Contains(string(w.ledger.Value(w.only("emergencies/hanbit/"))), `"opened":131`), true)
}

// An owner whose chaincode is not ours seals glass that one person broke, for themself, for a year, or a grant that says more.
func TestForgedBreakglass(t *testing.T) {
	w := guarded(t)
	id, grant := w.opened()
	w.expect(w.emergency(nil)["decision"], "permit")
	for key, changes := range map[string]map[string][2]string{
		"breakglass/" + id: {
			"one person":            {`"confirmed_by":{"id":"steward"`, `"confirmed_by":{"id":"p"`},
			"one person everywhere": {"steward\",\"institution\":\"hanbit\",\"roles\":[\"steward\"]", "p\",\"institution\":\"hanbit\",\"roles\":[\"privacy\"]"},
			"another proposer":      {`"proposed_by":{"id":"p"`, `"proposed_by":{"id":"q"`},
			"no seat":               {`"changes":1,"committee":"hanbit/privacy"`, `"changes":0,"committee":"hanbit/privacy"`},
			"another committee":     {`"committee":"hanbit/privacy"`, `"committee":"hanbit/dac"`},
			"no privacy officer":    {`"roles":["privacy"]`, `"roles":["researcher"]`},
			"no role to confirm":    {`"roles":["steward"]`, `"roles":["researcher"]`},
			"for themself":          {`"institution":"nuri","mode"`, `"institution":"hanbit","mode"`},
			"for a year":            {`"duration_seconds":3600`, `"duration_seconds":31536000`},
			"not confirmed":         {`"status":"open"`, `"status":"proposed"`},
			"another grant":         {`"grant":"` + grant, `"grant":"` + digestOf("x")},
			"confirmed elsewhere":   {`"tx":"` + grant, `"tx":"` + digestOf("x")},
			"another action":        {"breakglass.confirmed", "breakglass.updated"},
			"a purpose of no kind":  {`"kind":"clinical-care"`, `"kind":"profit"`},
			"without a reason":      {`"reason":"a patient in danger"`, `"reason":""`},
			"a long reason":         {`"reason":"a patient in danger"`, `"reason":"` + strings.Repeat("x", 501) + `"`},
			"another version":       {`"version":1`, `"version":2`},
		},
		"grant/" + grant: {
			"more people":        {`"grantees":["kim","lee"]`, `"grantees":["kim","lee","park"]`},
			"longer":             {`"until":"2026-11-24T11:00:00Z"`, `"until":"2027-11-24T11:00:00Z"`},
			"another mode":       {`"mode":"enclave"`, `"mode":"download"`},
			"no duty":            {`"justify-afterwards"`, `"no-duty"`},
			"another breakglass": {`"breakglass":"` + id, `"breakglass":"` + digestOf("x")},
			"a short id":         {`"breakglass":"` + id, `"breakglass":"` + id[:8]},
			"neither":            {`"breakglass":"` + id + `",`, ""},
			"a policy":           {`"mode":"enclave"`, `"mode":"enclave","policy_version":1`},
		},
	} {
		honest := string(w.ledger.Value(key))
		for says, change := range changes {
			forged := strings.ReplaceAll(honest, change[0], change[1])
			switch says {
			case "for themself":
				forged = strings.Replace(forged, `"people":["kim","lee"]`, `"people":["kim","steward"]`, 1)
			case "one person everywhere":
				forged = strings.Replace(forged, `"confirmed_by":{"id":"steward"`, `"confirmed_by":{"id":"p"`, 1)
			}
			if forged == honest {
				t.Fatalf("%s: %s is not in %s", says, change[0], honest)
			}
			w.ledger.Attack(put(key, forged), seal("hanbit", key, forged))
			for _, asked := range []object{nil, {"mode": "download"}, {"for": "nuri/park"}} {
				answer := w.emergency(asked)
				if answer["decision"] == "permit" {
					t.Errorf("%s: %v", says, answer)
				}
				if asked == nil && !slices.ContainsFunc(reasons(answer), func(code string) bool {
					return code == "EVIDENCE_MISSING" || code == "FORGED" || strings.HasPrefix(key, "grant/") && (code == "EVIDENCE_DIFFERS" || code == "NO_GRANT")
				}) {
					t.Errorf("%s: %v", says, answer)
				}
			}
		}
		w.ledger.Attack(put(key, honest), seal("hanbit", key, honest))
	}
	w.expect(w.emergency(nil)["decision"], "permit")
	key := "breakglass/" + id
	alone := strings.NewReplacer(`"confirmed_by":{"id":"steward"`, `"confirmed_by":{"id":"p"`, `"by":{"id":"steward","institution":"hanbit","roles":["steward"]}`,
		`"by":{"id":"p","institution":"hanbit","roles":["privacy"]}`).Replace(string(w.ledger.Value(key)))
	honest := string(w.ledger.Value(key))
	w.ledger.Attack(put(key, alone), seal("hanbit", key, alone))
	w.expect(in(w.emergency(nil), "reasons", 0, "message"), "the glass was not broken by the rules: the one who proposed it confirmed it")
	w.ledger.Attack(put(key, honest), seal("hanbit", key, honest))
	longer := strings.Replace(string(w.ledger.Value("grant/"+grant)), `"until":"2026-11-24T11:00:00Z"`, `"until":"2027-11-24T11:00:00Z"`, 1)
	w.ledger.Attack(put("grant/"+grant, longer), seal("hanbit", "grant/"+grant, longer), put("i/grant-person/nuri/kim/hanbit/breast-cancer/"+descending("2027-11-24T11:00:00Z")+"/"+grant, "1"))
	w.expect(reasons(w.emergency(nil)), []string{"EVIDENCE_DIFFERS"})

	// others make one up in hanbit's name
	w.do(privacy, "grant.revoke", object{"grant": grant, "reason": "x"})
	w.do(privacy, "breakglass.justify", object{"breakglass": id, "justification": "x"})
	_, confirmation := w.proposed()
	forgedGrant := w.forge("hanbit", steward, "breakglass.confirm", confirmation)
	w.expect(w.emergency(nil)["decision"], "deny")
	w.refused(refusal.Forged, privacy, "grant.suspend", object{"grant": forgedGrant, "reason": "x"})
}

// descending is how an index entry writes a moment, the latest first.
func descending(moment string) string {
	at, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("%012d", 999_999_999_999-at.Unix())
}
