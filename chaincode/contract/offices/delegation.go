package offices

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/review"
)

type delegateArgument struct {
	Role   string `json:"role"`
	Deputy string `json:"deputy"`
	// DeputyKey is the key of the deputy that it counts for; without it, the one that stands on the ledger.
	DeputyKey string       `json:"deputy_key"`
	From      records.Time `json:"from"`
	Until     records.Time `json:"until"`
	Reason    string       `json:"reason"`
}

func (a delegateArgument) Check(c *input.Checker) {
	c.Body(a.body())
}

// body is what is stated of the delegation; whose it is and of which institution the certificate says.
func (a delegateArgument) body() records.Delegation {
	return records.Delegation{Role: a.Role, Deputy: a.Deputy, DeputyKey: a.DeputyKey, From: a.From, Until: a.Until, Reason: a.Reason}
}

// delegate lets somebody of the caller's institution vote in the caller's place for some time. The deputy has no seat by it, and so cannot delegate in turn.
func delegate(tx *ledger.Tx, a delegateArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	if err := caller.Need(a.Role); err != nil {
		return nil, err
	}
	finding, err := evidence.FindCommittee(tx, caller.Institution, a.Role)
	if err != nil {
		return nil, err
	}
	committee, err := finding.Must()
	if err != nil {
		return nil, err
	}
	if err := mayDelegate(caller, review.NewRoster(committee.Record), a, tx.Now()); err != nil {
		return nil, err
	}
	if a.From != 0 && a.From < tx.Time {
		return nil, refusal.New(refusal.Invalid, "a delegation cannot begin in the past (%s)", a.From).At("from").Hinting("leave from out: it then begins now")
	}
	if a.DeputyKey == "" {
		key, err := evidence.ActiveKey(tx, caller.Institution, a.Deputy)
		if err != nil {
			return nil, err
		}
		a.DeputyKey = key.Record.Body.Fingerprint
	}
	if committee := committee.Record; review.NewRoster(committee).HasKey(a.DeputyKey, tx.Now()) {
		return nil, refusal.New(refusal.Invalid, "somebody sits on %s by that key, and one person has one vote", committee.ID).At("deputy_key").Hinting("name somebody without a seat")
	}
	body := a.body()
	body.Institution, body.Member, body.From = caller.Institution, caller.ID, max(a.From, tx.Now())
	if body.Until <= body.From {
		return nil, refusal.New(refusal.Invalid, "the delegation would end (%s) before it begins (%s)", body.Until, body.From).At("until")
	}
	if body.Until > body.From.Add(records.MaxDelegationSeconds) {
		return nil, refusal.New(refusal.LimitExceeded, "a delegation lasts at most %d days", records.MaxDelegationSeconds/(24*60*60)).At("until").
			Hinting("a member who is away for longer gives up the seat (committee.set)")
	}
	return transaction.Written(ledger.Create(tx, caller.By, tx.ID, body, records.Active, ""))
}

// mayDelegate refuses with FORBIDDEN who has no seat, and with INVALID a deputy who has one, or is the member.
func mayDelegate(caller ledger.Caller, roster review.Roster, a delegateArgument, at records.Time) error {
	committee := records.CommitteeID(caller.Institution, a.Role)
	switch {
	case !roster.Seated(caller.ID, caller.Key, at):
		return refusal.New(refusal.Forbidden, "%s has no seat on %s at %s by the key that signed this, and nothing to delegate", caller.ID, committee, at)
	case a.Deputy == caller.ID:
		return refusal.New(refusal.Invalid, "nobody is their own deputy").At("deputy")
	case roster.Sits(a.Deputy, at):
		return refusal.New(refusal.Invalid, "%s has a seat on %s, and one person has one vote", a.Deputy, committee).At("deputy").Hinting("name somebody without a seat")
	}
	return nil
}

type undelegateArgument struct {
	Delegation string `json:"delegation"`
	Reason     string `json:"reason"`
}

func (a undelegateArgument) Check(c *input.Checker) {
	c.TxPrefix("delegation", a.Delegation)
	c.Text("reason", a.Reason, 0, 500)
}

// undelegate ends a delegation. Only the record itself is written, so its own institution's endorsement is enough.
func undelegate(tx *ledger.Tx, a undelegateArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	delegation, err := evidence.ReadDelegation(tx, caller.Institution, a.Delegation)
	if err != nil {
		return nil, err
	}
	body := delegation.Record.Body
	if body.Member != caller.ID && !caller.Has("steward") {
		return nil, refusal.New(refusal.Forbidden, "the delegation is %s's to end, or a steward's", body.Member)
	}
	state := review.DelegationStateAt(delegation.Record, tx.Now())
	if err := machines.DelegationMachine.Refuse(machines.ActUndelegate, state, "", func() (sentence, hint string) {
		if state == machines.DelegationExpired {
			return "the delegation ran out at " + body.Until.String(), ""
		}
		return "the delegation was ended at " + delegation.Record.UpdatedAt.String(), ""
	}); err != nil {
		return nil, err
	}
	return transaction.Written(ledger.End(tx, caller.By, delegation, body, records.Ended, "ended", a.Reason))
}

type delegationFilter struct {
	transaction.Page
	Institution string `json:"institution"`
	Role        string `json:"role"`
	Member      string `json:"member"`
	Deputy      string `json:"deputy"`
	State       string `json:"state"`
}

func (a delegationFilter) Check(c *input.Checker) {
	a.Page.Check(c)
	c.Optional("institution", a.Institution, c.Institution)
	if a.Role != "" {
		c.OneOf("role", a.Role, records.CommitteeRoles)
	}
	for _, named := range []struct{ field, id string }{{"member", a.Member}, {"deputy", a.Deputy}} {
		if named.id != "" {
			c.Person(named.field, named.id)
			c.Require(a.Institution != "", named.field, "an enrolment id is one of an institution: name that too")
		}
	}
	transaction.StateFilter(c, a.State, machines.DelegationMachine)
}

type delegationAnswer struct {
	Delegation ledger.View              `json:"delegation"`
	State      machines.DelegationState `json:"state"`
}

func (a delegationFilter) wants(answer delegationAnswer, body records.Delegation) bool {
	return (a.Institution == "" || a.Institution == body.Institution) && (a.Role == "" || a.Role == body.Role) && (a.Member == "" || a.Member == body.Member) &&
		(a.Deputy == "" || a.Deputy == body.Deputy) && (a.State == "" || a.State == string(answer.State))
}

func listDelegations(tx *ledger.Tx, a delegationFilter) (any, error) {
	listing := records.Delegations(a.Institution, a.Role, a.Member)
	if a.Deputy != "" {
		listing = records.DelegationsTo(a.Institution, a.Deputy, 0)
	}
	return transaction.Listed(ledger.List(tx, listing, a.Of(), func(tx *ledger.Tx, delegation *ledger.Sealed[records.Delegation]) (any, bool, error) {
		answer := delegationAnswer{Delegation: delegation.View(), State: review.DelegationStateAt(delegation.Record, tx.Now())}
		return answer, a.wants(answer, delegation.Record.Body), nil
	}))
}
