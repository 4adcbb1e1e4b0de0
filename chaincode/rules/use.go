// Package rules holds the decisions: pure functions over values, without Fabric, clock or randomness.
//
// Use conditions follow the text of GA4GH's Data Use Ontology (DUO). What a machine can decide it decides; what it cannot becomes `review`.
package rules

import (
	"fmt"
	"slices"
	"strings"

	"medconsent.org/chaincode/records"
)

// Answer is permit, deny or review.
type Answer string

// The three answers.
const (
	Permit Answer = "permit"
	Deny   Answer = "deny"
	Review Answer = "review"
)

// Reason says why, and which clause of the policy (or which record) it comes from.
type Reason struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Clause  string `json:"clause"`
}

// Obligations are the duties that every grant carries.
var Obligations = []string{"no-reidentification", "no-undeclared-linking"}

// Ask is what somebody wants to do with a dataset.
type Ask struct {
	Institution string // who asks
	Purpose     records.Purpose
	Mode        string
	// DurationSeconds is how long; 0 when that is not asked.
	DurationSeconds int64
}

// Verdict is an answer with every reason.
type Verdict struct {
	Answer  Answer
	Reasons []Reason
	// TooLong tells that the duration alone is past the policy's limit, whatever else was found.
	TooLong bool
}

// Decide judges a use by a policy, and gives all reasons, not only the first: the alternative that permits, or what each denies; the mode; the recipient;
// the duration. Adding an alternative or an allowed value to a policy never loses a permit.
func Decide(policy records.Policy, ask Ask) Verdict {
	answer, reasons := decideUse(policy.Use, ask.Purpose)
	verdict := Verdict{Answer: answer, Reasons: reasons}
	if !slices.Contains(policy.Modes, ask.Mode) {
		verdict.deny(Reason{ModeNotAllowed, fmt.Sprintf("delivery by %s is not allowed; allowed: %s", ask.Mode, strings.Join(policy.Modes, ", ")), "modes"})
	}
	if len(policy.Recipients) > 0 && !slices.Contains(policy.Recipients, ask.Institution) {
		verdict.deny(Reason{RecipientNotAllowed, fmt.Sprintf("%s is not among the institutions that may ask", ask.Institution), "recipients"})
	}
	if ask.DurationSeconds > policy.MaxDurationSeconds {
		verdict.TooLong = true
		verdict.Answer = Deny
		verdict.Reasons = append(verdict.Reasons, Reason{DurationTooLong,
			fmt.Sprintf("%d seconds are asked for; the policy allows at most %d", ask.DurationSeconds, policy.MaxDurationSeconds), "max_duration_seconds"})
	}
	return verdict
}

// OnlyTooLong tells whether the duration is all that stands against the use.
func (v Verdict) OnlyTooLong() bool {
	return v.TooLong && !slices.ContainsFunc(v.Reasons, func(r Reason) bool {
		return r.Code != DurationTooLong && r.Code != UsePermitted && r.Code != UseNeedsReview
	})
}

func (v *Verdict) deny(reason Reason) {
	v.Answer = Deny
	v.Reasons = append(v.Reasons, reason)
}

// decideUse takes the best answer of any alternative. When one permits, its reason alone is given; otherwise every alternative says what is missing.
func decideUse(use []records.Alternative, purpose records.Purpose) (Answer, []Reason) {
	answer := Deny
	var reasons []Reason
	for i, alternative := range use {
		got, why := decideAlternative(alternative, purpose)
		reason := Reason{map[Answer]string{Permit: UsePermitted, Deny: UseNotPermitted, Review: UseNeedsReview}[got], why, fmt.Sprintf("use[%d]", i)}
		if got == Permit {
			return Permit, []Reason{reason}
		}
		if got == Review {
			answer = Review
		}
		reasons = append(reasons, reason)
	}
	return answer, reasons
}

// decideAlternative judges a purpose by one alternative.
func decideAlternative(alternative records.Alternative, purpose records.Purpose) (Answer, string) {
	if purpose.Kind == records.ForClinicalCare {
		return Deny, "clinical care is not research, and no alternative adds it"
	}
	if !slices.Contains(records.PurposeKinds, purpose.Kind) {
		return Deny, fmt.Sprintf("the purpose %q is not known here", purpose.Kind)
	}
	switch alternative.Permission {
	case records.GeneralResearch:
		return Permit, "general research use (GRU) covers every kind of research"
	case records.HealthMedical:
		if purpose.Kind == records.ForHealthResearch || purpose.Kind == records.ForDisease {
			return Permit, "health, medical or biomedical research (HMB) covers " + purpose.Kind
		}
		return Deny, "health, medical or biomedical research (HMB) does not cover " + purpose.Kind
	case records.DiseaseSpecific:
		if purpose.Kind != records.ForDisease {
			return Deny, "disease-specific use (DS) does not cover " + purpose.Kind
		}
		return decideDiseases(alternative.Diseases, purpose.Diseases)
	}
	return Deny, fmt.Sprintf("the permission %s is not known here", alternative.Permission)
}

// Covers judges whether a purpose that was granted covers one that is asked about now, by the same rules.
func Covers(granted, asked records.Purpose) (Answer, string) {
	switch granted.Kind {
	case records.ForGeneralResearch:
		return decideAlternative(records.Alternative{Permission: records.GeneralResearch}, asked)
	case records.ForHealthResearch:
		return decideAlternative(records.Alternative{Permission: records.HealthMedical}, asked)
	case records.ForDisease:
		return decideAlternative(records.Alternative{Permission: records.DiseaseSpecific, Diseases: granted.Diseases}, asked)
	}
	if granted.Kind == asked.Kind && asked.Kind != records.ForClinicalCare {
		return Permit, "the purpose is the granted one"
	}
	return Deny, fmt.Sprintf("%s was granted, not %s", granted.Kind, asked.Kind)
}
