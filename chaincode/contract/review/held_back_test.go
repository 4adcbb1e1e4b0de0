package review_test

import (
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
)

// byDisease is a sample whose policy and requests name diseases of a hierarchy.
func byDisease(t *testing.T, changes object) *sample.World {
	t.Helper()
	w := sample.New(t)
	for _, institution := range []string{"nuri", "saerom"} {
		w.Do(institution+"/op:operator", "institution.set", sample.With(sample.Profile(), object{"title": institution}))
	}
	digest := w.Loaded(sample.NuriSteward, sample.Cancers())
	w.Do(sample.HanbitSteward, "ontology.adopt", object{"system": "DOID", "digest": digest})
	w.Set(sample.With(sample.Use(object{"permission": "DS", "diseases": []string{"DOID:162"}}), changes), nil)
	return w
}

func (b asking) submitted(w *sample.World) string {
	w.Helper()
	return sample.In(w.Do(sample.Kim, "request.submit", sample.With(w.Request(), object{"purpose": object{"kind": "disease", "diseases": []string{string(b)}}})), "id").(string)
}

type asking string

const breast = asking("DOID:1612")

// What says no to a request for a disease of a hierarchy reads nothing beside which others can write.
func TestNothingHoldsBackAWordAgainst(t *testing.T) {
	w := byDisease(t, nil)
	for says, act := range map[string]struct {
		who, name string
		argument  func(request string) object
	}{
		"reject":   {"hanbit/a:dac", "request.vote", func(id string) object { return w.Ballot(id, "reject", "dac") }},
		"recuse":   {"hanbit/a:dac", "request.vote", func(id string) object { return sample.With(w.Ballot(id, "recuse", "dac"), object{"reason": "x"}) }},
		"return":   {"hanbit/a:dac", "request.vote", func(id string) object { return sample.With(w.Ballot(id, "return", "dac"), object{"reason": "x"}) }},
		"close":    {sample.Steward, "request.vote", func(id string) object { return sample.With(w.Ballot(id, "close", "steward"), object{"reason": "x"}) }},
		"withdraw": {sample.Kim, "request.withdraw", func(id string) object { return object{"request": id} }},
	} {
		id := breast.submitted(w)
		stub, _, refused := w.Simulate(act.who, act.name, sample.Text(act.argument(id)))
		if refused != nil {
			t.Fatal(says, refused)
		}
		if where := stub.Reachable(); len(where) > 0 {
			t.Errorf("%s: others can write into what it reads: %v", says, where)
		}
		if code := w.Ledger.Commit(stub, sample.Institutions...); code != ledgertest.Valid {
			t.Errorf("%s: %s", says, code)
		}
	}
}

// A declared conflict that completes an approval is given by all that the grant rests on; and what was approved automatically is decided.
func TestARecusalStillCompletesAnApproval(t *testing.T) {
	w := byDisease(t, object{"stages": []object{{"institution": "hanbit", "role": "dac", "rule": "unanimous"}}})
	id := breast.submitted(w)
	w.Vote("hanbit/a:dac", id, "approve")
	w.Vote("hanbit/b:dac", id, "approve")
	answer := w.Do("hanbit/c:dac", "request.vote", sample.With(w.Ballot(id, "recuse", "dac"), object{"reason": "x"}))
	w.Expect(answer["state"], "approved")
	w.Expect(w.Check(object{"purpose": object{"kind": "disease", "diseases": []string{"DOID:3459"}}})["decision"], "permit")
	w = byDisease(t, object{"automatic": true})
	id = breast.submitted(w)
	w.Later(time.Minute)
	_, _, refused := w.Simulate("hanbit/a:dac", "request.vote", sample.Text(w.Ballot(id, "reject", "dac")))
	w.Expect(string(refused.Code), "DECIDED")
}
