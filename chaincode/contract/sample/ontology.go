package sample

import (
	"testing"
)

const (
	HanbitSteward = "hanbit/steward:steward"
	NuriSteward   = "nuri/steward:steward"
	SaeromSteward = "saerom/steward:steward"
)

// Term is a term of a hierarchy.
func Term(code string, parents, ancestors []string) object {
	parents, ancestors = append([]string{}, parents...), append([]string{}, ancestors...) // null is not a value
	return object{"code": code, "name": "term " + code, "parents": parents, "ancestors": ancestors}
}

// Cancers is a hierarchy on two pages: 162 cancer, under it 1612 breast cancer and 305 carcinoma, under both 3459 breast carcinoma; 9 is another disease.
func Cancers() []object {
	return []object{
		{"system": "DOID", "terms": []object{
			Term("1612", []string{"162"}, []string{"162", "4"}),
			Term("162", []string{"4"}, []string{"4"}),
			Term("305", []string{"162"}, []string{"162", "4"}),
			Term("3459", []string{"1612", "305"}, []string{"1612", "162", "305", "4"}),
		}},
		{"system": "DOID", "terms": []object{
			Term("4", []string{}, []string{}),
			{"code": "7", "parents": []string{}, "ancestors": []string{}, "obsolete": true, "replaced_by": "3459"},
			Term("9", []string{"4"}, []string{"4"}),
		}},
	}
}

// Registered is a world whose institutions have described themselves.
func Registered(t *testing.T) *World {
	t.Helper()
	w := NewWorld(t)
	for _, institution := range Institutions {
		w.Do(institution+"/op:operator", "institution.set", object{"title": institution, "country": "KR", "contact": "a@b.example", "roles": []string{}})
	}
	return w
}

// Paged sends pages and gives their hashes.
func (w *World) Paged(who string, pages []object) []string {
	w.Helper()
	list := []string{}
	for _, page := range w.Do(who, "ontology.page", object{"pages": pages})["pages"].([]any) {
		list = append(list, In(page, "sha256").(string))
	}
	return list
}

// Publish is the argument that publishes pages as a version.
func Publish(pages []string) object {
	return object{"system": "DOID", "version": "2026-07-31", "pages": pages, "source": "https://doid.example/doid.obo", "licence": "CC0 1.0"}
}

// Loaded publishes a hierarchy and gives its digest.
func (w *World) Loaded(who string, pages []object) string {
	w.Helper()
	return In(w.Do(who, "ontology.publish", Publish(w.Paged(who, pages))), "body", "index").(string)
}
