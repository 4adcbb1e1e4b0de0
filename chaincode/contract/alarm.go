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
	AlarmFormat = "medconsent/alarm/1"
	// heartbeatFile stands beside the alarm file; the watcher touches it when it has judged everything.
	heartbeatFile = "heartbeat"

	maxAlarmBytes    = 64 << 10
	maxAlarmSentence = 1000
	closedBecause    = "decisions of this institution are closed: "
)

// AlarmFile reads the alarm that the institution's watcher raises in a file: "" when the file is not there. Whatever else is wrong with it counts as an
// alarm. With within, a heartbeat older than that closes too.
func AlarmFile(path string, within time.Duration, now func() time.Time) func() string {
	return func() string {
		if sentence := alarmIn(path); sentence != "" {
			return closedBecause + sentence
		}
		if within <= 0 {
			return ""
		}
		if sentence := silence(filepath.Join(filepath.Dir(path), heartbeatFile), within, now()); sentence != "" {
			return closedBecause + sentence
		}
		return ""
	}
}

func alarmIn(path string) string {
	// Looked at before it is opened: opening a pipe would wait for whoever writes to it.
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !dangling(path):
		return ""
	case err != nil || !info.Mode().IsRegular():
		return "the watcher's alarm file cannot be read"
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "" // taken away just now
	}
	if err != nil {
		return "the watcher's alarm file cannot be read"
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxAlarmBytes+1))
	var alarm struct {
		Alarm    string `json:"alarm"`
		Sentence string `json:"sentence"`
	}
	if err != nil || len(text) > maxAlarmBytes || json.Unmarshal(text, &alarm) != nil || alarm.Alarm != AlarmFormat || alarm.Sentence == "" {
		return "the watcher's alarm file is not what the watcher writes"
	}
	if sentence := []rune(alarm.Sentence); len(sentence) > maxAlarmSentence {
		return string(sentence[:maxAlarmSentence])
	}
	return alarm.Sentence
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

// alarm lets the transaction know of an alarm, and refuses with LEDGER_ALARM what is not endorsed while there is one.
func (c *Contract) alarm(tx *ledger.Tx, chosen transaction.Entry) error {
	if c.Alarm == nil {
		return nil
	}
	tx.Alarm = c.Alarm()
	if tx.Alarm == "" || !chosen.Writes || chosen.Ends {
		return nil
	}
	return refusal.New(refusal.LedgerAlarm, "%s", tx.Alarm).Hinting("the institution's operator sees more with: medconsent watch status --folder, and the folder that the chaincode's MEDCONSENT_ALARM_FILE is in")
}
