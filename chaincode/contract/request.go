package contract

import (
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
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

func (a requestArgument) check(c *input.Checker) {
	c.Request(a.body())
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
	policy := rules.Resolve(version.Policy, caller.Institution)
	body := a.body()
	body.Requester = caller.Person()
	if body.Researchers == nil {
		body.Researchers = []string{caller.ID}
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
	if rules.ApprovedAutomatically(request.Record, policy, hierarchy) {
		return approveAtOnce(tx, caller, request, policy, hierarchy)
	}
	for _, stage := range policy.Stages {
		tx.Enter(records.WaitingEntry(&request.Record, stage.Institution, stage.Role))
	}
	return request.Raw, nil
}

// stated asks whether a request can be stated as it is to stand: by the grant that it renews or joins, by its policy (resolved), and by whether committees could ever
// approve it, and by what the data rests on. It puts the whole id of that grant into the request, and gives where the diseases stand, and what the grounds said.
func stated(tx *ledger.Tx, policy records.Policy, ontologies []records.OntologyRef, body *records.Request) (rules.Hierarchy, rules.Grounding, error) {
	var grounding rules.Grounding
	hierarchy, err := placed(tx, ontologies, body.Purpose.Diseases, diseasesOf(policy))
	if err != nil {
		return nil, grounding, err
	}
	rosters, _, err := rostersOf(tx, policy)
	if err != nil {
		return nil, grounding, err
	}
	if err := relate(tx, body); err != nil {
		return nil, grounding, err
	}
	grounding, err = askGrounds(tx, body.Dataset, body.Version, policy, rules.AskOf(*body, tx.Now(), hierarchy))
	if err != nil {
		return nil, grounding, err
	}
	if err := allows(policy, *body, tx.Now(), hierarchy, grounding); err != nil {
		return nil, grounding, err
	}
	reasons := rules.Unmeetable(policy, rosters, rules.ElectorateOf(*body, policy), tx.Now())
	return hierarchy, grounding, unmeetable(reasons, "the policy, for a request of "+body.Requester.Institution)
}

// approveAtOnce writes the grant of a request that no stage is asked about, in the transaction that makes the request.
func approveAtOnce(tx *ledger.Tx, caller ledger.Caller, request *ledger.Sealed[records.Request], policy records.Policy, hierarchy rules.Hierarchy) (any, error) {
	related, err := relatedGrant(tx, request.Record.Body)
	if err != nil {
		return nil, err
	}
	found := &reviewCase{
		request: request, hierarchy: hierarchy, related: related,
		facts: rules.Case{Request: request.Record, Digest: request.Digest, Policy: policy, Automatic: true},
	}
	if _, err := found.give(tx, caller, found.outcome(tx)); err != nil {
		return nil, err
	}
	return request.Raw, nil
}

// asRead finds the dataset's policy and makes sure that policy and version are those that the caller has read.
//
// Refuses with CONFLICT.
func asRead(tx *ledger.Tx, a requestArgument) (records.PolicyVersion, error) {
	head, err := latest(tx, a.Dataset)
	if err != nil {
		return records.PolicyVersion{}, err
	}
	version, err := mustVersion(tx, a.Dataset, a.Version)
	if err != nil {
		return records.PolicyVersion{}, err
	}
	if version.Digest != a.VersionDigest {
		return records.PolicyVersion{}, stale("version_digest", version.Record.ID, version.Digest)
	}
	if number := head.Record.Body.LatestPolicy; number != a.PolicyVersion {
		return records.PolicyVersion{}, refusal.New(refusal.Conflict, "the policy of %s is number %d now, not %d", a.Dataset, number, a.PolicyVersion).
			At("policy_version").Hinting("read the policy again")
	}
	policy, err := mustPolicy(tx, a.Dataset, a.PolicyVersion)
	if err != nil {
		return records.PolicyVersion{}, err
	}
	if policy.Digest != a.PolicyDigest {
		return records.PolicyVersion{}, stale("policy_digest", policy.Record.ID, policy.Digest)
	}
	return policy.Record.Body, nil
}

func stale(field, id, digest string) error {
	return refusal.New(refusal.Conflict, "%s is not what you were shown: its digest is %s", id, digest).At(field).Hinting("read it again")
}

// allows refuses with POLICY_DENIES and every reason, those of the grounds too, with LIMIT_EXCEEDED when only the duration is too long, or with TERMS_NOT_ACCEPTED. The
// policy is resolved.
func allows(policy records.Policy, request records.Request, at records.Time, hierarchy rules.Hierarchy, grounding rules.Grounding) error {
	if reasons := rules.Coinciding(policy); len(reasons) > 0 {
		return withReasons(refusal.New(refusal.PolicyDenies, "the policy has no way to decide on this request: %s", reasons[0].Message).
			Hinting("the owner can set a policy that asks another committee (policy.set)"), reasons)
	}
	ask := rules.AskOf(request, at, hierarchy)
	if verdict := rules.Decide(policy, ask); verdict.Answer == rules.Deny || grounding.Answer == rules.Deny {
		refused := refusal.New(refusal.PolicyDenies, "the policy does not permit this request").
			Hinting("explain tells what it would permit")
		if grounding.Answer == rules.Deny && verdict.Answer != rules.Deny {
			refused = refusal.New(refusal.PolicyDenies, "what the data rests on does not permit this request: %s", rules.Sentences(grounding.Reasons)).
				Hinting("the owner's privacy officer says what a version rests on; explain tells what it would permit")
		} else if grounding.Answer != rules.Deny && rules.OnlyTooLong(policy, ask) {
			refused = refusal.New(refusal.LimitExceeded, "the request is for longer than the policy allows: %s", rules.Sentences(verdict.Reasons)).
				At("duration_seconds").Hinting("ask for a shorter time")
		}
		return withReasons(refused, append(verdict.Reasons, grounding.Reasons...))
	}
	switch {
	case policy.Terms == nil && request.AcceptedTerms != "":
		return refusal.New(refusal.TermsNotAccepted, "the policy has no terms to accept").At("accepted_terms").Hinting("read the policy again")
	case policy.Terms != nil && request.AcceptedTerms != policy.Terms.SHA256:
		return refusal.New(refusal.TermsNotAccepted, "the policy's terms stand at %s, and whoever asks names the SHA-256 of what they have read there: %s", policy.Terms.URL, policy.Terms.SHA256).
			At("accepted_terms").Hinting("a document with another hash is not the one that was agreed on: tell the owner")
	}
	return nil
}

type withdrawArgument struct {
	Request string `json:"request"`
	Reason  string `json:"reason"`
}

func (a withdrawArgument) check(c *input.Checker) {
	c.TxPrefix("request", a.Request)
	c.Text("reason", a.Reason, 0, 500)
}

// withdrawRequest ends a request that is not decided. Only the request itself is written, so its own institution's endorsement is enough; the index entries stay
// and lead to a withdrawn request.
func withdrawRequest(tx *ledger.Tx, a withdrawArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	found, err := findCase(tx, a.Request)
	if err != nil {
		return nil, err
	}
	request := found.request
	if caller.Institution != request.Record.Owner || !found.mine(caller.ID) {
		return nil, refusal.New(refusal.Forbidden, "only the requester or a researcher of the request can withdraw it")
	}
	outcome := found.outcome(tx)
	if err := decided(outcome, request.Record.ID); err != nil {
		return nil, err
	}
	if outcome.State == rules.Lapsed {
		return nil, refusal.New(refusal.Expired, "the request has lapsed (%s)", outcome.Why)
	}
	written, err := ledger.Update(tx, caller.By, request, request.Record.Body, records.Withdrawn, "withdrawn", a.Reason)
	if err != nil {
		return nil, err
	}
	return written.Raw, nil
}

// decided refuses with DECIDED when nothing can be done about the request any more.
func decided(outcome rules.Outcome, id string) error {
	switch outcome.State {
	case rules.Approved, rules.Rejected, rules.Closed:
		return refusal.New(refusal.Decided, "request %.12s was %s at %s", id, outcome.State, outcome.DecidedAt)
	case rules.Withdrawn:
		return refusal.New(refusal.Decided, "request %.12s was withdrawn", id)
	}
	return nil
}
