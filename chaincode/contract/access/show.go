package access

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/machines"
)

type grantName struct {
	Grant string `json:"grant"`
}

func (a grantName) Check(c *input.Checker) { c.TxPrefix("grant", a.Grant) }

type grantAnswer struct {
	Grant ledger.View         `json:"grant"`
	State machines.GrantState `json:"state"`
	Why   string              `json:"why,omitzero"`
}

func showGrant(tx *ledger.Tx, grant *ledger.Sealed[records.Grant]) (grantAnswer, error) {
	state, why, err := evidence.Standing(tx, grant)
	return grantAnswer{Grant: grant.View(), State: state, Why: why}, err
}

func getGrant(tx *ledger.Tx, a grantName) (any, error) {
	grant, err := evidence.ReadGrant(tx, a.Grant)
	return transaction.Shown(tx, grant, err, showGrant)
}

type grantFilter struct {
	transaction.Page
	Owner   string `json:"owner"`
	Holder  string `json:"holder"`
	Dataset string `json:"dataset"`
	State   string `json:"state"`
}

func (a grantFilter) Check(c *input.Checker) {
	a.Page.Check(c)
	c.Optional("owner", a.Owner, c.Institution)
	if a.Holder != "" {
		c.Name("holder", a.Holder, records.HolderForm)
	}
	c.Optional("dataset", a.Dataset, c.Dataset)
	transaction.StateFilter(c, a.State, machines.GrantMachine)
}

// holder is the institution, and the person there when one was named.
func (a grantFilter) holder() (institution, person string) {
	if institution, person, ok := records.SplitPerson(a.Holder); ok {
		return institution, person
	}
	return a.Holder, ""
}

// listing chooses the index that leads to the fewest others.
func (a grantFilter) listing() records.Listing {
	institution, person := a.holder()
	switch {
	case person != "":
		return records.GrantsByPerson(a.Holder, a.Dataset)
	case a.Dataset != "":
		return records.GrantsByDataset(a.Dataset)
	case institution != "":
		return records.GrantsByHolder(institution)
	case a.Owner != "":
		return records.GrantsByOwner(a.Owner)
	}
	return records.AllGrants()
}

// asksFor tells whether a grant is one of those that are asked for, wherever it stands.
func (a grantFilter) asksFor(grant *ledger.Sealed[records.Grant]) bool {
	institution, person := a.holder()
	record := grant.Record
	return (a.Owner == "" || a.Owner == record.Owner) && (a.Dataset == "" || a.Dataset == record.Body.Dataset) &&
		(institution == "" || institution == record.Body.Institution) && (person == "" || slices.Contains(record.Body.Grantees, person))
}

func listGrants(tx *ledger.Tx, a grantFilter) (any, error) {
	ahead := func(tx *ledger.Tx, listed []*ledger.Sealed[records.Grant]) error {
		return evidence.AheadOfGrants(tx, slices.DeleteFunc(listed, func(grant *ledger.Sealed[records.Grant]) bool { return !a.asksFor(grant) }))
	}
	return transaction.Listed(ledger.ListAhead(tx, a.listing(), a.Of(), ahead, func(tx *ledger.Tx, grant *ledger.Sealed[records.Grant]) (any, bool, error) {
		if !a.asksFor(grant) {
			return nil, false, nil
		}
		answer, err := showGrant(tx, grant)
		return answer, a.State == "" || a.State == string(answer.State), err
	}))
}

type othersArgument struct {
	transaction.Page
	Grant string `json:"grant"`
}

func (a othersArgument) Check(c *input.Checker) {
	a.Page.Check(c)
	c.TxPrefix("grant", a.Grant)
}

// otherGrant is a grant that gives some of another's people the same dataset.
type otherGrant struct {
	grantAnswer
	People []string `json:"people"`
}

// otherGrants lists what else still gives one of a grant's people the same dataset, person by person: a grant that several of them hold stands with the first. The
// bookmark is the person's place among the grantees, and where their list goes on.
func otherGrants(tx *ledger.Tx, a othersArgument) (any, error) {
	grant, err := evidence.ReadGrant(tx, a.Grant)
	if err != nil {
		return nil, err
	}
	people := grant.Record.Body.Grantees
	place, rest, err := a.place(len(people))
	if err != nil {
		return nil, err
	}
	page := a.Of()
	items, size := []any{}, page.Size
	for ; place < len(people) && len(items) < size; place++ {
		person := records.Person{Institution: grant.Record.Body.Institution, ID: people[place]}
		found, next, err := ledger.ListAhead(tx, records.LastingGrantsOf(person.String(), grant.Record.Body.Dataset, tx.Now()), ledger.Page{Size: size - len(items), Bookmark: rest},
			evidence.AheadOfGrants, func(tx *ledger.Tx, other *ledger.Sealed[records.Grant]) (any, bool, error) {
				return alike(tx, grant, other, person)
			})
		if err != nil {
			return nil, err
		}
		items, rest = append(items, found...), next
		if next != "" {
			break
		}
	}
	if place == len(people) {
		return transaction.Listed(items, "", nil)
	}
	return transaction.Listed(items, fmt.Sprintf("%d.%s", place, rest), nil)
}

// place takes the bookmark apart.
func (a othersArgument) place(people int) (place int, rest string, err error) {
	if a.Bookmark == "" {
		return 0, "", nil
	}
	digits, rest, ok := strings.Cut(a.Bookmark, ".")
	place, err = strconv.Atoi(digits)
	if !ok || err != nil || place < 0 || place >= people {
		return 0, "", refusal.New(refusal.Invalid, "the bookmark is not of this list").At("bookmark").Hinting("start again without one")
	}
	return place, rest, nil
}

// alike shows another grant of a person when it has not ended and this is the first of the shared people, with those who still hold it.
func alike(tx *ledger.Tx, grant, other *ledger.Sealed[records.Grant], person records.Person) (any, bool, error) {
	shared := func(id string) bool { return slices.Contains(other.Record.Body.Grantees, id) }
	first := slices.IndexFunc(grant.Record.Body.Grantees, shared)
	if other.Record.ID == grant.Record.ID || other.Record.Body.Institution != person.Institution || first < 0 || grant.Record.Body.Grantees[first] != person.ID {
		return nil, false, nil
	}
	answer, err := showGrant(tx, other)
	if err != nil || answer.State.Ended() {
		return nil, false, err
	}
	people := slices.DeleteFunc(grants.HoldersAt(other.Record, tx.Now()), func(id string) bool { return !slices.Contains(grant.Record.Body.Grantees, id) })
	return otherGrant{answer, people}, len(people) > 0, nil
}
