package input

import (
	"fmt"
	"slices"
	"strings"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/lawful"
)

const (
	maxStated = 16 // methods, tables and kinds of image
	maxK      = 1_000_000
)

// deid checks how a version is said to have been de-identified.
func (c *Checker) deid(d records.Deid) {
	c.Dataset("dataset", d.Dataset)
	c.Between("version", d.Version, 1, records.MaxNumber)
	c.Digest("version_digest", d.VersionDigest)
	c.statement("statement", d.Statement)
}

// statement checks a statement of de-identification.
func (c *Checker) statement(field string, s records.Statement) {
	laws := make([]string, 0, len(lawful.DeidLaws))
	for _, law := range lawful.DeidLaws {
		laws = append(laws, law.Law)
	}
	c.OneOf(field+".law", s.Law, laws)
	c.OneOf(field+".term", s.Term, lawful.DeidTerms)
	terms := lawful.TermsUnder(s.Law)
	c.Require(slices.Contains(terms, s.Term), field+".term", "%s is no term of %s, which knows %s", s.Term, s.Law, strings.Join(terms, ", "))
	c.Count(field+".methods", len(s.Methods), 1, maxStated, "1 to 16 are taken")
	c.AtMost(field+".tables", len(s.Tables), maxStated)
	c.AtMost(field+".images", len(s.Images), maxStated)
	c.Text(field+".residual_risk", s.ResidualRisk, 1, 500)
	c.Digest(field+".report.sha256", s.Report.SHA256)
	if s.Report.URL != "" {
		c.URL(field+".report.url", s.Report.URL)
	}
	if c.err != nil {
		return
	}
	c.completed(field+".residual_risk", s.ResidualRisk)
	for i, method := range s.Methods {
		at := fmt.Sprintf("%s.methods[%d]", field, i)
		c.Text(at+".method", method.Method, 1, 200)
		c.Text(at+".tool", method.Tool, 1, 100)
		c.Text(at+".tool_version", method.ToolVersion, 1, 100)
		c.completed(at+".method", method.Method)
		c.completed(at+".tool", method.Tool)
		c.completed(at+".tool_version", method.ToolVersion)
	}
	for i, table := range s.Tables {
		c.table(fmt.Sprintf("%s.tables[%d]", field, i), table)
	}
	for i, image := range s.Images {
		c.image(fmt.Sprintf("%s.images[%d]", field, i), image)
	}
}

// unfinished is what stands in a draft where a person has to say something (medconsent deid report).
const unfinished = "TO FILL IN"

func (c *Checker) completed(field, value string) {
	c.Require(value != unfinished, field, "the draft was not completed here")
}

// bandEnds is the largest number of records of each band but the last.
var bandEnds = map[string]int64{"under-20": 19, "20-99": 99, "100-999": 999, "1000-9999": 9_999, "10000-99999": 99_999, "100000-999999": 999_999}

func (c *Checker) table(field string, t records.Table) {
	column := func(at, value string) { c.Text(at, value, 1, 100) }
	c.Text(field+".name", t.Name, 1, 200)
	c.List(field+".quasi_identifiers", t.QuasiIdentifiers, 1, maxNamed, column)
	c.List(field+".sensitive", t.Sensitive, 0, maxNamed, column)
	c.Between(field+".k", t.K, 1, MaxInteger)
	c.Between(field+".l", t.L, 0, MaxInteger)
	c.Require(t.L == 0 || len(t.Sensitive) > 0, field+".l", "l is about sensitive columns, and none is named")
	c.Require(t.L <= t.K, field+".l", "no class of %d %s has %d different values", t.K, rules.Plural(int(t.K), "row", "rows"), t.L)
	c.OneOf(field+".records_band", t.RecordsBand, records.Bands[1:])
	if most, bounded := bandEnds[t.RecordsBand]; bounded {
		c.Require(t.K <= most, field+".k", "no class of a table with %s records has %d of them", t.RecordsBand, t.K)
	}
	c.List(field+".released_before", t.ReleasedBefore, 0, maxNamed, func(at, value string) {
		c.Name(at, value, records.VersionForm)
	})
}

func (c *Checker) image(field string, i records.Image) {
	c.OneOf(field+".modality", i.Modality, records.Modalities)
	c.OneOf(field+".body_part", i.BodyPart, records.BodyParts)
	c.OneOf(field+".faces", i.Faces, records.Faces)
	c.Text(field+".tool", i.Tool, 0, 100)
	c.Text(field+".tool_version", i.ToolVersion, 0, 100)
	c.Between(field+".volumes", i.Volumes, 1, MaxInteger)
	c.Between(field+".checked", i.Checked, 0, i.Volumes)
	c.Text(field+".checked_by", i.CheckedBy, 0, 100)
}

// people checks what a policy asks about the people in the data.
func (c *Checker) people(field string, policy records.Policy) {
	if policy.ExclusionPeriodSeconds != 0 {
		c.Between(field+".exclusion_period_seconds", policy.ExclusionPeriodSeconds, 1, maxExclusionSeconds)
	}
	d := policy.Deidentification
	if d == nil {
		return
	}
	field += ".deidentification"
	c.Require(d.Terms == nil || len(d.Terms) > 0, field+".terms", "at least 1 must be given")
	c.List(field+".terms", d.Terms, 0, len(lawful.DeidTerms), func(at, term string) { c.OneOf(at, term, lawful.DeidTerms) })
	if d.Tables != nil {
		c.Between(field+".tables.k", d.Tables.K, 2, maxK)
		c.Between(field+".tables.l", d.Tables.L, 0, maxK)
	}
	if d.Images != nil {
		c.Between(field+".images.checked_at_least", d.Images.CheckedAtLeast, 0, maxK)
		c.Require(d.Images.FacesRemoved || d.Images.CheckedAtLeast > 0, field+".images", "say faces_removed or checked_at_least")
	}
}
