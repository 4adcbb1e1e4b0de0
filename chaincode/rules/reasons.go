package rules

// The codes of reasons: part of the contract (docs/contract.md, "The decision"), like the codes of refusals.
const (
	UsePermitted        = "USE_PERMITTED"
	UseNotPermitted     = "USE_NOT_PERMITTED"
	UseNeedsReview      = "USE_NEEDS_REVIEW"
	ModeNotAllowed      = "MODE_NOT_ALLOWED"
	RecipientNotAllowed = "RECIPIENT_NOT_ALLOWED"
	DurationTooLong     = "DURATION_TOO_LONG"
	StageUnmeetable     = "STAGE_UNMEETABLE"

	Granted            = "GRANTED"
	NoGrant            = "NO_GRANT"
	Revoked            = "GRANT_REVOKED"
	Expired            = "GRANT_EXPIRED"
	Pending            = "GRANT_PENDING"
	VersionNotCovered  = "VERSION_NOT_COVERED"
	ModeNotCovered     = "MODE_NOT_COVERED"
	PersonNotCovered   = "PERSON_NOT_COVERED"
	PurposeNotCovered  = "PURPOSE_NOT_COVERED"
	PurposeNeedsReview = "PURPOSE_NEEDS_REVIEW"
	EvidenceMissing    = "EVIDENCE_MISSING"
	EvidenceDiffers    = "EVIDENCE_DIFFERS"
	Forged             = "FORGED"
	TooManyGrants      = "TOO_MANY_GRANTS"
	AskedAbout         = "ASKED_ABOUT"
)

// ReasonCodes lists them in the order of docs/contract.md.
var ReasonCodes = []string{
	UsePermitted, UseNotPermitted, UseNeedsReview, ModeNotAllowed, RecipientNotAllowed, DurationTooLong, StageUnmeetable,
	Granted, NoGrant, Revoked, Expired, Pending, VersionNotCovered, ModeNotCovered, PersonNotCovered, PurposeNotCovered, PurposeNeedsReview,
	EvidenceMissing, EvidenceDiffers, Forged, TooManyGrants, AskedAbout,
}
