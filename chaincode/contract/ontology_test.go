package contract_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

const (
	hanbitSteward = "hanbit/steward:steward"
	nuriSteward   = "nuri/steward:steward"
	saeromSteward = "saerom/steward:steward"
)

func term(code string, parents, ancestors []string) object {
	parents, ancestors = append([]string{}, parents...), append([]string{}, ancestors...) // null is not a value
	return object{"code": code, "name": "term " + code, "parents": parents, "ancestors": ancestors}
}

// cancers is a hierarchy on two pages: 162 cancer, under it 1612 breast cancer and 305 carcinoma, under both 3459 breast carcinoma; 9 is another disease.
func cancers() []object {
	return []object{
		{"system": "DOID", "terms": []object{
			term("1612", []string{"162"}, []string{"162", "4"}),
			term("162", []string{"4"}, []string{"4"}),
			term("305", []string{"162"}, []string{"162", "4"}),
			term("3459", []string{"1612", "305"}, []string{"1612", "162", "305", "4"}),
		}},
		{"system": "DOID", "terms": []object{
			term("4", []string{}, []string{}),
			{"code": "7", "parents": []string{}, "ancestors": []string{}, "obsolete": true, "replaced_by": "3459"},
			term("9", []string{"4"}, []string{"4"}),
		}},
	}
}

// registered is a world whose institutions have described themselves.
func registered(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	for _, institution := range institutions {
		w.do(institution+"/op:operator", "institution.set", object{"title": institution, "country": "KR", "contact": "a@b.example", "roles": []string{}})
	}
	return w
}

// paged sends pages and gives their hashes.
func (w *world) paged(who string, pages []object) []string {
	w.Helper()
	list := []string{}
	for _, page := range w.do(who, "ontology.page", object{"pages": pages})["pages"].([]any) {
		list = append(list, in(page, "sha256").(string))
	}
	return list
}

func publish(pages []string) object {
	return object{"system": "DOID", "version": "2026-07-31", "pages": pages, "source": "https://doid.example/doid.obo", "licence": "CC0 1.0"}
}

// loaded publishes a hierarchy and gives its digest.
func (w *world) loaded(who string, pages []object) string {
	w.Helper()
	return in(w.do(who, "ontology.publish", publish(w.paged(who, pages))), "body", "index").(string)
}

func TestAnOntologyFromFileToForce(t *testing.T) {
	w := registered(t)
	hashes := w.paged(hanbitSteward, cancers()[:1])
	missing := w.ask("ontology.missing", object{"sha256": append(slices.Clone(hashes), digestOf("other"))})
	w.expect(fmt.Sprint(missing["missing"]), "["+digestOf("other")+"]")
	again := w.do(hanbitSteward, "ontology.page", object{"pages": cancers()})
	w.expect(in(again, "pages", 0, "new"), false)
	w.expect(in(again, "pages", 1, "new"), true)
	w.expect(in(again, "pages", 0, "sha256"), hashes[0])
	w.expect(len(w.ledger.Keys("ontology-page/")), 2)
	for _, key := range w.ledger.Keys("ontology-page/") {
		w.expect(w.ledger.Guard(key), "hanbit")
	}
	hashes = append(hashes, in(again, "pages", 1, "sha256").(string))

	record := w.do(hanbitSteward, "ontology.publish", publish(hashes))
	digest := in(record, "body", "index").(string)
	w.expect(record["id"], "DOID/"+digest+"/hanbit")
	w.expect(in(record, "changes", 0, "note"), "published")
	state := w.ask("ontology.get", object{"system": "DOID", "digest": digest})
	w.expect(fmt.Sprint(state["adopted_by"], state["institutions"], state["in_force"], state["terms"]), "[hanbit] 3 false 7")
	w.expect(state["version"], "2026-07-31")
	w.refused(refusal.NotFound, kim, "ontology.get", object{"system": "DOID"})

	// publishing again changes nothing, also not what it says of its source
	before := len(w.ledger.Keys(""))
	same := w.do(hanbitSteward, "ontology.publish", with(publish(hashes), object{"source": "elsewhere"}))
	w.expect(text(same), text(record))
	w.expect(len(w.ledger.Keys("")), before)

	adopted := w.do(nuriSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	w.expect(in(adopted, "owner"), "nuri")
	w.expect(in(adopted, "body", "licence"), "CC0 1.0")
	state = w.ask("ontology.get", object{"system": "DOID"})
	w.expect(fmt.Sprint(state["adopted_by"], state["in_force"]), "[hanbit nuri] true")
	w.expect(state["digest"], digest)

	// the same file loaded by the third is its adoption
	w.expect(w.loaded(saeromSteward, cancers()), digest)
	items := w.ask("ontology.list", object{"system": "DOID"})["items"].([]any)
	w.expect(len(items), 1)
	w.expect(fmt.Sprint(in(items, 0, "adopted_by")), "[hanbit nuri saerom]")
	w.expect(len(w.ask("ontology.list", object{"system": "MONDO"})["items"].([]any)), 0)

	found := w.ask("ontology.term", object{"system": "DOID", "code": "3459"})
	w.expect(fmt.Sprint(in(found, "term", "ancestors")), "[1612 162 305 4]")
	w.expect(in(w.ask("ontology.term", object{"system": "DOID", "code": "7"}), "replacement", "code"), "3459")
	w.refused(refusal.NotFound, kim, "ontology.term", object{"system": "DOID", "code": "163"})
	w.refused(refusal.NotFound, kim, "ontology.term", object{"system": "DOID", "code": "0"})
	w.refused(refusal.NotFound, kim, "ontology.term", object{"system": "MONDO", "code": "4"})
	w.refused(refusal.NotFound, kim, "ontology.get", object{"system": "MONDO", "digest": digest})
}

// Each version stands for itself: the newer one in force is what is meant without a digest, and the older one still answers.
func TestVersionsStandSideBySide(t *testing.T) {
	w := registered(t)
	old := w.loaded(hanbitSteward, cancers())
	w.do(nuriSteward, "ontology.adopt", object{"system": "DOID", "digest": old})
	w.later(60e9)
	pages := cancers()
	pages[1]["terms"] = append(pages[1]["terms"].([]object), term("91", []string{"9"}, []string{"4", "9"}))
	young := w.loaded(hanbitSteward, pages)
	w.expect(w.ask("ontology.get", object{"system": "DOID"})["digest"], old)
	w.do(saeromSteward, "ontology.adopt", object{"system": "DOID", "digest": young})
	w.expect(w.ask("ontology.get", object{"system": "DOID"})["digest"], young)
	w.expect(in(w.ask("ontology.term", object{"system": "DOID", "code": "91"}), "term", "code"), "91")
	w.refused(refusal.NotFound, kim, "ontology.term", object{"system": "DOID", "code": "91", "digest": old})
	w.expect(len(w.ledger.Keys("ontology-page/")), 3)

	// one version an item, whatever the size of the pages
	seen, bookmark := []string{}, ""
	for range 10 {
		argument := object{"page_size": 1}
		if bookmark != "" {
			argument["bookmark"] = bookmark
		}
		page := w.ask("ontology.list", argument)
		for _, item := range page["items"].([]any) {
			seen = append(seen, in(item, "digest").(string))
		}
		if bookmark = page["bookmark"].(string); bookmark == "" {
			break
		}
	}
	both := []string{old, young}
	slices.Sort(both)
	w.expect(seen, both)
}

func TestWhatIsNoHierarchyIsNotPublished(t *testing.T) {
	for says, spoil := range map[string]func(first, second []object){
		"a cycle":                  func(first, _ []object) { first[1]["parents"] = []string{"3459"} },
		"a missing parent":         func(first, _ []object) { first[1]["parents"] = []string{"5"} },
		"everything is a cancer":   func(_, second []object) { second[2]["ancestors"] = []string{"162", "4"} },
		"an ancestor left out":     func(first, _ []object) { first[3]["ancestors"] = []string{"1612", "162", "4"} },
		"an obsolete parent":       func(first, _ []object) { first[0]["parents"] = []string{"162", "7"} },
		"wrong order":              func(first, _ []object) { first[0], first[1] = first[1], first[0] },
		"a replacement not there":  func(_, second []object) { second[1]["replaced_by"] = "5" },
		"replaced and not retired": func(_, second []object) { second[0]["replaced_by"] = "9" },
	} {
		t.Run(says, func(t *testing.T) {
			w := registered(t)
			pages := cancers()
			spoil(pages[0]["terms"].([]object), pages[1]["terms"].([]object))
			refused := w.refused(refusal.Invalid, hanbitSteward, "ontology.publish", publish(w.paged(hanbitSteward, pages)))
			if len(refused.Details) == 0 || refused.Field != "pages" {
				t.Fatal(refused)
			}
		})
	}
	w := registered(t)
	hashes := w.paged(hanbitSteward, cancers())
	w.refused(refusal.Invalid, hanbitSteward, "ontology.publish", publish([]string{hashes[1], hashes[0]}))
	w.refused(refusal.Invalid, hanbitSteward, "ontology.publish", publish([]string{hashes[0], hashes[0]}))
	w.refused(refusal.Invalid, hanbitSteward, "ontology.publish", publish(hashes[:1]))
	w.refused(refusal.Invalid, hanbitSteward, "ontology.publish", with(publish(hashes), object{"system": "MONDO"}))
	gone := w.refused(refusal.NotFound, hanbitSteward, "ontology.publish", publish(append(hashes, digestOf("x"))))
	w.expect(gone.Details[0], digestOf("x"))
}

func TestBoundsOfPages(t *testing.T) {
	w := registered(t)
	many := func(n int) []object {
		list := []object{}
		for i := range n {
			list = append(list, term(fmt.Sprintf("%04d", i), []string{}, []string{}))
		}
		return list
	}
	page := func(terms ...object) object {
		return object{"pages": []object{{"system": "DOID", "terms": terms}}}
	}
	w.do(hanbitSteward, "ontology.page", page(many(64)...))
	long := make([]string, 2001)
	for i := range long {
		long[i] = fmt.Sprintf("%04d", i)
	}
	for field, argument := range map[string]object{
		"pages":                         {"pages": []object{}},
		"pages[0].terms":                page(many(65)...),
		"pages[0].system":               {"pages": []object{{"system": "ICD10", "terms": many(1)}}},
		"pages[0].terms[0].code":        page(term("DOID:4", nil, nil)),
		"pages[0].terms[0].name":        page(with(term("4", nil, nil), object{"name": "a\u202eb"})),
		"pages[0].terms[1].parents":     page(term("3", nil, nil), term("4", []string{"x"}, nil)),
		"pages[0].terms[0].ancestors":   page(term("4", nil, long)),
		"pages[0].terms[0].ICD10":       page(with(term("4", nil, nil), object{"ICD10": "x"})),
		"pages[0].terms[0].obsolete":    page(with(term("4", nil, nil), object{"obsolete": "yes"})),
		"pages[0].terms[0].replaced_by": page(with(term("4", nil, nil), object{"replaced_by": "a/b"})),
	} {
		if refused := w.refused(refusal.Invalid, hanbitSteward, "ontology.page", argument); refused.Field != field {
			t.Errorf("%s: %v at %q", field, refused, refused.Field)
		}
	}
	wide := many(64)
	for i := range wide {
		wide[i]["name"] = strings.Repeat("가", 500)
		wide[i]["ancestors"] = long[:200]
	}
	w.refused(refusal.TooLarge, hanbitSteward, "ontology.page", page(wide...))
	for _, version := range []string{"", "a b", "a/b", "-1", strings.Repeat("1", 65)} {
		if refused := w.refused(refusal.Invalid, hanbitSteward, "ontology.publish", with(publish([]string{digestOf("x")}), object{"version": version})); refused.Field != "version" {
			t.Error(refused)
		}
	}
	w.refused(refusal.Invalid, hanbitSteward, "ontology.publish", publish([]string{}))
	w.refused(refusal.Invalid, kim, "ontology.missing", object{"sha256": []string{"x"}})
	for _, who := range []string{"hanbit/kim:researcher", "hanbit/d:dac,privacy,operator"} {
		w.refused(refusal.Forbidden, who, "ontology.page", page(many(1)...))
		w.refused(refusal.Forbidden, who, "ontology.publish", publish([]string{digestOf("x")}))
		w.refused(refusal.Forbidden, who, "ontology.adopt", object{"system": "DOID", "digest": digestOf("x")})
	}
	w.refused(refusal.NotFound, hanbitSteward, "ontology.adopt", object{"system": "DOID", "digest": digestOf("x")})
}

// One institution alone, also one of two: its hierarchy is never in force.
func TestOneInstitutionAlone(t *testing.T) {
	w := newWorld(t)
	w.do("hanbit/op:operator", "institution.set", object{"title": "x", "country": "KR", "contact": "a@b.example", "roles": []string{}})
	pages := cancers()
	pages[1]["terms"].([]object)[2] = term("9", []string{"162"}, []string{"162", "4"}) // a hierarchy, and a wrong one
	digest := w.loaded(hanbitSteward, pages)
	w.expect(w.ask("ontology.get", object{"system": "DOID", "digest": digest})["in_force"], false)
	// an institution that has not described itself is not counted
	w.do(nuriSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	state := w.ask("ontology.get", object{"system": "DOID", "digest": digest})
	w.expect(fmt.Sprint(state["adopted_by"], state["in_force"]), "[hanbit] false")
	w.refused(refusal.NotFound, kim, "ontology.term", object{"system": "DOID", "code": "9"})
	// asked for by its digest it can be looked at, and says that it is not in force
	w.expect(w.ask("ontology.term", object{"system": "DOID", "code": "9", "digest": digest})["in_force"], false)
}

// What a majority with altered chaincode can write in another's name, or under a page's hash, counts for nothing.
func TestOntologiesUnderAttack(t *testing.T) {
	w := registered(t)
	digest := w.loaded(hanbitSteward, cancers())
	adoption := w.only("ontology/DOID/" + digest)
	value := strings.ReplaceAll(string(w.ledger.Value(adoption)), "hanbit", "saerom")
	key := strings.ReplaceAll(adoption, "hanbit", "saerom")
	w.ledger.Attack(put(key, value))
	w.expect(w.ask("ontology.get", object{"system": "DOID", "digest": digest})["in_force"], false)
	items := w.ask("ontology.list", object{})["items"].([]any)
	w.expect(len(items), 2)
	w.expect(in(items, 1, "forged"), "it carries no seal of saerom")

	// a page whose bytes are not those of its key, before and in the place of the real one
	hashes := w.ledger.Keys("ontology-page/")
	forged := strings.Replace(string(w.ledger.Value(hashes[0])), "4", "5", 1)
	cut := func(key string) string { return key[:strings.LastIndexByte(key, '/')] }
	w.ledger.Attack(put(cut(hashes[0])+"/"+strings.Repeat("0", 64), forged), put(cut(hashes[0])+"/", "junk"))
	argument := object{"system": "DOID", "digest": digest, "code": "3459"}
	w.expect(in(w.ask("ontology.term", argument), "term", "code"), "3459")
	for _, page := range hashes {
		w.ledger.Attack(put(page, forged))
	}
	w.refused(refusal.NotFound, kim, "ontology.term", argument)
	w.refused(refusal.NotFound, nuriSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	// whoever has the file puts it back
	w.expect(w.loaded(nuriSteward, cancers()), digest)
	w.expect(in(w.ask("ontology.term", argument), "term", "code"), "3459")
	index := w.only("ontology-index/" + digest)
	w.ledger.Attack(ledgertest.Write{Key: index, Delete: true})
	w.refused(refusal.NotFound, kim, "ontology.get", object{"system": "DOID"})
	w.expect(in(w.ask("ontology.list", object{}), "items", 0, "sealed"), true)
	w.loaded(nuriSteward, cancers())
	w.expect(w.ask("ontology.get", object{"system": "DOID"})["digest"], digest)
}

// An institution whose chaincode verifies nothing publishes what is no hierarchy: an honest one does not adopt it.
func TestAdoptionVerifiesAgain(t *testing.T) {
	w := registered(t)
	lie := func(change func(pages []records.OntologyPage, index *records.OntologyIndex)) string {
		pages := []records.OntologyPage{
			{System: "DOID", Terms: []records.Term{{Code: "162", Parents: []string{}, Ancestors: []string{}}}},
			{System: "DOID", Terms: []records.Term{{Code: "9", Parents: []string{}, Ancestors: []string{}}}},
		}
		index := records.OntologyIndex{System: "DOID", Version: "1", Terms: 2}
		index.Pages = []records.PageRef{{First: "162"}, {First: "9"}}
		change(pages, &index)
		for i, page := range pages {
			stored, err := page.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			index.Pages[i].SHA256 = records.Digest(stored)
			w.ledger.Attack(put("ontology-page/"+records.Digest(stored)+"/"+digestOf("t"), string(stored)))
		}
		stored, err := index.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		digest := records.Digest(stored)
		w.ledger.Attack(put("ontology-index/"+digest+"/"+digestOf("t"), string(stored)))
		tx := digestOf("adoption of " + digest)
		record := records.Record[records.Ontology]{
			Type: "ontology", ID: "DOID/" + digest + "/nuri", Owner: "nuri", Status: records.Active, UpdatedAt: records.Time(w.now.Unix()),
			Body:    records.Ontology{System: "DOID", Index: digest},
			Changes: []records.Change{{Action: "ontology.created", At: records.Time(w.now.Unix()), Tx: tx, By: records.By{Institution: "nuri", ID: "x", Roles: []string{}}}},
		}
		value, err := record.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		w.ledger.Attack(put(record.Key(), string(value)), seal("nuri", record.Key(), string(value)))
		w.expect(fmt.Sprint(w.ask("ontology.get", object{"system": "DOID", "digest": digest})["adopted_by"]), "[nuri]")
		return digest
	}
	w.do(hanbitSteward, "ontology.adopt", object{"system": "DOID", "digest": lie(func([]records.OntologyPage, *records.OntologyIndex) {})})
	for says, change := range map[string]func(pages []records.OntologyPage, index *records.OntologyIndex){
		"a wrong closure":    func(p []records.OntologyPage, _ *records.OntologyIndex) { p[1].Terms[0].Ancestors = []string{"162"} },
		"a wrong first code": func(_ []records.OntologyPage, i *records.OntologyIndex) { i.Pages[1].First = "8" },
		"a wrong count":      func(_ []records.OntologyPage, i *records.OntologyIndex) { i.Terms = 3 },
		"a wrong version":    func(_ []records.OntologyPage, i *records.OntologyIndex) { i.Version = "a b" },
		"a code of no kind":  func(p []records.OntologyPage, _ *records.OntologyIndex) { p[1].Terms[0].Code = "9/9" },
		"an empty page":      func(p []records.OntologyPage, _ *records.OntologyIndex) { p[1].Terms = nil },
		"swapped": func(p []records.OntologyPage, i *records.OntologyIndex) {
			p[0], p[1] = p[1], p[0]
			i.Pages[0], i.Pages[1] = i.Pages[1], i.Pages[0]
		},
	} {
		digest := lie(change)
		if refused := w.refused(refusal.Invalid, hanbitSteward, "ontology.adopt", object{"system": "DOID", "digest": digest}); refused.Message == "" {
			t.Error(says)
		}
	}
}

// A term is found at the same number of calls to the peer, however many terms there are.
func TestALookupCostsTheSame(t *testing.T) {
	costs := []int{}
	for _, n := range []int{64, 6400} {
		w := registered(t)
		hashes := []string{}
		for from := 0; from < n; from += 64 {
			terms := []object{}
			for i := range 64 {
				terms = append(terms, term(fmt.Sprintf("%06d", from+i), []string{}, []string{}))
			}
			hashes = append(hashes, w.paged(hanbitSteward, []object{{"system": "DOID", "terms": terms}})...)
		}
		digest := in(w.do(hanbitSteward, "ontology.publish", publish(hashes)), "body", "index").(string)
		w.ask("ontology.term", object{"system": "DOID", "digest": digest, "code": fmt.Sprintf("%06d", n-1)})
		costs = append(costs, w.last.RoundTrips)
	}
	if costs[0] != costs[1] || costs[0] > 12 {
		t.Fatal(costs)
	}
}

func TestAPolicyPinsOnlyWhatItsOwnerAdopted(t *testing.T) {
	w := registered(t)
	w.do(hanbitSteward, "committee.set", object{"role": "dac", "members": []object{{"id": "lee"}}})
	mine := with(policy(), object{
		"use":    []object{{"permission": "DS", "diseases": []string{"DOID:162"}}},
		"stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 1}},
	})
	pinned := func() any {
		return in(w.do(hanbitSteward, "dataset.publish", with(publication(), object{"policy": mine})), "policy", "body", "ontologies")
	}
	digest := w.loaded(nuriSteward, cancers())
	w.do(saeromSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	w.expect(w.ask("ontology.get", object{"system": "DOID"})["in_force"], true)
	if refs := pinned(); refs != nil && len(refs.([]any)) != 0 {
		t.Errorf("two others brought hanbit's policy to go by a hierarchy of theirs: %v", refs)
	}
	w.do(hanbitSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	w.expect(in(pinned().([]any)[0], "digest"), digest)
}
