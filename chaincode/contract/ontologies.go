package contract

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

// ontologyState is a version of a hierarchy, and which institutions go by it. What it holds is read from its index, which its digest covers; an institution's
// record says only that it goes by it, and where it has it from.
type ontologyState struct {
	System       string        `json:"system"`
	Digest       string        `json:"digest"`
	Version      string        `json:"version"`
	Terms        int64         `json:"terms"`
	Pages        int64         `json:"pages"`
	AdoptedBy    []string      `json:"adopted_by"`
	Institutions int64         `json:"institutions"`
	InForce      bool          `json:"in_force"`
	Records      []ledger.View `json:"records"`
}

// ontologyStateOf reads how a version stands. Only the records of registered institutions count.
//
// Refuses with NOT_FOUND when nobody published it, or its index is not on the ledger.
func ontologyStateOf(tx *ledger.Tx, system, digest string) (ontologyState, error) {
	adoptions, err := tx.Adoptions(system, digest)
	if err != nil {
		return ontologyState{}, err
	}
	if len(adoptions) == 0 {
		return ontologyState{}, refusal.New(refusal.NotFound, "no institution has published %s", records.OntologyID(system, digest))
	}
	return describe(tx, adoptions)
}

// describe tells how the version stands that these adoptions are all of.
func describe(tx *ledger.Tx, adoptions []*ledger.Sealed[records.Ontology]) (ontologyState, error) {
	body := adoptions[0].Record.Body
	index, err := mustIndex(tx, body.System, body.Index)
	if err != nil {
		return ontologyState{}, err
	}
	registered, err := tx.Registered()
	if err != nil {
		return ontologyState{}, err
	}
	state := ontologyState{
		System: body.System, Digest: body.Index, Version: index.Version, Terms: index.Terms, Pages: int64(len(index.Pages)),
		Institutions: int64(len(registered)),
	}
	for _, adoption := range adoptions {
		if slices.Contains(registered, adoption.Record.Owner) {
			state.AdoptedBy = append(state.AdoptedBy, adoption.Record.Owner)
		}
		state.Records = append(state.Records, adoption.View())
	}
	slices.Sort(state.AdoptedBy)
	state.InForce = rules.InForce(len(state.AdoptedBy), len(registered))
	return state, nil
}

// inForce finds the version of a system's hierarchy that is in force, the one published last when there are several. It is what queries mean without a digest;
// a decision names the digest that its policy was written with.
//
// Refuses with NOT_FOUND when none is in force.
func inForce(tx *ledger.Tx, system string) (ontologyState, error) { return inForceFor(tx, system, "") }

// inForceFor is the same among the versions that one institution has adopted itself, or among all when none is named: what its policies can pin. So not even a
// majority brings an owner's policies to go by a hierarchy that the owner's own chaincode did not verify, and its own steward did not adopt.
//
// Refuses with NOT_FOUND when there is none.
func inForceFor(tx *ledger.Tx, system, institution string) (ontologyState, error) {
	adoptions, err := tx.AdoptionsOf(system)
	if err != nil {
		return ontologyState{}, err
	}
	var latest ontologyState
	var published records.Time
	for from := 0; from < len(adoptions); {
		digest := adoptions[from].Record.Body.Index
		to := from + 1
		first := adoptions[from].Record.CreatedAt()
		for ; to < len(adoptions) && adoptions[to].Record.Body.Index == digest; to++ {
			first = min(first, adoptions[to].Record.CreatedAt())
		}
		state, err := describe(tx, adoptions[from:to])
		if err != nil && !refusal.Is(err, refusal.NotFound) {
			return ontologyState{}, err
		}
		if err == nil && state.InForce && first >= published && (institution == "" || slices.Contains(state.AdoptedBy, institution)) {
			latest, published = state, first
		}
		from = to
	}
	if latest.Digest == "" {
		return latest, refusal.New(refusal.NotFound, "no version of %s is in force", system).
			Hinting("more than half of the institutions, and at least %d, have to adopt the same version (ontology.list shows who did)", rules.MinAdopters)
	}
	return latest, nil
}

// chosenOntology is a system's hierarchy in one version, by default the one in force.
type chosenOntology struct {
	System string `json:"system"`
	Digest string `json:"digest"`
}

func (a chosenOntology) check(c *input.Checker) {
	c.HierarchySystem("system", a.System)
	if a.Digest != "" {
		c.Digest("digest", a.Digest)
	}
}

func (a chosenOntology) state(tx *ledger.Tx) (ontologyState, error) {
	if a.Digest != "" {
		return ontologyStateOf(tx, a.System, a.Digest)
	}
	return inForce(tx, a.System)
}

func getOntology(tx *ledger.Tx, a chosenOntology) (any, error) {
	state, err := a.state(tx)
	if err != nil {
		return nil, err
	}
	return state, nil
}

type ontologyFilter struct {
	pageArgument
	System string `json:"system"`
}

func (a ontologyFilter) check(c *input.Checker) {
	a.pageArgument.check(c)
	if a.System != "" {
		c.HierarchySystem("system", a.System)
	}
}

// listOntologies lists each version once: at the first of its adoptions.
func listOntologies(tx *ledger.Tx, a ontologyFilter) (any, error) {
	return listed(ledger.List(tx, records.Ontologies(a.System), a.page(), func(tx *ledger.Tx, adoption *ledger.Sealed[records.Ontology]) (any, bool, error) {
		body := adoption.Record.Body
		all, err := tx.Adoptions(body.System, body.Index)
		if err != nil {
			return nil, false, err
		}
		if len(all) == 0 || all[0].Key != adoption.Key {
			return nil, false, nil
		}
		state, err := describe(tx, all)
		if err != nil {
			return asForgery(adoption.Key, err)
		}
		return state, true, nil
	}))
}

type termArgument struct {
	chosenOntology
	Code string `json:"code"`
}

func (a termArgument) check(c *input.Checker) {
	a.chosenOntology.check(c)
	c.Require(records.IsTermCode(a.System, a.Code), "code", "it is not a code of %s, written without the system (like 0001816)", a.System)
}

type termAnswer struct {
	System      string        `json:"system"`
	Digest      string        `json:"digest"`
	Version     string        `json:"version"`
	InForce     bool          `json:"in_force"`
	Term        records.Term  `json:"term"`
	Replacement *records.Term `json:"replacement,omitzero"`
}

func getTerm(tx *ledger.Tx, a termArgument) (any, error) {
	state, err := a.state(tx)
	if err != nil {
		return nil, err
	}
	placed, err := place(tx, state.System, state.Digest, a.Code)
	if err != nil {
		return nil, err
	}
	if placed.Term == nil {
		return nil, refusal.New(refusal.NotFound, "there is no %s:%s in version %s", state.System, a.Code, state.Version)
	}
	return termAnswer{state.System, state.Digest, state.Version, state.InForce, *placed.Term, placed.Replacement}, nil
}

// place looks a term up in a version of its hierarchy, with its replacement when it is obsolete, for rules.LiesUnder: at most three reads.
//
// Refuses with NOT_FOUND when the version's pages are not on the ledger: then nothing can be decided from it.
func place(tx *ledger.Tx, system, digest, code string) (rules.Placed, error) {
	placed := rules.Placed{System: system, Code: code}
	var err error
	if placed.Term, err = tx.Term(system, digest, code); err != nil || placed.Term == nil {
		return placed, err
	}
	if placed.Term.ReplacedBy != "" {
		placed.Replacement, err = tx.Term(system, digest, placed.Term.ReplacedBy)
	}
	return placed, err
}

const maxAskedPages = 1_000

type missingArgument struct {
	SHA256 []string `json:"sha256"`
}

func (a missingArgument) check(c *input.Checker) {
	c.Require(a.SHA256 != nil, "sha256", "it is missing")
	c.List("sha256", a.SHA256, 0, maxAskedPages, c.Digest)
}

type missingAnswer struct {
	Missing []string `json:"missing"`
}

// missingPages tells which pages are not on the ledger, so that a load can be taken up where it was interrupted.
func missingPages(tx *ledger.Tx, a missingArgument) (any, error) {
	answer := missingAnswer{Missing: []string{}}
	for i, sha256 := range a.SHA256 {
		page, err := tx.OntologyPage(sha256)
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", i, err)
		}
		if page == nil {
			answer.Missing = append(answer.Missing, sha256)
		}
	}
	return answer, nil
}
