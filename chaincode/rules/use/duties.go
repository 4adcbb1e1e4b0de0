package use

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// Standing are the duties that every grant carries, whatever the policy.
var Standing = []string{"no-reidentification", "no-undeclared-linking"}

// duties oblige the grantee and decide nothing: MOR delays publication and not access.
var duties = []Term{
	{Code: Publication, DUO: "DUO:0000019", Label: "publication required", Class: DutyClass, Parameter: TextParameter, Optional: true,
		Asks: "nothing", Follows: "obligation `publish-results`", words: withText("must make the results available to the scientific community"), obliges: obligation("publish-results")},
	{Code: Moratorium, DUO: "DUO:0000024", Label: "publication moratorium", Class: DutyClass, Parameter: MonthParameter,
		Asks: "nothing", Follows: "obligation `no-publication-before` so many months after the grant begins; access is not delayed",
		words: func(m records.Modifier) string { return "must not publish results for " + rules.Months(m.Months) },
		obliges: func(m records.Modifier, from records.Time) string {
			return "no-publication-before " + from.Add(m.Months*SecondsAMonth).String()
		}},
	{Code: Collaboration, DUO: "DUO:0000020", Label: "collaboration required", Class: DutyClass, Parameter: TextParameter, Optional: true,
		Asks: "nothing", Follows: "obligation `collaborate-with-owner`", words: withText("must collaborate with the primary investigators"), obliges: obligation("collaborate-with-owner")},
	{Code: Return, DUO: "DUO:0000029", Label: "return to database or resource", Class: DutyClass, Parameter: TextParameter, Optional: true,
		Asks: "nothing", Follows: "obligation `return-derived-data`", words: withText("must return derived or enriched data"), obliges: obligation("return-derived-data")},
}

func withText(words string) func(records.Modifier) string {
	return func(m records.Modifier) string { return told(words, m.Text) }
}

func obligation(name string) func(records.Modifier, records.Time) string {
	return func(m records.Modifier, _ records.Time) string { return told(name, m.Text) }
}

func told(words, text string) string {
	if text == "" {
		return words
	}
	return fmt.Sprintf("%s: %s", words, text)
}

// ObligationsOf are the duties of a grant that begins at a moment: the standing ones, and those of the alternative that the verdict used.
func ObligationsOf(policy records.Policy, verdict Verdict, from records.Time) []string {
	all := slices.Clone(Standing)
	if verdict.Used < 0 {
		return all
	}
	for _, duty := range policy.Use[verdict.Used].Duties {
		if term, ok := TermOf(duty.Term); ok && term.obliges != nil {
			all = append(all, term.obliges(duty, from))
		}
	}
	return all
}
