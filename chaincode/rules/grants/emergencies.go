package grants

import (
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

// The bounds of break-glass for one person and dataset, and for an institution, over time.
const (
	EmergencyWindow       int64 = 30 * 24 * 60 * 60 // within any so long, one person has one dataset by break-glass for MaxEmergencySeconds at most
	MaxOpeningsInWindow         = 200               // and an institution opens so many: its record has to hold them
	hintJustifyEmergency        = "a privacy officer who did not take part justifies it once it has ended (breakglass.justify)"
	hintLeaveEmergencyOut       = "for longer than that, people decide on a request (request.submit)"
)

// HinderOpening says why a break-glass cannot be opened at a moment after those that were opened before.
//
// Refuses with UNJUSTIFIED while one that has ended is not justified, or one that gives the same person the same dataset; with LIMIT_EXCEEDED when somebody would have the
// dataset for longer than the bound.
func HinderOpening(body records.Breakglass, openings []records.Opening, at records.Time) error {
	var unjustified []any
	for _, opening := range openings {
		if !opening.Justified && (opening.Until <= at || len(shared(body, opening)) > 0) {
			unjustified = append(unjustified, opening.Breakglass)
		}
	}
	if len(unjustified) > 0 {
		owner, _, _ := records.SplitDataset(body.Dataset)
		return refusal.New(refusal.Unjustified, "break-glass %.12s of %s is not justified yet, and this is not opened before", unjustified[0], owner).
			With(unjustified...).Hinting(hintJustifyEmergency)
	}
	until := at.Add(body.DurationSeconds)
	for _, person := range body.People {
		if had := emergencySeconds(body, person, openings, until); had+body.DurationSeconds > MaxEmergencySeconds {
			return refusal.New(refusal.LimitExceeded, "%s/%s had %s by break-glass for %s within the %s before, and with this one it would be more than %s",
				body.Institution, person, body.Dataset, rules.Span(had), rules.Span(EmergencyWindow), rules.Span(MaxEmergencySeconds)).
				At("duration_seconds").Hinting(hintLeaveEmergencyOut)
		}
	}
	if len(openings) >= MaxOpeningsInWindow {
		return refusal.New(refusal.LimitExceeded, "the institution opened %d within %s, which is the most", len(openings), rules.Span(EmergencyWindow))
	}
	return nil
}

// emergencySeconds is for how long a person had the dataset by earlier openings within the window that ends at a moment. No window that ends earlier or later has more.
func emergencySeconds(body records.Breakglass, person string, openings []records.Opening, end records.Time) int64 {
	var had int64
	for _, opening := range openings {
		if slices.Contains(shared(body, opening), person) {
			had += max(0, int64(opening.Until-max(opening.From, end.Add(-EmergencyWindow))))
		}
	}
	return had
}

// shared are those of a break-glass whom an opening gives the same dataset.
func shared(body records.Breakglass, opening records.Opening) []string {
	if body.Dataset != opening.Dataset || body.Institution != opening.Institution {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(body.People), func(person string) bool { return !slices.Contains(opening.People, person) })
}

// Recent leaves out what has to be kept in mind no longer.
func Recent(openings []records.Opening, at records.Time) []records.Opening {
	return slices.DeleteFunc(slices.Clone(openings), func(o records.Opening) bool { return o.Justified && o.Until.Add(EmergencyWindow) <= at })
}

// Opened adds an opening to those that have to be kept in mind at a moment.
func Opened(openings []records.Opening, record records.Record[records.Breakglass], at records.Time) []records.Opening {
	b := record.Body
	return append(Recent(openings, at), records.Opening{
		Breakglass: record.ID, Grant: b.Grant, Dataset: b.Dataset, Institution: b.Institution, People: b.People, From: at, Until: at.Add(b.DurationSeconds),
	})
}

// EndedEarly is an opening whose grant ended at a moment, if that was before its time.
func EndedEarly(opening records.Opening, ended records.Time) records.Opening {
	opening.Until = max(opening.From, min(opening.Until, ended))
	return opening
}

// Justified notes that an opening was justified, and when it had ended.
func Justified(openings []records.Opening, breakglass string, ended records.Time) []records.Opening {
	next := slices.Clone(openings)
	for i := range next {
		if next[i].Breakglass == breakglass {
			next[i] = EndedEarly(next[i], ended)
			next[i].Justified = true
		}
	}
	return next
}

// EmergencyEnd is when the grant of a break-glass ended or will end, as far as is known at a moment.
func EmergencyEnd(grant records.Record[records.Grant]) records.Time {
	if grant.Status.IsEnd() {
		return min(grant.UpdatedAt, grant.Body.Until)
	}
	return grant.Body.Until
}

// TookPart says in which way a person took part in a break-glass; empty when they did not.
func TookPart(body records.Breakglass, person records.Person) string {
	switch {
	case person == body.ProposedBy:
		return "proposed it"
	case body.ConfirmedBy != nil && person == *body.ConfirmedBy:
		return "confirmed it"
	case Opens(body, person):
		return "is one of those who got the data"
	}
	return ""
}
