package access

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/machines"
)

// maxOthers bounds how many grants one revocation ends besides its own.
const maxOthers = 50

type revokeArgument struct {
	Grant  string   `json:"grant"`
	Reason string   `json:"reason"`
	Others []string `json:"others"`
}

func (a revokeArgument) Check(c *input.Checker) {
	c.TxPrefix("grant", a.Grant)
	c.Text("reason", a.Reason, 1, 500)
	c.List("others", a.Others, 0, maxOthers, c.Tx)
}

// revokeGrant ends a grant, and others with it: all of them or none. Only keys that exist are written, and a grant that is named by its whole id is read by its key,
// so the owner's endorsement alone is enough and nobody can hold a revocation back.
func revokeGrant(tx *ledger.Tx, a revokeArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	if err := caller.Need("steward", "privacy"); err != nil {
		return nil, err
	}
	grant, err := ownGrant(tx, caller, a.Grant)
	if err != nil {
		return nil, err
	}
	if err := evidence.RefuseByRecord(machines.ActRevoke, grant.Record, tx.Now()); err != nil {
		return nil, err
	}
	others, err := otherOnes(tx, caller, grant.Record.ID, a.Others)
	if err != nil {
		return nil, err
	}
	written, err := ledger.End(tx, caller.By, grant, grant.Record.Body, records.Revoked, "revoked", a.Reason)
	if err != nil {
		return nil, err
	}
	for _, other := range others {
		if _, err := ledger.End(tx, caller.By, other, other.Record.Body, records.Revoked, "revoked", a.Reason); err != nil {
			return nil, err
		}
	}
	return written.Raw, nil
}

type endedGrant struct {
	Grant string              `json:"grant"`
	State machines.GrantState `json:"state"`
}

// otherOnes reads the grants that are to end with another, and refuses with DECIDED when some have ended already, naming each.
func otherOnes(tx *ledger.Tx, caller ledger.Caller, first string, ids []string) ([]*ledger.Sealed[records.Grant], error) {
	held := make([]*ledger.Sealed[records.Grant], 0, len(ids))
	for _, id := range ids {
		if id == first {
			return nil, refusal.New(refusal.Invalid, "grant %.12s is named twice", id).At("others")
		}
		grant, err := ownGrant(tx, caller, id)
		if err != nil {
			return nil, err
		}
		held = append(held, grant)
	}
	var ended []any
	for _, grant := range held {
		if state := grants.GrantStateAt(grant.Record, tx.Now()); state.Ended() {
			ended = append(ended, endedGrant{grant.Record.ID, state})
		}
	}
	if len(ended) > 0 {
		return nil, refusal.New(refusal.Decided, "%d of the other grants %s ended already, so none was revoked", len(ended), rules.Plural(len(ended), "has", "have")).At("others").With(ended...).
			Hinting("leave them out; grant.others lists those that have not")
	}
	return held, nil
}

// ownGrant reads a grant on one of the caller's institution's datasets.
func ownGrant(tx *ledger.Tx, caller ledger.Caller, id string) (*ledger.Sealed[records.Grant], error) {
	grant, err := evidence.ReadGrant(tx, id)
	if err != nil {
		return nil, err
	}
	if grant.Record.Owner != caller.Institution {
		return nil, refusal.New(refusal.Forbidden, "the grant is on data of %s, and %s is of %s", grant.Record.Owner, caller.ID, caller.Institution)
	}
	return grant, nil
}

type reasonedGrant struct {
	Grant  string `json:"grant"`
	Reason string `json:"reason"`
}

func (a reasonedGrant) Check(c *input.Checker) {
	c.TxPrefix("grant", a.Grant)
	c.Text("reason", a.Reason, 1, 500)
}

// suspendGrant stops a grant until it is lifted.
func suspendGrant(tx *ledger.Tx, a reasonedGrant) (any, error) {
	return setAside(tx, a, machines.ActSuspend, records.Suspended, "suspended")
}

// liftSuspension lets a suspended grant go on. A privacy officer of the owner can, with a second officer.
func liftSuspension(tx *ledger.Tx, a reasonedGrant) (any, error) {
	return setAside(tx, a, machines.ActLift, records.Active, "lifted")
}

func setAside(tx *ledger.Tx, a reasonedGrant, act string, status records.Status, action string) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	if err := caller.Need("privacy"); err != nil {
		return nil, err
	}
	grant, err := ownGrant(tx, caller, a.Grant)
	if err != nil {
		return nil, err
	}
	if err := evidence.RefuseByRecord(act, grant.Record, tx.Now()); err != nil {
		return nil, err
	}
	if status == records.Active {
		body := grant.Record.Body
		tx.Widens(fmt.Sprintf("grant %s of %s on %s goes on", grant.Record.ID, body.Institution, records.Numbered(body.Dataset, '@', body.Version)))
	}
	return transaction.Written(ledger.Update(tx, caller.By, grant, grant.Record.Body, status, action, a.Reason))
}

type relinquishArgument struct {
	Grant  string `json:"grant"`
	Reason string `json:"reason"`
}

func (a relinquishArgument) Check(c *input.Checker) {
	c.TxPrefix("grant", a.Grant)
	c.Text("reason", a.Reason, 0, 500)
}

// relinquishGrant gives a grant back: for all when the caller asked for it, or is the last who holds it; otherwise for the caller alone.
func relinquishGrant(tx *ledger.Tx, a relinquishArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	grant, err := evidence.ReadGrant(tx, a.Grant)
	if err != nil {
		return nil, err
	}
	asked, err := askedFor(tx, grant.Record.Body, caller.Person())
	if err != nil {
		return nil, err
	}
	if !asked && !holds(grant.Record, caller.Person()) {
		return nil, refusal.New(refusal.Forbidden, "%s neither asked for grant %.12s nor is one of its grantees", caller.Person(), grant.Record.ID)
	}
	act := machines.ActRelinquish
	if !asked {
		act = machines.ActLeave
	}
	if err := evidence.RefuseByRecord(act, grant.Record, tx.Now()); err != nil {
		return nil, err
	}
	if !asked && grants.LeftAt(grant.Record, caller.ID, tx.Now()) {
		return nil, refusal.New(refusal.Decided, "%s has given up grant %.12s already", caller.Person(), grant.Record.ID)
	}
	if !asked && !slices.Equal(grants.HoldersAt(grant.Record, tx.Now()), []string{caller.ID}) {
		return transaction.Written(ledger.Update(tx, caller.By, grant, grant.Record.Body, grant.Record.Status, "left", a.Reason))
	}
	return transaction.Written(ledger.End(tx, caller.By, grant, grant.Record.Body, records.Relinquished, "relinquished", a.Reason))
}

// holds tells whether a person is one of the grantees.
func holds(grant records.Record[records.Grant], person records.Person) bool {
	return person.Institution == grant.Body.Institution && slices.Contains(grant.Body.Grantees, person.ID)
}

// askedFor tells whether a person asked for a grant: made its request, or is one of those for whom glass was broken. When the request cannot be read nobody is known
// to have asked.
func askedFor(tx *ledger.Tx, grant records.Grant, person records.Person) (bool, error) {
	if person.Institution != grant.Institution {
		return false, nil
	}
	if grant.Breakglass != "" || !records.IsTx(grant.Request) {
		return slices.Contains(grant.Grantees, person.ID), nil
	}
	request, err := evidence.ReadRequest(tx, grant.Request)
	if refusal.Is(err, refusal.Forged) || refusal.Is(err, refusal.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return request.Record.Body.Requester == person, nil
}
