package contract

import (
	"slices"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

type revokeArgument struct {
	Grant  string `json:"grant"`
	Reason string `json:"reason"`
}

func (a revokeArgument) check(c *input.Checker) {
	c.TxPrefix("grant", a.Grant)
	c.Text("reason", a.Reason, 1, 500)
}

// revokeGrant ends a grant. Only keys that exist are written, so the owner's endorsement alone is enough: nobody can hold a revocation back.
func revokeGrant(tx *ledger.Tx, a revokeArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	if err := caller.Need("steward", "privacy"); err != nil {
		return nil, err
	}
	grant, err := tx.Grant(a.Grant)
	if err != nil {
		return nil, err
	}
	if grant.Record.Owner != caller.Institution {
		return nil, refusal.New(refusal.Forbidden, "the grant is %s's to revoke, and %s is of %s", grant.Record.Owner, caller.ID, caller.Institution)
	}
	switch rules.GrantStateAt(grant.Record, tx.Now()) {
	case rules.GrantRevoked:
		return nil, refusal.New(refusal.Decided, "the grant was revoked at %s", grant.Record.UpdatedAt)
	case rules.GrantExpired:
		return nil, refusal.New(refusal.Expired, "the grant ended at %s", grant.Record.Body.Until)
	}
	written, err := ledger.Update(tx, caller.By, grant, grant.Record.Body, records.Revoked, "revoked", a.Reason)
	if err != nil {
		return nil, err
	}
	return written.Raw, nil
}

type grantName struct {
	Grant string `json:"grant"`
}

func (a grantName) check(c *input.Checker) { c.TxPrefix("grant", a.Grant) }

type grantAnswer struct {
	Grant ledger.View      `json:"grant"`
	State rules.GrantState `json:"state"`
	Why   string           `json:"why,omitzero"`
}

// showGrant derives the state. Whether a later policy has ended the grant is asked only of one that has not ended otherwise.
func showGrant(tx *ledger.Tx, grant *ledger.Sealed[records.Grant]) (grantAnswer, error) {
	answer := grantAnswer{Grant: grant.View(), State: rules.GrantStateAt(grant.Record, tx.Now())}
	if answer.State != rules.GrantActive && answer.State != rules.GrantPending {
		return answer, nil
	}
	reason, err := narrowed(tx, grant, tx.Now())
	if reason != nil && reason.Code == rules.PolicyNarrowed {
		answer.State, answer.Why = rules.GrantNarrowed, reason.Message
	}
	return answer, err
}

func getGrant(tx *ledger.Tx, a grantName) (any, error) {
	grant, err := tx.Grant(a.Grant)
	if err != nil {
		return nil, err
	}
	answer, err := showGrant(tx, grant)
	if err != nil {
		return nil, err
	}
	return answer, nil
}

type grantFilter struct {
	pageArgument
	Owner   string `json:"owner"`
	Holder  string `json:"holder"`
	Dataset string `json:"dataset"`
	State   string `json:"state"`
}

func (a grantFilter) check(c *input.Checker) {
	a.pageArgument.check(c)
	if a.Owner != "" {
		c.Institution("owner", a.Owner)
	}
	if _, _, person := records.SplitPerson(a.Holder); a.Holder != "" && !person {
		c.Institution("holder", a.Holder)
	}
	if a.Dataset != "" {
		c.Dataset("dataset", a.Dataset)
	}
	if a.State != "" {
		c.Require(slices.Contains(rules.GrantStates, rules.GrantState(a.State)), "state", "it is not one of active, pending, expired, revoked, narrowed")
	}
}

// holder is the institution, and the person there when one was named.
func (a grantFilter) holder() (institution, person string) {
	if institution, person, ok := records.SplitPerson(a.Holder); ok {
		return institution, person
	}
	return a.Holder, ""
}

// listing chooses the index that leads to the fewest others.
func (a grantFilter) listing() ledger.Listing {
	institution, person := a.holder()
	switch {
	case person != "":
		return ledger.GrantsByPerson(a.Holder, a.Dataset)
	case a.Dataset != "":
		return ledger.GrantsByDataset(a.Dataset)
	case institution != "":
		return ledger.GrantsByHolder(institution)
	case a.Owner != "":
		return ledger.GrantsByOwner(a.Owner)
	}
	return ledger.AllGrants()
}

func (a grantFilter) wants(grant grantAnswer, record records.Record[records.Grant]) bool {
	institution, person := a.holder()
	return (a.Owner == "" || a.Owner == record.Owner) && (a.Dataset == "" || a.Dataset == record.Body.Dataset) &&
		(institution == "" || institution == record.Body.Institution) && (person == "" || slices.Contains(record.Body.Grantees, person)) &&
		(a.State == "" || a.State == string(grant.State))
}

func listGrants(tx *ledger.Tx, a grantFilter) (any, error) {
	return listed(ledger.List(tx, a.listing(), a.page(), func(tx *ledger.Tx, grant *ledger.Sealed[records.Grant]) (any, bool, error) {
		answer, err := showGrant(tx, grant)
		return answer, a.wants(answer, grant.Record), err
	}))
}
