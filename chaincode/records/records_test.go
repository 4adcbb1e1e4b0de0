package records_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"medconsent.org/chaincode/records"
)

func TestNames(t *testing.T) {
	long := strings.Repeat("a", 64)
	for _, c := range []struct {
		what    string
		ok      func(string) bool
		yes, no []string
	}{
		{"institution", records.IsInstitution, []string{"hanbit", "a", "a1-b2", long[:31]}, []string{"", "1a", "A", "a--b", "-a", "a-", "a_b", "a.b", "a/b", "hànbit", "аbc", long[:32], "a\n"}},
		{"slug", records.IsSlug, []string{"1", "breast-cancer", long[:63]}, []string{"", "a--b", "a/b", "..", "A", long, "a b"}},
		{"person", records.IsPerson, []string{"kim", "e-17", "a.b_c-d", long}, []string{"", ".", "a..b", "a/b", "a b", "Kim", "a-", long + "a"}},
		{"id", records.IsTx, []string{strings.Repeat("0a", 32)}, []string{"", strings.Repeat("0A", 32), strings.Repeat("0", 63)}},
		{"prefix", records.TxPrefixForm.Fits, []string{"abcdef", strings.Repeat("0", 64)}, []string{"abcde", "abcdeg", "ABCDEF", strings.Repeat("0", 65)}},
		{"dataset", func(s string) bool { _, _, ok := records.SplitDataset(s); return ok }, []string{"hanbit/x"}, []string{"hanbit", "/x", "hanbit/", "a/b/c", "1/x"}},
		{"disease", func(s string) bool { _, _, ok := records.SplitDisease(s); return ok },
			[]string{"ICD10:C50", "ICD10CM:C50.911", "KCD8:C5011", "MONDO:0007254", "DOID:1", "ICD10:C50.A"},
			[]string{"C50", "ICD10:C5", "ICD10:50C", "ICD10:CC0", "ICD9:C50", "ICD10:c50", "ICD10:C50.", "ICD10:C50.1.2", "icd10:C50", "MONDO:" + strings.Repeat("1", 27), "ICD10:C50\n"}},
	} {
		for _, s := range c.yes {
			if !c.ok(s) {
				t.Errorf("%q is a %s", s, c.what)
			}
		}
		for _, s := range c.no {
			if c.ok(s) {
				t.Errorf("%q is no %s", s, c.what)
			}
		}
	}
}

// Where no regular expression is run, the answer is that of the pattern that contract.json has.
func TestNamesFitTheirPatterns(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for _, form := range records.Forms {
		pattern, fits := regexp.MustCompile(form.Pattern), 0
		for range 20_000 {
			name := make([]byte, dice.IntN(9))
			for i := range name {
				name[i] = "aaz09AZ--.._/:@5C \n"[dice.IntN(19)]
			}
			s := string(name)
			if form.Fits(s) && !pattern.MatchString(s) {
				t.Errorf("%q is taken as a %s, and does not match %s", s, form.Name, form.Pattern)
			}
			if form.Fits(s) {
				fits++
			} else if pattern.MatchString(s) && slices.Contains([]string{"institution", "slug", "enrolment-id", "project", "version-label", "person", "dataset"}, form.Name) {
				t.Errorf("%q matches %s, and is not taken as a %s", s, form.Pattern, form.Name)
			}
		}
		if fits == 0 && slices.Contains([]string{"institution", "slug", "enrolment-id", "project", "version-label", "person", "dataset"}, form.Name) {
			t.Errorf("nothing was a %s", form.Name)
		}
	}
}

func TestTimes(t *testing.T) {
	var got struct {
		At records.Time `json:"at"`
	}
	if err := json.Unmarshal([]byte(`{"at":"2026-11-24T10:50:10Z"}`), &got); err != nil || got.At != 1795517410 {
		t.Fatal(err, int64(got.At))
	}
	for _, wrong := range []string{"", "2026-11-24", "2026-11-24T10:50:10", "2026-11-24T10:50:10+00:00", "2026-11-24T10:50:10.0Z", "2026-11-24t10:50:10z", "2026-02-30T00:00:00Z", "2026-11-24T24:00:00Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "12026-11-24T10:50:10Z"} {
		if err := json.Unmarshal([]byte(`{"at":"`+wrong+`"}`), &got); err == nil {
			t.Errorf("%q is taken as %s", wrong, got.At)
		}
	}
	if got := records.MaxTime.Add(5); got != records.MaxTime || got.String() != "9999-12-31T23:59:59Z" {
		t.Error(got)
	}
}

func TestPlaces(t *testing.T) {
	tx := strings.Repeat("ab", 32)
	for _, c := range []struct {
		body          records.Body
		id            string
		prefix, owner string
	}{
		{records.Institution{}, "hanbit", "institution/hanbit", "hanbit"},
		{records.Institution{}, "Hanbit", "", ""},
		{records.Committee{Institution: "hanbit", Role: "dac"}, "hanbit/dac", "committee/hanbit/dac", "hanbit"},
		{records.Committee{Institution: "hanbit", Role: "dac"}, "nuri/dac", "", ""},
		{records.Committee{Institution: "hanbit", Role: "steward"}, "hanbit/steward", "", ""},
		{records.Dataset{}, "hanbit/x", "dataset/hanbit/x", "hanbit"},
		{records.Version{Dataset: "hanbit/x", Version: 12}, "hanbit/x@12", "version/hanbit/x/00000012", "hanbit"},
		{records.Version{Dataset: "hanbit/x", Version: 12}, "hanbit/x@012", "", ""},
		{records.Version{Dataset: "hanbit/x", Version: 0}, "hanbit/x@0", "", ""},
		{records.Version{Dataset: "hanbit/x", Version: 100_000_000}, "hanbit/x@100000000", "", ""},
		{records.Manifest{Dataset: "hanbit/x", Version: 1}, "hanbit/x@1", "manifest/hanbit/x/00000001", "hanbit"},
		{records.PolicyVersion{Dataset: "hanbit/x", Version: 1}, "hanbit/x#1", "policy/hanbit/x/00000001", "hanbit"},
		{records.PolicyVersion{Dataset: "hanbit/x", Version: 1}, "hanbit/x@1", "", ""},
		{records.Request{Dataset: "hanbit/x", Requester: records.Person{Institution: "nuri"}}, tx, "request", "nuri"},
		{records.Request{Dataset: "hanbit/x", Requester: records.Person{Institution: "nuri"}}, tx[:63], "", ""},
		{records.Vote{Request: tx, Voter: records.Person{Institution: "saerom"}}, tx, "vote/" + tx, "saerom"},
		{records.Vote{Request: "x", Voter: records.Person{Institution: "saerom"}}, tx, "", ""},
		{records.Grant{Dataset: "hanbit/x", Institution: "nuri"}, tx, "grant", "hanbit"},
		{records.Grant{Dataset: "x", Institution: "nuri"}, tx, "", ""},
		{records.Ground{Dataset: "hanbit/x", Version: 1}, "hanbit/x@1", "ground/hanbit/x/00000001", "hanbit"},
		{records.Ground{Dataset: "hanbit/x", Version: 2}, "hanbit/x@1", "", ""},
		{records.Cohort{}, "hanbit/oncology", "cohort/hanbit/oncology", "hanbit"},
		{records.Cohort{}, "oncology", "", ""},
		{records.Epoch{Cohort: "hanbit/oncology", Epoch: 3}, "hanbit/oncology~3", "epoch/hanbit/oncology/00000003", "hanbit"},
		{records.Epoch{Cohort: "hanbit/oncology", Epoch: 3}, "hanbit/oncology@3", "", ""},
		{records.Exclusion{Dataset: "hanbit/x", Version: 1, Cohort: "hanbit/oncology"}, "hanbit/x@1/oncology", "exclusion/hanbit/x/00000001/oncology", "hanbit"},
		{records.Exclusion{Dataset: "hanbit/x", Version: 1, Cohort: "nuri/oncology"}, "hanbit/x@1/oncology", "", ""},
		{records.Exclusion{Dataset: "hanbit/x", Version: 1, Cohort: "hanbit/other"}, "hanbit/x@1/oncology", "", ""},
		{records.Basis{}, "hanbit/pipa", "basis/hanbit/pipa", "hanbit"},
		{records.Deid{Dataset: "hanbit/x", Version: 1}, "hanbit/x@1", "deid/hanbit/x/00000001", "hanbit"},
		{records.Deid{Dataset: "x", Version: 1}, "x@1", "", ""},
	} {
		if prefix, owner := c.body.Place(c.id); prefix != c.prefix || owner != c.owner {
			t.Errorf("%T %s: %q of %q", c.body, c.id, prefix, owner)
		}
	}
}

// What is stored is in RFC 8785 form, so that whoever parsed it can compute the digest again.
func TestBytes(t *testing.T) {
	record := records.Record[records.Dataset]{Type: "dataset", ID: "hanbit/x", Owner: "hanbit", Body: records.Dataset{LatestVersion: 1, LatestPolicy: 2}, Status: records.Active, Revision: 1,
		UpdatedAt: 1795517410, Changes: []records.Change{{Action: "dataset.created", At: 1795517410, Tx: "t", By: records.By{Institution: "hanbit", ID: "s"}, Note: "é<"}}}
	got, err := record.Bytes()
	want := `{"body":{"latest_policy":2,"latest_version":1},"changes":[{"action":"dataset.created","at":"2026-11-24T10:50:10Z","by":{"id":"s","institution":"hanbit","roles":[]},"note":"é<","tx":"t"}],"id":"hanbit/x","owner":"hanbit","revision":1,"status":"active","type":"dataset","updated_at":"2026-11-24T10:50:10Z"}`
	if err != nil || string(got) != want {
		t.Fatalf("%s %v", got, err)
	}
	if records.Digest([]byte("abc")) != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Fatal("SHA-256")
	}
}
