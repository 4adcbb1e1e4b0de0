package contract

import (
	"errors"
	"slices"
	"strings"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// proposals are what can be asked about acts that wait for a second officer, besides confirming one.
var proposals = transaction.Table{
	"proposal.reject": transaction.Ending(rejectProposal, transaction.Terms{
		Who:   "an officer of the institution, or who proposed it",
		Seals: transaction.Own, Alone: true,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.Decided, refusal.Expired, refusal.Forged},
	}),
	"proposal.get":  transaction.Query(getProposal, refusal.NotFound, refusal.Ambiguous, refusal.Forged),
	"proposal.list": transaction.Query(listProposals, refusal.Forbidden),
}

// confirming is the entry of proposal.confirm: it can be refused with all that the transactions can be refused with which wait for a second officer.
func confirming() transaction.Entry {
	codes := []refusal.Code{refusal.NotFound, refusal.Ambiguous, refusal.OwnRequest, refusal.Decided, refusal.Expired, refusal.Conflict, refusal.Forged}
	for _, entry := range transactions {
		if entry.Widens {
			codes = append(codes, entry.Refuses...)
		}
	}
	slices.Sort(codes)
	return transaction.Change(confirmProposal, transaction.Terms{
		Who:     "another officer of the institution than who proposed it",
		Seals:   transaction.Own,
		Refuses: slices.Compact(codes),
	})
}

// secondLooks makes sure that no single person makes or widens a permit: who acts for an institution does so by a key that stands in its record, and what widens waits as
// a proposal, which is the answer. The transaction has been run, so what could not be done is refused and not proposed.
func secondLooks(tx *ledger.Tx, chosen transaction.Entry, name string, argument []byte, result any) (any, error) {
	if !chosen.Writes || tx.OnlyTakesAway() {
		return result, nil
	}
	widens := tx.Widening()
	roles := chosen.Officers
	if len(widens) > 0 && roles == nil {
		roles = records.OfficerRoles
	}
	if roles == nil {
		return result, nil
	}
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	if err := evidence.NeedOffice(tx, caller, roles...); err != nil {
		return nil, err
	}
	if len(widens) == 0 {
		return result, nil
	}
	if len(argument) > records.MaxProposalBytes {
		return nil, refusal.New(refusal.TooLarge, "it waits for a second officer, who has to read it, and has %d bytes; at most %d are taken then", len(argument), records.MaxProposalBytes).
			Hinting("a version with a long manifest is published by the policy that stands, and the policy set by itself (policy.set)")
	}
	tx.Discard()
	body := records.Proposal{Institution: caller.Institution, Function: name, Argument: string(argument), Widens: widens, ProposedBy: caller.Person()}
	proposal, err := ledger.Create(tx, caller.By, tx.ID, body, records.Proposed, "")
	if refusal.Is(err, refusal.LimitExceeded) {
		return nil, refusal.New(refusal.LimitExceeded, "%s has proposed %d things within thirty days, which is the most that others have to read", caller.Person(), records.MostProposals).
			Hinting("another officer proposes it; what takes away waits for nobody")
	}
	if err != nil {
		return nil, err
	}
	return proposalAnswer{Proposal: proposal.Raw}, nil
}

// proposalAnswer is what comes of an act that waits, and of confirming it.
type proposalAnswer struct {
	Proposal any `json:"proposal"`
	// Done is what the transaction answered, once it was confirmed.
	Done any `json:"done,omitzero"`
}

type proposalDigest struct {
	Proposal string `json:"proposal"`
	Digest   string `json:"digest"`
}

func (a proposalDigest) Check(c *input.Checker) {
	c.TxPrefix("proposal", a.Proposal)
	c.Digest("digest", a.Digest)
}

// confirmProposal runs what somebody proposed, by the rules of now, and notes both in every record that it writes.
func confirmProposal(tx *ledger.Tx, a proposalDigest) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	proposal, err := ownProposal(tx, caller, a.Proposal)
	if err != nil {
		return nil, err
	}
	body, proposer := proposal.Record.Body, proposal.Record.Changes[0].By
	if caller.ID == proposer.ID || caller.Key == proposer.Key {
		return nil, refusal.New(refusal.OwnRequest, "whoever proposed it does not confirm it: it takes two officers")
	}
	if err := evidence.NeedOffice(tx, caller, records.OfficerRoles...); err != nil {
		return nil, err
	}
	if err := waits(tx, proposal); err != nil {
		return nil, err
	}
	if a.Digest != proposal.Digest {
		return nil, transaction.Stale("digest", "the proposal", proposal.Digest)
	}
	done, err := runProposal(tx, proposal, caller.Person())
	if err != nil {
		return nil, err
	}
	second := caller.Person()
	body.ConfirmedBy = &second
	confirmed, err := ledger.Update(tx, caller.By, proposal, body, records.Confirmed, "confirmed", "")
	if err != nil {
		return nil, err
	}
	return proposalAnswer{Proposal: confirmed.Raw, Done: done}, nil
}

// runProposal runs the very transaction as the one who proposed it.
//
// Refuses with FORBIDDEN when the proposer could not propose it now, and with CONFLICT when it would widen something else than what was read.
func runProposal(tx *ledger.Tx, proposal *ledger.Sealed[records.Proposal], second records.Person) (any, error) {
	body := proposal.Record.Body
	chosen, known := transactions[body.Function]
	if !known || !chosen.Widens {
		return nil, refusal.New(refusal.Forged, "proposal %.12s is of %q, which waits for nobody", proposal.Record.ID, body.Function)
	}
	act, err := chosen.Prepare([]byte(body.Argument))
	if err != nil {
		return nil, err
	}
	proposer := ledger.Caller{By: proposal.Record.Changes[0].By}
	roles := chosen.Officers
	if roles == nil {
		roles = records.OfficerRoles
	}
	if err := evidence.NeedOffice(tx, proposer, roles...); err != nil {
		return nil, err
	}
	proposer.Second = &second
	done, widens, err := tx.As(proposer, act)
	if err != nil {
		return nil, err
	}
	if len(widens) == 0 {
		return nil, refusal.New(refusal.Conflict, "things have changed since it was proposed: it would now widen nothing, and what widens nothing waits for nobody").
			Hinting("see whether that stands already; otherwise one officer does it alone (proposal.reject ends this one)")
	}
	if !slices.Equal(widens, body.Widens) {
		return nil, refusal.New(refusal.Conflict, "things have changed since it was proposed: it would now do this: %s", strings.Join(widens, "; ")).
			Hinting("propose it again, so that what is confirmed is what is read")
	}
	return done, nil
}

type rejectArgument struct {
	Proposal string `json:"proposal"`
	Reason   string `json:"reason"`
}

func (a rejectArgument) Check(c *input.Checker) {
	c.TxPrefix("proposal", a.Proposal)
	c.Text("reason", a.Reason, 0, 500)
}

// rejectProposal ends a proposal; by who proposed it, it is withdrawn.
func rejectProposal(tx *ledger.Tx, a rejectArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	proposal, err := ownProposal(tx, caller, a.Proposal)
	if err != nil {
		return nil, err
	}
	status := records.Rejected
	if caller.Person() == proposal.Record.Body.ProposedBy {
		status = records.Withdrawn
	} else if err := caller.Need(records.OfficerRoles...); err != nil {
		return nil, err
	}
	if err := waits(tx, proposal); err != nil {
		return nil, err
	}
	return transaction.Written(ledger.Update(tx, caller.By, proposal, proposal.Record.Body, status, string(status), a.Reason))
}

// ownProposal reads a proposal of the caller's institution.
func ownProposal(tx *ledger.Tx, caller ledger.Caller, id string) (*ledger.Sealed[records.Proposal], error) {
	proposal, err := evidence.ReadProposal(tx, id)
	if err != nil {
		return nil, err
	}
	if proposal.Record.Owner != caller.Institution {
		return nil, refusal.New(refusal.Forbidden, "the proposal is of %s, and %s is of %s", proposal.Record.Owner, caller.ID, caller.Institution)
	}
	return proposal, nil
}

// waits refuses with DECIDED or EXPIRED when a proposal waits for nobody any more.
func waits(tx *ledger.Tx, proposal *ledger.Sealed[records.Proposal]) error {
	switch state := stateOfProposal(proposal.Record, tx.Now()); state {
	case proposalWaits:
		return nil
	case proposalLapsed:
		return refusal.New(refusal.Expired, "the proposal waited until %s", confirmableUntil(proposal.Record)).Hinting("propose it again")
	default:
		return refusal.New(refusal.Decided, "the proposal was %s at %s", state, proposal.Record.UpdatedAt)
	}
}

// The states of a proposal that its record does not say.
const (
	proposalWaits  = "proposed"
	proposalLapsed = "lapsed"
)

func confirmableUntil(record records.Record[records.Proposal]) records.Time {
	return record.CreatedAt().Add(records.ProposalSeconds)
}

func stateOfProposal(record records.Record[records.Proposal], now records.Time) string {
	if record.Status == records.Proposed && now >= confirmableUntil(record) {
		return proposalLapsed
	}
	return string(record.Status)
}

type proposalName struct {
	Proposal string `json:"proposal"`
}

func (a proposalName) Check(c *input.Checker) { c.TxPrefix("proposal", a.Proposal) }

type shownProposal struct {
	Proposal ledger.View `json:"proposal"`
	State    string      `json:"state"`
	// ConfirmUntil is the moment from which it can no longer be confirmed; Why says what stands in the way of confirming it now.
	ConfirmUntil records.Time `json:"confirm_until,omitzero"`
	Why          string       `json:"why,omitzero"`
}

// showProposal gives a proposal as it stands. What waits is tried, so that nobody confirms what cannot be.
func showProposal(tx *ledger.Tx, proposal *ledger.Sealed[records.Proposal]) (shownProposal, error) {
	shown := shownProposal{Proposal: proposal.View(), State: stateOfProposal(proposal.Record, tx.Now())}
	if shown.State != proposalWaits {
		return shown, nil
	}
	shown.ConfirmUntil = confirmableUntil(proposal.Record)
	_, err := runProposal(tx, proposal, records.Person{})
	tx.Discard()
	if refused := (*refusal.Error)(nil); errors.As(err, &refused) {
		shown.Why, err = refused.Message, nil
	}
	return shown, err
}

func getProposal(tx *ledger.Tx, a proposalName) (any, error) {
	proposal, err := evidence.ReadProposal(tx, a.Proposal)
	if err != nil {
		return nil, err
	}
	return showProposal(tx, proposal)
}

type proposalFilter struct {
	transaction.Page
	Institution string `json:"institution"`
	State       string `json:"state"`
	// Waiting asks for what the caller could confirm.
	Waiting bool `json:"waiting"`
}

func (a proposalFilter) Check(c *input.Checker) {
	a.Page.Check(c)
	c.Optional("institution", a.Institution, c.Institution)
	if a.State != "" {
		c.OneOf("state", a.State, proposalStates)
	}
}

var proposalStates = []string{proposalWaits, proposalLapsed, string(records.Confirmed), string(records.Rejected), string(records.Withdrawn)}

func listProposals(tx *ledger.Tx, a proposalFilter) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	if a.Institution == "" || a.Waiting {
		a.Institution = caller.Institution // nothing of another's waits for anybody
	}
	return transaction.Listed(ledger.List(tx, records.Proposals(a.Institution), a.Of(), func(tx *ledger.Tx, proposal *ledger.Sealed[records.Proposal]) (any, bool, error) {
		state := stateOfProposal(proposal.Record, tx.Now())
		if a.State != "" && a.State != state || a.Waiting && state != proposalWaits {
			return nil, false, nil
		}
		if a.Waiting {
			by := proposal.Record.Changes[0].By
			holds, err := evidence.HoldsOffice(tx, caller, records.OfficerRoles...)
			if err != nil || !holds || by.ID == caller.ID || by.Key == caller.Key {
				return nil, false, err
			}
		}
		shown, err := showProposal(tx, proposal)
		return shown, err == nil, err
	}))
}
