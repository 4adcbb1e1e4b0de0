package contract

import (
	"strings"
	"time"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

// evidence is what a check found when it looked again at what a grant rests on.
type evidence struct {
	// against is why it does not hold, or nil.
	against *rules.Reason
	// hierarchy is where the diseases stand that were granted and are asked about.
	hierarchy rules.Hierarchy
	// terms are those that the person has to have accepted in person, and acceptedAt is when they did (zero: they did not).
	terms      *records.Terms
	acceptedAt records.Time
}

// unaccepted is the reason against a grant whose terms a person had not accepted at a moment, or nil.
func (e evidence) unaccepted(person, key string, at records.Time) *rules.Reason {
	if e.terms == nil || e.acceptedAt != 0 && e.acceptedAt <= at {
		return nil
	}
	return &rules.Reason{Code: rules.TermsNotAccepted, Clause: key, Message: person + " has not accepted the terms at " + e.terms.URL + " (grant.accept)"}
}

// evidenceOf looks again at what a grant rests on, all sealed: its break-glass record; or request, policy and version, and votes, of the pinned digests and approved by
// the rules. Forgeries beside it are named and not counted.
func (j *judging) evidenceOf(tx *ledger.Tx, grant *ledger.Sealed[records.Grant]) (evidence, error) {
	if grant.Record.Body.Breakglass != "" {
		against, err := brokenGlass(tx, grant)
		return evidence{against: missingEvidence(grant.Key, err, against), hierarchy: rules.Hierarchy{}}, unlessMissing(err)
	}
	if !records.IsTx(grant.Record.Body.Request) {
		return evidence{against: &rules.Reason{Code: rules.EvidenceMissing, Message: "the grant names neither a request nor a break-glass record", Clause: grant.Key}}, nil
	}
	found, err := findCase(tx, grant.Record.Body.Request)
	if err != nil {
		return evidence{against: missingEvidence(grant.Key, err, nil)}, unlessMissing(err)
	}
	j.beside(found.forgeries)
	hierarchy, err := placed(tx, found.ontologies, j.a.Purpose.Diseases, grant.Record.Body.Purpose.Diseases)
	if err != nil {
		return evidence{}, err
	}
	e := evidence{against: found.against(tx, grant), hierarchy: hierarchy}
	err = j.acceptance(tx, grant, found, &e)
	return e, err
}

// missingEvidence is the reason that a refusal gives when what a grant rests on is forged or gone; without a refusal it is the reason that was found.
func missingEvidence(key string, err error, found *rules.Reason) *rules.Reason {
	if err == nil {
		return found
	}
	return &rules.Reason{Code: rules.EvidenceMissing, Message: "what the grant rests on does not hold: " + refusal.From(err).Message, Clause: key}
}

func unlessMissing(err error) error {
	if refusal.Is(err, refusal.Forged) || refusal.Is(err, refusal.NotFound) {
		return nil
	}
	return err
}

// against is why an approved request does not make this grant, or nil.
func (c *reviewCase) against(tx *ledger.Tx, grant *ledger.Sealed[records.Grant]) *rules.Reason {
	outcome := c.outcome(tx)
	if outcome.State != rules.Approved || outcome.DecidedBy != grant.Record.ID {
		return &rules.Reason{Code: rules.EvidenceMissing, Message: "the sealed votes do not approve the request that the grant names", Clause: c.request.Key}
	}
	if !rules.SameTerms(grant.Record.Body, c.grant(outcome)) {
		return &rules.Reason{Code: rules.EvidenceDiffers, Message: "the grant says something else than the request that was approved", Clause: grant.Key}
	}
	return c.takenBack(outcome.DecidedAt)
}

// clocksApart is how much earlier than something before it an honest change can be dated, in seconds: by two clocks that are off in opposite directions.
const clocksApart = records.Time(2 * ledger.ClockTolerance / time.Second)

// takenBack is the reason against a grant whose related one had been revoked or relinquished when it was decided on, or nil. What is dated within the clocks' tolerance
// before may have been done after.
func (c *reviewCase) takenBack(decidedAt records.Time) *rules.Reason {
	if c.related == nil {
		return nil
	}
	state := rules.GrantStateAt(c.related.Record, decidedAt-clocksApart)
	if state != rules.GrantRevoked && state != rules.GrantRelinquished {
		return nil
	}
	return &rules.Reason{Code: rules.EvidenceMissing, Message: "the grant that it renews or joins was " + string(state) + " when the request was approved", Clause: c.related.Key}
}

// acceptance notes which terms the person has to have accepted: those of the pinned policy, unless they asked for the grant. One range is read.
func (j *judging) acceptance(tx *ledger.Tx, grant *ledger.Sealed[records.Grant], found *reviewCase, e *evidence) error {
	institution, id, _ := records.SplitPerson(j.a.For)
	person := records.Person{Institution: institution, ID: id}
	terms := found.facts.Policy.Terms
	if terms == nil || person == found.request.Record.Body.Requester {
		return nil
	}
	at, forgeries, err := acceptedAt(tx, grant, person, terms.SHA256)
	j.beside(forgeries)
	e.terms, e.acceptedAt = terms, at
	return err
}

// beside names forgeries that stand beside the evidence.
func (j *judging) beside(forgeries []ledger.Forgery) {
	for _, forgery := range forgeries {
		j.forgery("something beside the evidence is forged and was not counted: ", forgery)
	}
}

// brokenGlass is why the record that a break-glass grant names does not make this grant, or nil: one record of the owner, its privacy committee and the version are read.
//
// Refuses with FORGED or NOT_FOUND.
func brokenGlass(tx *ledger.Tx, grant *ledger.Sealed[records.Grant]) (*rules.Reason, error) {
	body := grant.Record.Body
	if !records.IsTx(body.Breakglass) {
		return &rules.Reason{Code: rules.EvidenceMissing, Message: "the grant names no break-glass record", Clause: grant.Key}, nil
	}
	record, err := tx.Breakglass(body.Breakglass)
	if err != nil {
		return nil, err
	}
	roster, err := rosterOf(tx, record.Record.Owner, "privacy")
	if err != nil {
		return nil, err
	}
	version, err := mustVersion(tx, record.Record.Body.Dataset, record.Record.Body.Version)
	if err != nil {
		return nil, err
	}
	reasons := rules.Unopened(record.Record, grant.Record.ID, roster)
	var c input.Checker
	c.Proposal(record.Record.Body)
	if err := c.Err(); err != nil {
		reasons = append(reasons, refusal.From(err).Message)
	}
	if len(reasons) > 0 {
		return &rules.Reason{Code: rules.EvidenceMissing, Message: "the glass was not broken by the rules: " + strings.Join(reasons, "; "), Clause: record.Key}, nil
	}
	expected := rules.EmergencyGrant(record.Record, rules.ConfirmedAt(record.Record))
	if version.Digest != expected.VersionDigest || !rules.SameTerms(body, expected) {
		return &rules.Reason{Code: rules.EvidenceDiffers, Message: "the grant says something else than what was opened", Clause: grant.Key}, nil
	}
	return nil, nil
}
