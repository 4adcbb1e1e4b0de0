package contract_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

func use(alternatives ...object) object { return object{"use": alternatives} }

func (w *world) set(changes, more object) object {
	w.Helper()
	return w.do(steward, "policy.set", with(object{"dataset": "hanbit/breast-cancer", "policy": with(policy(), changes)}, more))
}

func (w *world) notSet(code refusal.Code, changes, more object) *refusal.Error {
	w.Helper()
	return w.refused(code, steward, "policy.set", with(object{"dataset": "hanbit/breast-cancer", "policy": with(policy(), changes)}, more))
}

var applies = object{"applies": "existing"}

// approved brings a request with these changes to its grant.
func (w *world) approved(changes object) object {
	w.Helper()
	id := in(w.do(kim, "request.submit", with(w.request(), changes)), "id").(string)
	w.vote("hanbit/a:dac", id, "approve")
	w.vote("saerom/e-1:ethics", id, "approve")
	return w.vote("hanbit/b:dac", id, "approve")["grant"].(object)
}

func TestClaimsDutiesAndTerms(t *testing.T) {
	w := sample(t)
	terms := digestOf("terms")
	w.set(object{
		"use": []object{{"permission": "HMB", "limits": []object{{"term": "NCU"}, {"term": "GS", "countries": []string{"KR"}}, {"term": "IRB"}, {"term": "TS", "months": 1}},
			"duties": []object{{"term": "PUB"}, {"term": "MOR", "months": 12}}}},
		"terms": object{"url": "https://hanbit.example/terms", "sha256": terms}, "attachments": []object{{"title": "Consent form", "url": "https://hanbit.example/form", "sha256": terms}},
	}, nil)
	letter := object{"board": "IRB of Nuri", "number": "2026-11", "sha256": digestOf("letter"), "valid_until": "2026-12-20T00:00:00Z"}
	purpose := object{"kind": "health-research", "countries": []string{"KR"}, "ethics": letter}
	asked := with(w.request(), object{"purpose": purpose, "duration_seconds": 30 * 86400})

	denied := w.refused(refusal.PolicyDenies, kim, "request.submit", with(asked, object{"purpose": object{"kind": "health-research", "commercial": true, "countries": []string{"KR", "US"}}}))
	w.expect(len(denied.Details), 3)
	for i, clause := range []string{"use[0].limits[0]", "use[0].limits[1]", "use[0].limits[2]"} {
		w.expect(in(denied.Details[i], "clause"), clause)
		w.expect(in(denied.Details[i], "code"), "LIMIT_NOT_MET")
	}
	w.expect(w.refused(refusal.LimitExceeded, kim, "request.submit", with(asked, object{"duration_seconds": 31 * 86400, "accepted_terms": terms})).Field, "duration_seconds")
	w.expect(w.refused(refusal.TermsNotAccepted, kim, "request.submit", asked).Field, "accepted_terms")
	w.refused(refusal.TermsNotAccepted, kim, "request.submit", with(asked, object{"accepted_terms": digestOf("other")}))
	w.refused(refusal.Invalid, kim, "request.submit", with(asked, object{"accepted_terms": "yes"}))

	explained := w.ask("explain", object{"dataset": "hanbit/breast-cancer", "purpose": purpose, "mode": "download"})
	w.expect(explained["decision"], "review")
	w.expect(reasons(explained), []string{"USE_PERMITTED", "CLAIMED_ONLY", "CLAIMED_ONLY", "CLAIMED_ONLY"})
	w.expect(len(explained["claimed"].([]any)), 3)
	w.expect(in(explained, "alternatives", 0, "claimed", 1), "countries")
	w.expect(in(explained, "obligations", 2), "publish-results")

	grant := w.approved(object{"purpose": purpose, "accepted_terms": terms, "duration_seconds": 30 * 86400})
	w.expect(in(grant, "body", "until"), "2026-12-20T00:00:00Z") // that of the letter
	w.expect(in(grant, "body", "obligations", 2), "publish-results")
	w.expect(in(grant, "body", "obligations", 3), "no-publication-before 2027-11-25T10:00:00Z")
	permit := w.check(object{"purpose": object{"kind": "health-research", "countries": []string{"KR"}}})
	w.expect(permit["decision"], "permit")
	w.expect(in(permit, "obligations", 3), "no-publication-before 2027-11-25T10:00:00Z")
	w.expect(reasons(w.check(object{"purpose": object{"kind": "health-research"}})), []string{"PURPOSE_NOT_COVERED"})
	w.expect(reasons(w.check(object{"purpose": object{"kind": "origins", "linking": true, "countries": []string{"KR"}}})), []string{"PURPOSE_NOT_COVERED", "PURPOSE_NOT_COVERED"})
	w.later(31 * 24 * time.Hour) // the letter has ended, and the grant with it; what was approved stays proper
	w.expect(reasons(w.check(object{"purpose": object{"kind": "health-research", "countries": []string{"KR"}}})), []string{"GRANT_EXPIRED"})
}

func TestPoliciesThatContradictThemselves(t *testing.T) {
	w := sample(t)
	wrong := use(object{"permission": "NRES", "limits": []object{{"term": "NCU"}}}, object{"permission": "GRU", "limits": []object{{"term": "IRB"}, {"term": "IRB"}}})
	refused := w.notSet(refusal.PolicyContradicts, wrong, nil)
	w.expect(refused.Field, "policy.use[0]")
	w.expect(len(refused.Details), 2)
	w.refused(refusal.PolicyContradicts, steward, "dataset.publish", with(publication(), object{"slug": "other", "policy": with(policy(), wrong)}))
	lint := w.ask("policy.lint", object{"policy": with(policy(), wrong)})
	w.expect(in(lint, "contradictions", 1, "clause"), "use[1].limits[1]")
	explained := w.ask("explain", object{"policy": with(policy(), wrong), "purpose": object{"kind": "origins"}, "mode": "download"})
	w.expect(explained["decision"], "deny")
	for field, alternative := range map[string]object{
		"policy.use[0].limits[0].term":         {"permission": "GRU", "limits": []object{{"term": "PUB"}}},
		"policy.use[0].duties[0].term":         {"permission": "GRU", "duties": []object{{"term": "IRB"}}},
		"policy.use[0].limits[0].countries":    {"permission": "GRU", "limits": []object{{"term": "GS"}}},
		"policy.use[0].limits[0].countries[0]": {"permission": "GRU", "limits": []object{{"term": "GS", "countries": []string{"Korea"}}}},
		"policy.use[0].limits[0].months":       {"permission": "GRU", "limits": []object{{"term": "TS", "months": 121}}},
		"policy.use[0].limits[0].text":         {"permission": "GRU", "limits": []object{{"term": "NCU", "text": "x"}}},
		"policy.use[0].limits[0].persons[0]":   {"permission": "GRU", "limits": []object{{"term": "US", "persons": []string{"kim"}}}},
		"policy.use[0].limits[0].projects[0]":  {"permission": "GRU", "limits": []object{{"term": "PS", "projects": []string{"a b"}}}},
		"policy.use[0].diseases[0]":            {"permission": "DS", "diseases": []string{"ICD10:C58-C50"}},
	} {
		w.expect(w.notSet(refusal.Invalid, use(alternative), nil).Field, field)
	}
	w.expect(w.notSet(refusal.Invalid, object{"terms": object{"url": "ftp://x", "sha256": digestOf("x")}}, nil).Field, "policy.terms.url")
	w.expect(w.notSet(refusal.Invalid, object{"attachments": []object{{"title": "x", "url": "https://x.example", "sha256": "x"}}}, nil).Field, "policy.attachments[0].sha256")
	w.expect(w.notSet(refusal.Invalid, nil, object{"applies": "all"}).Field, "applies")
}

func TestANarrowedPolicyEndsGrants(t *testing.T) {
	w := sample(t)
	health := use(object{"permission": "HMB"})
	w.set(with(health, object{"modes": []string{"download", "enclave"}}), nil) // 2
	breast, lung := object{"kind": "disease", "diseases": []string{"ICD10:C50"}}, object{"kind": "disease", "diseases": []string{"ICD10:C34"}}
	kept := in(w.approved(object{"purpose": breast}), "id").(string)
	ended := in(w.approved(object{"purpose": lung}), "id").(string)
	check := func(purpose object) object { return w.check(object{"purpose": purpose}) }
	w.expect(check(lung)["decision"], "permit")

	w.later(time.Hour)
	before := w.now
	wider := w.notSet(refusal.PolicyNotNarrower, use(object{"permission": "GRU"}), applies)
	w.expect(wider.Field, "policy.use[0]")
	w.expect(in(wider.Details[0], "code"), "NOT_NARROWER")
	w.notSet(refusal.PolicyNotNarrower, with(health, object{"modes": []string{"federated"}}), applies)
	w.set(object{"modes": []string{"download"}}, nil) // 3: narrower, but it does not say that it applies
	w.expect(check(lung)["decision"], "permit")
	w.later(time.Hour)
	set := w.set(nil, applies) // 4
	w.expect(in(set, "body", "applies"), "existing")
	w.expect(in(set, "body", "follows"), nil)

	w.expect(check(breast)["decision"], "permit")
	denied := check(lung)
	w.expect(denied["decision"], "deny")
	w.expect(slices.Contains(reasons(denied), "POLICY_NARROWED"), true)
	w.expect(in(w.ask("grant.get", object{"grant": ended}), "state"), "narrowed")
	w.expect(strings.Contains(in(w.ask("grant.get", object{"grant": ended}), "why").(string), "hanbit/breast-cancer#4"), true)
	w.expect(in(w.ask("grant.get", object{"grant": kept}), "state"), "active")
	w.expect(ids(w.ask("grant.list", object{"state": "narrowed"}), "grant", "record", "id"), []string{ended})
	w.expect(len(in(w.ask("grant.get", object{"grant": ended}), "grant", "record", "changes").([]any)), 1) // the record is as it was
	w.expect(w.check(object{"purpose": lung, "at": before.Format("2006-01-02T15:04:05Z")})["decision"], "permit")

	// what has ended stays ended, whatever is permitted to others later
	w.set(health, nil) // 5
	w.expect(check(lung)["decision"], "deny")
	w.notSet(refusal.PolicyNotNarrower, health, applies) // not within 4
	w.later(time.Hour)
	w.expect(in(w.set(object{"max_duration_seconds": 31 * 86400}, applies), "body", "follows"), 4.0) // 6
	w.expect(check(lung)["decision"], "deny")
	w.expect(check(breast)["decision"], "permit")
	w.expect(slices.Contains(reasons(w.check(object{"purpose": lung, "at": w.now.Add(-30 * time.Minute).Format("2006-01-02T15:04:05Z")})), "POLICY_NARROWED"), true)
	w.set(object{"max_duration_seconds": 29 * 86400}, applies) // 7: less time than was granted
	w.expect(check(breast)["decision"], "deny")
}

// A narrowing costs a check the same whatever the number of grants and of policies.
func TestANarrowingIsFlat(t *testing.T) {
	w := sample(t)
	w.granted()
	w.set(nil, applies)
	w.check(nil)
	before := w.last.RoundTrips
	for i := range 20 {
		w.set(object{"max_duration_seconds": 90*86400 - 1 - i}, applies)
	}
	w.expect(w.check(nil)["decision"], "permit")
	w.expect(w.last.RoundTrips, before)
}

func TestLintAndDiff(t *testing.T) {
	w := sample(t)
	lint := w.ask("policy.lint", object{"policy": with(policy(), object{"stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 9}}})})
	w.expect(in(lint, "unmeetable", 0, "code"), "STAGE_UNMEETABLE")
	w.expect(in(lint, "words", 0), "Permitted: research on ICD10:C50 and what lies under it (DS).")
	w.set(use(object{"permission": "HMB", "limits": []object{{"term": "NMDS"}}}), nil)
	diff := w.ask("policy.diff", object{"dataset": "hanbit/breast-cancer"})
	w.expect(in(diff, "removed", 0), "Permitted: research on ICD10:C50 and what lies under it (DS).")
	w.expect(len(diff["added"].([]any)), 2)
	w.expect(diff["narrower"], false)
	w.expect(w.ask("policy.diff", object{"dataset": "hanbit/breast-cancer", "from": 1, "to": 1})["narrower"], true)
	w.refused(refusal.NotFound, kim, "policy.diff", object{"dataset": "hanbit/breast-cancer", "to": 9})
}

// A policy that shuts out some of those who may ask can be set, and lint warns of it; one that shuts out everybody cannot.
func TestLintOfWhoIsShutOut(t *testing.T) {
	w := sample(t)
	for _, institution := range institutions {
		w.do(institution+"/op:operator", "institution.set", object{"title": institution, "country": "KR", "contact": "https://x.example", "roles": []string{}})
	}
	lint := func(changes object) object { return w.ask("policy.lint", object{"policy": with(policy(), changes)}) }
	set := func(changes object) object {
		return object{"dataset": "hanbit/breast-cancer", "policy": with(policy(), changes)}
	}
	const never = "saerom itself can never be granted access: its own committee has no vote on its own request"
	found := lint(nil)
	w.expect(slices.Contains(found["words"].([]any), any(never+".")), true)
	w.expect(len(found["warnings"].([]any))+len(found["unmeetable"].([]any)), 0)

	some, all := object{"recipients": []string{"nuri", "saerom"}}, object{"recipients": []string{"saerom"}}
	found = lint(some)
	w.expect(in(found, "warnings", 0, "code"), "STAGE_UNMEETABLE")
	w.expect(in(found, "warnings", 0, "message"), never)
	w.expect(len(found["unmeetable"].([]any)), 0)
	w.do(steward, "policy.set", set(some))
	found = lint(all)
	w.expect(in(found, "unmeetable", 0, "message"), never)
	w.expect(in(found, "unmeetable", 0, "clause"), "stages[1]")
	w.expect(len(found["warnings"].([]any)), 0)
	w.expect(in(w.refused(refusal.PolicyUnmeetable, steward, "policy.set", set(all)).Details, 0, "code"), "STAGE_UNMEETABLE")
	w.do(steward, "policy.set", set(with(all, object{"own_institution_votes": true})))

	// institutions that the ledger does not know
	found = lint(object{"recipients": []string{"nuri", "berlin"}})
	w.expect(in(found, "warnings", 0, "code"), "INSTITUTION_UNKNOWN")
	w.expect(in(found, "warnings", 0, "message"), "there is no institution berlin on the ledger: it has no record yet")
	w.expect(len(found["warnings"].([]any)), 1)
	w.do(steward, "policy.set", set(object{"recipients": []string{"nuri", "berlin"}}))
	message := func(institution string) string {
		return in(lint(object{"stages": []object{{"institution": institution, "role": "privacy", "threshold": 1}}}), "unmeetable", 0, "message").(string)
	}
	w.expect(message("berlin"), "berlin/privacy must give 1 approval, and there is no institution berlin on the ledger: it has no record yet, and nobody sits there")
	w.expect(message("saerom"), "saerom/privacy must give 1 approval, and only 0 could")
}

// What the latest policy has to be narrower than to apply to existing grants is told, and nothing of the kind about others.
func TestDiffTellsWhatCouldApply(t *testing.T) {
	w := sample(t)
	lasting := func(days int, applies object) { w.set(object{"max_duration_seconds": days * 86400}, applies) }
	diff := func(from, to int) object {
		return w.ask("policy.diff", object{"dataset": "hanbit/breast-cancer", "from": from, "to": to})
	}
	expect := func(from, to int, narrower bool, than ...any) {
		t.Helper()
		existing := diff(from, to)["existing"]
		w.expect(in(existing, "narrower"), narrower)
		w.expect(slices.Equal(in(existing, "than").([]any), than), true)
		w.expect(len(in(existing, "wider").([]any)) == 0, narrower)
	}
	lasting(60, nil) // 2
	expect(1, 2, true, 1.0)
	lasting(30, applies) // 3
	expect(2, 3, true, 2.0)
	lasting(90, nil) // 4
	expect(3, 4, false, 3.0)
	lasting(50, nil)                       // 5
	w.expect(diff(4, 5)["narrower"], true) // than 4, and not than 3
	expect(4, 5, false, 4.0, 3.0)
	w.expect(in(diff(4, 5), "existing", "wider", 0, "clause"), "max_duration_seconds")
	w.notSet(refusal.PolicyNotNarrower, object{"max_duration_seconds": 50 * 86400}, applies)
	lasting(20, nil) // 6
	expect(1, 6, true, 5.0, 3.0)
	lasting(20, applies) // 7
	expect(6, 7, true, 6.0, 3.0)
	for _, pair := range [][2]int{{7, 7}, {7, 6}, {1, 2}, {2, 1}} {
		w.expect(diff(pair[0], pair[1])["existing"], nil)
	}
}

// A policy that says what stands is not set: undecided requests would lapse for nothing.
func TestAPolicyThatChangesNothing(t *testing.T) {
	w := sample(t)
	id := w.submitted()
	for range 2 {
		w.expect(w.notSet(refusal.Conflict, nil, nil).Field, "policy")
		again := w.do(steward, "dataset.publish", publication()) // another version, with the policy that stands
		w.expect(in(again, "policy", "body", "version"), 1.0)
		w.expect(in(again, "dataset", "body", "latest_policy"), 1.0)
	}
	w.expect(w.ask("request.get", object{"request": id})["state"], "submitted")
	w.expect(w.set(nil, applies)["id"], "hanbit/breast-cancer#2") // it applies to existing grants now
	w.notSet(refusal.Conflict, nil, applies)
	w.notSet(refusal.Conflict, nil, nil) // it would apply to them still
	w.expect(w.set(object{"max_duration_seconds": 86400}, nil)["id"], "hanbit/breast-cancer#3")
	w.expect(w.set(object{"max_duration_seconds": 86400}, applies)["id"], "hanbit/breast-cancer#4")
}

// A policy that is not set yet is compared as it would be set, and the grants that it would end are told, each with its reasons. Nothing is written.
func TestADraftIsCompared(t *testing.T) {
	w := guarded(t)
	dataset := object{"dataset": "hanbit/breast-cancer"}
	draft := func(changes object) object { return with(dataset, object{"policy": with(policy(), changes)}) }
	narrow := object{"max_duration_seconds": 45 * 86400}
	diff := w.ask("policy.diff", draft(narrow))
	w.expect(diff["from"], 1.0)
	w.expect(diff["to"], nil)
	w.expect(diff["narrower"], true)
	w.expect(in(diff, "removed", 0), "Delivered by download, for at most 90 days.")
	w.expect(in(diff, "added", 0), "Delivered by download, for at most 45 days.")
	w.expect(in(diff, "existing", "narrower"), true)
	w.expect(in(diff, "existing", "than", 0), 1.0)
	w.set(object{"max_duration_seconds": 80 * 86400}, applies) // 2
	w.set(object{"max_duration_seconds": 85 * 86400}, nil)     // 3
	wider := w.ask("policy.diff", draft(object{"max_duration_seconds": 82 * 86400}))
	w.expect(wider["from"], 3.0)
	w.expect(wider["narrower"], true)
	w.expect(in(wider, "existing", "narrower"), false) // than 2
	w.expect(w.ask("policy.diff", with(draft(nil), object{"from": 2}))["from"], 2.0)
	w.expect(w.refused(refusal.Invalid, kim, "policy.diff", with(draft(nil), object{"to": 1})).Field, "to")
	w.refused(refusal.NotFound, kim, "policy.diff", with(draft(nil), object{"from": 9}))

	sixty := object{"duration_seconds": 60 * 86400}
	long, short := w.grantTo(sixty), w.grantTo(nil)
	added := w.grantTo(object{"joins": long, "researchers": []string{"lee"}, "duration_seconds": 29 * 86400})
	ended := w.grantTo(sixty)
	w.do(steward, "grant.revoke", object{"grant": ended, "reason": "x"})
	stopped := w.grantTo(sixty)
	w.do(privacy, "grant.suspend", object{"grant": stopped, "reason": "x"})
	_, opened := w.opened()
	ends := func(changes object) map[string]string {
		found := map[string]string{}
		for _, item := range w.ask("policy.ends", draft(changes))["items"].([]any) {
			found[in(item, "grant", "record", "id").(string)] = in(item, "state").(string) + " " + in(item, "reasons", 0, "code").(string)
		}
		return found
	}
	w.expect(maps.Equal(ends(narrow), map[string]string{long: "active DURATION_TOO_LONG", stopped: "suspended DURATION_TOO_LONG", added: "active PARENT_ENDED"}), true)
	w.expect(len(ends(nil)), 0)
	all := ends(object{"recipients": []string{"onnuri"}})
	w.expect(all[short], "active RECIPIENT_NOT_ALLOWED")
	w.expect(all[opened], "") // no policy gave it, and none takes it
	w.expect(len(all), 4)
	// and those are the ones that end
	w.set(narrow, applies)
	for grant, says := range map[string]string{long: "narrowed", stopped: "narrowed", short: "active", opened: "active"} {
		w.expect(w.ask("grant.get", object{"grant": grant})["state"], says)
	}
	w.expect(w.ask("grant.get", object{"grant": added})["state"].(string) != "active", true)
	w.expect(len(ends(narrow)), 0)
	first := w.ask("policy.ends", with(draft(object{"recipients": []string{"onnuri"}}), object{"page_size": 1}))
	w.expect(len(first["items"].([]any)) <= 1, true)
	w.expect(first["bookmark"] != "", true)
}

func TestExplainForOthersAndForADraft(t *testing.T) {
	w := sample(t)
	w.set(use(object{"permission": "GRU", "limits": []object{{"term": "US", "persons": []string{"nuri/kim", "saerom/lee"}}}}), nil)
	ask := func(changes object) any {
		return w.ask("explain", with(object{"dataset": "hanbit/breast-cancer", "purpose": object{"kind": "origins"}, "mode": "download"}, changes))["decision"]
	}
	w.expect(ask(nil), "permit") // nuri/kim asks
	w.expect(ask(object{"researchers": []string{"park"}}), "deny")
	w.expect(ask(object{"institution": "saerom"}), "deny") // it is not said who
	// saerom's own board has no vote on its request
	w.expect(ask(object{"dataset": nil, "institution": "saerom", "researchers": []string{"lee"}, "policy": with(policy(),
		object{"use": []object{{"permission": "NRES"}}, "stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 1}}})}), "permit")
	w.refused(refusal.Invalid, kim, "explain", object{"dataset": "hanbit/breast-cancer", "policy": policy(), "purpose": object{"kind": "origins"}, "mode": "download"})
	w.refused(refusal.Invalid, kim, "explain", object{"purpose": object{"kind": "origins"}, "mode": "download"})
}

// A policy goes by the hierarchy that was in force when it was written, for ever.
func TestDiseasesByTheHierarchy(t *testing.T) {
	w := registered(t)
	w.do("hanbit/steward:steward", "committee.set", object{"role": "dac", "members": members("a", "b", "c")})
	w.do("saerom/steward:steward", "committee.set", object{"role": "ethics", "members": members("e-1", "e-2")})
	breast := with(policy(), use(object{"permission": "DS", "diseases": []string{"DOID:1612"}}))
	w.do(steward, "dataset.publish", with(publication(), object{"policy": breast}))
	w.do(privacy, "basis.set", basis())
	w.rests(nil)
	carcinoma, other := object{"kind": "disease", "diseases": []string{"DOID:3459"}}, object{"kind": "disease", "diseases": []string{"DOID:9"}}
	decide := func(purpose object) any {
		return w.ask("explain", object{"dataset": "hanbit/breast-cancer", "purpose": purpose, "mode": "download"})["decision"]
	}
	w.expect(decide(carcinoma), "review") // no hierarchy is in force
	digest := w.loaded(hanbitSteward, cancers())
	w.refused(refusal.Conflict, steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": breast})
	w.expect(decide(carcinoma), "review") // one institution alone does not put it in force
	w.do(nuriSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	w.expect(decide(carcinoma), "review")                                                           // the policy was written before
	set := w.do(steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": breast}) // the same words, by another hierarchy
	w.expect(in(set, "body", "ontologies", 0, "digest"), digest)
	w.refused(refusal.Conflict, steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": breast})
	w.expect(decide(carcinoma), "permit")
	w.expect(decide(object{"kind": "disease", "diseases": []string{"DOID:7"}}), "permit") // obsolete, replaced
	w.expect(decide(other), "deny")
	w.approved(object{"purpose": object{"kind": "disease", "diseases": []string{"DOID:1612"}}})
	w.expect(w.check(object{"purpose": carcinoma})["decision"], "permit")
	w.expect(w.check(object{"purpose": other})["decision"], "deny")

	// the hierarchy proves that a policy narrows, and ends what it does not permit; who takes its pages away keeps no grant alive by that
	w.notSet(refusal.PolicyNotNarrower, use(object{"permission": "DS", "diseases": []string{"DOID:305"}}), applies)
	w.later(time.Hour)
	w.set(use(object{"permission": "DS", "diseases": []string{"DOID:3459"}}), applies)
	w.expect(reasons(w.check(object{"purpose": carcinoma})), []string{"POLICY_NARROWED"})
	for _, key := range w.ledger.Keys("ontology-index/") {
		w.ledger.Attack(ledgertest.Write{Key: key, Delete: true})
	}
	w.expect(slices.Contains(reasons(w.check(object{"purpose": carcinoma})), "EVIDENCE_MISSING"), true)
	w.expect(w.check(object{"purpose": carcinoma})["decision"], "deny")
}

// A policy that applies to existing grants goes by the hierarchy of the policy that stands: under another version something else could lie under the same term, so
// that the same words permit more, and a grant that has ended comes back.
func TestANarrowingGoesByTheSameHierarchy(t *testing.T) {
	w := registered(t)
	w.do("hanbit/steward:steward", "committee.set", object{"role": "dac", "members": members("a", "b", "c")})
	w.do("saerom/steward:steward", "committee.set", object{"role": "ethics", "members": members("e-1", "e-2")})
	inForce := func(pages []object) string {
		digest := w.loaded(hanbitSteward, pages)
		w.do(nuriSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
		w.later(time.Second)
		return digest
	}
	first := inForce(cancers())
	breast := with(policy(), use(object{"permission": "DS", "diseases": []string{"DOID:1612"}}))
	same := object{"dataset": "hanbit/breast-cancer", "policy": breast}
	pinned := func(written any) any { return in(written, "body", "ontologies", 0, "digest") }
	w.expect(pinned(w.do(steward, "dataset.publish", with(publication(), object{"policy": breast}))["policy"]), first)
	w.do(privacy, "basis.set", basis())
	w.rests(nil)
	nine := object{"kind": "disease", "diseases": []string{"DOID:9"}}
	decide := func() any {
		return w.ask("explain", object{"dataset": "hanbit/breast-cancer", "purpose": nine, "mode": "download"})["decision"]
	}
	w.expect(decide(), "deny")
	moved := cancers()
	moved[1]["terms"].([]object)[2] = term("9", []string{"1612"}, []string{"1612", "162", "4"})
	second := inForce(moved)
	diff := w.ask("policy.diff", same)
	w.expect(diff["narrower"], false)
	w.expect(in(diff, "wider", 0, "message"), "no alternative of the policy before is shown to allow all that this one allows: "+
		"it goes by another version of DOID, in which other diseases may lie under the same term")
	w.expect(strings.Contains(in(diff, "removed", 0).(string), first), true)
	w.expect(strings.Contains(in(diff, "added", 0).(string), second), true)
	w.expect(in(diff, "existing", "narrower"), true) // it would go by what the policy that stands goes by
	w.expect(pinned(w.do(steward, "policy.set", with(same, applies))), first)
	w.expect(decide(), "deny")
	w.refused(refusal.Conflict, steward, "policy.set", with(same, applies))

	w.expect(pinned(w.do(steward, "policy.set", same)), second) // a policy of its own goes by what is in force
	w.expect(decide(), "permit")
	w.expect(w.ask("policy.diff", object{"dataset": "hanbit/breast-cancer"})["narrower"], false)
	held := w.grantTo(object{"purpose": nine})
	// it would have to be narrower than the second policy too, which goes by the first version
	refused := w.refused(refusal.PolicyNotNarrower, steward, "policy.set", with(same, applies))
	w.expect(strings.Contains(refused.Message, "it goes by another version of DOID"), true)
	w.expect(in(w.ask("policy.diff", same), "existing", "narrower"), false)
	w.expect(w.state(held), "active")
}
