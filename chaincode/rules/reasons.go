// Package rules judges, and knows no ledger: this package has the answers and the reasons that all rules give; below it there is a package for each thing that is judged.
package rules

import (
	"medconsent.org/chaincode/refusal"
)

// WithReasons puts reasons into the details of a refusal.
func WithReasons(refused *refusal.Error, reasons []Reason) error {
	for _, reason := range reasons {
		refused = refused.With(reason)
	}
	return refused
}

// The codes of reasons: part of the contract (docs/contract.md, "The decision"), like the codes of refusals.
const (
	UsePermitted         = "USE_PERMITTED"
	UseNotPermitted      = "USE_NOT_PERMITTED"
	UseNeedsReview       = "USE_NEEDS_REVIEW"
	LimitNotMet          = "LIMIT_NOT_MET"
	LimitNeedsReview     = "LIMIT_NEEDS_REVIEW"
	ClaimedOnly          = "CLAIMED_ONLY"
	LinkingNeedsReview   = "LINKING_NEEDS_REVIEW"
	SensitiveNeedsReview = "SENSITIVE_NEEDS_REVIEW"
	ModeNotAllowed       = "MODE_NOT_ALLOWED"
	RecipientNotAllowed  = "RECIPIENT_NOT_ALLOWED"
	DurationTooLong      = "DURATION_TOO_LONG"
	StageUnmeetable      = "STAGE_UNMEETABLE"
	InstitutionUnknown   = "INSTITUTION_UNKNOWN"

	NoGround           = "NO_GROUND"
	ConsentDenies      = "CONSENT_DENIES"
	ConsentNeedsReview = "CONSENT_NEEDS_REVIEW"
	ConsentEnded       = "CONSENT_ENDED"
	ExclusionDue       = "EXCLUSION_DUE"
	ExclusionOverdue   = "EXCLUSION_OVERDUE"
	BasisDoesNotCover  = "BASIS_DOES_NOT_COVER"
	BasisNeedsReview   = "BASIS_NEEDS_REVIEW"
	BasisEnded         = "BASIS_ENDED"
	NoNotice           = "NO_NOTICE"
	NoObjection        = "NO_OBJECTION"

	DeidMissing         = "DEID_MISSING"
	DeidTermNotAccepted = "DEID_TERM_NOT_ACCEPTED"
	KTooLow             = "K_TOO_LOW"
	LTooLow             = "L_TOO_LOW"
	FacesNotRemoved     = "FACES_NOT_REMOVED"
	TooFewChecked       = "TOO_FEW_CHECKED"

	Contradiction = "CONTRADICTION"
	NotNarrower   = "NOT_NARROWER"

	Granted            = "GRANTED"
	NoGrant            = "NO_GRANT"
	Revoked            = "GRANT_REVOKED"
	Expired            = "GRANT_EXPIRED"
	Pending            = "GRANT_PENDING"
	Suspended          = "SUSPENDED"
	Relinquished       = "RELINQUISHED"
	ParentEnded        = "PARENT_ENDED"
	TermsNotAccepted   = "TERMS_NOT_ACCEPTED"
	PolicyNarrowed     = "POLICY_NARROWED"
	VersionNotCovered  = "VERSION_NOT_COVERED"
	ModeNotCovered     = "MODE_NOT_COVERED"
	PersonNotCovered   = "PERSON_NOT_COVERED"
	PurposeNotCovered  = "PURPOSE_NOT_COVERED"
	PurposeNeedsReview = "PURPOSE_NEEDS_REVIEW"
	DeliveryNotCovered = "DELIVERY_NOT_COVERED"
	NotTheirKey        = "NOT_THEIR_KEY"
	ArchiveMissing     = "ARCHIVE_MISSING"
	WithdrawnIncluded  = "WITHDRAWN_INCLUDED"
	NotAsked           = "NOT_ASKED"
	EvidenceMissing    = "EVIDENCE_MISSING"
	EvidenceDiffers    = "EVIDENCE_DIFFERS"
	Forged             = "FORGED"
	TooManyGrants      = "TOO_MANY_GRANTS"
	AskedAbout         = "ASKED_ABOUT"
	LedgerAlarm        = "LEDGER_ALARM"
	LedgerOld          = "LEDGER_OLD"
)
