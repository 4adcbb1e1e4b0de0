package transaction

import (
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/rules/machines"
)

const (
	defaultPageSize = 25
	maxPageSize     = 100
)

// Page is part of the argument of every list.
type Page struct {
	PageSize *int64 `json:"page_size"`
	Bookmark string `json:"bookmark"`
}

// Check checks the part of a list's argument that says which page.
func (p Page) Check(c *input.Checker) {
	if p.PageSize != nil {
		c.Between("page_size", *p.PageSize, 1, maxPageSize)
	}
	c.Require(len(p.Bookmark) <= 1000, "bookmark", "it is not a bookmark of ours")
}

// Of is the page that is asked for, with the usual size when none is.
func (p Page) Of() ledger.Page {
	page := ledger.Page{Size: defaultPageSize, Bookmark: p.Bookmark}
	if p.PageSize != nil {
		page.Size = int(*p.PageSize)
	}
	return page
}

// ListAnswer is one page. The list ends when the bookmark is empty; a page may hold fewer items than asked for and still have one.
type ListAnswer struct {
	Items    []any  `json:"items"`
	Bookmark string `json:"bookmark"`
}

// Listed answers with a page of items.
func Listed(items []any, bookmark string, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return ListAnswer{items, bookmark}, nil
}

// StateFilter checks the state that a list is to be narrowed to; empty is any.
func StateFilter[S ~string](c *input.Checker, state string, machine machines.Machine[S]) {
	if state == "" {
		return
	}
	names := make([]string, 0, len(machine.States))
	for _, known := range machine.Names() {
		names = append(names, string(known))
	}
	c.OneOf("state", state, names)
}
