package ontology

import (
	"fmt"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// chosenOntology is a system's hierarchy in one version, by default the one in force.
type chosenOntology struct {
	System string `json:"system"`
	Digest string `json:"digest"`
}

func (a chosenOntology) Check(c *input.Checker) {
	c.HierarchySystem("system", a.System)
	c.Optional("digest", a.Digest, c.Digest)
}

func (a chosenOntology) state(tx *ledger.Tx) (evidence.OntologyState, error) {
	if a.Digest != "" {
		return evidence.ReadOntology(tx, a.System, a.Digest)
	}
	return evidence.InForce(tx, a.System)
}

func getOntology(tx *ledger.Tx, a chosenOntology) (any, error) {
	state, err := a.state(tx)
	if err != nil {
		return nil, err
	}
	return state, nil
}

type ontologyFilter struct {
	transaction.Page
	System string `json:"system"`
}

func (a ontologyFilter) Check(c *input.Checker) {
	a.Page.Check(c)
	c.Optional("system", a.System, c.HierarchySystem)
}

// listOntologies lists each version once: at the first of its adoptions.
func listOntologies(tx *ledger.Tx, a ontologyFilter) (any, error) {
	return transaction.Listed(ledger.List(tx, records.Ontologies(a.System), a.Of(), func(tx *ledger.Tx, adoption *ledger.Sealed[records.Ontology]) (any, bool, error) {
		body := adoption.Record.Body
		all, err := evidence.ReadAdoptions(tx, body.System, body.Index)
		if err != nil {
			return nil, false, err
		}
		if len(all) == 0 || all[0].Key != adoption.Key {
			return nil, false, nil
		}
		state, err := evidence.DescribeOntology(tx, all)
		if err != nil {
			return transaction.AsForgery(adoption.Key, err)
		}
		return state, true, nil
	}))
}

type termArgument struct {
	chosenOntology
	Code string `json:"code"`
}

func (a termArgument) Check(c *input.Checker) {
	a.chosenOntology.Check(c)
	c.TermCode("code", a.System, a.Code)
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
	placed, err := evidence.PlaceTerm(tx, state.System, state.Digest, a.Code)
	if err != nil {
		return nil, err
	}
	if placed.Term == nil {
		return nil, refusal.New(refusal.NotFound, "there is no %s:%s in version %s", state.System, a.Code, state.Version)
	}
	return termAnswer{state.System, state.Digest, state.Version, state.InForce, *placed.Term, placed.Replacement}, nil
}

const maxAskedPages = 1_000

type missingArgument struct {
	SHA256 []string `json:"sha256"`
}

func (a missingArgument) Check(c *input.Checker) {
	c.Given(a.SHA256 != nil, "sha256")
	c.List("sha256", a.SHA256, 0, maxAskedPages, c.Digest)
}

type missingAnswer struct {
	Missing []string `json:"missing"`
}

// missingPages tells which pages are not on the ledger for good, so that a load can be taken up where it was interrupted.
func missingPages(tx *ledger.Tx, a missingArgument) (any, error) {
	answer := missingAnswer{Missing: []string{}}
	for i, sha256 := range a.SHA256 {
		page, err := evidence.PageForGood(tx, sha256)
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", i, err)
		}
		if page == nil {
			answer.Missing = append(answer.Missing, sha256)
		}
	}
	return answer, nil
}
