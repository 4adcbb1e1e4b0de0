package offices

import (
	"slices"
	"strings"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
)

type institutionArgument struct {
	Title   string   `json:"title"`
	Country string   `json:"country"`
	Contact string   `json:"contact"`
	Roles   []string `json:"roles"`
}

func (a institutionArgument) Check(c *input.Checker) {
	c.Body(records.Institution(a))
	c.Given(a.Roles != nil, "roles")
}

// setInstitution writes the caller's own institution's record.
func setInstitution(tx *ledger.Tx, a institutionArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	if err := caller.Need("operator"); err != nil {
		return nil, err
	}
	finding, err := evidence.FindInstitution(tx, caller.Institution)
	if err != nil {
		return nil, err
	}
	standing, err := finding.Maybe()
	if err != nil {
		return nil, err
	}
	body := records.Institution(a)
	var written *ledger.Sealed[records.Institution]
	if standing == nil {
		written, err = ledger.Create(tx, caller.By, caller.Institution, body, records.Active, "")
	} else {
		written, err = ledger.Update(tx, caller.By, standing, body, records.Active, "updated", differences(standing.Record.Body, body))
	}
	if err != nil {
		return nil, err
	}
	return written.Raw, nil
}

func differences(was, is records.Institution) string {
	var changed []string
	for _, member := range []struct {
		name string
		same bool
	}{
		{"title", was.Title == is.Title}, {"country", was.Country == is.Country},
		{"contact", was.Contact == is.Contact}, {"roles", slices.Equal(was.Roles, is.Roles)},
	} {
		if !member.same {
			changed = append(changed, member.name)
		}
	}
	if changed == nil {
		return "nothing"
	}
	return strings.Join(changed, ", ")
}

type institutionName struct {
	Institution string `json:"institution"`
}

func (a institutionName) Check(c *input.Checker) { c.Institution("institution", a.Institution) }

func getInstitution(tx *ledger.Tx, a institutionName) (any, error) {
	finding, err := evidence.FindInstitution(tx, a.Institution)
	return transaction.ViewOf(finding, err)
}

func listInstitutions(tx *ledger.Tx, a transaction.Page) (any, error) {
	return transaction.Listed(ledger.List(tx, records.Institutions(), a.Of(), transaction.ShowView[records.Institution]))
}
