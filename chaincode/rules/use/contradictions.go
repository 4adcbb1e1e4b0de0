package use

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// Contradictions says what in a policy cannot be meant: terms of one alternative that exclude or repeat each other, and alternatives that nobody could use. The
// text of DUO is the measure (docs/decisions, "Use conditions by the text").
func Contradictions(policy records.Policy) []rules.Reason {
	var reasons []rules.Reason
	for i, alternative := range policy.Use {
		at := fmt.Sprintf("use[%d]", i)
		reasons = append(reasons, twice(at+".limits", alternative.Limits)...)
		reasons = append(reasons, twice(at+".duties", alternative.Duties)...)
		reasons = append(reasons, excluded(at, alternative)...)
		reasons = append(reasons, unusable(at, alternative, policy.Recipients)...)
	}
	return reasons
}

func contradiction(clause, format string, arguments ...any) rules.Reason {
	return rules.Reason{Code: rules.Contradiction, Message: fmt.Sprintf(format, arguments...), Clause: clause}
}

func twice(clause string, modifiers []records.Modifier) []rules.Reason {
	var reasons []rules.Reason
	for i, modifier := range modifiers {
		if _, before := find(modifiers[:i], modifier.Term); before {
			reasons = append(reasons, contradiction(fmt.Sprintf("%s[%d]", clause, i), "%s stands there twice", modifier.Term))
		}
	}
	return reasons
}

func excluded(clause string, a records.Alternative) []rules.Reason {
	var reasons []rules.Reason
	say := func(wrong bool, format string, arguments ...any) {
		if wrong {
			reasons = append(reasons, contradiction(clause, format, arguments...))
		}
	}
	say(a.Permission == NoRestriction && len(a.Limits)+len(a.Duties) > 0, "NRES says that there is no restriction on use, and limits or duties restrict it: write GRU")
	say(a.Permission == OriginsOnly && has(a, NoOrigins), "POA permits only the study of origins, and NPOA excludes it")
	say(a.Permission == OriginsOnly && a.ClinicalCare, "POA permits only the study of origins, and clinical_care adds something else: write an alternative of its own")
	say(has(a, NonProfitUse) && has(a, NonProfitOrg), "NPUNCU says already what NPU says")
	say(has(a, NonProfitUse) && has(a, NonCommercialUse), "NPUNCU says already what NCU says")
	return reasons
}

// unusable tells when no recipient is left.
func unusable(clause string, a records.Alternative, recipients []string) []rules.Reason {
	may := func(institution string) bool {
		limit, ok := find(a.Limits, InstitutionsOnly)
		return (len(recipients) == 0 || slices.Contains(recipients, institution)) && (!ok || slices.Contains(limit.Institutions, institution))
	}
	if limit, ok := find(a.Limits, InstitutionsOnly); ok && !slices.ContainsFunc(limit.Institutions, may) {
		return []rules.Reason{contradiction(clause, "none of the institutions of IS is among the recipients: nobody could use it")}
	}
	limit, ok := find(a.Limits, UsersOnly)
	if ok && !slices.ContainsFunc(limit.Persons, func(person string) bool {
		institution, _, _ := records.SplitPerson(person)
		return may(institution)
	}) {
		return []rules.Reason{contradiction(clause, "none of the persons of US is of an institution that may ask: nobody could use it")}
	}
	return nil
}
