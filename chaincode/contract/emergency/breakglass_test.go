package emergency_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

type (
	object = map[string]any
	TimeOf = time.Time
)

func TestBreakglass(t *testing.T) {
	w := sample.Guarded(t)
	id, confirmation := w.Proposed()
	shown := w.Ask("breakglass.get", object{"breakglass": id[:8]})
	w.Expect(shown["state"], "proposed")
	w.Expect(sample.In(shown, "breakglass", "record", "body", "version"), 1.0)
	w.Expect(w.Emergency(nil)["decision"], "deny")
	w.Later(time.Hour)
	opened := w.Do(sample.Steward, "breakglass.confirm", confirmation)
	grant := sample.In(opened, "grant", "id").(string)
	w.Expect(sample.In(opened, "breakglass", "body", "grant"), grant)
	w.Expect(sample.In(opened, "breakglass", "body", "confirmed_by", "id"), "steward")
	w.Expect(sample.In(opened, "grant", "body", "breakglass"), id)
	w.Expect(sample.In(opened, "grant", "body", "until"), "2026-11-24T12:00:00Z")
	for _, member := range []string{"request", "policy_version", "policy_digest", "request_digest", "votes"} {
		w.Expect(sample.In(opened, "grant", "body", member), nil)
	}
	for _, person := range []string{"nuri/kim", "nuri/lee"} {
		permitted := w.Emergency(object{"for": person})
		w.Expect(permitted["decision"], "permit") // by a mode and a purpose that no policy allows
		w.Expect(permitted["grant"], grant)
		w.Expect(slices.Contains(permitted["obligations"].([]any), any("justify-afterwards")), true)
		w.Expect(sample.In(permitted, "reasons", 0, "message"), "opened by break-glass from 2026-11-24T11:00:00Z until 2026-11-24T12:00:00Z")
	}
	w.Expect(w.Emergency(object{"for": "nuri/park"})["decision"], "deny")
	w.Expect(w.Emergency(object{"purpose": object{"kind": "origins"}})["decision"], "deny")
	w.Expect(w.Emergency(object{"mode": "download"})["decision"], "deny")
	w.Expect(w.Ask("breakglass.get", object{"breakglass": id})["state"], "open")
	w.Expect(sample.In(w.Ask("grant.list", object{"holder": "nuri/lee", "state": "active"}), "items", 0, "grant", "record", "body", "breakglass"), id)
	w.Refused(refusal.Decided, sample.Steward, "breakglass.confirm", confirmation)
	trail := w.Ask("audit.trail", object{"dataset": "hanbit/breast-cancer"})["items"].([]any)
	kinds := []any{}
	for _, item := range trail {
		kinds = append(kinds, sample.In(item, "record", "type"))
	}
	w.Expect(slices.Contains(kinds, any("breakglass")) && slices.Contains(kinds, any("grant")), true)

	// a policy that applies to existing grants does not touch it; revoking does
	w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.Policy(), object{"recipients": []string{"onnuri"}}), "applies": "existing"})
	w.Expect(w.Emergency(nil)["decision"], "permit")
	w.Do(sample.Privacy, "grant.suspend", object{"grant": grant, "reason": "x"})
	shown = w.Ask("breakglass.get", object{"breakglass": id})
	w.Expect(shown["state"], "open")
	w.Expect(shown["why"], "its grant is suspended")
	w.Do(sample.Privacy, "grant.lift", object{"grant": grant, "reason": "x"})
	w.Do(sample.Lee, "grant.relinquish", object{"grant": grant}) // any of them ends it
	w.Expect(w.State(grant), "relinquished")
	w.Expect(w.Ask("breakglass.get", object{"breakglass": id})["state"], "unjustified")
	w.Expect(len(w.Ask("breakglass.list", object{"owner": "hanbit", "state": "unjustified"})["items"].([]any)), 1)
	w.Expect(len(w.Ask("breakglass.list", object{"owner": "nuri"})["items"].([]any)), 0)
	justified := w.Do("hanbit/q:privacy", "breakglass.justify", object{"breakglass": id, "justification": "the patient was unconscious"})
	w.Expect(sample.In(justified, "body", "justification"), "the patient was unconscious")
	w.Expect(w.Ask("breakglass.list", object{})["items"].([]any)[0].(object)["state"], "justified")
	w.Refused(refusal.Decided, "hanbit/q:privacy", "breakglass.justify", object{"breakglass": id, "justification": "again"})
}

func TestWhoBreaksGlass(t *testing.T) {
	w := sample.Guarded(t)
	w.Do("nuri/steward:steward", "committee.set", object{"role": "privacy", "members": sample.Members("p")})
	propose := func(code refusal.Code, who string, changes object) *refusal.Error {
		t.Helper()
		return w.Refused(code, who, "breakglass.propose", sample.With(sample.Emergency(), changes))
	}
	propose(refusal.Forbidden, "hanbit/p:dac,steward", nil)
	propose(refusal.Forbidden, "hanbit/new:privacy", nil) // no seat
	propose(refusal.Forbidden, "nuri/p:privacy", nil)     // another's data
	propose(refusal.OwnRequest, sample.Privacy, object{"institution": "hanbit", "people": []string{"p"}})
	propose(refusal.NotFound, sample.Privacy, object{"dataset": "hanbit/none"})
	propose(refusal.NotFound, sample.Privacy, object{"version": 2})
	for field, value := range map[string]any{
		"people": []string{}, "people[1]": []string{"kim", "kim"}, "duration_seconds": 72*3600 + 1, "mode": "post", "purpose.kind": object{"kind": "profit"}, "reason": "", "institution": "Nuri",
		"version": 0,
	} {
		member, _, _ := strings.Cut(strings.Split(field, "[")[0], ".")
		w.Expect(strings.HasPrefix(propose(refusal.Invalid, sample.Privacy, object{member: value}).Field, member), true)
	}
	propose(refusal.Invalid, sample.Privacy, object{"duration_seconds": 0})
	id, confirmation := w.Proposed()
	confirm := func(code refusal.Code, who string, changes object) {
		t.Helper()
		w.Refused(code, who, "breakglass.confirm", sample.With(confirmation, changes))
	}
	confirm(refusal.OwnRequest, sample.Privacy, nil)
	confirm(refusal.OwnRequest, "hanbit/p:privacy,steward,dac", nil) // another certificate, the same person
	confirm(refusal.Forbidden, "hanbit/x:ethics,researcher", nil)
	confirm(refusal.Forbidden, "nuri/steward:steward", nil)
	confirm(refusal.Conflict, sample.Steward, object{"digest": sample.DigestOf("x")})
	confirm(refusal.NotFound, sample.Steward, object{"breakglass": sample.DigestOf("x")})
	w.Refused(refusal.Conflict, "hanbit/q:privacy", "breakglass.justify", object{"breakglass": id, "justification": "x"})
	w.Refused(refusal.Invalid, sample.Privacy, "breakglass.justify", object{"breakglass": id, "justification": strings.Repeat("x", 2001)})
	w.Later(24 * time.Hour)
	confirm(refusal.Expired, sample.Steward, nil)
	w.Expect(w.Ask("breakglass.get", object{"breakglass": id})["state"], "lapsed")
	_, confirmation = w.Proposed() // what lapsed stands in nobody's way
	w.Later(24*time.Hour - time.Second)
	w.Commits("hanbit/any:dac", "breakglass.confirm", confirmation, "hanbit", "saerom")

	w.Refused(refusal.Conflict, "hanbit/q:privacy", "breakglass.justify", object{"breakglass": confirmation["breakglass"], "justification": "x"}) // while it lasts
	w.Later(time.Hour)
	// who gets the data opens it for nobody
	own := sample.With(sample.Emergency(), object{"institution": "hanbit", "people": []string{"steward"}})
	w.Refused(refusal.Unjustified, sample.Privacy, "breakglass.propose", own)
	w.Refused(refusal.OwnRequest, sample.Privacy, "breakglass.justify", object{"breakglass": confirmation["breakglass"], "justification": "x"}) // who proposed it
	w.Refused(refusal.OwnRequest, "hanbit/any:dac,privacy", "breakglass.justify", object{"breakglass": confirmation["breakglass"], "justification": "x"})
	w.Do("hanbit/q:privacy", "breakglass.justify", object{"breakglass": confirmation["breakglass"], "justification": "x"})
	id = sample.In(w.Do(sample.Privacy, "breakglass.propose", own), "id").(string)
	w.Refused(refusal.OwnRequest, sample.Steward, "breakglass.confirm", object{"breakglass": id, "digest": sample.In(w.Ask("breakglass.get", object{"breakglass": id}), "breakglass", "digest")})
	w.Refused(refusal.Forbidden, sample.Steward, "breakglass.justify", object{"breakglass": id, "justification": "x"})
	w.Refused(refusal.Forbidden, "nuri/p:privacy", "breakglass.justify", object{"breakglass": id, "justification": "x"})
}

// waiting is what waits for somebody of an institution, by the ids of the break-glass records.
func waiting(w *sample.World, who string) []string {
	w.Helper()
	ids := []string{}
	for _, item := range w.As(who, "breakglass.list", object{"waiting": true})["items"].([]any) {
		ids = append(ids, sample.In(item, "breakglass", "record", "id").(string))
	}
	return ids
}

// A proposal waits for everybody who could confirm it and for nobody else; what was opened waits for those who can justify it.
func TestWhoABreakGlassWaitsFor(t *testing.T) {
	w := sample.Guarded(t)
	officers := []string{sample.Steward, "hanbit/any:dac", "hanbit/q:privacy", "hanbit/both:auditor,dac"}
	others := []string{
		sample.Privacy, "hanbit/p:privacy,steward,dac", // who proposed it, by whichever certificate
		"hanbit/x:ethics,researcher,auditor,gateway,operator", "hanbit/x:", // no role of those
		"nuri/steward:steward", "nuri/p:privacy", "saerom/q:privacy,steward,dac", sample.Kim, sample.Lee, // another institution's
	}
	expect := func(waits map[string]string) {
		t.Helper()
		for _, who := range slices.Concat(officers, others) {
			if id, found := waits[who]; found {
				w.Expect(waiting(w, who), []string{id})
			} else {
				w.Expect(waiting(w, who), []string{})
			}
		}
	}
	expect(nil)
	id, _ := w.Proposed()
	waits := map[string]string{}
	for _, who := range officers {
		waits[who] = id
	}
	expect(waits)
	item := w.As(sample.Steward, "breakglass.list", object{"waiting": true})["items"].([]any)[0]
	w.Expect(sample.In(item, "confirm_until"), "2026-11-25T10:00:00Z")
	w.Expect(sample.In(item, "why"), nil)
	for _, c := range []struct {
		filter object
		found  int
	}{{object{"state": "proposed"}, 1}, {object{"state": "open"}, 0}, {object{"owner": "hanbit"}, 1}, {object{"owner": "nuri"}, 0}} {
		w.Expect(len(w.As(sample.Steward, "breakglass.list", sample.With(c.filter, object{"waiting": true}))["items"].([]any)), c.found)
		w.Expect(len(w.As(sample.Kim, "breakglass.list", sample.With(c.filter, object{"waiting": false}))["items"].([]any)), c.found)
	}

	// those who would get the data confirm nothing, and nothing waits for them
	own := sample.In(w.Do(sample.Privacy, "breakglass.propose", sample.With(sample.Emergency(), object{"institution": "hanbit", "people": []string{"steward"}})), "id").(string)
	w.Expect(waiting(w, sample.Steward), []string{id})
	w.Expect(waiting(w, "hanbit/any:dac"), []string{own, id})
	w.Later(24*time.Hour - time.Second)
	w.Expect(waiting(w, sample.Steward), []string{id})
	w.Later(time.Second) // both have lapsed
	expect(nil)

	// opened: once it has ended, it is for the owner's privacy officers who did not take part to justify
	id, _ = w.Opened()
	expect(nil)
	w.Later(2 * time.Hour) // its grant has ended
	expect(map[string]string{"hanbit/q:privacy": id})
	w.Expect(sample.In(w.As("hanbit/q:privacy", "breakglass.list", object{"waiting": true}), "items", 0, "confirm_until"), nil)
	w.Do("hanbit/q:privacy", "breakglass.justify", object{"breakglass": id, "justification": "x"})
	expect(nil)
}

// What hinders a confirmation is said of the proposal, which goes on waiting for the same people.
func TestAHinderedProposal(t *testing.T) {
	w := sample.Guarded(t)
	first, one := w.Proposed()
	second, two := w.Proposed()
	w.Expect(waiting(w, sample.Steward), []string{second, first})
	w.Do(sample.Steward, "breakglass.confirm", one)
	why := func(who string) any {
		t.Helper()
		item := w.As(who, "breakglass.list", object{"waiting": true, "state": "proposed"})["items"].([]any)[0]
		w.Expect(sample.In(item, "breakglass", "record", "id"), second)
		w.Expect(w.Ask("breakglass.get", object{"breakglass": second})["why"], sample.In(item, "why"))
		return sample.In(item, "why")
	}
	w.Expect(why(sample.Steward), w.Refused(refusal.Unjustified, sample.Steward, "breakglass.confirm", two).Message)
	w.Expect(strings.Contains(why(sample.Steward).(string), first[:12]), true)
	w.Later(time.Hour)
	w.Do("hanbit/q:privacy", "breakglass.justify", object{"breakglass": first, "justification": "x"})
	w.Expect(why(sample.Steward), nil)
	w.Do(sample.Privacy, "basis.end", object{"basis": "hanbit/irb-waiver", "reason": "x"})
	w.Expect(why("hanbit/any:dac"), w.Refused(refusal.PolicyDenies, sample.Steward, "breakglass.confirm", two).Message)
}

// A proposal that others make up in an institution's name waits for nobody; it is named as forged. So is one whose entry in the list was made up, or that was changed.
func TestAForgedProposalWaitsForNobody(t *testing.T) {
	w := sample.Guarded(t)
	id, _ := w.Proposed()
	invented := w.Forge("hanbit", sample.Privacy, "breakglass.propose", sample.Emergency())
	items := w.As(sample.Steward, "breakglass.list", object{"waiting": true})["items"].([]any)
	w.Expect(len(items), 2)
	w.Expect(sample.In(items, 0, "key"), "breakglass/"+invented)
	w.Expect(sample.In(items, 0, "forged"), "it carries no seal of hanbit")
	w.Expect(sample.In(items, 1, "breakglass", "record", "id"), id)

	// an entry that leads to another institution's, and a proposal that no longer says who proposed it
	w.Ledger.Attack(sample.Put("i/breakglass-owner/nuri/"+strings.Repeat("0", 12)+"/"+id, "1"))
	w.Expect(waiting(w, "nuri/steward:steward"), []string{})
	key := "breakglass/" + id
	changed := strings.Replace(string(w.Ledger.Value(key)), `"proposed_by":{"id":"p"`, `"proposed_by":{"id":"q"`, 1)
	w.Ledger.Attack(sample.Put(key, changed))
	for _, who := range []string{sample.Privacy, sample.Steward} {
		for _, item := range w.As(who, "breakglass.list", object{"waiting": true})["items"].([]any) {
			w.Expect(sample.In(item, "breakglass"), nil)
		}
	}
}

// What an owner's own chaincode sealed against the rules waits for nobody either, and is not confirmed.
func TestAProposalAgainstTheRules(t *testing.T) {
	w := sample.Guarded(t)
	id, confirmation := w.Proposed()
	key := "breakglass/" + id
	honest := string(w.Ledger.Value(key))
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
		w.Ledger.Attack(sample.Put(key, forged), sample.Seal("hanbit", key, forged))
		w.Refused(refusal.Forged, sample.Steward, "breakglass.confirm", sample.With(confirmation, object{"digest": records.Digest([]byte(forged))}))
		items := w.As(sample.Steward, "breakglass.list", object{"waiting": true})["items"].([]any)
		if len(items) != 1 || sample.In(items[0], "key") != key || sample.In(items[0], "breakglass") != nil {
			t.Errorf("%s: %v", says, items)
		}
	}
	w.Ledger.Attack(sample.Put(key, honest), sample.Seal("hanbit", key, honest))
	w.Expect(waiting(w, sample.Steward), []string{id})
	w.Do(sample.Steward, "breakglass.confirm", confirmation)
}

// One at a time: until it is justified no other is proposed, and none that was proposed before is confirmed; of two that race one counts.
func TestUnjustified(t *testing.T) {
	w := sample.Guarded(t)
	_, first := w.Proposed()
	_, second := w.Proposed()
	one, _, _ := w.Simulate(sample.Steward, "breakglass.confirm", sample.Text(first))
	two, _, _ := w.Simulate(sample.Steward, "breakglass.confirm", sample.Text(second))
	late, _, _ := w.Simulate(sample.Privacy, "breakglass.propose", sample.Text(sample.Emergency()))
	w.Expect(w.Ledger.Commit(one, sample.Institutions...), ledgertest.Valid)
	w.Expect(w.Ledger.Commit(two, sample.Institutions...), ledgertest.EndorsementPolicyFailure) // the name is posted
	w.Expect(w.Ledger.Commit(late, sample.Institutions...), ledgertest.MVCCReadConflict)
	refused := w.Refused(refusal.Unjustified, sample.Privacy, "breakglass.propose", sample.Emergency())
	w.Expect(refused.Details[0], first["breakglass"])
	w.Refused(refusal.Unjustified, sample.Steward, "breakglass.confirm", second)
	w.Later(2 * time.Hour) // it has ended, and is still not justified
	w.Refused(refusal.Unjustified, sample.Privacy, "breakglass.propose", sample.Emergency())
	w.Do("hanbit/q:privacy", "breakglass.justify", object{"breakglass": first["breakglass"], "justification": "x"})
	_, third := w.Proposed()
	one, _, _ = w.Simulate(sample.Steward, "breakglass.confirm", sample.Text(second))
	two, _, _ = w.Simulate(sample.Steward, "breakglass.confirm", sample.Text(third))
	w.Expect(w.Ledger.Commit(one, sample.Institutions...), ledgertest.Valid)
	if code := w.Ledger.Commit(two, sample.Institutions...); code == ledgertest.Valid {
		t.Fatal("both were opened")
	}
	w.Refused(refusal.Unjustified, sample.Steward, "breakglass.confirm", third)
}

// However often glass was broken, there is room for the next: the record that keeps it in mind keeps no history of its own.
func TestEmergenciesWithoutEnd(t *testing.T) {
	w := sample.Guarded(t)
	for range 130 {
		id, _ := w.Opened()
		w.Later(12 * time.Hour)
		w.Do("hanbit/q:privacy", "breakglass.justify", object{"breakglass": id, "justification": "x"})
	}
	w.Opened()
	w.Refused(refusal.Unjustified, sample.Privacy, "breakglass.propose", sample.Emergency())
	w.Expect(strings.Contains(string(w.Ledger.Value(w.Only("emergencies/hanbit/"))), `"opened":131`), true)
}

// An owner whose chaincode is not ours seals glass that one person broke, for themself, for a year, or a grant that says more.
func TestForgedBreakglass(t *testing.T) {
	w := sample.Guarded(t)
	id, grant := w.Opened()
	w.Expect(w.Emergency(nil)["decision"], "permit")
	by := func(person, role string) string {
		return `"id":"` + person + `","institution":"hanbit","key":"` + w.KeyOf("hanbit/"+person) + `","roles":["` + role + `"]}`
	}
	for key, changes := range map[string]map[string][2]string{
		"breakglass/" + id: {
			"one person":            {`"confirmed_by":{"id":"steward"`, `"confirmed_by":{"id":"p"`},
			"one person everywhere": {by("steward", "steward"), by("p", "privacy")},
			"another key":           {by("p", "privacy"), strings.Replace(by("p", "privacy"), w.KeyOf("hanbit/p"), w.KeyOf("hanbit/x"), 1)},
			"another proposer":      {`"proposed_by":{"id":"p"`, `"proposed_by":{"id":"q"`},
			"no seat":               {`"changes":1,"committee":"hanbit/privacy"`, `"changes":0,"committee":"hanbit/privacy"`},
			"another committee":     {`"committee":"hanbit/privacy"`, `"committee":"hanbit/dac"`},
			"no privacy officer":    {`"roles":["privacy"]`, `"roles":["researcher"]`},
			"no role to confirm":    {`"roles":["steward"]`, `"roles":["researcher"]`},
			"for themself":          {`"institution":"nuri","mode"`, `"institution":"hanbit","mode"`},
			"for a year":            {`"duration_seconds":3600`, `"duration_seconds":31536000`},
			"not confirmed":         {`"status":"open"`, `"status":"proposed"`},
			"another grant":         {`"grant":"` + grant, `"grant":"` + sample.DigestOf("x")},
			"confirmed elsewhere":   {`"tx":"` + grant, `"tx":"` + sample.DigestOf("x")},
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
			"another breakglass": {`"breakglass":"` + id, `"breakglass":"` + sample.DigestOf("x")},
			"a short id":         {`"breakglass":"` + id, `"breakglass":"` + id[:8]},
			"neither":            {`"breakglass":"` + id + `",`, ""},
			"a policy":           {`"mode":"enclave"`, `"mode":"enclave","policy_version":1`},
		},
	} {
		honest := string(w.Ledger.Value(key))
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
			w.Ledger.Attack(sample.Put(key, forged), sample.Seal("hanbit", key, forged))
			for _, asked := range []object{nil, {"mode": "download"}, {"for": "nuri/park"}} {
				answer := w.Emergency(asked)
				if answer["decision"] == "permit" {
					t.Errorf("%s: %v", says, answer)
				}
				if asked == nil && !slices.ContainsFunc(sample.Reasons(answer), func(code string) bool {
					return code == "EVIDENCE_MISSING" || code == "FORGED" || strings.HasPrefix(key, "grant/") && (code == "EVIDENCE_DIFFERS" || code == "NO_GRANT")
				}) {
					t.Errorf("%s: %v", says, answer)
				}
			}
		}
		w.Ledger.Attack(sample.Put(key, honest), sample.Seal("hanbit", key, honest))
	}
	w.Expect(w.Emergency(nil)["decision"], "permit")
	key := "breakglass/" + id
	alone := strings.NewReplacer(`"confirmed_by":{"id":"steward"`, `"confirmed_by":{"id":"p"`, `"by":{`+by("steward", "steward"),
		`"by":{`+by("p", "privacy")).Replace(string(w.Ledger.Value(key)))
	honest := string(w.Ledger.Value(key))
	w.Ledger.Attack(sample.Put(key, alone), sample.Seal("hanbit", key, alone))
	w.Expect(sample.In(w.Emergency(nil), "reasons", 0, "message"), "the glass was not broken by the rules: the one who proposed it confirmed it")
	w.Ledger.Attack(sample.Put(key, honest), sample.Seal("hanbit", key, honest))
	longer := strings.Replace(string(w.Ledger.Value("grant/"+grant)), `"until":"2026-11-24T11:00:00Z"`, `"until":"2027-11-24T11:00:00Z"`, 1)
	w.Ledger.Attack(sample.Put("grant/"+grant, longer), sample.Seal("hanbit", "grant/"+grant, longer))
	w.Ledger.Attack(sample.Listed("grant/"+grant, longer)...)
	w.Expect(sample.Reasons(w.Emergency(nil)), []string{"EVIDENCE_DIFFERS"})

	// others make one up in hanbit's name
	w.Do(sample.Privacy, "grant.revoke", object{"grant": grant, "reason": "x"})
	w.Do("hanbit/q:privacy", "breakglass.justify", object{"breakglass": id, "justification": "x"})
	_, confirmation := w.Proposed()
	forgedGrant := w.Forge("hanbit", sample.Steward, "breakglass.confirm", confirmation)
	w.Expect(w.Emergency(nil)["decision"], "deny")
	w.Refused(refusal.Forged, sample.Privacy, "grant.suspend", object{"grant": forgedGrant, "reason": "x"})
}

// A person has a dataset by break-glass for 72 hours at most within any thirty days; what ended before its time counts as long as it lasted.
func TestAtMostThreeDaysInAMonth(t *testing.T) {
	w := sample.Guarded(t)
	open := func(changes object) (id, grant string) {
		t.Helper()
		id = sample.In(w.Do(sample.Privacy, "breakglass.propose", sample.With(sample.Emergency(), changes)), "id").(string)
		digest := sample.In(w.Ask("breakglass.get", object{"breakglass": id}), "breakglass", "digest")
		return id, sample.In(w.Do(sample.Steward, "breakglass.confirm", object{"breakglass": id, "digest": digest}), "grant", "id").(string)
	}
	justify := func(id string) {
		t.Helper()
		w.Do("hanbit/q:privacy", "breakglass.justify", object{"breakglass": id, "justification": "x"})
	}
	refused := func(code refusal.Code, changes object) {
		t.Helper()
		w.Refused(code, sample.Privacy, "breakglass.propose", sample.With(sample.Emergency(), changes))
	}
	first, _ := open(object{"duration_seconds": 48 * 3600})
	other, _ := open(object{"people": []string{"park"}, "duration_seconds": 48 * 3600}) // somebody else's emergency waits for nothing
	refused(refusal.Unjustified, object{"people": []string{"park", "choi"}, "duration_seconds": 1})
	w.Later(48 * time.Hour)
	refused(refusal.Unjustified, object{"people": []string{"choi"}}) // both have ended, and nobody has said why they had to be
	justify(first)
	justify(other)
	refused(refusal.LimitExceeded, object{"duration_seconds": 24*3600 + 1})
	refused(refusal.LimitExceeded, object{"people": []string{"choi", "lee"}, "duration_seconds": 24*3600 + 1})
	second, grant := open(object{"duration_seconds": 24 * 3600})
	w.Later(time.Hour)
	w.Do(sample.Privacy, "grant.revoke", object{"grant": grant, "reason": "it is over"})
	w.Later(time.Hour)
	refused(refusal.Unjustified, object{"people": []string{"choi"}})
	justify(second)
	refused(refusal.LimitExceeded, object{"duration_seconds": 23*3600 + 1})
	third, _ := open(object{"duration_seconds": 23 * 3600})
	w.Later(23 * time.Hour)
	justify(third)
	refused(refusal.LimitExceeded, object{"duration_seconds": 1})
	w.Later(647 * time.Hour) // thirty days after the first began: what has left the window counts no more
	refused(refusal.LimitExceeded, object{"duration_seconds": 49*3600 + 1})
	open(object{"duration_seconds": 49 * 3600})
}
