package sample

import (
	"fmt"
	"testing"
	"time"
)

// Emergency is a proposal to break glass.
func Emergency() object {
	return object{
		"dataset": "hanbit/breast-cancer", "institution": "nuri", "people": []string{"kim", "lee"}, "purpose": object{"kind": "clinical-care"}, "mode": "enclave",
		"duration_seconds": 3600, "reason": "a patient in danger",
	}
}

// Guarded is a sample in which p and q sit on hanbit's privacy committee, and two more on its access committee.
func Guarded(t *testing.T) *World {
	t.Helper()
	w := New(t)
	w.Do(Steward, "committee.set", object{"role": "privacy", "members": Members("p", "q")})
	w.Do(Steward, "committee.set", object{"role": "dac", "members": Members("a", "b", "c", "any", "both")})
	return w
}

// Proposed proposes a break-glass, and gives its id and the argument that confirms it.
func (w *World) Proposed() (id string, confirmation object) {
	w.Helper()
	id = In(w.Do(Privacy, "breakglass.propose", Emergency()), "id").(string)
	return id, object{"breakglass": id, "digest": In(w.Ask("breakglass.get", object{"breakglass": id}), "breakglass", "digest")}
}

// Opened gives a break-glass record and its grant.
func (w *World) Opened() (id, grant string) {
	w.Helper()
	id, confirmation := w.Proposed()
	return id, In(w.Do(Steward, "breakglass.confirm", confirmation), "grant", "id").(string)
}

// Emergency is the argument of a proposal.
func (w *World) Emergency(changes object) object {
	w.Helper()
	return w.Check(With(object{"purpose": object{"kind": "clinical-care"}, "mode": "enclave"}, changes))
}

// Descending is how an index entry writes a moment, the latest first.
func Descending(moment string) string {
	at, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("%012d", 999_999_999_999-at.Unix())
}
