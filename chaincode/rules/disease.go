package rules

import (
	"fmt"
	"strings"

	"medconsent.org/chaincode/records"
)

// decideDiseases permits when every disease that is asked for is an allowed one or lies under it.
func decideDiseases(allowed, asked []string) (Answer, string) {
	answer, why := Permit, "every disease asked for is an allowed one (DS) or lies under it"
	if len(asked) == 0 {
		return Deny, "no disease is named"
	}
	for _, term := range asked {
		switch got, because := decideDisease(allowed, term); got {
		case Deny:
			return Deny, because
		case Review:
			answer, why = Review, because
		}
	}
	return answer, why
}

// decideDisease judges one term. In the ICD and KCD families a code covers the codes that begin with it. MONDO and DOID hierarchies are not on the
// ledger, and systems do not translate into each other: that is for a person to judge, never guessed.
func decideDisease(allowed []string, asked string) (Answer, string) {
	system, code, ok := records.SplitDisease(asked)
	if !ok {
		return Deny, fmt.Sprintf("%q is not a disease term", asked)
	}
	unsure := ""
	for _, term := range allowed {
		allowedSystem, allowedCode, ok := records.SplitDisease(term)
		switch {
		case !ok:
			continue
		case term == asked:
			return Permit, ""
		case allowedSystem != system:
			unsure = fmt.Sprintf("whether %s lies under %s, a term of another system, is for a person to judge", asked, term)
		case !records.HasPrefixHierarchy(system):
			unsure = fmt.Sprintf("whether %s lies under %s is for a person to judge: the hierarchy of %s is not on the ledger", asked, term, system)
		case strings.HasPrefix(undotted(code), undotted(allowedCode)):
			return Permit, ""
		}
	}
	if unsure != "" {
		return Review, unsure
	}
	return Deny, fmt.Sprintf("%s is none of the allowed diseases and lies under none of them", asked)
}

func undotted(code string) string { return strings.ReplaceAll(code, ".", "") }
