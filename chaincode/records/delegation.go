package records

import "strings"

// DelegationType is the type of a delegation's record.
const DelegationType = "delegation"

// Delegation lets somebody without a seat vote for a member of a committee, from `From` on and before `Until`; its id is the transaction that made it.
type Delegation struct {
	Institution string `json:"institution"`
	Role        string `json:"role"`
	Member      string `json:"member"`
	Deputy      string `json:"deputy"`
	// DeputyKey is the key of the deputy that it counts for.
	DeputyKey string `json:"deputy_key"`
	From      Time   `json:"from"`
	Until     Time   `json:"until"`
	Reason    string `json:"reason,omitzero"`
}

// MaxDelegationSeconds is the longest that a delegation can last: 90 days.
const MaxDelegationSeconds = 90 * 24 * 60 * 60

// RecordType implements Body.
func (Delegation) RecordType() string { return DelegationType }

// Place implements Body.
func (d Delegation) Place(id string) (prefix, owner string) {
	if !IsInstitution(d.Institution) || !IsCommitteeRole(d.Role) || !IsPerson(d.Member) || !IsPerson(d.Deputy) || !IsTx(id) {
		return "", ""
	}
	return DelegationType + "/" + CommitteeID(d.Institution, d.Role) + "/" + d.Member, d.Institution
}

// Delegations lists the delegations of an institution, or of one of its committees, or of one member there; of every institution when it is empty.
func Delegations(institution, role, member string) Listing {
	return stored(DelegationType, institution, role, member)
}

// DelegationsTo lists what a person is or was a deputy by, the earliest end first; what ended by `from` is left out.
func DelegationsTo(institution, deputy string, from Time) Listing {
	listing := indexed("i/delegation-deputy/" + Person{Institution: institution, ID: deputy}.String())
	listing.From = listing.Prefix + "/" + ascending(from.Add(1))
	listing.Target = func(entry string) string {
		// i/delegation-deputy/<institution>/<deputy>/<until>/<role>/<member>/<tx>
		_, name, _ := strings.Cut(strings.TrimPrefix(entry, listing.Prefix+"/"), "/")
		return DelegationType + "/" + institution + "/" + name
	}
	return listing
}

func delegationEntries(delegation *Record[Delegation]) []Entry {
	body := delegation.Body
	prefix := DelegationsTo(body.Institution, body.Deputy, 0).Prefix
	return []Entry{{prefix + "/" + ascending(body.Until) + "/" + body.Role + "/" + body.Member + "/" + delegation.ID, delegation.Owner}}
}

// delegationPosts lets a delegation be found by its id alone.
func delegationPosts(delegation *Record[Delegation]) []Post {
	return []Post{{Name: DelegationPost(delegation.ID)}}
}

// DelegationPost is the name under which its institution posts a delegation.
func DelegationPost(id string) string { return DelegationType + "/" + id }
