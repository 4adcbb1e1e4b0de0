package review

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/use"
)

type requestArgument struct {
	Dataset         string          `json:"dataset"`
	Version         int64           `json:"version"`
	VersionDigest   string          `json:"version_digest"`
	PolicyVersion   int64           `json:"policy_version"`
	PolicyDigest    string          `json:"policy_digest"`
	Purpose         records.Purpose `json:"purpose"`
	Mode            string          `json:"mode"`
	DurationSeconds int64           `json:"duration_seconds"`
	Project         string          `json:"project"`
	AcceptedTerms   string          `json:"accepted_terms"`
	Researchers     []string        `json:"researchers"`
	Renews          string          `json:"renews"`
	Joins           string          `json:"joins"`
	// Texts are the commitments of private texts, which text.keep puts where only two institutions have them.
	Texts []records.TextRef `json:"texts"`
}

func (a requestArgument) Check(c *input.Checker) {
	c.Body(a.body())
	c.Texts("texts", a.Texts, input.MaxTexts)
}

func (a requestArgument) body() records.Request {
	return records.Request{
		Dataset: a.Dataset, Version: a.Version, VersionDigest: a.VersionDigest, PolicyVersion: a.PolicyVersion, PolicyDigest: a.PolicyDigest,
		Purpose: a.Purpose, Mode: a.Mode, DurationSeconds: a.DurationSeconds, Project: a.Project, AcceptedTerms: a.AcceptedTerms,
		Researchers: a.Researchers, Renews: a.Renews, Joins: a.Joins, Texts: named(a.Texts),
	}
}

// submitRequest asks for a dataset version under the policy that the caller has read.
func submitRequest(tx *ledger.Tx, a requestArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	if err := caller.Need("researcher"); err != nil {
		return nil, err
	}
	version, err := asRead(tx, a)
	if err != nil {
		return nil, err
	}
	policy := review.Resolve(version.Policy, caller.Institution)
	body := a.body()
	body.Requester = caller.Person()
	if body.Researchers == nil {
		body.Researchers = []string{caller.ID}
	}
	if body.Deliveries, err = evidence.Deliveries(tx, caller.Institution, body.Researchers); err != nil {
		return nil, err
	}
	hierarchy, grounding, err := stated(tx, policy, version.Ontologies, &body)
	if err != nil {
		return nil, err
	}
	body.ForPeople = grounding.Answer != rules.Permit
	body.ReviewUntil = tx.Now().Add(policy.ReviewPeriodSeconds)
	request, err := ledger.Create(tx, caller.By, tx.ID, body, records.Open, "")
	if err != nil {
		return nil, err
	}
	if review.ApprovedAutomatically(request.Record, policy, hierarchy) {
		return approveAtOnce(tx, caller, request, policy, hierarchy)
	}
	for _, stage := range policy.Stages {
		tx.Enter(records.WaitingEntry(&request.Record, stage.Institution, stage.Role))
	}
	return request.Raw, nil
}

// stated asks whether a request can be stated as it is to stand: by the grant that it renews or joins, by its policy (resolved), and by whether committees could ever
// approve it, and by what the data rests on. It puts the whole id of that grant into the request, and gives where the diseases stand, and what the grounds said.
func stated(tx *ledger.Tx, policy records.Policy, ontologies []records.OntologyRef, body *records.Request) (use.Hierarchy, lawful.Grounding, error) {
	var grounding lawful.Grounding
	hierarchy, err := evidence.PlaceTerms(tx, ontologies, body.Purpose.Diseases, evidence.DiseasesOf(policy))
	if err != nil {
		return nil, grounding, err
	}
	rosters, _, err := evidence.ReadRosters(tx, policy)
	if err != nil {
		return nil, grounding, err
	}
	if err := relate(tx, body); err != nil {
		return nil, grounding, err
	}
	grounding, err = evidence.AskGrounds(tx, body.Dataset, body.Version, policy, use.AskOf(*body, tx.Now(), hierarchy))
	if err != nil {
		return nil, grounding, err
	}
	if err := evidence.RefuseDenied(policy, *body, tx.Now(), hierarchy, grounding); err != nil {
		return nil, grounding, err
	}
	reasons := review.Unmeetable(policy, rosters, review.ElectorateOf(*body, policy), tx.Now())
	return hierarchy, grounding, review.RefuseUnmeetable(reasons, "the policy, for a request of "+body.Requester.Institution)
}

// approveAtOnce writes the grant of a request that no stage is asked about, in the transaction that makes the request.
func approveAtOnce(tx *ledger.Tx, caller ledger.Caller, request *ledger.Sealed[records.Request], policy records.Policy, hierarchy use.Hierarchy) (any, error) {
	related, err := evidence.ReadRelated(tx, request.Record.Body)
	if err != nil {
		return nil, err
	}
	found := &evidence.Case{
		Request: request, Hierarchy: hierarchy, Related: related,
		Facts: review.Case{Request: request.Record, Digest: request.Digest, Policy: policy, Automatic: true},
	}
	prospect, err := found.Prospect(tx)
	if err != nil {
		return nil, err
	}
	if _, err := give(found, tx, caller, found.Outcome(tx), prospect); err != nil {
		return nil, err
	}
	return request.Raw, nil
}

// asRead finds the dataset's policy and makes sure that policy and version are those that the caller has read.
//
// Refuses with CONFLICT.
func asRead(tx *ledger.Tx, a requestArgument) (records.PolicyVersion, error) {
	head, err := evidence.ReadHead(tx, a.Dataset)
	if err != nil {
		return records.PolicyVersion{}, err
	}
	version, err := evidence.ReadVersion(tx, a.Dataset, a.Version)
	if err != nil {
		return records.PolicyVersion{}, err
	}
	if version.Digest != a.VersionDigest {
		return records.PolicyVersion{}, transaction.Stale("version_digest", version.Record.ID, version.Digest)
	}
	if number := head.Record.Body.LatestPolicy; number != a.PolicyVersion {
		return records.PolicyVersion{}, refusal.New(refusal.Conflict, "the policy of %s is number %d now, not %d", a.Dataset, number, a.PolicyVersion).
			At("policy_version").Hinting("read the policy again")
	}
	policy, err := evidence.ReadPolicy(tx, a.Dataset, a.PolicyVersion)
	if err != nil {
		return records.PolicyVersion{}, err
	}
	if policy.Digest != a.PolicyDigest {
		return records.PolicyVersion{}, transaction.Stale("policy_digest", policy.Record.ID, policy.Digest)
	}
	return policy.Record.Body, nil
}
