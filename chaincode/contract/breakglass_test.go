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
	w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": with(policy(), object{"recipients": []string{"saerom"}}), "applies": "existing"})
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
