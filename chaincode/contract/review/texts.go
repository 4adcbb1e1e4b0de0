package review

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// named are private texts as a request names them from now on.
func named(texts []records.TextRef) []records.RequestText {
	var list []records.RequestText
	for _, text := range texts {
		list = append(list, records.RequestText{TextRef: text})
	}
	return list
}

// replacing puts private texts in the place of those of the same kinds. What they replace stays named: its commitment is what text.get and text.purge find it by.
func replacing(former []records.RequestText, texts []records.TextRef) []records.RequestText {
	if len(texts) == 0 {
		return former
	}
	list := slices.Clone(former)
	for i := range list {
		if slices.ContainsFunc(texts, func(text records.TextRef) bool { return text.Kind == list[i].Kind }) {
			list[i].Replaced = true
		}
	}
	return append(list, named(texts)...)
}

// roomForTexts refuses with INVALID when an amendment names a text that the request names already, and with LIMIT_EXCEEDED when there would be too many.
func roomForTexts(former []records.RequestText, texts []records.TextRef, after []records.RequestText) error {
	for i, text := range texts {
		if slices.ContainsFunc(former, func(one records.RequestText) bool { return one.Commitment == text.Commitment }) {
			return refusal.New(refusal.Invalid, "the request names this commitment already").At(fmt.Sprintf("texts[%d].commitment", i)).
				Hinting("a text gets another salt, and with it another commitment, each time")
		}
	}
	if count := len(evidence.StandingTexts(after)); count > input.MaxTexts {
		return refusal.New(refusal.LimitExceeded, "the request would have %d private texts, and %d is the most", count, input.MaxTexts).At("texts")
	}
	if count := len(after); count > input.MaxTextsEver {
		return refusal.New(refusal.LimitExceeded, "with those that were replaced the request would name %d private texts, and %d is the most", count, input.MaxTextsEver).
			At("texts").Hinting("withdraw it and ask anew (request.withdraw, request.submit)")
	}
	return nil
}
