package input

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/use"
)

const (
	day     = 24 * 60 * 60
	oneYear = 366 * day
	// MaxDurationSeconds is the longest a grant can last: ten years.
	MaxDurationSeconds = 10 * oneYear
	maxReviewSeconds   = 2 * oneYear
	maxMonths          = 120
	maxAlternatives    = 16
	maxStages          = 8
	maxAttachments     = 16
	maxVetoes          = 4
	maxSteps           = 8
	// maxNamed bounds the diseases, countries, institutions, projects and persons of an alternative.
	maxNamed = 200
)

// Policy checks a policy; whether committees can meet it is not asked here.
func (c *Checker) Policy(field string, policy records.Policy) {
	c.Count(field+".use", len(policy.Use), 1, maxAlternatives, "1 to 16 alternatives are taken")
	c.Count(field+".stages", len(policy.Stages), 1, maxStages, "1 to 8 stages are taken")
	if c.err != nil {
		return
	}
	for i, alternative := range policy.Use {
		c.alternative(fmt.Sprintf("%s.use[%d]", field, i), alternative)
	}
	c.stages(field, policy)
	c.List(field+".modes", policy.Modes, 1, len(records.Modes), func(at, mode string) { c.OneOf(at, mode, records.Modes) })
	c.List(field+".recipients", policy.Recipients, 0, 200, c.Institution)
	c.Between(field+".max_duration_seconds", policy.MaxDurationSeconds, 1, MaxDurationSeconds)
	c.Between(field+".review_period_seconds", policy.ReviewPeriodSeconds, 1, maxReviewSeconds)
	if policy.Conflicts != "" {
		c.OneOf(field+".conflicts", policy.Conflicts, []string{records.NoDeclaration, records.Declare})
	}
	c.documents(field, policy)
	c.people(field, policy)
}

// stages checks the stages and the vetoes.
func (c *Checker) stages(field string, policy records.Policy) {
	seen := map[string]bool{}
	for i, stage := range policy.Stages {
		at := fmt.Sprintf("%s.stages[%d]", field, i)
		c.stage(at, stage)
		asked := stage.Committee()
		if stage.Of != "" {
			asked = "of " + stage.Of + "/" + stage.Role
		}
		c.Require(!seen[asked], at, "the committee %s stands there twice", asked)
		seen[asked] = true
	}
	c.AtMost(field+".vetoes", len(policy.Vetoes), maxVetoes)
	if c.err != nil {
		return
	}
	for i, veto := range policy.Vetoes {
		at := fmt.Sprintf("%s.vetoes[%d]", field, i)
		c.Institution(at+".institution", veto.Institution)
		c.OneOf(at+".role", veto.Role, records.CommitteeRoles)
		c.Require(!slices.Contains(policy.Vetoes[:i], veto), at, "the committee %s stands there twice", veto.Committee())
	}
}

// stage checks one stage: whom it asks, for how much, and when.
func (c *Checker) stage(at string, stage records.Stage) {
	if stage.Of != "" {
		c.OneOf(at+".of", stage.Of, []string{records.OfRequester})
		c.Require(stage.Institution == "", at+".of", "a stage names an institution or says of whom it is, not both")
	} else {
		c.Institution(at+".institution", stage.Institution)
	}
	c.OneOf(at+".role", stage.Role, records.CommitteeRoles)
	if stage.Rule != "" {
		c.OneOf(at+".rule", stage.Rule, records.StageRules)
		c.Require(stage.Threshold == 0, at+".rule", "a stage has a threshold or a rule, not both")
	} else {
		c.Between(at+".threshold", stage.Threshold, 1, records.MaxSeats)
	}
	c.Between(at+".step", stage.StepNumber(), 1, maxSteps)
	c.Require(stage.Step >= 0, at+".step", "%d is not between 1 and %d", stage.Step, maxSteps)
	c.Require(stage.Attests == nil || stage.Role == "ethics", at+".attests", "only an ethics committee attests")
}

// documents checks what is bound by hash.
func (c *Checker) documents(field string, policy records.Policy) {
	if policy.Terms != nil {
		c.URL(field+".terms.url", policy.Terms.URL)
		c.Digest(field+".terms.sha256", policy.Terms.SHA256)
	}
	c.AtMost(field+".attachments", len(policy.Attachments), maxAttachments)
	if c.err != nil {
		return
	}
	for i, attachment := range policy.Attachments {
		at := fmt.Sprintf("%s.attachments[%d]", field, i)
		c.Text(at+".title", attachment.Title, 1, 200)
		c.URL(at+".url", attachment.URL)
		c.Digest(at+".sha256", attachment.SHA256)
	}
}

// alternative checks a permission and its parameter, and each limit and duty, by the table of terms.
func (c *Checker) alternative(field string, alternative records.Alternative) {
	c.OneOf(field+".permission", alternative.Permission, use.Codes(use.PermissionClass))
	if term, ok := use.TermOf(alternative.Permission); ok && term.Parameter == use.DiseaseParameter {
		c.List(field+".diseases", alternative.Diseases, 1, maxNamed, c.DiseaseOrRange)
	} else {
		c.Require(len(alternative.Diseases) == 0, field+".diseases", "diseases go with the permission DS and with no other")
	}
	c.modifiers(field+".limits", alternative.Limits, use.LimitClass)
	c.modifiers(field+".duties", alternative.Duties, use.DutyClass)
}

func (c *Checker) modifiers(field string, modifiers []records.Modifier, class use.Class) {
	codes := use.Codes(class)
	c.Count(field, len(modifiers), 0, len(codes), "%d are too many: at most %d, each term once", len(modifiers), len(codes))
	if c.err != nil {
		return
	}
	for i, modifier := range modifiers {
		at := fmt.Sprintf("%s[%d]", field, i)
		c.OneOf(at+".term", modifier.Term, codes)
		if term, ok := use.TermOf(modifier.Term); ok {
			c.parameter(at, term, modifier)
		}
	}
}

// parameter checks that a term has the parameter that it takes, and no other.
func (c *Checker) parameter(field string, term use.Term, m records.Modifier) {
	for _, p := range []struct {
		name  use.Parameter
		given bool
		check func(at string)
	}{
		{use.CountryParameter, m.Countries != nil, func(at string) { c.List(at, m.Countries, 1, maxNamed, c.Country) }},
		{use.InstitutionParameter, m.Institutions != nil, func(at string) { c.List(at, m.Institutions, 1, maxNamed, c.Institution) }},
		{use.ProjectParameter, m.Projects != nil, func(at string) { c.List(at, m.Projects, 1, maxNamed, c.Project) }},
		{use.PersonParameter, m.Persons != nil, func(at string) { c.List(at, m.Persons, 1, maxNamed, c.PersonName) }},
		{use.MonthParameter, m.Months != 0, func(at string) { c.Between(at, m.Months, 1, maxMonths) }},
		{use.TextParameter, m.Text != "", func(at string) { c.Text(at, m.Text, 1, 500) }},
	} {
		at := field + "." + string(p.name)
		switch {
		case c.Describing():
			if p.given {
				p.check(at)
			}
		case p.name != term.Parameter:
			c.Require(!p.given, at, "%s does not go with %s", p.name, term.Code)
		case p.given:
			p.check(at)
		default:
			c.Require(term.Optional, at, "%s needs %s", term.Code, p.name)
		}
	}
}
