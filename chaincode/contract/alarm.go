package contract

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/refusal"
)

const (
	// AlarmFormat is what the watcher's file says of itself.
	AlarmFormat = "medconsent/alarm/2"
	// formerAlarm is what a watcher of 0.1.0 wrote: it has no scope, and closes everything.
	formerAlarm = "medconsent/alarm/1"
	// heartbeatFile stands beside the alarm file; the watcher touches it when it has judged everything.
	heartbeatFile = "heartbeat"

	maxAlarmBytes    = 64 << 10
	maxAlarmSentence = 1000
	closedBecause    = "decisions of this institution are closed: "
	closedOnBecause  = "decisions of this institution that rest on %s are closed: "

	unreadable = "the watcher's alarm file cannot be read"
	notOurs    = "the watcher's alarm file is not what the watcher writes"
)

// AlarmFile reads the alarm that the institution's watcher raises in a file: none when the file is not there. Whatever else is wrong with it closes everything. With within,
// a heartbeat older than that does so too.
func AlarmFile(path string, within time.Duration, now func() time.Time) func() ledger.Alarm {
	return func() ledger.Alarm {
		alarm := alarmIn(path)
		if alarm.Ledger == "" && within > 0 {
			alarm.Ledger = silence(filepath.Join(filepath.Dir(path), heartbeatFile), within, now())
		}
		return explained(alarm)
	}
}

// explained puts before each sentence what it closes.
func explained(alarm ledger.Alarm) ledger.Alarm {
	if alarm.Ledger != "" {
		return ledger.Alarm{Ledger: closedBecause + alarm.Ledger}
	}
	for institution, why := range alarm.Institutions {
		alarm.Institutions[institution] = fmt.Sprintf(closedOnBecause, institution) + why
	}
	return alarm
}

func alarmIn(path string) ledger.Alarm {
	// Looked at before it is opened: opening a pipe would wait for whoever writes to it.
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !dangling(path):
		return ledger.Alarm{}
	case err != nil || !info.Mode().IsRegular():
		return ledger.Alarm{Ledger: unreadable}
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ledger.Alarm{} // taken away just now
	}
	if err != nil {
		return ledger.Alarm{Ledger: unreadable}
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxAlarmBytes+1))
	if err != nil || len(text) > maxAlarmBytes {
		return ledger.Alarm{Ledger: notOurs}
	}
	return parseAlarm(text)
}

// parseAlarm reads what the watcher writes; whatever it does not write closes everything.
func parseAlarm(text []byte) ledger.Alarm {
	var told struct {
		Alarm        string            `json:"alarm"`
		Sentence     string            `json:"sentence"`
		Ledger       bool              `json:"ledger"`
		Institutions map[string]string `json:"institutions"`
	}
	if json.Unmarshal(text, &told) != nil || told.Sentence == "" {
		return ledger.Alarm{Ledger: notOurs}
	}
	switch {
	case told.Alarm == formerAlarm, told.Alarm == AlarmFormat && told.Ledger:
		return ledger.Alarm{Ledger: bounded(told.Sentence)}
	case told.Alarm != AlarmFormat || len(told.Institutions) == 0:
		return ledger.Alarm{Ledger: notOurs}
	}
	for institution, why := range told.Institutions {
		if institution == "" || why == "" {
			return ledger.Alarm{Ledger: notOurs}
		}
		told.Institutions[institution] = bounded(why)
	}
	return ledger.Alarm{Institutions: told.Institutions}
}

func bounded(sentence string) string {
	if runes := []rune(sentence); len(runes) > maxAlarmSentence {
		return string(runes[:maxAlarmSentence])
	}
	return sentence
}

// dangling tells whether a link stands at path that leads nowhere.
func dangling(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func silence(path string, within time.Duration, now time.Time) string {
	info, err := os.Stat(path)
	if err != nil {
		return "the watcher has not been heard of"
	}
	if ago := now.Sub(info.ModTime()); ago > within {
		return fmt.Sprintf("the watcher was last heard of %d s ago, and has to be every %d s", int(ago.Seconds()), int(within.Seconds()))
	}
	return ""
}

// closed refuses with LEDGER_ALARM what is not endorsed while there is an alarm: everything, or what rests on the institutions that it names, by what the transaction has read
// and written so far and by who calls. What takes access away is always endorsed.
func closed(tx *ledger.Tx, chosen transaction.Entry, takesAway bool) error {
	if !chosen.Writes || takesAway || !tx.Alarm.Closes() {
		return nil
	}
	caller, err := tx.InstitutionOfCaller()
	if err != nil {
		return err
	}
	why := tx.Alarm.Against(append(tx.RestsOn(), caller)...)
	if why == "" {
		return nil
	}
	return refusal.New(refusal.LedgerAlarm, "%s", why).Hinting("the institution's operator sees more with: medconsent watch status --folder, and the folder that the chaincode's MEDCONSENT_ALARM_FILE is in")
}
