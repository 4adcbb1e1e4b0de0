// Package use judges a use by the conditions of a policy: terms of the Data Use Ontology, hierarchies of diseases, and whether one policy is narrower than another.
package use

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// AskOf is what a request asks, as of the moment that it was made.
func AskOf(r records.Request, at records.Time, hierarchy Hierarchy) Ask {
	return Ask{
		Institution: r.Requester.Institution, People: PeopleOf(r.Requester.Institution, r.Researchers), Purpose: r.Purpose, Mode: r.Mode,
		DurationSeconds: r.DurationSeconds, At: at, Hierarchy: hierarchy,
	}
}

// PeopleOf names people of an institution in full.
func PeopleOf(institution string, ids []string) []string {
	people := make([]string, 0, len(ids))
	for _, id := range ids {
		people = append(people, records.Person{Institution: institution, ID: id}.String())
	}
	return people
}

// Ask is what somebody wants to do with a dataset.
type Ask struct {
	Institution string   // who asks
	People      []string // who would use the data, as "nuri/kim"
	Purpose     records.Purpose
	Mode        string
	// DurationSeconds is how long; 0 when that is not asked.
	DurationSeconds int64
	// At is the moment the question is about.
	At records.Time
	// Hierarchy places the terms of MONDO and DOID that the question is about.
	Hierarchy Hierarchy
	// Korea tells whether the institution that asks, or the one that owns the data, is in Korea.
	Korea bool
}

// Choice is what one alternative of a policy says.
type Choice struct {
	Clause  string         `json:"clause"`
	Answer  rules.Answer   `json:"decision"`
	Reasons []rules.Reason `json:"reasons"`
	// Claimed are the members of the purpose that only the requester vouches for and that the answer rests on.
	Claimed []string `json:"claimed,omitzero"`
}

// Verdict is an answer with every reason.
type Verdict struct {
	Answer  rules.Answer
	Reasons []rules.Reason
	// Claimed is that of the alternative used.
	Claimed []string
	// Choices are what each alternative says by itself.
	Choices []Choice
	// Used is the first alternative that gives the best answer, or -1 when each denies.
	Used int
	// Lost tells that nothing denies but that a hierarchy is not whole on the ledger: with it the answer could be another.
	Lost bool
}

// Decide judges a use by a policy, and gives all reasons, not only the first: what the alternatives say; what only people decide; the mode; the recipient; the
// duration. Adding an alternative, clinical care or an allowed value to a policy never loses a permit; adding a limit never gains one; a narrower purpose never
// loses one.
func Decide(policy records.Policy, ask Ask) Verdict {
	verdict := DecideUse(policy, ask)
	verdict.weigh(ofPeople(ask)...)
	if !slices.Contains(policy.Modes, ask.Mode) {
		verdict.deny(rules.ModeNotAllowed, "modes", "delivery by %s is not allowed; allowed: %s", ask.Mode, rules.List(policy.Modes))
	}
	if len(policy.Recipients) > 0 && !slices.Contains(policy.Recipients, ask.Institution) {
		verdict.deny(rules.RecipientNotAllowed, "recipients", "%s is not among the institutions that may ask", ask.Institution)
	}
	if ask.DurationSeconds > policy.MaxDurationSeconds {
		verdict.deny(rules.DurationTooLong, "max_duration_seconds", "%s asked for; the policy allows at most %s", rules.Are(rules.Span(ask.DurationSeconds)), rules.Span(policy.MaxDurationSeconds))
	}
	return verdict
}

// OnlyTooLong tells whether a use that is denied would not be if it took less time.
func OnlyTooLong(policy records.Policy, ask Ask) bool {
	ask.DurationSeconds = 0
	return Decide(policy, ask).Answer != rules.Deny
}

func (v *Verdict) deny(code, clause, format string, arguments ...any) {
	v.Answer, v.Lost = rules.Deny, false
	v.Reasons = append(v.Reasons, rules.Reason{Code: code, Message: fmt.Sprintf(format, arguments...), Clause: clause})
}

// weigh adds reasons for which a person has to look.
func (v *Verdict) weigh(reasons ...rules.Reason) {
	if len(reasons) > 0 {
		v.Answer = rules.Worse(v.Answer, rules.Review)
		v.Reasons = append(v.Reasons, reasons...)
	}
}

// ofPeople are the reasons for which only people decide, whatever the policy permits.
func ofPeople(ask Ask) []rules.Reason {
	var reasons []rules.Reason
	purpose := ask.Purpose
	if purpose.Linking {
		message := "data is to be linked with other data: that is for people to decide"
		if ask.Korea {
			message += "; in Korea only a designated agency may combine pseudonymised data of several controllers (Personal Information Protection Act, art. 28-3)"
		}
		reasons = append(reasons, rules.Reason{Code: rules.LinkingNeedsReview, Message: message, Clause: "purpose.linking"})
	}
	if len(purpose.Sensitive) > 0 {
		reasons = append(reasons, rules.Reason{Code: rules.SensitiveNeedsReview, Message: "the purpose is sensitive, which is for people to decide: " + rules.List(purpose.Sensitive), Clause: "purpose.sensitive"})
	}
	return reasons
}

// DecideUse takes the best answer of any alternative. When one permits, its reasons alone are given; otherwise those of each.
func DecideUse(policy records.Policy, ask Ask) Verdict {
	verdict := Verdict{Answer: rules.Deny, Used: -1}
	c := circumstances{ask: ask, trainingIsMethods: policy.TrainingIsMethods()}
	for i, alternative := range policy.Use {
		choice := choose(fmt.Sprintf("use[%d]", i), alternative, c)
		verdict.Choices = append(verdict.Choices, choice)
		if choice.Answer.Rank() > verdict.Answer.Rank() {
			verdict.Answer, verdict.Used, verdict.Claimed = choice.Answer, i, choice.Claimed
		}
	}
	for i, choice := range verdict.Choices {
		if verdict.Answer != rules.Permit || i == verdict.Used {
			verdict.Reasons = append(verdict.Reasons, choice.Reasons...)
		}
	}
	verdict.Lost = verdict.Answer == rules.Deny && slices.ContainsFunc(verdict.Choices, Choice.lost)
	return verdict
}

// lost tells that an alternative denies for nothing but a hierarchy that is not whole on the ledger.
func (c Choice) lost() bool {
	denying := slices.DeleteFunc(slices.Clone(c.Reasons), func(reason rules.Reason) bool { return !Denying(reason) })
	return len(denying) == 1 && denying[0].Code == rules.EvidenceMissing
}

// choose judges by one alternative: its permission, and each of its limits.
func choose(clause string, alternative records.Alternative, c circumstances) Choice {
	found := decidePermission(alternative, c.ask.Purpose, c.ask.Hierarchy)
	code := map[rules.Answer]string{rules.Permit: rules.UsePermitted, rules.Deny: rules.UseNotPermitted, rules.Review: rules.UseNeedsReview}[found.answer]
	if found.lost {
		code = rules.EvidenceMissing
	}
	choice := Choice{Clause: clause, Answer: found.answer, Reasons: []rules.Reason{{Code: code, Message: found.message, Clause: clause}}}
	for i, limit := range alternative.Limits {
		at := fmt.Sprintf("%s.limits[%d]", clause, i)
		term, ok := TermOf(limit.Term)
		if !ok || term.judge == nil {
			choice.add(at, finding{answer: rules.Deny, message: fmt.Sprintf("the limit %s is not known here", limit.Term)})
			continue
		}
		for _, found := range term.judge(limit, c) {
			choice.add(at, found)
		}
	}
	if choice.Answer == rules.Deny {
		choice.Claimed = nil
		choice.Reasons = slices.DeleteFunc(choice.Reasons, func(r rules.Reason) bool { return !Denying(r) })
	}
	return choice
}

func (c *Choice) add(clause string, found finding) {
	c.Answer = rules.Worse(c.Answer, found.answer)
	reason := rules.Reason{Code: rules.LimitNotMet, Message: found.message, Clause: clause, Claimed: found.claimed}
	switch {
	case found.tooLong:
		reason.Code = rules.DurationTooLong
	case found.claimed != "":
		reason.Code = rules.ClaimedOnly
		if !slices.Contains(c.Claimed, found.claimed) {
			c.Claimed = append(c.Claimed, found.claimed)
		}
	case found.answer == rules.Review:
		reason.Code = rules.LimitNeedsReview
	}
	c.Reasons = append(c.Reasons, reason)
}

// Denying tells whether a reason of an alternative denies.
func Denying(reason rules.Reason) bool {
	return slices.Contains([]string{rules.UseNotPermitted, rules.LimitNotMet, rules.DurationTooLong, rules.EvidenceMissing}, reason.Code)
}

// decidePermission judges a purpose by the permission of one alternative, and by the clinical care that it may add.
func decidePermission(alternative records.Alternative, purpose records.Purpose, hierarchy Hierarchy) finding {
	if !slices.Contains(records.PurposeKinds, purpose.Kind) {
		return finding{answer: rules.Deny, message: fmt.Sprintf("the purpose %q is not known here", purpose.Kind)}
	}
	if alternative.Permission == NoRestriction {
		return finding{answer: rules.Permit, message: "there is no restriction on use (NRES)"}
	}
	if purpose.Kind == records.ForClinicalCare {
		if alternative.ClinicalCare {
			return finding{answer: rules.Permit, message: "clinical care is added to what is permitted (CC)"}
		}
		return finding{answer: rules.Deny, message: "clinical care is not research, and this alternative does not add it (CC)"}
	}
	switch alternative.Permission {
	case GeneralResearch:
		return finding{answer: rules.Permit, message: "general research use (GRU) covers every kind of research"}
	case HealthMedical:
		if answer, why := aboutHealth("health, medical or biomedical research (HMB)", purpose, records.ForHealthResearch, records.ForDisease); answer == rules.Deny {
			return finding{answer: answer, message: why}
		}
		return finding{answer: rules.Permit, message: "health, medical or biomedical research (HMB) covers " + purpose.Kind}
	case DiseaseSpecific:
		if answer, why := aboutHealth("disease-specific use (DS)", purpose, records.ForDisease); answer == rules.Deny {
			return finding{answer: answer, message: why}
		}
		return decideDiseases(alternative.Diseases, purpose.Diseases, hierarchy)
	case OriginsOnly:
		if purpose.Kind == records.ForOrigins {
			return finding{answer: rules.Permit, message: "the study of population origins or ancestry is what is permitted (POA)"}
		}
		return finding{answer: rules.Deny, message: "only the study of population origins or ancestry is permitted (POA), not " + purpose.Kind}
	}
	return finding{answer: rules.Deny, message: fmt.Sprintf("the permission %s is not known here", alternative.Permission)}
}

func aboutHealth(what string, purpose records.Purpose, kinds ...string) (rules.Answer, string) {
	switch {
	case !slices.Contains(kinds, purpose.Kind):
		return rules.Deny, what + " does not cover " + purpose.Kind
	case slices.Contains(purpose.Sensitive, records.NotHealth):
		return rules.Deny, what + " does not cover what is not about health"
	}
	return rules.Permit, ""
}
