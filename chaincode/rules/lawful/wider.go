package lawful

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/use"
)

// WiderGround says in words on what a version no longer rests: every ground has to hold, so one more takes nothing but away.
func WiderGround(next, was records.Ground) []string {
	var words []string
	for _, id := range rules.Beyond(append(slices.Clone(was.Cohorts), was.Bases...), append(slices.Clone(next.Cohorts), next.Bases...)) {
		words = append(words, fmt.Sprintf("%s no longer rests on %s", records.Numbered(next.Dataset, '@', next.Version), id))
	}
	return words
}

// WiderUses says in words what people, or a law's purposes, permit that they did not before; none stands for any use.
func WiderUses(what string, next, was []records.Alternative, hierarchy use.Hierarchy, changed ...string) []string {
	switch {
	case len(was) == 0:
		return nil
	case len(next) == 0:
		return []string{what + " are bounded no more"}
	}
	var words []string
	one, other := records.Policy{Use: next}, records.Policy{Use: was}
	for _, reason := range use.Wider(one, other, hierarchy, changed...) {
		words = append(words, fmt.Sprintf("%s: %s: %s", what, reason.Clause, reason.Message))
	}
	for _, duty := range use.FewerDuties(one, other) {
		words = append(words, what+": "+duty)
	}
	return words
}

// WiderEpoch says in words what an epoch takes back of withdrawals.
func WiderEpoch(next, was records.Epoch) []string {
	if was.Withdrawn != records.NoPeople && next.Withdrawn == records.NoPeople {
		return []string{next.Cohort + ": nobody counts as withdrawn any more"}
	}
	return nil
}

// WiderBasis says in words what a legal basis carries that it did not before, besides its purposes.
func WiderBasis(id string, next, was records.Basis) []string {
	var words []string
	if next.Code != was.Code {
		words = append(words, fmt.Sprintf("%s: the law is %s, and was %s", id, next.Code, was.Code))
	}
	if next.Notice != nil && (was.Notice == nil || next.Notice.PublishedAt < was.Notice.PublishedAt) {
		words = append(words, fmt.Sprintf("%s: the public was told on %s", id, next.Notice.PublishedAt))
	}
	if next.Objection != nil && was.Objection == nil {
		words = append(words, fmt.Sprintf("%s: one can object at %s", id, next.Objection.URL))
	}
	return words
}

// BetterStatement says in words that a statement of de-identification is not shown to be the same or worse in all that is asked of one.
func BetterStatement(next, was records.Statement) []string {
	var words []string
	if next.Law != was.Law || next.Term != was.Term && next.Term != Identified {
		words = append(words, fmt.Sprintf("the data is %s by %s, and was %s by %s", next.Term, next.Law, was.Term, was.Law))
	}
	if !slices.EqualFunc(next.Tables, was.Tables, func(a, b records.Table) bool { return a.Name == b.Name && a.K <= b.K && a.L <= b.L }) {
		words = append(words, "other tables, k or l are measured")
	}
	if !slices.EqualFunc(next.Images, was.Images, noBetter) {
		words = append(words, "other things are said of images and faces")
	}
	return words
}

// noBetter tells whether what is said of images is the same as before, or worse. Of fewer volumes fewer have to be looked at.
func noBetter(next, was records.Image) bool {
	if next.Checked > was.Checked || next.Volumes < was.Volumes || next.Faces != was.Faces && next.Faces != records.FacesPresent {
		return false
	}
	next.Checked, next.Volumes, next.Faces = was.Checked, was.Volumes, was.Faces
	return next == was
}
