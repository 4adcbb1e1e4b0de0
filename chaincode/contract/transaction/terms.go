package transaction

import (
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"medconsent.org/chaincode/refusal"
)

// Terms are what a client has to know of a transaction besides its argument. Tests hold every refusal and every write of theirs against them.
type Terms struct {
	// Who may do it, in words.
	Who string
	// Seals are the institutions whose peers must be among those that endorse it.
	Seals []Seal
	// Alone tells whether their endorsement is enough: it writes only keys that exist, or only to their collections. Otherwise a majority of the institutions has to
	// endorse it too.
	Alone bool
	// AloneWhen says with which words of the argument it is so, when it is not always.
	AloneWhen *When
	// Avoids are the institutions that gain when it fails: others are asked before them where one of several has to endorse.
	Avoids []Seal
	// Officers are the roles in which somebody does it for the institution, by a key that stands in its record: for what does more than take away.
	Officers []string
	// Widens tells whether it can make or widen a permit: then it waits for a second officer as a proposal.
	Widens bool
	// Refuses are the codes that it can be refused with, besides those that it shares with others (Entry.Codes).
	Refuses []refusal.Code
}

// Seal names an institution by what it is in the transaction, and when.
type Seal struct {
	By Party `json:"by"`
	// Of is the member of the argument that names what the institution is the owner or the requester of; empty for the caller's.
	Of string `json:"of,omitzero"`
	// When says when it seals; absent means always.
	When *When `json:"when,omitzero"`
}

// Party is what an institution is in a transaction.
type Party string

// The parties.
const (
	Caller    Party = "caller"    // of whoever sends it
	Owner     Party = "owner"     // whose dataset it is about
	Requester Party = "requester" // whose people made the request
)

// When is a condition on the argument, or on the policy in force.
type When struct {
	// Member of the argument, and the words with which it holds.
	Member string   `json:"member,omitzero"`
	Is     []string `json:"is,omitzero"`
	// Automatic is whether the policy has to approve by itself what it permits.
	Automatic bool `json:"automatic,omitzero"`
}

// Says tells whether an argument, which is right, has one of the words.
func (w When) Says(argument []byte) bool {
	var members map[string]jsontext.Value
	if json.Unmarshal(argument, &members) != nil {
		return false
	}
	var word string
	return json.Unmarshal(members[w.Member], &word) == nil && slices.Contains(w.Is, word)
}

// Own is the caller's institution.
var Own = []Seal{{By: Caller}}

// always are the codes that everything can be refused with: for its argument and its date, or because the peer or the ledger fails.
var always = []refusal.Code{refusal.Invalid, refusal.TooLarge, refusal.Clock, refusal.Internal}

// Codes lists everything that the transaction can be refused with, in the order of the codes.
func (e Entry) Codes() []refusal.Code {
	codes := []refusal.Code{}
	for _, meaning := range refusal.Meanings {
		if e.CanRefuse(meaning.Code) {
			codes = append(codes, meaning.Code)
		}
	}
	return codes
}

// CanRefuse tells whether the transaction can be refused with a code.
func (e Entry) CanRefuse(code refusal.Code) bool {
	switch code {
	case refusal.LedgerAlarm:
		return e.Writes && !e.Ends
	case refusal.Forbidden:
		return e.Writes || slices.Contains(e.Refuses, code) // whoever changes something has to say who they are
	}
	return slices.Contains(always, code) || slices.Contains(e.Refuses, code)
}
