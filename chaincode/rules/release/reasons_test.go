package release_test

import (
	"slices"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/release"
)

// facts are what a sound receipt is judged by, but for the grant: rules/grants has the table of its reasons.
func facts() release.Facts {
	standing, archive := key(), grounds().Archive.Body
	archive.Exclusions = []records.ExcludedUntil{{Cohort: "hanbit/c", Epoch: 2}}
	withdrawn := lawful.CohortFacts{ID: "hanbit/c", Clause: "ground.cohorts[0]", Epoch: records.Epoch{Epoch: 2, Withdrawn: "under-20", WithdrawnSince: 1}}
	return release.Facts{
		Grant: grants.Facts{Now: now, Lawfulness: grants.Lawfulness{Resting: lawful.Resting{Cohorts: []lawful.CohortFacts{withdrawn}}}},
		Key:   &standing, Approved: digest("delivery"), Archive: &archive, Newest: digest("archive"),
	}
}

// against are the rows: what is otherwise than in a sound release, the reason that it gives, and whether it also ends a release that was opened.
var against = map[string]struct {
	change func(*release.Facts, *records.Receipt)
	code   string
	cuts   bool
}{
	"no delivery key was approved":        {func(f *release.Facts, _ *records.Receipt) { f.Approved = "" }, rules.DeliveryNotCovered, true},
	"another delivery key was approved":   {func(f *release.Facts, _ *records.Receipt) { f.Approved = digest("x") }, rules.DeliveryNotCovered, true},
	"the person has no delivery key":      {func(f *release.Facts, _ *records.Receipt) { f.Key.Delivery = nil }, rules.NotTheirKey, true},
	"the person has another delivery key": {func(f *release.Facts, _ *records.Receipt) { f.Key.Delivery.SHA256 = digest("x") }, rules.NotTheirKey, true},
	"there is no archive":                 {func(f *release.Facts, _ *records.Receipt) { f.Archive = nil }, rules.ArchiveMissing, false},
	"there is a newer archive":            {func(f *release.Facts, _ *records.Receipt) { f.Newest = digest("x") }, rules.ArchiveMissing, false},
	"the archive is of another version":   {func(f *release.Facts, _ *records.Receipt) { f.Archive.VersionDigest = "w" }, rules.ArchiveMissing, false},
	"the archive has other files":         {func(f *release.Facts, _ *records.Receipt) { f.Archive.Files.Root = digest("x") }, rules.ArchiveMissing, false},
	"more people have withdrawn": {func(f *release.Facts, _ *records.Receipt) {
		f.Grant.Lawfulness.Resting.Cohorts[0].Epoch.Epoch = 3
	}, rules.WithdrawnIncluded, true},
	"no key of the person stands":   {func(f *release.Facts, _ *records.Receipt) { f.Key = nil }, rules.NotAsked, false},
	"they asked long ago":           {func(f *release.Facts, _ *records.Receipt) { f.Grant.Now += grants.ClocksApart + 1 }, rules.NotAsked, false},
	"they ask later":                {func(f *release.Facts, _ *records.Receipt) { f.Grant.Now -= grants.ClocksApart + 1 }, rules.NotAsked, false},
	"they asked for something else": {func(_ *release.Facts, r *records.Receipt) { r.Mode = "enclave" }, rules.NotAsked, false},
}

func has(v release.Verdict, code string) bool {
	return slices.ContainsFunc(v.Reasons, func(reason rules.Reason) bool { return reason.Code == code })
}

// What speaks against a release gives its reason. There is no grant here, so every answer is a denial: contract/release has those that would be permits without it.
func TestWhatSpeaksAgainstARelease(t *testing.T) {
	for says, c := range against {
		f, receipt := facts(), sound()
		receipt.Exclusions = f.Archive.Exclusions
		receipt = signed(receipt)
		if has(release.Judge(f, receipt), c.code) || has(release.GoesOn(f, receipt), c.code) {
			t.Fatalf("%s: a sound release has the reason as well", says)
		}
		c.change(&f, &receipt)
		if v := release.Judge(f, receipt); !has(v, c.code) {
			t.Errorf("%s: %v", says, v.Reasons)
		}
		if v := release.GoesOn(f, receipt); has(v, c.code) != c.cuts {
			t.Errorf("%s: one that was opened: %v", says, v.Reasons)
		}
	}
	for _, code := range []string{rules.DeliveryNotCovered, rules.NotTheirKey, rules.ArchiveMissing, rules.WithdrawnIncluded, rules.NotAsked} {
		tried := false
		for _, c := range against {
			tried = tried || c.code == code
		}
		if !tried {
			t.Errorf("no row gives %s", code)
		}
	}
}
