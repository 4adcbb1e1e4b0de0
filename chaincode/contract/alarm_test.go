package contract_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract"
	"medconsent.org/chaincode/contract/sample"
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
	w.Alarm = found
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

	w.Alarm = ""
	w.Expect(sample.Reasons(w.Check(nil)), []string{"GRANT_REVOKED"})
}

func TestTheAlarmFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "alarm.json")
	now := time.Now()
	read := contract.AlarmFile(path, 0, func() time.Time { return now })
	if said := read(); said != "" {
		t.Fatal("no file is no alarm:", said)
	}
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	whole, _ := json.Marshal(map[string]any{"alarm": contract.AlarmFormat, "sentence": found, "findings": []any{}})
	write(string(whole))
	if said := read(); !strings.Contains(said, "closed") || !strings.HasSuffix(said, found) {
		t.Error(said)
	}
	long, _ := json.Marshal(map[string]any{"alarm": contract.AlarmFormat, "sentence": strings.Repeat("한", 5000)})
	write(string(long))
	if said := []rune(read()); len(said) > 1100 {
		t.Error("a sentence is bounded:", len(said))
	}
	for name, content := range map[string]string{
		"empty": "", "no JSON": "{", "null": "null", "an array": "[]", "no sentence": `{"alarm":"medconsent/alarm/1"}`, "another format": `{"alarm":"x","sentence":"y"}`,
		"too long": `{"alarm":"medconsent/alarm/1","sentence":"y","z":"` + strings.Repeat("z", 70<<10) + `"}`, "twice": `{"alarm":"medconsent/alarm/1","alarm":"medconsent/alarm/1","sentence":"y"}`,
	} {
		write(content)
		if said := read(); !strings.Contains(said, "not what the watcher writes") {
			t.Errorf("%s: %q", name, said)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if said := read(); !strings.Contains(said, "cannot be read") {
		t.Error("a folder in its place:", said)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(folder, "nowhere"), path); err != nil {
		t.Fatal(err)
	}
	if said := read(); !strings.Contains(said, "cannot be read") {
		t.Error("a link to nowhere in its place:", said)
	}
}

func TestTheHeartbeat(t *testing.T) {
	folder := t.TempDir()
	now := time.Now()
	read := contract.AlarmFile(filepath.Join(folder, "alarm.json"), time.Minute, func() time.Time { return now })
	if said := read(); !strings.Contains(said, "not been heard of") {
		t.Error(said)
	}
	if err := os.WriteFile(filepath.Join(folder, "heartbeat"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if said := read(); said != "" {
		t.Error(said)
	}
	now = now.Add(2 * time.Minute)
	if said := read(); !strings.Contains(said, "last heard of 1") {
		t.Error(said)
	}
}
