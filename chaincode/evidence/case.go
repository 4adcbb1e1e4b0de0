package evidence

import (
	"slices"
	"strings"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/use"
)

// Case is a request with everything its state is derived from, each verified.
type Case struct {
	Request   *ledger.Sealed[records.Request]
	Votes     []*ledger.Sealed[records.Vote]
	Forgeries []ledger.Forgery
	Facts     review.Case
	// Ontologies are the hierarchies that the policy names, and Hierarchy is where its and the request's diseases stand in them.
	Ontologies []records.OntologyRef
	Hierarchy  use.Hierarchy
	// Related is the grant that the request renews or joins, or nil.
	Related *ledger.Sealed[records.Grant]
	// ByName tells that only what has a name was read: Hierarchy is left out, and nothing can be granted.
	ByName bool
}

// FindCase reads a request by its id, or a prefix of it, and opens its case.
//
// Refuses as OpenCase, and with AMBIGUOUS.
func FindCase(tx *ledger.Tx, id string) (*Case, error) {
	request, err := ReadRequest(tx, id)
	if err != nil {
		return nil, err
	}
	return OpenCase(tx, request)
}

// FindCaseByName is FindCase for an act that says no or takes away: it reads only keys that it names, so that nobody holds the act back by writing beside what it reads. Hierarchies
// of diseases stand by their hash, where others can write too: they are left out, and with them whether the contract would have taken such a request. Of an automatic approval it
// goes by the grant that the owner has posted.
//
// Refuses as FindCase.
func FindCaseByName(tx *ledger.Tx, id string) (*Case, error) {
	request, err := ReadRequest(tx, id)
	if err != nil {
		return nil, err
	}
	return openCase(tx, request, true)
}

// OpenCase reads the pinned version and policy, the rosters, the votes and the dataset's head. Votes and rosters that are forged count for nothing.
//
// Refuses with FORGED or NOT_FOUND when what the request names is not what its owners sealed.
func OpenCase(tx *ledger.Tx, request *ledger.Sealed[records.Request]) (*Case, error) {
	return openCase(tx, request, false)
}

func openCase(tx *ledger.Tx, request *ledger.Sealed[records.Request], byName bool) (*Case, error) {
	body := request.Record.Body
	if err := listed(tx, request); err != nil {
		return nil, err
	}
	head, err := ReadHead(tx, body.Dataset)
	if err != nil {
		return nil, err
	}
	version, err := ReadVersion(tx, body.Dataset, body.Version)
	if err != nil {
		return nil, err
	}
	policy, err := ReadPolicy(tx, body.Dataset, body.PolicyVersion)
	if err != nil {
		return nil, err
	}
	if version.Digest != body.VersionDigest || policy.Digest != body.PolicyDigest {
		return nil, refusal.New(refusal.Forged, "request %.12s names another version or policy of %s than its owner sealed", request.Record.ID, body.Dataset).
			With(ledger.Forgery{Key: request.Key, Sealed: true, Why: "its digests are not those of what it names"})
	}
	related, err := ReadRelated(tx, body)
	if err != nil {
		return nil, err
	}
	resolved := review.Resolve(policy.Record.Body.Policy, body.Requester.Institution)
	hierarchy, automatic, err := judgedAgain(tx, request, resolved, policy.Record.Body.Ontologies, related, byName)
	if err != nil {
		return nil, err
	}
	rosters, forgeries, err := ReadRosters(tx, resolved)
	if err != nil {
		return nil, err
	}
	votes, forgedVotes, err := ReadVotes(tx, request.Record.ID, voters(resolved, body.Dataset))
	if err != nil {
		return nil, err
	}
	delegations, forgedDelegations, err := delegationsOf(tx, votes)
	if err != nil {
		return nil, err
	}
	return &Case{
		Request: request, Votes: votes, Forgeries: slices.Concat(forgeries, forgedVotes, forgedDelegations),
		Ontologies: policy.Record.Body.Ontologies, Hierarchy: hierarchy, Related: related, ByName: byName,
		Facts: review.Case{
			Request: request.Record, Digest: request.Digest, Policy: resolved, Automatic: automatic,
			Rosters: rosters, Delegations: delegations, Ballots: Ballots(votes), LatestPolicy: head.Record.Body.LatestPolicy,
		},
	}, nil
}

// judgedAgain judges a request by its policy (resolved) again, and tells where its diseases stand and whether it was approved automatically. By name it only asks which grant the
// owner has posted.
//
// Refuses with FORGED.
func judgedAgain(tx *ledger.Tx, request *ledger.Sealed[records.Request], policy records.Policy, ontologies []records.OntologyRef, related *ledger.Sealed[records.Grant], byName bool) (use.Hierarchy, bool, error) {
	body := request.Record.Body
	if byName {
		owner, _, _ := records.SplitDataset(body.Dataset)
		given, err := tx.LeadsTo(owner, records.GrantPost(request.Record.ID))
		return nil, policy.Automatic && given == records.GrantType+"/"+request.Record.ID, err
	}
	hierarchy, err := PlaceTerms(tx, ontologies, body.Purpose.Diseases, DiseasesOf(policy))
	if err != nil {
		return nil, false, err
	}
	return hierarchy, review.ApprovedAutomatically(request.Record, policy, hierarchy), proper(request, policy, hierarchy, related)
}

// voters lists the institutions whose people can have voted on a request, by its policy (resolved): those of its committees, and the owner, who can close it.
func voters(policy records.Policy, dataset string) []string {
	owner, _, _ := records.SplitDataset(dataset)
	list := []string{owner}
	for _, id := range review.Committees(policy) {
		institution, _, _ := strings.Cut(id, "/")
		list = append(list, institution)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// VotesOn reads the votes on a request; none where the policy that it names cannot be seen.
func VotesOn(tx *ledger.Tx, request records.Record[records.Request]) ([]*ledger.Sealed[records.Vote], error) {
	policy, err := ReadPolicy(tx, request.Body.Dataset, request.Body.PolicyVersion)
	if err != nil {
		return nil, unlessUnseen(err)
	}
	votes, _, err := ReadVotes(tx, request.ID, voters(review.Resolve(policy.Record.Body.Policy, request.Body.Requester.Institution), request.Body.Dataset))
	return votes, err
}

// Speakers lists the institutions whose people can have a part in the request.
func (c *Case) Speakers() []string {
	body := c.Request.Record.Body
	list := append(voters(c.Facts.Policy, body.Dataset), body.Requester.Institution)
	slices.Sort(list)
	return slices.Compact(list)
}

// listed refuses a request that is not in the lists in which everybody looks for it: those who decide must be able to find it. The lists are by the moment at which it was
// made, so it says no other either. Refuses with FORGED.
func listed(tx *ledger.Tx, request *ledger.Sealed[records.Request]) error {
	unlisted, err := tx.Unlisted(&request.Record)
	if err != nil || len(unlisted) == 0 {
		return err
	}
	return refusal.New(refusal.Forged, "request %.12s is not in every list, under the moment at which %s says that it was made", request.Record.ID, request.Record.Owner).
		With(ledger.Forgery{Key: request.Key, Sealed: true, Why: "it is not in every list under its date"})
}

// Ballots are sealed votes as the fold sees them, those of an institution in the order in which it has posted them.
func Ballots(votes []*ledger.Sealed[records.Vote]) []review.Ballot {
	list := make([]review.Ballot, 0, len(votes))
	posted := map[string]int64{}
	for _, vote := range votes {
		posted[vote.Record.Owner]++
		list = append(list, review.Ballot{
			ID: vote.Record.ID, At: vote.Record.CreatedAt(), Key: vote.Record.Changes[0].By.Key, Vote: vote.Record.Body, Place: posted[vote.Record.Owner],
		})
	}
	return list
}

// Outcome derives the state at the effective time.
func (c *Case) Outcome(tx *ledger.Tx) review.Outcome {
	c.Facts.Now = tx.Now()
	return review.Derive(c.Facts)
}

// Approval is the case as the rules on grants take it.
func (c *Case) Approval() grants.Approval {
	approval := grants.Approval{Key: c.Request.Key, Case: c.Facts, Hierarchy: c.Hierarchy}
	for _, vote := range c.Votes {
		approval.Votes = append(approval.Votes, grants.Vote{ID: vote.Record.ID, Ref: records.VoteRef{Key: vote.Key, Digest: vote.Digest}})
	}
	if c.Related != nil {
		approval.Related = &grants.Related{Key: c.Related.Key, Grant: c.Related.Record}
	}
	return approval
}

// Mine tells whether somebody at the requester's institution is the requester or a researcher of the request.
func (c *Case) Mine(id string) bool {
	body := c.Request.Record.Body
	return id == body.Requester.ID || slices.Contains(body.Researchers, id)
}

// Prospect gathers what the grant that an approval would make rests on, besides the approval: the grant that it joins, the policies that hold for it, and what the version
// rests on. It is read before a vote is dated, so that the vote comes after all that it rests on.
func (c *Case) Prospect(tx *ledger.Tx) (grants.Facts, error) {
	draft := records.Record[records.Grant]{Body: c.Approval().Grant(review.Outcome{})}
	q := grants.ToBeGiven(draft.Body)
	g := gathering{tx: tx, q: &q, facts: grants.Facts{Grant: draft, Hierarchy: c.Hierarchy}}
	err := g.gather(g.readJoined, g.readGoverning, g.readResting, g.placeLater)
	return g.facts, err
}

// Given is a prospect with the approval that has been made, and with the grant that it makes.
func (c *Case) Given(tx *ledger.Tx, prospect grants.Facts, grant *ledger.Sealed[records.Grant]) grants.Facts {
	approval := c.Approval()
	prospect.Approval, prospect.Key, prospect.Grant, prospect.Now = &approval, grant.Key, grant.Record, tx.Now()
	prospect.Given = grant.Key // this transaction posts it
	return prospect
}

// Asks tells whether a person is the requester or a researcher of the request.
func (c *Case) Asks(person records.Person) bool {
	return person.Institution == c.Request.Record.Body.Requester.Institution && c.Mine(person.ID)
}

// ReadRelated reads the grant that a sealed request renews or joins; nil when it does neither, or names what is no whole id.
//
// Refuses with NOT_FOUND, FORGED.
func ReadRelated(tx *ledger.Tx, request records.Request) (*ledger.Sealed[records.Grant], error) {
	id := request.Renews + request.Joins
	if !records.IsTx(id) {
		return nil, nil
	}
	return ReadGrant(tx, id)
}
