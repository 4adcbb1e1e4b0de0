package grants_test

import (
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/rulestest"
	"medconsent.org/chaincode/rules/use"
)

var (
	requested = strings.Repeat("a", 64)
	parent    = strings.Repeat("b", 64)
	cancer    = records.Purpose{Kind: records.ForDisease, Diseases: []string{"ICD10:C50"}}
	asks      = grants.Question{For: "nuri/kim", Purpose: cancer, Mode: "download", Version: 1, Digest: "v"}
)

// sound is a grant that three votes made at 300, on data that is synthetic, with everything that it rests on.
func sound() grants.Facts {
	scene := rulestest.Usual().Vote(200, "hanbit", "dac", "a", records.Approve).Vote(250, "saerom", "ethics", "e", records.Approve).Vote(300, "hanbit", "dac", "b", records.Approve)
	scene.Request.ID = requested
	body := &scene.Request.Body
	body.Version, body.Purpose, body.Mode, body.DurationSeconds = 1, cancer, "download", 1000
	scene.Policy.Use = []records.Alternative{{Permission: "GRU"}}
	scene.Policy.MaxDurationSeconds, scene.Policy.Modes = 1000, []string{"download"}
	approval := &grants.Approval{Key: "request/" + requested, Case: scene.Case}
	for _, ballot := range scene.Ballots {
		approval.Votes = append(approval.Votes, grants.Vote{ID: ballot.ID, Ref: records.VoteRef{Key: "vote/" + ballot.ID, Digest: "d"}})
	}
	policy := scene.Policy
	return made(grants.Facts{
		Now: 500, Approval: approval,
		Lawfulness: grants.Lawfulness{Policy: &policy, Resting: lawful.Resting{
			Version: records.Version{Dataset: "hanbit/x", Version: 1, Kinds: []string{"tabular"}}, Ground: &records.Ground{Bases: []string{"hanbit/synthetic"}},
			Bases: []lawful.BasisFacts{{Clause: "ground.bases[0]", ID: "hanbit/synthetic", Basis: records.Basis{Code: "NOT-PERSONAL"}}},
		}},
	})
}

// made puts the grant into the facts that the approval makes.
func made(f grants.Facts) grants.Facts {
	outcome := f.Approval.Outcome(f.Now)
	f.Key = "grant/" + outcome.DecidedBy
	f.Given = f.Key
	f.Grant = records.Record[records.Grant]{
		Type: records.GrantType, ID: outcome.DecidedBy, Owner: "hanbit", Status: records.Active, Body: f.Approval.Grant(outcome),
		Changes: []records.Change{{Action: "grant.created", At: 300}},
	}
	return f
}

// joining is the same grant of a request that joins another.
func joining() grants.Facts {
	f := sound()
	f.Approval.Case.Request.Body.Joins = parent
	other := sound()
	f.Approval.Related = &grants.Related{Key: "grant/" + parent, Grant: other.Grant}
	f.Joined = &grants.Joined{Key: "grant/" + parent, Grant: other.Grant}
	return made(f)
}

// opened is a grant by broken glass.
func opened() grants.Facts {
	record := broken()
	record.ID = requested
	record.Body.Version, record.Body.VersionDigest, record.Body.Purpose, record.Body.Mode = 1, "v", cancer, "download"
	f := sound()
	f.Approval, f.Lawfulness.Policy = nil, nil
	roster := rulestest.NewScene(rulestest.Stage("hanbit", "privacy", 1)).Seat("hanbit/privacy", "p").Rosters["hanbit/privacy"]
	record.Body.Roster = roster.State("hanbit/privacy")
	f.Emergency = &grants.Emergency{Key: "breakglass/" + requested, Record: record, Roster: roster, VersionDigest: "v"}
	f.Key, f.Given, f.Grant.ID, f.Grant.Body = "grant/g", "grant/g", "g", grants.EmergencyGrant(record, 200)
	return f
}

func changed(f *grants.Facts, status records.Status, action string, at records.Time, note string) {
	f.Grant.Status = status
	f.Grant.Changes = append(f.Grant.Changes, records.Change{Action: "grant." + action, At: at, Note: note, By: records.By{Institution: "nuri", ID: "kim"}})
}

// later is a policy that applies to existing grants and permits one disease.
func later(disease string) grants.Later {
	return grants.Later{Key: "policy/2", Policy: &records.Record[records.PolicyVersion]{
		ID: "hanbit/x#2", Changes: []records.Change{{At: 400}},
		Body: records.PolicyVersion{Dataset: "hanbit/x", Version: 2, Policy: records.Policy{
			Use: []records.Alternative{{Permission: "DS", Diseases: []string{disease}}}, Modes: []string{"download"}, MaxDurationSeconds: 1000,
		}},
	}}
}

// cases has a row for every reason that a grant itself, or what it rests on, gives to a question. The state is what lists show of the same facts.
var cases = map[string]struct {
	from   func() grants.Facts
	change func(*grants.Facts, *grants.Question)
	answer rules.Answer
	codes  string
	state  machines.GrantState
}{
	"nothing is amiss":      {sound, nil, rules.Permit, "GRANTED", machines.GrantActive},
	"it joins another":      {joining, nil, rules.Permit, "GRANTED", machines.GrantActive},
	"opened by break-glass": {opened, nil, rules.Permit, "GRANTED", machines.GrantActive},
	"revoked": {sound, func(f *grants.Facts, _ *grants.Question) { changed(f, records.Revoked, "revoked", 400, "no more") },
		rules.Deny, "GRANT_REVOKED", machines.GrantRevoked},
	"its status is not what its changes come to": {sound, func(f *grants.Facts, _ *grants.Question) { f.Grant.Status = records.Suspended },
		rules.Deny, "GRANT_REVOKED", machines.GrantRevoked},
	"relinquished": {sound, func(f *grants.Facts, _ *grants.Question) { changed(f, records.Relinquished, "relinquished", 400, "") },
		rules.Deny, "RELINQUISHED", machines.GrantRelinquished},
	"the person has left": {sound, func(f *grants.Facts, _ *grants.Question) { changed(f, records.Active, "left", 400, "") },
		rules.Deny, "RELINQUISHED", machines.GrantActive},
	"suspended": {sound, func(f *grants.Facts, _ *grants.Question) { changed(f, records.Suspended, "suspended", 400, "") },
		rules.Deny, "SUSPENDED", machines.GrantSuspended},
	"its time is over":        {sound, func(f *grants.Facts, _ *grants.Question) { f.Now = 1300 }, rules.Deny, "GRANT_EXPIRED", machines.GrantExpired},
	"asked about long before": {sound, func(_ *grants.Facts, q *grants.Question) { q.At = 299 }, rules.Deny, "GRANT_PENDING", machines.GrantActive},
	"another version":         {sound, func(_ *grants.Facts, q *grants.Question) { q.Version = 2 }, rules.Deny, "VERSION_NOT_COVERED", machines.GrantActive},
	"another content":         {sound, func(_ *grants.Facts, q *grants.Question) { q.Digest = "w" }, rules.Deny, "VERSION_NOT_COVERED", machines.GrantActive},
	"another mode":            {sound, func(_ *grants.Facts, q *grants.Question) { q.Mode = "enclave" }, rules.Deny, "MODE_NOT_COVERED", machines.GrantActive},
	"somebody else":           {sound, func(_ *grants.Facts, q *grants.Question) { q.For = "nuri/park" }, rules.Deny, "PERSON_NOT_COVERED", machines.GrantActive},
	"the same id elsewhere":   {sound, func(_ *grants.Facts, q *grants.Question) { q.For = "saerom/kim" }, rules.Deny, "PERSON_NOT_COVERED", machines.GrantActive},
	"another disease": {sound, func(_ *grants.Facts, q *grants.Question) { q.Purpose.Diseases = []string{"ICD10:E11"} },
		rules.Deny, "PURPOSE_NOT_COVERED", machines.GrantActive},
	"a disease of another system": {sound, func(_ *grants.Facts, q *grants.Question) { q.Purpose.Diseases = []string{"MONDO:0007254"} },
		rules.Review, "PURPOSE_NEEDS_REVIEW", machines.GrantActive},
	"it rests on somebody whom the watcher alarms about": {sound, func(f *grants.Facts, _ *grants.Question) { f.Alarm = "nuri's root is another" },
		rules.Deny, "LEDGER_ALARM", machines.GrantActive},
	"terms that nobody accepted in person": {sound, func(f *grants.Facts, q *grants.Question) { withTerms(f); q.For = "nuri/lee" },
		rules.Deny, "TERMS_NOT_ACCEPTED", machines.GrantActive},
	"terms that were accepted later": {sound, func(f *grants.Facts, q *grants.Question) {
		withTerms(f)
		q.For, q.At, f.AcceptedAt = "nuri/lee", 450, 460
	},
		rules.Deny, "TERMS_NOT_ACCEPTED", machines.GrantActive},
	"terms that were accepted":                  {sound, func(f *grants.Facts, q *grants.Question) { withTerms(f); q.For, f.AcceptedAt = "nuri/lee", 460 }, rules.Permit, "GRANTED", machines.GrantActive},
	"terms, and the one who asked":              {sound, func(f *grants.Facts, _ *grants.Question) { withTerms(f) }, rules.Permit, "GRANTED", machines.GrantActive},
	"a later policy permits it":                 {sound, func(f *grants.Facts, _ *grants.Question) { f.Later = later("ICD10:C50") }, rules.Permit, "GRANTED", machines.GrantActive},
	"a later policy does not":                   {sound, func(f *grants.Facts, _ *grants.Question) { f.Later = later("ICD10:E11") }, rules.Deny, "POLICY_NARROWED", machines.GrantNarrowed},
	"a later policy cannot be seen":             {sound, func(f *grants.Facts, _ *grants.Question) { f.Later.Unseen = "gone" }, rules.Deny, "EVIDENCE_MISSING EVIDENCE_MISSING", machines.GrantUnproven},
	"the later policy's hierarchy is in pieces": {mondo, nil, rules.Deny, "EVIDENCE_MISSING", machines.GrantUnproven},
	"the hierarchy is in pieces, and a mode is not allowed besides": {mondo, func(f *grants.Facts, _ *grants.Question) { f.Later.Policy.Body.Policy.Modes = nil },
		rules.Deny, "POLICY_NARROWED", machines.GrantNarrowed},
	"the hierarchy of what was granted is in pieces": {mondo, func(f *grants.Facts, q *grants.Question) {
		f.Later, q.Purpose.Diseases = grants.Later{}, []string{"MONDO:0007254"}
		f.Hierarchy = use.Hierarchy{"MONDO:0007254": lost, "MONDO:0004992": lost}
	}, rules.Deny, "EVIDENCE_MISSING", machines.GrantActive},
	"its request cannot be seen": {sound, func(f *grants.Facts, _ *grants.Question) { f.Approval, f.Unseen = nil, "gone" },
		rules.Deny, "EVIDENCE_MISSING", machines.GrantUnproven},
	"it names nothing": {sound, func(f *grants.Facts, _ *grants.Question) { f.Grant.Body.Request = "" }, rules.Deny, "EVIDENCE_MISSING", machines.GrantUnproven},
	"a vote is missing": {sound, func(f *grants.Facts, _ *grants.Question) { f.Approval.Case.Ballots = f.Approval.Case.Ballots[:2] },
		rules.Deny, "EVIDENCE_MISSING", machines.GrantUnproven},
	"a committee whose member rejected is missing": {sound, func(f *grants.Facts, _ *grants.Question) {
		f.Approval.Case.Policy.Stages = slices.Clone(f.Approval.Case.Policy.Stages)
		f.Approval.Case.Policy.Vetoes = []records.Veto{{Institution: "saerom", Role: "privacy"}}
		f.Approval.Case.Ballots = append(slices.Clone(f.Approval.Case.Ballots), review.Ballot{ID: "vote-0", At: 150, Vote: records.Vote{
			Voter: records.Person{Institution: "saerom", ID: "q"}, Role: "privacy", Vote: records.Reject, Rosters: []records.Roster{{Committee: "saerom/privacy", Changes: 1}},
		}})
	}, rules.Deny, "EVIDENCE_MISSING", machines.GrantUnproven},
	"another vote decided": {sound, func(f *grants.Facts, _ *grants.Question) { f.Grant.ID = "vote-2" }, rules.Deny, "EVIDENCE_MISSING", machines.GrantUnproven},
	"another vote completes it once more": {sound, func(f *grants.Facts, _ *grants.Question) {
		posted := f.Key
		f.Approval.Case.Ballots = slices.Clone(f.Approval.Case.Ballots)
		f.Approval.Case.Ballots[2].ID, f.Approval.Votes[2].ID = "vote-0", "vote-0"
		*f = made(*f)
		f.Given = posted
	}, rules.Deny, "EVIDENCE_MISSING", machines.GrantUnproven},
	"its owner has posted no grant of it":  {sound, func(f *grants.Facts, _ *grants.Question) { f.Given = "" }, rules.Deny, "EVIDENCE_MISSING", machines.GrantUnproven},
	"its owner has posted another opening": {opened, func(f *grants.Facts, _ *grants.Question) { f.Given = "grant/h" }, rules.Deny, "EVIDENCE_MISSING", machines.GrantUnproven},
	"it says more than was approved":       {sound, func(f *grants.Facts, _ *grants.Question) { f.Grant.Body.Until += 1 }, rules.Deny, "EVIDENCE_DIFFERS", machines.GrantUnproven},
	"what it joins was revoked long before": {joining, func(f *grants.Facts, _ *grants.Question) {
		f.Approval.Related.Grant.Status, f.Approval.Related.Grant.Changes = records.Revoked, []records.Change{{Action: "grant.revoked", At: -1000}}
	}, rules.Deny, "EVIDENCE_MISSING", machines.GrantUnproven},
	"what it joins was revoked since": {joining, func(f *grants.Facts, _ *grants.Question) { end(&f.Joined.Grant, records.Revoked, "revoked") },
		rules.Deny, "PARENT_ENDED", machines.GrantEnded},
	"what it joins is suspended": {joining, func(f *grants.Facts, _ *grants.Question) { end(&f.Joined.Grant, records.Suspended, "suspended") },
		rules.Deny, "PARENT_ENDED", machines.GrantSuspended},
	"what it joins cannot be seen": {joining, func(f *grants.Facts, _ *grants.Question) { f.Joined = &grants.Joined{Unseen: "gone"} },
		rules.Deny, "PARENT_ENDED", machines.GrantEnded},
	"what it joins joins another": {joining, func(f *grants.Facts, _ *grants.Question) { f.Joined.Grant.Body.Joins = requested },
		rules.Deny, "PARENT_ENDED", machines.GrantEnded},
	"what it joins is narrowed": {joining, func(f *grants.Facts, _ *grants.Question) { f.Joined.Later = later("ICD10:E11") },
		rules.Deny, "PARENT_ENDED", machines.GrantEnded},
	"what it joins is no id": {joining, func(f *grants.Facts, _ *grants.Question) { f.Approval.Case.Request.Body.Joins = "x"; *f = made(*f) },
		rules.Deny, "PARENT_ENDED", machines.GrantEnded},
	"the glass cannot be seen": {opened, func(f *grants.Facts, _ *grants.Question) { f.Emergency, f.Unseen = nil, "gone" },
		rules.Deny, "EVIDENCE_MISSING", machines.GrantUnproven},
	"the glass is no id": {opened, func(f *grants.Facts, _ *grants.Question) { f.Grant.Body.Breakglass = "x" },
		rules.Deny, "EVIDENCE_MISSING", machines.GrantUnproven},
	"nobody confirmed": {opened, func(f *grants.Facts, _ *grants.Question) { f.Emergency.Record.Changes = f.Emergency.Record.Changes[:1] },
		rules.Deny, "EVIDENCE_MISSING", machines.GrantUnproven},
	"another version was opened": {opened, func(f *grants.Facts, _ *grants.Question) { f.Emergency.VersionDigest = "w" },
		rules.Deny, "EVIDENCE_DIFFERS", machines.GrantUnproven},
	"the data rests on nothing": {sound, func(f *grants.Facts, _ *grants.Question) {
		f.Lawfulness.Resting.Ground, f.Lawfulness.Resting.Bases = nil, nil
	},
		rules.Deny, "NO_GROUND", machines.GrantActive},
	"the statement is not what its policy asks": {sound, func(f *grants.Facts, _ *grants.Question) {
		f.Approval.Case.Policy.Deidentification = &asksTerm
		f.Lawfulness.Policy = &f.Approval.Case.Policy
	}, rules.Deny, "DEID_MISSING", machines.GrantSuspended},
	"the statement is not what a later policy asks": {sound, func(f *grants.Facts, _ *grants.Question) {
		f.Later = later("ICD10:C50")
		f.Later.Policy.Body.Policy.Deidentification = &asksTerm
	}, rules.Deny, "DEID_MISSING", machines.GrantSuspended},
	"its version cannot be seen": {sound, func(f *grants.Facts, _ *grants.Question) { f.Lawfulness = grants.Lawfulness{Unseen: "gone"} },
		rules.Deny, "EVIDENCE_MISSING", machines.GrantActive},
	"everything at once": {sound, func(f *grants.Facts, q *grants.Question) {
		changed(f, records.Revoked, "revoked", 400, "")
		q.Mode, q.For, q.Version = "enclave", "nuri/park", 2
		f.Later, f.Lawfulness.Resting.Bases[0].Ended = later("ICD10:E11"), true
		f.Approval.Case.Ballots = nil
	}, rules.Deny, "GRANT_REVOKED VERSION_NOT_COVERED MODE_NOT_COVERED PERSON_NOT_COVERED BASIS_ENDED POLICY_NARROWED EVIDENCE_MISSING", machines.GrantRevoked},
}

func withTerms(f *grants.Facts) {
	f.Approval.Case.Policy.Terms = &records.Terms{URL: "https://hanbit.example/terms", SHA256: "t"}
}

func end(grant *records.Record[records.Grant], status records.Status, action string) {
	grant.Status = status
	grant.Changes = append(slices.Clone(grant.Changes), records.Change{Action: "grant." + action, At: 400})
}

var asksTerm = records.Deidentification{Terms: []string{"anonymous"}}

var lost = use.Placed{System: "MONDO", Lost: true}

// mondo is a grant whose disease stands in a hierarchy that a later policy goes by, and that is not whole on the ledger.
func mondo() grants.Facts {
	f := sound()
	f.Later = later("MONDO:0007254")
	f.Later.Policy.Body.Ontologies = []records.OntologyRef{{System: "MONDO", Digest: "d"}}
	f.Later.Hierarchy = use.Hierarchy{"MONDO:0007254": lost, "MONDO:0004992": lost}
	purpose := &f.Approval.Case.Request.Body.Purpose
	purpose.Diseases = []string{"ICD10:C50", "MONDO:0004992"}
	return made(f)
}

func TestJudge(t *testing.T) {
	for says, c := range cases {
		f, q := c.from(), asks
		if c.change != nil {
			c.change(&f, &q)
		}
		verdict := grants.Judge(f, q)
		if codes := rulestest.CodesOf(verdict.Reasons); verdict.Answer != c.answer || codes != c.codes {
			t.Errorf("%s: %s for %s, want %s for %s: %v", says, verdict.Answer, codes, c.answer, c.codes, verdict.Reasons)
		}
		if state, why := grants.Standing(f, 0); state != c.state {
			t.Errorf("%s: it is %s (%s), want %s", says, state, why, c.state)
		}
	}
}

// Whether a grant is about to be given makes no difference but for what its beginning, or a grantee's own word, brings.
func TestWhatIsGivenIsWhatIsPermitted(t *testing.T) {
	for says, c := range cases {
		f, q := c.from(), asks
		if c.change != nil {
			c.change(&f, &q)
		}
		q.Giving = true
		given := grants.Judge(f, q).Answer
		if passes := c.codes == rules.Pending || c.codes == rules.TermsNotAccepted; passes && given == rules.Deny || !passes && given != c.answer {
			t.Errorf("%s: a check answers %s for %s, and when it is given it is %s", says, c.answer, c.codes, given)
		}
	}
}

// Every reason of a grant has a row above. Those of a search through grants, of the data and of a policy have theirs where they are given.
func TestEveryReasonOfAGrantIsTried(t *testing.T) {
	of := []string{
		rules.Granted, rules.Revoked, rules.Expired, rules.Pending, rules.Suspended, rules.Relinquished, rules.ParentEnded, rules.TermsNotAccepted, rules.PolicyNarrowed,
		rules.VersionNotCovered, rules.ModeNotCovered, rules.PersonNotCovered, rules.PurposeNotCovered, rules.PurposeNeedsReview, rules.EvidenceMissing, rules.EvidenceDiffers,
		rules.LedgerAlarm,
	}
	elsewhere := []string{
		rules.NoGrant, rules.Forged, rules.TooManyGrants, rules.AskedAbout, // search_test.go
		rules.LedgerOld,                                                                                            // package rules
		rules.DeliveryNotCovered, rules.NotTheirKey, rules.ArchiveMissing, rules.WithdrawnIncluded, rules.NotAsked, // rules/release
	}
	first := slices.IndexFunc(rules.Meanings, func(m rules.Meaning) bool { return m.Code == rules.Granted })
	for _, meaning := range rules.Meanings[first:] {
		if !slices.Contains(of, meaning.Code) && !slices.Contains(elsewhere, meaning.Code) {
			t.Errorf("%s is in neither list", meaning.Code)
		}
	}
	for _, code := range of {
		tried := false
		for _, c := range cases {
			tried = tried || slices.Contains(strings.Fields(c.codes), code)
		}
		if !tried {
			t.Errorf("no row gives %s", code)
		}
	}
}

// A grant that permits anybody anything is shown as active, and one that is shown as something else permits nobody: lists and decisions cannot disagree.
func TestWhatIsShownIsWhatIsDecided(t *testing.T) {
	for says, c := range cases {
		f, q := c.from(), asks
		if c.change != nil {
			c.change(&f, &q)
		}
		for _, at := range []records.Time{0, 299, 350, 450, 1299, 1300, 2000} {
			q.At = at
			if state, why := grants.Standing(f, at); state != machines.GrantActive && grants.Judge(f, q).Answer != rules.Deny {
				t.Errorf("%s: at %d it is %s (%s), and a use is not denied", says, at, state, why)
			}
		}
	}
}
