package offices_test

import (
	"strings"
	"testing"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

// other gives somebody another key, as a registrar can have it certified, and takes it back.
func other(w *sample.World, person string) (back func()) {
	was, shown := w.Keys[person], w.People
	w.Keys[person], w.People = ledgertest.NewKey(), map[string][]byte{}
	return func() { w.Keys[person], w.People = was, shown }
}

// A key is announced by itself, and admitted by somebody else.
func TestAPersonsFirstKey(t *testing.T) {
	w := sample.NewWorld(t)
	announced := w.Do(sample.Kim, "person.announce", object{})
	w.Expect(announced["status"], "announced")
	w.Expect(sample.In(announced, "body", "fingerprint"), w.KeyOf("nuri/kim"))
	w.Refused(refusal.Conflict, sample.Kim, "person.announce", object{})
	kim := object{"person": "kim", "key": w.KeyOf("nuri/kim")}
	w.Refused(refusal.OwnRequest, sample.Kim, "person.admit", kim)
	w.Refused(refusal.OwnRequest, "nuri/kim:researcher,steward", "person.admit", kim)
	w.Refused(refusal.Forbidden, "nuri/lee:researcher", "person.admit", kim)
	w.Refused(refusal.NotFound, sample.NuriSteward, "person.admit", object{"person": "kim", "key": sample.DigestOf("x")})
	w.Refused(refusal.NotFound, sample.HanbitSteward, "person.admit", kim)
	back := other(w, "nuri/steward")
	w.Bare = true // whoever has the steward's certificate for another key is no officer
	w.Refused(refusal.Forbidden, sample.NuriSteward, "person.admit", kim)
	w.Bare = false
	back()
	w.Expect(w.Do(sample.NuriSteward, "person.admit", kim)["status"], "active")
	refused := w.Refused(refusal.Conflict, sample.NuriSteward, "person.admit", kim)
	w.Expect(strings.Contains(refused.Message, "admitted already"), true)
	w.Expect(len(w.Ask("person.list", object{"institution": "nuri", "person": "kim", "state": "active"})["items"].([]any)), 1)
}

// A second key takes the one before it, or two officers.
func TestAPersonsNextKey(t *testing.T) {
	w := sample.NewWorld(t)
	w.Do(sample.Kim, "person.announce", object{})
	first := object{"person": "kim", "key": w.KeyOf("nuri/kim")}
	w.Do(sample.NuriSteward, "person.admit", first)
	back := other(w, "nuri/kim")
	w.Do(sample.Kim, "person.announce", object{})
	next := object{"person": "kim", "key": w.KeyOf("nuri/kim")}
	w.Refused(refusal.OwnRequest, sample.Kim, "person.admit", next)
	w.Bare = true
	waits := w.Do(sample.NuriSteward, "person.admit", next)["proposal"].(object)
	w.Bare = false
	w.Expect(sample.In(waits, "body", "widens", 0), "kim of nuri has the key "+w.KeyOf("nuri/kim")+", and the key before it did not say so")
	w.Expect(len(w.Ask("person.list", object{"institution": "nuri", "state": "active"})["items"].([]any)), 1)
	back()
	w.Expect(w.Do(sample.Kim, "person.admit", next)["status"], "active")                                      // the key before it says so
	w.Refused(refusal.Conflict, sample.Second(sample.NuriSteward), "proposal.confirm", w.Confirmation(waits)) // it is theirs by now
	w.Expect(len(w.Ask("person.list", object{"institution": "nuri", "person": "kim", "state": "ended"})["items"].([]any)), 1)
}

// Taking a key away takes one officer, and their institution's peer alone; after that the next one takes two.
func TestTheEndOfAKey(t *testing.T) {
	w := sample.NewWorld(t)
	announced := w.Do(sample.Kim, "person.announce", object{})["id"]
	w.Do(sample.NuriSteward, "person.admit", object{"person": "kim", "key": w.KeyOf("nuri/kim")})
	end := object{"person": "kim", "announced": announced, "reason": "lost"}
	w.Refused(refusal.Forbidden, "nuri/lee:researcher", "person.end", end)
	w.Refused(refusal.NotFound, sample.HanbitSteward, "person.end", end)
	w.Commits(sample.NuriSteward, "person.end", end, "nuri")
	w.Refused(refusal.Decided, sample.NuriSteward, "person.end", end)
	w.Refused(refusal.NotFound, "nuri/op:operator", "institution.set", sample.With(sample.Profile(), object{"officers": []object{{"id": "kim", "roles": []string{"steward"}}}}))
	w.Do(sample.Kim, "person.announce", object{})
	w.Bare = true
	if w.Do(sample.NuriSteward, "person.admit", object{"person": "kim", "key": w.KeyOf("nuri/kim")})["proposal"] == nil {
		t.Fatal("one officer gave somebody a key again")
	}
}

// A seat counts for one key: whoever has a certificate in the member's name and another key has none, and lends none.
func TestASeatIsOfAKey(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	ballot := w.Ballot(id, "approve", "dac")
	back := other(w, "hanbit/a")
	w.Refused(refusal.Forbidden, "hanbit/a:dac", "request.vote", ballot)
	w.Refused(refusal.Forbidden, "hanbit/a:dac", "committee.delegate", object{"role": "dac", "deputy": "d", "until": "2026-12-24T00:00:00Z"})
	back()
	w.Do("hanbit/a:dac", "request.vote", ballot)
	lent := w.Delegated("hanbit/b:dac", "d")
	deputy := sample.With(w.Ballot(id, "approve", "dac"), object{"for": "b", "delegation": lent})
	back = other(w, "hanbit/d")
	w.Refused(refusal.Forbidden, "hanbit/d:dac", "request.vote", deputy)
	back()
	w.Do("hanbit/d:dac", "request.vote", deputy)
}

// A seat that is named by its member alone is for the key of theirs that stands on the ledger.
func TestASeatTakesTheKeyThatStands(t *testing.T) {
	w := sample.New(t)
	w.Do("hanbit/new:dac", "person.announce", object{})
	w.Bare = true
	seats := object{"role": "dac", "members": sample.Members("a", "b", "c", "new")}
	w.Refused(refusal.NotFound, sample.Steward, "committee.set", seats)
	w.Do(sample.Steward, "person.admit", object{"person": "new", "key": w.KeyOf("hanbit/new")})
	w.Bare = false
	done := w.Confirmed(proposed(w, sample.Steward, "committee.set", seats))
	w.Expect(sample.In(done, "body", "seats", 3, "key"), w.KeyOf("hanbit/new"))
	w.Expect(sample.In(done, "changes", 1, "by", "second", "id"), "second")
}

// proposed has somebody do what waits for a second officer, and gives the proposal.
func proposed(w *sample.World, who, name string, argument object) object {
	w.Helper()
	w.Bare = true
	defer func() { w.Bare = false }()
	proposal, waits := w.Do(who, name, argument)["proposal"].(object)
	if !waits {
		w.Fatalf("%s by %s waits for nobody", name, who)
	}
	return proposal
}

// The first record of an institution names two officers, each with a key of their own.
func TestFounding(t *testing.T) {
	w := sample.NewWorld(t)
	w.Bare = true
	officer := func(id string) object {
		return object{"id": id, "roles": []string{"steward", "privacy", "operator"}, "key": w.KeyOf("hanbit/" + id)}
	}
	set := func(officers ...object) object { return sample.With(sample.Profile(), object{"officers": officers}) }
	w.Refused(refusal.Conflict, sample.Operator, "institution.set", sample.Profile())
	w.Refused(refusal.Conflict, sample.Operator, "institution.set", set(officer("op")))
	w.Refused(refusal.Conflict, sample.Operator, "institution.set", set(officer("op"), sample.With(officer("op"), object{"id": "puppet"})))
	w.Refused(refusal.Invalid, sample.Operator, "institution.set", set(officer("op"), officer("op")))
	w.Refused(refusal.Invalid, sample.Operator, "institution.set", set(officer("op"), sample.With(officer("x"), object{"roles": []string{"dac"}})))
	w.Refused(refusal.NotFound, sample.Operator, "institution.set", set(officer("op"), sample.With(officer("x"), object{"key": nil})))
	w.Do(sample.Operator, "institution.set", set(officer("op"), officer("other")))
	w.Do(sample.Operator, "institution.set", sample.With(sample.Profile(), object{"title": "Other"})) // of two officers the one changes what widens nothing
	// from now on two name another
	three := set(officer("op"), officer("other"), officer("third"))
	waits := proposed(w, sample.Operator, "institution.set", three)
	w.Bare = true
	w.Refused(refusal.OwnRequest, sample.Operator, "proposal.confirm", w.Confirmation(waits))
	w.Refused(refusal.OwnRequest, "hanbit/op:steward", "proposal.confirm", w.Confirmation(waits))
	w.Refused(refusal.Forbidden, "hanbit/third:steward", "proposal.confirm", w.Confirmation(waits))
	w.Refused(refusal.Forbidden, "nuri/other:steward", "proposal.confirm", w.Confirmation(waits))
	done := w.Do("hanbit/other:steward", "proposal.confirm", w.Confirmation(waits))
	w.Expect(sample.In(done, "done", "body", "officers", 2, "id"), "third")
	w.Expect(sample.In(done, "proposal", "status"), "confirmed")
	// taking one away takes nobody else, as long as two are left
	w.Do("hanbit/third:operator", "institution.set", set(officer("other"), officer("third")))
	w.Refused(refusal.Forbidden, sample.Operator, "institution.set", sample.Profile())
	w.Refused(refusal.Conflict, "hanbit/third:operator", "institution.set", set(officer("third")))
}

// Who acts for an institution no longer does so by its own peer's word alone, whoever else refuses; two are always left.
func TestAnOfficerIsDismissed(t *testing.T) {
	w := sample.New(t)
	operator := "hanbit/chair:operator"
	w.Refused(refusal.Forbidden, sample.Steward, "institution.dismiss", object{"officers": []string{"steward"}})
	w.Refused(refusal.Conflict, operator, "institution.dismiss", object{"officers": []string{"nobody"}})
	w.Commits(operator, "institution.dismiss", object{"officers": []string{"steward"}}, "hanbit")
	for _, officer := range sample.In(w.Ask("institution.get", object{"institution": "hanbit"}), "record", "body", "officers").([]any) {
		if officer.(object)["id"] == "steward" {
			t.Error("the steward is still an officer")
		}
	}
	w.Bare = true
	w.Refused(refusal.Forbidden, sample.Steward, "dataset.publish", sample.With(sample.Publication(), object{"slug": "other"}))
	rest := []string{}
	for _, officer := range w.Officers["hanbit"] {
		if id := officer["id"].(string); id != "steward" && id != "chair" {
			rest = append(rest, id)
		}
	}
	w.Refused(refusal.Conflict, operator, "institution.dismiss", object{"officers": rest})
}

// Whoever has certificates in somebody's name announces what they like, and holds the next key of that person back by none of it.
func TestAnnouncedInAnothersName(t *testing.T) {
	w := sample.NewWorld(t)
	w.Do(sample.Kim, "person.announce", object{})
	w.Do(sample.NuriSteward, "person.admit", object{"person": "kim", "key": w.KeyOf("nuri/kim")})
	for range 101 {
		back := other(w, "nuri/kim")
		w.Do(sample.Kim, "person.announce", object{})
		back()
	}
	back := other(w, "nuri/kim")
	w.Do(sample.Kim, "person.announce", object{})
	next := object{"person": "kim", "key": w.KeyOf("nuri/kim")}
	back()
	w.Expect(w.Do(sample.Kim, "person.admit", next)["status"], "active")
	w.Refused(refusal.NotFound, sample.NuriSteward, "person.admit", object{"person": "kim", "key": sample.DigestOf("another")})
}
