package access

import (
	"slices"

	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/lawful"
)

// maxGrants bounds how many sealed grants of one list are read at all. Forgeries do not count: they could crowd the real one out.
const maxGrants = 2_000

// search reads a person's grants, and gathers the evidence of those that are worth a look.
type search struct {
	*grants.Search
	tx        *ledger.Tx
	evaluated []ledger.Ref
	age       rules.Age
	seen      map[string]bool // the grants that were met
}

// look goes through a list of grants, until one permits or the rest has expired: those that follow one end no later.
func (s *search) look(listing records.Listing, question grants.Question) error {
	read := 0
	return ledger.Visit(s.tx, listing, func(scope *ledger.Tx, grant *ledger.Sealed[records.Grant], forgery *ledger.Forgery) (bool, error) {
		if forgery != nil {
			s.Forged("a grant is forged: "+forgery.Why, forgery.Key)
			return true, nil
		}
		if grant == nil || s.seen[grant.Key] {
			return true, nil
		}
		s.seen[grant.Key] = true
		if read++; read > maxGrants || !s.WorthALook(grant.Record, question, scope.Now()) {
			more := s.PassedOver(grant.Record, scope.Now())
			return read <= maxGrants && more, nil
		}
		facts, err := evidence.GrantFacts(scope, grant, &question)
		if err != nil {
			return false, err
		}
		s.rely(scope.Evidence())
		return s.Take(facts, grants.Judge(facts, question)), nil
	})
}

func (s *search) rely(refs []ledger.Ref) {
	for _, ref := range refs {
		if !slices.Contains(s.evaluated, ref) {
			s.evaluated = append(s.evaluated, ref)
		}
	}
}

func (s *search) answer() checkAnswer {
	s.rely(s.tx.Evidence())
	found := s.Found(s.tx.Now())
	answer := checkAnswer{decision: decision{Decision: found.Answer, Reasons: found.Reasons, Obligations: []string{}, Evaluated: s.evaluated, At: found.At}}
	answer.rests(s.age)
	if found.Grant != nil {
		answer.Grant = found.Grant.ID
		answer.Obligations = lawful.AddDuties(found.Grant.Body.Obligations, found.Duties)
	}
	return answer
}

// shut denies without a look at the person's grants.
func (s *search) shut(why rules.Reason) checkAnswer {
	s.Shut(why)
	return s.answer()
}

// forgedDataset is why nothing is looked for on a dataset that is forged.
func forgedDataset(refused *refusal.Error) rules.Reason {
	clause := ""
	if len(refused.Details) > 0 {
		if forgery, ok := refused.Details[0].(ledger.Forgery); ok {
			clause = forgery.Key
		}
	}
	return rules.Reason{Code: rules.Forged, Message: refused.Message, Clause: clause}
}
