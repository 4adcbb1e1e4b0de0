package review_test

import (
	"strings"
	"testing"

	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/rulestest"
)

func TestOneApprovalOfNobody(t *testing.T) {
	single := rulestest.NewScene(rulestest.Stage("hanbit", "dac", 1))
	got := review.Unmeetable(single.Policy, single.Rosters, review.Electorate{}, 50)
	if len(got) != 1 || !strings.Contains(got[0].Message, "1 approval") || strings.Contains(got[0].Message, "1 approvals") {
		t.Errorf("%v", got)
	}
}
