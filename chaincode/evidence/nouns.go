// Package evidence is what was read and verified: nouns, requests with all that decides on them, grants, hierarchies and lawfulness, as values that the rules take.
package evidence

import (
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/use"
)

func ReadBasis(tx *ledger.Tx, id string) (*ledger.Sealed[records.Basis], error) {
	finding, err := tx.Basis(id)
	if err != nil {
		return nil, err
	}
	return finding.Must()
}

func ReadCohort(tx *ledger.Tx, id string) (*ledger.Sealed[records.Cohort], error) {
	finding, err := tx.Cohort(id)
	if err != nil {
		return nil, err
	}
	return finding.Must()
}

func ReadEpoch(tx *ledger.Tx, cohort string, number int64) (*ledger.Sealed[records.Epoch], error) {
	finding, err := tx.Epoch(cohort, number)
	if err != nil {
		return nil, err
	}
	return finding.Must()
}

// Maybe gives the record, or nil where there is none, or none that counts.
func Maybe[B records.Body](finding ledger.Finding[B], err error) (*ledger.Sealed[B], error) {
	if err != nil {
		return nil, err
	}
	record, err := finding.Maybe()
	if refusal.Is(err, refusal.Forged) {
		return nil, nil
	}
	return record, err
}

// ReadHead finds a dataset's head.
func ReadHead(tx *ledger.Tx, dataset string) (*ledger.Sealed[records.Dataset], error) {
	finding, err := tx.Dataset(dataset)
	if err != nil {
		return nil, err
	}
	return finding.Must()
}

func ReadVersion(tx *ledger.Tx, dataset string, number int64) (*ledger.Sealed[records.Version], error) {
	finding, err := tx.Version(dataset, number)
	if err != nil {
		return nil, err
	}
	return finding.Must()
}

func ReadPolicy(tx *ledger.Tx, dataset string, number int64) (*ledger.Sealed[records.PolicyVersion], error) {
	finding, err := tx.Policy(dataset, number)
	if err != nil {
		return nil, err
	}
	policy, err := finding.Must()
	if err != nil {
		return nil, err
	}
	var c input.Checker // the owner's chaincode may not be ours, and the rules rely on the bounds
	c.Policy("policy", policy.Record.Body.Policy)
	if reasons := use.Contradictions(policy.Record.Body.Policy); len(reasons) > 0 {
		c.Fail("policy."+reasons[0].Clause, "%s", reasons[0].Message)
	}
	if c.Err() != nil {
		return nil, refusal.New(refusal.Forged, "%s was sealed although the contract refuses such a policy: %s", policy.Record.ID, refusal.From(c.Err()).Message).
			With(ledger.Forgery{Key: policy.Key, Sealed: true, Why: "it is not a policy as the contract takes them"})
	}
	return policy, nil
}

// VersionNumber is the version of a dataset that is named, or the latest when none is.
func VersionNumber(tx *ledger.Tx, dataset string, version *int64) (int64, error) {
	if version != nil {
		return *version, nil
	}
	head, err := ReadHead(tx, dataset)
	if err != nil {
		return 0, err
	}
	return head.Record.Body.LatestVersion, nil
}

func LastNote(changes []records.Change) string {
	if len(changes) == 0 {
		return ""
	}
	return changes[len(changes)-1].Note
}
