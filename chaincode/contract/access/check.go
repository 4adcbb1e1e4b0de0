package access

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/machines"
)

const (
	// maxGrantsLooked bounds how many of a person's grants on one dataset a check looks at. Forgeries do not count: they could crowd the real one out.
	maxGrantsLooked = 200
	// maxForgeriesNamed bounds how many forgeries an answer names.
	maxForgeriesNamed = 20
)

type checkArgument struct {
	Dataset string          `json:"dataset"`
	Version *int64          `json:"version"`
	For     string          `json:"for"`
	Purpose records.Purpose `json:"purpose"`
	Mode    string          `json:"mode"`
	At      records.Time    `json:"at"`
}

func (a checkArgument) Check(c *input.Checker) {
	c.Dataset("dataset", a.Dataset)
	c.Number("version", a.Version)
	c.PersonName("for", a.For)
	c.Purpose("purpose", a.Purpose)
	c.OneOf("mode", a.Mode, records.Modes)
}

type checkAnswer struct {
	decision
	Grant string `json:"grant,omitzero"`
}

// check answers whether a person may use a dataset version now, from the grants that they hold and the evidence of each, looked at again.
func check(tx *ledger.Tx, a checkArgument) (any, error) {
	s := search{tx: tx, a: a, best: rules.Deny}
	if tx.Alarm.Ledger != "" {
		return s.closed(), nil
	}
	question, err := a.question(tx)
	if refusal.Is(err, refusal.Forged) {
		return s.forgedDataset(refusal.From(err)), nil
	}
	if err != nil {
		return nil, err
	}
	err = evidence.VisitGrants(tx, a.For, a.Dataset, func(scope *ledger.Tx, grant *ledger.Sealed[records.Grant], forgery *ledger.Forgery) (bool, error) {
		if forgery != nil {
			s.forgery(rules.Reason{Code: rules.Forged, Message: "a grant is forged: " + forgery.Why, Clause: forgery.Key})
			return true, nil
		}
		if s.sealed == maxGrantsLooked {
			s.add(rules.Reason{Code: rules.TooManyGrants, Message: fmt.Sprintf("only the first %d grants were looked at", maxGrantsLooked), Clause: ""})
			return false, nil
		}
		facts, err := evidence.GrantFacts(scope, grant, &question)
		if err != nil {
			return false, err
		}
		s.rely(scope.Evidence())
		return s.take(facts, grants.Judge(facts, question)), nil
	})
	if err != nil {
		return nil, err
	}
	return s.answer(), nil
}

// question is what each grant is asked. The version is the dataset's latest unless one is named.
//
// Refuses with NOT_FOUND or FORGED.
func (a checkArgument) question(tx *ledger.Tx) (grants.Question, error) {
	head, err := evidence.ReadHead(tx, a.Dataset)
	if err != nil {
		return grants.Question{}, err
	}
	version, err := evidence.ReadVersion(tx, a.Dataset, transaction.Or(a.Version, head.Record.Body.LatestVersion))
	if err != nil {
		return grants.Question{}, err
	}
	return grants.Question{For: a.For, Purpose: a.Purpose, Mode: a.Mode, Version: version.Record.Body.Version, Digest: version.Digest, At: a.At}, nil
}

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
	return grants.GrantStateAt(facts.Grant, verdict.At) != machines.GrantExpired // those that follow ended still earlier
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
