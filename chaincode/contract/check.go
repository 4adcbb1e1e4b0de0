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

const (
	// maxGrantsLooked bounds how many of a person's grants on one dataset a check looks at. Forgeries do not count: they could crowd the real one out.
	maxGrantsLooked = 200
	// maxForgeriesNamed bounds how many forgeries an answer names.
	maxForgeriesNamed = 20
)

type checkArgument struct {
	Dataset string          `json:"dataset"`
	Version *int64          `json:"version"`
	For     string          `json:"for"`
	Purpose records.Purpose `json:"purpose"`
	Mode    string          `json:"mode"`
	At      records.Time    `json:"at"`
}

func (a checkArgument) check(c *input.Checker) {
	numberedName{a.Dataset, a.Version}.check(c)
	c.PersonName("for", a.For)
	c.Purpose("purpose", a.Purpose)
	c.OneOf("mode", a.Mode, records.Modes)
}

type checkAnswer struct {
	decision
	Grant string `json:"grant,omitzero"`
}

// check answers whether a person may use a dataset version now, from the grants that they hold and the evidence of each, looked at again.
func check(tx *ledger.Tx, a checkArgument) (any, error) {
	j := judging{tx: tx, a: a, best: rules.Deny}
	version, err := j.version()
	if refusal.Is(err, refusal.Forged) {
		return j.forgedDataset(refusal.From(err)), nil
	}
	if err != nil {
		return nil, err
	}
	j.digest = version.Digest
	j.number = version.Record.Body.Version
	err = tx.GrantsOf(a.For, a.Dataset, func(scope *ledger.Tx, grant *ledger.Sealed[records.Grant], forgery *ledger.Forgery) (bool, error) {
		if forgery != nil {
			j.forgery("a grant is forged: ", *forgery)
			return true, nil
		}
		if j.sealed == maxGrantsLooked {
			j.add(rules.Reason{Code: rules.TooManyGrants, Message: fmt.Sprintf("only the first %d grants were looked at", maxGrantsLooked), Clause: ""})
			return false, nil
		}
		return j.judge(scope, grant)
	})
	if err != nil {
		return nil, err
	}
	return j.answer(), nil
}

// judging is one check on its way.
type judging struct {
	tx     *ledger.Tx
	a      checkArgument
	number int64
	digest string

	best      rules.Answer
	reasons   []rules.Reason
	evaluated []ledger.Ref
	at        records.Time // of the grant that decided
	grant     *ledger.Sealed[records.Grant]
	duties    []string // that come from the people in the data
	sealed    int
	forgeries int
}

func (j *judging) version() (*ledger.Sealed[records.Version], error) {
	head, err := latest(j.tx, j.a.Dataset)
	if err != nil {
		return nil, err
	}
	return mustVersion(j.tx, j.a.Dataset, numberedName{j.a.Dataset, j.a.Version}.or(head.Record.Body.LatestVersion))
}

func (j *judging) add(reason rules.Reason) { j.reasons = append(j.reasons, reason) }

// forgery names something that was not counted.
func (j *judging) forgery(what string, forgery ledger.Forgery) {
	reason := rules.Reason{Code: rules.Forged, Message: what + forgery.Why, Clause: forgery.Key}
	if slices.Contains(j.reasons, reason) {
		return
	}
	if j.forgeries++; j.forgeries <= maxForgeriesNamed {
		j.add(reason)
	}
}

// named are the forgeries among the reasons so far: they stay in the answer when a grant permits.
func (j *judging) named() []rules.Reason {
	return slices.DeleteFunc(j.reasons, func(r rules.Reason) bool { return r.Code != rules.Forged })
}

func (j *judging) rely(refs []ledger.Ref) {
	for _, ref := range refs {
		if !slices.Contains(j.evaluated, ref) {
			j.evaluated = append(j.evaluated, ref)
		}
	}
}

// moment is the one that is asked about, or the effective time.
func (j *judging) moment(tx *ledger.Tx) records.Time {
	if j.a.At != 0 {
		return j.a.At
	}
	return tx.Now()
}

// judge weighs one sealed grant, and says whether others should be looked at.
func (j *judging) judge(scope *ledger.Tx, grant *ledger.Sealed[records.Grant]) (more bool, err error) {
	j.sealed++
	evidence, hierarchy, err := j.evidenceOf(scope, grant)
	if err != nil {
		return false, err
	}
	grounding, err := j.groundsOf(scope, grant)
	if err != nil {
		return false, err
	}
	at := j.moment(scope)
	answer, reasons := j.terms(grant, at, hierarchy)
	ended, err := narrowed(scope, grant, at)
	if err != nil {
		return false, err
	}
	answer, reasons = grounding.With(answer, reasons)
	if ended != nil {
		answer, reasons = rules.Deny, append(reasons, *ended)
	}
	switch {
	case evidence != nil:
		answer, reasons = rules.Deny, append(reasons, *evidence)
	case answer == rules.Permit:
		reasons = append(reasons, rules.Reason{Code: rules.Granted, Message: fmt.Sprintf("granted from %s until %s", grant.Record.Body.From, grant.Record.Body.Until), Clause: grant.Key})
	}
	j.rely(scope.Evidence())
	expired := rules.GrantStateAt(grant.Record, at) == rules.GrantExpired
	switch {
	case answer == rules.Permit:
		j.best, j.reasons, j.grant, j.at, j.duties = answer, append(reasons, j.named()...), grant, at, grounding.Obligations
		return false, nil
	case answer == rules.Review && j.best == rules.Deny:
		j.best, j.grant, j.at, j.duties = answer, grant, at, grounding.Obligations
	}
	j.reasons = append(j.reasons, reasons...)
	return !expired, nil // those that follow ended still earlier
}

// terms judges what the grant itself says, and gives every reason against it.
func (j *judging) terms(grant *ledger.Sealed[records.Grant], at records.Time, hierarchy rules.Hierarchy) (rules.Answer, []rules.Reason) {
	body, clause := grant.Record.Body, grant.Key
	answer, why := rules.Covers(body.Purpose, rules.AsGranted(j.a.Purpose, body.Purpose), hierarchy)
	var reasons []rules.Reason
	for _, sentence := range why {
		reasons = append(reasons, rules.Reason{
			Code: map[rules.Answer]string{rules.Deny: rules.PurposeNotCovered, rules.Review: rules.PurposeNeedsReview}[answer], Message: "the grant: " + sentence, Clause: clause,
		})
	}
	deny := func(code, format string, arguments ...any) {
		answer = rules.Deny
		reasons = append(reasons, rules.Reason{Code: code, Message: fmt.Sprintf(format, arguments...), Clause: clause})
	}
	switch rules.GrantStateAt(grant.Record, at) {
	case rules.GrantRevoked:
		last := grant.Record.Changes[len(grant.Record.Changes)-1]
		deny(rules.Revoked, "the grant was revoked at %s: %s", last.At, last.Note)
	case rules.GrantExpired:
		deny(rules.Expired, "the grant ended at %s", body.Until)
	case rules.GrantPending:
		deny(rules.Pending, "the grant begins at %s", body.From)
	}
	if body.Version != j.number || body.VersionDigest != j.digest {
		deny(rules.VersionNotCovered, "the grant is for version %d, not %d", body.Version, j.number)
	}
	if body.Mode != j.a.Mode {
		deny(rules.ModeNotCovered, "the grant is for delivery by %s, not %s", body.Mode, j.a.Mode)
	}
	if institution, id, _ := records.SplitPerson(j.a.For); body.Institution != institution || !slices.Contains(body.Grantees, id) {
		deny(rules.PersonNotCovered, "the grant is not for %s", j.a.For)
	}
	return answer, reasons
}

// evidenceOf looks again at what a grant rests on: request, policy and version, and votes, all sealed and of the pinned digests, and approved by the rules. It gives
// the reason why the evidence does not hold, or nil, and where the diseases stand that were granted and are asked about. Forgeries beside it are named and not counted.
func (j *judging) evidenceOf(tx *ledger.Tx, grant *ledger.Sealed[records.Grant]) (*rules.Reason, rules.Hierarchy, error) {
	found, err := findCase(tx, grant.Record.Body.Request)
	if refusal.Is(err, refusal.Forged) || refusal.Is(err, refusal.NotFound) {
		return &rules.Reason{Code: rules.EvidenceMissing, Message: "what the grant rests on does not hold: " + refusal.From(err).Message, Clause: grant.Key}, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, forgery := range found.forgeries {
		j.forgery("something beside the evidence is forged and was not counted: ", forgery)
	}
	hierarchy, err := placed(tx, found.ontologies, j.a.Purpose.Diseases, grant.Record.Body.Purpose.Diseases)
	if err != nil {
		return nil, nil, err
	}
	outcome := found.outcome(tx)
	if outcome.State != rules.Approved || outcome.DecidedBy != grant.Record.ID {
		return &rules.Reason{Code: rules.EvidenceMissing, Message: "the sealed votes do not approve the request that the grant names", Clause: found.request.Key}, hierarchy, nil
	}
	if !rules.SameTerms(grant.Record.Body, found.grant(outcome)) {
		return &rules.Reason{Code: rules.EvidenceDiffers, Message: "the grant says something else than the request that was approved", Clause: grant.Key}, hierarchy, nil
	}
	return nil, hierarchy, nil
}

func (j *judging) answer() checkAnswer {
	if j.grant == nil {
		j.at = j.moment(j.tx)
	}
	if j.sealed == 0 {
		j.add(rules.Reason{Code: rules.NoGrant, Message: fmt.Sprintf("%s holds no grant on %s", j.a.For, j.a.Dataset), Clause: ""})
	}
	if j.a.At != 0 {
		j.add(rules.Reason{Code: rules.AskedAbout, Message: fmt.Sprintf("this is about %s; it says nothing about now", j.a.At), Clause: "at"})
	}
	j.rely(j.tx.Evidence())
	answer := checkAnswer{decision: decision{Decision: j.best, Reasons: j.reasons, Obligations: []string{}, Evaluated: j.evaluated, At: j.at}}
	if j.grant != nil {
		answer.Grant = j.grant.Record.ID
		answer.Obligations = rules.AddDuties(j.grant.Record.Body.Obligations, j.duties)
	}
	return answer
}

// forgedDataset denies and names the forgery.
func (j *judging) forgedDataset(refused *refusal.Error) checkAnswer {
	clause := ""
	if len(refused.Details) > 0 {
		if forgery, ok := refused.Details[0].(ledger.Forgery); ok {
			clause = forgery.Key
		}
	}
	j.sealed = 1 // grants were not looked for
	j.add(rules.Reason{Code: rules.Forged, Message: refused.Message, Clause: clause})
	return j.answer()
}
