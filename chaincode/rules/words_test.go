package rules

import "testing"

func TestASpanIsWrittenInTheLargestUnitThatIsExact(t *testing.T) {
	for seconds, want := range map[int64]string{
		0: "0 days", 1: "1 second", 90: "90 seconds", 60: "1 minute", 5400: "90 minutes", 3600: "1 hour",
		360000: "100 hours", 86400: "1 day", 7776000: "90 days",
	} {
		if got := Span(seconds); got != want {
			t.Errorf("%d: %s, want %s", seconds, got, want)
		}
	}
}
