package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
)

type trailArgument struct {
	transaction.Page
	Dataset string `json:"dataset"`
}

func (a trailArgument) Check(c *input.Checker) {
	a.Page.Check(c)
	c.Dataset("dataset", a.Dataset)
}

// trail lists every record of a dataset with its changes. The votes on a request follow it: they stand in their institutions' posts, in no index.
func trail(tx *ledger.Tx, a trailArgument) (any, error) {
	items, bookmark, err := tx.Trail(a.Dataset, a.Of())
	if err != nil {
		return nil, err
	}
	listed := make([]any, 0, len(items))
	for _, item := range items {
		listed = append(listed, item)
		votes, err := votesOn(tx, item)
		if err != nil {
			return nil, err
		}
		listed = append(listed, votes...)
	}
	return transaction.Listed(listed, bookmark, nil)
}

// votesOn shows the votes on a request, in the order in which they were given; none of anything else.
func votesOn(tx *ledger.Tx, item any) ([]any, error) {
	view, ok := item.(ledger.View)
	if !ok || !strings.HasPrefix(view.Key, records.RequestType+"/") {
		return nil, nil
	}
	var request records.Record[records.Request]
	if err := json.Unmarshal(view.Record, &request); err != nil {
		return nil, err
	}
	votes, err := evidence.VotesOn(tx, request)
	slices.SortStableFunc(votes, func(a, b *ledger.Sealed[records.Vote]) int {
		return cmp.Compare(a.Record.CreatedAt(), b.Record.CreatedAt())
	})
	shown := make([]any, 0, len(votes))
	for _, vote := range votes {
		shown = append(shown, vote.View())
	}
	return shown, err
}
