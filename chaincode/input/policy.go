package input

import (
	"fmt"

	"medconsent.org/chaincode/records"
)

const (
	day     = 24 * 60 * 60
	oneYear = 366 * day
	// MaxDurationSeconds is the longest a grant can last: ten years.
	MaxDurationSeconds = 10 * oneYear
	maxReviewSeconds   = 2 * oneYear
)

// Policy checks a policy; whether committees can meet it is not asked here.
func (c *Checker) Policy(field string, policy records.Policy) {
	c.Require(len(policy.Use) >= 1 && len(policy.Use) <= 16, field+".use", "1 to 16 alternatives are taken")
	c.Require(len(policy.Stages) >= 1 && len(policy.Stages) <= 8, field+".stages", "1 to 8 stages are taken")
	if c.err != nil {
		return
	}
	for i, alternative := range policy.Use {
		c.alternative(fmt.Sprintf("%s.use[%d]", field, i), alternative)
	}
	seen := map[string]bool{}
	for i, stage := range policy.Stages {
		at := fmt.Sprintf("%s.stages[%d]", field, i)
		c.Institution(at+".institution", stage.Institution)
		c.OneOf(at+".role", stage.Role, records.CommitteeRoles)
		c.Between(at+".threshold", stage.Threshold, 1, records.MaxSeats)
		c.Require(!seen[stage.Committee()], at, "the committee %s stands there twice", stage.Committee())
		seen[stage.Committee()] = true
	}
	c.List(field+".modes", policy.Modes, 1, len(records.Modes), func(at, mode string) { c.OneOf(at, mode, records.Modes) })
	c.List(field+".recipients", policy.Recipients, 0, 200, c.Institution)
	c.Between(field+".max_duration_seconds", policy.MaxDurationSeconds, 1, MaxDurationSeconds)
	c.Between(field+".review_period_seconds", policy.ReviewPeriodSeconds, 1, maxReviewSeconds)
}

func (c *Checker) alternative(field string, alternative records.Alternative) {
	c.OneOf(field+".permission", alternative.Permission, records.Permissions)
	if alternative.Permission == records.DiseaseSpecific {
		c.List(field+".diseases", alternative.Diseases, 1, 200, c.Disease)
		return
	}
	c.Require(len(alternative.Diseases) == 0, field+".diseases", "diseases go with the permission DS and with no other")
}
