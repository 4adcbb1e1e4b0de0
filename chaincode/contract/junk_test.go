package contract_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"medconsent.org/chaincode/contract"
	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
)

// junk is how many worthless keys of others stand in each range that is read; MEDCONSENT_JUNK says another number, and then what each call costs is told.
func junk(t *testing.T) int {
	t.Helper()
	told := os.Getenv("MEDCONSENT_JUNK")
	if told == "" {
		return 300
	}
	count, err := strconv.Atoi(told)
	if err != nil {
		t.Fatal(err)
	}
	return count
}

// amid is the world with that many worthless keys at the beginning of everything that a call reads, and the call's result there and without them.
func amid(w *sample.World, one call, count int) (quiet, crowded *ledgertest.Stub, err error) {
	simulate := func(w *sample.World) (*ledgertest.Stub, error) {
		stub := w.Ledger.Begin(sample.DigestOf("junk"), w.Now, w.Person(one.who))
		stub.Transient = sample.Sent(sample.PlainText, sample.Salt)
		if response := sample.Run(w, stub, one.name, sample.Text(one.argument)); response.Status != 200 {
			return stub, sample.Parsed(w, response.Message)
		}
		return stub, nil
	}
	quiet, err = simulate(w)
	if err != nil {
		return quiet, nil, err
	}
	beside := &sample.World{T: w.T, Ledger: w.Ledger.Clone(), Now: w.Now, Count: w.Count, People: w.People}
	writes := []ledgertest.Write{}
	for _, start := range quiet.Reachable() {
		for i := range count {
			writes = append(writes, sample.Put(fmt.Sprintf("%s00000000%06d", start, i), "junk"))
		}
	}
	beside.Ledger.Attack(writes...)
	crowded, err = simulate(beside)
	return quiet, crowded, err
}

// byPrefix tells whether a call names something by the beginning of its id, which is looked for in a range: clients look it up before they send a change.
func byPrefix(one call) bool {
	for _, member := range []string{"request", "grant", "delegation", "breakglass", "proposal"} {
		if id, _ := one.argument[member].(string); id != "" && !records.IsTx(id) {
			return true
		}
	}
	return false
}

// mostForJunk is how many calls a question may need more amid so many keys: they are read a thousand at once.
func mostForJunk(count int) int { return 20 + 6*count/1_000 }

// Worthless keys of others, wherever a transaction or a query can meet them, refuse nothing; and what changes something costs what it did without them.
func TestJunkOfOthers(t *testing.T) {
	count := junk(t)
	for _, prepare := range []func(*testing.T) (*sample.World, []call){busy, resting} {
		w, calls := prepare(t)
		for _, one := range calls {
			begun := time.Now()
			quiet, crowded, err := amid(w, one, count)
			if err != nil {
				t.Errorf("%s %v: %v", one.name, one.argument, err)
				continue
			}
			entry, _ := contract.EntryOf(one.name)
			if os.Getenv("MEDCONSENT_JUNK") != "" {
				t.Logf("%-20s %4d calls, %4d amid %d keys at %d places, %s", one.name, quiet.RoundTrips, crowded.RoundTrips, count, len(quiet.Reachable()), time.Since(begun).Round(time.Millisecond))
			}
			if entry.Writes && crowded.RoundTrips > quiet.RoundTrips+2*len(quiet.Reachable())*count/10_000 || crowded.RoundTrips > quiet.RoundTrips+len(quiet.Reachable())+mostForJunk(count) {
				t.Errorf("%s: %d calls, and %d amid the junk", one.name, quiet.RoundTrips, crowded.RoundTrips)
			}
			if entry.Writes && (entry.Ends || entry.Alone) && !byPrefix(one) && len(quiet.Reachable()) > 0 {
				t.Errorf("%s takes away, and others can write into what it reads: %v", one.name, quiet.Reachable())
			}
		}
	}
}
