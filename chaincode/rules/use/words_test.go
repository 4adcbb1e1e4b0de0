package use_test

import (
	"strings"
	"testing"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/rulestest"
	"medconsent.org/chaincode/rules/use"
)

func TestTheStatementInWords(t *testing.T) {
	policy := records.Policy{ExclusionPeriodSeconds: rulestest.Day, Deidentification: &records.Deidentification{
		Terms: []string{"anonymous"}, Tables: &records.TableDemands{K: 5, L: 2}, Images: &records.ImageDemands{FacesRemoved: true, CheckedAtLeast: 3}}}
	words := strings.Join(use.Words(policy), "\n")
	for _, part := range []string{"left out within 1 day", "stated to be anonymous", "k of at least 5", "l of at least 2", "Faces are stated", "looked at 3 volumes"} {
		if !strings.Contains(words, part) {
			t.Errorf("%q is not in %s", part, words)
		}
	}
	if _, added := use.Differences(records.Policy{}, policy); len(added) < 6 {
		t.Error(added)
	}
}

func TestWordsOfWhoIsShutOut(t *testing.T) {
	const saerom, hanbit = "saerom itself can never be granted access: its own committee has no vote on its own request.", "hanbit itself can never be granted access: its own committee has no vote on its own request."
	policy := rulestest.NewScene(rulestest.Stage("hanbit", "dac", 1), rulestest.Stage("saerom", "ethics", 1), rulestest.Stage("saerom", "dac", 1)).Policy
	policy.Use = []records.Alternative{{Permission: "GRU"}}
	said := func(sentence string) (times int) {
		for _, other := range use.Words(policy) {
			if other == sentence {
				times++
			}
		}
		return times
	}
	if said(saerom) != 1 || said(hanbit) != 1 {
		t.Error(use.Words(policy))
	}
	policy.Recipients = []string{"nuri", "saerom"} // hanbit may not ask at all
	if said(saerom) != 1 || said(hanbit) != 0 {
		t.Error(use.Words(policy))
	}
	policy.OwnInstitutionVotes = true
	if said(saerom)+said(hanbit) != 0 {
		t.Error(use.Words(policy))
	}
}
