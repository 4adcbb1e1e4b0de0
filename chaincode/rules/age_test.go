package rules_test

import (
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/rules"
)

func TestHowOldALedgerCanBe(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	for _, c := range []struct {
		name    string
		age     rules.Age
		old     string // part of the reason's sentence; empty for none
		seconds int64  // -1: not known
	}{
		{"no bound, never heard", rules.Age{Asked: true, Clock: now}, "", -1},
		{"no bound, an hour", rules.Age{Asked: true, Beat: ago(time.Hour), Clock: now}, "", 3600},
		{"within", rules.Age{Asked: true, Beat: ago(time.Minute), Clock: now, Within: time.Minute}, "", 60},
		{"just over", rules.Age{Asked: true, Beat: ago(time.Minute + time.Second), Clock: now, Within: time.Minute}, "61 s ago, and can be at most 60 s old", 61},
		{"never", rules.Age{Asked: true, Clock: now, Within: time.Minute}, "no beat of this institution has come back", -1},
		{"nobody said whose peer it is", rules.Age{Beat: now, Clock: now, Within: time.Minute}, "is not known", -1},
		{"a little ahead", rules.Age{Asked: true, Beat: ago(-5 * time.Second), Clock: now, Within: time.Minute}, "", 0},
		{"ahead", rules.Age{Asked: true, Beat: ago(-6 * time.Second), Clock: now, Within: time.Minute}, "which has not come by this peer's clock", -1},
	} {
		reason := c.age.Old()
		switch {
		case c.old == "" && reason != nil:
			t.Errorf("%s: %v", c.name, reason)
		case c.old != "" && (reason == nil || reason.Code != rules.LedgerOld || !strings.Contains(reason.Message, c.old)):
			t.Errorf("%s: %v", c.name, reason)
		}
		seconds, known := c.age.Seconds()
		if !known {
			seconds = -1
		}
		if seconds != c.seconds {
			t.Errorf("%s: %d s, want %d", c.name, seconds, c.seconds)
		}
	}
}
