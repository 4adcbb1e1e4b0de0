package rules

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
)

// Law is one ground that the use of personal data can rest on: a form of consent, or a legal basis besides it.
type Law struct {
	Code    string
	Statute string
	Article string
	// Words say what the article says, in short.
	Words string
	// Consent tells whether it is asked of people (a cohort), and not attested by the institution (a basis).
	Consent bool
	// Kinds are the kinds of purpose that the law's words can carry.
	Kinds []string
	// NeedsNotice and NeedsObjection: the public must have been told, and there must be a place to say no.
	NeedsNotice, NeedsObjection bool
	// NeedsArticle: the statute is another one, and which one has to be said.
	NeedsArticle bool
	// NeedsPseudonyms: the law speaks of pseudonymised information alone, so a statement must say that the data does not identify people.
	NeedsPseudonyms bool
}

const (
	pipa      = "Personal Information Protection Act (Korea)"
	bioethics = "Bioethics and Safety Act (Korea)"
	gdpr      = "Regulation (EU) 2016/679 (GDPR)"
	hipaa     = "HIPAA Privacy Rule (United States)"
)

var (
	anyKind      = records.PurposeKinds
	researchOnly = []string{records.ForGeneralResearch, records.ForHealthResearch, records.ForDisease, records.ForOrigins}
	healthOnly   = []string{records.ForHealthResearch, records.ForDisease}
	careOnly     = []string{records.ForClinicalCare}
)

// Laws is the closed list. It is no legal advice: it keeps a basis from being used for what its own words do not say.
var Laws = []Law{
	{Code: "KR-BIOETHICS-CONSENT", Statute: bioethics, Article: "16(1)", Consent: true, Kinds: anyKind,
		Words: "written consent of the subject of human subjects research"},
	{Code: "KR-PIPA-CONSENT", Statute: pipa, Article: "15(1)1, 23(1)1", Consent: true, Kinds: anyKind,
		Words: "consent of the data subject, and consent of its own for sensitive information, which data on health is"},
	{Code: "EU-GDPR-CONSENT", Statute: gdpr, Article: "6(1)(a), 9(2)(a)", Consent: true, Kinds: anyKind,
		Words: "consent of the data subject, explicit for data on health"},
	{Code: "KR-PIPA-28-2", Statute: pipa, Article: "28-2(1)", Kinds: researchOnly, NeedsNotice: true, NeedsObjection: true, NeedsPseudonyms: true,
		Words: "pseudonymised information for statistics, scientific research and archiving in the public interest, without consent; privately funded research is scientific research too (art. 2, no. 8), so commercial research is carried. A statement of de-identification has to say that the data does not identify people"},
	{Code: "KR-BIOETHICS-EXEMPTION", Statute: bioethics, Article: "16(3)", Kinds: researchOnly, NeedsNotice: true, NeedsObjection: true,
		Words: "an institutional committee has waived written consent; the document is its letter"},
	{Code: "KR-LAW", Statute: pipa, Article: "15(1)2", Kinds: anyKind, NeedsNotice: true, NeedsObjection: true, NeedsArticle: true,
		Words: "special provisions of a statute, or a duty under one that cannot be met otherwise; `article` names the statute"},
	{Code: "KR-PUBLIC-HEALTH-ORDER", Statute: "Infectious Disease Control and Prevention Act (Korea)", Article: "76-2", Kinds: healthOnly, NeedsNotice: true, NeedsObjection: true,
		Words: "information that an authority requests to prevent infectious diseases and their spread"},
	{Code: "EU-GDPR-6-1-C", Statute: gdpr, Article: "6(1)(c)", Kinds: anyKind, NeedsNotice: true, NeedsObjection: true, NeedsArticle: true,
		Words: "a legal obligation of the controller; `article` names it. Data on health needs one of 9(2) besides"},
	{Code: "EU-GDPR-6-1-E", Statute: gdpr, Article: "6(1)(e)", Kinds: anyKind, NeedsNotice: true, NeedsObjection: true,
		Words: "a task in the public interest, or of official authority. Data on health needs one of 9(2) besides"},
	{Code: "EU-GDPR-9-2-H", Statute: gdpr, Article: "9(2)(h)", Kinds: careOnly, NeedsNotice: true, NeedsObjection: true,
		Words: "preventive or occupational medicine, diagnosis, care or treatment, and the running of health services"},
	{Code: "EU-GDPR-9-2-I", Statute: gdpr, Article: "9(2)(i)", Kinds: healthOnly, NeedsNotice: true, NeedsObjection: true,
		Words: "public interest in public health, on the basis of Union or Member State law"},
	{Code: "EU-GDPR-9-2-J", Statute: gdpr, Article: "9(2)(j), 89(1)", Kinds: researchOnly, NeedsNotice: true, NeedsObjection: true,
		Words: "archiving in the public interest, scientific or historical research and statistics, on the basis of Union or Member State law"},
	{Code: "US-HIPAA-BAA", Statute: hipaa, Article: "45 CFR 164.502(e), 164.504(e)", Kinds: careOnly, NeedsNotice: true, NeedsObjection: true,
		Words: "a business associate acts for the covered entity under a contract; it carries no research"},
	{Code: "NOT-PERSONAL", Statute: "none", Article: "", Kinds: anyKind,
		Words: "synthetic data, or data about nobody; the document says why"},
}

// LawOf finds a law by its code.
func LawOf(code string) (Law, bool) {
	i := slices.IndexFunc(Laws, func(l Law) bool { return l.Code == code })
	if i < 0 {
		return Law{}, false
	}
	return Laws[i], true
}

// LawCodes lists the codes of the laws of consent, or of the others.
func LawCodes(consent bool) []string {
	var codes []string
	for _, law := range Laws {
		if law.Consent == consent {
			codes = append(codes, law.Code)
		}
	}
	return codes
}

// Resting is all that is known of what a dataset version rests on, each part sealed by the dataset's owner.
type Resting struct {
	Version records.Version
	// Ground is nil when there is none, and Since when it was last changed.
	Ground  *records.Ground
	Since   records.Time
	Cohorts []CohortFacts
	Bases   []BasisFacts
	// Statement is that of de-identification, or nil.
	Statement *records.Statement
	// Lost says what cannot be seen and would have to be.
	Lost []Reason
}

// BasisFacts is one basis of a ground.
type BasisFacts struct {
	Clause    string
	ID        string
	Basis     records.Basis
	Ended     bool
	Why       string // it ended
	Since     records.Time
	Hierarchy Hierarchy
}

// Question is a use that the grounds of a version are asked about.
type Question struct {
	Ask Ask
	// Policies are those that the use must keep to: the one that it was asked for under, and one that applies to existing grants.
	Policies []records.Policy
	// At is the moment that is asked about.
	At records.Time
	// Decided is when people decided on the use; what was for people to judge then has been judged. Zero when nobody has.
	Decided records.Time
}

// Grounding is what the grounds of a version say to a use: an answer with every reason, and duties that come from the people in the data.
type Grounding struct {
	Answer      Answer
	Reasons     []Reason
	Claimed     []string
	Obligations []string
}

// JudgeGrounds judges a use by what a dataset version rests on, as that stands: every ground must hold, and the statement of de-identification must be what is asked of
// it. A narrower purpose never loses a permit; ending, withdrawing or asking more of the statement never gains one.
func JudgeGrounds(r Resting, q Question) Grounding {
	g := Grounding{Answer: Permit}
	for _, lost := range r.Lost {
		g.deny(lost.Code, lost.Clause, "%s", lost.Message)
	}
	if r.Ground == nil {
		g.deny(NoGround, "ground", "%s rests on nothing: neither on consent nor on a legal basis", records.Numbered(r.Version.Dataset, '@', r.Version.Version))
	}
	for _, cohort := range r.Cohorts {
		g.consent(cohort, r.Since, q)
		g.exclusion(cohort, q)
	}
	for _, basis := range r.Bases {
		g.basis(basis, r, q)
	}
	g.statement(r, q)
	return g
}

// With adds what the grounds say to an answer and its reasons.
func (g Grounding) With(answer Answer, reasons []Reason) (Answer, []Reason) {
	return worse(answer, g.Answer), append(reasons, g.Reasons...)
}

// InEmergency is what an emergency does not set aside: what the data itself rests on and shows, without what the people, a law or a policy say of the use.
func (g Grounding) InEmergency() Grounding {
	left := Grounding{Answer: Permit, Obligations: g.Obligations}
	for _, reason := range g.Reasons {
		switch reason.Code {
		case ConsentDenies, ConsentNeedsReview, BasisDoesNotCover, BasisNeedsReview, DeidTermNotAccepted, KTooLow, LTooLow, TooFewChecked:
		case ExclusionDue:
			left.say(Permit, reason)
		default:
			left.say(Deny, reason)
		}
	}
	return left
}

// AddDuties adds to a list what it does not have.
func AddDuties(list, more []string) []string {
	return append(slices.Clone(list), beyond(more, list)...)
}

func (g *Grounding) deny(code, clause, format string, arguments ...any) {
	g.say(Deny, Reason{Code: code, Message: fmt.Sprintf(format, arguments...), Clause: clause})
}

// say adds a reason once.
func (g *Grounding) say(answer Answer, reason Reason) {
	g.Answer = worse(g.Answer, answer)
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

// uses asks the alternatives that people or a law permit, by the function that asks a policy's. What was for people to judge they have judged, unless it came later.
func (g *Grounding) uses(use []records.Alternative, hierarchy Hierarchy, q Question, since records.Time, clause, what, denies, reviews string) {
	policy, ask := records.Policy{Use: use}, q.Ask
	ask.Hierarchy = hierarchy
	verdict := decideUse(policy, ask)
	if verdict.Answer == Review && since <= q.Decided {
		verdict.Answer = Permit
	}
	code := map[Answer]string{Deny: denies, Review: reviews}[verdict.Answer]
	for _, reason := range verdict.Reasons {
		if code != "" && (verdict.Answer == Deny || !denying(reason) && reason.Code != UsePermitted) {
			g.say(verdict.Answer, Reason{Code: code, Message: fmt.Sprintf("%s, %s: %s", what, reason.Clause, reason.Message), Clause: clause, Claimed: reason.Claimed})
		}
	}
	if verdict.Answer != Deny {
		g.oblige(ObligationsOf(policy, verdict, q.from())[len(Standing):]...)
	}
}

// from is when the use begins, as far as that is known.
func (q Question) from() records.Time {
	if q.Decided != 0 {
		return q.Decided
	}
	return q.At
}

func (g *Grounding) basis(b BasisFacts, r Resting, q Question) {
	if b.Ended {
		g.deny(BasisEnded, b.Clause, "the legal basis %s has ended: %s", b.ID, b.Why)
		return
	}
	law, ok := LawOf(b.Basis.Code)
	if kind := q.Ask.Purpose.Kind; !ok || !slices.Contains(law.Kinds, kind) {
		g.deny(BasisDoesNotCover, b.Clause, "%s rests on %s, whose words do not carry the purpose %s", b.ID, b.Basis.Code, kind)
	}
	if law.NeedsPseudonyms && (r.Statement == nil || r.Statement.Term == Identified) {
		g.deny(BasisDoesNotCover, b.Clause, "%s rests on %s, whose words carry pseudonymised information alone, and no statement of de-identification says that the data is", b.ID, b.Basis.Code)
	}
	if len(b.Basis.Purposes) > 0 {
		g.uses(b.Basis.Purposes, b.Hierarchy, q, max(b.Since, r.Since), b.Clause, "the purposes of "+b.ID, BasisDoesNotCover, BasisNeedsReview)
	}
	switch notice := b.Basis.Notice; {
	case law.NeedsNotice && notice == nil:
		g.deny(NoNotice, b.Clause, "%s has not been made public: the people in the data cannot know of the use", b.ID)
	case law.NeedsNotice && notice.PublishedAt > q.At:
		g.deny(NoNotice, b.Clause, "the notice of %s is dated %s, which has not come", b.ID, notice.PublishedAt)
	}
	if law.NeedsObjection && b.Basis.Objection == nil {
		g.deny(NoObjection, b.Clause, "%s names no place where somebody can object", b.ID)
	}
}
