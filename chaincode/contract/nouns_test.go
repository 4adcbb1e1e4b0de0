package contract_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

const (
	steward  = "hanbit/steward:steward"
	operator = "hanbit/op:operator"
	kim      = "nuri/kim:researcher"
)

func profile() object {
	return object{"title": "Hanbit Hospital", "country": "KR", "contact": "https://hanbit.example/data", "roles": []string{"steward", "dac"}}
}

func TestInstitution(t *testing.T) {
	w := newWorld(t)
	w.refused(refusal.NotFound, kim, "institution.get", object{"institution": "hanbit"})
	w.refused(refusal.Forbidden, steward, "institution.set", profile())
	w.expect(w.do(operator, "institution.set", profile())["status"], "active")
	w.do("nuri/op:operator", "institution.set", with(profile(), object{"title": "Nuri"}))
	again := w.do(operator, "institution.set", with(profile(), object{"contact": "data@hanbit.example"}))
	w.expect(in(again, "changes", 1, "action"), "institution.updated")
	w.expect(in(again, "changes", 1, "note"), "contact")
	w.expect(in(again, "changes", 1, "by", "institution"), "hanbit")
	w.expect(in(w.ask("institution.get", object{"institution": "hanbit"}), "record", "body", "contact"), "data@hanbit.example")
	list := w.ask("institution.list", object{})
	w.expect(in(list, "items", 1, "record", "body", "title"), "Nuri")
	w.expect(list["bookmark"], "")
	for field, value := range map[string]any{
		"title": "", "country": "kr", "contact": "call us", "roles": []string{"king"},
	} {
		w.expect(w.refused(refusal.Invalid, operator, "institution.set", with(profile(), object{field: value})).Field[:len(field)], field)
	}
}

func TestAtMostTwoHundredChanges(t *testing.T) {
	w := newWorld(t)
	for range 200 {
		w.do(operator, "institution.set", profile())
	}
	w.refused(refusal.LimitExceeded, operator, "institution.set", profile())
}

func seats(w *world) map[string]any {
	list := map[string]any{}
	for _, seat := range in(w.ask("committee.get", object{"institution": "hanbit", "role": "dac"}), "record", "body", "seats").([]any) {
		list[in(seat, "id").(string)] = in(seat, "until")
	}
	return list
}

func TestCommittee(t *testing.T) {
	w := newWorld(t)
	set := func(list ...object) object { return object{"role": "dac", "members": append([]object{}, list...)} }
	w.refused(refusal.Forbidden, "hanbit/a:dac", "committee.set", set(object{"id": "a"}))
	w.refused(refusal.Forbidden, steward, "committee.set", set(object{"id": "steward"}))
	w.do(steward, "committee.set", set(object{"id": "a"}, object{"id": "b", "until": "2027-01-01T00:00:00Z"}, object{"id": "c", "from": "2026-12-01T00:00:00Z"}))
	w.later(time.Hour)
	// a keeps the seat, b's is shortened, c's never begins
	changed := w.do(steward, "committee.set", set(object{"id": "a"}, object{"id": "b", "until": "2026-12-24T00:00:00Z"}))
	w.expect(in(changed, "changes", 1, "note"), "seated: b; ended: b, c")
	body := in(changed, "body", "seats").([]any)
	w.expect(len(body), 4)
	w.expect(in(body, 0, "until"), nil)
	w.expect(in(body, 1, "until"), "2026-11-24T11:00:00Z")
	w.expect(in(body, 1, "planned_until"), "2027-01-01T00:00:00Z")
	w.expect(in(body, 2, "until"), "2026-11-24T11:00:00Z")
	w.expect(in(body, 3, "from"), "2026-11-24T11:00:00Z")
	w.do(steward, "committee.set", set())
	w.expect(seats(w)["a"], "2026-11-24T11:00:00Z")
	// another steward may seat the first; the first may keep a seat they have
	w.do("hanbit/other:steward", "committee.set", set(object{"id": "steward"}))
	w.do(steward, "committee.set", set(object{"id": "steward"}, object{"id": "a"}))

	w.expect(w.refused(refusal.Invalid, steward, "committee.set", set(object{"id": "z", "from": "2026-11-24T10:59:59Z"})).Field, "members[0].from")
	w.refused(refusal.Invalid, steward, "committee.set", set(object{"id": "z", "until": "2026-11-24T11:00:00Z"}))
	w.refused(refusal.Invalid, steward, "committee.set", set(object{"id": "z"}, object{"id": "z"}))
	w.refused(refusal.Invalid, steward, "committee.set", set(object{"id": "Z"}))
	w.refused(refusal.Invalid, steward, "committee.set", object{"role": "steward", "members": members()})
	w.refused(refusal.Invalid, steward, "committee.set", object{"role": "dac"})
	w.expect(in(w.ask("committee.list", object{"institution": "hanbit"}), "items", 0, "record", "id"), "hanbit/dac")
}

func TestAtMostAThousandSeats(t *testing.T) {
	w := newWorld(t)
	crowd := func(round, size int) object {
		ids := []string{}
		for i := range size {
			ids = append(ids, fmt.Sprintf("m%d-%d", round, i))
		}
		return object{"role": "dac", "members": members(ids...)}
	}
	for round := range 5 {
		w.do(steward, "committee.set", crowd(round, 200))
	}
	w.refused(refusal.LimitExceeded, steward, "committee.set", crowd(9, 1))
	w.refused(refusal.Invalid, steward, "committee.set", crowd(9, 201))
}

func TestDataset(t *testing.T) {
	w := sample(t)
	w.refused(refusal.Forbidden, kim, "dataset.publish", publication())
	w.expect(w.refused(refusal.Invalid, steward, "dataset.publish", with(publication(), object{"slug": "other", "policy": nil})).Field, "policy")
	second := w.do(steward, "dataset.publish", with(publication(), object{"policy": nil, "title": "Second", "keywords": nil, "records": nil}))
	w.expect(in(second, "dataset", "body", "latest_version"), 2.0)
	w.expect(in(second, "dataset", "changes", 1, "note"), "version 2")
	w.expect(in(second, "policy", "body", "version"), 1.0)
	third := w.do(steward, "dataset.publish", with(publication(), object{
		"policy":   with(policy(), object{"modes": []string{"enclave"}}),
		"manifest": object{"url": "https://hanbit.example/m.json", "sha256": digestOf("m"), "jcs_sha256": digestOf("j"), "bytes": 1 << 20},
	}))
	w.expect(in(third, "policy", "body", "version"), 2.0)
	get := func(changes object) object {
		return w.ask("dataset.get", with(object{"dataset": "hanbit/breast-cancer"}, changes))
	}
	w.expect(in(get(nil), "version", "record", "id"), "hanbit/breast-cancer@3")
	w.expect(in(get(object{"version": 1}), "version", "record", "body", "records"), 569.0)
	w.expect(in(get(object{"version": 2}), "version", "record", "body", "title"), "Second")
	w.refused(refusal.NotFound, kim, "dataset.get", object{"dataset": "hanbit/breast-cancer", "version": 4})
	w.refused(refusal.NotFound, kim, "dataset.get", object{"dataset": "nuri/breast-cancer"})
	w.expect(in(w.ask("policy.get", object{"dataset": "hanbit/breast-cancer", "version": 1}), "record", "id"), "hanbit/breast-cancer#1")

	manifest := w.ask("dataset.manifest", object{"dataset": "hanbit/breast-cancer", "version": 1})
	w.expect(in(manifest, "record", "body", "text"), `{"@type":"sc:Dataset","n":1.50}`)
	reference := in(get(object{"version": 1}), "version", "record", "body", "manifest")
	w.expect(in(reference, "sha256"), digestOf(`{"@type":"sc:Dataset","n":1.50}`))
	w.expect(in(reference, "jcs_sha256"), digestOf(`{"@type":"sc:Dataset","n":1.5}`))
	elsewhere := w.refused(refusal.NotFound, kim, "dataset.manifest", object{"dataset": "hanbit/breast-cancer"})
	w.expect(strings.Contains(elsewhere.Message, "https://hanbit.example/m.json"), true)
}

func TestManifests(t *testing.T) {
	w := sample(t)
	for says, c := range map[string]struct {
		manifest any
		code     refusal.Code
	}{
		"both":           {object{"text": "{}", "url": "https://x.example/"}, refusal.Invalid},
		"neither":        {object{}, refusal.Invalid},
		"no hashes":      {object{"url": "https://x.example/"}, refusal.Invalid},
		"a file's url":   {object{"url": "file:///etc/passwd", "sha256": digestOf("m"), "jcs_sha256": digestOf("m"), "bytes": 1}, refusal.Invalid},
		"cut off":        {object{"text": `{"a":`}, refusal.Invalid},
		"twice":          {object{"text": `{"a":1,"a":1}`}, refusal.Invalid},
		"a list":         {object{"text": `[]`}, refusal.Invalid},
		"two documents":  {object{"text": `{}{}`}, refusal.Invalid},
		"a long integer": {object{"text": `{"a":9007199254740993}`}, refusal.Invalid},
		"past a double":  {object{"text": `{"a":1e400}`}, refusal.Invalid},
		"a surrogate":    {object{"text": `{"a":"\ud800"}`}, refusal.Invalid},
		"deep":           {object{"text": `{"a":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + "}"}, refusal.Invalid},
		"large":          {object{"text": `{"a":"` + strings.Repeat("x", 128<<10) + `"}`}, refusal.TooLarge},
	} {
		refused := w.refused(c.code, steward, "dataset.publish", with(publication(), object{"manifest": c.manifest}))
		if !strings.HasPrefix(refused.Field, "manifest") {
			t.Errorf("%s: %v", says, refused)
		}
	}
	w.do(steward, "dataset.publish", with(publication(), object{"manifest": object{"text": `{"a":"` + strings.Repeat("x", (128<<10)-8) + `"}`}}))
}

func TestDatasetList(t *testing.T) {
	w := sample(t)
	for i := range 30 {
		w.do(steward, "dataset.publish", with(publication(), object{"slug": fmt.Sprintf("d-%02d", i), "keywords": []string{"bulk"}, "kinds": []string{"imaging"}}))
	}
	w.do("saerom/s:steward", "dataset.publish", with(publication(), object{"slug": "own", "keywords": []string{"rare"}}))
	count := func(filter object) (items, pages int) {
		bookmark := ""
		for {
			answer := w.ask("dataset.list", with(filter, object{"bookmark": bookmark}))
			items += len(answer["items"].([]any))
			pages++
			if bookmark = answer["bookmark"].(string); bookmark == "" {
				return items, pages
			}
		}
	}
	for _, c := range []struct {
		filter       object
		items, pages int
	}{
		{object{}, 32, 2},
		{object{"owner": "hanbit"}, 31, 2},
		{object{"owner": "saerom"}, 1, 1},
		{object{"owner": "nuri"}, 0, 1},
		{object{"keyword": "rare"}, 1, 1},
		{object{"keyword": "rare", "page_size": 2}, 1, 4},
		{object{"kind": "imaging", "page_size": 10}, 30, 4},
		{object{"page_size": 100}, 32, 1},
		{object{"page_size": 1}, 32, 33},
	} {
		items, pages := count(c.filter)
		if items != c.items || pages != c.pages {
			t.Errorf("%v: %d items on %d pages", c.filter, items, pages)
		}
	}
	other := w.ask("dataset.list", object{"page_size": 1})["bookmark"]
	w.refused(refusal.Invalid, kim, "grant.list", object{"bookmark": other})
	w.refused(refusal.Invalid, kim, "dataset.list", object{"bookmark": "%"})
}

func TestPolicy(t *testing.T) {
	w := sample(t)
	set := func(changes object) object {
		return object{"dataset": "hanbit/breast-cancer", "policy": with(policy(), changes)}
	}
	w.refused(refusal.Forbidden, "saerom/s:steward", "policy.set", set(nil))
	w.refused(refusal.NotFound, steward, "policy.set", with(set(nil), object{"dataset": "hanbit/none"}))
	written := w.do(steward, "policy.set", set(object{"modes": []string{"enclave", "download"}}))
	w.expect(written["id"], "hanbit/breast-cancer#2")
	w.expect(in(w.ask("dataset.get", object{"dataset": "hanbit/breast-cancer"}), "policy", "record", "id"), "hanbit/breast-cancer#2")

	stages := func(list ...object) object { return object{"stages": append([]object{}, list...)} }
	dac := object{"institution": "hanbit", "role": "dac", "threshold": 4}
	unmeetable := w.refused(refusal.PolicyUnmeetable, steward, "policy.set", set(stages(dac)))
	w.expect(in(unmeetable.Details[0], "clause"), "stages[0]")
	w.refused(refusal.PolicyUnmeetable, steward, "policy.set", set(stages(with(dac, object{"institution": "nowhere", "threshold": 1}))))

	diseases := func(n int) []string {
		list := []string{}
		for i := range n {
			list = append(list, fmt.Sprintf("MONDO:%d", i))
		}
		return list
	}
	uses := func(n int) []object {
		list := []object{}
		for range n {
			list = append(list, object{"permission": "GRU"})
		}
		return list
	}
	for field, changes := range map[string]object{
		"policy.use":                   {"use": uses(17)},
		"policy.use[0].permission":     {"use": []object{{"permission": "XYZ"}}},
		"policy.use[0].diseases":       {"use": []object{{"permission": "GRU", "diseases": diseases(1)}}},
		"policy.use[0].diseases[1]":    {"use": []object{{"permission": "DS", "diseases": []string{"ICD10:C50", "ICD10:C5"}}}},
		"policy.stages":                stages(),
		"policy.stages[1]":             stages(with(dac, object{"threshold": 1}), with(dac, object{"threshold": 2})),
		"policy.stages[0].role":        stages(with(dac, object{"role": "steward"})),
		"policy.stages[0].threshold":   stages(with(dac, object{"threshold": 0})),
		"policy.modes":                 {"modes": []string{}},
		"policy.modes[0]":              {"modes": []string{"post"}},
		"policy.modes[1]":              {"modes": []string{"enclave", "enclave"}},
		"policy.recipients[0]":         {"recipients": []string{"Nuri"}},
		"policy.max_duration_seconds":  {"max_duration_seconds": 10*366*86400 + 1},
		"policy.review_period_seconds": {"review_period_seconds": 0},
	} {
		w.expect(w.refused(refusal.Invalid, steward, "policy.set", set(changes)).Field, field)
	}
	w.refused(refusal.Invalid, steward, "policy.set", set(object{"use": []object{{"permission": "DS", "diseases": diseases(201)}}}))
	w.do(steward, "policy.set", set(object{"use": append(uses(15), object{"permission": "DS", "diseases": diseases(200)})}))
}

// Free text shows what it says, and says it in one way.
func TestText(t *testing.T) {
	w := newWorld(t)
	for says, title := range map[string]string{
		"not NFC": "e\u0301", "control": "a\x07b", "two lines": "a\nb", "right to left": "a\u202eb", "isolate": "a\u2066b", "zero width": "a\u200bb",
		"joiner": "a\u200db", "byte order mark": "a\ufeffb", "soft hyphen": "a\u00adb", "line separator": "a\u2028b", "filler": "a\u3164b", "tag": "a\U000e0041b",
		"space before": " a", "space behind": "a\u00a0", "long": strings.Repeat("가", 201),
	} {
		if refused := w.refused(refusal.Invalid, operator, "institution.set", with(profile(), object{"title": title})); refused.Field != "title" {
			t.Errorf("%s: %v", says, refused)
		}
	}
	for _, title := range []string{"한빛병원 (서울)", "Hôpital é", "جامعة", strings.Repeat("가", 200)} {
		w.do(operator, "institution.set", with(profile(), object{"title": title}))
	}
}

// What an institution writes is its own from the transaction on that creates it.
func TestGuardsAndSeals(t *testing.T) {
	w := sample(t)
	w.granted()
	for _, key := range w.ledger.Keys("") {
		if w.ledger.Guard(key) == "" {
			t.Errorf("%s has no key-level policy", key)
		}
	}
	for prefix, owner := range map[string]string{
		"dataset/": "hanbit", "request/": "nuri", "grant/": "hanbit", "committee/saerom/": "saerom", "i/request-owner/hanbit/": "hanbit",
		"i/request-requester/nuri/": "nuri", "i/grant-person/nuri/kim/": "hanbit", "i/trail/": "hanbit",
	} {
		keys := w.ledger.Keys(prefix)
		if len(keys) == 0 || w.ledger.Guard(keys[0]) != owner {
			t.Errorf("%s: %v is guarded by %q", prefix, keys, w.ledger.Guard(keys[0]))
		}
	}
	w.expect(len(w.ledger.Keys("i/request-open/")), 0)
	w.expect(strings.HasPrefix(w.only("i/request-waiting/"), "i/request-waiting/saerom/ethics/"), true) // hanbit voted last
	for _, kind := range []string{"institution/", "committee/", "dataset/", "version/", "manifest/", "policy/", "request/", "vote/", "grant/"} {
		for _, key := range w.ledger.Keys(kind) {
			if tx := key[strings.LastIndexByte(key, '/')+1:]; len(tx) != 64 {
				t.Errorf("%s does not end in a transaction", key)
			}
		}
	}
}

// A new record needs its owner and a majority; what only changes keys that exist needs the owner alone.
func TestWhoMustEndorse(t *testing.T) {
	w := sample(t)
	try := func(who, name string, argument object, endorsers ...string) ledgertest.Code {
		t.Helper()
		stub, _, refused := w.simulate(who, name, text(argument))
		if refused != nil {
			t.Fatal(refused)
		}
		return w.ledger.Commit(stub, endorsers...)
	}
	failure := ledgertest.EndorsementPolicyFailure
	w.expect(try(kim, "request.submit", w.request(), "hanbit", "saerom"), failure)
	w.expect(try(kim, "request.submit", w.request(), "nuri"), failure)
	w.expect(try(kim, "request.submit", w.request(), "nuri", "saerom"), ledgertest.Valid)

	grant := w.granted()
	w.expect(try("hanbit/p:privacy", "grant.revoke", object{"grant": grant, "reason": "x"}, "nuri", "saerom"), failure)
	w.expect(try("hanbit/p:privacy", "grant.revoke", object{"grant": grant, "reason": "x"}, "hanbit"), ledgertest.Valid)

	id := w.submitted()
	w.expect(try(kim, "request.withdraw", object{"request": id}, "nuri"), ledgertest.Valid)

	// a rejection needs neither the requester's nor the owner's institution
	id = w.submitted()
	w.vote("saerom/e-1:ethics", id, "reject")
	w.expect(try("saerom/e-2:ethics", "request.vote", w.ballot(id, "reject", "ethics"), "saerom", "hanbit"), ledgertest.Valid)
	id = w.submitted()
	w.vote("saerom/e-1:ethics", id, "reject")
	w.expect(try("saerom/e-2:ethics", "request.vote", w.ballot(id, "reject", "ethics"), "saerom", "nuri"), ledgertest.Valid)
	w.expect(w.ask("request.get", object{"request": id})["state"], "rejected")

	// the grant is the owner's to seal
	id = w.submitted()
	w.vote("hanbit/a:dac", id, "approve")
	w.vote("hanbit/b:dac", id, "approve")
	w.expect(try("saerom/e-1:ethics", "request.vote", w.ballot(id, "approve", "ethics"), "saerom", "nuri"), failure)
	w.expect(try("saerom/e-1:ethics", "request.vote", w.ballot(id, "approve", "ethics"), "saerom", "hanbit"), ledgertest.Valid)
}
