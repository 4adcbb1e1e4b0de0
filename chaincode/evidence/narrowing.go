package evidence

import (
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/grants"
)

// readLater finds the latest policy before a moment (now, when it is zero) that applies to a grant although it was given under an earlier one. One policy is read; earlier
// ones only for a moment before it. A break-glass grant has none: no policy gave it, and none takes it. Where the diseases stand is looked up by placeLater.
func readLater(tx *ledger.Tx, grant records.Grant, at records.Time) (grants.Later, error) {
	if grant.Breakglass != "" {
		return grants.Later{}, nil
	}
	head, err := ReadHead(tx, grant.Dataset)
	if err != nil {
		return grants.Later{Unseen: unseen(err)}, unlessUnseen(err)
	}
	for number := head.Record.Body.NarrowedBy; number > grant.PolicyVersion; {
		policy, err := ReadPolicy(tx, grant.Dataset, number)
		if err != nil {
			return grants.Later{Unseen: unseen(err)}, unlessUnseen(err)
		}
		if follows := policy.Record.Body.Follows; at != 0 && at < policy.Record.CreatedAt() && follows < number {
			number = follows
			continue
		}
		return grants.Later{Key: policy.Key, Policy: &policy.Record}, nil
	}
	return grants.Later{}, nil
}

// placeLater looks up where the diseases of a grant and of a later policy stand in the hierarchies that the policy goes by.
func placeLater(tx *ledger.Tx, later *grants.Later, grant records.Grant) error {
	if later.Policy == nil {
		return nil
	}
	version := later.Policy.Body
	var err error
	later.Hierarchy, err = PlaceTerms(tx, version.Ontologies, grant.Purpose.Diseases, DiseasesOf(version.Policy))
	return err
}

// AsLater is a policy that is not set yet as one that applied to a grant.
func AsLater(tx *ledger.Tx, draft records.PolicyVersion, grant records.Grant) (grants.Later, error) {
	later := grants.Later{Policy: &records.Record[records.PolicyVersion]{Body: draft}}
	return later, placeLater(tx, &later, grant)
}

// DraftPolicy is a policy as it would be written now for a dataset, with the versions of the hierarchies that it would go by.
func DraftPolicy(tx *ledger.Tx, head records.Dataset, dataset string, policy records.Policy, applies string) (records.PolicyVersion, error) {
	draft := records.PolicyVersion{Dataset: dataset, Version: head.LatestPolicy + 1, Policy: policy, Applies: applies}
	owner, _, _ := records.SplitDataset(dataset)
	if applies == "" {
		var err error
		draft.Ontologies, err = PinVersions(tx, owner, policy)
		return draft, err
	}
	stands, err := ReadPolicy(tx, dataset, head.LatestPolicy)
	if err != nil {
		return draft, err
	}
	draft.Ontologies, err = KeepVersions(tx, owner, policy, stands.Record.Body)
	return draft, err
}
