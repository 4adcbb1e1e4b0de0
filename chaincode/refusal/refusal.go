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
	ReleaseDenied      Code = "RELEASE_DENIED"
	Forged             Code = "FORGED"
	LedgerAlarm        Code = "LEDGER_ALARM"
	Internal           Code = "INTERNAL"
)

// Meaning is what a code says, whatever the sentence of the single refusal adds.
type Meaning struct {
	Code  Code
	Means string
}

// Meanings has every code, in the order in which a transaction can meet them: the table of docs/contract.md is made from it.
var Meanings = []Meaning{
	{UnknownTransaction, "no such function name"},
	{Invalid, "the argument is malformed; `field` says where"},
	{TooLarge, "an argument or a document over its bound"},
	{Clock, "the transaction's timestamp is off the peer's clock"},
	{Forbidden, "the caller's institution, role or seat does not allow it"},
	{NotFound, "no such record"},
	{Ambiguous, "an id prefix fits several records"},
	{Conflict, "digests or versions are not what stands now, or it would change nothing; read again"},
	{AlreadyVoted, "this person voted already, whatever the certificate"},
	{OwnRequest, "the requester, a researcher of the request or their institution may not vote on it"},
	{Recused, "this person has declared a conflict of interest on the request"},
	{Returned, "the request was returned for changes, and waits for its requester"},
	{StageNotOpen, "the stage opens when those of the steps before it are met"},
	{ConflictUndeclared, "the policy asks every voter to declare that they have no conflict of interest"},
	{AttestationMissing, "an approval in this stage carries the ethics board's attestation"},
	{Decided, "the request or grant is already decided, withdrawn or revoked"},
	{Expired, "the time for it has passed"},
	{LimitExceeded, "more than the policy or the contract allows (duration, seats, changes)"},
	{PolicyDenies, "the policy, or what the data rests on, does not permit the use; `details` has all reasons"},
	{PolicyUnmeetable, "no committee as it stands could ever meet the policy"},
	{PolicyContradicts, "terms of the policy exclude or repeat each other, or nobody could use an alternative; `details` has all reasons"},
	{PolicyNotNarrower, "the policy is to apply to existing grants and is not shown to narrow; `details` has all reasons"},
	{UsageInfoDiffers, "the manifest's `usageInfo` is not what the policy says; `field` says where they differ"},
	{TermsNotAccepted, "the request, or the acceptance, does not name the hash of the policy's terms"},
	{Unjustified, "the institution has a break-glass grant that is not justified yet; `details` names it"},
	{TooSoon, "the next epoch of a cohort: changes are collected first"},
	{ReleaseDenied, "nothing is released as it was asked for; `details` has all reasons"},
	{Forged, "a record that the decision rests on is not sealed by its owner; `details` names it"},
	{LedgerAlarm, "the watcher of an endorsing institution found something on the ledger, and its decisions are closed"},
	{Internal, "a fault of the peer or the chaincode; nothing was written"},
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
