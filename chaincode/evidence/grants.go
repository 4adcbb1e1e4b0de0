package evidence

import (
	"slices"

	"cmp"
	"fmt"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/use"
)

// Standing is where a grant stands now, by all that it rests on, and why when its own record does not say that.
func Standing(tx *ledger.Tx, grant *ledger.Sealed[records.Grant]) (machines.GrantState, string, error) {
	if state := grants.GrantStateAt(grant.Record, tx.Now()); state.Ended() {
		return state, "", nil
	}
	facts, err := GrantFacts(tx.Quiet(), grant, nil)
	if err != nil {
		return "", "", err
	}
	state, why := grants.Standing(facts, 0)
	return state, why, nil
}

// GrantFacts gathers all that a grant rests on: for a question, or, without one, what its standing depends on. It never refuses because of what it finds: what is forged or
// gone is said in the facts, and denies.
func GrantFacts(tx *ledger.Tx, grant *ledger.Sealed[records.Grant], q *grants.Question) (grants.Facts, error) {
	g := gathering{tx: tx, q: q, facts: grants.Facts{Key: grant.Key, Grant: grant.Record}}
	if err := g.gather(g.readBasis, g.readPost, g.readJoined, g.readGoverning, g.readResting, g.placeLater, g.readLists); err != nil {
		return grants.Facts{}, err
	}
	g.facts.Now = tx.Now()
	if q != nil {
		institution, _, _ := records.SplitPerson(q.For)
		g.facts.Alarm = tx.Alarm.Against(append(tx.RestsOn(), institution)...)
	}
	return g.facts, nil
}

// gathering is the facts about a grant on their way from the ledger.
type gathering struct {
	tx      *ledger.Tx
	q       *grants.Question
	facts   grants.Facts
	version *ledger.Sealed[records.Version]
}

// gather does several readings.
func (g *gathering) gather(readings ...func(records.Grant) error) error {
	for _, read := range readings {
		if err := read(g.facts.Grant.Body); err != nil {
			return err
		}
	}
	return nil
}

// at is the moment that is asked about; zero is now.
func (g *gathering) at() records.Time {
	if g.q == nil {
		return 0
	}
	return g.q.At
}

// readBasis reads what the grant was given by: its request with all that decides on it, or its break-glass record.
func (g *gathering) readBasis(grant records.Grant) error {
	var err error
	switch {
	case records.IsTx(grant.Breakglass):
		g.facts.Emergency, err = readEmergency(g.tx, grant.Breakglass)
	case grant.Breakglass == "" && records.IsTx(grant.Request):
		err = g.readApproval(grant)
	}
	g.facts.Unseen = unseen(err)
	return unlessUnseen(err)
}

// readPost reads which grant its owner has posted as the one of its request or break-glass.
func (g *gathering) readPost(grant records.Grant) (err error) {
	if records.IsTx(grant.Origin()) {
		g.facts.Given, err = g.tx.LeadsTo(g.facts.Grant.Owner, records.GrantPost(grant.Origin()))
	}
	return err
}

func (g *gathering) readApproval(grant records.Grant) error {
	found, err := FindCase(g.tx, grant.Request)
	if err != nil {
		return err
	}
	approval := found.Approval()
	g.facts.Approval = &approval
	g.beside("something beside the evidence is forged and was not counted: ", found.Forgeries)
	g.beside("the grant names what is forged: ", neverGiven(grant.Votes, found.Votes))
	if g.q == nil {
		return nil
	}
	if g.facts.Hierarchy, err = PlaceTerms(g.tx, found.Ontologies, g.q.Purpose.Diseases, grant.Purpose.Diseases); err != nil {
		return err
	}
	terms := g.facts.TermsFor(g.q.For)
	if terms == nil {
		return nil
	}
	institution, id, _ := records.SplitPerson(g.q.For)
	at, forgeries, err := AcceptedAt(g.tx, g.facts.Grant, records.Person{Institution: institution, ID: id}, terms.SHA256)
	g.facts.AcceptedAt = at
	g.beside("something beside the evidence is forged and was not counted: ", forgeries)
	return err
}

// neverGiven are the votes that a grant names and that nobody has posted. A vote cannot be taken away, so there never was one.
func neverGiven(named []records.VoteRef, given []*ledger.Sealed[records.Vote]) []ledger.Forgery {
	var forgeries []ledger.Forgery
	for _, ref := range named {
		if !slices.ContainsFunc(given, func(vote *ledger.Sealed[records.Vote]) bool { return vote.Key == ref.Key }) {
			forgeries = append(forgeries, ledger.Forgery{Key: ref.Key, Why: "no institution has posted such a vote"})
		}
	}
	return forgeries
}

// readEmergency reads a break-glass record, the owner's privacy committee and the version that was opened.
//
// Refuses with FORGED or NOT_FOUND.
func readEmergency(tx *ledger.Tx, id string) (*grants.Emergency, error) {
	record, err := ReadBreakglass(tx, id)
	if err != nil {
		return nil, err
	}
	roster, err := ReadRoster(tx, record.Record.Owner, "privacy")
	if err != nil {
		return nil, err
	}
	version, err := ReadVersion(tx, record.Record.Body.Dataset, record.Record.Body.Version)
	if err != nil {
		return nil, err
	}
	return &grants.Emergency{Key: record.Key, Record: record.Record, Roster: roster, VersionDigest: version.Digest}, nil
}

// readJoined reads the grant that this one joins, and what has narrowed it.
func (g *gathering) readJoined(grant records.Grant) error {
	if !records.IsTx(grant.Joins) {
		return nil
	}
	joined, err := ReadGrant(g.tx, grant.Joins)
	if err != nil {
		g.facts.Joined = &grants.Joined{Unseen: unseen(err)}
		return unlessUnseen(err)
	}
	facts := &grants.Joined{Key: joined.Key, Grant: joined.Record}
	g.facts.Joined = facts
	if !grants.CanBeJoined(joined.Record.Body, grant) {
		return nil
	}
	if facts.Later, err = readLater(g.tx, joined.Record.Body, g.at()); err != nil {
		return err
	}
	return placeLater(g.tx, &facts.Later, joined.Record.Body)
}

// readGoverning reads the policies that the grant must keep to: its own, and a later one that applies to it; and the version that was granted.
func (g *gathering) readGoverning(grant records.Grant) (err error) {
	if g.q != nil {
		err = g.readOwn(grant)
		g.facts.Lawfulness.Unseen = unseen(err)
		if err := unlessUnseen(err); err != nil {
			return err
		}
	}
	g.facts.Later, err = readLater(g.tx, grant, g.at())
	return err
}

func (g *gathering) readOwn(grant records.Grant) (err error) {
	if g.version, err = ReadVersion(g.tx, grant.Dataset, grant.Version); err != nil || grant.Breakglass != "" {
		return err
	}
	policy, err := ReadPolicy(g.tx, grant.Dataset, grant.PolicyVersion)
	if err == nil {
		g.facts.Lawfulness.Policy = &policy.Record.Body.Policy
	}
	return err
}

// readResting reads what the version rests on, when there is a question and all that governs it was seen.
func (g *gathering) readResting(grant records.Grant) error {
	if g.facts.Lawfulness.Unseen != "" || g.facts.Later.Unseen != "" {
		return nil
	}
	if g.q == nil {
		return g.readStatement(grant)
	}
	resting, forgeries, err := readResting(g.tx, g.version, use.AsGranted(g.q.Purpose, grant.Purpose).Diseases)
	g.facts.Lawfulness.Resting = resting
	g.beside("something beside what the version rests on is forged and was not counted: ", forgeries)
	return err
}

// readStatement reads how the version was de-identified, when a policy that governs the grant asks for that.
func (g *gathering) readStatement(grant records.Grant) (err error) {
	if !g.facts.NeedsStatement() {
		return nil
	}
	g.facts.Lawfulness.Resting, err = Statement(g.tx, grant)
	g.facts.Lawfulness.Unseen = unseen(err)
	return unlessUnseen(err)
}

func (g *gathering) placeLater(grant records.Grant) error {
	return placeLater(g.tx, &g.facts.Later, grant)
}

// readLists looks for the grant, and for what it was given by, where everybody looks for them: in the lists and in the trail. (OpenCase does so for a request; votes are in no list, and
// nobody can hide one.)
func (g *gathering) readLists(records.Grant) error {
	sought := []records.Any{&g.facts.Grant}
	if g.facts.Joined != nil && g.facts.Joined.Unseen == "" {
		sought = append(sought, &g.facts.Joined.Grant)
	}
	if g.facts.Emergency != nil {
		sought = append(sought, &g.facts.Emergency.Record)
	}
	unlisted, err := g.tx.Unlisted(sought...)
	for _, record := range unlisted {
		g.facts.Unlisted = append(g.facts.Unlisted, record.Key())
	}
	return err
}

// beside names forgeries that stand beside what was read.
func (g *gathering) beside(what string, forgeries []ledger.Forgery) {
	for _, forgery := range forgeries {
		g.facts.Beside = append(g.facts.Beside, rules.Reason{Code: rules.Forged, Message: what + forgery.Why, Clause: forgery.Key})
	}
}

// unseen says in words what could not be read; empty when nothing went wrong.
func unseen(err error) string {
	if err == nil {
		return ""
	}
	return refusal.From(err).Message
}

// unlessUnseen passes errors on but those which say that something is forged or gone: these are facts.
func unlessUnseen(err error) error {
	if refusal.Is(err, refusal.Forged) || refusal.Is(err, refusal.NotFound) {
		return nil
	}
	return err
}

// AcceptedAt is when a grantee accepted the terms in person, or zero. What is sealed is judged again: it is their own word, in their own transaction. Forgeries are
// told apart.
func AcceptedAt(tx *ledger.Tx, grant records.Record[records.Grant], person records.Person, terms string) (records.Time, []ledger.Forgery, error) {
	acceptances, forgeries, err := ReadAcceptances(tx, grant.ID, person)
	if err != nil {
		return 0, nil, err
	}
	for _, acceptance := range acceptances {
		by := acceptance.Record.Changes[0].By
		if acceptance.Record.Body.Terms == terms && by.Institution == person.Institution && by.ID == person.ID && acceptance.Record.CreatedAt() >= grant.CreatedAt() {
			return acceptance.Record.CreatedAt(), forgeries, nil
		}
	}
	return 0, forgeries, nil
}

// RefuseByRecord refuses an act on a grant by where the grant stands by its own record, whatever else has become of it: what ends or stops a grant asks for no more.
func RefuseByRecord(act string, grant records.Record[records.Grant], at records.Time) error {
	return RefuseByState(act, grant, grants.GrantStateAt(grant, at), "")
}

// RefuseByState refuses an act on a grant that stands in a state, with the code that machines.GrantMachine gives it. why is what else than its own record put it there,
// or empty.
func RefuseByState(act string, grant records.Record[records.Grant], state machines.GrantState, why string) error {
	reason := ""
	if state == machines.GrantSuspended {
		if reason = machines.ByItself; why != "" {
			reason = machines.WithJoined
		}
	}
	return machines.GrantMachine.Refuse(act, state, reason, func() (sentence, hint string) { return grantStands(grant, state, why) })
}

// grantStands says where a grant stands in which something is not possible, and what can be done instead.
func grantStands(grant records.Record[records.Grant], state machines.GrantState, why string) (sentence, hint string) {
	switch state {
	case machines.GrantExpired:
		return fmt.Sprintf("grant %.12s ended at %s", grant.ID, grant.Body.Until), ""
	case machines.GrantRevoked, machines.GrantRelinquished:
		return fmt.Sprintf("grant %.12s was %s at %s", grant.ID, state, grant.UpdatedAt), ""
	case machines.GrantNarrowed, machines.GrantEnded:
		return fmt.Sprintf("grant %.12s has ended: %s", grant.ID, why), ""
	case machines.GrantUnproven:
		return fmt.Sprintf("grant %.12s does not stand: %s", grant.ID, why), "check says what is missing or forged; tell the consortium's operators"
	case machines.GrantSuspended:
		return fmt.Sprintf("grant %.12s is suspended", grant.ID), cmp.Or(why, "a privacy officer of "+grant.Owner+" lifts it (grant.lift)")
	case machines.GrantPending:
		return fmt.Sprintf("grant %.12s begins at %s", grant.ID, grant.Body.From), "read it again then"
	}
	return fmt.Sprintf("grant %.12s is %s", grant.ID, state), "read it again"
}
