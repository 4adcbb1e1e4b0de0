package use

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// Looser says where a policy asks people less than another, whatever the use: stages, vetoes, declarations, terms, duties. None means that every approval by it would have
// been one by the other, and binds as much.
func Looser(policy, than records.Policy) []string {
	var words []string
	say := func(format string, arguments ...any) { words = append(words, fmt.Sprintf(format, arguments...)) }
	for _, stage := range than.Stages {
		if !slices.ContainsFunc(policy.Stages, func(next records.Stage) bool { return asksAsMuch(next, stage) }) {
			say("stages: %s is not asked as before", committeeInWords(stage))
		}
	}
	for _, veto := range than.Vetoes {
		if !slices.Contains(policy.Vetoes, veto) {
			say("vetoes: %s has no veto any more", veto.Committee())
		}
	}
	if policy.OwnInstitutionVotes && !than.OwnInstitutionVotes {
		say("own_institution_votes: people of the institution that asks may vote on it")
	}
	if than.DeclaresConflicts() && !policy.DeclaresConflicts() {
		say("conflicts: nobody has to declare that they have no conflict of interest")
	}
	if than.Terms != nil && (policy.Terms == nil || *policy.Terms != *than.Terms) {
		say("terms: other terms are to be accepted, or none")
	}
	if more := rules.Beyond(names(than.Attachments), names(policy.Attachments)); len(more) > 0 {
		say("attachments: %s no longer belongs to it", rules.List(more))
	}
	if was, is := than.TrainingIsMethods(), policy.TrainingIsMethods(); was != is {
		say("training_counts_as_methods: whether training a model is methods development is said otherwise")
	}
	return append(words, FewerDuties(policy, than)...)
}

// FewerDuties says which duties an alternative lacks that any had before, unless it stood there as it is.
func FewerDuties(policy, than records.Policy) []string {
	var before, words []string
	for _, alternative := range than.Use {
		before = append(before, rules.Beyond(dutiesInWords(alternative), before)...)
	}
	for i, alternative := range policy.Use {
		if slices.ContainsFunc(than.Use, func(was records.Alternative) bool { return saysTheSame(alternative, was) }) {
			continue
		}
		for _, duty := range rules.Beyond(before, dutiesInWords(alternative)) {
			words = append(words, fmt.Sprintf("use[%d].duties: it is not asked that who uses it so %s", i, duty))
		}
	}
	return words
}

func saysTheSame(one, other records.Alternative) bool {
	return alternativeInWords(one) == alternativeInWords(other) && slices.Equal(dutiesInWords(one), dutiesInWords(other))
}

// asksAsMuch tells whether a stage asks the same committee for at least as many approvals, in the same way.
func asksAsMuch(next, stage records.Stage) bool {
	least := next.Threshold >= stage.Threshold
	next.Threshold, stage.Threshold = 0, 0
	attests := next.MustAttest() || !stage.MustAttest()
	next.Attests, stage.Attests = nil, nil
	return least && attests && next == stage
}

func committeeInWords(stage records.Stage) string {
	if stage.Of == records.OfRequester {
		return stage.Role + " of whoever asks"
	}
	return stage.Committee()
}

func names(attachments []records.Attachment) []string {
	list := make([]string, 0, len(attachments))
	for _, attachment := range attachments {
		list = append(list, attachment.Title+" ("+attachment.SHA256+")")
	}
	return list
}
