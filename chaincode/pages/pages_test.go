package pages_test

import (
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/pages"
)

var headings = []string{"what", "who", "answer"}

func TestShortRowsAreATable(t *testing.T) {
	table := pages.Table(headings, [][]string{{"`a`", "x", "y"}})
	if table != "| what | who | answer |\n|---|---|---|\n| `a` | x | y |\n" {
		t.Fatal(table)
	}
}

// What is too long for a line is a list, whose lines are short and whose code is in one piece.
func TestLongRowsAreAList(t *testing.T) {
	code := "`{" + strings.Repeat("member, ", 5) + "last}`"
	table := pages.Table(headings, [][]string{{"`a`", strings.Repeat("somebody ", 14) + "else", code}, {"`b`", "", "y"}})
	if !strings.HasPrefix(table, "- `a` – who: somebody") || !strings.HasSuffix(table, "- `b` – answer: y\n") || !strings.Contains(table, code) {
		t.Fatal(table)
	}
	for _, line := range strings.Split(table, "\n") {
		if len(line) > pages.Longest {
			t.Fatal(line)
		}
	}
}

// Where there is much to say of a row, each of its cells is an item.
func TestVeryLongRowsAreAListInAList(t *testing.T) {
	table := pages.Table(headings, [][]string{{"`a`", strings.Repeat("somebody ", 40) + "else", "x"}, {"`b`", "", "y"}})
	if !strings.HasPrefix(table, "- `a`\n  - who: somebody") || !strings.HasSuffix(table, "\n- `b`\n  - answer: y\n") {
		t.Fatal(table)
	}
}

// What stands on a page is found again, whichever of the two it is.
func TestWhatStandsIsFoundAgain(t *testing.T) {
	for _, who := range []string{"x", strings.Repeat("somebody; ", 14) + "else", strings.Repeat("somebody; ", 40) + "else"} {
		names, cells := pages.Standing(pages.Table(headings, [][]string{{"`b`", who, "y; z"}, {"`a`", "", "record"}}), headings)
		if !slices.Equal(names, []string{"`b`", "`a`"}) || cells["`b`"]["who"] != who || cells["`b`"]["answer"] != "y; z" || cells["`a`"]["answer"] != "record" {
			t.Fatal(names, cells)
		}
	}
}
