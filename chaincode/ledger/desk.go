package ledger

import (
	"strings"

	"medconsent.org/chaincode/records"
)

// Remarks reads every sealed remark on a request, in the order of the keys; forged ones count for nothing and are told apart. The range is protected against
// phantoms, so of two opinions on one invitation that race, one is invalidated.
func (tx *Tx) Remarks(request string) ([]*Sealed[records.Remark], []Forgery, error) {
	return saidOn[records.Remark](tx, records.RemarkType+"/"+request)
}

// Invitations reads every sealed invitation to give an opinion on a request, as Remarks does.
func (tx *Tx) Invitations(request string) ([]*Sealed[records.Invitation], []Forgery, error) {
	return saidOn[records.Invitation](tx, records.InvitationType+"/"+request)
}

func saidOn[B records.Body](tx *Tx, prefix string) ([]*Sealed[B], []Forgery, error) {
	start, end := under(prefix)
	sealed, forgeries, err := all[B](tx, start, end)
	for _, record := range sealed {
		relyOn(tx, record)
	}
	return sealed, forgeries, err
}

func invitationsOf(person string) string { return "i/invitation-person/" + person } // newest first

// InvitationsOf lists the invitations of a person ("nuri/kim") to give an opinion, newest first.
func InvitationsOf(person string) Listing {
	listing := indexed(invitationsOf(person))
	listing.target = func(entry string) string {
		// i/invitation-person/<institution>/<id>/<time>/<request>/<tx>
		_, name, _ := strings.Cut(strings.TrimPrefix(entry, listing.prefix+"/"), "/")
		return records.InvitationType + "/" + name
	}
	return listing
}

func invitationEntries(invitation *records.Record[records.Invitation]) []Entry {
	body := invitation.Body
	return []Entry{
		{invitationsOf(body.Reviewer.String()) + "/" + descending(invitation.CreatedAt()) + "/" + body.Request + "/" + invitation.ID, invitation.Owner},
		trailEntry(body.Dataset, invitation.CreatedAt(), invitation.Key()),
	}
}
