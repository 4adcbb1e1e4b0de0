package access

import (
	"cmp"
	"fmt"
	"slices"

	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/machines"
)

const (
	// maxOfOne bounds how many of the grants that one person asked for a check looks at, among those that could serve the question: nobody crowds out what others asked for.
	maxOfOne = 20
	// maxExplained bounds how many grants that cannot serve it are explained.
	maxExplained = 20
	// maxGrants bounds how many sealed grants of one list are read at all. Forgeries do not count: they could crowd the real one out.
	maxGrants = 2_000
	// maxForgeriesNamed bounds how many forgeries an answer names.
	maxForgeriesNamed = 20
)

// search goes through a person's grants for the best answer: the first that permits, otherwise one that leaves it to people.
type search struct {
	tx *ledger.Tx
	a  checkArgument

	best      rules.Answer
	reasons   []rules.Reason
	evaluated []ledger.Ref
	at        records.Time // of the grant that decided
	grant     *records.Record[records.Grant]
	duties    []string // that come from the people in the data
	sealed    int
	forgeries int
	age       rules.Age
	// seen are the grants that were met, and looked how many were looked at: of those that could serve the question by who asked for them, and of the others.
	seen   map[string]bool
	looked map[string]int
}

// look goes through a list of grants, until one permits or the rest has expired.
func (s *search) look(listing records.Listing, question grants.Question) error {
	read := 0
	return ledger.Visit(s.tx, listing, func(scope *ledger.Tx, grant *ledger.Sealed[records.Grant], forgery *ledger.Forgery) (bool, error) {
		if forgery != nil {
			s.forgery(rules.Reason{Code: rules.Forged, Message: "a grant is forged: " + forgery.Why, Clause: forgery.Key})
			return true, nil
		}
		if grant == nil || s.seen[grant.Key] {
			return true, nil
		}
		s.seen[grant.Key] = true
		if read++; read > maxGrants || !s.worthALook(grant.Record, question, scope.Now()) {
			s.passOver()
			expired := grants.GrantStateAt(grant.Record, cmp.Or(question.At, scope.Now())) == machines.GrantExpired
			return read <= maxGrants && !expired, nil // those that follow ended still earlier
		}
		facts, err := evidence.GrantFacts(scope, grant, &question)
		if err != nil {
			return false, err
		}
		s.rely(scope.Evidence())
		return s.take(facts, grants.Judge(facts, question)), nil
	})
}

// worthALook counts a grant, and tells whether its evidence is to be gathered.
func (s *search) worthALook(grant records.Record[records.Grant], question grants.Question, now records.Time) bool {
	of, most := "", maxExplained
	if grants.Suits(grant, question, now) {
		of, most = "asked by "+grant.Body.AskedBy, maxOfOne
	}
	s.looked[of]++
	return s.looked[of] <= most
}

// passOver says once that not every grant was looked at.
func (s *search) passOver() {
	more := rules.Reason{Code: rules.TooManyGrants, Message: fmt.Sprintf("more grants than were looked at: %d that one person asked for, %d that cannot serve the question", maxOfOne, maxExplained)}
	if !slices.Contains(s.reasons, more) {
		s.add(more)
	}
}

func (s *search) add(reason rules.Reason) { s.reasons = append(s.reasons, reason) }

// forgery names something that was not counted.
func (s *search) forgery(reason rules.Reason) {
	if slices.Contains(s.reasons, reason) {
		return
	}
	if s.forgeries++; s.forgeries <= maxForgeriesNamed {
		s.add(reason)
	}
}

// named are the forgeries among the reasons so far: they stay in the answer when a grant permits.
func (s *search) named() []rules.Reason {
	return slices.DeleteFunc(s.reasons, func(r rules.Reason) bool { return r.Code != rules.Forged })
}

func (s *search) rely(refs []ledger.Ref) {
	for _, ref := range refs {
		if !slices.Contains(s.evaluated, ref) {
			s.evaluated = append(s.evaluated, ref)
		}
	}
}

// take takes what one grant came to, and says whether others should be looked at.
func (s *search) take(facts grants.Facts, verdict grants.Verdict) (more bool) {
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
	return grants.GrantStateAt(facts.Grant, verdict.At) != machines.GrantExpired // as above
}

func (s *search) answer() checkAnswer {
	if s.grant == nil {
		s.at = s.tx.Now()
		if s.a.At != 0 {
			s.at = s.a.At
		}
	}
	if s.sealed == 0 {
		s.add(rules.Reason{Code: rules.NoGrant, Message: fmt.Sprintf("%s holds no grant on %s", s.a.For, s.a.Dataset), Clause: ""})
	}
	if s.a.At != 0 {
		s.add(rules.Reason{Code: rules.AskedAbout, Message: fmt.Sprintf("this is about %s; it says nothing about now", s.a.At), Clause: "at"})
	}
	s.rely(s.tx.Evidence())
	answer := checkAnswer{decision: decision{Decision: s.best, Reasons: s.reasons, Obligations: []string{}, Evaluated: s.evaluated, At: s.at}}
	answer.rests(s.age)
	if s.grant != nil {
		answer.Grant = s.grant.ID
		answer.Obligations = lawful.AddDuties(s.grant.Body.Obligations, s.duties)
	}
	return answer
}

// closed denies without a look at the ledger, which may not say what it should.
func (s *search) closed() checkAnswer {
	s.sealed = 1 // grants were not looked for
	s.add(rules.Reason{Code: rules.LedgerAlarm, Message: s.tx.Alarm.Ledger, Clause: ""})
	return s.answer()
}

// old denies without a look at the ledger, which may lack what took access away.
func (s *search) old(why rules.Reason) checkAnswer {
	s.sealed = 1 // grants were not looked for
	s.add(why)
	return s.answer()
}

// forgedDataset denies and names the forgery.
func (s *search) forgedDataset(refused *refusal.Error) checkAnswer {
	clause := ""
	if len(refused.Details) > 0 {
		if forgery, ok := refused.Details[0].(ledger.Forgery); ok {
			clause = forgery.Key
		}
	}
	s.sealed = 1 // grants were not looked for
	s.add(rules.Reason{Code: rules.Forged, Message: refused.Message, Clause: clause})
	return s.answer()
}
