package contract_test

import (
	"os"
	"strings"
	"testing"

	"medconsent.org/chaincode/pages"
)

const threatPage = "../../docs/threat-model.md"

// The page on threats says of every transaction what it can turn from a denial into a permit, and who has to want it too. Which of them wait for a second officer is
// the program's to say, the rest is written by hand.
func TestThePageSaysOfEachTransactionWhoElseItTakes(t *testing.T) {
	now := describedNow(t)
	made := map[string][]string{}
	for name, one := range now.Transactions {
		if one.Kind != "query" {
			made["`"+name+"`"] = []string{"`" + name + "`", yes(one.Waits)}
		}
	}
	headings := []string{"transaction", "waits", "turns into a permit", "who else it takes"}
	begin := pages.Begin("the transactions", madeBy)
	part := pages.Part(t, threatPage, begin)
	pages.Compare(t, threatPage, begin, pages.Table(headings, kept(part, headings, made)))
	_, cells := pages.Standing(part, headings)
	for name, row := range cells {
		turns, takes := row["turns into a permit"], row["who else it takes"]
		switch {
		case strings.Contains(turns+takes, "?"):
			t.Errorf("%s: say what it can turn from a denial into a permit, and who has to want it too", name)
		case made[name] != nil && made[name][1] == "yes" && !strings.Contains(takes, "second officer"):
			t.Errorf("%s waits for a second officer, and its row says %q", name, takes)
		case turns != "nothing" && takes == "nobody":
			t.Errorf("%s: one person alone turns %s", name, turns)
		}
	}
	if text, err := os.ReadFile(threatPage); err != nil || !strings.Contains(string(text), "## One person alone") {
		t.Fatal("the page has no table of what one person can do alone")
	}
}
