package catalog

import (
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/use"
)

// unmet says why nobody could ever be granted access by a policy as the committees stand; and, as a warning, who of those that it names as recipients could not.
func unmet(tx *ledger.Tx, policy records.Policy, rosters map[string]review.Roster) (reasons, warnings []rules.Reason) {
	reasons = review.Unmeetable(policy, rosters, review.Electorate{}, tx.Now())
	shut, nobody := use.ShutOut(policy)
	if nobody {
		return append(reasons, shut...), nil
	}
	return reasons, shut
}

type lintArgument struct {
	Policy *records.Policy `json:"policy"`
}

func (a lintArgument) Check(c *input.Checker) {
	c.Given(a.Policy != nil, "policy")
	if a.Policy != nil {
		c.Policy("policy", *a.Policy)
	}
}

type lintAnswer struct {
	Words          []string              `json:"words"`
	Unmeetable     []rules.Reason        `json:"unmeetable"`
	Contradictions []rules.Reason        `json:"contradictions"`
	Ontologies     []records.OntologyRef `json:"ontologies"`
	// Warnings keep no policy from being set: recipients who could never be granted access, and institutions that have no record.
	Warnings []rules.Reason `json:"warnings"`
}

// lintPolicy says in words what a policy permits, why it could not be set as the committees stand, and what in it is perhaps not meant.
func lintPolicy(tx *ledger.Tx, a lintArgument) (any, error) {
	rosters, _, err := evidence.ReadRosters(tx, *a.Policy)
	if err != nil {
		return nil, err
	}
	own, err := tx.InstitutionOfCaller()
	if err != nil {
		return nil, err
	}
	refs, err := evidence.PinVersions(tx, own, *a.Policy)
	if err != nil {
		return nil, err
	}
	registered, err := evidence.ReadRegistered(tx)
	if err != nil {
		return nil, err
	}
	reasons, warnings := unmet(tx, *a.Policy, rosters)
	return lintAnswer{
		Words: use.Words(*a.Policy), Unmeetable: reasons, Contradictions: use.Contradictions(*a.Policy), Ontologies: refs,
		Warnings: append(warnings, review.Unregistered(*a.Policy, rosters, registered)...),
	}, nil
}
