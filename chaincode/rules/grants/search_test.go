package grants_test

import (
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/rulestest"
)

// met lets a search meet grants, as whoever reads a list does, until it wants no more.
func met(s *grants.Search, q grants.Question, of ...grants.Facts) {
	for _, f := range of {
		more := false
		if s.WorthALook(f.Grant, q, f.Now) {
			more = s.Take(f, grants.Judge(f, q))
		} else {
			more = s.PassedOver(f.Grant, f.Now)
		}
		if !more {
			return
		}
	}
}

// but is a grant that something is changed of.
func but(change func(*grants.Facts)) grants.Facts {
	f := sound()
	change(&f)
	return f
}

func revoked() grants.Facts {
	return but(func(f *grants.Facts) { changed(f, records.Revoked, "revoked", 400, "no more") })
}

func elsewhere() grants.Facts {
	return but(func(f *grants.Facts) {
		f.Approval.Case.Request.Body.Mode = "enclave"
		f.Approval.Case.Policy.Modes = []string{"enclave"}
		*f = made(*f)
	})
}

func expired() grants.Facts { return but(func(f *grants.Facts) { f.Now = 1300 }) }

func besideForgery() grants.Facts {
	return but(func(f *grants.Facts) {
		f.Beside = []rules.Reason{{Code: rules.Forged, Message: "a vote is forged: no seal", Clause: "vote/x"}}
	})
}

// unproven is a grant of somebody else's asking that could serve the question by itself, and that nothing proves.
func unproven(by string) grants.Facts {
	return but(func(f *grants.Facts) { f.Approval, f.Unseen, f.Grant.Body.AskedBy = nil, "gone", by })
}

// searches has a row for every reason that a search itself gives.
var searches = map[string]struct {
	asked  records.Time
	meets  func(*grants.Search, grants.Question)
	answer rules.Answer
	codes  string
}{
	"there is none": {0, func(*grants.Search, grants.Question) {}, rules.Deny, "NO_GRANT"},
	"there was none at that moment": {450, func(*grants.Search, grants.Question) {},
		rules.Deny, "NO_GRANT ASKED_ABOUT"},
	"one permits":                       {0, func(s *grants.Search, q grants.Question) { met(s, q, sound()) }, rules.Permit, "GRANTED"},
	"one permitted":                     {450, func(s *grants.Search, q grants.Question) { met(s, q, sound()) }, rules.Permit, "GRANTED ASKED_ABOUT"},
	"one permits after one that denies": {0, func(s *grants.Search, q grants.Question) { met(s, q, revoked(), sound()) }, rules.Permit, "GRANTED"},
	"none after one that permits":       {0, func(s *grants.Search, q grants.Question) { met(s, q, sound(), revoked()) }, rules.Permit, "GRANTED"},
	"two deny":                          {0, func(s *grants.Search, q grants.Question) { met(s, q, revoked(), elsewhere()) }, rules.Deny, "GRANT_REVOKED MODE_NOT_COVERED"},
	"behind one that expired is none":   {0, func(s *grants.Search, q grants.Question) { met(s, q, expired(), sound()) }, rules.Deny, "GRANT_EXPIRED"},
	"one in the list is forged": {0, func(s *grants.Search, _ grants.Question) { s.Forged("a grant is forged: no seal", "grant/x") },
		rules.Deny, "FORGED NO_GRANT"},
	"the same forgery in two lists": {0, func(s *grants.Search, _ grants.Question) {
		s.Forged("a grant is forged: no seal", "grant/x")
		s.Forged("a grant is forged: no seal", "grant/x")
	}, rules.Deny, "FORGED NO_GRANT"},
	"a forgery beside one that permits": {0, func(s *grants.Search, q grants.Question) {
		s.Forged("a grant is forged: no seal", "grant/x")
		met(s, q, revoked(), besideForgery())
	}, rules.Permit, "GRANTED FORGED FORGED"},
	"its dataset is forged": {0, func(s *grants.Search, _ grants.Question) {
		s.Shut(rules.Reason{Code: rules.Forged, Clause: "dataset/x"})
	},
		rules.Deny, "FORGED"},
	"the watcher has closed decisions": {0, func(s *grants.Search, _ grants.Question) { s.Shut(rules.Reason{Code: rules.LedgerAlarm}) },
		rules.Deny, "LEDGER_ALARM"},
	"a moment, while decisions are closed": {450, func(s *grants.Search, _ grants.Question) { s.Shut(rules.Reason{Code: rules.LedgerAlarm}) },
		rules.Deny, "LEDGER_ALARM ASKED_ABOUT"},
	"as many as are looked at": {0, func(s *grants.Search, q grants.Question) {
		met(s, q, slices.Repeat([]grants.Facts{unproven("lee")}, 20)...)
	},
		rules.Deny, strings.Repeat("EVIDENCE_MISSING ", 19) + "EVIDENCE_MISSING"},
	"more that one person asked for": {0, func(s *grants.Search, q grants.Question) {
		met(s, q, slices.Repeat([]grants.Facts{unproven("lee")}, 30)...)
	},
		rules.Deny, strings.Repeat("EVIDENCE_MISSING ", 20) + "TOO_MANY_GRANTS"},
	"more that cannot serve": {0, func(s *grants.Search, q grants.Question) {
		met(s, q, slices.Repeat([]grants.Facts{elsewhere()}, 30)...)
	},
		rules.Deny, strings.Repeat("MODE_NOT_COVERED ", 20) + "TOO_MANY_GRANTS"},
	"behind one that expired, and was passed over, is none": {0, func(s *grants.Search, q grants.Question) {
		met(s, q, append(slices.Repeat([]grants.Facts{elsewhere()}, 20), expired(), sound())...)
	}, rules.Deny, strings.Repeat("MODE_NOT_COVERED ", 20) + "TOO_MANY_GRANTS"},
	"more that somebody else asked for, and one's own": {0, func(s *grants.Search, q grants.Question) {
		met(s, q, append(slices.Repeat([]grants.Facts{unproven("lee")}, 30), sound())...)
	}, rules.Permit, "GRANTED"},
}

func TestWhatGrantsComeToTogether(t *testing.T) {
	for says, c := range searches {
		q := asks
		q.At = c.asked
		s := grants.NewSearch(q.For, "hanbit/x", c.asked)
		c.meets(s, q)
		found := s.Found(500)
		if codes := rulestest.CodesOf(found.Reasons); found.Answer != c.answer || codes != c.codes {
			t.Errorf("%s: %s for %s, want %s for %s", says, found.Answer, codes, c.answer, c.codes)
		}
		if (found.Grant != nil) != (c.answer != rules.Deny) || s.Permits() != (c.answer == rules.Permit) {
			t.Errorf("%s: %s by the grant %v", says, found.Answer, found.Grant)
		}
	}
}

// What is for people is found beside what denies, and a permit beats it.
func TestASearchTakesTheBestAnswer(t *testing.T) {
	q := asks
	q.Purpose.Diseases = []string{"MONDO:0007254"}
	review, permits := sound(), but(func(f *grants.Facts) {
		f.Approval.Case.Request.Body.Purpose.Diseases = q.Purpose.Diseases
		*f = made(*f)
	})
	for _, c := range []struct {
		answer rules.Answer
		codes  string
		of     []grants.Facts
	}{
		{rules.Review, "PURPOSE_NEEDS_REVIEW PURPOSE_NEEDS_REVIEW GRANT_REVOKED", []grants.Facts{review, revoked()}},
		{rules.Review, "PURPOSE_NEEDS_REVIEW GRANT_REVOKED PURPOSE_NEEDS_REVIEW", []grants.Facts{revoked(), review}},
		{rules.Permit, "GRANTED", []grants.Facts{review, permits}},
	} {
		s := grants.NewSearch(q.For, "hanbit/x", 0)
		met(s, q, c.of...)
		if found := s.Found(500); found.Answer != c.answer || rulestest.CodesOf(found.Reasons) != c.codes {
			t.Errorf("%s %v, want %s for %s", found.Answer, found.Reasons, c.answer, c.codes)
		}
	}
}

// However many forgeries there are, an answer names twenty.
func TestForgeriesDoNotFillAnAnswer(t *testing.T) {
	s := grants.NewSearch(asks.For, "hanbit/x", 0)
	for i := range 30 {
		s.Forged("a grant is forged: no seal", "grant/"+strings.Repeat("x", i+1))
	}
	if found := s.Found(500); len(found.Reasons) != 21 {
		t.Errorf("%d reasons", len(found.Reasons))
	}
}

// Each reason that a search gives by itself has a row.
func TestEveryReasonOfASearchIsTried(t *testing.T) {
	for _, code := range []string{rules.NoGrant, rules.Forged, rules.TooManyGrants, rules.AskedAbout} {
		tried := false
		for _, c := range searches {
			tried = tried || slices.Contains(strings.Fields(c.codes), code)
		}
		if !tried {
			t.Errorf("no row gives %s", code)
		}
	}
}
