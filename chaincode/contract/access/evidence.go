package access

import (
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/use"
)

// rests is what a check found when it looked again at what a grant rests on.
type rests struct {
	// against is why it does not hold, or nil.
	against *rules.Reason
	// hierarchy is where the diseases stand that were granted and are asked about.
	hierarchy use.Hierarchy
	// terms are those that the person has to have accepted in person, and acceptedAt is when they did (zero: they did not).
	terms      *records.Terms
	acceptedAt records.Time
}

// unaccepted is the reason against a grant whose terms a person had not accepted at a moment, or nil.
func (e rests) unaccepted(person, key string, at records.Time) *rules.Reason {
	if e.terms == nil || e.acceptedAt != 0 && e.acceptedAt <= at {
		return nil
	}
	return &rules.Reason{Code: rules.TermsNotAccepted, Clause: key, Message: person + " has not accepted the terms at " + e.terms.URL + " (grant.accept)"}
}

// evidenceOf looks again at what a grant rests on, all sealed: its break-glass record; or request, policy and version, and votes, of the pinned digests and approved by
// the rules. Forgeries beside it are named and not counted.
func (j *judging) evidenceOf(tx *ledger.Tx, grant *ledger.Sealed[records.Grant]) (rests, error) {
	if grant.Record.Body.Breakglass != "" {
		against, err := evidence.BrokenGlass(tx, grant)
		return rests{against: evidence.MissingEvidence(grant.Key, err, against), hierarchy: use.Hierarchy{}}, evidence.UnlessMissing(err)
	}
	if !records.IsTx(grant.Record.Body.Request) {
		return rests{against: &rules.Reason{Code: rules.EvidenceMissing, Message: "the grant names neither a request nor a break-glass record", Clause: grant.Key}}, nil
	}
	found, err := evidence.FindCase(tx, grant.Record.Body.Request)
	if err != nil {
		return rests{against: evidence.MissingEvidence(grant.Key, err, nil)}, evidence.UnlessMissing(err)
	}
	j.beside(found.Forgeries)
	hierarchy, err := evidence.PlaceTerms(tx, found.Ontologies, j.a.Purpose.Diseases, grant.Record.Body.Purpose.Diseases)
	if err != nil {
		return rests{}, err
	}
	e := rests{against: found.Against(tx, grant), hierarchy: hierarchy}
	err = j.acceptance(tx, grant, found, &e)
	return e, err
}

// acceptance notes which terms the person has to have accepted: those of the pinned policy, unless they asked for the grant. One range is read.
func (j *judging) acceptance(tx *ledger.Tx, grant *ledger.Sealed[records.Grant], found *evidence.Case, e *rests) error {
	institution, id, _ := records.SplitPerson(j.a.For)
	person := records.Person{Institution: institution, ID: id}
	terms := found.Facts.Policy.Terms
	if terms == nil || person == found.Request.Record.Body.Requester {
		return nil
	}
	at, forgeries, err := evidence.AcceptedAt(tx, grant, person, terms.SHA256)
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

// groundsOf judges a grant by what its version rests on: by the policy that it was given under, and by one that applies to existing grants.
func (j *judging) groundsOf(tx *ledger.Tx, grant *ledger.Sealed[records.Grant]) (lawful.Grounding, error) {
	body := grant.Record.Body
	version, err := evidence.ReadVersion(tx, body.Dataset, body.Version)
	if err != nil {
		return evidence.LostGrounds(err, grant.Key)
	}
	q := lawful.Question{Ask: grants.NarrowedAsk(body, nil), At: j.a.At}
	q.Ask.Purpose = use.AsGranted(j.a.Purpose, body.Purpose)
	if len(body.Votes) > 0 { // otherwise nobody has judged anything
		q.Decided = body.From
	}
	if q.Policies, err = evidence.GoverningPolicies(tx, grant, j.moment(tx)); err != nil {
		return evidence.LostGrounds(err, grant.Key)
	}
	grounding, forgeries, err := evidence.JudgeGrounds(tx, version, q)
	for _, forgery := range forgeries {
		j.forgery("something beside what the version rests on is forged and was not counted: ", forgery)
	}
	if body.Breakglass != "" {
		grounding = grounding.InEmergency()
	}
	return grounding, err
}
