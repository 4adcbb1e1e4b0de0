// Package lawful judges a use by what a dataset version rests on: consent, legal bases, and the statement of de-identification.
package lawful

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/use"
)

// Resting is all that is known of what a dataset version rests on, each part sealed by the dataset's owner.
type Resting struct {
	Version records.Version
	// Ground is nil when there is none.
	Ground  *records.Ground
	Cohorts []CohortFacts
	Bases   []BasisFacts
	// Statement is that of de-identification, or nil.
	Statement *records.Statement
	// Lost says what cannot be seen and would have to be.
	Lost []rules.Reason
}

// BasisFacts is one basis of a ground.
type BasisFacts struct {
	Clause    string
	ID        string
	Basis     records.Basis
	Ended     bool
	Why       string // it ended
	Hierarchy use.Hierarchy
}

// Question is a use that the grounds of a version are asked about.
type Question struct {
	Ask use.Ask
	// Policies are those that the use must keep to: the one that it was asked for under, and one that applies to existing grants.
	Policies []records.Policy
	// At is the moment that is asked about.
	At records.Time
	// Judged is what lay before the people who approved the use: what it leaves to people to judge, they have judged. Empty when nobody has.
	Judged []records.Judged
	// Begins is when the use begins, as far as that is known.
	Begins records.Time
}

// Grounding is what the grounds of a version say to a use: an answer with every reason, and duties that come from the people in the data.
type Grounding struct {
	Answer      rules.Answer
	Reasons     []rules.Reason
	Claimed     []string
	Obligations []string
	// Shown is what the cohorts and bases permit as they stand: it lies before the people who approve the use.
	Shown []records.Judged
}

// JudgeGrounds judges a use by what a dataset version rests on, as that stands: every ground must hold, and the statement of de-identification must be what is asked of
// it. A narrower purpose never loses a permit; ending, withdrawing or asking more of the statement never gains one.
func JudgeGrounds(r Resting, q Question) Grounding {
	g := Grounding{Answer: rules.Permit}
	for _, lost := range r.Lost {
		g.deny(lost.Code, lost.Clause, "%s", lost.Message)
	}
	if r.Ground == nil {
		g.deny(rules.NoGround, "ground", "%s rests on nothing: neither on consent nor on a legal basis", records.Numbered(r.Version.Dataset, '@', r.Version.Version))
	}
	for _, cohort := range r.Cohorts {
		g.consent(cohort, q)
		g.exclusion(cohort, q)
	}
	for _, basis := range r.Bases {
		g.basis(basis, r, q)
	}
	g.statement(r, q)
	return g
}

// With adds what the grounds say to an answer and its reasons.
func (g Grounding) With(answer rules.Answer, reasons []rules.Reason) (rules.Answer, []rules.Reason) {
	return rules.Worse(answer, g.Answer), append(reasons, g.Reasons...)
}

// InEmergency is what an emergency does not set aside: what the data itself rests on and shows, without what the people, a law or a policy say of the use.
func (g Grounding) InEmergency() Grounding {
	left := Grounding{Answer: rules.Permit, Obligations: g.Obligations, Shown: g.Shown}
	for _, reason := range g.Reasons {
		switch reason.Code {
		case rules.ConsentDenies, rules.ConsentNeedsReview, rules.BasisDoesNotCover, rules.BasisNeedsReview, rules.DeidTermNotAccepted, rules.KTooLow, rules.LTooLow, rules.TooFewChecked:
		case rules.ExclusionDue:
			left.say(rules.Permit, reason)
		default:
			left.say(rules.Deny, reason)
		}
	}
	return left
}

// AddDuties adds to a list what it does not have.
func AddDuties(list, more []string) []string {
	return append(slices.Clone(list), rules.Beyond(more, list)...)
}

func (g *Grounding) deny(code, clause, format string, arguments ...any) {
	g.say(rules.Deny, rules.Reason{Code: code, Message: fmt.Sprintf(format, arguments...), Clause: clause})
}

// say adds a reason once.
func (g *Grounding) say(answer rules.Answer, reason rules.Reason) {
	g.Answer = rules.Worse(g.Answer, answer)
	if !slices.Contains(g.Reasons, reason) {
		g.Reasons = append(g.Reasons, reason)
	}
	if reason.Claimed != "" && !slices.Contains(g.Claimed, reason.Claimed) {
		g.Claimed = append(g.Claimed, reason.Claimed)
	}
}

func (g *Grounding) oblige(duties ...string) {
	for _, duty := range duties {
		if !slices.Contains(g.Obligations, duty) {
			g.Obligations = append(g.Obligations, duty)
		}
	}
}

// permitted is what people or a law permit, and how it is called where it does not.
type permitted struct {
	uses            []records.Alternative
	hierarchy       use.Hierarchy
	as              records.Judged
	clause, what    string
	denies, reviews string
}

// uses asks the alternatives that people or a law permit, by the function that asks a policy's. What is for people to judge they have judged, when just this lay before
// them: moments are not compared, because a use can begin long after it was decided on.
func (g *Grounding) uses(p permitted, q Question) {
	policy, ask, clause := records.Policy{Use: p.uses}, q.Ask, p.clause
	ask.Hierarchy = p.hierarchy
	g.Shown = append(g.Shown, p.as)
	verdict := use.DecideUse(policy, ask)
	if verdict.Answer == rules.Review && slices.Contains(q.Judged, p.as) {
		verdict.Answer = rules.Permit
	}
	said := map[rules.Answer]string{rules.Deny: p.denies, rules.Review: p.reviews}[verdict.Answer]
	for _, reason := range verdict.Reasons {
		if said != "" && (verdict.Answer == rules.Deny || !use.Denying(reason) && reason.Code != rules.UsePermitted) {
			code := said
			if reason.Code == rules.EvidenceMissing {
				code = reason.Code
			}
			g.say(verdict.Answer, rules.Reason{Code: code, Message: fmt.Sprintf("%s, %s: %s", p.what, reason.Clause, reason.Message), Clause: clause, Claimed: reason.Claimed})
		}
	}
	if verdict.Answer != rules.Deny {
		g.oblige(use.ObligationsOf(policy, verdict, q.from())[len(use.Standing):]...)
	}
}

// from is when the use begins: now, when nothing else is known.
func (q Question) from() records.Time {
	if q.Begins != 0 {
		return q.Begins
	}
	return q.At
}

func (g *Grounding) basis(b BasisFacts, r Resting, q Question) {
	if b.Ended {
		g.deny(rules.BasisEnded, b.Clause, "the legal basis %s has ended: %s", b.ID, b.Why)
		return
	}
	law, ok := LawOf(b.Basis.Code)
	if kind := q.Ask.Purpose.Kind; !ok || !slices.Contains(law.Kinds, kind) {
		g.deny(rules.BasisDoesNotCover, b.Clause, "%s rests on %s, whose words do not carry the purpose %s", b.ID, b.Basis.Code, kind)
	}
	if law.NeedsPseudonyms && (r.Statement == nil || r.Statement.Term == Identified) {
		g.deny(rules.BasisDoesNotCover, b.Clause, "%s rests on %s, whose words carry pseudonymised information alone, and no statement of de-identification says that the data is", b.ID, b.Basis.Code)
	}
	if len(b.Basis.Purposes) > 0 {
		g.uses(permitted{
			uses: b.Basis.Purposes, hierarchy: b.Hierarchy, as: records.JudgedBasis(b.ID, b.Basis),
			clause: b.Clause, what: "the purposes of " + b.ID, denies: rules.BasisDoesNotCover, reviews: rules.BasisNeedsReview,
		}, q)
	}
	switch notice := b.Basis.Notice; {
	case law.NeedsNotice && notice == nil:
		g.deny(rules.NoNotice, b.Clause, "%s has not been made public: the people in the data cannot know of the use", b.ID)
	case law.NeedsNotice && notice.PublishedAt > q.At:
		g.deny(rules.NoNotice, b.Clause, "the notice of %s is dated %s, which has not come", b.ID, notice.PublishedAt)
	}
	if law.NeedsObjection && b.Basis.Objection == nil {
		g.deny(rules.NoObjection, b.Clause, "%s names no place where somebody can object", b.ID)
	}
}
