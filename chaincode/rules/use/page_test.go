package use_test

import (
	"fmt"
	"strings"
	"testing"

	"medconsent.org/chaincode/pages"
	"medconsent.org/chaincode/rules/use"
)

func conditionsTable() string {
	var b strings.Builder
	for _, part := range []struct {
		class use.Class
		title string
	}{
		{use.PermissionClass, "Permissions: one an alternative"},
		{use.CareClass, "What an alternative may add"},
		{use.LimitClass, "Limits: any number, each once"},
		{use.DutyClass, "Duties: any number, each once"},
	} {
		var rows [][]string
		for _, term := range use.Terms {
			if term.Class != part.class {
				continue
			}
			parameter := ""
			if term.Parameter != use.NoParameter {
				parameter = "`" + string(term.Parameter) + "`"
			}
			if term.Optional {
				parameter += ", optional"
			}
			rows = append(rows, []string{term.Code + " (" + term.DUO + ")", term.Label, parameter, term.Asks, term.Follows})
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s", part.title, pages.Table([]string{"term", "label", "parameter", "asked of the request", "follows"}, rows))
	}
	return b.String() + "\n"
}

// docs/use-conditions.md has the table that the decisions are made by.
func TestThePageHasTheTable(t *testing.T) {
	pages.Compare(t, "../../../docs/use-conditions.md", pages.Begin("chaincode/rules", "UPDATE_DOCS=1 go test ./rules/..."), conditionsTable())
}
