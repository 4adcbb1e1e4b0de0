package rules

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
)

// compared are two policies of which one is to be shown to be the narrower.
type compared struct {
	narrow, wide records.Policy
	hierarchy    Hierarchy
	changed      []string
}

// Wider says why a policy is not proved to allow at most what another allows: every use, mode, recipient and duration. None means that it is proved. The proof is by
// rule, alternative by alternative: one that is narrower only by the sum of several others is not recognised. In the changed systems the two go by different versions of
// the hierarchy: then nothing says that what lies under a disease in the one lies under it in the other.
func Wider(policy, than records.Policy, hierarchy Hierarchy, changed ...string) []Reason {
	var reasons []Reason
	say := func(clause, format string, arguments ...any) {
		reasons = append(reasons, Reason{Code: NotNarrower, Message: fmt.Sprintf(format, arguments...), Clause: clause})
	}
	if more := beyond(policy.Modes, than.Modes); len(more) > 0 {
		say("modes", "delivery by %s was not allowed before", list(more))
	}
	if len(than.Recipients) > 0 && len(policy.Recipients) == 0 {
		say("recipients", "any institution may ask, and before only %s", list(than.Recipients))
	}
	if more := beyond(policy.Recipients, than.Recipients); len(than.Recipients) > 0 && len(more) > 0 {
		say("recipients", "%s could not ask before", list(more))
	}
	if policy.MaxDurationSeconds > than.MaxDurationSeconds {
		say("max_duration_seconds", "%s allowed, and before at most %s", are(span(policy.MaxDurationSeconds)), span(than.MaxDurationSeconds))
	}
	if policy.Automatic && !than.Automatic {
		say("automatic", "what is permitted is approved without asking anybody, and before people were asked")
	}
	widerStatement(policy, than, say)
	both := compared{policy, than, hierarchy, changed}
	for i, alternative := range policy.Use {
		if slices.ContainsFunc(than.Use, func(old records.Alternative) bool { return atMost(alternative, old, both) }) {
			continue
		}
		why := ""
		if systems := both.reversioned(alternative); len(systems) > 0 {
			why = fmt.Sprintf(": it goes by another version of %s, in which other diseases may lie under the same term", list(systems))
		}
		say(fmt.Sprintf("use[%d]", i), "no alternative of the policy before is shown to allow all that this one allows%s", why)
	}
	return reasons
}

// reversioned are the systems of an alternative's diseases that the two policies see by different versions.
func (c compared) reversioned(alternative records.Alternative) []string {
	return slices.DeleteFunc(slices.Clone(c.changed), func(system string) bool {
		return !slices.ContainsFunc(spansOf(alternative.Diseases), func(term codes) bool { return term.system == system })
	})
}

// atMost tells whether every use that one alternative permits, or leaves to people, the other does not treat worse.
func atMost(narrow, wide records.Alternative, c compared) bool {
	if wide.Permission == NoRestriction {
		return true
	}
	if narrow.ClinicalCare && !wide.ClinicalCare || !permissionWithin(narrow, wide, c) {
		return false
	}
	for _, limit := range wide.Limits {
		term, ok := TermOf(limit.Term)
		if !ok || term.covers == nil || !term.covers(narrow, limit, c) {
			return false
		}
	}
	return true
}

func permissionWithin(narrow, wide records.Alternative, c compared) bool {
	switch wide.Permission {
	case GeneralResearch:
		return narrow.Permission != NoRestriction
	case HealthMedical:
		return narrow.Permission == HealthMedical || narrow.Permission == DiseaseSpecific
	case DiseaseSpecific:
		if narrow.Permission != DiseaseSpecific || len(c.reversioned(narrow)) > 0 {
			return false
		}
		answer, _ := decideDiseases(wide.Diseases, narrow.Diseases, c.hierarchy)
		return answer == Permit
	}
	return narrow.Permission == wide.Permission
}

func hasToo(any ...string) func(records.Alternative, records.Modifier, compared) bool {
	return func(narrow records.Alternative, _ records.Modifier, _ compared) bool {
		return slices.ContainsFunc(any, func(limit string) bool { return has(narrow, limit) })
	}
}

func inside(limit string, values func(records.Modifier) []string) func(records.Alternative, records.Modifier, compared) bool {
	return func(narrow records.Alternative, m records.Modifier, _ compared) bool {
		own, ok := find(narrow.Limits, limit)
		return ok && len(beyond(values(own), values(m))) == 0
	}
}

func sameText(limit string) func(records.Alternative, records.Modifier, compared) bool {
	return func(narrow records.Alternative, m records.Modifier, _ compared) bool {
		own, ok := find(narrow.Limits, limit)
		return ok && own.Text == m.Text
	}
}
