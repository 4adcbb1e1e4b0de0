package review

import (
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/machines"
)

// Delegation is a delegation as its record has it. A vote names how many changes the record had, and a later change is as if it had not been made.
type Delegation struct {
	Body records.Delegation
	// Ended is the place, from 1, of the change that ended it; zero when none did.
	Ended int64
	// MemberKey is the key by which the member made it.
	MemberKey string
	// changes are those of its record.
	changes []records.Change
	// own is whether the member made it, and for a time that the contract allows.
	own bool
}

// NewDelegation takes a record as it stands. An institution seals its own delegations, and its chaincode may not be ours.
func NewDelegation(record records.Record[records.Delegation]) Delegation {
	body := record.Body
	d := Delegation{Body: body, changes: record.Changes, own: len(record.Changes) > 0 && body.From < body.Until && int64(body.Until-body.From) <= records.MaxDelegationSeconds && body.Member != body.Deputy}
	if d.own {
		by := record.Changes[0].By
		d.MemberKey = by.Key
		d.own = by.Institution == body.Institution && by.ID == body.Member
	}
	for i, change := range record.Changes {
		if change.Action == records.DelegationType+".ended" && d.Ended == 0 {
			d.Ended = int64(i + 1)
		}
	}
	if record.Status != records.Active && d.Ended == 0 {
		d.Ended = 1
	}
	return d
}

// Digest is that of the delegation when its record had so many changes: what it says, by which key it was made, and by which changes it had become so.
func (d Delegation) Digest(changes int64) string {
	return digestOf(struct {
		Body    records.Delegation `json:"body"`
		Changes []records.Change   `json:"changes"`
	}{d.Body, d.changes[:max(0, min(changes, int64(len(d.changes))))]})
}

// Lets tells whether the delegation lets a deputy vote by a key in a role for a member at a moment, when its record had so many changes.
func (d Delegation) Lets(deputy records.Person, key, role, member string, at records.Time, changes int64) bool {
	b := d.Body
	return d.own && b.Institution == deputy.Institution && b.Deputy == deputy.ID && b.DeputyKey == key && key != "" && b.Role == role && b.Member == member &&
		b.From <= at && at < b.Until && changes >= 1 && (d.Ended == 0 || changes < d.Ended)
}

// DelegationStateAt says where a delegation stands at a moment. One that was ended stays so.
func DelegationStateAt(record records.Record[records.Delegation], at records.Time) machines.DelegationState {
	switch {
	case NewDelegation(record).Ended != 0:
		return machines.DelegationEnded
	case at < record.Body.From:
		return machines.DelegationPlanned
	case at >= record.Body.Until:
		return machines.DelegationExpired
	}
	return machines.DelegationActive
}
