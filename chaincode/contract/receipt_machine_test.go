package contract_test

import (
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/machines"
)

func TestReceiptMachine(t *testing.T) {
	closes := func(outcome string) attempt {
		return func(w *sample.World, s subject) *refusal.Error {
			return try(w, sample.Gateway, "release.close", object{"receipt": s.grant, "outcome": outcome, "bytes": 10})
		}
	}
	later := func(w *sample.World, _ subject) *refusal.Error {
		w.Later(10 * time.Minute)
		return nil
	}
	opened := func(acts ...attempt) func(*sample.World) subject {
		return func(w *sample.World) subject {
			w.Delivers(sample.Kim)
			s := subject{grant: w.Released(w.Granted(), w.Archived(nil))}
			for _, act := range acts {
				must(act)(w, s)
			}
			return s
		}
	}
	completed, aborted := closes("completed"), closes("aborted")
	walk(t, machines.ReceiptMachine, []situation[machines.ReceiptState]{
		{says: "open", state: machines.ReceiptOpen, by: machines.ActOpen, prepare: opened()},
		{says: "unsettled", state: machines.ReceiptUnsettled, prepare: opened(later)},
		{says: "completed", state: machines.ReceiptCompleted, prepare: opened(completed)},
		{says: "completed late", state: machines.ReceiptCompleted, prepare: opened(later, completed)},
		{says: "aborted", state: machines.ReceiptAborted, prepare: opened(aborted)},
	}, map[string]attempt{machines.ActCompleted: completed, machines.ActAborted: aborted, machines.Time: later}, func(w *sample.World, s subject) (machines.ReceiptState, string) {
		shown := w.Ask("receipt.get", object{"receipt": s.grant})
		w.Expect(shown["unproven"], nil)
		return machines.ReceiptState(shown["state"].(string)), ""
	})
}
