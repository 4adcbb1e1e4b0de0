// Package refusal holds the contract's refusals: a stable code, a sentence, and what to do about it.
//
// The codes are part of the contract (docs/contract.md, "Codes of refusal"): a code is never renamed and never changes its meaning.
package refusal

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Code is a stable name of a kind of refusal.
type Code string

// The codes of docs/contract.md, in its order.
const (
	UnknownTransaction Code = "UNKNOWN_TRANSACTION"
	Invalid            Code = "INVALID"
	TooLarge           Code = "TOO_LARGE"
	Clock              Code = "CLOCK"
	Forbidden          Code = "FORBIDDEN"
	NotFound           Code = "NOT_FOUND"
	Ambiguous          Code = "AMBIGUOUS"
	Conflict           Code = "CONFLICT"
	AlreadyVoted       Code = "ALREADY_VOTED"
	OwnRequest         Code = "OWN_REQUEST"
	Recused            Code = "RECUSED"
	Returned           Code = "RETURNED"
	StageNotOpen       Code = "STAGE_NOT_OPEN"
	ConflictUndeclared Code = "CONFLICT_UNDECLARED"
	AttestationMissing Code = "ATTESTATION_MISSING"
	Decided            Code = "DECIDED"
	Expired            Code = "EXPIRED"
	LimitExceeded      Code = "LIMIT_EXCEEDED"
	PolicyDenies       Code = "POLICY_DENIES"
	PolicyUnmeetable   Code = "POLICY_UNMEETABLE"
	PolicyContradicts  Code = "POLICY_CONTRADICTS"
	PolicyNotNarrower  Code = "POLICY_NOT_NARROWER"
	UsageInfoDiffers   Code = "USAGE_INFO_DIFFERS"
	TermsNotAccepted   Code = "TERMS_NOT_ACCEPTED"
	Unjustified        Code = "UNJUSTIFIED"
	TooSoon            Code = "TOO_SOON"
	Forged             Code = "FORGED"
	LedgerAlarm        Code = "LEDGER_ALARM"
	Internal           Code = "INTERNAL"
)

// Codes lists every code in the order of docs/contract.md.
var Codes = []Code{
	UnknownTransaction, Invalid, TooLarge, Clock, Forbidden, NotFound, Ambiguous, Conflict, AlreadyVoted, OwnRequest, Recused, Returned, StageNotOpen,
	ConflictUndeclared, AttestationMissing, Decided, Expired, LimitExceeded, PolicyDenies, PolicyUnmeetable, PolicyContradicts, PolicyNotNarrower,
	UsageInfoDiffers, TermsNotAccepted, Unjustified, TooSoon, Forged, LedgerAlarm, Internal,
}

// Error is a refusal. Nothing was written.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitzero"`
	Hint    string `json:"hint,omitzero"`
	Details []any  `json:"details,omitzero"`
}

// New makes a refusal whose sentence is formatted as by fmt.Sprintf.
func New(code Code, format string, arguments ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, arguments...)}
}

// At says which member of the argument is at fault ("members[0].id").
func (e *Error) At(field string) *Error { e.Field = field; return e }

// Hinting says what the caller can do about it.
func (e *Error) Hinting(format string, arguments ...any) *Error {
	e.Hint = fmt.Sprintf(format, arguments...)
	return e
}

// With adds a detail: any value that JSON can show.
func (e *Error) With(details ...any) *Error { e.Details = append(e.Details, details...); return e }

// Error gives the code and the sentence.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// JSON is the refusal as the client gets it: the message of the chaincode's response.
func (e *Error) JSON() string {
	text, err := json.Marshal(e, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return `{"code":"INTERNAL","message":"a refusal could not be written down"}`
	}
	return string(text)
}

// From turns any error into a refusal; one that is none is a fault of the peer or the chaincode.
func From(err error) *Error {
	var refused *Error
	if errors.As(err, &refused) {
		return refused
	}
	return New(Internal, "%v", err).Hinting("nothing was written; try again, and ask the operator of the peer if it stays")
}

// Is tells whether err is a refusal with this code.
func Is(err error, code Code) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.Code == code
}
