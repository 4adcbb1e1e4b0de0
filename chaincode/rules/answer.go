package rules

import (
	"strings"
)

// Answer is permit, deny or review.
type Answer string

// The three answers.
const (
	Permit Answer = "permit"
	Deny   Answer = "deny"
	Review Answer = "review"
)

// Rank orders the answers: the more is allowed, the higher.
func (a Answer) Rank() int {
	switch a {
	case Permit:
		return 2
	case Review:
		return 1
	}
	return 0
}

// Worse is the answer of two that allows less.
func Worse(a, b Answer) Answer {
	if a.Rank() <= b.Rank() {
		return a
	}
	return b
}

// Reason says why, and which clause of the policy (or which record) it comes from.
type Reason struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Clause  string `json:"clause"`
	// Claimed is the member of the purpose that only the requester vouches for, where the reason rests on one.
	Claimed string `json:"claimed,omitzero"`
}

// Sentences joins what reasons say.
func Sentences(reasons []Reason) string {
	texts := make([]string, 0, len(reasons))
	for _, reason := range reasons {
		texts = append(texts, reason.Message)
	}
	return strings.Join(texts, "; ")
}
