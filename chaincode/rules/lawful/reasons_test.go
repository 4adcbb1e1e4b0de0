package lawful_test

import (
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/rulestest"
)

// soundGrounds is a version with a table and with MR images of heads, for which everything is there that can be asked for.
func soundGrounds() lawful.Resting {
	r := resting()
	r.Version.Kinds, r.Version.BodyParts = []string{"tabular", "MR"}, []string{"head"}
	r.Cohorts = []lawful.CohortFacts{{ID: "hanbit/c", Clause: "ground.cohorts[0]", OwedSince: 1000, Epoch: records.Epoch{
		Epoch: 2, Withdrawn: records.NoPeople, WithdrawnSince: 2, Use: []records.Alternative{{Permission: "GRU"}},
	}}}
	r.Bases = []lawful.BasisFacts{{ID: "hanbit/b", Clause: "ground.bases[0]", Basis: records.Basis{
		Code: "KR-BIOETHICS-EXEMPTION", Notice: &records.Notice{PublishedAt: 900}, Objection: &records.Objection{URL: "x"},
	}}}
	r.Statement = &records.Statement{
		Term: lawful.Coded, Tables: []records.Table{{Name: "visits", K: 5, L: 2}},
		Images: []records.Image{{Modality: "MR", BodyPart: "head", Faces: records.FacesRemoved, Tool: "a tool", Volumes: 10, Checked: 5, CheckedBy: "somebody"}},
	}
	return r
}

// asksAll is a use whose policy asks for all that a policy can ask of a statement.
func asksAll() lawful.Question {
	q := forKind("health-research")
	q.Policies[0].Deidentification = &records.Deidentification{
		Terms: []string{lawful.Anonymous, lawful.Coded}, Tables: &records.TableDemands{K: 5, L: 2}, Images: &records.ImageDemands{FacesRemoved: true, CheckedAtLeast: 5},
	}
	return q
}

// lacking has what each row takes from sound grounds, and the one reason that this gives.
var lacking = map[string]struct {
	change func(*lawful.Resting)
	answer rules.Answer
	code   string
}{
	"nothing":                            {func(*lawful.Resting) {}, rules.Permit, ""},
	"the ground":                         {func(r *lawful.Resting) { r.Ground = nil }, rules.Deny, rules.NoGround},
	"something that cannot be seen":      {func(r *lawful.Resting) { r.Lost = []rules.Reason{{Code: rules.EvidenceMissing}} }, rules.Deny, rules.EvidenceMissing},
	"the people's permission":            {func(r *lawful.Resting) { permits(r, "POA") }, rules.Deny, rules.ConsentDenies},
	"their permission of commercial use": {func(r *lawful.Resting) { permits(r, "GRU", "NCU") }, rules.Review, rules.ConsentNeedsReview},
	"a consent that goes on":             {func(r *lawful.Resting) { r.Cohorts[0].Ended = true }, rules.Deny, rules.ConsentEnded},
	"the exclusion of who withdrew":      {func(r *lawful.Resting) { r.Cohorts[0].Epoch.Withdrawn = "under-20" }, rules.Permit, rules.ExclusionDue},
	"the same, too late": {func(r *lawful.Resting) {
		r.Cohorts[0].Epoch.Withdrawn, r.Cohorts[0].OwedSince = "under-20", 1000-records.DefaultExclusionPeriod
	}, rules.Deny, rules.ExclusionOverdue},
	"a law that carries it":              {func(r *lawful.Resting) { r.Bases[0].Basis.Code = "EU-GDPR-9-2-H" }, rules.Deny, rules.BasisDoesNotCover},
	"a law that is known":                {func(r *lawful.Resting) { r.Bases[0].Basis.Code = "X" }, rules.Deny, rules.BasisDoesNotCover},
	"pseudonyms, which the law asks for": {func(r *lawful.Resting) { pseudonymous(r) }, rules.Deny, "BASIS_DOES_NOT_COVER DEID_TERM_NOT_ACCEPTED"},
	"purposes that carry it":             {func(r *lawful.Resting) { r.Bases[0].Basis.Purposes = []records.Alternative{{Permission: "POA"}} }, rules.Deny, rules.BasisDoesNotCover},
	"purposes without a limit": {func(r *lawful.Resting) {
		r.Bases[0].Basis.Purposes = []records.Alternative{{Permission: "GRU", Limits: []records.Modifier{{Term: "NCU"}}}}
	}, rules.Review, rules.BasisNeedsReview},
	"a basis that goes on":            {func(r *lawful.Resting) { r.Bases[0].Ended = true }, rules.Deny, rules.BasisEnded},
	"the notice":                      {func(r *lawful.Resting) { r.Bases[0].Basis.Notice = nil }, rules.Deny, rules.NoNotice},
	"a notice that has come":          {func(r *lawful.Resting) { r.Bases[0].Basis.Notice.PublishedAt = 1001 }, rules.Deny, rules.NoNotice},
	"a way to object":                 {func(r *lawful.Resting) { r.Bases[0].Basis.Objection = nil }, rules.Deny, rules.NoObjection},
	"the statement":                   {func(r *lawful.Resting) { r.Statement = nil }, rules.Deny, "DEID_MISSING DEID_MISSING"},
	"the images in it":                {func(r *lawful.Resting) { r.Statement.Images = nil }, rules.Deny, rules.DeidMissing},
	"the heads in it":                 {func(r *lawful.Resting) { r.Statement.Images[0].BodyPart = "chest" }, rules.Deny, rules.DeidMissing},
	"the tables in it":                {func(r *lawful.Resting) { r.Statement.Tables = nil }, rules.Deny, rules.DeidMissing},
	"a term that is accepted":         {func(r *lawful.Resting) { r.Statement.Term = lawful.Identified }, rules.Deny, rules.DeidTermNotAccepted},
	"k":                               {func(r *lawful.Resting) { r.Statement.Tables[0].K = 4 }, rules.Deny, rules.KTooLow},
	"l":                               {func(r *lawful.Resting) { r.Statement.Tables[0].L = 0 }, rules.Deny, rules.LTooLow},
	"the name of the tool":            {func(r *lawful.Resting) { r.Statement.Images[0].Tool = "" }, rules.Deny, rules.FacesNotRemoved},
	"who looked":                      {func(r *lawful.Resting) { r.Statement.Images[0].CheckedBy = "" }, rules.Deny, rules.FacesNotRemoved},
	"faces that are gone":             {func(r *lawful.Resting) { r.Statement.Images[0].Faces = records.FacesPresent }, rules.Deny, "FACES_NOT_REMOVED FACES_NOT_REMOVED"},
	"a statement on video of a head":  {func(r *lawful.Resting) { r.Version.Kinds = []string{"tabular", "MR", records.Video} }, rules.Deny, rules.FacesNotRemoved},
	"one that somebody has looked at": {func(r *lawful.Resting) { r.Statement.Images[0].Checked = 4 }, rules.Deny, rules.TooFewChecked},
}

func permits(r *lawful.Resting, permission string, limits ...string) {
	alternative := records.Alternative{Permission: permission}
	for _, term := range limits {
		alternative.Limits = append(alternative.Limits, records.Modifier{Term: term})
	}
	r.Cohorts[0].Epoch.Use = []records.Alternative{alternative}
}

func pseudonymous(r *lawful.Resting) {
	r.Bases[0].Basis.Code, r.Statement.Term = "KR-PIPA-28-2", lawful.Identified
}

// What grounds lack gives its reason, and no other.
func TestWhatGroundsLack(t *testing.T) {
	for says, c := range lacking {
		r := soundGrounds()
		c.change(&r)
		if g := lawful.JudgeGrounds(r, asksAll()); g.Answer != c.answer || rulestest.CodesOf(g.Reasons) != c.code {
			t.Errorf("%s: %s %v", says, g.Answer, g.Reasons)
		}
	}
}

// Each reason that grounds can give has a row.
func TestEveryReasonOfGroundsIsTried(t *testing.T) {
	at := func(code string) int {
		return slices.IndexFunc(rules.Meanings, func(m rules.Meaning) bool { return m.Code == code })
	}
	for _, meaning := range rules.Meanings[at(rules.NoGround):at(rules.Contradiction)] {
		tried := false
		for _, c := range lacking {
			tried = tried || slices.Contains(strings.Fields(c.code), meaning.Code)
		}
		if !tried {
			t.Errorf("no row gives %s", meaning.Code)
		}
	}
}
