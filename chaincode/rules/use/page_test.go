package use_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"medconsent.org/chaincode/rules/rulestest"
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
		fmt.Fprintf(&b, "\n### %s\n\n| term | DUO | label | parameter | what is asked of the request | what follows |\n|---|---|---|---|---|---|\n", part.title)
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
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", term.Code, term.DUO, term.Label, parameter, term.Asks, term.Follows)
		}
	}
	return b.String() + "\n"
}

// docs/use-conditions.md has the table that the decisions are made by.
func TestThePageHasTheTable(t *testing.T) {
	page, err := os.ReadFile(rulestest.ConditionsPage)
	if err != nil {
		t.Fatal("the documentation is not beside the module")
	}
	before, rest, ok := strings.Cut(string(page), rulestest.TableBegins)
	table, after, closed := strings.Cut(rest, rulestest.TableEnds)
	if !ok || !closed {
		t.Fatal("the page has no place for the table")
	}
	if table == conditionsTable() {
		return
	}
	if os.Getenv("UPDATE_DOCS") == "" {
		t.Fatal("the table of docs/use-conditions.md is not that of the program: UPDATE_DOCS=1 go test ./rules/...")
	}
	if err := os.WriteFile(rulestest.ConditionsPage, []byte(before+rulestest.TableBegins+conditionsTable()+rulestest.TableEnds+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
