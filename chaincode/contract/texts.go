package contract

import (
	"fmt"
	"slices"

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

// everyText is each private text that a request names, replaced or not.
func everyText(texts []records.RequestText) []records.TextRef {
	list := make([]records.TextRef, 0, len(texts))
	for _, text := range texts {
		list = append(list, text.TextRef)
	}
	return list
}

// standing are the private texts that belong to a request as it stands.
func standing(texts []records.RequestText) []records.TextRef {
	return everyText(slices.DeleteFunc(slices.Clone(texts), func(text records.RequestText) bool { return text.Replaced }))
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
	if count := len(standing(after)); count > input.MaxTexts {
		return refusal.New(refusal.LimitExceeded, "the request would have %d private texts, and %d is the most", count, input.MaxTexts).At("texts")
	}
	if count := len(after); count > input.MaxTextsEver {
		return refusal.New(refusal.LimitExceeded, "with those that were replaced the request would name %d private texts, and %d is the most", count, input.MaxTextsEver).
			At("texts").Hinting("withdraw it and ask anew (request.withdraw, request.submit)")
	}
	return nil
}
