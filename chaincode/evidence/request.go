package evidence

import (
	"slices"
	"strings"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/use"
)

// proper judges a sealed request by the rules of request.submit and request.amend again: the requester's institution seals its own requests, and its chaincode may not be ours.
//
// Refuses with FORGED.
func proper(request *ledger.Sealed[records.Request], policy records.Policy, hierarchy use.Hierarchy, related *ledger.Sealed[records.Grant]) error {
	body := request.Record.Body
	var c input.Checker
	c.Texts("texts", StandingTexts(body.Texts), input.MaxTexts)
	c.Texts("texts", EveryText(body.Texts), input.MaxTextsEver)
	c.Require(body.ReviewUntil == request.Record.CreatedAt().Add(policy.ReviewPeriodSeconds), "review_until", "it is not as long after the request as the policy says")
	c.Require(body.Renews+body.Joins == "" || records.IsTx(body.Renews+body.Joins), "joins", "it is not the whole id of a grant")
	wrong := c.Err()
	if wrong == nil {
		wrong = RefuseDenied(policy, body, request.Record.StatedAt(), hierarchy, lawful.Grounding{Answer: rules.Permit})
	}
	if wrong == nil {
		wrong = RefuseUnrelated(body, request.Record.StatedAt(), related)
	}
	if wrong == nil {
		return nil
	}
	why := refusal.From(wrong)
	return refusal.New(refusal.Forged, "request %.12s was sealed by %s although the contract refuses such a request: %s %s", request.Record.ID, request.Record.Owner, why.Field, why.Message).
		With(ledger.Forgery{Key: request.Key, Sealed: true, Why: why.Message})
}

// RefuseUnrelated refuses with CONFLICT when a request, as it was stated at a moment, cannot renew or join the grant that it names.
func RefuseUnrelated(request records.Request, at records.Time, grant *ledger.Sealed[records.Grant]) error {
	if grant == nil {
		return nil
	}
	reasons := grants.Unrelated(request, at, grant.Record)
	if len(reasons) == 0 {
		return nil
	}
	field := "renews"
	if request.Joins != "" {
		field = "joins"
	}
	return refusal.New(refusal.Conflict, "the request does not fit grant %.12s: %s", grant.Record.ID, strings.Join(reasons, "; ")).At(field).
		Hinting("grant.get shows what was granted; a request of its own needs neither renews nor joins")
}

// RefuseDenied refuses with POLICY_DENIES and every reason, those of the grounds too, with LIMIT_EXCEEDED when only the duration is too long, or with TERMS_NOT_ACCEPTED. The
// policy is resolved.
func RefuseDenied(policy records.Policy, request records.Request, at records.Time, hierarchy use.Hierarchy, grounding lawful.Grounding) error {
	if reasons := review.Coinciding(policy); len(reasons) > 0 {
		return rules.WithReasons(refusal.New(refusal.PolicyDenies, "the policy has no way to decide on this request: %s", reasons[0].Message).
			Hinting("the owner can set a policy that asks another committee (policy.set)"), reasons)
	}
	ask := use.AskOf(request, at, hierarchy)
	if verdict := use.Decide(policy, ask); verdict.Answer == rules.Deny || grounding.Answer == rules.Deny {
		refused := refusal.New(refusal.PolicyDenies, "the policy does not permit this request").
			Hinting("explain tells what it would permit")
		if grounding.Answer == rules.Deny && verdict.Answer != rules.Deny {
			refused = refusal.New(refusal.PolicyDenies, "what the data rests on does not permit this request: %s", rules.Sentences(grounding.Reasons)).
				Hinting("the owner's privacy officer says what a version rests on; explain tells what it would permit")
		} else if grounding.Answer != rules.Deny && use.OnlyTooLong(policy, ask) {
			refused = refusal.New(refusal.LimitExceeded, "the request is for longer than the policy allows: %s", rules.Sentences(verdict.Reasons)).
				At("duration_seconds").Hinting("ask for a shorter time")
		}
		return rules.WithReasons(refused, append(verdict.Reasons, grounding.Reasons...))
	}
	switch {
	case policy.Terms == nil && request.AcceptedTerms != "":
		return refusal.New(refusal.TermsNotAccepted, "the policy has no terms to accept").At("accepted_terms").Hinting("read the policy again")
	case policy.Terms != nil && request.AcceptedTerms != policy.Terms.SHA256:
		return refusal.New(refusal.TermsNotAccepted, "the policy's terms stand at %s, and whoever asks names the SHA-256 of what they have read there: %s", policy.Terms.URL, policy.Terms.SHA256).
			At("accepted_terms").Hinting("a document with another hash is not the one that was agreed on: tell the owner")
	}
	return nil
}

// EveryText is each private text that a request names, replaced or not.
func EveryText(texts []records.RequestText) []records.TextRef {
	list := make([]records.TextRef, 0, len(texts))
	for _, text := range texts {
		list = append(list, text.TextRef)
	}
	return list
}

// StandingTexts are the private texts that belong to a request as it stands.
func StandingTexts(texts []records.RequestText) []records.TextRef {
	return EveryText(slices.DeleteFunc(slices.Clone(texts), func(text records.RequestText) bool { return text.Replaced }))
}
