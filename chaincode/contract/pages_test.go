package contract_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/contract"
	"medconsent.org/chaincode/pages"
	"medconsent.org/chaincode/records"
)

const (
	contractPage = "../../docs/contract.md"
	madeBy       = "UPDATE_DOCS=1 go test ./contract"
)

// told is what the pages take from contract.json.
type told struct {
	Transactions map[string]toldTransaction `json:"transactions"`
	Records      []struct {
		Type     string   `json:"type"`
		Statuses []string `json:"statuses"`
		InTrail  bool     `json:"in_trail"`
	} `json:"records"`
	Refusals []toldCode          `json:"refusals"`
	Reasons  []toldCode          `json:"reasons"`
	Words    map[string][]string `json:"words"`
}

type toldCode struct {
	Code  string `json:"code"`
	Means string `json:"means"`
}

type toldTransaction struct {
	Kind      string     `json:"kind"`
	Who       string     `json:"who"`
	SealedBy  []toldSeal `json:"sealed_by"`
	Alone     bool       `json:"alone"`
	TakesAway bool       `json:"takes_away"`
	Waits     bool       `json:"waits"`
	// AloneWhen and TakesAwayWhen are with which words that is so, when it is not always.
	AloneWhen     *toldWhen `json:"alone_when"`
	TakesAwayWhen *toldWhen `json:"takes_away_when"`
	Paged         bool      `json:"paged"`
	Argument      struct {
		Properties map[string]any `json:"properties"`
		Required   []string       `json:"required"`
	} `json:"argument"`
}

type toldSeal struct {
	By   string    `json:"by"`
	When *toldWhen `json:"when"`
}

type toldWhen struct {
	Member    string   `json:"member"`
	Is        []string `json:"is"`
	Automatic bool     `json:"automatic"`
}

// words are those with which it holds.
func (w *toldWhen) words() string { return "`" + strings.Join(w.Is, "`, `") + "`" }

// describedNow is contract.json as the program's tables say it now.
func describedNow(t *testing.T) told {
	t.Helper()
	text, err := contract.Describe()
	if err != nil {
		t.Fatal(err)
	}
	var now told
	if err := json.Unmarshal(text, &now); err != nil {
		t.Fatal(err)
	}
	return now
}

// sealers says whose peers must be among the endorsers.
func (t toldTransaction) sealers() string {
	var parts []string
	for _, seal := range t.SealedBy {
		part := map[string]string{"caller": "own", "owner": "owner", "requester": "requester"}[seal.By]
		if when := seal.When; when != nil && when.Automatic {
			part += " when the policy is `automatic`"
		} else if when != nil {
			part += " for `" + strings.Join(when.Is, "` and `") + "`"
		}
		parts = append(parts, part)
	}
	if parts == nil {
		return "nobody"
	}
	text := strings.Join(parts, ", ")
	switch {
	case t.Alone:
		text += " (alone)"
	case t.AloneWhen != nil:
		text += " (alone for " + t.AloneWhen.words() + ")"
	}
	return text
}

// takes says whether it takes access away.
func (t toldTransaction) takes() string {
	if t.TakesAwayWhen != nil {
		return t.TakesAwayWhen.words()
	}
	return yes(t.TakesAway)
}

// argument lists the members, what must be given first.
func (t toldTransaction) argument() string {
	members := slices.Clone(t.Argument.Required)
	slices.Sort(members)
	for _, member := range slices.Sorted(maps.Keys(t.Argument.Properties)) {
		if !slices.Contains(t.Argument.Required, member) && (!t.Paged || member != "page_size" && member != "bookmark") {
			members = append(members, member+"?")
		}
	}
	text := "`{" + strings.Join(members, ", ") + "}`"
	if t.Paged {
		text += ", paged"
	}
	return text
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

var (
	transactionHeadings = []string{"transaction", "who", "sealed by", "takes away", "answer"}
	queryHeadings       = []string{"query", "argument", "answer"}
)

// kept puts rows in the order in which a page has them, new ones at the end, and adds the last cells as somebody wrote them.
func kept(part string, headings []string, made map[string][]string) [][]string {
	order, standing := pages.Standing(part, headings)
	order = slices.DeleteFunc(order, func(name string) bool { return made[name] == nil })
	for _, name := range slices.Sorted(maps.Keys(made)) {
		if !slices.Contains(order, name) {
			order = append(order, name)
		}
	}
	var rows [][]string
	for _, name := range order {
		row := made[name]
		for _, heading := range headings[len(row):] {
			row = append(row, cmp.Or(standing[name][heading], "?"))
		}
		rows = append(rows, row)
	}
	return rows
}

// The tables of transactions and queries on the page have what contract.json says of each; what they answer is written by hand. Each is in one table.
func TestThePageHasTheTransactions(t *testing.T) {
	now := describedNow(t)
	seen := map[string]int{}
	for _, match := range regexp.MustCompile(`(?m)^<!-- table: made from the (transactions|queries) of ([a-z ]+) by .* -->\n`).FindAllStringSubmatch(page(t), -1) {
		made := map[string][]string{}
		for name, one := range now.Transactions {
			noun, _, _ := strings.Cut(name, ".")
			if !slices.Contains(strings.Fields(match[2]), noun) || (one.Kind == "query") != (match[1] == "queries") {
				continue
			}
			seen[name]++
			if one.Kind == "query" {
				made["`"+name+"`"] = []string{"`" + name + "`", one.argument()}
			} else {
				made["`"+name+"`"] = []string{"`" + name + "`", one.Who, one.sealers(), one.takes()}
			}
		}
		headings := transactionHeadings
		if match[1] == "queries" {
			headings = queryHeadings
		}
		pages.Compare(t, contractPage, match[0], pages.Table(headings, kept(pages.Part(t, contractPage, match[0]), headings, made)))
	}
	for name := range now.Transactions {
		if seen[name] != 1 {
			t.Errorf("%s is in %d tables of %s: a table is of the nouns that its first line names", name, seen[name], contractPage)
		}
	}
}

func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(contractPage)
	if err != nil {
		t.Fatal("the reference is not beside the module")
	}
	return string(text)
}

// The table of records on the page has each type with its statuses; where it stands and whose it is are written by hand.
func TestThePageHasTheRecords(t *testing.T) {
	begin := pages.Begin("the records", madeBy)
	pages.Compare(t, contractPage, begin, recordsTable(describedNow(t), pages.Part(t, contractPage, begin)))
}

func recordsTable(now told, part string) string {
	made := map[string][]string{}
	for _, record := range now.Records {
		made[record.Type] = []string{record.Type, "`" + strings.Join(record.Statuses, "`, `") + "`", yes(record.InTrail)}
	}
	headings := []string{"type", "status", "in the trail", "key", "id", "owner"}
	return pages.Table(headings, kept(part, headings, made))
}

// The codes on the page are those of contract.json, with its sentences.
func TestThePageHasTheCodes(t *testing.T) {
	now := describedNow(t)
	for of, codes := range map[string][]toldCode{"the reasons": now.Reasons, "the refusals": now.Refusals} {
		var rows [][]string
		for _, code := range codes {
			rows = append(rows, []string{"`" + code.Code + "`", code.Means})
		}
		pages.Compare(t, contractPage, pages.Begin(of, madeBy), pages.Table([]string{"code", "meaning"}, rows))
	}
}

// note is a body that only this test knows.
type note struct {
	Dataset string `json:"dataset"`
}

func (note) RecordType() string { return "note" }

func (note) Place(string) (prefix, owner string) { return "", "" }

// A type that is added to the catalogue is described, and its row is on the page, with what is to be written by hand.
func TestATypeOfItsOwnIsOnThePage(t *testing.T) {
	standing := records.Catalogue
	t.Cleanup(func() { records.Catalogue = standing })
	records.Catalogue = append(slices.Clone(standing), records.Type[note]{
		Noun: "note", ID: records.ByTransaction, Statuses: []records.Status{records.Active, records.Ended}, Trail: func(r *records.Record[note]) string { return r.Body.Dataset },
	})
	part := pages.Part(t, contractPage, pages.Begin("the records", madeBy))
	if table := recordsTable(describedNow(t), part); !strings.HasSuffix(table, "| note | `active`, `ended` | yes | ? | ? | ? |\n") {
		t.Fatalf("the page would not have the type: %s", table)
	}
}

// Nothing that is to be written by hand is left out.
func TestNoCellIsLeftOut(t *testing.T) {
	for _, line := range strings.Split(page(t), "\n") {
		if strings.Contains(line, "| ? |") || strings.HasSuffix(line, ": ?") {
			t.Errorf("%s: %s", contractPage, line)
		}
	}
}

// What a paragraph says of an argument are the members that contract.json says: none other, and all of them.
func TestParagraphsNameTheMembersOfArguments(t *testing.T) {
	now := describedNow(t)
	text := strings.ReplaceAll(page(t), "\n  ", " ")
	for _, match := range regexp.MustCompile("(?m)^- \\*\\*([a-z]+\\.[a-z]+)\\*\\* `({[^`]*})`").FindAllStringSubmatch(text, -1) {
		one, known := now.Transactions[match[1]]
		if !known {
			t.Errorf("there is no %s", match[1])
			continue
		}
		var named []string
		for _, member := range regexp.MustCompile(`[a-z0-9_]+`).FindAllString(outermost(match[2]), -1) {
			if member != "or" {
				named = append(named, member)
			}
		}
		slices.Sort(named)
		want := slices.DeleteFunc(slices.Sorted(maps.Keys(one.Argument.Properties)), func(member string) bool {
			return one.Paged && (member == "page_size" || member == "bookmark")
		})
		if !slices.Equal(named, want) {
			t.Errorf("%s has the members %v, and its paragraph says %v", match[1], want, named)
		}
	}
}

// outermost is an object as the page writes it, without what a member is (": …") or has in it.
func outermost(object string) string {
	depth, skips := 0, false
	return strings.Map(func(r rune) rune {
		switch r {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			skips = skips && depth > 1
		case ':':
			skips = skips || depth == 1
		case ',':
			skips = skips && depth > 1
		}
		if depth != 1 || skips {
			return ' '
		}
		return r
	}, object)
}

const rolesPage = "../../docs/roles.md"

// holders are whom the words of `who` mean, by role; with "anybody", whoever has a certificate of the institution.
var holders = []struct {
	words string
	roles []string
}{
	{"privacy officer", []string{"privacy"}},
	{"member of an access committee", []string{"dac"}},
	{"member", []string{"dac", "ethics", "privacy"}},
	{"officer", []string{"steward", "privacy", "operator"}},
	{"whoever has a part in the request", []string{"steward", "dac", "ethics", "privacy", "researcher"}},
	{"steward", []string{"steward"}},
	{"operator", []string{"operator"}},
	{"researcher", []string{"researcher"}},
	{"requester", []string{"researcher"}},
	{"grantee", []string{"researcher"}},
	{"gateway", []string{"gateway"}},
	{"anybody", []string{"anybody"}},
	{"the person", []string{"anybody"}},
}

// rolesTable has for each role what it may do, and what of it waits for a second officer where it widens something.
func rolesTable(now told) (table string, unclear []string) {
	may, waits := map[string][]string{}, map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(now.Transactions)) {
		one := now.Transactions[name]
		if one.Kind == "query" {
			continue
		}
		left, who := one.Who, map[string]bool{}
		for _, holder := range holders {
			if strings.Contains(left, holder.words) {
				left = strings.ReplaceAll(left, holder.words, "")
				for _, role := range holder.roles {
					who[role] = true
				}
			}
		}
		if len(who) == 0 {
			unclear = append(unclear, name)
		}
		for role := range who {
			if one.Waits {
				waits[role] = append(waits[role], "`"+name+"`")
			} else {
				may[role] = append(may[role], "`"+name+"`")
			}
		}
	}
	var rows [][]string
	for _, role := range append(slices.Clone(now.Words["roles"]), "anybody") {
		acts := strings.Join(may[role], ", ")
		if acts == "" && waits[role] == nil {
			acts = "read and ask, as anybody may"
		}
		rows = append(rows, []string{"`" + role + "`", acts, strings.Join(waits[role], ", ")})
	}
	rows[len(rows)-1][0] = "anybody"
	return pages.Table([]string{"role", "may", "may, and what widens waits for a second officer"}, rows), unclear
}

// The page of roles has each role of contract.json with the transactions that are for it.
func TestThePageHasTheRoles(t *testing.T) {
	table, unclear := rolesTable(describedNow(t))
	if unclear != nil {
		t.Errorf("whom the words of `who` mean is not known here: %v", unclear)
	}
	pages.Compare(t, rolesPage, pages.Begin("the roles and transactions", madeBy), table)
}

// A role, and a transaction, that come later have their place on the page; and nobody is left out whom the words do not name as they do now.
func TestARoleOfItsOwnIsOnThePage(t *testing.T) {
	now := describedNow(t)
	now.Words["roles"] = append(now.Words["roles"], "librarian")
	now.Transactions["shelf.set"] = toldTransaction{Kind: "change", Who: "a steward of the shelf", Waits: true}
	now.Transactions["shelf.end"] = toldTransaction{Kind: "change", Who: "the librarian of old"}
	table, unclear := rolesTable(now)
	if !slices.Equal(unclear, []string{"shelf.end"}) || !strings.Contains(table, "`shelf.set`") || !strings.Contains(table, "`librarian`") {
		t.Fatal(unclear, table)
	}
}
