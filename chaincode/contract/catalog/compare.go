package catalog

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/use"
)

type diffArgument struct {
	Dataset string          `json:"dataset"`
	From    *int64          `json:"from"`
	To      *int64          `json:"to"`
	Policy  *records.Policy `json:"policy"`
}

func (a diffArgument) Check(c *input.Checker) {
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
	head, err := evidence.ReadHead(tx, a.Dataset)
	if err != nil {
		return nil, err
	}
	after, from, err := a.versions(tx, head.Record.Body)
	if err != nil {
		return nil, err
	}
	before, err := evidence.ReadPolicy(tx, a.Dataset, from)
	if err != nil {
		return nil, err
	}
	old, new := before.Record.Body.Policy, after.Policy
	hierarchy, err := evidence.PlaceTerms(tx, after.Ontologies, evidence.DiseasesOf(new), evidence.DiseasesOf(old))
	if err != nil {
		return nil, err
	}
	answer := diffAnswer{Dataset: a.Dataset, From: from, Wider: use.Wider(new, old, hierarchy, evidence.ChangedVersions(after, before.Record.Body)...)}
	if a.Policy == nil {
		answer.To = after.Version
	}
	answer.Removed, answer.Added = use.Differences(old, new)
	for _, system := range evidence.ChangedVersions(after, before.Record.Body) {
		answer.Removed = append(answer.Removed, evidence.GoesBy(before.Record.Body, system)...)
		answer.Added = append(answer.Added, evidence.GoesBy(after, system)...)
	}
	answer.Narrower = len(answer.Wider) == 0
	if from < after.Version && after.Version >= head.Record.Body.LatestPolicy {
		if answer.Existing, err = couldApply(tx, after, head.Record.Body.NarrowedBy); err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// versions gives the later of the two policies that are compared, and the number of the earlier.
func (a diffArgument) versions(tx *ledger.Tx, head records.Dataset) (after records.PolicyVersion, from int64, err error) {
	if a.Policy != nil {
		after, err = evidence.DraftPolicy(tx, head, a.Dataset, *a.Policy, "")
		return after, transaction.Or(a.From, head.LatestPolicy), err
	}
	to := transaction.Or(a.To, head.LatestPolicy)
	stands, err := evidence.ReadPolicy(tx, a.Dataset, to)
	if err != nil {
		return after, 0, err
	}
	return stands.Record.Body, transaction.Or(a.From, max(to-1, 1)), nil
}

// couldApply compares the latest policy with those that policy.set would have it narrower than, had it said that it applies to existing grants.
func couldApply(tx *ledger.Tx, version records.PolicyVersion, narrowedBy int64) (*existingAnswer, error) {
	if narrowedBy == version.Version {
		narrowedBy = version.Follows
	}
	stood, err := evidence.ReadPolicy(tx, version.Dataset, version.Version-1)
	if err != nil {
		return nil, err
	}
	owner, _, _ := records.SplitDataset(version.Dataset)
	if version.Ontologies, err = evidence.KeepVersions(tx, owner, version.Policy, stood.Record.Body); err != nil {
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
