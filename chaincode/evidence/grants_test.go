package evidence_test

import (
	"testing"
	"time"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/grants"
)

// The rules know no ledger; how far two honest clocks can be apart is what the ledger tolerates, twice.
func TestHowFarClocksCanBeApart(t *testing.T) {
	if grants.ClocksApart != records.Time(2*ledger.ClockTolerance/time.Second) {
		t.Errorf("the rules say %d seconds, and the ledger tolerates %s each way", grants.ClocksApart, ledger.ClockTolerance)
	}
}
