package records

import "strings"

// InvitationType is the type of an invitation record.
const InvitationType = "invitation"

// Invitation asks somebody who has no vote for an opinion on a request; its id is the transaction that made it.
type Invitation struct {
	Request  string `json:"request"`
	Dataset  string `json:"dataset"`
	Inviter  Person `json:"inviter"`
	Reviewer Person `json:"reviewer"`
	Question string `json:"question"`
	// Until is when the opinion has to be there; absent means as long as the request is undecided.
	Until Time `json:"until,omitzero"`
}

// RecordType implements Body.
func (Invitation) RecordType() string { return InvitationType }

// Place implements Body.
func (i Invitation) Place(id string) (prefix, owner string) {
	if !IsInstitution(i.Reviewer.Institution) || !IsPerson(i.Reviewer.ID) {
		return "", ""
	}
	return saidOn(InvitationType, i.Request, i.Dataset, id, i.Inviter)
}

// InvitationsOf lists the invitations of a person ("nuri/kim") to give an opinion, newest first.
func InvitationsOf(person string) Listing {
	listing := indexed("i/invitation-person/" + person)
	listing.Target = func(entry string) string {
		// i/invitation-person/<institution>/<id>/<time>/<request>/<tx>
		_, name, _ := strings.Cut(strings.TrimPrefix(entry, listing.Prefix+"/"), "/")
		return InvitationType + "/" + name
	}
	return listing
}

func invitationEntries(invitation *Record[Invitation]) []Entry {
	body := invitation.Body
	return []Entry{{InvitationsOf(body.Reviewer.String()).Prefix + "/" + descending(invitation.CreatedAt()) + "/" + body.Request + "/" + invitation.ID, invitation.Owner}}
}
