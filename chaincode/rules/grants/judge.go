package grants

import (
	"fmt"
	"slices"
	"strings"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/use"
)

// ClocksApart is how much earlier than something before it an honest change can be dated, in seconds: by two clocks that are off in opposite directions, each by the five
// minutes that the contract tolerates.
const ClocksApart records.Time = 2 * 5 * 60

// Question is a use that a grant is asked about.
type Question struct {
	// For is the person, with institution ("nuri/kim").
	For     string
	Purpose records.Purpose
	Mode    string
	// Version and Digest are the dataset version that is to be used.
	Version int64
	Digest  string
	// At is the moment that is asked about; zero is now.
	At records.Time
	// Giving is whether the grant is about to be given: that it has not begun, and that nobody has accepted its terms yet, says nothing against it.
	Giving bool
}

// ToBeGiven asks about what a grant that is about to be given is for: by everybody who is to hold it the same.
func ToBeGiven(body records.Grant) Question {
	q := Question{Purpose: body.Purpose, Mode: body.Mode, Version: body.Version, Digest: body.VersionDigest, Giving: true}
	if len(body.Grantees) > 0 {
		q.For = body.Institution + "/" + body.Grantees[0]
	}
	return q
}

// Shown is what the data permits as it stands, which lies before the people who approve a grant.
func Shown(f Facts) []records.Judged {
	q := ToBeGiven(f.Grant.Body)
	return f.lawful(q, f.moment(q.At)).Shown
}

// Verdict is what a grant comes to for a question, with every reason.
type Verdict struct {
	Answer  rules.Answer
	Reasons []rules.Reason
	// Duties come from the people in the data; those of the grant stand in it.
	Duties []string
	// At is the moment that was judged.
	At records.Time
}

// Judge answers whether a grant permits a use, from all that it rests on. It is the one place where that is decided.
func Judge(f Facts, q Question) Verdict {
	at := f.moment(q.At)
	answer, reasons := f.terms(q, at)
	grounding := f.lawful(q, at)
	answer, reasons = grounding.With(answer, reasons)
	if left := f.unjudged(); left != nil {
		answer, reasons = rules.Worse(answer, rules.Review), append(reasons, *left)
	}
	_, joined := f.joined(at)
	for _, against := range []*rules.Reason{joined, f.Later.ends(f.Grant.Body, f.Key), f.unaccepted(q, at), f.unsupported(), f.alarmed()} {
		if against != nil {
			answer, reasons = rules.Deny, append(reasons, *against)
		}
	}
	if answer == rules.Permit {
		reasons = append(reasons, f.permitting())
	}
	return Verdict{Answer: answer, Reasons: reasons, Duties: grounding.Obligations, At: at}
}

// Standing is where a grant stands at a moment (zero: now), by all that it rests on, and why when its own record does not say that. What denies every use by the grant,
// whoever asks and for what, is in it.
func Standing(f Facts, at records.Time) (machines.GrantState, string) {
	at = f.moment(at)
	state := GrantStateAt(f.Grant, at)
	if state.Ended() {
		return state, ""
	}
	later := f.Later.ends(f.Grant.Body, f.Key)
	if later != nil && later.Code == rules.PolicyNarrowed {
		return machines.GrantNarrowed, later.Message
	}
	above, joined := f.joined(at)
	if joined != nil && above != machines.GrantSuspended {
		return machines.GrantEnded, joined.Message
	}
	for _, reason := range []*rules.Reason{f.unsupported(), later} {
		if reason != nil {
			return machines.GrantUnproven, reason.Message
		}
	}
	if joined != nil {
		return machines.GrantSuspended, joined.Message
	}
	if short := f.short(); short != "" && state != machines.GrantSuspended {
		return machines.GrantSuspended, short
	}
	return state, ""
}

// short says in words why the statement about the version, as it stands, is not what the policies ask that govern the grant: that denies whoever asks, until it is. Empty
// when it is what they ask.
func (f Facts) short() string {
	if !f.NeedsStatement() || f.Lawfulness.Unseen != "" {
		return ""
	}
	reasons := lawful.Shortfall(f.Lawfulness.Resting, f.governing())
	if len(reasons) == 0 {
		return ""
	}
	return "the statement of de-identification is not what is asked: " + rules.Sentences(reasons)
}

// NeedsStatement tells whether a policy that governs the grant asks something of the statement about its version.
func (f Facts) NeedsStatement() bool {
	return slices.ContainsFunc(f.governing(), func(policy records.Policy) bool { return policy.Deidentification != nil })
}

// governing are the policy that people approved the grant under, and one that applies to it. None governs broken glass.
func (f Facts) governing() []records.Policy {
	if f.Grant.Body.Breakglass != "" {
		return nil
	}
	var policies []records.Policy
	if f.Approval != nil {
		policies = append(policies, f.Approval.Case.Policy)
	}
	if f.Later.Policy != nil {
		policies = append(policies, f.Later.Policy.Body.Policy)
	}
	return policies
}

// Suits tells whether a grant by itself could serve a question: one that does not is of no use for it, whatever it rests on.
func Suits(grant records.Record[records.Grant], q Question, now records.Time) bool {
	f := Facts{Grant: grant, Now: now}
	answer, _ := f.terms(q, f.moment(q.At))
	return answer != rules.Deny
}

// alarmed is the reason against a grant that rests on an institution about which the watcher has raised an alarm, or nil.
func (f Facts) alarmed() *rules.Reason {
	if f.Alarm == "" {
		return nil
	}
	return &rules.Reason{Code: rules.LedgerAlarm, Message: f.Alarm}
}

func (f Facts) moment(at records.Time) records.Time {
	if at != 0 {
		return at
	}
	return f.Now
}

// terms judges what the grant itself says, and gives every reason against it.
func (f Facts) terms(q Question, at records.Time) (rules.Answer, []rules.Reason) {
	body := f.Grant.Body
	answer, why := use.Covers(body.Purpose, use.AsGranted(q.Purpose, body.Purpose), f.Hierarchy)
	var reasons []rules.Reason
	for _, reason := range why {
		reason.Message, reason.Clause = "the grant: "+reason.Message, f.Key
		reasons = append(reasons, reason)
	}
	deny := func(code, format string, arguments ...any) {
		answer = rules.Deny
		reasons = append(reasons, rules.Reason{Code: code, Message: fmt.Sprintf(format, arguments...), Clause: f.Key})
	}
	switch state := GrantStateAt(f.Grant, at); state {
	case machines.GrantRevoked:
		deny(rules.Revoked, "the grant was %s", told(f.Grant, at, state))
	case machines.GrantRelinquished:
		deny(rules.Relinquished, "the grant was %s", told(f.Grant, at, state))
	case machines.GrantSuspended:
		deny(rules.Suspended, "the grant was %s", told(f.Grant, at, state))
	case machines.GrantExpired:
		deny(rules.Expired, "the grant ended at %s", body.Until)
	case machines.GrantPending:
		if !q.Giving {
			deny(rules.Pending, "the grant begins at %s", body.From)
		}
	}
	if body.Version != q.Version || body.VersionDigest != q.Digest {
		deny(rules.VersionNotCovered, "the grant is for version %d, not %d", body.Version, q.Version)
	}
	if body.Mode != q.Mode {
		deny(rules.ModeNotCovered, "the grant is for delivery by %s, not %s", body.Mode, q.Mode)
	}
	institution, id, _ := records.SplitPerson(q.For)
	if body.Institution != institution || !slices.Contains(body.Grantees, id) {
		deny(rules.PersonNotCovered, "the grant is not for %s", q.For)
	} else if LeftAt(f.Grant, id, at) {
		deny(rules.Relinquished, "%s has given up the grant", q.For)
	}
	return answer, reasons
}

// told is what a grant's last change of a kind says: "revoked at 2026-11-24T10:50:10Z: the reason".
func told(grant records.Record[records.Grant], at records.Time, state machines.GrantState) string {
	action := string(state)
	change, ok := LastChange(grant, at, action)
	switch {
	case !ok:
		return action + ": its status is not what its changes come to"
	case change.Note == "":
		return action + " at " + change.At.String()
	}
	return action + " at " + change.At.String() + ": " + change.Note
}

// permitting is the reason for a grant that permits.
func (f Facts) permitting() rules.Reason {
	how := "granted"
	if f.Grant.Body.Breakglass != "" {
		how = "opened by break-glass"
	}
	return rules.Reason{Code: rules.Granted, Message: fmt.Sprintf("%s from %s until %s", how, f.Grant.Body.From, f.Grant.Body.Until), Clause: f.Key}
}

// lawful judges a use by what the version rests on: by the policy that the grant was given under, and by one that applies to it.
func (f Facts) lawful(q Question, at records.Time) lawful.Grounding {
	body, unseen := f.Grant.Body, f.Lawfulness.Unseen
	if unseen == "" && f.Later.Policy == nil {
		unseen = f.Later.Unseen
	}
	if unseen != "" {
		return lawful.Grounding{Answer: rules.Deny, Reasons: []rules.Reason{*unseenPolicy(unseen, f.Key)}}
	}
	asked := lawful.Question{Ask: NarrowedAsk(body, nil), At: at, Begins: body.From}
	asked.Ask.Purpose = use.AsGranted(q.Purpose, body.Purpose)
	if len(body.Votes) > 0 { // otherwise nobody has judged anything
		asked.Judged = body.Judged
	}
	if f.Lawfulness.Policy != nil {
		asked.Policies = append(asked.Policies, *f.Lawfulness.Policy)
	}
	if f.Later.Policy != nil {
		asked.Policies = append(asked.Policies, f.Later.Policy.Body.Policy)
	}
	grounding := lawful.JudgeGrounds(f.Lawfulness.Resting, asked)
	if body.Breakglass != "" {
		return grounding.InEmergency()
	}
	return grounding
}

// joined gives the reason why a grant that joins another is of no use at a moment, with the other's state; no reason when it stands alone or the other is active. A grant
// that joins another itself is not one that the contract would have let it join.
func (f Facts) joined(at records.Time) (machines.GrantState, *rules.Reason) {
	id := f.Grant.Body.Joins
	if id == "" {
		return "", nil
	}
	if !records.IsTx(id) {
		return machines.GrantEnded, &rules.Reason{Code: rules.ParentEnded, Message: "the grant that it joins is none", Clause: f.Key}
	}
	ended := func(format string, arguments ...any) *rules.Reason {
		return &rules.Reason{Code: rules.ParentEnded, Message: "the grant that it joins " + fmt.Sprintf(format, arguments...), Clause: records.GrantType + "/" + id}
	}
	if f.Joined.Unseen != "" {
		return machines.GrantEnded, ended("does not hold: %s", f.Joined.Unseen)
	}
	if !CanBeJoined(f.Joined.Grant.Body, f.Grant.Body) {
		return machines.GrantEnded, ended("is none that can be joined")
	}
	state := GrantStateAt(f.Joined.Grant, at)
	if state.Ended() || state == machines.GrantSuspended {
		return state, ended("is %s", state)
	}
	if reason := f.Joined.Later.ends(f.Joined.Grant.Body, f.Joined.Key); reason != nil {
		return machines.GrantNarrowed, ended("has ended: %s", reason.Message)
	}
	return state, nil
}

// CanBeJoined tells whether a grant is one that another can join: on the same dataset, and joining none itself.
func CanBeJoined(joined, grant records.Grant) bool {
	return joined.Joins == "" && joined.Dataset == grant.Dataset
}

// ends gives the reason why a grant has ended by a later policy that applies to it, or nil. Nothing is written when a policy narrows: it is derived.
func (l Later) ends(grant records.Grant, key string) *rules.Reason {
	if l.Policy == nil {
		if l.Unseen == "" {
			return nil
		}
		return unseenPolicy(l.Unseen, key)
	}
	reasons, unseen := l.Against(grant)
	if unseen != "" {
		return unseenPolicy(unseen, l.Key)
	}
	if len(reasons) == 0 {
		return nil
	}
	return &rules.Reason{Code: rules.PolicyNarrowed, Clause: l.Key, Message: "the grant ended at " + l.Policy.CreatedAt().String() + ": " + l.Policy.ID +
		" applies to existing grants and does not permit it: " + rules.Sentences(reasons)}
}

func unseenPolicy(why, key string) *rules.Reason {
	return &rules.Reason{Code: rules.EvidenceMissing, Message: "whether a later policy has narrowed the grant cannot be seen: " + why, Clause: key}
}

// Against gives the reasons why a policy does not permit what a grant gave; none when it does. Unseen says that its hierarchy is not whole on the ledger, so that
// nobody can tell.
func (l Later) Against(grant records.Grant) (reasons []rules.Reason, unseen string) {
	version, verdict := l.Policy.Body, l.decide(grant)
	if verdict.Lost {
		return nil, fmt.Sprintf("the hierarchy that %s goes by is not whole on the ledger", records.Numbered(version.Dataset, '#', version.Version))
	}
	if verdict.Answer != rules.Deny {
		return nil, ""
	}
	return notPermitting(verdict.Reasons), ""
}

// decide asks the policy about what a grant gave.
func (l Later) decide(grant records.Grant) use.Verdict {
	return use.Decide(l.Policy.Body.Policy, NarrowedAsk(grant, l.Hierarchy))
}

// notPermitting leaves out the reasons that speak for a use.
func notPermitting(reasons []rules.Reason) []rules.Reason {
	return slices.DeleteFunc(reasons, func(reason rules.Reason) bool { return reason.Code == rules.UsePermitted })
}

// unjudged is the reason why people have to look at a grant that nobody approved, or nil: a later policy that applies to it leaves to people what a machine had permitted.
// Whoever approved a grant has judged what it gives.
func (f Facts) unjudged() *rules.Reason {
	if f.Later.Policy == nil || len(f.Grant.Body.Votes) > 0 {
		return nil
	}
	verdict := f.Later.decide(f.Grant.Body)
	if verdict.Answer != rules.Review {
		return nil
	}
	return &rules.Reason{Code: rules.PurposeNeedsReview, Clause: f.Later.Key, Message: "nobody has judged the grant, and " + f.Later.Policy.ID +
		" applies to existing grants and leaves it to people: " + rules.Sentences(notPermitting(verdict.Reasons))}
}

// unaccepted is the reason against a grant whose terms a person had not accepted at a moment, or nil. Whoever asked for the grant accepted them by asking.
func (f Facts) unaccepted(q Question, at records.Time) *rules.Reason {
	terms := f.TermsFor(q.For)
	if q.Giving || terms == nil || f.AcceptedAt != 0 && f.AcceptedAt <= at {
		return nil
	}
	return &rules.Reason{Code: rules.TermsNotAccepted, Clause: f.Key, Message: q.For + " has not accepted the terms at " + terms.URL + " (grant.accept)"}
}

// TermsFor are the terms that a person has to accept in person before the grant is of use to them, or nil.
func (f Facts) TermsFor(person string) *records.Terms {
	if f.Approval == nil || f.Approval.Case.Request.Body.Requester.String() == person {
		return nil
	}
	return f.Approval.Case.Policy.Terms
}

// unsupported is the reason why what the grant was given by does not make this grant, or nil.
func (f Facts) unsupported() *rules.Reason {
	body := f.Grant.Body
	missing := func(why string) *rules.Reason {
		return &rules.Reason{Code: rules.EvidenceMissing, Message: why, Clause: f.Key}
	}
	switch {
	case len(f.Unlisted) > 0:
		return &rules.Reason{Code: rules.EvidenceMissing, Message: f.Unlisted[0] + " is not in every list and in the trail, where everybody looks for it", Clause: f.Unlisted[0]}
	case body.Breakglass != "" && !records.IsTx(body.Breakglass):
		return missing("the grant names no break-glass record")
	case body.Breakglass == "" && !records.IsTx(body.Request):
		return missing("the grant names neither a request nor a break-glass record")
	case f.Unseen != "":
		return missing("what the grant rests on does not hold: " + f.Unseen)
	}
	if against := f.against(); against != nil {
		return against
	}
	if f.Given != f.Key { // others may complete what approved it once more, and that makes no second grant
		return missing(fmt.Sprintf("%s has not posted it as the grant of %.12s, which has one grant and never another", f.Grant.Owner, body.Origin()))
	}
	return nil
}

// against is why what the grant was given by does not make such a grant, or nil.
func (f Facts) against() *rules.Reason {
	if f.Emergency != nil {
		return f.Emergency.against(f)
	}
	return f.Approval.against(f)
}

// against is why an approved request does not make this grant, or nil.
func (a Approval) against(f Facts) *rules.Reason {
	outcome := a.Outcome(f.Now)
	if outcome.State != machines.Approved || outcome.DecidedBy != f.Grant.ID {
		return &rules.Reason{Code: rules.EvidenceMissing, Message: "the sealed votes do not approve the request that the grant names", Clause: a.Key}
	}
	if missing := review.Missing(a.Case); missing != "" {
		return &rules.Reason{Code: rules.EvidenceMissing, Message: missing, Clause: a.Key}
	}
	if !SameTerms(f.Grant.Body, a.Grant(outcome)) {
		return &rules.Reason{Code: rules.EvidenceDiffers, Message: "the grant says something else than the request that was approved", Clause: f.Key}
	}
	if a.Related == nil {
		return nil
	}
	// What is dated within the clocks' tolerance before the decision may have been done after.
	state := GrantStateAt(a.Related.Grant, outcome.DecidedAt-ClocksApart)
	if state != machines.GrantRevoked && state != machines.GrantRelinquished {
		return nil
	}
	return &rules.Reason{Code: rules.EvidenceMissing, Message: "the grant that it renews or joins was " + string(state) + " when the request was approved", Clause: a.Related.Key}
}

// against is why the glass was not broken for this grant by the rules, or nil.
func (e Emergency) against(f Facts) *rules.Reason {
	reasons := Unopened(e.Record, f.Grant.ID, e.Roster)
	if len(reasons) > 0 {
		return &rules.Reason{Code: rules.EvidenceMissing, Message: "the glass was not broken by the rules: " + strings.Join(reasons, "; "), Clause: e.Key}
	}
	expected := EmergencyGrant(e.Record, ConfirmedAt(e.Record))
	if e.VersionDigest != expected.VersionDigest || !SameTerms(f.Grant.Body, expected) {
		return &rules.Reason{Code: rules.EvidenceDiffers, Message: "the grant says something else than what was opened", Clause: f.Key}
	}
	return nil
}
