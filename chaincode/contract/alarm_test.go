package contract_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract"
	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/refusal"
)

type (
	object = map[string]any
	TimeOf = time.Time
)

const found = "SEAL_FORGED: a transaction writes the institution's seals"

// Every check is denied, nothing is decided, and access can still be taken away.
func TestAnAlarmClosesDecisionsAndHoldsNoEndBack(t *testing.T) {
	w := sample.New(t)
	grant := w.Granted()
	open := w.Submitted()
	w.Expect(sample.In(w.Check(nil), "decision"), "permit")
	w.Alarm = ledger.Alarm{Ledger: found}
	denied := w.Check(nil)
	w.Expect(sample.In(denied, "decision"), "deny")
	w.Expect(sample.Reasons(denied), []string{"LEDGER_ALARM"})
	w.Expect(sample.In(denied, "reasons", 0, "message"), found)
	w.Expect(sample.In(w.Check(object{"dataset": "hanbit/nothing"}), "decision"), "deny")

	refused := w.Refused(refusal.LedgerAlarm, "hanbit/a:dac", "request.vote", w.Ballot(open, "approve", "dac"))
	w.Expect(refused.Message, found)
	w.Refused(refusal.LedgerAlarm, "nuri/kim:researcher", "request.submit", w.Request())
	w.Refused(refusal.LedgerAlarm, "hanbit/steward:steward", "dataset.publish", sample.With(sample.Publication(), object{"slug": "another"}))
	w.Refused(refusal.LedgerAlarm, "hanbit/steward:steward", "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.Policy()})
	w.Refused(refusal.LedgerAlarm, "hanbit/steward:steward", "committee.set", object{"role": "dac", "members": sample.Members("a")})

	w.Expect(sample.In(w.Do("hanbit/steward:steward", "grant.revoke", object{"grant": grant, "reason": "test"}), "status"), "revoked")
	w.Expect(sample.In(w.Do("nuri/kim:researcher", "request.withdraw", object{"request": open}), "status"), "withdrawn")
	w.Expect(sample.In(w.Ask("grant.get", object{"grant": grant}), "state"), "revoked")

	w.Alarm = ledger.Alarm{}
	w.Expect(sample.Reasons(w.Check(nil)), []string{"GRANT_REVOKED"})
}

// What speaks against a request is not held back by the voter's own alarm; a declared conflict of interest is, when it would complete an approval.
func TestAnAlarmHoldsNoObjectionBack(t *testing.T) {
	w := sample.New(t)
	w.Set(object{"stages": []object{{"institution": "hanbit", "role": "dac", "rule": "unanimous"}}}, nil)
	word := map[string]string{"hanbit/a:dac": "reject", "hanbit/b:dac": "recuse", "hanbit/c:dac": "return", "hanbit/steward:steward": "close"}
	for voter, vote := range word {
		open := w.Submitted()
		w.Alarm = ledger.Alarm{Ledger: found}
		_, role, _ := strings.Cut(voter, ":")
		w.Do(voter, "request.vote", w.Says(open, vote, role, nil))
		w.Alarm = ledger.Alarm{}
	}
	open := w.Submitted()
	w.Vote("hanbit/a:dac", open, "approve")
	w.Vote("hanbit/b:dac", open, "approve")
	w.Alarm = ledger.Alarm{Ledger: found}
	w.Refused(refusal.LedgerAlarm, "hanbit/c:dac", "request.vote", w.Says(open, "recuse", "dac", nil))
	w.Alarm = ledger.Alarm{}
	w.Expect(w.Do("hanbit/c:dac", "request.vote", w.Says(open, "recuse", "dac", nil))["state"], "approved")
	w.Alarm = ledger.Alarm{Ledger: found}
	w.Do("hanbit/steward:steward", "committee.unseat", object{"role": "dac", "members": []string{"c"}})
}

// What rests on nuri is closed: its people, its requests, grants to them. What saerom and hanbit do with each other goes on.
func TestAnAlarmAboutOneInstitutionClosesWhatRestsOnIt(t *testing.T) {
	w := sample.New(t)
	w.Set(object{"own_institution_votes": true}, nil)
	w.Granted()
	open := w.Submitted()
	lee := sample.In(w.Do("saerom/lee:researcher", "request.submit", w.Request()), "id").(string)
	for _, voter := range []string{"hanbit/a:dac", "hanbit/b:dac", "saerom/e-1:ethics"} {
		w.Vote(voter, lee, "approve")
	}
	leesAnswer := func() object { return w.Check(object{"for": "saerom/lee"}) }
	w.Expect(sample.In(w.Check(nil), "decision"), "permit")
	w.Expect(sample.In(leesAnswer(), "decision"), "permit")

	w.Alarm = ledger.Alarm{Institutions: map[string]string{"nuri": found}}
	w.Expect(sample.In(w.Check(nil), "decision"), "deny")
	w.Expect(sample.Reasons(w.Check(nil)), []string{"LEDGER_ALARM"})
	w.Expect(sample.In(leesAnswer(), "decision"), "permit")
	w.Refused(refusal.LedgerAlarm, "hanbit/a:dac", "request.vote", w.Ballot(open, "approve", "dac"))
	w.Refused(refusal.LedgerAlarm, "nuri/kim:researcher", "request.submit", w.Request())
	w.Do("hanbit/steward:steward", "dataset.publish", sample.With(sample.Publication(), object{"slug": "another"}))
	w.Do("saerom/moon:researcher", "request.submit", w.Request())
	w.Do("nuri/kim:researcher", "request.withdraw", object{"request": open})

	// Of a member of the stages: whatever its board has approved, and can approve.
	w.Alarm = ledger.Alarm{Institutions: map[string]string{"saerom": found}}
	w.Expect(sample.Reasons(w.Check(nil)), []string{"LEDGER_ALARM"})
	w.Expect(sample.Reasons(leesAnswer()), []string{"LEDGER_ALARM"})
}

func TestTheAlarmFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "alarm.json")
	now := time.Now()
	read := contract.AlarmFile(path, 0, func() time.Time { return now })
	if alarm := read(); alarm.Closes() {
		t.Fatal("no file is no alarm:", alarm)
	}
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	whole := func(more object) string {
		told := object{"alarm": contract.AlarmFormat, "sentence": found, "findings": []any{}}
		maps.Copy(told, more)
		text, _ := json.Marshal(told)
		return string(text)
	}
	for name, content := range map[string]string{"all": whole(object{"ledger": true}), "of 0.1.0": whole(object{"alarm": "medconsent/alarm/1"}), "both": whole(object{"ledger": true, "institutions": object{"nuri": "x"}})} {
		write(content)
		if alarm := read(); !strings.Contains(alarm.Ledger, "closed") || !strings.HasSuffix(alarm.Ledger, found) {
			t.Errorf("%s: %v", name, alarm)
		}
	}
	write(whole(object{"ledger": false, "institutions": object{"nuri": "a policy", "saerom": "a root"}}))
	alarm := read()
	if alarm.Ledger != "" || len(alarm.Institutions) != 2 || !strings.Contains(alarm.Institutions["nuri"], "rest on nuri") || !strings.HasSuffix(alarm.Institutions["nuri"], "a policy") {
		t.Error(alarm)
	}
	write(whole(object{"ledger": true, "sentence": strings.Repeat("한", 5000)}))
	if said := []rune(read().Ledger); len(said) > 1100 {
		t.Error("a sentence is bounded:", len(said))
	}
	for name, content := range map[string]string{
		"empty": "", "no JSON": "{", "null": "null", "an array": "[]", "no sentence": `{"alarm":"medconsent/alarm/1"}`, "another format": `{"alarm":"x","sentence":"y","ledger":true}`,
		"too long": `{"alarm":"medconsent/alarm/1","sentence":"y","z":"` + strings.Repeat("z", 70<<10) + `"}`, "twice": `{"alarm":"medconsent/alarm/1","alarm":"medconsent/alarm/1","sentence":"y"}`,
		"no scope": whole(nil), "an empty scope": whole(object{"institutions": object{}}), "no list": whole(object{"institutions": []string{"nuri"}}), "a nameless institution": whole(object{"institutions": object{"": "y"}}),
		"no reason": whole(object{"institutions": object{"nuri": ""}}), "a word for the ledger": whole(object{"ledger": "no", "institutions": object{"nuri": "x"}}),
	} {
		write(content)
		if said := read().Ledger; !strings.Contains(said, "not what the watcher writes") {
			t.Errorf("%s: %q", name, said)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if said := read().Ledger; !strings.Contains(said, "cannot be read") {
		t.Error("a folder in its place:", said)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(folder, "nowhere"), path); err != nil {
		t.Fatal(err)
	}
	if said := read().Ledger; !strings.Contains(said, "cannot be read") {
		t.Error("a link to nowhere in its place:", said)
	}
}

func TestTheHeartbeat(t *testing.T) {
	folder := t.TempDir()
	now := time.Now()
	read := contract.AlarmFile(filepath.Join(folder, "alarm.json"), time.Minute, func() time.Time { return now })
	if said := read().Ledger; !strings.Contains(said, "not been heard of") {
		t.Error(said)
	}
	if err := os.WriteFile(filepath.Join(folder, "heartbeat"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if alarm := read(); alarm.Closes() {
		t.Error(alarm)
	}
	now = now.Add(2 * time.Minute)
	if said := read().Ledger; !strings.Contains(said, "last heard of 1") {
		t.Error(said)
	}
}
