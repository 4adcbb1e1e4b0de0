package use

import (
	"fmt"
	"slices"
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
	switch {
	case allowed.to == "" && c.to == "" && strings.HasPrefix(c.from, allowed.from):
		return finding{answer: rules.Permit}
	case allowed.to == "":
		return finding{answer: rules.Deny}
	case c.to == "":
		return c.told(allowed, allowed.holds(c.from[:3]))
	}
	// A range that begins or ends in a letter is sure to lie in another only where that one begins or ends so.
	answer := rules.Permit
	for _, end := range [][2]string{{c.from, allowed.from}, {c.to, allowed.to}} {
		found := allowed.holds(end[0])
		if found == rules.Permit && !records.IsNumbered(end[0]) && end[0] != end[1] {
			found = rules.Review
		}
		if found.Rank() < answer.Rank() {
			answer = found
		}
	}
	return c.told(allowed, answer)
}

func (c codes) told(allowed codes, answer rules.Answer) finding {
	if answer != rules.Review {
		return finding{answer: answer}
	}
	return finding{answer: answer, message: fmt.Sprintf("whether %s lies in %s is for a person to judge: the classification does not list categories with a letter in the order of their letters", c.term, allowed.term)}
}

// holds judges whether a category lies in a range. A category such as M1A stands between two numbered ones, and its letter does not tell between which: only its decade is sure,
// or that the range names it.
func (c codes) holds(category string) rules.Answer {
	switch {
	case category == c.from || category == c.to:
		return rules.Permit
	case category[1] > '9' && c.from[0] <= category[0] && category[0] <= c.to[0]:
		return rules.Review // QA0: not even the decade
	case category[:2] < c.from[:2] || category[:2] > c.to[:2]:
		return rules.Deny
	case !records.IsNumbered(category):
		return rules.Review
	case records.IsNumbered(c.from) && category < c.from || records.IsNumbered(c.to) && category > c.to:
		return rules.Deny
	case !records.IsNumbered(c.from) && category[:2] == c.from[:2], category[:2] == c.to[:2] && !records.IsNumbered(c.to) && !slices.Contains(endsDecade, c.to):
		return rules.Review
	}
	return rules.Permit
}

// endsDecade lists the categories of ICD-10-CM with a letter that stand behind every numbered one of their decade. Blocks and chapters end in them as they are printed (I10-I1A, I30-I5A, J40-J4A,
// O00-O9A). The edition is that of the fiscal year 2026; one that is not here yet is for a person to judge.
var endsDecade = []string{"I1A", "I5A", "J4A", "O9A"}
