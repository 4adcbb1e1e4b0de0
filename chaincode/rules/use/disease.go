package use

import (
	"fmt"
	"strings"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// Hierarchy places terms of MONDO and DOID, by their full name ("MONDO:0007254"), in the version that a policy was written with. A term that is not in it is
// for a person to judge.
type Hierarchy map[string]Placed

// decideDiseases permits when every disease that is asked for is an allowed one or lies under it.
func decideDiseases(allowed, asked []string, hierarchy Hierarchy) (rules.Answer, string) {
	if len(asked) == 0 {
		return rules.Deny, "no disease is named"
	}
	answer, remarks := rules.Permit, []string{}
	above := spansOf(allowed)
	for _, term := range spansOf(asked) {
		got, why := decideDisease(above, term, hierarchy)
		if got.Rank() < answer.Rank() {
			answer, remarks = got, nil
		}
		if got == answer && why != "" {
			remarks = append(remarks, why)
		}
	}
	if answer == rules.Permit {
		return answer, told("every disease asked for is an allowed one (DS) or lies under it", strings.Join(remarks, "; "))
	}
	return answer, strings.Join(remarks, "; ")
}

// decideDisease judges one term (or range) by the best of the allowed ones. In the ICD and KCD families a code covers the codes that begin with it, and a range
// the categories in it. MONDO and DOID go by the hierarchy that the policy was written with. Systems do not translate into each other: that is for a person to
// judge, never guessed.
func decideDisease(allowed []codes, asked codes, hierarchy Hierarchy) (rules.Answer, string) {
	if asked.system == "" {
		return rules.Deny, fmt.Sprintf("%q is not a disease term", asked.term)
	}
	unsure := ""
	for _, term := range allowed {
		switch answer, why := asked.liesUnder(term, hierarchy); answer {
		case rules.Permit:
			return rules.Permit, why
		case rules.Review:
			unsure = why
		}
	}
	if unsure != "" {
		return rules.Review, unsure
	}
	return rules.Deny, asked.term + " is none of the allowed diseases and lies under none of them"
}

// codes is a term as it is compared: one code without its dot, or a range of three-character categories. What is no term has no system.
type codes struct{ term, system, from, to string }

func spansOf(terms []string) []codes {
	spans := make([]codes, 0, len(terms))
	for _, term := range terms {
		span := codes{term: term}
		if system, code, ok := records.SplitDisease(term); ok {
			span.system, span.from = system, strings.ReplaceAll(code, ".", "")
		} else if system, from, to, ok := records.SplitDiseaseRange(term); ok {
			span.system, span.from, span.to = system, from, to
		}
		spans = append(spans, span)
	}
	return spans
}

func (c codes) liesUnder(allowed codes, hierarchy Hierarchy) (rules.Answer, string) {
	switch {
	case allowed.system == "":
		return rules.Deny, ""
	case c.term == allowed.term:
		return rules.Permit, ""
	case c.system != allowed.system:
		return rules.Review, fmt.Sprintf("whether %s lies under %s, a term of another system, is for a person to judge", c.term, allowed.term)
	case records.HasPrefixHierarchy(c.system):
		return c.within(allowed)
	}
	placed, known := hierarchy[c.term]
	above, alsoKnown := hierarchy[allowed.term]
	if !known || !alsoKnown {
		return rules.Review, fmt.Sprintf("whether %s lies under %s is for a person to judge: the policy names no version of the hierarchy of %s", c.term, allowed.term, c.system)
	}
	return LiesUnder(placed, above)
}

func (c codes) within(allowed codes) (rules.Answer, string) {
	last := c.to
	if last == "" {
		last = c.from
	}
	if allowed.to == "" {
		if c.to == "" && strings.HasPrefix(c.from, allowed.from) {
			return rules.Permit, ""
		}
		return rules.Deny, ""
	}
	// Categories such as M1A stand between two numbered ones, which the order of their letters does not tell: only the decade is sure.
	if c.from[2] > '9' {
		if c.from[:2] < allowed.from[:2] || c.from[:2] > allowed.to[:2] {
			return rules.Deny, ""
		}
		return rules.Review, fmt.Sprintf("whether %s lies in %s is for a person to judge: the classification does not list such categories in the order of their letters", c.term, allowed.term)
	}
	if c.from[:3] < allowed.from || last[:3] > allowed.to {
		return rules.Deny, ""
	}
	return rules.Permit, ""
}
