package grants

import (
	"cmp"
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/machines"
)

const (
	// maxOfOne bounds how many of the grants that one person asked for a check looks at, among those that could serve the question: nobody crowds out what others asked for.
	maxOfOne = 20
	// maxExplained bounds how many grants that cannot serve it are explained.
	maxExplained = 20
	// maxForgeriesNamed bounds how many forgeries an answer names.
	maxForgeriesNamed = 20
)

// Search is what the grants of a person on a dataset come to together: the first that permits decides, otherwise one that leaves it to people. Whoever reads the grants
// tells it of each.
type Search struct {
	forWhom, dataset string
	asked            records.Time // zero is now

	best      rules.Answer
	reasons   []rules.Reason
	at        records.Time // of the grant that decided
	grant     *records.Record[records.Grant]
	duties    []string // that come from the people in the data
	shut      bool     // nothing was looked for
	sealed    int
	forgeries int
	// looked is how many grants were looked at: of those that could serve the question by who asked for them, and of the others.
	looked map[string]int
}

// Found is what a search came to. Grant is nil when none decided.
type Found struct {
	Answer  rules.Answer
	Reasons []rules.Reason
	At      records.Time
	Grant   *records.Record[records.Grant]
	Duties  []string
}

// NewSearch begins one. A moment of zero is now.
func NewSearch(forWhom, dataset string, asked records.Time) *Search {
	return &Search{forWhom: forWhom, dataset: dataset, asked: asked, best: rules.Deny, looked: map[string]int{}}
}

// Permits tells whether a grant permits already.
func (s *Search) Permits() bool { return s.best == rules.Permit }

// Shut denies for a reason for which no grants are looked for.
func (s *Search) Shut(why rules.Reason) {
	s.shut = true
	s.reasons = append(s.reasons, why)
}

// Forged names something that is not counted because it is forged.
func (s *Search) Forged(message, key string) {
	s.forgery(rules.Reason{Code: rules.Forged, Message: message, Clause: key})
}

func (s *Search) forgery(reason rules.Reason) {
	if slices.Contains(s.reasons, reason) {
		return
	}
	if s.forgeries++; s.forgeries <= maxForgeriesNamed {
		s.reasons = append(s.reasons, reason)
	}
}

// WorthALook counts a grant, and tells whether its evidence is to be gathered.
func (s *Search) WorthALook(grant records.Record[records.Grant], question Question, now records.Time) bool {
	of, most := "", maxExplained
	if Suits(grant, question, now) {
		of, most = "asked by "+grant.Body.AskedBy, maxOfOne
	}
	s.looked[of]++
	return s.looked[of] <= most
}

// PassedOver says once that not every grant was looked at. It tells whether others of the list, which end no later, can still say anything.
func (s *Search) PassedOver(grant records.Record[records.Grant], now records.Time) (more bool) {
	passed := rules.Reason{Code: rules.TooManyGrants, Message: fmt.Sprintf("more grants than were looked at: %d that one person asked for, %d that cannot serve the question", maxOfOne, maxExplained)}
	if !slices.Contains(s.reasons, passed) {
		s.reasons = append(s.reasons, passed)
	}
	return GrantStateAt(grant, cmp.Or(s.asked, now)) != machines.GrantExpired
}

// Take takes what one grant came to, and tells whether others of the list, which end no later, should be looked at.
func (s *Search) Take(facts Facts, verdict Verdict) (more bool) {
	s.sealed++
	for _, forgery := range facts.Beside {
		s.forgery(forgery)
	}
	permits := verdict.Answer == rules.Permit
	if permits || verdict.Answer == rules.Review && s.best == rules.Deny {
		s.best, s.grant, s.at, s.duties = verdict.Answer, &facts.Grant, verdict.At, verdict.Duties
	}
	if permits {
		s.reasons = append(verdict.Reasons, s.named()...)
		return false
	}
	s.reasons = append(s.reasons, verdict.Reasons...)
	return GrantStateAt(facts.Grant, verdict.At) != machines.GrantExpired
}

// named are the forgeries among the reasons so far: they stay in the answer when a grant permits.
func (s *Search) named() []rules.Reason {
	return slices.DeleteFunc(s.reasons, func(r rules.Reason) bool { return r.Code != rules.Forged })
}

// Found is the answer.
func (s *Search) Found(now records.Time) Found {
	reasons, at := slices.Clone(s.reasons), s.at
	if s.grant == nil {
		at = cmp.Or(s.asked, now)
	}
	if s.sealed == 0 && !s.shut {
		reasons = append(reasons, rules.Reason{Code: rules.NoGrant, Message: fmt.Sprintf("%s holds no grant on %s", s.forWhom, s.dataset)})
	}
	if s.asked != 0 {
		reasons = append(reasons, rules.Reason{Code: rules.AskedAbout, Message: fmt.Sprintf("this is about %s; it says nothing about now", s.asked), Clause: "at"})
	}
	return Found{Answer: s.best, Reasons: reasons, At: at, Grant: s.grant, Duties: s.duties}
}
