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
	// Warnings keep no policy from being set: recipients who could never be granted access, and institutions that have no record.
	Warnings []rules.Reason `json:"warnings"`
}

// lintPolicy says in words what a policy permits, why it could not be set as the committees stand, and what in it is perhaps not meant.
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
	registered, err := tx.Registered()
	if err != nil {
		return nil, err
	}
	reasons, warnings := unmet(tx, *a.Policy, rosters)
	return lintAnswer{
		Words: rules.Words(*a.Policy), Unmeetable: reasons, Contradictions: rules.Contradictions(*a.Policy), Ontologies: refs,
		Warnings: append(warnings, rules.Unregistered(*a.Policy, rosters, registered)...),
	}, nil
}

type diffArgument struct {
	Dataset string          `json:"dataset"`
	From    *int64          `json:"from"`
	To      *int64          `json:"to"`
	Policy  *records.Policy `json:"policy"`
}

func (a diffArgument) check(c *input.Checker) {
	c.Dataset("dataset", a.Dataset)
	c.Number("from", a.From)
	c.Number("to", a.To)
	if a.Policy != nil {
		c.Require(a.To == nil, "to", "it is a version of the policy that stands: give either policy or to")
		c.Policy("policy", *a.Policy)
	}
}

type diffAnswer struct {
	Dataset string `json:"dataset"`
	From    int64  `json:"from"`
	// To is not there when the later one is not set yet.
	To      int64    `json:"to,omitzero"`
	Removed []string `json:"removed"`
	Added   []string `json:"added"`
	// Narrower tells whether the later is shown to allow at most what the earlier allows; Wider says why not.
	Narrower bool           `json:"narrower"`
	Wider    []rules.Reason `json:"wider"`
	// Existing tells of the latest policy compared with an earlier one, or of one that is not set yet, whether it could apply to existing grants.
	Existing *existingAnswer `json:"existing,omitzero"`
}

type existingAnswer struct {
	// Than are the numbers of the policies that it has to be narrower than for that.
	Than     []int64        `json:"than"`
	Narrower bool           `json:"narrower"`
	Wider    []rules.Reason `json:"wider"`
}

// diffPolicies compares two versions of a dataset's policy in words: by default the latest with the one before it; or one that is not set yet with the latest.
func diffPolicies(tx *ledger.Tx, a diffArgument) (any, error) {
	head, err := latest(tx, a.Dataset)
	if err != nil {
		return nil, err
	}
	after, from, err := a.versions(tx, head.Record.Body)
	if err != nil {
		return nil, err
	}
	before, err := mustPolicy(tx, a.Dataset, from)
	if err != nil {
		return nil, err
	}
	old, new := before.Record.Body.Policy, after.Policy
	hierarchy, err := placed(tx, after.Ontologies, diseasesOf(new), diseasesOf(old))
	if err != nil {
		return nil, err
	}
	answer := diffAnswer{Dataset: a.Dataset, From: from, Wider: rules.Wider(new, old, hierarchy, changedVersions(after, before.Record.Body)...)}
	if a.Policy == nil {
		answer.To = after.Version
	}
	answer.Removed, answer.Added = rules.Differences(old, new)
	for _, system := range changedVersions(after, before.Record.Body) {
		answer.Removed = append(answer.Removed, goesBy(before.Record.Body, system)...)
		answer.Added = append(answer.Added, goesBy(after, system)...)
	}
	answer.Narrower = len(answer.Wider) == 0
	if from < after.Version && after.Version >= head.Record.Body.LatestPolicy {
		if answer.Existing, err = couldApply(tx, after, head.Record.Body.NarrowedBy); err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// goesBy says by which version of a system's hierarchy a policy's diseases go; nothing when it names none of that system.
func goesBy(version records.PolicyVersion, system string) []string {
	switch digest := pinned(version.Ontologies, system); {
	case !namesDiseases(version.Policy, system):
		return nil
	case digest == "":
		return []string{"Diseases of " + system + " go by no version of its hierarchy: none was in force."}
	default:
		return []string{"Diseases of " + system + " go by the version of its hierarchy with the digest " + digest + "."}
	}
}

// versions gives the later of the two policies that are compared, and the number of the earlier.
func (a diffArgument) versions(tx *ledger.Tx, head records.Dataset) (after records.PolicyVersion, from int64, err error) {
	if a.Policy != nil {
		after, err = drafted(tx, head, a.Dataset, *a.Policy, "")
		return after, or(a.From, head.LatestPolicy), err
	}
	to := or(a.To, head.LatestPolicy)
	stands, err := mustPolicy(tx, a.Dataset, to)
	if err != nil {
		return after, 0, err
	}
	return stands.Record.Body, or(a.From, max(to-1, 1)), nil
}

// couldApply compares the latest policy with those that policy.set would have it narrower than, had it said that it applies to existing grants.
func couldApply(tx *ledger.Tx, version records.PolicyVersion, narrowedBy int64) (*existingAnswer, error) {
	if narrowedBy == version.Version {
		narrowedBy = version.Follows
	}
	stood, err := mustPolicy(tx, version.Dataset, version.Version-1)
	if err != nil {
		return nil, err
	}
	owner, _, _ := records.SplitDataset(version.Dataset)
	if version.Ontologies, err = keptVersions(tx, owner, version.Policy, stood.Record.Body); err != nil {
		return nil, err
	}
	answer := &existingAnswer{Than: narrowerThan(version.Version-1, narrowedBy), Wider: []rules.Reason{}}
	for _, number := range answer.Than {
		_, reasons, err := widerThan(tx, version, number)
		if err != nil {
			return nil, err
		}
		answer.Wider = append(answer.Wider, reasons...)
	}
	answer.Narrower = len(answer.Wider) == 0
	return answer, nil
}
