package input

import (
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/grants"
)

// request checks what a request says, besides who makes it and the private texts that it names.
func (c *Checker) request(r records.Request) {
	c.Dataset("dataset", r.Dataset)
	c.Between("version", r.Version, 1, records.MaxNumber)
	c.Digest("version_digest", r.VersionDigest)
	c.Between("policy_version", r.PolicyVersion, 1, records.MaxNumber)
	c.Digest("policy_digest", r.PolicyDigest)
	asks := Amendment{Purpose: &r.Purpose, Mode: &r.Mode, DurationSeconds: &r.DurationSeconds, Project: &r.Project, Researchers: r.Researchers}
	if r.AcceptedTerms != "" {
		asks.AcceptedTerms = &r.AcceptedTerms
	}
	c.Amendment(asks)
	if r.Renews != "" {
		c.TxPrefix("renews", r.Renews)
	}
	if r.Joins != "" {
		c.TxPrefix("joins", r.Joins)
		c.Require(r.Renews == "", "joins", "a request renews a grant or joins one, not both")
	}
}

// Amendment is what can be changed of a request, besides its texts. What is left out stays.
type Amendment struct {
	Purpose         *records.Purpose `json:"purpose"`
	Mode            *string          `json:"mode"`
	DurationSeconds *int64           `json:"duration_seconds"`
	Project         *string          `json:"project"`
	AcceptedTerms   *string          `json:"accepted_terms"`
	Researchers     []string         `json:"researchers"`
}

// Amendment checks it, and the same members of a request that is made.
func (c *Checker) Amendment(a Amendment) {
	if a.Purpose != nil {
		c.Purpose("purpose", *a.Purpose)
	}
	if a.Mode != nil {
		c.OneOf("mode", *a.Mode, records.Modes)
	}
	if a.DurationSeconds != nil {
		c.Between("duration_seconds", *a.DurationSeconds, 1, MaxDurationSeconds)
	}
	if a.Project != nil {
		c.Text("project", *a.Project, 1, 500)
	}
	if a.AcceptedTerms != nil {
		c.Digest("accepted_terms", *a.AcceptedTerms)
	}
	if a.Researchers != nil {
		c.List("researchers", a.Researchers, 1, 50, c.Person)
	}
}

// breakglass checks what a break-glass is proposed with.
func (c *Checker) breakglass(b records.Breakglass) {
	c.Dataset("dataset", b.Dataset)
	c.Number("version", &b.Version)
	c.Institution("institution", b.Institution)
	c.List("people", b.People, 1, 50, c.Person)
	c.Purpose("purpose", b.Purpose)
	c.OneOf("mode", b.Mode, records.Modes)
	c.Between("duration_seconds", b.DurationSeconds, 1, grants.MaxEmergencySeconds)
	c.Text("reason", b.Reason, 1, 500)
}
