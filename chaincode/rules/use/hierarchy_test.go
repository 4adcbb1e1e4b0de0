package use_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/use"
)

// tree is a small hierarchy: D has two parents, X is obsolete and D replaces it, Y is obsolete and nothing does.
//
//	  A
//	 / \
//	B   C
//	 \ / \
//	  D   E
func tree() []records.Term {
	return []records.Term{
		{Code: "A", Name: "disease", Parents: []string{}, Ancestors: []string{}},
		{Code: "B", Parents: []string{"A"}, Ancestors: []string{"A"}},
		{Code: "C", Parents: []string{"A"}, Ancestors: []string{"A"}},
		{Code: "D", Parents: []string{"B", "C"}, Ancestors: []string{"A", "B", "C"}},
		{Code: "E", Parents: []string{"C"}, Ancestors: []string{"A", "C"}},
		{Code: "X", Obsolete: true, ReplacedBy: "D"},
		{Code: "Y", Obsolete: true},
	}
}

func TestVerifyHierarchy(t *testing.T) {
	for _, c := range []struct {
		says   string
		change func(terms []records.Term) []records.Term
		term   string // the term that is named; empty: nothing is wrong
		why    string
	}{
		{"a hierarchy", func(h []records.Term) []records.Term { return h }, "", ""},
		{"no terms", func([]records.Term) []records.Term { return nil }, "", ""},
		{"wrong order", func(h []records.Term) []records.Term { h[1], h[2] = h[2], h[1]; return h }, "B", "does not come after C"},
		{"a page swapped with another", func(h []records.Term) []records.Term { return append(slices.Clone(h[3:]), h[:3]...) }, "A", "does not come after Y"},
		{"a page twice", func(h []records.Term) []records.Term { return append(h, h[5:]...) }, "X", "does not come after Y"},
		{"a code twice", func(h []records.Term) []records.Term { h[4].Code = "D"; return h }, "D", "does not come after D"},
		{"a page left out", func(h []records.Term) []records.Term { return slices.Delete(h, 1, 2) }, "D", "parent B is not there"},
		{"a parent that is not there", func(h []records.Term) []records.Term { h[4].Parents = []string{"CC"}; return h }, "E", "parent CC is not there"},
		{"parents out of order", func(h []records.Term) []records.Term { h[3].Parents = []string{"C", "B"}; return h }, "D", "not sorted"},
		{"an ancestor twice", func(h []records.Term) []records.Term { h[4].Ancestors = []string{"A", "C", "C"}; return h }, "E", "not sorted"},
		{"its own parent", func(h []records.Term) []records.Term { h[1].Parents = []string{"A", "B"}; return h }, "B", "B is a B"},
		{"a cycle of three", func(h []records.Term) []records.Term { h[0].Parents = []string{"D"}; return h }, "A", "A is a D is a B is a A"},
		{"a cycle that claims nothing", func(h []records.Term) []records.Term {
			h[1].Parents, h[1].Ancestors = []string{"D"}, []string{"B", "D"}
			h[3].Parents, h[3].Ancestors = []string{"B"}, []string{"B", "D"}
			return h
		}, "B", "lies under itself"},
		{"everything is a cancer: an ancestor too many", func(h []records.Term) []records.Term { h[4].Ancestors = []string{"A", "B", "C"}; return h }, "E", "B is too many"},
		{"itself an ancestor", func(h []records.Term) []records.Term { h[4].Ancestors = []string{"A", "C", "E"}; return h }, "E", "E is too many"},
		{"an ancestor missing", func(h []records.Term) []records.Term { h[3].Ancestors = []string{"A", "B"}; return h }, "D", "C is missing"},
		{"an unknown ancestor", func(h []records.Term) []records.Term { h[1].Ancestors = []string{"A", "Q"}; return h }, "B", "Q is too many"},
		{"an obsolete parent", func(h []records.Term) []records.Term { h[4].Parents = []string{"C", "X"}; return h }, "E", "parent X is obsolete"},
		{"obsolete with a parent", func(h []records.Term) []records.Term { h[5].Parents = []string{"A"}; return h }, "X", "obsolete and has parents"},
		{"obsolete with ancestors", func(h []records.Term) []records.Term { h[6].Ancestors = []string{"A"}; return h }, "Y", "obsolete and has parents"},
		{"replaced by nothing there", func(h []records.Term) []records.Term { h[5].ReplacedBy = "Q"; return h }, "X", "replacement Q is not there"},
		{"replaced by an obsolete one", func(h []records.Term) []records.Term { h[5].ReplacedBy = "Y"; return h }, "X", "obsolete itself"},
		{"replaced by itself", func(h []records.Term) []records.Term { h[5].ReplacedBy = "X"; return h }, "X", "obsolete itself"},
		{"replaced and not obsolete", func(h []records.Term) []records.Term { h[4].ReplacedBy = "D"; return h }, "E", "replaced and not obsolete"},
	} {
		faults := use.VerifyHierarchy(c.change(tree()))
		if c.term == "" {
			if faults != nil {
				t.Errorf("%s: %v", c.says, faults)
			}
			continue
		}
		if !slices.ContainsFunc(faults, func(f use.HierarchyFault) bool {
			return f.Code == c.term && strings.Contains(f.Message, c.why)
		}) {
			t.Errorf("%s: %v", c.says, faults)
		}
	}
}

func TestFaultsAreBounded(t *testing.T) {
	var terms []records.Term
	for i := range 1000 {
		terms = append(terms, records.Term{Code: fmt.Sprintf("%04d", i), Parents: []string{"Q"}})
	}
	if faults := use.VerifyHierarchy(terms); len(faults) != 20 {
		t.Fatal(len(faults))
	}
}

// grown makes a hierarchy of n terms in which a term's parents are among those that a random order puts before it, and tells what lies above each.
func grown(random *rand.Rand, n int) ([]records.Term, map[string]map[string]bool) {
	terms := make([]records.Term, n)
	above := map[string]map[string]bool{}
	order := random.Perm(n)
	for at, i := range order {
		code := fmt.Sprintf("%05d", i)
		mine := map[string]bool{}
		parents := map[string]bool{}
		for range random.IntN(4) {
			if at > 0 {
				parents[fmt.Sprintf("%05d", order[random.IntN(at)])] = true
			}
		}
		for parent := range parents {
			mine[parent] = true
			for far := range above[parent] {
				mine[far] = true
			}
		}
		above[code] = mine
		terms[i] = records.Term{Code: code, Parents: sorted(parents), Ancestors: sorted(mine)}
	}
	return terms, above
}

func sorted(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for code := range set {
		list = append(list, code)
	}
	slices.Sort(list)
	return list
}

// Whatever hierarchy is grown is accepted, its ancestors say what lies under what, and whatever single thing is changed in it is found.
func TestGrownHierarchies(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test that can be repeated
		terms, above := grown(random, 2+random.IntN(60))
		if faults := use.VerifyHierarchy(terms); faults != nil {
			t.Fatalf("seed %d: %v", seed, faults)
		}
		for range 20 {
			x, y := &terms[random.IntN(len(terms))], &terms[random.IntN(len(terms))]
			answer, why := use.LiesUnder(use.Placed{System: "MONDO", Code: x.Code, Term: x}, use.Placed{System: "MONDO", Code: y.Code, Term: y})
			if want := x.Code == y.Code || above[x.Code][y.Code]; (answer == rules.Permit) != want || answer == rules.Review {
				t.Fatalf("seed %d: %s under %s: %s (%s)", seed, x.Code, y.Code, answer, why)
			}
		}
		for name, spoil := range map[string]func(term *records.Term) bool{
			"an ancestor dropped": func(term *records.Term) bool {
				if len(term.Ancestors) == 0 {
					return false
				}
				at := random.IntN(len(term.Ancestors))
				term.Ancestors = slices.Delete(slices.Clone(term.Ancestors), at, at+1)
				return true
			},
			"an ancestor added": func(term *records.Term) bool {
				code := terms[random.IntN(len(terms))].Code
				if slices.Contains(term.Ancestors, code) {
					return false
				}
				term.Ancestors = append(slices.Clone(term.Ancestors), code)
				slices.Sort(term.Ancestors)
				return true
			},
			"a parent that lies below": func(term *records.Term) bool {
				below := slices.IndexFunc(terms, func(other records.Term) bool { return above[other.Code][term.Code] })
				if below < 0 {
					return false
				}
				term.Parents = append(slices.Clone(term.Parents), terms[below].Code)
				slices.Sort(term.Parents)
				return true
			},
			"obsolete": func(term *records.Term) bool {
				term.Obsolete = true
				lone := len(term.Parents) == 0 && !slices.ContainsFunc(terms, func(other records.Term) bool { return slices.Contains(other.Parents, term.Code) })
				return !lone
			},
		} {
			at := random.IntN(len(terms))
			was := terms[at]
			if spoil(&terms[at]) && use.VerifyHierarchy(terms) == nil {
				t.Fatalf("seed %d: %s at %s is not found", seed, name, was.Code)
			}
			terms[at] = was
		}
	}
}

func TestLiesUnder(t *testing.T) {
	terms := tree()
	place := func(name string) use.Placed {
		system, code, _ := strings.Cut(name, ":")
		placed := use.Placed{System: system, Code: code}
		at := slices.IndexFunc(terms, func(term records.Term) bool { return term.Code == code })
		if at >= 0 && system == "DOID" {
			placed.Term = &terms[at]
			if by := terms[at].ReplacedBy; by != "" {
				placed.Replacement = &terms[slices.IndexFunc(terms, func(term records.Term) bool { return term.Code == by })]
			}
		}
		return placed
	}
	for _, c := range []struct {
		asked, allowed string
		want           rules.Answer
		why            string
	}{
		{"DOID:D", "DOID:D", rules.Permit, "is the allowed term"},
		{"DOID:D", "DOID:B", rules.Permit, "DOID:D lies under DOID:B"},
		{"DOID:D", "DOID:C", rules.Permit, "lies under"},
		{"DOID:D", "DOID:A", rules.Permit, "lies under"},
		{"DOID:E", "DOID:B", rules.Deny, "does not lie under"},
		{"DOID:A", "DOID:B", rules.Deny, "does not lie under"},
		{"DOID:X", "DOID:B", rules.Permit, "DOID:X is obsolete; DOID:D replaces it"},
		{"DOID:X", "DOID:D", rules.Permit, "DOID:X is DOID:D (DOID:X is obsolete"},
		{"DOID:X", "DOID:E", rules.Deny, "DOID:D replaces it"},
		{"DOID:X", "DOID:X", rules.Permit, "is the allowed term"},
		{"DOID:D", "DOID:X", rules.Permit, "DOID:X is obsolete; DOID:D replaces it"},
		{"DOID:Y", "DOID:A", rules.Review, "no single term replaces it"},
		{"DOID:D", "DOID:Y", rules.Review, "no single term replaces it"},
		{"DOID:Y", "DOID:Y", rules.Permit, "is the allowed term"},
		{"DOID:Q", "DOID:A", rules.Review, "DOID:Q is not in this version of DOID"},
		{"DOID:D", "DOID:Q", rules.Review, "DOID:Q is not in this version of DOID"},
		{"DOID:D", "MONDO:D", rules.Review, "another system"},
	} {
		if got, why := use.LiesUnder(place(c.asked), place(c.allowed)); got != c.want || !strings.Contains(why, c.why) {
			t.Errorf("%s under %s: %s (%s)", c.asked, c.allowed, got, why)
		}
	}
}

func TestInForce(t *testing.T) {
	for _, c := range []struct {
		adopters, registered int
		want                 bool
	}{{0, 0, false}, {1, 0, false}, {1, 1, false}, {1, 2, false}, {2, 2, true}, {1, 3, false}, {2, 3, true}, {2, 4, false}, {3, 4, true}, {3, 5, true}} {
		if got := use.InForce(c.adopters, c.registered); got != c.want {
			t.Errorf("%d of %d: %v", c.adopters, c.registered, got)
		}
	}
}

func BenchmarkVerifyHierarchy(b *testing.B) {
	terms, _ := grown(rand.New(rand.NewPCG(1, 1)), 2000) //nolint:gosec // a benchmark that can be repeated
	for b.Loop() {
		if use.VerifyHierarchy(terms) != nil {
			b.Fatal()
		}
	}
}
