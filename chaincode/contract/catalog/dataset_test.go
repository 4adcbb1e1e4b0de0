package catalog_test

import (
	"fmt"
	"strings"
	"testing"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
)

func TestDataset(t *testing.T) {
	w := sample.New(t)
	w.Refused(refusal.Forbidden, sample.Kim, "dataset.publish", sample.Publication())
	w.Expect(w.Refused(refusal.Invalid, sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"slug": "other", "policy": nil})).Field, "policy")
	second := w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"policy": nil, "title": "Second", "keywords": nil, "records": nil}))
	w.Expect(sample.In(second, "dataset", "body", "latest_version"), 2.0)
	w.Expect(sample.In(second, "dataset", "changes", 1, "note"), "version 2")
	w.Expect(sample.In(second, "policy", "body", "version"), 1.0)
	third := w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{
		"policy":   sample.With(sample.Policy(), object{"modes": []string{"enclave"}}),
		"manifest": object{"url": "https://hanbit.example/m.json", "sha256": sample.DigestOf("m"), "jcs_sha256": sample.DigestOf("j"), "bytes": 1 << 20},
	}))
	w.Expect(sample.In(third, "policy", "body", "version"), 2.0)
	get := func(changes object) object {
		return w.Ask("dataset.get", sample.With(object{"dataset": "hanbit/breast-cancer"}, changes))
	}
	w.Expect(sample.In(get(nil), "version", "record", "id"), "hanbit/breast-cancer@3")
	w.Expect(sample.In(get(object{"version": 1}), "version", "record", "body", "records"), 569.0)
	w.Expect(sample.In(get(object{"version": 2}), "version", "record", "body", "title"), "Second")
	w.Refused(refusal.NotFound, sample.Kim, "dataset.get", object{"dataset": "hanbit/breast-cancer", "version": 4})
	w.Refused(refusal.NotFound, sample.Kim, "dataset.get", object{"dataset": "nuri/breast-cancer"})
	w.Expect(sample.In(w.Ask("policy.get", object{"dataset": "hanbit/breast-cancer", "version": 1}), "record", "id"), "hanbit/breast-cancer#1")

	manifest := w.Ask("dataset.manifest", object{"dataset": "hanbit/breast-cancer", "version": 1})
	w.Expect(sample.In(manifest, "record", "body", "text"), `{"@type":"sc:Dataset","n":1.50}`)
	reference := sample.In(get(object{"version": 1}), "version", "record", "body", "manifest")
	w.Expect(sample.In(reference, "sha256"), sample.DigestOf(`{"@type":"sc:Dataset","n":1.50}`))
	w.Expect(sample.In(reference, "jcs_sha256"), sample.DigestOf(`{"@type":"sc:Dataset","n":1.5}`))
	elsewhere := w.Refused(refusal.NotFound, sample.Kim, "dataset.manifest", object{"dataset": "hanbit/breast-cancer"})
	w.Expect(strings.Contains(elsewhere.Message, "https://hanbit.example/m.json"), true)
}

// A version that says what the latest says is not published: it would rest on nothing, and nobody would know why it is there.
func TestAVersionThatChangesNothing(t *testing.T) {
	w := sample.New(t)
	again := func(changes object) object { return sample.With(sample.Publication(), changes) }
	w.Expect(w.Refused(refusal.Conflict, sample.Steward, "dataset.publish", again(nil)).Field, "manifest")
	w.Refused(refusal.Conflict, sample.Steward, "dataset.publish", again(object{"policy": nil}))
	w.Refused(refusal.Conflict, sample.Steward, "dataset.publish", again(object{"policy": sample.With(sample.Policy(), object{"modes": []string{"enclave"}})}))
	for i, change := range []object{
		{"records": 570}, {"keywords": []string{"oncology", "tabular"}}, {"manifest": object{"text": `{"@type":"sc:Dataset","n":1.5}`}}, {"content": object{"root": sample.DigestOf("other"), "files": 2, "bytes": 1000}}, {},
	} {
		written := w.Do(sample.Steward, "dataset.publish", again(sample.With(change, object{"policy": nil})))
		w.Expect(sample.In(written, "dataset", "body", "latest_version"), float64(i+2))
		w.Refused(refusal.Conflict, sample.Steward, "dataset.publish", again(change))
	}
}

func TestManifests(t *testing.T) {
	w := sample.New(t)
	for says, c := range map[string]struct {
		manifest any
		code     refusal.Code
	}{
		"both":           {object{"text": "{}", "url": "https://x.example/"}, refusal.Invalid},
		"neither":        {object{}, refusal.Invalid},
		"no hashes":      {object{"url": "https://x.example/"}, refusal.Invalid},
		"a file's url":   {object{"url": "file:///etc/passwd", "sha256": sample.DigestOf("m"), "jcs_sha256": sample.DigestOf("m"), "bytes": 1}, refusal.Invalid},
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
		refused := w.Refused(c.code, sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"manifest": c.manifest}))
		if !strings.HasPrefix(refused.Field, "manifest") {
			t.Errorf("%s: %v", says, refused)
		}
	}
	w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"manifest": object{"text": `{"a":"` + strings.Repeat("x", (128<<10)-8) + `"}`}}))
}

func TestDatasetList(t *testing.T) {
	w := sample.New(t)
	for i := range 30 {
		w.Do(sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"slug": fmt.Sprintf("d-%02d", i), "keywords": []string{"bulk"}, "kinds": []string{"SM"}}))
	}
	w.Do("saerom/s:steward", "dataset.publish", sample.With(sample.Publication(), object{"slug": "own", "keywords": []string{"rare"}}))
	count := func(filter object) (items, pages int) {
		bookmark := ""
		for {
			answer := w.Ask("dataset.list", sample.With(filter, object{"bookmark": bookmark}))
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
		{object{"kind": "SM", "page_size": 10}, 30, 4},
		{object{"page_size": 100}, 32, 1},
		{object{"page_size": 1}, 32, 33},
	} {
		items, pages := count(c.filter)
		if items != c.items || pages != c.pages {
			t.Errorf("%v: %d items on %d pages", c.filter, items, pages)
		}
	}
	other := w.Ask("dataset.list", object{"page_size": 1})["bookmark"]
	w.Refused(refusal.Invalid, sample.Kim, "grant.list", object{"bookmark": other})
	w.Refused(refusal.Invalid, sample.Kim, "dataset.list", object{"bookmark": "%"})
}
