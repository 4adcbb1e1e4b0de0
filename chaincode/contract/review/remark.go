package review

import (
	"cmp"
	"slices"
	"strings"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// maxRemarks is how many remarks one person can make on one request: nobody can fill what the others have to read.
const maxRemarks = 50

type remarkArgument struct {
	Request    string `json:"request"`
	Kind       string `json:"kind"`
	Text       string `json:"text"`
	Commitment string `json:"commitment"`
	Invitation string `json:"invitation"`
}

func (a remarkArgument) Check(c *input.Checker) {
	c.Body(a.body())
}

// body is what is stated of the remark; request and invitation can be named by a prefix of their ids.
func (a remarkArgument) body() records.Remark {
	return records.Remark{Request: a.Request, Kind: cmp.Or(a.Kind, records.PlainRemark), Text: a.Text, Commitment: a.Commitment, Invitation: a.Invitation}
}

// remark says something about a request. It is no vote and changes nothing about the request.
func remark(tx *ledger.Tx, a remarkArgument) (any, error) {
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
	body := a.body()
	body.Request, body.Dataset, body.Author = found.Request.Record.ID, found.Request.Record.Body.Dataset, caller.Person()
	if body.Kind == records.Opinion {
		body.Invitation, err = invitationAnsweredBy(found, tx, caller, said, a.Invitation)
	} else {
		err = maySpeak(found, tx, caller, said, body.Kind)
	}
	if err != nil {
		return nil, err
	}
	if err := refuseTaken(found, said, a.Commitment); err != nil {
		return nil, err
	}
	if said.by(caller) >= maxRemarks {
		return nil, refusal.New(refusal.LimitExceeded, "%s has made %d remarks on request %.12s, which is the most one person can", caller.Person(), maxRemarks, body.Request)
	}
	return transaction.Written(ledger.Create(tx, caller.By, tx.ID, body, records.Final, ""))
}

// refuseTaken refuses with CONFLICT a commitment that the request or a remark on it names already: it is its author's.
func refuseTaken(c *evidence.Case, said talk, commitment string) error {
	stated := slices.ContainsFunc(c.Request.Record.Body.Texts, func(text records.RequestText) bool { return text.Commitment == commitment })
	if commitment == "" || !stated && !said.commits(commitment) {
		return nil
	}
	return refusal.New(refusal.Conflict, "the commitment stands already, in request %.12s or in a remark on it", c.Request.Record.ID).At("commitment").
		Hinting("a text of one's own has a commitment of its own: draw another salt")
}

// commits tells whether a remark names a commitment.
func (t talk) commits(commitment string) bool {
	return slices.ContainsFunc(t.remarks, func(remark *ledger.Sealed[records.Remark]) bool { return remark.Record.Body.Commitment == commitment })
}

// maySpeak tells whether somebody may make a remark: those who made the request, the members of the committees that it is for, the stewards and privacy officers of
// the dataset's owner, and whoever was invited.
//
// Refuses with FORBIDDEN.
func maySpeak(c *evidence.Case, tx *ledger.Tx, caller ledger.Caller, said talk, kind string) error {
	body := c.Request.Record.Body
	owner, _, _ := records.SplitDataset(body.Dataset)
	switch {
	case c.Asks(caller.Person()):
		return nil
	case kind == records.Answer:
		return refusal.New(refusal.Forbidden, "an answer is given by the requester or a researcher of the request, and %s is neither", caller.Person()).Hinting("make it a plain remark")
	case caller.Institution == owner && caller.Has("steward", "privacy"), sits(c, tx, caller), said.invites(caller.Person()):
		return nil
	}
	return refusal.New(refusal.Forbidden, "%s has no part in request %.12s", caller.Person(), c.Request.Record.ID).
		Hinting("those who made it, the committees that decide on it, the owner's stewards and privacy officers, and who was invited (request.invite) can make remarks")
}

// sits tells whether somebody is now a member of a committee that the policy asks, by certificate and seat.
func sits(c *evidence.Case, tx *ledger.Tx, caller ledger.Caller) bool {
	for _, roster := range c.Facts.Rosters {
		if roster.Committee.Institution == caller.Institution && caller.Has(roster.Committee.Role) && roster.Seated(caller.ID, caller.Key, tx.Now()) {
			return true
		}
	}
	return false
}

// talk is what was said about a request besides the votes, in the order in which it was said.
type talk struct {
	remarks     []*ledger.Sealed[records.Remark]
	invitations []*ledger.Sealed[records.Invitation]
	forgeries   []ledger.Forgery
}

// readTalk reads the remarks and invitations. What their authors' institutions sealed although the contract refuses such texts counts for nothing.
func readTalk(c *evidence.Case, tx *ledger.Tx) (talk, error) {
	var said talk
	id, dataset := c.Request.Record.ID, c.Request.Record.Body.Dataset
	speakers := c.Speakers()
	invitations, forgedInvitations, err := evidence.ReadInvitations(tx, id, speakers)
	if err != nil {
		return said, err
	}
	for _, invitation := range invitations {
		speakers = append(speakers, invitation.Record.Body.Reviewer.Institution)
	}
	slices.Sort(speakers)
	remarks, forgedRemarks, err := evidence.ReadRemarks(tx, id, slices.Compact(speakers))
	if err != nil {
		return said, err
	}
	said.forgeries = append(forgedRemarks, forgedInvitations...)
	said.remarks = kept(&said, remarks, func(c *input.Checker, r records.Remark) {
		c.Require(r.Dataset == dataset, "dataset", "it is not about the request's dataset")
	})
	said.invitations = kept(&said, invitations, func(c *input.Checker, i records.Invitation) {
		c.Require(i.Dataset == dataset, "dataset", "it is not about the request's dataset")
	})
	return said, nil
}

// kept sorts records by when they were made, and sets those aside that the contract would have refused here.
func kept[B records.Body](said *talk, list []*ledger.Sealed[B], also func(*input.Checker, B)) []*ledger.Sealed[B] {
	list = slices.DeleteFunc(list, func(record *ledger.Sealed[B]) bool {
		var c input.Checker
		also(&c, record.Record.Body)
		if c.Err() == nil {
			return false
		}
		said.forgeries = append(said.forgeries, ledger.Forgery{Key: record.Key, Sealed: true, Why: refusal.From(c.Err()).Field + " " + refusal.From(c.Err()).Message})
		return true
	})
	slices.SortFunc(list, func(a, b *ledger.Sealed[B]) int {
		return cmp.Or(cmp.Compare(a.Record.CreatedAt(), b.Record.CreatedAt()), strings.Compare(a.Key, b.Key))
	})
	return list
}

// by counts a person's remarks. One key is one person, whatever the name.
func (t talk) by(caller ledger.Caller) int {
	count := 0
	for _, remark := range t.remarks {
		if remark.Record.Body.Author == caller.Person() || remark.Record.Changes[0].By.Key == caller.Key {
			count++
		}
	}
	return count
}

// showTalk puts remarks and invitations into the answer to request.get.
func showTalk(c *evidence.Case, tx *ledger.Tx, answer *talkAnswer) ([]ledger.Forgery, error) {
	said, err := readTalk(c, tx)
	if err != nil {
		return nil, err
	}
	answer.Remarks, answer.Invitations = []ledger.View{}, []invitationAnswer{}
	for _, remark := range said.remarks {
		answer.Remarks = append(answer.Remarks, remark.View())
	}
	for _, invitation := range said.invitations {
		answer.Invitations = append(answer.Invitations, said.show(invitation))
	}
	return said.forgeries, nil
}

// talkAnswer is the part of a request's answer that is neither votes nor grant; lists leave it out.
type talkAnswer struct {
	Remarks     []ledger.View      `json:"remarks,omitzero"`
	Invitations []invitationAnswer `json:"invitations,omitzero"`
}
