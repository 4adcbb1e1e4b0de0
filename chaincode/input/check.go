package input

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

// Checker collects what is wrong with an argument: the first fault counts, and further checks are passed over.
type Checker struct {
	err error
	// notes is where a check that is described, not made, says what it would have asked of each member; nil when it is made.
	notes *notes
}

// Describing tells whether the check is described, not made: then a check of one member that depends on another says what it asks whatever that is.
func (c *Checker) Describing() bool { return c.notes != nil }

// Err is the first fault, or nil.
func (c *Checker) Err() error { return c.err }

// Fail notes a fault. A check that is described finds none but missing members: its samples mean nothing.
func (c *Checker) Fail(field, format string, arguments ...any) {
	if c.err == nil && c.notes == nil {
		c.err = refusal.New(refusal.Invalid, format, arguments...).At(field)
	}
}

// Require notes a fault unless the condition holds.
func (c *Checker) Require(ok bool, field, format string, arguments ...any) {
	if !ok {
		c.Fail(field, format, arguments...)
	}
}

// Given notes a fault when a member is left out.
func (c *Checker) Given(given bool, field string) {
	if c.note(field, !given, Schema{}) && !given {
		c.err = refusal.New(refusal.Invalid, "it is missing").At(field)
	}
	c.Require(given, field, "it is missing")
}

// Optional makes a check of a member that may be left out, when it is there.
func (c *Checker) Optional(field, value string, check func(field, value string)) {
	if value != "" {
		check(field, value)
	}
}

// Name checks a name by its form.
func (c *Checker) Name(field, value string, form records.Form) {
	if c.note(field, value == "", Schema{Ref: refTo(form.Name)}) {
		return
	}
	c.Require(value != "", field, "it is missing")
	c.Require(form.Fits(value), field, "%q is not %s", shorten(value), form.Is)
}

// Institution checks the name of an institution.
func (c *Checker) Institution(field, value string) { c.Name(field, value, records.InstitutionForm) }

// Slug checks a slug, a keyword or a kind.
func (c *Checker) Slug(field, value string) { c.Name(field, value, records.SlugForm) }

// Person checks an enrolment id.
func (c *Checker) Person(field, value string) { c.Name(field, value, records.PersonForm) }

// Dataset checks the name of a dataset.
func (c *Checker) Dataset(field, value string) { c.Name(field, value, records.DatasetForm) }

// Cohort checks the name of a cohort.
func (c *Checker) Cohort(field, value string) { c.Name(field, value, records.CohortForm) }

// BasisName checks the name of a legal basis.
func (c *Checker) BasisName(field, value string) { c.Name(field, value, records.BasisForm) }

// PersonName checks a person with institution.
func (c *Checker) PersonName(field, value string) { c.Name(field, value, records.PersonNameForm) }

// TxPrefix checks the id of a request or grant, or a prefix of one.
func (c *Checker) TxPrefix(field, value string) { c.Name(field, value, records.TxPrefixForm) }

// Tx checks the whole id of a request or grant.
func (c *Checker) Tx(field, value string) { c.Name(field, value, records.TxForm) }

// Digest checks a SHA-256.
func (c *Checker) Digest(field, value string) { c.Name(field, value, records.DigestForm) }

// Country checks a country.
func (c *Checker) Country(field, value string) {
	c.Name(field, value, records.CountryForm)
	if records.CountryForm.Fits(value) {
		told := records.NoCountry(value)
		c.Require(told == "", field, "%s", told)
	}
}

// Project checks the id of a project.
func (c *Checker) Project(field, value string) { c.Name(field, value, records.ProjectForm) }

// OneOf checks a word out of a list.
func (c *Checker) OneOf(field, value string, list []string) {
	if c.note(field, value == "", Schema{Type: "string", Enum: list}) {
		return
	}
	c.Require(value != "", field, "it is missing")
	c.Require(slices.Contains(list, value), field, "%q is not one of %s", shorten(value), strings.Join(list, ", "))
}

// Between checks an integer.
func (c *Checker) Between(field string, value, least, most int64) {
	if c.note(field, value < least || value > most, Schema{Type: "integer", Minimum: &least, Maximum: &most}) {
		return
	}
	if strings.HasSuffix(field, "_seconds") {
		c.Require(value >= least && value <= most, field, "%s is not between %s and %s", rules.Span(value), rules.Span(least), rules.Span(most))
		return
	}
	c.Require(value >= least && value <= most, field, "%d is not between %d and %d", value, least, most)
}

// Number checks an optional version number; nil stands for "the latest".
func (c *Checker) Number(field string, value *int64) {
	if value != nil {
		c.Between(field, *value, 1, records.MaxNumber)
	}
}

// Count checks how many items a list has; when it has other than least to most, the fault is told in the given words.
func (c *Checker) Count(field string, items, least, most int, format string, arguments ...any) {
	if c.note(field, items < least, listSchema(least, most)) {
		return
	}
	c.Require(items >= least && items <= most, field, format, arguments...)
}

// Some checks that a list is not empty; what says what it lists.
func (c *Checker) Some(field string, items int, what string) {
	c.note(field, items == 0, Schema{Type: "array", MinItems: pointer(1)})
	c.Require(items > 0, field, "at least one %s must be given", what)
}

// AtMost checks that a list has no more items than that.
func (c *Checker) AtMost(field string, items, most int) {
	c.Count(field, items, 0, most, "%d are too many: at most %d", items, most)
}

// List checks the length of a list, each item, and that none stands twice.
func (c *Checker) List(field string, list []string, least, most int, item func(field, value string)) {
	schema := listSchema(least, most)
	schema.UniqueItems = true
	described := c.note(field, len(list) < least, schema)
	if !described {
		c.Require(len(list) >= least, field, "at least %d must be given", least)
		c.Require(len(list) <= most, field, "%d are too many: at most %d", len(list), most)
		if c.err != nil {
			return
		}
	}
	seen := make(map[string]bool, len(list))
	for i, value := range list {
		at := fmt.Sprintf("%s[%d]", field, i)
		item(at, value)
		c.Require(!seen[value], at, "%q stands there twice", shorten(value))
		seen[value] = true
	}
}

// The bounds of addresses, in characters.
const (
	maxContact = 200
	maxURL     = 500
)

var mailboxPattern = regexp.MustCompile(`^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

// Contact checks an institutional address: a URL, or a role's mailbox.
func (c *Checker) Contact(field, value string) {
	if c.note(field, value == "", Schema{Ref: refTo("contact")}) {
		return
	}
	c.Require(value != "", field, "it is missing")
	c.Require(len(value) <= maxContact && (mailboxPattern.MatchString(value) || isURL(value)), field,
		"it is neither a URL (https://…) nor a mailbox of at most 200 characters")
}

// URL checks where something is served.
func (c *Checker) URL(field, value string) {
	if c.note(field, value == "", Schema{Ref: refTo("url")}) {
		return
	}
	c.Require(len(value) <= maxURL && isURL(value), field, "it is not a URL (https://…) of at most 500 characters")
}

// TLSAddress checks a URL of something that is served over TLS.
func (c *Checker) TLSAddress(field, value string) {
	c.URL(field, value)
	c.Require(value == "" || strings.HasPrefix(value, "https://"), field, "it is served over TLS: write https://…")
}

func isURL(value string) bool {
	for i := range len(value) {
		if value[i] <= ' ' || value[i] > '~' {
			return false
		}
	}
	parsed, err := url.Parse(value)
	return err == nil && (parsed.Scheme == "https" || parsed.Scheme == "http") && parsed.Hostname() != "" && parsed.User == nil
}
