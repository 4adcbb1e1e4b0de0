package review

import (
	"fmt"
	"slices"
	"strings"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/machines"
)

// maxInvitations is how many people one member can invite on one request.
const maxInvitations = 20

type inviteArgument struct {
	Request  string       `json:"request"`
	Reviewer string       `json:"reviewer"`
	Question string       `json:"question"`
	Until    records.Time `json:"until"`
}

func (a inviteArgument) Check(c *input.Checker) {
	c.PersonName("reviewer", a.Reviewer)
	c.Body(a.body())
}

// body is what is stated of the invitation; the request can be named by a prefix of its id.
func (a inviteArgument) body() records.Invitation {
	institution, id, _ := records.SplitPerson(a.Reviewer)
	return records.Invitation{Request: a.Request, Reviewer: records.Person{Institution: institution, ID: id}, Question: a.Question, Until: a.Until}
}

// invite asks anybody of the consortium who has no part in a request for an opinion on it. The opinion is no vote.
func invite(tx *ledger.Tx, a inviteArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	found, err := evidence.FindCase(tx, a.Request)
	if err != nil {
		return nil, err
	}
	said, err := readTalk(found, tx)
	if err != nil {
		return nil, err
	}
	if err := mayInvite(found, tx, caller, said, a); err != nil {
		return nil, err
	}
	body := a.body()
	body.Request, body.Dataset, body.Inviter = found.Request.Record.ID, found.Request.Record.Body.Dataset, caller.Person()
	return transaction.Written(ledger.Create(tx, caller.By, tx.ID, body, records.Final, ""))
}

// mayInvite refuses with FORBIDDEN OWN_REQUEST or RECUSED by who invites whom, with DECIDED, EXPIRED or CONFLICT when there is nothing to decide any more, with INVALID, CONFLICT or
// LIMIT_EXCEEDED by what is asked.
func mayInvite(c *evidence.Case, tx *ledger.Tx, caller ledger.Caller, said talk, a inviteArgument) error {
	inviter, reviewer := caller.Person(), a.body().Reviewer
	switch {
	case c.Asks(inviter):
		return refusal.New(refusal.OwnRequest, "the requester and the researchers of a request do not choose who reviews it")
	case !sits(c, tx, caller):
		return refusal.New(refusal.Forbidden, "%s is a member of no committee that decides on request %.12s", inviter, c.Request.Record.ID).
			Hinting("a member asks, with the role in the certificate and a seat")
	case c.Asks(reviewer):
		return refusal.New(refusal.OwnRequest, "%s is the requester or a researcher of the request", reviewer).At("reviewer").Hinting("their answers are remarks (request.remark)")
	case inviter == reviewer:
		return refusal.New(refusal.Invalid, "%s would invite themself", inviter).At("reviewer").Hinting("a member's own opinion is a remark, or a vote")
	}
	outcome := c.Outcome(tx)
	if outcome.Recused(inviter) {
		return refusal.New(refusal.Recused, "%s has declared a conflict of interest on request %.12s", inviter, c.Request.Record.ID).Hinting("another member can ask")
	}
	if err := refuseUnlessPossible(c, machines.ActInvite, outcome); err != nil {
		return err
	}
	if a.Until != 0 && a.Until <= tx.Now() {
		return refusal.New(refusal.Invalid, "the invitation would end (%s) before it begins (%s)", a.Until, tx.Now()).At("until")
	}
	return said.roomFor(tx, caller, reviewer)
}

// roomFor refuses to ask somebody again who has not answered yet, and too many.
func (t talk) roomFor(tx *ledger.Tx, caller ledger.Caller, reviewer records.Person) error {
	inviter, own := caller.Person(), 0
	for _, invitation := range t.invitations {
		body := invitation.Record.Body
		if body.Reviewer == reviewer && t.stateOf(invitation, tx.Now()) == machines.InvitationOpen {
			return refusal.New(refusal.Conflict, "%s was invited by %s at %s and has not answered yet", reviewer, body.Inviter, invitation.Record.CreatedAt()).At("reviewer")
		}
		if body.Inviter == inviter || invitation.Record.Changes[0].By.Key == caller.Key {
			own++
		}
	}
	if own >= maxInvitations {
		return refusal.New(refusal.LimitExceeded, "%s has invited %d people to this request, which is the most one member can", inviter, maxInvitations)
	}
	return nil
}

// invitationAnsweredBy finds the invitation that an opinion is for, and gives its id.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORBIDDEN, OWN_REQUEST, DECIDED, EXPIRED, CONFLICT.
func invitationAnsweredBy(c *evidence.Case, tx *ledger.Tx, caller ledger.Caller, said talk, id string) (string, error) {
	invitation, err := said.invitation(c.Request.Record.ID, id)
	if err != nil {
		return "", err
	}
	body := invitation.Record.Body
	switch {
	case body.Reviewer != caller.Person():
		return "", refusal.New(refusal.Forbidden, "the invitation is %s's to answer", body.Reviewer)
	case c.Asks(caller.Person()):
		return "", refusal.New(refusal.OwnRequest, "%s has become a researcher of the request", caller.Person())
	}
	if err := refuseUnlessPossible(c, machines.ActOpinion, c.Outcome(tx)); err != nil {
		return "", err
	}
	state := said.stateOf(invitation, tx.Now())
	if err := machines.InvitationMachine.Refuse(machines.ActAnswer, state, "", func() (sentence, hint string) {
		if state == machines.InvitationExpired {
			return fmt.Sprintf("the opinion was asked for until %s", body.Until), "a member can invite again"
		}
		return fmt.Sprintf("the invitation was answered at %s", said.opinion(invitation).Record.CreatedAt()), "what there is to add is a plain remark"
	}); err != nil {
		return "", err
	}
	return invitation.Record.ID, nil
}

// invitation finds one by its id or a prefix that no other invitation to the request has.
func (t talk) invitation(request, id string) (*ledger.Sealed[records.Invitation], error) {
	var found []*ledger.Sealed[records.Invitation]
	for _, invitation := range t.invitations {
		if strings.HasPrefix(invitation.Record.ID, id) {
			found = append(found, invitation)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, refusal.New(refusal.NotFound, "there is no invitation %s to request %.12s", id, request).At("invitation")
	}
	return nil, refusal.New(refusal.Ambiguous, "%d invitations to request %.12s begin with %s", len(found), request, id).At("invitation").Hinting("give more digits of the id")
}

// opinion is the answer to an invitation, or nil: the first by the one who was invited, before its time was over.
func (t talk) opinion(invitation *ledger.Sealed[records.Invitation]) *ledger.Sealed[records.Remark] {
	for _, remark := range t.remarks {
		body := remark.Record.Body
		until, at := invitation.Record.Body.Until, remark.Record.CreatedAt()
		if body.Kind == records.Opinion && body.Invitation == invitation.Record.ID && body.Author == invitation.Record.Body.Reviewer && (until == 0 || at < until) {
			return remark
		}
	}
	return nil
}

// stateOf says where an invitation stands.
func (t talk) stateOf(invitation *ledger.Sealed[records.Invitation], now records.Time) machines.InvitationState {
	switch until := invitation.Record.Body.Until; {
	case t.opinion(invitation) != nil:
		return machines.InvitationAnswered
	case until != 0 && until <= now:
		return machines.InvitationExpired
	}
	return machines.InvitationOpen
}

func (t talk) invites(person records.Person) bool {
	return slices.ContainsFunc(t.invitations, func(i *ledger.Sealed[records.Invitation]) bool { return i.Record.Body.Reviewer == person })
}

// invitationAnswer shows an invitation, and which remark answers it.
type invitationAnswer struct {
	Invitation ledger.View `json:"invitation"`
	Answered   bool        `json:"answered"`
	Opinion    string      `json:"opinion,omitzero"`
}

func (t talk) show(invitation *ledger.Sealed[records.Invitation]) invitationAnswer {
	answer := invitationAnswer{Invitation: invitation.View()}
	if opinion := t.opinion(invitation); opinion != nil {
		answer.Answered, answer.Opinion = true, opinion.Record.ID
	}
	return answer
}

type invitationFilter struct {
	transaction.Page
	Reviewer string `json:"reviewer"`
	Open     bool   `json:"open"`
}

func (a invitationFilter) Check(c *input.Checker) {
	a.Page.Check(c)
	c.PersonName("reviewer", a.Reviewer)
}

// listedInvitation is an invitation in a list, with where its request stands and whether an opinion is still waited for.
type listedInvitation struct {
	invitationAnswer
	Request machines.State `json:"state"`
	Open    bool           `json:"open"`
}

// listInvitations lists a person's invitations, newest first; with open, those that wait for an opinion.
func listInvitations(tx *ledger.Tx, a invitationFilter) (any, error) {
	show := func(tx *ledger.Tx, invitation *ledger.Sealed[records.Invitation]) (any, bool, error) {
		body := invitation.Record.Body
		found, err := evidence.FindCase(tx, body.Request)
		if err != nil {
			return transaction.AsForgery(invitation.Key, err)
		}
		said, err := readTalk(found, tx)
		if err != nil {
			return nil, false, err
		}
		outcome := found.Outcome(tx)
		answer := listedInvitation{invitationAnswer: said.show(invitation), Request: outcome.State}
		answer.Open = outcome.Undecided() && said.stateOf(invitation, tx.Now()) == machines.InvitationOpen
		return answer, answer.Open || !a.Open, nil
	}
	return transaction.Listed(ledger.List(tx, records.InvitationsOf(a.Reviewer), a.Of(), show))
}
