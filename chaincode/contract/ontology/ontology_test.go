package ontology_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

type (
	object = map[string]any
	TimeOf = time.Time
)

func TestAnOntologyFromFileToForce(t *testing.T) {
	w := sample.Registered(t)
	hashes := w.Paged(sample.HanbitSteward, sample.Cancers()[:1])
	missing := w.Ask("ontology.missing", object{"sha256": append(slices.Clone(hashes), sample.DigestOf("other"))})
	w.Expect(fmt.Sprint(missing["missing"]), "["+sample.DigestOf("other")+"]")
	again := w.Do(sample.HanbitSteward, "ontology.page", object{"pages": sample.Cancers()})
	w.Expect(sample.In(again, "pages", 0, "new"), false)
	w.Expect(sample.In(again, "pages", 1, "new"), true)
	w.Expect(sample.In(again, "pages", 0, "sha256"), hashes[0])
	w.Expect(len(w.Ledger.Keys("ontology-page/")), 2)
	for _, key := range w.Ledger.Keys("ontology-page/") {
		w.Expect(w.Ledger.Guard(key), "nobody")
	}
	hashes = append(hashes, sample.In(again, "pages", 1, "sha256").(string))

	record := w.Do(sample.HanbitSteward, "ontology.publish", sample.Publish(hashes))
	digest := sample.In(record, "body", "index").(string)
	w.Expect(record["id"], "DOID/"+digest+"/hanbit")
	w.Expect(sample.In(record, "changes", 0, "note"), "published")
	state := w.Ask("ontology.get", object{"system": "DOID", "digest": digest})
	w.Expect(fmt.Sprint(state["adopted_by"], state["institutions"], state["in_force"], state["terms"]), "[hanbit] 3 false 7")
	w.Expect(state["version"], "2026-07-31")
	w.Refused(refusal.NotFound, sample.Kim, "ontology.get", object{"system": "DOID"})

	// publishing again changes nothing, also not what it says of its source
	before := len(w.Ledger.Keys(""))
	same := w.Do(sample.HanbitSteward, "ontology.publish", sample.With(sample.Publish(hashes), object{"source": "elsewhere"}))
	w.Expect(sample.Text(same), sample.Text(record))
	w.Expect(len(w.Ledger.Keys("")), before)

	adopted := w.Do(sample.NuriSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	w.Expect(sample.In(adopted, "owner"), "nuri")
	w.Expect(sample.In(adopted, "body", "licence"), "CC0 1.0")
	state = w.Ask("ontology.get", object{"system": "DOID"})
	w.Expect(fmt.Sprint(state["adopted_by"], state["in_force"]), "[hanbit nuri] true")
	w.Expect(state["digest"], digest)

	// the same file loaded by the third is its adoption
	w.Expect(w.Loaded(sample.SaeromSteward, sample.Cancers()), digest)
	items := w.Ask("ontology.list", object{"system": "DOID"})["items"].([]any)
	w.Expect(len(items), 1)
	w.Expect(fmt.Sprint(sample.In(items, 0, "adopted_by")), "[hanbit nuri saerom]")
	w.Expect(len(w.Ask("ontology.list", object{"system": "MONDO"})["items"].([]any)), 0)

	found := w.Ask("ontology.term", object{"system": "DOID", "code": "3459"})
	w.Expect(fmt.Sprint(sample.In(found, "term", "ancestors")), "[1612 162 305 4]")
	w.Expect(sample.In(w.Ask("ontology.term", object{"system": "DOID", "code": "7"}), "replacement", "code"), "3459")
	w.Refused(refusal.NotFound, sample.Kim, "ontology.term", object{"system": "DOID", "code": "163"})
	w.Refused(refusal.NotFound, sample.Kim, "ontology.term", object{"system": "DOID", "code": "0"})
	w.Refused(refusal.NotFound, sample.Kim, "ontology.term", object{"system": "MONDO", "code": "4"})
	w.Refused(refusal.NotFound, sample.Kim, "ontology.get", object{"system": "MONDO", "digest": digest})
}

// Each version stands for itself: the newer one in force is what is meant without a digest, and the older one still answers.
func TestVersionsStandSideBySide(t *testing.T) {
	w := sample.Registered(t)
	old := w.Loaded(sample.HanbitSteward, sample.Cancers())
	w.Do(sample.NuriSteward, "ontology.adopt", object{"system": "DOID", "digest": old})
	w.Later(60e9)
	pages := sample.Cancers()
	pages[1]["terms"] = append(pages[1]["terms"].([]object), sample.Term("91", []string{"9"}, []string{"4", "9"}))
	young := w.Loaded(sample.HanbitSteward, pages)
	w.Expect(w.Ask("ontology.get", object{"system": "DOID"})["digest"], old)
	w.Do(sample.SaeromSteward, "ontology.adopt", object{"system": "DOID", "digest": young})
	w.Expect(w.Ask("ontology.get", object{"system": "DOID"})["digest"], young)
	w.Expect(sample.In(w.Ask("ontology.term", object{"system": "DOID", "code": "91"}), "term", "code"), "91")
	w.Refused(refusal.NotFound, sample.Kim, "ontology.term", object{"system": "DOID", "code": "91", "digest": old})
	w.Expect(len(w.Ledger.Keys("ontology-page/")), 3)

	// one version an item, whatever the size of the pages
	seen, bookmark := []string{}, ""
	for range 10 {
		argument := object{"page_size": 1}
		if bookmark != "" {
			argument["bookmark"] = bookmark
		}
		page := w.Ask("ontology.list", argument)
		for _, item := range page["items"].([]any) {
			seen = append(seen, sample.In(item, "digest").(string))
		}
		if bookmark = page["bookmark"].(string); bookmark == "" {
			break
		}
	}
	both := []string{old, young}
	slices.Sort(both)
	w.Expect(seen, both)
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
			w := sample.Registered(t)
			pages := sample.Cancers()
			spoil(pages[0]["terms"].([]object), pages[1]["terms"].([]object))
			refused := w.Refused(refusal.Invalid, sample.HanbitSteward, "ontology.publish", sample.Publish(w.Paged(sample.HanbitSteward, pages)))
			if len(refused.Details) == 0 || refused.Field != "pages" {
				t.Fatal(refused)
			}
		})
	}
	w := sample.Registered(t)
	hashes := w.Paged(sample.HanbitSteward, sample.Cancers())
	w.Refused(refusal.Invalid, sample.HanbitSteward, "ontology.publish", sample.Publish([]string{hashes[1], hashes[0]}))
	w.Refused(refusal.Invalid, sample.HanbitSteward, "ontology.publish", sample.Publish([]string{hashes[0], hashes[0]}))
	w.Refused(refusal.Invalid, sample.HanbitSteward, "ontology.publish", sample.Publish(hashes[:1]))
	w.Refused(refusal.Invalid, sample.HanbitSteward, "ontology.publish", sample.With(sample.Publish(hashes), object{"system": "MONDO"}))
	gone := w.Refused(refusal.NotFound, sample.HanbitSteward, "ontology.publish", sample.Publish(append(hashes, sample.DigestOf("x"))))
	w.Expect(gone.Details[0], sample.DigestOf("x"))
}

func TestBoundsOfPages(t *testing.T) {
	w := sample.Registered(t)
	many := func(n int) []object {
		list := []object{}
		for i := range n {
			list = append(list, sample.Term(fmt.Sprintf("%04d", i), []string{}, []string{}))
		}
		return list
	}
	page := func(terms ...object) object {
		return object{"pages": []object{{"system": "DOID", "terms": terms}}}
	}
	w.Do(sample.HanbitSteward, "ontology.page", page(many(64)...))
	long := make([]string, 2001)
	for i := range long {
		long[i] = fmt.Sprintf("%04d", i)
	}
	for field, argument := range map[string]object{
		"pages":                         {"pages": []object{}},
		"pages[0].terms":                page(many(65)...),
		"pages[0].system":               {"pages": []object{{"system": "ICD10", "terms": many(1)}}},
		"pages[0].terms[0].code":        page(sample.Term("DOID:4", nil, nil)),
		"pages[0].terms[0].name":        page(sample.With(sample.Term("4", nil, nil), object{"name": "a\u202eb"})),
		"pages[0].terms[1].parents":     page(sample.Term("3", nil, nil), sample.Term("4", []string{"x"}, nil)),
		"pages[0].terms[0].ancestors":   page(sample.Term("4", nil, long)),
		"pages[0].terms[0].ICD10":       page(sample.With(sample.Term("4", nil, nil), object{"ICD10": "x"})),
		"pages[0].terms[0].obsolete":    page(sample.With(sample.Term("4", nil, nil), object{"obsolete": "yes"})),
		"pages[0].terms[0].replaced_by": page(sample.With(sample.Term("4", nil, nil), object{"replaced_by": "a/b"})),
	} {
		if refused := w.Refused(refusal.Invalid, sample.HanbitSteward, "ontology.page", argument); refused.Field != field {
			t.Errorf("%s: %v at %q", field, refused, refused.Field)
		}
	}
	wide := many(64)
	for i := range wide {
		wide[i]["name"] = strings.Repeat("가", 500)
		wide[i]["ancestors"] = long[:200]
	}
	w.Refused(refusal.TooLarge, sample.HanbitSteward, "ontology.page", page(wide...))
	for _, version := range []string{"", "a b", "a/b", "-1", strings.Repeat("1", 65)} {
		if refused := w.Refused(refusal.Invalid, sample.HanbitSteward, "ontology.publish", sample.With(sample.Publish([]string{sample.DigestOf("x")}), object{"version": version})); refused.Field != "version" {
			t.Error(refused)
		}
	}
	w.Refused(refusal.Invalid, sample.HanbitSteward, "ontology.publish", sample.Publish([]string{}))
	w.Refused(refusal.Invalid, sample.Kim, "ontology.missing", object{"sha256": []string{"x"}})
	for _, who := range []string{"hanbit/kim:researcher", "hanbit/d:dac,privacy,operator"} {
		w.Refused(refusal.Forbidden, who, "ontology.page", page(many(1)...))
		w.Refused(refusal.Forbidden, who, "ontology.publish", sample.Publish([]string{sample.DigestOf("x")}))
		w.Refused(refusal.Forbidden, who, "ontology.adopt", object{"system": "DOID", "digest": sample.DigestOf("x")})
	}
	w.Refused(refusal.NotFound, sample.HanbitSteward, "ontology.adopt", object{"system": "DOID", "digest": sample.DigestOf("x")})
}

// One institution alone, also one of two: its hierarchy is never in force.
func TestOneInstitutionAlone(t *testing.T) {
	w := sample.NewWorld(t)
	w.Do("hanbit/op:operator", "institution.set", object{"title": "x", "country": "KR", "contact": "a@b.example", "roles": []string{}})
	pages := sample.Cancers()
	pages[1]["terms"].([]object)[2] = sample.Term("9", []string{"162"}, []string{"162", "4"}) // a hierarchy, and a wrong one
	digest := w.Loaded(sample.HanbitSteward, pages)
	w.Expect(w.Ask("ontology.get", object{"system": "DOID", "digest": digest})["in_force"], false)
	// an institution that has not described itself has no officer who could adopt it
	w.Bare = true
	w.Refused(refusal.Forbidden, sample.NuriSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	state := w.Ask("ontology.get", object{"system": "DOID", "digest": digest})
	w.Expect(fmt.Sprint(state["adopted_by"], state["in_force"]), "[hanbit] false")
	w.Refused(refusal.NotFound, sample.Kim, "ontology.term", object{"system": "DOID", "code": "9"})
	// asked for by its digest it can be looked at, and says that it is not in force
	w.Expect(w.Ask("ontology.term", object{"system": "DOID", "code": "9", "digest": digest})["in_force"], false)
}

// What a majority with altered chaincode can write in another's name, or under a page's hash, counts for nothing.
func TestOntologiesUnderAttack(t *testing.T) {
	w := sample.Registered(t)
	digest := w.Loaded(sample.HanbitSteward, sample.Cancers())
	adoption := w.Only("ontology/DOID/" + digest)
	value := strings.ReplaceAll(string(w.Ledger.Value(adoption)), "hanbit", "saerom")
	key := strings.ReplaceAll(adoption, "hanbit", "saerom")
	w.Ledger.Attack(sample.Put(key, value))
	w.Expect(w.Ask("ontology.get", object{"system": "DOID", "digest": digest})["in_force"], false)
	items := w.Ask("ontology.list", object{})["items"].([]any)
	w.Expect(len(items), 2)
	w.Expect(sample.In(items, 1, "forged"), "it carries no seal of saerom")

	// a page whose bytes are not those of its key, before and in the place of the real one
	hashes := w.Ledger.Keys("ontology-page/")
	forged := strings.Replace(string(w.Ledger.Value(hashes[0])), "4", "5", 1)
	cut := func(key string) string { return key[:strings.LastIndexByte(key, '/')] }
	w.Ledger.Attack(sample.Put(cut(hashes[0])+"/"+strings.Repeat("0", 64), forged), sample.Put(cut(hashes[0])+"/", "junk"))
	argument := object{"system": "DOID", "digest": digest, "code": "3459"}
	w.Expect(sample.In(w.Ask("ontology.term", argument), "term", "code"), "3459")
	for _, page := range hashes {
		w.Ledger.Attack(sample.Put(page, forged))
	}
	w.Refused(refusal.NotFound, sample.Kim, "ontology.term", argument)
	w.Refused(refusal.NotFound, sample.NuriSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	// whoever has the file puts it back
	w.Expect(w.Loaded(sample.NuriSteward, sample.Cancers()), digest)
	w.Expect(sample.In(w.Ask("ontology.term", argument), "term", "code"), "3459")
	index := w.Only("ontology-index/" + digest)
	w.Ledger.Attack(ledgertest.Write{Key: index, Delete: true})
	w.Refused(refusal.NotFound, sample.Kim, "ontology.get", object{"system": "DOID"})
	w.Expect(sample.In(w.Ask("ontology.list", object{}), "items", 0, "sealed"), true)
	w.Loaded(sample.NuriSteward, sample.Cancers())
	w.Expect(w.Ask("ontology.get", object{"system": "DOID"})["digest"], digest)
}

// What an institution goes by, nobody else can take away: not who loaded it either.
func TestWhatIsAdoptedIsThereForGood(t *testing.T) {
	w := sample.Registered(t)
	digest := w.Loaded(sample.NuriSteward, sample.Cancers())
	for _, key := range append(w.Ledger.Keys("ontology-page/"), w.Ledger.Keys("ontology-index/")...) {
		w.Expect(w.Ledger.Guard(key), "nobody")
	}
	// a chaincode of nuri's own loads what it could take away again
	pages := w.Ledger.Keys("ontology-page/")
	w.Ledger.Attack(ledgertest.Write{Key: pages[0], Policy: nil, Value: w.Ledger.Value(pages[0]), Delete: true}, sample.Put(pages[0], string(w.Ledger.Value(pages[0]))))
	w.Expect(w.Ledger.Guard(pages[0]), "")
	sha256 := strings.Split(pages[0], "/")[1]
	w.Refused(refusal.NotFound, sample.HanbitSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	w.Expect(sample.In(w.Ask("ontology.missing", object{"sha256": []string{sha256}}), "missing", 0), sha256)
	w.Loaded(sample.HanbitSteward, sample.Cancers()) // puts the page there for good, and goes by it
	w.Expect(w.Ledger.Guard(w.Ledger.Keys("ontology-page/" + sha256)[0])+w.Ledger.Guard(w.Ledger.Keys("ontology-page/" + sha256)[1]), "nobody")
	w.Expect(len(w.Ask("ontology.missing", object{"sha256": []string{sha256}})["missing"].([]any)), 0)

	index := w.Only("ontology-index/" + digest) // the same of the index, which whoever adopts puts there
	w.Ledger.Attack(ledgertest.Write{Key: index, Value: w.Ledger.Value(index), Delete: true}, sample.Put(index, string(w.Ledger.Value(index))))
	w.Do(sample.SaeromSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	w.Expect(len(w.Ledger.Keys("ontology-index/"+digest)), 2)
}

// An institution whose chaincode verifies nothing publishes what is no hierarchy: an honest one does not adopt it.
func TestAdoptionVerifiesAgain(t *testing.T) {
	w := sample.Registered(t)
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
			w.Ledger.Attack(sample.ForGood("ontology-page/"+records.Digest(stored)+"/"+sample.DigestOf("t"), string(stored)))
		}
		stored, err := index.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		digest := records.Digest(stored)
		w.Ledger.Attack(sample.ForGood("ontology-index/"+digest+"/"+sample.DigestOf("t"), string(stored)))
		tx := sample.DigestOf("adoption of " + digest)
		record := records.Record[records.Ontology]{
			Type: "ontology", ID: "DOID/" + digest + "/nuri", Owner: "nuri", Status: records.Active, Revision: 1, UpdatedAt: records.Time(w.Now.Unix()),
			Body:    records.Ontology{System: "DOID", Index: digest},
			Changes: []records.Change{{Action: "ontology.created", At: records.Time(w.Now.Unix()), Tx: tx, By: records.By{Institution: "nuri", ID: "x", Roles: []string{}}}},
		}
		value, err := record.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		w.Ledger.Attack(sample.Put(record.Key(), string(value)), sample.Seal("nuri", record.Key(), string(value)),
			sample.Post("nuri", ledger.PostKey("ontology/DOID/"+digest+"/nuri"), record.Key()))
		w.Expect(fmt.Sprint(w.Ask("ontology.get", object{"system": "DOID", "digest": digest})["adopted_by"]), "[nuri]")
		return digest
	}
	w.Do(sample.HanbitSteward, "ontology.adopt", object{"system": "DOID", "digest": lie(func([]records.OntologyPage, *records.OntologyIndex) {})})
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
		if refused := w.Refused(refusal.Invalid, sample.HanbitSteward, "ontology.adopt", object{"system": "DOID", "digest": digest}); refused.Message == "" {
			t.Error(says)
		}
	}
}

// A term is found at the same number of calls to the peer, however many terms there are.
func TestALookupCostsTheSame(t *testing.T) {
	costs := []int{}
	for _, n := range []int{64, 6400} {
		w := sample.Registered(t)
		hashes := []string{}
		for from := 0; from < n; from += 64 {
			terms := []object{}
			for i := range 64 {
				terms = append(terms, sample.Term(fmt.Sprintf("%06d", from+i), []string{}, []string{}))
			}
			hashes = append(hashes, w.Paged(sample.HanbitSteward, []object{{"system": "DOID", "terms": terms}})...)
		}
		digest := sample.In(w.Do(sample.HanbitSteward, "ontology.publish", sample.Publish(hashes)), "body", "index").(string)
		w.Ask("ontology.term", object{"system": "DOID", "digest": digest, "code": fmt.Sprintf("%06d", n-1)})
		costs = append(costs, w.Last.RoundTrips)
	}
	if costs[0] != costs[1] || costs[0] > 24 {
		t.Fatal(costs)
	}
}

func TestAPolicyPinsOnlyWhatItsOwnerAdopted(t *testing.T) {
	w := sample.Registered(t)
	w.Do(sample.HanbitSteward, "committee.set", object{"role": "dac", "members": []object{{"id": "lee"}}})
	mine := sample.With(sample.Policy(), object{
		"use":    []object{{"permission": "DS", "diseases": []string{"DOID:162"}}},
		"stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 1}},
	})
	pinned := func(title string) any {
		return sample.In(w.Do(sample.HanbitSteward, "dataset.publish", sample.With(sample.Publication(), object{"policy": mine, "title": title})), "policy", "body", "ontologies")
	}
	digest := w.Loaded(sample.NuriSteward, sample.Cancers())
	w.Do(sample.SaeromSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	w.Expect(w.Ask("ontology.get", object{"system": "DOID"})["in_force"], true)
	if refs := pinned("One"); refs != nil && len(refs.([]any)) != 0 {
		t.Errorf("two others brought hanbit's policy to go by a hierarchy of theirs: %v", refs)
	}
	w.Do(sample.HanbitSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	w.Expect(sample.In(pinned("Two").([]any)[0], "digest"), digest)
}

// Of several versions in force an owner's policies go by the one that the owner adopted last. Another institution, whose chaincode dates its adoption back, brings back no earlier
// one.
func TestAPolicyGoesByWhatItsOwnerAdoptedLast(t *testing.T) {
	w := sample.Registered(t)
	w.Do(sample.HanbitSteward, "committee.set", object{"role": "dac", "members": []object{{"id": "lee"}}})
	mine := sample.With(sample.Policy(), object{
		"use":    []object{{"permission": "DS", "diseases": []string{"DOID:162"}}},
		"stages": []object{{"institution": "hanbit", "role": "dac", "threshold": 1}},
	})
	everything := sample.Cancers() // in which another disease is a cancer too
	everything[1]["terms"].([]object)[2] = sample.Term("9", []string{"162"}, []string{"162", "4"})
	wrong := w.Loaded(sample.HanbitSteward, everything)
	w.Do(sample.NuriSteward, "ontology.adopt", object{"system": "DOID", "digest": wrong})
	w.Later(time.Hour)
	right := w.Loaded(sample.HanbitSteward, sample.Cancers())
	w.Do(sample.NuriSteward, "ontology.adopt", object{"system": "DOID", "digest": right})
	w.Later(time.Hour)
	w.Restate(w.Only("ontology/DOID/"+right+"/nuri/"), func(record object) {
		for _, change := range record["changes"].([]any) {
			change.(object)["at"] = "2026-01-01T00:00:00Z"
		}
		record["updated_at"] = "2026-01-01T00:00:00Z"
	})
	made := w.Do(sample.HanbitSteward, "dataset.publish", sample.With(sample.Publication(), object{"policy": mine}))
	w.Expect(sample.In(made, "policy", "body", "ontologies", 0, "digest"), right)
}

// One officer does not use up what an institution can adopt: the others go on, and so does that one later.
func TestOneOfficerDoesNotUseUpTheAdoptions(t *testing.T) {
	w := sample.Registered(t)
	published := sample.Publish(w.Paged(sample.HanbitSteward, sample.Cancers()))
	version := func(number int) object { return sample.With(published, object{"version": fmt.Sprintf("v%d", number)}) }
	for number := range records.MostAdoptions {
		w.Do(sample.HanbitSteward, "ontology.publish", version(number))
	}
	w.Do(sample.HanbitSteward, "ontology.publish", version(0)) // what stands is no new one
	w.Refused(refusal.LimitExceeded, sample.HanbitSteward, "ontology.publish", version(100))
	theirs := w.Do(sample.NuriSteward, "ontology.publish", version(200))
	w.Refused(refusal.LimitExceeded, sample.HanbitSteward, "ontology.adopt", object{"system": "DOID", "digest": sample.In(theirs, "body", "index")})
	w.Do("hanbit/another:steward", "ontology.publish", version(100))
	w.Later(30 * 24 * time.Hour)
	w.Do(sample.HanbitSteward, "ontology.publish", version(101))
}
