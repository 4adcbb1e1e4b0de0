package catalog_test

import (
	"slices"
	"testing"

	"medconsent.org/chaincode/contract/sample"
)

func TestTrail(t *testing.T) {
	w := sample.New(t)
	w.Granted()
	w.Submitted()
	types := []string{}
	bookmark := ""
	for {
		page := w.Ask("audit.trail", object{"dataset": "hanbit/breast-cancer", "page_size": 2, "bookmark": bookmark})
		types = append(types, sample.Ids(page, "record", "type")...)
		if bookmark = page["bookmark"].(string); bookmark == "" {
			break
		}
	}
	slices.Sort(types)
	w.Expect(types, []string{"dataset", "grant", "ground", "policy", "request", "request", "version", "vote", "vote", "vote"})
	w.Expect(len(w.Ask("audit.trail", object{"dataset": "hanbit/none"})["items"].([]any)), 0)
}
