package use

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// mayBy tells whether an institution could ask by one alternative: it is a recipient, and neither IS nor US leaves it out.
func mayBy(policy records.Policy, a records.Alternative, institution string) bool {
	if len(policy.Recipients) > 0 && !slices.Contains(policy.Recipients, institution) {
		return false
	}
	if limit, ok := find(a.Limits, InstitutionsOnly); ok && !slices.Contains(limit.Institutions, institution) {
		return false
	}
	limit, ok := find(a.Limits, UsersOnly)
	return !ok || slices.Contains(institutionsOf(limit.Persons), institution)
}

// MayAsk tells whether an institution could ask by any alternative.
func MayAsk(policy records.Policy, institution string) bool {
	return slices.ContainsFunc(policy.Use, func(a records.Alternative) bool { return mayBy(policy, a, institution) })
}

func institutionsOf(persons []string) []string {
	var institutions []string
	for _, person := range persons {
		institution, _, _ := records.SplitPerson(person)
		institutions = append(institutions, institution)
	}
	return institutions
}

// namedIn are the institutions that a part of the policy names as those who may ask.
type namedIn struct {
	Clause       string
	Institutions []string
}

// Namings lists the institutions that a policy names as those who may ask, clause by clause.
func Namings(policy records.Policy) []namedIn {
	named := []namedIn{{"recipients", policy.Recipients}}
	for i, alternative := range policy.Use {
		for j, limit := range alternative.Limits {
			at := fmt.Sprintf("use[%d].limits[%d]", i, j)
			named = append(named, namedIn{at, limit.Institutions}, namedIn{at, institutionsOf(limit.Persons)})
		}
	}
	return named
}

// anybodyMayAsk tells whether institutions may ask that the policy does not name.
func anybodyMayAsk(policy records.Policy) bool {
	return len(policy.Recipients) == 0 && slices.ContainsFunc(policy.Use, func(a records.Alternative) bool {
		return !has(a, InstitutionsOnly) && !has(a, UsersOnly)
	})
}

// askers lists, each once, the institutions that the policy names as recipients or in a limit and that may ask by it.
func askers(policy records.Policy) []string {
	var institutions []string
	for _, named := range Namings(policy) {
		for _, institution := range named.Institutions {
			if MayAsk(policy, institution) && !slices.Contains(institutions, institution) {
				institutions = append(institutions, institution)
			}
		}
	}
	return institutions
}

// shutOut says why an institution can never be granted access, whoever sits on the committees: a stage asks its own committee, which has no vote on its own request,
// or which the policy asks a second time as that of whoever asks.
func shutOut(policy records.Policy, institution string) (rules.Reason, bool) {
	reason := rules.Reason{Code: rules.StageUnmeetable}
	for i, stage := range policy.Stages {
		if stage.Institution != institution || stage.Of == records.OfRequester {
			continue
		}
		reason.Clause = fmt.Sprintf("stages[%d]", i)
		if !policy.OwnInstitutionVotes {
			reason.Message = institution + " itself can never be granted access: its own committee has no vote on its own request"
			return reason, true
		}
		if slices.ContainsFunc(policy.Stages, func(s records.Stage) bool { return s.Of == records.OfRequester && s.Role == stage.Role }) {
			reason.Message = fmt.Sprintf("%s itself can never be granted access: the policy asks %s twice, as such and as that of whoever asks, and a committee answers once", institution, stage.Committee())
			return reason, true
		}
	}
	return rules.Reason{}, false
}

// ShutOut says which of the institutions that the policy names as those who may ask can never be granted access, and whether that leaves nobody who could.
func ShutOut(policy records.Policy) (reasons []rules.Reason, nobody bool) {
	institutions := askers(policy)
	for _, institution := range institutions {
		if reason, shut := shutOut(policy, institution); shut {
			reasons = append(reasons, reason)
		}
	}
	return reasons, len(reasons) > 0 && len(reasons) == len(institutions) && !anybodyMayAsk(policy)
}

// shutOutInWords says it of everybody who may ask, named as a recipient or not.
func shutOutInWords(policy records.Policy) []string {
	var words, said []string
	for _, stage := range policy.Stages {
		if stage.Institution == "" || slices.Contains(said, stage.Institution) || !MayAsk(policy, stage.Institution) {
			continue
		}
		said = append(said, stage.Institution)
		if reason, shut := shutOut(policy, stage.Institution); shut {
			words = append(words, reason.Message+".")
		}
	}
	return words
}
