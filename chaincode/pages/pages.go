// Package pages makes tables of the documentation from the program's tables, and compares a page with them (tests only).
package pages

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"
)

const (
	// Longest is how many characters a line of a page may have.
	Longest = 160
	// wrapped is where lines of text are broken.
	wrapped = 118
	// between stands between the first cell of a row and the others, where it is an item of a list.
	between = " – "
	// below stands, while a page is read, before an item below another.
	below = "\x00"
	// End closes what a program made.
	End = "<!-- end of the table -->\n"
)

// Begin opens what a program made of something, and says how.
func Begin(of, command string) string {
	return "<!-- table: made from " + of + " by " + command + " -->\n"
}

// Table is rows under their headings; or, where a line would be longer than a line may be, a list with an item a row.
func Table(headings []string, rows [][]string) string {
	lines := []string{line(headings), "|" + strings.Repeat("---|", len(headings))}
	for _, row := range rows {
		lines = append(lines, line(row))
	}
	if slices.ContainsFunc(lines, func(line string) bool { return utf8.RuneCountInString(line) > Longest }) {
		return list(headings, rows)
	}
	return strings.Join(lines, "\n") + "\n"
}

func line(cells []string) string { return "| " + strings.Join(cells, " | ") + " |" }

// list has an item for each row: its first cell, and the others by their headings; by none when there is only one other. Where a row has much to say, all have an item
// below theirs for each cell.
func list(headings []string, rows [][]string) string {
	var short, long strings.Builder
	much := false
	for _, row := range rows {
		var parts []string
		for i, cell := range row[1:] {
			if cell != "" && len(headings) == 2 {
				parts = append(parts, cell)
			} else if cell != "" {
				parts = append(parts, headings[i+1]+": "+cell)
			}
		}
		text := row[0]
		if parts != nil {
			text += between + strings.Join(parts, "; ")
		}
		short.WriteString(Item(0, text))
		much = much || len(headings) > 2 && utf8.RuneCountInString(text) > 2*wrapped
		long.WriteString(Item(0, row[0]))
		for _, part := range parts {
			long.WriteString(Item(1, part))
		}
	}
	if much {
		return long.String()
	}
	return short.String()
}

// Item is an item of a list, broken into lines.
func Item(depth int, text string) string {
	indent := strings.Repeat("  ", depth)
	return Wrap(indent+"- ", indent+"  ", text)
}

// words are where text can be broken: not within code.
var words = regexp.MustCompile("(?:`[^`]*`|[^\\s`])+")

// Wrap breaks text into lines at its spaces; the first begins with one prefix and the others with another.
func Wrap(first, others, text string) string {
	var b strings.Builder
	at := first
	for i, word := range words.FindAllString(text, -1) {
		if i > 0 && utf8.RuneCountInString(at)+1+utf8.RuneCountInString(word) > wrapped {
			b.WriteString(at + "\n")
			at = others + word
			continue
		}
		if i > 0 {
			at += " "
		}
		at += word
	}
	return b.String() + at + "\n"
}

// Standing is what a made table or list says now: the first cells in their order, and the others of each by their headings.
func Standing(part string, headings []string) (names []string, cells map[string]map[string]string) {
	cells = map[string]map[string]string{}
	part = strings.ReplaceAll(part, "\n    ", " ")
	part = strings.ReplaceAll(part, "\n  - ", below)
	for _, row := range strings.Split(strings.ReplaceAll(part, "\n  ", " "), "\n") {
		switch {
		case strings.HasPrefix(row, "| "):
			in := strings.Split(strings.TrimSuffix(strings.TrimPrefix(row, "| "), " |"), " | ")
			if len(in) == len(headings) && !slices.Equal(in, headings) {
				names, cells[in[0]] = append(names, in[0]), map[string]string{}
				for i, cell := range in[1:] {
					cells[in[0]][headings[i+1]] = cell
				}
			}
		case strings.HasPrefix(row, "- ") && strings.Contains(row, below):
			items := strings.Split(strings.TrimPrefix(row, "- "), below)
			names, cells[items[0]] = append(names, items[0]), map[string]string{}
			for _, item := range items[1:] {
				heading, cell, _ := strings.Cut(item, ": ")
				cells[items[0]][heading] = cell
			}
		case strings.HasPrefix(row, "- "):
			name, rest, _ := strings.Cut(strings.TrimPrefix(row, "- "), between)
			names, cells[name] = append(names, name), map[string]string{}
			for _, heading := range slices.Backward(headings[1:]) { // a cell may have semicolons
				if at := strings.LastIndex("; "+rest, "; "+heading+": "); at >= 0 {
					cells[name][heading] = rest[at+len(heading+": "):]
					rest = strings.TrimSuffix(rest[:at], "; ")
				}
			}
		}
	}
	return names, cells
}

// Part is what stands on a page between a beginning and the end of what a program made.
func Part(t *testing.T, path, begin string) string {
	t.Helper()
	_, part, _ := cut(t, path, begin)
	return part
}

// Compare fails when a page has not, after a beginning, what the program makes; with UPDATE_DOCS it is written there.
func Compare(t *testing.T, path, begin, made string) {
	t.Helper()
	if os.Getenv("UPDATE_DOCS") != "" {
		update(t, path, begin, made)
	} else if _, part, _ := cut(t, path, begin); part != made {
		t.Fatalf("%s lags behind the program at %s", path, strings.TrimSpace(begin))
	}
}

// update writes what the program makes into a page: as a whole, and while nobody else does, for the tests of several packages run at the same time.
func update(t *testing.T, path, begin, made string) {
	t.Helper()
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close() //nolint:errcheck // it was only locked
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	before, part, after := cut(t, path, begin)
	if part == made {
		return
	}
	if err := os.WriteFile(path+".new", []byte(before+begin+made+End+after), 0o644); err != nil { //nolint:gosec // a page
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func cut(t *testing.T, path, begin string) (before, part, after string) {
	t.Helper()
	page, err := os.ReadFile(path) //nolint:gosec // a page
	if err != nil {
		t.Fatal("the documentation is not beside the module: ", err)
	}
	before, rest, ok := strings.Cut(string(page), begin)
	part, after, closed := strings.Cut(rest, End)
	if !ok || !closed {
		t.Fatalf("%s has no place for %s", path, strings.TrimSpace(begin))
	}
	return before, part, after
}
