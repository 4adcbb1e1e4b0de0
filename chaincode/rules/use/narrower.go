package use

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// widerStatement says where a policy asks less of the statement than another.
func widerStatement(policy, than records.Policy, say func(clause, format string, arguments ...any)) {
	if policy.ExclusionPeriod() > than.ExclusionPeriod() {
		say("exclusion_period_seconds", "who withdrew is left out within %s, and before within %s", rules.Span(policy.ExclusionPeriod()), rules.Span(than.ExclusionPeriod()))
	}
	old, now := than.Deidentification, policy.Deidentification
	if old == nil {
		return
	}
	if now == nil {
		say("deidentification", "nothing is asked of the de-identification any more")
		return
	}
	if more := rules.Beyond(now.Terms, old.Terms); len(old.Terms) > 0 && (len(now.Terms) == 0 || len(more) > 0) {
		say("deidentification.terms", "other terms are accepted than %s", rules.List(old.Terms))
	}
	if old.Tables != nil && (now.Tables == nil || now.Tables.K < old.Tables.K || now.Tables.L < old.Tables.L) {
		say("deidentification.tables", "less is asked of tables than k = %d and l = %d", old.Tables.K, old.Tables.L)
	}
	if old.Images != nil && (now.Images == nil || old.Images.FacesRemoved && !now.Images.FacesRemoved || now.Images.CheckedAtLeast < old.Images.CheckedAtLeast) {
		say("deidentification.images", "less is asked of images")
	}
}

// compared are two policies of which one is to be shown to be the narrower.
type compared struct {
	narrow, wide records.Policy
	hierarchy    Hierarchy
	changed      []string
}

// Wider says why a policy is not proved to allow at most what another allows: every use, mode, recipient and duration. None means that it is proved. The proof is by
// rule, alternative by alternative: one that is narrower only by the sum of several others is not recognised. In the changed systems the two go by different versions of
// the hierarchy: then nothing says that what lies under a disease in the one lies under it in the other.
func Wider(policy, than records.Policy, hierarchy Hierarchy, changed ...string) []rules.Reason {
	var reasons []rules.Reason
	say := func(clause, format string, arguments ...any) {
		reasons = append(reasons, rules.Reason{Code: rules.NotNarrower, Message: fmt.Sprintf(format, arguments...), Clause: clause})
	}
	if more := rules.Beyond(policy.Modes, than.Modes); len(more) > 0 {
		say("modes", "delivery by %s was not allowed before", rules.List(more))
	}
	if len(than.Recipients) > 0 && len(policy.Recipients) == 0 {
		say("recipients", "any institution may ask, and before only %s", rules.List(than.Recipients))
	}
	if more := rules.Beyond(policy.Recipients, than.Recipients); len(than.Recipients) > 0 && len(more) > 0 {
		say("recipients", "%s could not ask before", rules.List(more))
	}
	if policy.MaxDurationSeconds > than.MaxDurationSeconds {
		say("max_duration_seconds", "%s allowed, and before at most %s", rules.Are(rules.Span(policy.MaxDurationSeconds)), rules.Span(than.MaxDurationSeconds))
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
			why = fmt.Sprintf(": it goes by another version of %s, in which other diseases may lie under the same term", rules.List(systems))
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
		return decideDiseases(wide.Diseases, narrow.Diseases, c.hierarchy).answer == rules.Permit
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
		return ok && len(rules.Beyond(values(own), values(m))) == 0
	}
}

func sameText(limit string) func(records.Alternative, records.Modifier, compared) bool {
	return func(narrow records.Alternative, m records.Modifier, _ compared) bool {
		own, ok := find(narrow.Limits, limit)
		return ok && own.Text == m.Text
	}
}
