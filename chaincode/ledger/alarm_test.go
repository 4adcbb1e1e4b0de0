package ledger_test

import (
	"testing"

	"medconsent.org/chaincode/ledger"
)

func TestAnAlarmIsAgainstWhatRestsOnWhomItNames(t *testing.T) {
	none, whole := ledger.Alarm{}, ledger.Alarm{Ledger: "all"}
	some := ledger.Alarm{Institutions: map[string]string{"nuri": "a policy", "saerom": "a root"}}
	for _, one := range []struct {
		alarm ledger.Alarm
		on    []string
		want  string
	}{
		{none, []string{"nuri"}, ""}, {none, nil, ""},
		{whole, []string{"hanbit"}, "all"}, {whole, nil, "all"},
		{some, []string{"hanbit"}, ""}, {some, nil, ""}, {some, []string{"hanbit", "nuri"}, "a policy"}, {some, []string{"saerom", "nuri"}, "a policy"},
	} {
		if got := one.alarm.Against(one.on...); got != one.want {
			t.Errorf("%v against %v: %q, not %q", one.alarm, one.on, got, one.want)
		}
	}
}
