package use

import (
	"fmt"
	"slices"
	"strings"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// statementInWords says what a policy asks of the statement, and of the people who withdraw.
func statementInWords(policy records.Policy, say func(format string, arguments ...any)) {
	if policy.ExclusionPeriodSeconds != 0 {
		say("Who withdraws consent is left out within %s.", rules.Span(policy.ExclusionPeriodSeconds))
	}
	d := policy.Deidentification
	if d == nil {
		return
	}
	say("A statement says how the data was de-identified.")
	if len(d.Terms) > 0 {
		say("The data is stated to be %s.", rules.List(d.Terms))
	}
	if d.Tables != nil {
		say("Each table is stated to have k of at least %d.", d.Tables.K)
		if d.Tables.L > 0 {
			say("Each table is stated to have l of at least %d.", d.Tables.L)
		}
	}
	if d.Images != nil && d.Images.FacesRemoved {
		say("Faces are stated to be removed from images, or not to be in them.")
	}
	if d.Images != nil && d.Images.CheckedAtLeast > 0 {
		say("Somebody has looked at %d %s of each kind of image, or at all where there are fewer.", d.Images.CheckedAtLeast, rules.Plural(int(d.Images.CheckedAtLeast), "volume", "volumes"))
	}
}

// Words says in sentences what a policy permits and asks, one a clause, in its order.
func Words(policy records.Policy) []string {
	var words []string
	say := func(format string, arguments ...any) { words = append(words, fmt.Sprintf(format, arguments...)) }
	for _, alternative := range policy.Use {
		say("Permitted: %s.", alternativeInWords(alternative))
		if has(alternative, NoMethods) {
			if policy.TrainingIsMethods() {
				say("The training of a model counts as the development of methods.")
			} else {
				say("The training of a model does not count as the development of methods.")
			}
		}
		for _, duty := range dutiesInWords(alternative) {
			say("Who uses it so %s.", duty)
		}
	}
	say("Delivered by %s, for at most %s.", strings.Join(policy.Modes, " or "), rules.Span(policy.MaxDurationSeconds))
	if len(policy.Recipients) == 0 {
		say("Any institution of the consortium may ask.")
	} else {
		say("Only %s may ask.", rules.List(policy.Recipients))
	}
	words = append(words, decidersInWords(policy)...)
	say("A request that is not decided within %s lapses.", rules.Span(policy.ReviewPeriodSeconds))
	if policy.OwnInstitutionVotes {
		say("The requester's institution may vote on its own request; the requester and the researchers may not.")
	} else {
		say("The requester's institution has no vote on its own request.")
	}
	words = append(words, shutOutInWords(policy)...)
	if policy.Terms != nil {
		say("Whoever asks accepts the terms at %s (SHA-256 %s).", policy.Terms.URL, policy.Terms.SHA256)
	}
	statementInWords(policy, say)
	for _, attachment := range policy.Attachments {
		say("With it goes %s, at %s (SHA-256 %s).", attachment.Title, attachment.URL, attachment.SHA256)
	}
	return words
}

// decidersInWords says who decides on a request, and how.
func decidersInWords(policy records.Policy) []string {
	var words []string
	say := func(format string, arguments ...any) { words = append(words, fmt.Sprintf(format, arguments...)) }
	if policy.Automatic {
		say("A request that the policy permits is approved at once, without anybody being asked.")
	}
	for _, stage := range policy.Stages {
		words = append(words, stageInWords(stage, slices.ContainsFunc(policy.Stages, func(s records.Stage) bool { return s.StepNumber() < stage.StepNumber() })))
	}
	for _, veto := range policy.Vetoes {
		say("One rejection by %s rejects the request.", veto.Committee())
	}
	if policy.DeclaresConflicts() {
		say("Whoever votes declares that they have no conflict of interest.")
	}
	return words
}

func stageInWords(stage records.Stage, later bool) string {
	committee := stage.Committee()
	if stage.Of == records.OfRequester {
		committee = "the " + stage.Role + " committee of whoever asks"
	}
	var words string
	switch stage.Rule {
	case records.Majority:
		words = "Needs approvals by more than half of " + committee
	case records.Unanimous:
		words = "Needs the approval of everybody on " + committee + " who has declared no conflict, and of more than half of it"
	default:
		words = fmt.Sprintf("Needs %d %s of %s", stage.Threshold, rules.Plural(int(stage.Threshold), "approval", "approvals"), committee)
	}
	if stage.MustAttest() {
		words += ", with an attestation that the grant does not outlive"
	}
	if later {
		words += fmt.Sprintf(", in step %d, when the stages of the steps before are met", stage.StepNumber())
	}
	return words + "."
}

var permitted = map[string]string{
	NoRestriction:   "any use, without restriction (NRES)",
	GeneralResearch: "research of any kind (GRU)",
	HealthMedical:   "health, medical or biomedical research (HMB)",
	OriginsOnly:     "the study of population origins or ancestry, and nothing else (POA)",
}

func alternativeInWords(alternative records.Alternative) string {
	words := permitted[alternative.Permission]
	if alternative.Permission == DiseaseSpecific {
		words = "research on " + strings.Join(alternative.Diseases, " or ") + " and what lies under " + rules.Plural(len(alternative.Diseases), "it", "them") + " (DS)"
	}
	if alternative.ClinicalCare {
		words += ", and clinical care besides (CC)"
	}
	for _, limit := range alternative.Limits {
		if term, ok := TermOf(limit.Term); ok && term.words != nil {
			words += ", " + term.words(limit) + " (" + limit.Term + ")"
		}
	}
	return words
}

// dutiesInWords says what whoever uses an alternative has to do.
func dutiesInWords(alternative records.Alternative) []string {
	var words []string
	for _, duty := range alternative.Duties {
		if term, ok := TermOf(duty.Term); ok && term.words != nil {
			words = append(words, term.words(duty)+" ("+duty.Term+")")
		}
	}
	return words
}

// Differences says in words what one policy says and another does not, each way.
func Differences(before, after records.Policy) (removed, added []string) {
	old, new := Words(before), Words(after)
	return rules.Beyond(old, new), rules.Beyond(new, old)
}
