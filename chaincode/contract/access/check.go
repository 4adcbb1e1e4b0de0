package access

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/use"
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

func (a checkArgument) Check(c *input.Checker) {
	c.Dataset("dataset", a.Dataset)
	c.Number("version", a.Version)
	c.PersonName("for", a.For)
	c.Purpose("purpose", a.Purpose)
	c.OneOf("mode", a.Mode, records.Modes)
}

type checkAnswer struct {
	decision
	Grant string `json:"grant,omitzero"`
}

// Check answers whether a person may use a dataset version now, from the grants that they hold and the evidence of each, looked at again.
func Check(tx *ledger.Tx, a checkArgument) (any, error) {
	j := judging{tx: tx, a: a, best: rules.Deny}
	if tx.Alarm.Ledger != "" {
		return j.closed(), nil
	}
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
	head, err := evidence.ReadHead(j.tx, j.a.Dataset)
	if err != nil {
		return nil, err
	}
	return evidence.ReadVersion(j.tx, j.a.Dataset, transaction.Or(j.a.Version, head.Record.Body.LatestVersion))
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
	found, err := j.evidenceOf(scope, grant)
	if err != nil {
		return false, err
	}
	_, above, err := evidence.ParentState(scope, grant, j.moment(scope))
	if err != nil {
		return false, err
	}
	grounding, err := j.groundsOf(scope, grant)
	if err != nil {
		return false, err
	}
	at := j.moment(scope)
	answer, reasons := j.terms(grant, at, found.hierarchy)
	ended, err := evidence.Narrowed(scope, grant, at)
	if err != nil {
		return false, err
	}
	answer, reasons = grounding.With(answer, reasons)
	for _, against := range []*rules.Reason{above, ended, found.unaccepted(j.a.For, grant.Key, at), found.against, j.tainted(scope)} {
		if against != nil {
			answer, reasons = rules.Deny, append(reasons, *against)
		}
	}
	if answer == rules.Permit {
		reasons = append(reasons, permitting(grant))
	}
	j.rely(scope.Evidence())
	expired := grants.GrantStateAt(grant.Record, at) == machines.GrantExpired
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

// tainted is the reason against a grant that rests on an institution about which the watcher has raised an alarm, or nil: on its records, or on its word for who the person is.
func (j *judging) tainted(scope *ledger.Tx) *rules.Reason {
	institution, _, _ := records.SplitPerson(j.a.For)
	why := scope.Alarm.Against(append(scope.RestsOn(), institution)...)
	if why == "" {
		return nil
	}
	return &rules.Reason{Code: rules.LedgerAlarm, Message: why, Clause: ""}
}

// permitting is the reason for a grant that permits.
func permitting(grant *ledger.Sealed[records.Grant]) rules.Reason {
	how := "granted"
	if grant.Record.Body.Breakglass != "" {
		how = "opened by break-glass"
	}
	return rules.Reason{Code: rules.Granted, Message: fmt.Sprintf("%s from %s until %s", how, grant.Record.Body.From, grant.Record.Body.Until), Clause: grant.Key}
}

// terms judges what the grant itself says, and gives every reason against it.
func (j *judging) terms(grant *ledger.Sealed[records.Grant], at records.Time, hierarchy use.Hierarchy) (rules.Answer, []rules.Reason) {
	body, clause := grant.Record.Body, grant.Key
	answer, why := use.Covers(body.Purpose, use.AsGranted(j.a.Purpose, body.Purpose), hierarchy)
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
	institution, id, _ := records.SplitPerson(j.a.For)
	switch state := grants.GrantStateAt(grant.Record, at); state {
	case machines.GrantRevoked, machines.GrantRelinquished, machines.GrantSuspended:
		code := map[machines.GrantState]string{machines.GrantRevoked: rules.Revoked, machines.GrantRelinquished: rules.Relinquished, machines.GrantSuspended: rules.Suspended}[state]
		deny(code, "the grant was %s", told(grant.Record, at, string(state)))
	case machines.GrantExpired:
		deny(rules.Expired, "the grant ended at %s", body.Until)
	case machines.GrantPending:
		deny(rules.Pending, "the grant begins at %s", body.From)
	}
	if body.Version != j.number || body.VersionDigest != j.digest {
		deny(rules.VersionNotCovered, "the grant is for version %d, not %d", body.Version, j.number)
	}
	if body.Mode != j.a.Mode {
		deny(rules.ModeNotCovered, "the grant is for delivery by %s, not %s", body.Mode, j.a.Mode)
	}
	if body.Institution != institution || !slices.Contains(body.Grantees, id) {
		deny(rules.PersonNotCovered, "the grant is not for %s", j.a.For)
	} else if grants.LeftAt(grant.Record, id, at) {
		deny(rules.Relinquished, "%s has given up the grant", j.a.For)
	}
	return answer, reasons
}

// told is what a grant's last change of a kind says: "revoked at 2026-11-24T10:50:10Z: the reason".
func told(grant records.Record[records.Grant], at records.Time, action string) string {
	change, ok := grants.LastChange(grant, at, action)
	switch {
	case !ok:
		return action + ": its status is not what its changes come to"
	case change.Note == "":
		return action + " at " + change.At.String()
	}
	return action + " at " + change.At.String() + ": " + change.Note
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
		answer.Obligations = lawful.AddDuties(j.grant.Record.Body.Obligations, j.duties)
	}
	return answer
}

// closed denies without a look at the ledger, which may not say what it should.
func (j *judging) closed() checkAnswer {
	j.sealed = 1 // grants were not looked for
	j.add(rules.Reason{Code: rules.LedgerAlarm, Message: j.tx.Alarm.Ledger, Clause: ""})
	return j.answer()
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
