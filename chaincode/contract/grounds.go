package contract

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

// groundsVerdict judges a use of a dataset version by what the version rests on as that stands now: its ground, the newest epoch of each cohort, each legal basis, and the
// statement of de-identification. It never refuses because of what it finds: what is forged or gone denies. Forgeries that somebody put beside the records count for
// nothing; they are given to be named.
func groundsVerdict(tx *ledger.Tx, version *ledger.Sealed[records.Version], q rules.Question) (rules.Grounding, []ledger.Forgery, error) {
	r := resting{tx: tx, asked: q.Ask.Purpose.Diseases, facts: rules.Resting{Version: version.Record.Body}}
	if err := r.read(version.Digest); err != nil {
		return rules.Grounding{}, nil, err
	}
	if q.At == 0 {
		q.At = tx.Now()
	}
	return rules.JudgeGrounds(r.facts, q), r.forgeries, nil
}

// resting is what a version rests on, on its way from the ledger.
type resting struct {
	tx        *ledger.Tx
	asked     []string
	facts     rules.Resting
	forgeries []ledger.Forgery
}

func (r *resting) read(digest string) error {
	dataset, number := r.facts.Version.Dataset, r.facts.Version.Version
	ground, err := properly(r, "ground", false, found(r.tx.Ground(dataset, number)), properGround(digest))
	if err != nil {
		return err
	}
	if ground != nil {
		r.facts.Ground, r.facts.Since = &ground.Record.Body, ground.Record.UpdatedAt
		for i, id := range ground.Record.Body.Cohorts {
			if err := r.cohort(fmt.Sprintf("ground.cohorts[%d]", i), id); err != nil {
				return err
			}
		}
		for i, id := range ground.Record.Body.Bases {
			if err := r.basis(fmt.Sprintf("ground.bases[%d]", i), id); err != nil {
				return err
			}
		}
	}
	deid, err := properly(r, "deid", false, found(r.tx.Deid(dataset, number)), properDeid(digest))
	if deid != nil {
		r.facts.Statement = &deid.Record.Body.Statement
	}
	return err
}

// lookup is a finding, or the error that came instead.
type lookup[B records.Body] struct {
	finding ledger.Finding[B]
	err     error
}

func found[B records.Body](finding ledger.Finding[B], err error) lookup[B] {
	return lookup[B]{finding, err}
}

// properly gives the sealed record, or nil when there is none that counts. Records that the contract would have refused are as good as forged: the owner's chaincode may
// not be ours. What must be there and is not, and what its owner sealed wrongly, is lost, and that denies.
func properly[B records.Body](r *resting, clause string, must bool, l lookup[B], check func(*input.Checker, B)) (*ledger.Sealed[B], error) {
	if l.err != nil {
		return nil, l.err
	}
	record, err := l.finding.Maybe()
	if err == nil && record == nil && must {
		_, err = l.finding.Must()
	}
	if err == nil {
		r.forgeries = append(r.forgeries, l.finding.Forgeries...)
	}
	if err == nil && record != nil {
		var c input.Checker
		check(&c, record.Record.Body)
		err = c.Err()
		if err != nil {
			err = refusal.New(refusal.Forged, "%s was sealed although the contract refuses it: %s %s", record.Key, refusal.From(err).Field, refusal.From(err).Message)
		}
	}
	switch {
	case err == nil:
		return record, nil
	case refusal.Is(err, refusal.Forged) || refusal.Is(err, refusal.NotFound):
		r.facts.Lost = append(r.facts.Lost, rules.Reason{Code: rules.EvidenceMissing, Message: "what the version rests on does not hold: " + refusal.From(err).Message, Clause: clause})
		return nil, nil
	}
	return nil, err
}

func properGround(digest string) func(*input.Checker, records.Ground) {
	return func(c *input.Checker, g records.Ground) {
		c.Ground(g)
		c.Require(g.VersionDigest == digest, "version_digest", "it is not that of the version")
	}
}

func properDeid(digest string) func(*input.Checker, records.Deid) {
	return func(c *input.Checker, d records.Deid) {
		c.Statement("statement", d.Statement)
		c.Require(d.VersionDigest == digest, "version_digest", "it is not that of the version")
	}
}

// cohort reads a cohort's head and the epoch that it names as its newest, which must be there: nobody can hide one. It reads what the owner attests of those who have
// withdrawn, and, when that is behind, the epoch from which on it is owed: four ranges at most.
func (r *resting) cohort(clause, id string) error {
	head, err := properly(r, clause, true, found(r.tx.Cohort(id)), func(c *input.Checker, b records.Cohort) { c.CohortHead(b) })
	if err != nil || head == nil {
		return err
	}
	epoch, err := r.epoch(clause, id, head.Record.Body.LatestEpoch)
	if err != nil || epoch == nil {
		return err
	}
	facts := rules.CohortFacts{Clause: clause, ID: id, Ended: head.Record.Status != records.Active, Why: lastNote(head.Record.Changes), Epoch: epoch.Record.Body}
	if facts.Hierarchy, err = r.placed(epoch.Record.Body.Ontologies, epoch.Record.Body.Use); err != nil {
		return err
	}
	if facts.Epoch.Withdrawn != records.NoPeople {
		if facts.Attested, err = r.attested(id, facts.Epoch.Epoch); err != nil {
			return err
		}
	}
	if owed := rules.Owed(facts.Epoch, facts.Attested); owed != 0 {
		first, err := r.epoch(clause, id, owed)
		if err != nil || first == nil {
			return err
		}
		facts.OwedSince = first.Record.CreatedAt()
	}
	r.facts.Cohorts = append(r.facts.Cohorts, facts)
	return nil
}

func (r *resting) epoch(clause, cohort string, number int64) (*ledger.Sealed[records.Epoch], error) {
	return properly(r, clause, true, found(r.tx.Epoch(cohort, number)), func(c *input.Checker, e records.Epoch) {
		c.Epoch(e)
		c.Require((e.WithdrawnSince == 0) == (e.Withdrawn == records.NoPeople) && e.WithdrawnSince >= 0 && e.WithdrawnSince <= e.Epoch, "withdrawn_since", "it does not fit")
		c.Require(e.UseSince != 0, "use_since", "it is missing")
	})
}

// attested is the epoch as of which those who withdrew are attested to be left out of the version; 0 when that is nowhere attested as the contract takes it.
func (r *resting) attested(cohort string, newest int64) (int64, error) {
	finding, err := r.tx.Exclusion(r.facts.Version.Dataset, r.facts.Version.Version, cohort)
	if err != nil {
		return 0, err
	}
	r.forgeries = append(r.forgeries, finding.Forgeries...)
	exclusion, err := finding.Maybe()
	if refusal.Is(err, refusal.Forged) || err == nil && exclusion == nil {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var c input.Checker
	c.Exclusion(exclusion.Record.Body)
	if c.Err() != nil || exclusion.Record.Body.Epoch > newest {
		return 0, nil
	}
	return exclusion.Record.Body.Epoch, nil
}

func (r *resting) basis(clause, id string) error {
	basis, err := properly(r, clause, true, found(r.tx.Basis(id)), func(c *input.Checker, b records.Basis) { c.Basis(b) })
	if err != nil || basis == nil {
		return err
	}
	facts := rules.BasisFacts{
		Clause: clause, ID: id, Basis: basis.Record.Body, Ended: basis.Record.Status != records.Active, Why: lastNote(basis.Record.Changes), Since: basis.Record.UpdatedAt,
	}
	if facts.Hierarchy, err = r.placed(basis.Record.Body.Ontologies, basis.Record.Body.Purposes); err != nil {
		return err
	}
	r.facts.Bases = append(r.facts.Bases, facts)
	return nil
}

func (r *resting) placed(refs []records.OntologyRef, use []records.Alternative) (rules.Hierarchy, error) {
	return placed(r.tx, refs, r.asked, diseasesOf(records.Policy{Use: use}))
}

func lastNote(changes []records.Change) string {
	if len(changes) == 0 {
		return ""
	}
	return changes[len(changes)-1].Note
}

// askGrounds is what the grounds say to a request that nobody has decided on.
func askGrounds(tx *ledger.Tx, dataset string, version int64, policy records.Policy, ask rules.Ask) (rules.Grounding, error) {
	record, err := mustVersion(tx, dataset, version)
	if err != nil {
		return rules.Grounding{}, err
	}
	grounding, _, err := groundsVerdict(tx, record, rules.Question{Ask: ask, Policies: []records.Policy{policy}})
	return grounding, err
}

// grounds is what the version of a request rests on says to it now; read before a vote is dated, so that the vote comes after all that it rests on. What is for people to
// judge is what the vote judges.
func (c *reviewCase) grounds(tx *ledger.Tx) (rules.Grounding, error) {
	body := c.request.Record.Body
	return askGrounds(tx, body.Dataset, body.Version, c.facts.Policy, rules.AskOf(body, c.request.Record.StatedAt(), c.hierarchy))
}

// grantable refuses with POLICY_DENIES when the vote would complete an approval that the people in the data, or the law, do not carry.
func grantable(grounding rules.Grounding, after rules.Outcome) error {
	if after.State != rules.Approved || grounding.Answer != rules.Deny {
		return nil
	}
	return withReasons(refusal.New(refusal.PolicyDenies, "this vote would complete the approval, and the data may not be used so: %s", rules.Sentences(grounding.Reasons)).
		Hinting("the owner's privacy officer sets grounds and statements; a vote against needs none"), grounding.Reasons)
}

// grounds is what the grounds of the dataset say to the hypothetical request; of a bare policy nothing is asked.
func (a explainArgument) grounds(tx *ledger.Tx, policy records.Policy, ask *rules.Ask) (rules.Grounding, error) {
	owner, _, _ := records.SplitDataset(a.Dataset)
	if a.Policy != nil {
		own, err := tx.InstitutionOfCaller()
		if err != nil {
			return rules.Grounding{}, err
		}
		owner = own
	}
	var err error
	if ask.Korea, err = inKorea(tx, a.Purpose, ask.Institution, owner); err != nil || a.Policy != nil {
		return rules.Grounding{Answer: rules.Permit}, err
	}
	number, err := numberOf(tx, a.Dataset, a.Version)
	if err != nil {
		return rules.Grounding{}, err
	}
	question := *ask
	question.At = tx.Now()
	return askGrounds(tx, a.Dataset, number, policy, question)
}

// restingViews shows what a version rests on and its statement, each where there is one that counts.
func restingViews(tx *ledger.Tx, version records.Version) (ground, deid *ledger.View, err error) {
	found, err := maybe(tx.Ground(version.Dataset, version.Version))
	if err != nil {
		return nil, nil, err
	}
	if found != nil {
		view := found.View()
		ground = &view
	}
	stated, err := maybe(tx.Deid(version.Dataset, version.Version))
	if stated != nil {
		view := stated.View()
		deid = &view
	}
	return ground, deid, err
}

// emergencyGrounds is what the grounds say to a break-glass: two people of the owner answer for the use, and not for what the data rests on.
func emergencyGrounds(tx *ledger.Tx, b records.Breakglass) (rules.Grounding, error) {
	ask := rules.Ask{Institution: b.Institution, People: rules.PeopleOf(b.Institution, b.People), Purpose: b.Purpose, Mode: b.Mode, DurationSeconds: b.DurationSeconds}
	grounding, err := askGrounds(tx, b.Dataset, b.Version, records.Policy{}, ask)
	return grounding.InEmergency(), err
}

// groundsOf judges a grant by what its version rests on: by the policy that it was given under, and by one that applies to existing grants.
func (j *judging) groundsOf(tx *ledger.Tx, grant *ledger.Sealed[records.Grant]) (rules.Grounding, error) {
	body := grant.Record.Body
	version, err := mustVersion(tx, body.Dataset, body.Version)
	if err != nil {
		return lostGrounds(err, grant.Key)
	}
	q := rules.Question{Ask: rules.NarrowedAsk(body, nil), At: j.a.At}
	q.Ask.Purpose = rules.AsGranted(j.a.Purpose, body.Purpose)
	if len(body.Votes) > 0 { // otherwise nobody has judged anything
		q.Decided = body.From
	}
	if q.Policies, err = governing(tx, grant, j.moment(tx)); err != nil {
		return lostGrounds(err, grant.Key)
	}
	grounding, forgeries, err := groundsVerdict(tx, version, q)
	for _, forgery := range forgeries {
		j.forgery("something beside what the version rests on is forged and was not counted: ", forgery)
	}
	if body.Breakglass != "" {
		grounding = grounding.InEmergency()
	}
	return grounding, err
}

// lostGrounds denies when what would have to be looked at is forged or gone; other errors stay errors.
func lostGrounds(err error, key string) (rules.Grounding, error) {
	reason, err := endedBy(err, key)
	if reason == nil {
		return rules.Grounding{}, err
	}
	return rules.Grounding{Answer: rules.Deny, Reasons: []rules.Reason{*reason}}, nil
}

// governing are the policies that a grant must keep to at a moment: its own, and a later one that applies to it. A break-glass has none.
func governing(tx *ledger.Tx, grant *ledger.Sealed[records.Grant], at records.Time) ([]records.Policy, error) {
	body := grant.Record.Body
	if body.Breakglass != "" {
		return nil, nil
	}
	own, err := mustPolicy(tx, body.Dataset, body.PolicyVersion)
	if err != nil {
		return nil, err
	}
	policies := []records.Policy{own.Record.Body.Policy}
	later, err := applying(tx, grant, at)
	if later != nil {
		policies = append(policies, later.Record.Body.Policy)
	}
	return policies, err
}

// inKorea tells whether one of two institutions says that it is in Korea, where the law sends the linking of several controllers' data to a designated agency.
func inKorea(tx *ledger.Tx, purpose records.Purpose, institutions ...string) (bool, error) {
	if !purpose.Linking {
		return false, nil
	}
	slices.Sort(institutions)
	for _, name := range slices.Compact(institutions) {
		finding, err := tx.Institution(name)
		if err != nil {
			return false, err
		}
		institution, err := finding.Maybe()
		if err != nil && !refusal.Is(err, refusal.Forged) {
			return false, err
		}
		if institution != nil && institution.Record.Body.Country == "KR" {
			return true, nil
		}
	}
	return false, nil
}
