package records

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// DiseaseSystems lists the classifications that a disease can be a term of.
var DiseaseSystems = []string{"ICD10", "ICD10CM", "KCD7", "KCD8", "MONDO", "DOID"}

// The grammars of docs/contract.md, "Names". They are ASCII, and none of a single name allows "/": a key can be taken apart in one way only.
const (
	institutionPattern = `[a-z][a-z0-9]*(-[a-z0-9]+)*`
	slugPattern        = `[a-z0-9]+(-[a-z0-9]+)*`
	personPattern      = `[a-z0-9]+([._-][a-z0-9]+)*`
	labelPattern       = `[A-Za-z0-9]+([._-][A-Za-z0-9]+)*`
	// ICD-10-CM alone has categories with a letter in them: C7A, O9A, QA0.
	letteredSystem   = "ICD10CM"
	letteredCategory = `[A-Z]([0-9][A-Z0-9]|[A-Z][0-9])`
	mostInstitution  = 31
	mostSlug         = 63
	mostPerson       = 64
	mostLabel        = 64
)

var (
	numberedSystems = strings.Join(slices.DeleteFunc(slices.Clone(DiseaseSystems), func(s string) bool { return !HasPrefixHierarchy(s) || s == letteredSystem }), "|")
	otherSystems    = strings.Join(slices.DeleteFunc(slices.Clone(DiseaseSystems), HasPrefixHierarchy), "|")
	diseasePattern  = `(` + numberedSystems + `):[A-Z][0-9][A-Z0-9]+(\.[A-Z0-9]+)?|` + letteredSystem + `:` + letteredCategory + `[A-Z0-9]*(\.[A-Z0-9]+)?|(` + otherSystems + `):[A-Z0-9]+(\.[A-Z0-9]+)?`
	rangePattern    = `(` + numberedSystems + `):[A-Z][0-9]{2}-[A-Z][0-9]{2}|` + letteredSystem + `:` + letteredCategory + `-` + letteredCategory
)

// Form is how a kind of name is written.
type Form struct {
	// Name is what contract.json calls it.
	Name string
	// Is says what somebody has to write, as the end of "… is not".
	Is string
	// Pattern is the regular expression that the whole name has to match, in what RE2 and ECMA 262 share.
	Pattern string
	// Most is the largest number of characters.
	Most int
	// fits decides, where pattern and length do not say everything.
	fits func(string) bool
}

// Fits tells whether a name is written so.
func (f Form) Fits(name string) bool { return f.fits(name) }

// form makes a Form of which pattern and length say everything.
func form(name, is, pattern string, most int) Form {
	whole := regexp.MustCompile(`^(` + pattern + `)$`)
	return Form{Name: name, Is: is, Pattern: whole.String(), Most: most, fits: func(s string) bool { return len(s) <= most && whole.MatchString(s) }}
}

// worded makes a Form of runs of letters and digits with single marks between. Names are looked at so often that no regular expression is run.
func worded(name, is, pattern string, most int, marks string, starts, within func(byte) bool) Form {
	f := form(name, is, pattern, most)
	f.fits = func(s string) bool {
		if s == "" || len(s) > most || !starts(s[0]) || !within(s[len(s)-1]) {
			return false
		}
		for i := 1; i < len(s); i++ {
			if !within(s[i]) && (strings.IndexByte(marks, s[i]) < 0 || !within(s[i-1])) {
				return false
			}
		}
		return true
	}
	return f
}

func isLower(c byte) bool    { return 'a' <= c && c <= 'z' }
func isSmall(c byte) bool    { return isLower(c) || '0' <= c && c <= '9' }
func isAlphanum(c byte) bool { return isSmall(c) || 'A' <= c && c <= 'Z' }

// hex64 makes a Form of 64 lower-case hex digits. It is asked for most often of all, so no regular expression is run.
func hex64(name, is string) Form {
	f := form(name, is, `[0-9a-f]{64}`, 64)
	f.fits = func(s string) bool {
		if len(s) != 64 {
			return false
		}
		for i := range len(s) {
			if (s[i] < '0' || s[i] > '9') && (s[i] < 'a' || s[i] > 'f') {
				return false
			}
		}
		return true
	}
	return f
}

// parts makes a Form of two names with a slash between.
func parts(name, is string, first, second Form) Form {
	pattern := strings.TrimSuffix(first.Pattern, "$") + "/" + strings.TrimPrefix(second.Pattern, "^")
	return Form{Name: name, Is: is, Pattern: pattern, Most: first.Most + 1 + second.Most, fits: func(s string) bool {
		one, other, ok := strings.Cut(s, "/")
		return ok && first.Fits(one) && second.Fits(other)
	}}
}

// The forms of names.
var (
	InstitutionForm = worded("institution", "the name of an institution (like hanbit)", institutionPattern, mostInstitution, "-", isLower, isSmall)
	SlugForm        = worded("slug", "lower-case letters and digits with single dashes between, at most 63", slugPattern, mostSlug, "-", isSmall, isSmall)
	PersonForm      = worded("enrolment-id", "an enrolment id (like kim, or e-17)", personPattern, mostPerson, "._-", isSmall, isSmall)
	ProjectForm     = worded("project", "the id of a project: letters and digits with single dots, dashes or underscores between, at most 64", labelPattern, mostLabel, "._-", isAlphanum, isAlphanum)
	LabelForm       = worded("version-label", "a version's label (like 2026-07-31): letters and digits with single dots, dashes or underscores between, at most 64", labelPattern, mostLabel, "._-", isAlphanum, isAlphanum)
	CountryForm     = form("country", "an ISO 3166-1 alpha-2 code (like KR)", `[A-Z]{2}`, 2)
	DigestForm      = hex64("digest", "a lower-case hex SHA-256 (64 digits)")
	TxForm          = hex64("id", "a whole id: 64 lower-case hex digits")
	TxPrefixForm    = form("id-prefix", "an id: 64 lower-case hex digits, or its first 6 or more", `[0-9a-f]{6,64}`, 64)
	DatasetForm     = parts("dataset", "the name of a dataset (like hanbit/breast-cancer)", InstitutionForm, SlugForm)
	CohortForm      = parts("cohort", "the name of a cohort (like hanbit/oncology)", InstitutionForm, SlugForm)
	BasisForm       = parts("basis", "the name of a legal basis (like hanbit/irb-waiver)", InstitutionForm, SlugForm)
	PersonNameForm  = parts("person", "a person at an institution (like nuri/kim)", InstitutionForm, PersonForm)
	CommitteeForm   = parts("committee", "a committee (like hanbit/dac)", InstitutionForm, form("committee-role", "a role that sits in committees", strings.Join(CommitteeRoles, "|"), mostSlug))
	HolderForm      = Form{Name: "holder", Is: "the name of an institution, or a person at one (like nuri, or nuri/kim)", Pattern: `^` + institutionPattern + `(/` + personPattern + `)?$`, Most: PersonNameForm.Most, fits: func(s string) bool {
		return InstitutionForm.Fits(s) || PersonNameForm.Fits(s)
	}}
	VersionForm  = Form{Name: "version", Is: "a version of a dataset (like hanbit/breast-cancer@1)", Pattern: strings.TrimSuffix(DatasetForm.Pattern, "$") + "@[1-9][0-9]{0,7}$", Most: DatasetForm.Most + 9, fits: IsVersionID}
	DiseaseForm  = form("disease", "a disease (like ICD10:C50)", diseasePattern, 32)
	DiseasesForm = Form{Name: "diseases", Is: "a disease (like ICD10:C50), or a range of categories (like ICD10:C50-C58)", Pattern: `^(` + diseasePattern + `|` + rangePattern + `)$`, Most: 32, fits: func(s string) bool {
		_, _, _, isRange := SplitDiseaseRange(s)
		return isRange || DiseaseForm.Fits(s)
	}}
)

// Forms lists the forms of names.
var Forms = []Form{
	InstitutionForm, SlugForm, PersonForm, PersonNameForm, HolderForm, CommitteeForm, DatasetForm, CohortForm, BasisForm, VersionForm, ProjectForm, LabelForm, CountryForm, DigestForm, TxForm, TxPrefixForm, DiseaseForm, DiseasesForm,
}

// IsInstitution tells whether s can name an institution (and be an MSP ID).
func IsInstitution(s string) bool { return InstitutionForm.Fits(s) }

// IsSlug tells whether s can be a dataset's slug, a keyword or a kind of data.
func IsSlug(s string) bool { return SlugForm.Fits(s) }

// IsPerson tells whether s can be an enrolment id.
func IsPerson(s string) bool { return PersonForm.Fits(s) }

// IsCountry tells whether s has the form of an ISO 3166-1 alpha-2 code.
func IsCountry(s string) bool { return CountryForm.Fits(s) }

// IsDigest tells whether s is a lower-case hex SHA-256.
func IsDigest(s string) bool { return DigestForm.Fits(s) }

// IsTx tells whether s can be a transaction id.
func IsTx(s string) bool { return TxForm.Fits(s) }

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
	system, code, ok = strings.Cut(term, ":")
	if !ok || !DiseaseForm.Fits(term) {
		return "", "", false
	}
	return system, code, true
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
	first, to, _ := strings.Cut(term, "-")
	system, from, _ = strings.Cut(first, ":")
	if !wholeRange.MatchString(term) || backwards(from, to) {
		return "", "", "", false
	}
	return system, from, to, true
}

var wholeRange = regexp.MustCompile(`^(` + rangePattern + `)$`)

// backwards tells whether a range ends before it begins. ICD-10-CM lists M1A before M10: within one decade a letter says nothing about a number that follows.
func backwards(from, to string) bool {
	return from > to && (from[:2] != to[:2] || IsNumbered(from) || !IsNumbered(to))
}

// IsNumbered tells whether a category of three characters is a letter and two digits, so that it stands where its number says.
func IsNumbered(category string) bool { return category[1] <= '9' && category[2] <= '9' }
