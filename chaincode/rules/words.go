package rules

import (
	"fmt"
	"slices"
	"strings"
)

// Beyond are those of some that are not among others.
func Beyond(some, others []string) []string {
	var outside []string
	for _, one := range some {
		if !slices.Contains(others, one) {
			outside = append(outside, one)
		}
	}
	return outside
}

// List joins words with commas.
func List(words []string) string { return strings.Join(words, ", ") }

// Plural chooses between a word for one and a word for any other number.
func Plural(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// OrNone is a value, or the word for none when it is empty.
func OrNone(value, none string) string {
	if value == "" {
		return none
	}
	return value
}

// Months writes a number of months.
func Months(n int64) string { return fmt.Sprintf("%d %s", n, Plural(int(n), "month", "months")) }

// Span writes seconds in the largest unit in which they are exact: 4 days, 100 hours, 90 seconds.
func Span(seconds int64) string {
	for _, unit := range []struct {
		size int64
		name string
	}{{24 * 60 * 60, "day"}, {60 * 60, "hour"}, {60, "minute"}} {
		if seconds%unit.size == 0 {
			return fmt.Sprintf("%d %s", seconds/unit.size, Plural(int(seconds/unit.size), unit.name, unit.name+"s"))
		}
	}
	return fmt.Sprintf("%d %s", seconds, Plural(int(seconds), "second", "seconds"))
}

// Are follows a number with its word, such as span writes: it is "is" after one.
func Are(counted string) string {
	if strings.HasPrefix(counted, "1 ") {
		return counted + " is"
	}
	return counted + " are"
}
