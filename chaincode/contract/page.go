package contract

import (
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/rules"
)

const (
	defaultPageSize = 25
	maxPageSize     = 100
)

// pageArgument is part of the argument of every list.
type pageArgument struct {
	PageSize *int64 `json:"page_size"`
	Bookmark string `json:"bookmark"`
}

func (p pageArgument) check(c *input.Checker) {
	if p.PageSize != nil {
		c.Between("page_size", *p.PageSize, 1, maxPageSize)
	}
	c.Require(len(p.Bookmark) <= 1000, "bookmark", "it is not a bookmark of ours")
}

func (p pageArgument) page() ledger.Page {
	page := ledger.Page{Size: defaultPageSize, Bookmark: p.Bookmark}
	if p.PageSize != nil {
		page.Size = int(*p.PageSize)
	}
	return page
}

// listAnswer is one page. The list ends when the bookmark is empty; a page may hold fewer items than asked for and still have one.
type listAnswer struct {
	Items    []any  `json:"items"`
	Bookmark string `json:"bookmark"`
}

func listed(items []any, bookmark string, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return listAnswer{items, bookmark}, nil
}

// stateFilter checks the state that a list is to be narrowed to; empty is any.
func stateFilter[S ~string](c *input.Checker, state string, machine rules.Machine[S]) {
	if state == "" {
		return
	}
	names := make([]string, 0, len(machine.States))
	for _, known := range machine.Names() {
		names = append(names, string(known))
	}
	c.OneOf("state", state, names)
}
