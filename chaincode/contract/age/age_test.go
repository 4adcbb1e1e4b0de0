package age_test

import (
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

type object = map[string]any

// watcher is a client of nuri without a role.
const watcher = "nuri/watcher"

func granted(t *testing.T) *sample.World {
	w := sample.New(t)
	w.Granted()
	w.Here = ledger.Here{Institution: "nuri", Within: time.Minute}
	return w
}

func check(w *sample.World) object {
	return w.Ask("check", object{"dataset": "hanbit/breast-cancer", "for": "nuri/kim", "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.1"}}, "mode": "download"})
}

func old(answer object) string {
	for _, reason := range sample.In(answer, "reasons").([]any) {
		if sample.In(reason, "code") == rules.LedgerOld {
			return sample.In(reason, "message").(string)
		}
	}
	return ""
}

func TestADecisionRestsOnALedgerThatIsYoungEnough(t *testing.T) {
	w := granted(t)
	never := check(w)
	if never["decision"] != "deny" || !strings.Contains(old(never), "no beat of this institution") || never["as_of"] != nil {
		t.Fatal(never)
	}
	w.Do(watcher, "ledger.beat", object{})
	sent := w.Now
	w.Later(time.Minute)
	young := check(w)
	if young["decision"] != "permit" || young["as_of"] != sent.Format(time.RFC3339) {
		t.Fatal(young)
	}
	explained := w.Ask("explain", object{"dataset": "hanbit/breast-cancer", "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.1"}}, "mode": "download"})
	if explained["as_of"] != sent.Format(time.RFC3339) {
		t.Fatal(explained)
	}
	w.Later(time.Second)
	late := check(w)
	if late["decision"] != "deny" || !strings.Contains(old(late), "61 s ago") || late["as_of"] != sent.Format(time.RFC3339) {
		t.Fatal(late)
	}
	if tells := w.Ask("ledger.age", object{}); tells["institution"] != "nuri" || tells["age_seconds"] != 61.0 || tells["within_seconds"] != 60.0 || tells["old"] != old(late) {
		t.Fatal(tells)
	}
	w.Do(watcher, "ledger.beat", object{})
	if again := check(w); again["decision"] != "permit" {
		t.Fatal(again)
	}
	w.Here.Within = 0
	w.Later(time.Hour)
	if free := check(w); free["decision"] != "permit" || free["as_of"] == nil {
		t.Fatal(free)
	}
}

// What others beat says nothing of one's own peer's ledger: a stopped institution closes nobody's decisions, and a dishonest one makes nobody's ledger look younger.
func TestOnlyOnesOwnBeatsCount(t *testing.T) {
	w := granted(t)
	w.Do("hanbit/watcher", "ledger.beat", object{})
	w.Do("saerom/watcher", "ledger.beat", object{})
	if answer := check(w); answer["decision"] != "deny" || old(answer) == "" {
		t.Fatal(answer)
	}
	_, _, refused := w.Simulate(watcher, "ledger.beat", `{"institution":"hanbit"}`)
	if refused == nil || refused.Code != refusal.Invalid {
		t.Fatal(refused)
	}
}

// A beat needs its institution's peer, and nobody else's.
func TestWhoEndorsesABeat(t *testing.T) {
	w := granted(t)
	for institution, want := range map[string]ledgertest.Code{"hanbit": ledgertest.EndorsementPolicyFailure, "nuri": ledgertest.Valid} {
		stub, _, refused := w.Private(watcher, "", "ledger.beat", object{}, nil)
		if refused != nil {
			t.Fatal(refused)
		}
		if code := w.Ledger.Commit(stub, institution); code != want {
			t.Errorf("endorsed by %s: %s, want %s", institution, code, want)
		}
	}
}

// Dated ahead it would make the ledger look younger. A clock that was set back since makes nothing younger either.
func TestABeatIsNotDatedAhead(t *testing.T) {
	w := granted(t)
	_, _, refused := w.SimulateAs(w.Person(watcher), w.Now.Add(3*time.Second), "ledger.beat", "{}")
	if refused == nil || refused.Code != refusal.Clock {
		t.Fatal(refused)
	}
	w.Do(watcher, "ledger.beat", object{})
	w.Later(-time.Hour)
	if answer := check(w); answer["decision"] != "deny" || !strings.Contains(old(answer), "has not come") || answer["as_of"] != nil {
		t.Fatal(answer)
	}
}

// Nor back: it would make the ledger look older, and nothing would be decided from it. Anybody of the institution can send one.
func TestABeatIsNotDatedBack(t *testing.T) {
	w := granted(t)
	_, _, refused := w.SimulateAs(w.Person(watcher), w.Now.Add(-11*time.Second), "ledger.beat", "{}")
	if refused == nil || refused.Code != refusal.Clock {
		t.Fatal(refused)
	}
	if _, _, slow := w.SimulateAs(w.Person(watcher), w.Now.Add(-9*time.Second), "ledger.beat", "{}"); slow != nil {
		t.Fatal(slow)
	}
}

// Whoever holds a beat back gains nothing: one that was endorsed earlier cannot take the place of a later one.
func TestAHeldBeatTakesNoOthersPlace(t *testing.T) {
	w := granted(t)
	held, _, _ := w.Private(watcher, "", "ledger.beat", object{}, nil)
	w.Later(30 * time.Second)
	w.Do(watcher, "ledger.beat", object{})
	if code := w.Ledger.Commit(held, "nuri"); code != ledgertest.MVCCReadConflict {
		t.Fatal(code)
	}
}

// Nothing that writes reads a beat, so beats are in no transaction's way; and what takes away goes through on an old ledger.
func TestBeatsAreInNoTransactionsWay(t *testing.T) {
	w := granted(t)
	w.Later(time.Hour)
	id := sample.In(w.Ask("grant.list", object{"dataset": "hanbit/breast-cancer"}), "items", 0, "grant", "record", "id").(string)
	revoke, _, refused := w.Simulate(sample.Privacy, "grant.revoke", sample.Text(object{"grant": id, "reason": "x"}))
	if refused != nil {
		t.Fatal(refused)
	}
	for _, institution := range sample.Institutions {
		w.Do(institution+"/watcher", "ledger.beat", object{})
	}
	if code := w.Ledger.Commit(revoke, "hanbit"); code != ledgertest.Valid {
		t.Fatal(code)
	}
}
