package contract

import (
	"slices"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

// reviewCase is a request with everything its state is derived from, each verified.
type reviewCase struct {
	request   *ledger.Sealed[records.Request]
	votes     []*ledger.Sealed[records.Vote]
	forgeries []ledger.Forgery
	facts     rules.Case
	// ontologies are the hierarchies that the policy names, and hierarchy is where its and the request's diseases stand in them.
	ontologies []records.OntologyRef
	hierarchy  rules.Hierarchy
	// related is the grant that the request renews or joins, or nil.
	related *ledger.Sealed[records.Grant]
}

func findCase(tx *ledger.Tx, id string) (*reviewCase, error) {
	request, err := tx.Request(id)
	if err != nil {
		return nil, err
	}
	return openCase(tx, request)
}

// openCase reads the pinned version and policy, the rosters, the votes and the dataset's head. Votes and rosters that are forged count for nothing.
//
// Refuses with FORGED or NOT_FOUND when what the request names is not what its owners sealed.
func openCase(tx *ledger.Tx, request *ledger.Sealed[records.Request]) (*reviewCase, error) {
	body := request.Record.Body
	head, err := latest(tx, body.Dataset)
	if err != nil {
		return nil, err
	}
	version, err := mustVersion(tx, body.Dataset, body.Version)
	if err != nil {
		return nil, err
	}
	policy, err := mustPolicy(tx, body.Dataset, body.PolicyVersion)
	if err != nil {
		return nil, err
	}
	if version.Digest != body.VersionDigest || policy.Digest != body.PolicyDigest {
		return nil, refusal.New(refusal.Forged, "request %.12s names another version or policy of %s than its owner sealed", request.Record.ID, body.Dataset).
			With(ledger.Forgery{Key: request.Key, Sealed: true, Why: "its digests are not those of what it names"})
	}
	hierarchy, err := placed(tx, policy.Record.Body.Ontologies, body.Purpose.Diseases, diseasesOf(policy.Record.Body.Policy))
	if err != nil {
		return nil, err
	}
	related, err := relatedGrant(tx, body)
	if err != nil {
		return nil, err
	}
	resolved := rules.Resolve(policy.Record.Body.Policy, body.Requester.Institution)
	if err := proper(request, resolved, hierarchy, related); err != nil {
		return nil, err
	}
	rosters, forgeries, err := rostersOf(tx, resolved)
	if err != nil {
		return nil, err
	}
	votes, forgedVotes, err := tx.Votes(request.Record.ID)
	if err != nil {
		return nil, err
	}
	delegations, forgedDelegations, err := delegationsOf(tx, votes)
	if err != nil {
		return nil, err
	}
	return &reviewCase{
		request: request, votes: votes, forgeries: slices.Concat(forgeries, forgedVotes, forgedDelegations),
		ontologies: policy.Record.Body.Ontologies, hierarchy: hierarchy, related: related,
		facts: rules.Case{
			Request: request.Record, Digest: request.Digest, Policy: resolved, Automatic: rules.ApprovedAutomatically(request.Record, resolved, hierarchy),
			Rosters: rosters, Delegations: delegations, Ballots: ballots(votes), LatestPolicy: head.Record.Body.LatestPolicy,
		},
	}, nil
}

// proper judges a sealed request by the rules of request.submit and request.amend again: the requester's institution seals its own requests, and its chaincode may not be ours.
//
// Refuses with FORGED.
func proper(request *ledger.Sealed[records.Request], policy records.Policy, hierarchy rules.Hierarchy, related *ledger.Sealed[records.Grant]) error {
	body := request.Record.Body
	var c input.Checker
	c.Request(body)
	c.Texts("texts", standing(body.Texts), input.MaxTexts)
	c.Texts("texts", everyText(body.Texts), input.MaxTextsEver)
	c.Require(body.Researchers != nil, "researchers", "it is missing")
	c.Person("requester.id", body.Requester.ID)
	c.Require(body.ReviewUntil == request.Record.CreatedAt().Add(policy.ReviewPeriodSeconds), "review_until", "it is not as long after the request as the policy says")
	c.Require(body.Renews+body.Joins == "" || records.IsTx(body.Renews+body.Joins), "joins", "it is not the whole id of a grant")
	wrong := c.Err()
	if wrong == nil {
		wrong = allows(policy, body, request.Record.StatedAt(), hierarchy, rules.Grounding{Answer: rules.Permit})
	}
	if wrong == nil {
		wrong = fits(body, request.Record.StatedAt(), related)
	}
	if wrong == nil {
		return nil
	}
	why := refusal.From(wrong)
	return refusal.New(refusal.Forged, "request %.12s was sealed by %s although the contract refuses such a request: %s %s", request.Record.ID, request.Record.Owner, why.Field, why.Message).
		With(ledger.Forgery{Key: request.Key, Sealed: true, Why: why.Message})
}

func ballots(votes []*ledger.Sealed[records.Vote]) []rules.Ballot {
	list := make([]rules.Ballot, 0, len(votes))
	for _, vote := range votes {
		list = append(list, rules.Ballot{ID: vote.Record.ID, At: vote.Record.CreatedAt(), Vote: vote.Record.Body})
	}
	return list
}

// outcome derives the state at the effective time.
func (c *reviewCase) outcome(tx *ledger.Tx) rules.Outcome {
	c.facts.Now = tx.Now()
	return rules.Derive(c.facts)
}

// grant is what the approval makes: with the duties of the alternative that serves the request, and within the time that related grants and attestations leave.
func (c *reviewCase) grant(outcome rules.Outcome) records.Grant {
	request := c.request.Record
	bounds := c.bounds(outcome)
	verdict := rules.Decide(c.facts.Policy, rules.AskOf(request.Body, request.StatedAt(), c.hierarchy))
	return rules.GrantOf(request, c.request.Digest, outcome.DecidedAt, c.refs(outcome), rules.ObligationsOf(c.facts.Policy, verdict, bounds.From(outcome.DecidedAt)), bounds)
}

// refs names the counted votes by key and digest.
func (c *reviewCase) refs(outcome rules.Outcome) []records.VoteRef {
	refs := make([]records.VoteRef, 0, len(outcome.Counted))
	for _, ballot := range outcome.Counted {
		for _, vote := range c.votes {
			if vote.Record.ID == ballot.ID {
				refs = append(refs, records.VoteRef{Key: vote.Key, Digest: vote.Digest})
			}
		}
	}
	return refs
}

// mine tells whether somebody at the requester's institution is the requester or a researcher of the request.
func (c *reviewCase) mine(id string) bool {
	body := c.request.Record.Body
	return id == body.Requester.ID || slices.Contains(body.Researchers, id)
}
