package lawful

import (
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
