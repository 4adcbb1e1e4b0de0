package sample

import (
	"medconsent.org/chaincode/ledgertest"
)

// A grant's life after it was given: who can stop it, give it up and accept its terms, and that nothing holds its end back.

// Lee is a researcher of nuri.
const Lee = "nuri/lee:researcher"

// GrantTo brings a changed request to its grant.
func (w *World) GrantTo(changes object) string {
	w.Helper()
	id := In(w.Do(Kim, "request.submit", With(w.Request(), changes)), "id").(string)
	w.Vote("hanbit/a:dac", id, "approve")
	w.Vote("saerom/e-1:ethics", id, "approve")
	return In(w.Vote("hanbit/b:dac", id, "approve"), "grant", "id").(string)
}

// State is where a grant stands.
func (w *World) State(grant string) any {
	w.Helper()
	return w.Ask("grant.get", object{"grant": grant})["state"]
}

// Commits runs a transaction and hands it in with the endorsements of those named alone.
func (w *World) Commits(who, name string, argument object, endorsers ...string) {
	w.Helper()
	stub, _, refused := w.Simulate(who, name, Text(argument))
	if refused != nil {
		w.Fatal(refused)
	}
	w.Expect(w.Ledger.Commit(stub, endorsers...), ledgertest.Valid)
}

// Termed is the sample policy with terms that have to be accepted.
func Termed() object {
	return With(Policy(), object{"terms": object{"url": "https://hanbit.example/terms", "sha256": DigestOf("terms")}})
}
