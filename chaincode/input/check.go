package input

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// Checker collects what is wrong with an argument: the first fault counts, and further checks are passed over.
type Checker struct{ err error }

// Err is the first fault, or nil.
func (c *Checker) Err() error { return c.err }

// Fail notes a fault.
func (c *Checker) Fail(field, format string, arguments ...any) {
	if c.err == nil {
		c.err = refusal.New(refusal.Invalid, format, arguments...).At(field)
	}
}

// Require notes a fault unless the condition holds.
func (c *Checker) Require(ok bool, field, format string, arguments ...any) {
	if !ok {
		c.Fail(field, format, arguments...)
	}
}

func (c *Checker) name(field, value string, ok func(string) bool, what string) {
	c.Require(value != "", field, "it is missing")
	c.Require(ok(value), field, "%q is not %s", shorten(value), what)
}

// Institution checks the name of an institution.
func (c *Checker) Institution(field, value string) {
	c.name(field, value, records.IsInstitution, "the name of an institution (like hanbit)")
}

// Slug checks a slug, a keyword or a kind.
func (c *Checker) Slug(field, value string) {
	c.name(field, value, records.IsSlug, "lower-case letters and digits with single dashes between, at most 63")
}

// Person checks an enrolment id.
func (c *Checker) Person(field, value string) {
	c.name(field, value, records.IsPerson, "an enrolment id (like kim, or e-17)")
}

// Dataset checks the name of a dataset.
func (c *Checker) Dataset(field, value string) {
	c.name(field, value, func(s string) bool { _, _, ok := records.SplitDataset(s); return ok }, "the name of a dataset (like hanbit/breast-cancer)")
}

// PersonName checks a person with institution.
func (c *Checker) PersonName(field, value string) {
	c.name(field, value, func(s string) bool { _, _, ok := records.SplitPerson(s); return ok }, "a person at an institution (like nuri/kim)")
}

// TxPrefix checks the id of a request or grant, or a prefix of one.
func (c *Checker) TxPrefix(field, value string) {
	c.name(field, value, records.IsTxPrefix, "an id: 64 lower-case hex digits, or its first 6 or more")
}

// Tx checks the whole id of a request or grant.
func (c *Checker) Tx(field, value string) {
	c.name(field, value, records.IsTx, "a whole id: 64 lower-case hex digits")
}

// Digest checks a SHA-256.
func (c *Checker) Digest(field, value string) {
	c.name(field, value, records.IsDigest, "a lower-case hex SHA-256 (64 digits)")
}

// Country checks a country.
func (c *Checker) Country(field, value string) {
	c.name(field, value, records.IsCountry, "an ISO 3166-1 alpha-2 code (like KR)")
}

// Project checks the id of a project.
func (c *Checker) Project(field, value string) {
	c.name(field, value, records.IsProject, "the id of a project: letters and digits with single dots, dashes or underscores between, at most 64")
}

// OneOf checks a word out of a list.
func (c *Checker) OneOf(field, value string, list []string) {
	c.name(field, value, func(s string) bool { return slices.Contains(list, s) }, "one of "+strings.Join(list, ", "))
}

// Between checks an integer.
func (c *Checker) Between(field string, value, least, most int64) {
	c.Require(value >= least && value <= most, field, "%d is not between %d and %d", value, least, most)
}

// Number checks an optional version number; nil stands for "the latest".
func (c *Checker) Number(field string, value *int64) {
	if value != nil {
		c.Between(field, *value, 1, records.MaxNumber)
	}
}

// List checks the length of a list, each item, and that none stands twice.
func (c *Checker) List(field string, list []string, least, most int, item func(field, value string)) {
	c.Require(len(list) >= least, field, "at least %d must be given", least)
	c.Require(len(list) <= most, field, "%d are too many: at most %d", len(list), most)
	if c.err != nil {
		return
	}
	seen := make(map[string]bool, len(list))
	for i, value := range list {
		at := fmt.Sprintf("%s[%d]", field, i)
		item(at, value)
		c.Require(!seen[value], at, "%q stands there twice", shorten(value))
		seen[value] = true
	}
}

var mailboxPattern = regexp.MustCompile(`^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

// Contact checks an institutional address: a URL, or a role's mailbox.
func (c *Checker) Contact(field, value string) {
	c.Require(value != "", field, "it is missing")
	c.Require(len(value) <= 200 && (mailboxPattern.MatchString(value) || isURL(value)), field,
		"it is neither a URL (https://…) nor a mailbox of at most 200 characters")
}

// URL checks where something is served.
func (c *Checker) URL(field, value string) {
	c.Require(len(value) <= 500 && isURL(value), field, "it is not a URL (https://…) of at most 500 characters")
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
