package records

import (
	"fmt"
	"time"
)

// Time is a moment in whole seconds since 1970-01-01T00:00:00Z; zero means "no such moment". In JSON it is RFC 3339 in UTC
// ("2026-11-24T10:50:10Z").
type Time int64

const (
	timeLayout = "2006-01-02T15:04:05Z"
	// MaxTime is the last second of the year 9999, beyond which RFC 3339 has no spelling.
	MaxTime Time = 253402300799
)

// String is the RFC 3339 form.
func (t Time) String() string { return time.Unix(int64(t), 0).UTC().Format(timeLayout) }

// MarshalText writes the RFC 3339 form.
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the one spelling that MarshalText writes and no other.
func (t *Time) UnmarshalText(text []byte) error {
	parsed, err := time.Parse(timeLayout, string(text))
	if err != nil || parsed.Format(timeLayout) != string(text) {
		return fmt.Errorf("a time is written like 2026-11-24T10:50:10Z")
	}
	*t = Time(parsed.Unix())
	if *t < 1 {
		return fmt.Errorf("a time lies after 1970")
	}
	return nil
}

// Add gives the moment that many seconds later, at most MaxTime.
func (t Time) Add(seconds int64) Time {
	if seconds > int64(MaxTime-t) {
		return MaxTime
	}
	return t + Time(seconds)
}
