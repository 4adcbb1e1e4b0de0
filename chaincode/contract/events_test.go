package contract_test

import (
	"strings"
	"testing"

	"medconsent.org/chaincode/contract/sample"
)

func TestEvents(t *testing.T) {
	w := sample.New(t)
	w.Granted()
	// granted ends with the vote that completes the approval
	stub, _, _ := w.Simulate(sample.Kim, "request.submit", sample.Text(w.Request()))
	w.Expect(stub.EventName, "request.submit")
	payload := string(stub.EventPayload)
	for _, part := range []string{`"action":"request.created"`, `"owner":"nuri"`, `"at":"2026-11-24T10:00:00Z"`, `"tx":"` + stub.GetTxID()} {
		w.Expect(strings.Contains(payload, part), true)
	}
	w.Expect(strings.Contains(payload, "early signs"), false)
}
