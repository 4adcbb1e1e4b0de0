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
	c.Purpose("purpose", r.Purpose)
	c.OneOf("mode", r.Mode, records.Modes)
	c.Between("duration_seconds", r.DurationSeconds, 1, MaxDurationSeconds)
	c.Text("project", r.Project, 1, 500)
	if r.AcceptedTerms != "" {
		c.Digest("accepted_terms", r.AcceptedTerms)
	}
	if r.Researchers != nil {
		c.List("researchers", r.Researchers, 1, 50, c.Person)
	}
	if r.Renews != "" {
		c.TxPrefix("renews", r.Renews)
	}
	if r.Joins != "" {
		c.TxPrefix("joins", r.Joins)
		c.Require(r.Renews == "", "joins", "a request renews a grant or joins one, not both")
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
