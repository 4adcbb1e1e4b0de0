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

// decideDiseases permits when every disease that is asked for is an allowed one or lies under it. What cannot be judged because a hierarchy is not whole denies, and counts
// as lost unless another of the diseases denies by itself.
func decideDiseases(allowed, asked []string, hierarchy Hierarchy) finding {
	if len(asked) == 0 {
		return finding{answer: rules.Deny, message: "no disease is named"}
	}
	worst, remarks := finding{answer: rules.Permit}, []string{}
	above := spansOf(allowed)
	for _, term := range spansOf(asked) {
		got := decideDisease(above, term, hierarchy)
		if got.answer.Rank() < worst.answer.Rank() || got.answer == worst.answer && worst.lost && !got.lost {
			worst, remarks = got, nil
		}
		if got.answer == worst.answer && got.lost == worst.lost && got.message != "" {
			remarks = append(remarks, got.message)
		}
	}
	worst.message = strings.Join(remarks, "; ")
	if worst.answer == rules.Permit {
		worst.message = told("every disease asked for is an allowed one (DS) or lies under it", worst.message)
	}
	return worst
}

// decideDisease judges one term (or range) by the best of the allowed ones. In the ICD and KCD families a code covers the codes that begin with it, and a range
// the categories in it. MONDO and DOID go by the hierarchy that the policy was written with. Systems do not translate into each other: that is for a person to
// judge, never guessed.
func decideDisease(allowed []codes, asked codes, hierarchy Hierarchy) finding {
	if asked.system == "" {
		return finding{answer: rules.Deny, message: fmt.Sprintf("%q is not a disease term", asked.term)}
	}
	best := finding{answer: rules.Deny, message: asked.term + " is none of the allowed diseases and lies under none of them"}
	for _, term := range allowed {
		switch got := asked.liesUnder(term, hierarchy); {
		case got.answer == rules.Permit:
			return got
		case got.lost, got.answer == rules.Review && !best.lost:
			best = got
		}
	}
	return best
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

func (c codes) liesUnder(allowed codes, hierarchy Hierarchy) finding {
	switch {
	case allowed.system == "":
		return finding{answer: rules.Deny}
	case c.term == allowed.term:
		return finding{answer: rules.Permit}
	case c.system != allowed.system:
		return finding{answer: rules.Review, message: fmt.Sprintf("whether %s lies under %s, a term of another system, is for a person to judge", c.term, allowed.term)}
	case records.HasPrefixHierarchy(c.system):
		return c.within(allowed)
	}
	placed, known := hierarchy[c.term]
	above, alsoKnown := hierarchy[allowed.term]
	switch {
	case !known || !alsoKnown:
		return finding{answer: rules.Review, message: fmt.Sprintf("whether %s lies under %s is for a person to judge: the policy names no version of the hierarchy of %s", c.term, allowed.term, c.system)}
	case placed.Lost || above.Lost:
		return finding{answer: rules.Deny, lost: true, message: fmt.Sprintf("whether %s lies under %s cannot be seen: the version of %s that says it is not whole on the ledger", c.term, allowed.term, c.system)}
	}
	answer, why := LiesUnder(placed, above)
	return finding{answer: answer, message: why}
}

func (c codes) within(allowed codes) finding {
	last := c.to
	if last == "" {
		last = c.from
	}
	if allowed.to == "" {
		if c.to == "" && strings.HasPrefix(c.from, allowed.from) {
			return finding{answer: rules.Permit}
		}
		return finding{answer: rules.Deny}
	}
	// Categories such as M1A stand between two numbered ones, which the order of their letters does not tell: only the decade is sure.
	if c.from[2] > '9' {
		if c.from[:2] < allowed.from[:2] || c.from[:2] > allowed.to[:2] {
			return finding{answer: rules.Deny}
		}
		return finding{answer: rules.Review, message: fmt.Sprintf("whether %s lies in %s is for a person to judge: the classification does not list such categories in the order of their letters", c.term, allowed.term)}
	}
	if c.from[:3] < allowed.from || last[:3] > allowed.to {
		return finding{answer: rules.Deny}
	}
	return finding{answer: rules.Permit}
}
