package rulestest

import (
	"strings"

	"medconsent.org/chaincode/rules"
)

// CodesOf joins the codes of reasons.
func CodesOf(reasons []rules.Reason) string {
	codes := []string{}
	for _, reason := range reasons {
		codes = append(codes, reason.Code)
	}
	return strings.Join(codes, " ")
}
