package input

import (
	"slices"

	"medconsent.org/chaincode/records"
)

// bodies are the checks of what records say, by the type of the record: one for each type whose body somebody states. The bodies of the others are made by the program
// alone, from what was checked; whoever relies on a sealed one works it out again (a grant from its approval). Two of those are made of an argument that has another form,
// and whose transaction checks it itself: a committee, of which its steward names those who are to sit, and the record has every seat that ever was; and an institution's
// officers, whose keys can be left out. What they come to is checked in sealed.go, as what the program makes of any other.
var bodies = map[string]func(*Checker, records.Body){
	records.InstitutionType: of((*Checker).institution),
	records.VersionType:     of((*Checker).version),
	records.PolicyType:      of((*Checker).policyVersion),
	records.RequestType:     of((*Checker).request),
	records.VoteType:        of((*Checker).vote),
	records.DelegationType:  of((*Checker).delegation),
	records.AcceptanceType:  of((*Checker).acceptance),
	records.BreakglassType:  of((*Checker).breakglass),
	records.RemarkType:      of((*Checker).remark),
	records.InvitationType:  of((*Checker).invitation),
	records.GroundType:      of((*Checker).ground),
	records.CohortType:      of((*Checker).cohort),
	records.EpochType:       of((*Checker).epoch),
	records.ExclusionType:   of((*Checker).exclusion),
	records.BasisType:       of((*Checker).basis),
	records.DeidType:        of((*Checker).deid),
	records.ArchiveType:     of((*Checker).archive),
	records.ReceiptType:     of((*Checker).receipt),
	records.OntologyType:    of((*Checker).ontology),
}

// Stated tells whether the body of a type of record is stated by somebody, and so has a check.
func Stated(kind string) bool { return bodies[kind] != nil }

// Body checks what a record says, as far as whoever writes it states it: members that the program sets (who it was, when, in which state of a committee) are not asked
// about. The argument that becomes a body is checked so, and so is a sealed body that somebody relies on: its owner's chaincode may not be ours.
func (c *Checker) Body(body records.Body) {
	if check := bodies[body.RecordType()]; check != nil {
		check(c, body)
		return
	}
	c.Fail("", "nobody states a %s", body.RecordType())
}

// of is the check of one type's body as one of any body.
func of[B records.Body](check func(*Checker, B)) func(*Checker, records.Body) {
	return func(c *Checker, body records.Body) {
		if stated, ok := body.(B); ok {
			check(c, stated)
		}
	}
}

func (c *Checker) institution(i records.Institution) {
	c.Text("title", i.Title, 1, 200)
	c.Country("country", i.Country)
	c.Contact("contact", i.Contact)
	c.List("roles", i.Roles, 0, len(records.Roles), func(at, role string) { c.OneOf(at, role, records.Roles) })
	c.Optional("release", i.Release, c.TLSAddress)
}

func (c *Checker) version(v records.Version) {
	c.Text("title", v.Title, 1, 200)
	c.Text("summary", v.Summary, 0, 2000)
	c.List("kinds", v.Kinds, 1, 16, c.Kind)
	c.List("body_parts", v.BodyParts, 0, len(records.BodyParts), func(at, part string) { c.OneOf(at, part, records.BodyParts) })
	for _, kind := range v.Kinds {
		c.Require(len(v.BodyParts) > 0 || !slices.Contains(records.FaceKinds, kind), "body_parts", "say what the images show: a face can be seen in %s, or be restored from it", kind)
	}
	c.List("keywords", v.Keywords, 0, 32, c.Slug)
	c.Contact("contact", v.Contact)
	if v.Records != nil {
		c.Between("records", *v.Records, 0, MaxInteger)
	}
	c.content("content", v.Content)
}

func (c *Checker) content(field string, content records.Content) {
	c.Digest(field+".root", content.Root)
	c.Between(field+".files", content.Files, 0, MaxInteger)
	c.Between(field+".bytes", content.Bytes, 0, MaxInteger)
}

func (c *Checker) policyVersion(p records.PolicyVersion) {
	c.Dataset("dataset", p.Dataset)
	c.Policy("policy", p.Policy)
	if p.Applies != "" {
		c.OneOf("applies", p.Applies, []string{records.Existing})
	}
}

// vote checks what a voter says. What else the contract asks of somebody who votes now, as that whoever rejects says why, is for request.vote.
func (c *Checker) vote(v records.Vote) {
	c.OneOf("vote", v.Vote, records.Votes)
	roles := records.CommitteeRoles
	if v.Vote == records.Close {
		roles = []string{"steward"}
	}
	c.OneOf("role", v.Role, roles)
	c.Text("reason", v.Reason, 0, 500)
	c.Digest("request_digest", v.RequestDigest)
	c.Digest("version_digest", v.VersionDigest)
	c.Digest("policy_digest", v.PolicyDigest)
	if v.Attestation != nil {
		c.Ethics("attestation", *v.Attestation)
	}
}

func (c *Checker) delegation(d records.Delegation) {
	c.OneOf("role", d.Role, records.CommitteeRoles)
	c.Person("deputy", d.Deputy)
	if d.DeputyKey != "" || c.Describing() {
		c.Digest("deputy_key", d.DeputyKey)
	}
	c.Given(d.Until != 0, "until")
	c.Text("reason", d.Reason, 0, 500)
}

// acceptance checks the hash that somebody accepts; the grant can be named by a prefix, and is by its whole id once it is written.
func (c *Checker) acceptance(a records.Acceptance) {
	c.TxPrefix("grant", a.Grant)
	c.Digest("terms", a.Terms)
}

func (c *Checker) remark(r records.Remark) {
	c.TxPrefix("request", r.Request)
	c.OneOf("kind", r.Kind, records.RemarkKinds)
	c.Require(r.Text == "" || r.Commitment == "", "commitment", "a remark has a text, or a commitment to one that is kept elsewhere, not both")
	if r.Commitment != "" {
		c.Digest("commitment", r.Commitment)
	} else {
		c.Text("text", r.Text, 1, 500)
	}
	c.Require((r.Kind == records.Opinion) == (r.Invitation != ""), "invitation", "an opinion names the invitation that it answers, and no other remark names one")
	if r.Invitation != "" {
		c.TxPrefix("invitation", r.Invitation)
	}
}

func (c *Checker) invitation(i records.Invitation) {
	c.TxPrefix("request", i.Request)
	c.PersonName("reviewer", i.Reviewer.String())
	c.Text("question", i.Question, 1, 500)
}

func (c *Checker) ontology(o records.Ontology) {
	c.HierarchySystem("system", o.System)
	c.Text("source", o.Source, 0, 500)
	c.Text("licence", o.Licence, 0, 200)
}
