package input

import (
	"fmt"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/use"
)

const (
	maxGrounds = 8
	// MaxBatchSeconds bounds how long an institution collects withdrawals before the next epoch: 90 days.
	MaxBatchSeconds = 90 * day
	// maxExclusionSeconds bounds how long who withdrew may still be in what is delivered: 90 days.
	maxExclusionSeconds = 90 * day
)

// ground checks what a version is said to rest on: of its own institution, one thing at least.
func (c *Checker) ground(g records.Ground) {
	c.Dataset("dataset", g.Dataset)
	c.Between("version", g.Version, 1, records.MaxNumber)
	c.Digest("version_digest", g.VersionDigest)
	owner, _, _ := records.SplitDataset(g.Dataset)
	own := func(form records.Form) func(at, value string) {
		return func(at, value string) {
			c.Name(at, value, form)
			institution, _, _ := records.SplitDataset(value)
			c.Require(institution == owner, at, "%s is not of %s, whose dataset it is", shorten(value), owner)
		}
	}
	c.List("cohorts", g.Cohorts, 0, maxGrounds, own(records.CohortForm))
	c.List("bases", g.Bases, 0, maxGrounds, own(records.BasisForm))
	c.Require(len(g.Cohorts)+len(g.Bases) > 0, "cohorts", "a version rests on a cohort or a legal basis: name one at least")
}

// cohort checks what a cohort's head says.
func (c *Checker) cohort(cohort records.Cohort) {
	c.Text("title", cohort.Title, 1, 200)
	c.Between("batch_seconds", cohort.BatchSeconds, 1, MaxBatchSeconds)
	c.Between("latest_epoch", cohort.LatestEpoch, 1, records.MaxNumber)
	if cohort.KeyCheck != "" {
		c.Digest("key_check", cohort.KeyCheck)
	}
}

// epoch checks what the people of a cohort permit.
func (c *Checker) epoch(e records.Epoch) {
	c.Digest("root", e.Root)
	c.OneOf("people", e.People, records.Bands[1:])
	c.OneOf("withdrawn", e.Withdrawn, records.Bands)
	c.Some("use", len(e.Use), "alternative")
	c.alternatives("use", e.Use)
	c.OneOf("law.code", e.Law.Code, lawful.LawCodes(true))
	c.Text("law.article", e.Law.Article, 0, 200)
	c.URL("wording.url", e.Wording.URL)
	c.Digest("wording.sha256", e.Wording.SHA256)
	c.Text("statement", e.Statement, 0, 500)
}

// alternatives checks uses in the vocabulary of a policy.
func (c *Checker) alternatives(field string, uses []records.Alternative) {
	c.Count(field, len(uses), 0, maxAlternatives, "%d are too many: at most 16 alternatives", len(uses))
	if c.err != nil {
		return
	}
	for i, alternative := range uses {
		c.alternative(fmt.Sprintf("%s[%d]", field, i), alternative)
	}
	if reasons := use.Contradictions(records.Policy{Use: uses}); c.err == nil && len(reasons) > 0 {
		c.Fail(field, "%s: %s", reasons[0].Clause, reasons[0].Message)
	}
}

// exclusion checks the owner's word that who withdrew is left out.
func (c *Checker) exclusion(e records.Exclusion) {
	c.Dataset("dataset", e.Dataset)
	c.Between("version", e.Version, 1, records.MaxNumber)
	c.Cohort("cohort", e.Cohort)
	c.Between("epoch", e.Epoch, 1, records.MaxNumber)
	c.Require((e.Content == nil) != (e.ExclusionList == ""), "content", "give either content, what is delivered from now on, or exclusion_list, the commitment of what is left out on delivery")
	if e.Content != nil {
		c.content("content", *e.Content)
	}
	if e.ExclusionList != "" {
		c.Digest("exclusion_list", e.ExclusionList)
	}
}

// basis checks a legal basis as an institution attests it.
func (c *Checker) basis(b records.Basis) {
	c.OneOf("code", b.Code, lawful.LawCodes(false))
	law, _ := lawful.LawOf(b.Code)
	c.Text("article", b.Article, 0, 200)
	c.Require(b.Article != "" || !law.NeedsArticle, "article", "%s rests on another statute: say which, and which article", b.Code)
	c.Text("document.title", b.Document.Title, 1, 200)
	c.Digest("document.sha256", b.Document.SHA256)
	if b.Document.URL != "" {
		c.URL("document.url", b.Document.URL)
	}
	if b.Notice != nil {
		c.URL("notice.url", b.Notice.URL)
		c.Digest("notice.sha256", b.Notice.SHA256)
		c.Given(b.Notice.PublishedAt != 0, "notice.published_at")
	}
	if b.Objection != nil {
		c.URL("objection.url", b.Objection.URL)
	}
	c.alternatives("purposes", b.Purposes)
	c.Text("statement", b.Statement, 0, 500)
}

// The bounds of a request's private texts: of those that stand, and with those that amendments have replaced.
const (
	MaxTexts     = 8
	MaxTextsEver = 32
)

// Texts checks the commitments of a request's private texts, of which there are at most so many.
func (c *Checker) Texts(field string, texts []records.TextRef, most int) {
	c.AtMost(field, len(texts), most)
	seen := map[string]bool{}
	for i, text := range texts {
		at := fmt.Sprintf("%s[%d]", field, i)
		c.OneOf(at+".kind", text.Kind, records.TextKinds)
		c.Digest(at+".commitment", text.Commitment)
		c.Require(!seen[text.Commitment], at+".commitment", "it stands there twice")
		seen[text.Commitment] = true
	}
}
