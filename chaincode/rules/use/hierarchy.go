package use

import (
	"fmt"
	"slices"
	"strings"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// MinAdopters is how many institutions at least must have adopted a hierarchy before it is in force: one alone never decides what counts as what.
const MinAdopters = 2

// InForce tells whether so many adopters are enough: more than half of the registered institutions, and more than one.
func InForce(adopters, registered int) bool {
	return adopters >= MinAdopters && adopters*2 > registered
}

// maxFaults is how many faults of a hierarchy are told.
const maxFaults = 20

// HierarchyFault is something that is wrong with a hierarchy, and at which term.
type HierarchyFault struct {
	Code    string `json:"term"`
	Message string `json:"message"`
}

// VerifyHierarchy looks at all terms of a hierarchy, in the order of its pages: codes sorted and each there once, every parent there, no cycle, ancestors exactly
// what lies above by the parents, an obsolete term without parents or children and its replacement there and not obsolete. It gives what is wrong, at most twenty faults; none means
// that the ancestors of a term can be relied on.
func VerifyHierarchy(terms []records.Term) []HierarchyFault {
	h := hierarchy{terms: terms, at: make(map[string]int, len(terms))}
	for i, term := range terms {
		if i > 0 && terms[i-1].Code >= term.Code {
			h.fault(i, "it does not come after %s: terms are sorted by code, and each is there once", terms[i-1].Code)
		}
		h.at[term.Code] = i
	}
	for i := range terms {
		h.links(i)
	}
	if h.faults != nil {
		return h.faults
	}
	order, cycle := h.fromTheTop()
	if cycle != nil {
		h.fault(h.at[cycle[0]], "it lies under itself: %s", strings.Join(append(cycle, cycle[0]), " is a "))
		return h.faults
	}
	for _, i := range order {
		h.closure(i)
	}
	return h.faults
}

type hierarchy struct {
	terms  []records.Term
	at     map[string]int // where each code stands in terms
	faults []HierarchyFault
}

func (h *hierarchy) fault(i int, format string, arguments ...any) {
	if len(h.faults) < maxFaults {
		h.faults = append(h.faults, HierarchyFault{h.terms[i].Code, fmt.Sprintf(format, arguments...)})
	}
}

// links checks whom a term names.
func (h *hierarchy) links(i int) {
	term := h.terms[i]
	if !ascending(term.Parents) || !ascending(term.Ancestors) {
		h.fault(i, "its parents or ancestors are not sorted, or one is there twice")
	}
	for _, parent := range term.Parents {
		switch at, known := h.at[parent]; {
		case !known:
			h.fault(i, "its parent %s is not there", parent)
		case h.terms[at].Obsolete:
			h.fault(i, "its parent %s is obsolete", parent)
		}
	}
	if !term.Obsolete {
		if term.ReplacedBy != "" {
			h.fault(i, "it is replaced and not obsolete")
		}
		return
	}
	if len(term.Parents) > 0 || len(term.Ancestors) > 0 {
		h.fault(i, "it is obsolete and has parents or ancestors")
	}
	if term.ReplacedBy != "" {
		if at, known := h.at[term.ReplacedBy]; !known || h.terms[at].Obsolete {
			h.fault(i, "its replacement %s is not there, or is obsolete itself", term.ReplacedBy)
		}
	}
}

// fromTheTop orders the terms so that each comes after its parents (Kahn 1962), or gives the codes of a cycle.
func (h *hierarchy) fromTheTop() (order []int, cycle []string) {
	waits := make([]int, len(h.terms)) // for so many parents that have no place yet
	children := make([][]int, len(h.terms))
	order = make([]int, 0, len(h.terms))
	for i, term := range h.terms {
		waits[i] = len(term.Parents)
		if waits[i] == 0 {
			order = append(order, i)
		}
		for _, parent := range term.Parents {
			children[h.at[parent]] = append(children[h.at[parent]], i)
		}
	}
	for next := 0; next < len(order); next++ {
		for _, child := range children[order[next]] {
			if waits[child]--; waits[child] == 0 {
				order = append(order, child)
			}
		}
	}
	if len(order) < len(h.terms) {
		return nil, h.cycle(waits)
	}
	return order, nil
}

// cycle climbs from a term that got no place to parents that got none either, until it meets itself.
func (h *hierarchy) cycle(waits []int) []string {
	stuck := func(i int) bool { return waits[i] > 0 }
	here := slices.IndexFunc(waits, func(n int) bool { return n > 0 })
	var path []string
	for {
		code := h.terms[here].Code
		if met := slices.Index(path, code); met >= 0 {
			return path[met:]
		}
		path = append(path, code)
		above := slices.IndexFunc(h.terms[here].Parents, func(parent string) bool { return stuck(h.at[parent]) })
		here = h.at[h.terms[here].Parents[above]]
	}
}

// closure checks a term's ancestors by those of its parents, which were checked before.
func (h *hierarchy) closure(i int) {
	term := h.terms[i]
	above := slices.Clone(term.Parents)
	for _, parent := range term.Parents {
		above = append(above, h.terms[h.at[parent]].Ancestors...)
	}
	slices.Sort(above)
	above = slices.Compact(above)
	if !slices.Equal(above, term.Ancestors) {
		h.fault(i, "its ancestors are not what lies above it by the parents: %s", difference(term.Ancestors, above))
	}
}

func difference(claimed, right []string) string {
	for _, code := range claimed {
		if !slices.Contains(right, code) {
			return code + " is too many"
		}
	}
	for _, code := range right {
		if !slices.Contains(claimed, code) {
			return code + " is missing"
		}
	}
	return "the same one is there twice"
}

func ascending(codes []string) bool {
	for i := 1; i < len(codes); i++ {
		if codes[i-1] >= codes[i] {
			return false
		}
	}
	return true
}

// Placed is a term as one version of its hierarchy has it, and its replacement when it is obsolete and has one. A nil Term is not in that version, unless it is lost: then
// nobody can tell, because the version is not whole on the ledger.
type Placed struct {
	System      string
	Code        string
	Term        *records.Term
	Replacement *records.Term
	Lost        bool
}

// acting is the term to judge by, and what is to be said about that.
func (p Placed) acting() (term *records.Term, remark string) {
	name := p.System + ":" + p.Code
	switch {
	case p.Term == nil:
		return nil, fmt.Sprintf("%s is not in this version of %s", name, p.System)
	case !p.Term.Obsolete:
		return p.Term, ""
	case p.Replacement == nil:
		return nil, fmt.Sprintf("%s is obsolete and no single term replaces it", name)
	}
	return p.Replacement, fmt.Sprintf("%s is obsolete; %s:%s replaces it", name, p.System, p.Replacement.Code)
}

// LiesUnder judges whether the asked term is the allowed one or lies under it, by one version of their system's hierarchy. What that version cannot say is for a
// person to judge. An obsolete term stands for its replacement, once, and the sentence says so.
func LiesUnder(asked, allowed Placed) (rules.Answer, string) {
	askedName, allowedName := asked.System+":"+asked.Code, allowed.System+":"+allowed.Code
	switch {
	case asked.System != allowed.System:
		return rules.Review, fmt.Sprintf("whether %s lies under %s, a term of another system, is for a person to judge", askedName, allowedName)
	case asked.Code == allowed.Code:
		return rules.Permit, askedName + " is the allowed term"
	}
	below, remark := asked.acting()
	above, other := allowed.acting()
	remarks := strings.Join(slices.DeleteFunc([]string{remark, other}, func(s string) bool { return s == "" }), "; ")
	if below == nil || above == nil {
		return rules.Review, fmt.Sprintf("whether %s lies under %s is for a person to judge: %s", askedName, allowedName, remarks)
	}
	if remarks != "" {
		remarks = " (" + remarks + ")"
	}
	if below.Code == above.Code {
		return rules.Permit, fmt.Sprintf("%s is %s%s", askedName, allowedName, remarks)
	}
	if _, lies := slices.BinarySearch(below.Ancestors, above.Code); lies {
		return rules.Permit, fmt.Sprintf("%s lies under %s%s", askedName, allowedName, remarks)
	}
	return rules.Deny, fmt.Sprintf("%s does not lie under %s%s", askedName, allowedName, remarks)
}

// SystemOf is the system of a disease term ("ICD10:C50").
func SystemOf(term string) string {
	system, _, _ := records.SplitDisease(term)
	return system
}
