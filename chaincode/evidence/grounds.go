package evidence

import (
	"fmt"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/use"
)

// resting is what a version rests on, on its way from the ledger.
type resting struct {
	tx        *ledger.Tx
	asked     []string
	facts     lawful.Resting
	forgeries []ledger.Forgery
}

// Statement is the version of a grant with the statement of how it was de-identified, and nothing else that it rests on.
//
// Refuses with FORGED or NOT_FOUND when the version cannot be seen.
func Statement(tx *ledger.Tx, grant records.Grant) (lawful.Resting, error) {
	version, err := ReadVersion(tx, grant.Dataset, grant.Version)
	if err != nil {
		return lawful.Resting{}, err
	}
	r := resting{tx: tx, facts: lawful.Resting{Version: version.Record.Body}}
	_, err = r.statement(version.Digest)
	return r.facts, err
}

// statement reads the statement of how the version was de-identified; nil when there is none that counts.
func (r *resting) statement(digest string) (*ledger.Sealed[records.Deid], error) {
	deid, err := properly(r, "deid", false, found(FindDeid(r.tx, r.facts.Version.Dataset, r.facts.Version.Version)), properDeid(digest))
	if deid != nil {
		r.facts.Statement = &deid.Record.Body.Statement
	}
	return deid, err
}

func (r *resting) read(digest string) error {
	dataset, number := r.facts.Version.Dataset, r.facts.Version.Version
	ground, err := properly(r, "ground", false, found(FindGround(r.tx, dataset, number)), properGround(digest))
	if err != nil {
		return err
	}
	if ground != nil {
		r.facts.Ground = &ground.Record.Body
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
	deid, err := r.statement(digest)
	if err != nil {
		return err
	}
	var sought []records.Any
	if ground != nil {
		sought = append(sought, &ground.Record)
	}
	if deid != nil {
		sought = append(sought, &deid.Record)
	}
	unlisted, err := r.tx.Unlisted(sought...)
	for _, record := range unlisted {
		r.facts.Lost = append(r.facts.Lost, rules.Reason{Code: rules.EvidenceMissing, Message: "what the version rests on is not in every list: " + record.Key(), Clause: record.RecordType()})
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
// not be ours. also is what is asked of it besides its own bounds. What must be there and is not, and what its owner sealed wrongly, is lost, and that denies.
func properly[B records.Body](r *resting, clause string, must bool, l lookup[B], also func(*input.Checker, B)) (*ledger.Sealed[B], error) {
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
		var c input.Checker // its own bounds were looked at when it was read
		also(&c, record.Record.Body)
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

// nothingElse is asked of a body besides its own bounds.
func nothingElse[B records.Body](*input.Checker, B) {}

func properGround(digest string) func(*input.Checker, records.Ground) {
	return func(c *input.Checker, g records.Ground) {
		c.Require(g.VersionDigest == digest, "version_digest", "it is not that of the version")
	}
}

func properDeid(digest string) func(*input.Checker, records.Deid) {
	return func(c *input.Checker, d records.Deid) {
		c.Require(d.VersionDigest == digest, "version_digest", "it is not that of the version")
	}
}

// cohort reads a cohort's head and the epoch that it names as its newest, which must be there: nobody can hide one. It reads what the owner attests of those who have
// withdrawn, and, when that is behind, the epoch from which on it is owed: four ranges at most.
func (r *resting) cohort(clause, id string) error {
	head, err := properly(r, clause, true, found(FindCohort(r.tx, id)), nothingElse)
	if err != nil || head == nil {
		return err
	}
	epoch, err := r.epoch(clause, id, head.Record.Body.LatestEpoch)
	if err != nil || epoch == nil {
		return err
	}
	if err := r.newest(clause, id, head.Record.Body.LatestEpoch); err != nil {
		return err
	}
	facts := lawful.CohortFacts{Clause: clause, ID: id, Ended: head.Record.Status != records.Active, Why: LastNote(head.Record.Changes), Epoch: epoch.Record.Body}
	if facts.Hierarchy, err = r.placed(epoch.Record.Body.Ontologies, epoch.Record.Body.Use); err != nil {
		return err
	}
	if facts.Epoch.Withdrawn != records.NoPeople {
		if facts.Attested, err = r.attested(id, facts.Epoch.Epoch); err != nil {
			return err
		}
	}
	if whole, err := r.withoutABreak(clause, id, facts.Epoch.WithdrawnSince); err != nil || !whole {
		return err
	}
	if owed := lawful.Owed(facts.Epoch, facts.Attested); owed != 0 {
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
	return properly(r, clause, true, found(FindEpoch(r.tx, cohort, number)), func(c *input.Checker, e records.Epoch) {
		c.Require((e.WithdrawnSince == 0) == (e.Withdrawn == records.NoPeople) && e.WithdrawnSince >= 0 && e.WithdrawnSince <= e.Epoch, "withdrawn_since", "it does not fit")
		c.Given(e.UseSince != 0, "use_since")
	})
}

// newest makes sure that the owner has posted no epoch after the one that a cohort's record names: what the people said last counts, whatever the record says later.
func (r *resting) newest(clause, cohort string, number int64) error {
	later, err := FindEpoch(r.tx, cohort, number+1)
	if err == nil && (later.Record != nil || len(later.Forgeries) > 0) {
		r.facts.Lost = append(r.facts.Lost, rules.Reason{
			Code: rules.EvidenceMissing, Message: fmt.Sprintf("the people of %s have said something after epoch %d, and its record does not name that", cohort, number), Clause: clause,
		})
	}
	return err
}

// withoutABreak makes sure that nobody had withdrawn by the epoch before the one since which an epoch says that people have been withdrawn: otherwise the time in which they are to
// be left out would begin anew with each epoch.
func (r *resting) withoutABreak(clause, cohort string, since int64) (bool, error) {
	if since < 2 {
		return true, nil
	}
	before, err := r.epoch(clause, cohort, since-1)
	if err != nil || before == nil {
		return false, err
	}
	if before.Record.Body.Withdrawn == records.NoPeople {
		return true, nil
	}
	r.facts.Lost = append(r.facts.Lost, rules.Reason{
		Code: rules.EvidenceMissing, Message: fmt.Sprintf("the newest epoch of %s says that people have been withdrawn since epoch %d, and they had by the one before", cohort, since), Clause: clause,
	})
	return false, nil
}

// attested is the epoch as of which those who withdrew are attested to be left out of the version; 0 when that is nowhere attested as the contract takes it.
func (r *resting) attested(cohort string, newest int64) (int64, error) {
	finding, err := FindExclusion(r.tx, r.facts.Version.Dataset, r.facts.Version.Version, cohort)
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
	if exclusion.Record.Body.Epoch > newest {
		return 0, nil
	}
	return exclusion.Record.Body.Epoch, nil
}

func (r *resting) basis(clause, id string) error {
	basis, err := properly(r, clause, true, found(FindBasis(r.tx, id)), nothingElse)
	if err != nil || basis == nil {
		return err
	}
	facts := lawful.BasisFacts{
		Clause: clause, ID: id, Basis: basis.Record.Body, Ended: basis.Record.Status != records.Active, Why: LastNote(basis.Record.Changes),
	}
	if facts.Hierarchy, err = r.placed(basis.Record.Body.Ontologies, basis.Record.Body.Purposes); err != nil {
		return err
	}
	r.facts.Bases = append(r.facts.Bases, facts)
	return nil
}

func (r *resting) placed(refs []records.OntologyRef, uses []records.Alternative) (use.Hierarchy, error) {
	return PlaceTerms(r.tx, refs, r.asked, DiseasesOf(records.Policy{Use: uses}))
}

// readResting reads what a dataset version rests on, for a use that asks for diseases: its ground, the newest epoch of each cohort, each legal basis, and the statement of
// de-identification. It never refuses because of what it finds: what is forged or gone is lost, and denies. Forgeries that somebody put beside the records count for nothing;
// they are told apart.
func readResting(tx *ledger.Tx, version *ledger.Sealed[records.Version], diseases []string) (lawful.Resting, []ledger.Forgery, error) {
	r := resting{tx: tx, asked: diseases, facts: lawful.Resting{Version: version.Record.Body}}
	err := r.read(version.Digest)
	return r.facts, r.forgeries, err
}

// AskGrounds is what the grounds say to a request that nobody has decided on.
func AskGrounds(tx *ledger.Tx, dataset string, version int64, policy records.Policy, ask use.Ask) (lawful.Grounding, error) {
	record, err := ReadVersion(tx, dataset, version)
	if err != nil {
		return lawful.Grounding{}, err
	}
	facts, _, err := readResting(tx, record, ask.Purpose.Diseases)
	if err != nil {
		return lawful.Grounding{}, err
	}
	return lawful.JudgeGrounds(facts, lawful.Question{Ask: ask, Policies: []records.Policy{policy}, At: tx.Now()}), nil
}
