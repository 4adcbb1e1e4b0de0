package records

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// DiseaseSystems lists the classifications that a disease can be a term of.
var DiseaseSystems = []string{"ICD10", "ICD10CM", "KCD7", "KCD8", "MONDO", "DOID"}

// The grammars of docs/contract.md, "Names". They are ASCII, and none allows "/": a key can be taken apart in one way only.
var (
	institutionPattern = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	slugPattern        = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	personPattern      = regexp.MustCompile(`^[a-z0-9]+([._-][a-z0-9]+)*$`)
	projectPattern     = regexp.MustCompile(`^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$`)
	countryPattern     = regexp.MustCompile(`^[A-Z]{2}$`)
	hexPattern         = regexp.MustCompile(`^[0-9a-f]+$`)
	diseasePattern     = regexp.MustCompile(`^(` + strings.Join(DiseaseSystems, "|") + `):([A-Z0-9]+(?:\.[A-Z0-9]+)?)$`)
	icdPattern         = regexp.MustCompile(`^[A-Z][0-9][A-Z0-9]`)
)

// IsInstitution tells whether s can name an institution (and be an MSP ID).
func IsInstitution(s string) bool { return len(s) <= 31 && institutionPattern.MatchString(s) }

// IsSlug tells whether s can be a dataset's slug, a keyword or a kind of data.
func IsSlug(s string) bool { return len(s) <= 63 && slugPattern.MatchString(s) }

// IsPerson tells whether s can be an enrolment id.
func IsPerson(s string) bool { return len(s) <= 64 && personPattern.MatchString(s) }

// IsProject tells whether s can be the id of a project.
func IsProject(s string) bool { return len(s) <= 64 && projectPattern.MatchString(s) }

// IsCountry tells whether s has the form of an ISO 3166-1 alpha-2 code.
func IsCountry(s string) bool { return countryPattern.MatchString(s) }

// IsDigest tells whether s is a lower-case hex SHA-256.
func IsDigest(s string) bool { return len(s) == 64 && hexPattern.MatchString(s) }

// IsTx tells whether s can be a transaction id.
func IsTx(s string) bool { return IsDigest(s) }

// IsTxPrefix tells whether s can stand for a transaction id that begins with it.
func IsTxPrefix(s string) bool { return len(s) >= 6 && len(s) <= 64 && hexPattern.MatchString(s) }

// SplitDataset takes "hanbit/breast-cancer" apart.
func SplitDataset(name string) (institution, slug string, ok bool) {
	institution, slug, ok = strings.Cut(name, "/")
	return institution, slug, ok && IsInstitution(institution) && IsSlug(slug)
}

// SplitPerson takes "nuri/kim" apart.
func SplitPerson(name string) (institution, id string, ok bool) {
	institution, id, ok = strings.Cut(name, "/")
	return institution, id, ok && IsInstitution(institution) && IsPerson(id)
}

// SplitDisease takes "ICD10:C50" apart.
func SplitDisease(term string) (system, code string, ok bool) {
	parts := diseasePattern.FindStringSubmatch(term)
	if parts == nil || len(term) > 32 {
		return "", "", false
	}
	if HasPrefixHierarchy(parts[1]) && !icdPattern.MatchString(parts[2]) {
		return "", "", false
	}
	return parts[1], parts[2], true
}

// HasPrefixHierarchy tells whether a longer code of this system lies under the codes that it begins with.
func HasPrefixHierarchy(system string) bool {
	return strings.HasPrefix(system, "ICD") || strings.HasPrefix(system, "KCD")
}

// Numbered is the id of a dataset's version ('@') or policy ('#').
func Numbered(dataset string, mark byte, number int64) string {
	return dataset + string(mark) + strconv.FormatInt(number, 10)
}

// IsVersionID tells whether s names a version of a dataset ("hanbit/breast-cancer@1").
func IsVersionID(s string) bool {
	dataset, _, ok := splitNumbered(s, '@')
	_, _, named := SplitDataset(dataset)
	return ok && named
}

// splitNumbered takes "hanbit/breast-cancer@1" apart; the number is written without leading zeros and has at most eight digits.
func splitNumbered(id string, mark byte) (dataset string, number int64, ok bool) {
	at := strings.IndexByte(id, mark)
	if at < 0 {
		return "", 0, false
	}
	number, err := strconv.ParseInt(id[at+1:], 10, 64)
	if err != nil || number < 1 || number > MaxNumber || strconv.FormatInt(number, 10) != id[at+1:] {
		return "", 0, false
	}
	return id[:at], number, true
}

// MaxNumber is the last version a dataset, and the last policy, can have: keys give a number eight digits.
const MaxNumber = 99_999_999

func numberedPlace(kind, id string, mark byte) (prefix, owner string) {
	dataset, number, ok := splitNumbered(id, mark)
	if !ok {
		return "", ""
	}
	institution, _, ok := SplitDataset(dataset)
	if !ok {
		return "", ""
	}
	return fmt.Sprintf("%s/%s/%08d", kind, dataset, number), institution
}

func namedPlace(kind, id string) (prefix, owner string) {
	institution, _, ok := SplitDataset(id)
	if !ok {
		return "", ""
	}
	return kind + "/" + id, institution
}

// SplitDiseaseRange takes "ICD10:C50-C58" apart: three-character categories of one system with a prefix hierarchy, in order.
func SplitDiseaseRange(term string) (system, from, to string, ok bool) {
	first, to, ok := strings.Cut(term, "-")
	system, from, known := SplitDisease(first)
	if !ok || !known || !HasPrefixHierarchy(system) || !isCategory(from) || !isCategory(to) || from > to {
		return "", "", "", false
	}
	return system, from, to, true
}

func isCategory(code string) bool {
	digit := func(c byte) bool { return '0' <= c && c <= '9' }
	return len(code) == 3 && 'A' <= code[0] && code[0] <= 'Z' && digit(code[1]) && digit(code[2])
}
