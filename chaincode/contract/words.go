package contract

import (
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

type lintArgument struct {
	Policy *records.Policy `json:"policy"`
}

func (a lintArgument) check(c *input.Checker) {
	if a.Policy == nil {
		c.Fail("policy", "it is missing")
		return
	}
	c.Policy("policy", *a.Policy)
}

type lintAnswer struct {
	Words          []string              `json:"words"`
	Unmeetable     []rules.Reason        `json:"unmeetable"`
	Contradictions []rules.Reason        `json:"contradictions"`
	Ontologies     []records.OntologyRef `json:"ontologies"`
}

// lintPolicy says in words what a policy permits, and why it could not be set as the committees stand.
func lintPolicy(tx *ledger.Tx, a lintArgument) (any, error) {
	rosters, _, err := rostersOf(tx, *a.Policy)
	if err != nil {
		return nil, err
	}
	own, err := tx.InstitutionOfCaller()
	if err != nil {
		return nil, err
	}
	refs, err := pins(tx, own, *a.Policy)
	if err != nil {
		return nil, err
	}
	return lintAnswer{
		Words: rules.Words(*a.Policy), Unmeetable: rules.Unmeetable(*a.Policy, rosters, rules.Electorate{}, tx.Now()),
		Contradictions: rules.Contradictions(*a.Policy), Ontologies: refs,
	}, nil
}

type diffArgument struct {
	Dataset string `json:"dataset"`
	From    *int64 `json:"from"`
	To      *int64 `json:"to"`
}

func (a diffArgument) check(c *input.Checker) {
	c.Dataset("dataset", a.Dataset)
	c.Number("from", a.From)
	c.Number("to", a.To)
}

type diffAnswer struct {
	Dataset string   `json:"dataset"`
	From    int64    `json:"from"`
	To      int64    `json:"to"`
	Removed []string `json:"removed"`
	Added   []string `json:"added"`
	// Narrower tells whether the later is shown to allow at most what the earlier allows; Wider says why not.
	Narrower bool           `json:"narrower"`
	Wider    []rules.Reason `json:"wider"`
}

// diffPolicies compares two versions of a dataset's policy in words: by default the latest with the one before it.
func diffPolicies(tx *ledger.Tx, a diffArgument) (any, error) {
	head, err := latest(tx, a.Dataset)
	if err != nil {
		return nil, err
	}
	to := numberedName{a.Dataset, a.To}.or(head.Record.Body.LatestPolicy)
	from := numberedName{a.Dataset, a.From}.or(max(to-1, 1))
	before, err := mustPolicy(tx, a.Dataset, from)
	if err != nil {
		return nil, err
	}
	after, err := mustPolicy(tx, a.Dataset, to)
	if err != nil {
		return nil, err
	}
	old, new := before.Record.Body.Policy, after.Record.Body.Policy
	hierarchy, err := placed(tx, after.Record.Body.Ontologies, diseasesOf(new), diseasesOf(old))
	if err != nil {
		return nil, err
	}
	answer := diffAnswer{Dataset: a.Dataset, From: from, To: to, Wider: rules.Wider(new, old, hierarchy)}
	answer.Removed, answer.Added = rules.Differences(old, new)
	answer.Narrower = len(answer.Wider) == 0
	return answer, nil
}
