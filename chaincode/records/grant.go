package records

import "strings"

// GrantType is the type of a grant record.
const GrantType = "grant"

// Grant is what an approval makes; its id is the transaction of the vote that completed it.
type Grant struct {
	Dataset       string `json:"dataset"`
	Version       int64  `json:"version"`
	VersionDigest string `json:"version_digest"`
	// Policy, request and votes are what an approved request's grant rests on; a break-glass grant has none of them.
	PolicyVersion int64     `json:"policy_version,omitzero"`
	PolicyDigest  string    `json:"policy_digest,omitzero"`
	Request       string    `json:"request,omitzero"`
	RequestDigest string    `json:"request_digest,omitzero"`
	Votes         []VoteRef `json:"votes,omitzero"`
	// Breakglass is the id of the record that a break-glass grant rests on.
	Breakglass string `json:"breakglass,omitzero"`
	// Judged is what lay before the people who approved, of what the version rests on; nothing when nobody was asked.
	Judged []Judged `json:"judged,omitzero"`
	// Renews is the grant that this one follows, Joins the one that it adds people to and ends with.
	Renews      string `json:"renews,omitzero"`
	Joins       string `json:"joins,omitzero"`
	Institution string `json:"institution"`
	// AskedBy is who asked for it; nobody did for a break-glass grant. They need not be among the grantees.
	AskedBy     string   `json:"asked_by,omitzero"`
	Grantees    []string `json:"grantees"`
	Purpose     Purpose  `json:"purpose"`
	Mode        string   `json:"mode"`
	From        Time     `json:"from"`
	Until       Time     `json:"until"`
	Obligations []string `json:"obligations"`
}

// VoteRef names a vote by key and digest.
type VoteRef struct {
	Key    string `json:"key"`
	Digest string `json:"digest"`
}

// Judged names what a cohort or a legal basis permitted when people decided, by its digest. What permits something else by now nobody has judged, whenever that was.
type Judged struct {
	Type   string `json:"type"`
	ID     string `json:"id"`
	Digest string `json:"digest"`
}

// JudgedUses names what the people of a cohort permit by an epoch: its uses, in the versions of the hierarchies by which they are understood. An epoch that only says that
// others withdrew permits the same.
func JudgedUses(cohort string, epoch Epoch) Judged {
	return judged(CohortType, cohort, struct {
		Use        []Alternative `json:"use"`
		Ontologies []OntologyRef `json:"ontologies"`
	}{epoch.Use, epoch.Ontologies})
}

// JudgedBasis names a legal basis as it stands.
func JudgedBasis(id string, basis Basis) Judged { return judged(BasisType, id, basis) }

func judged(kind, id string, permits any) Judged {
	form, err := canonical(permits)
	if err != nil { // what was read from JSON can be written as JSON
		panic(err)
	}
	return Judged{Type: kind, ID: id, Digest: Digest(form)}
}

// RecordType implements Body.
func (Grant) RecordType() string { return GrantType }

// Place implements Body.
func (g Grant) Place(id string) (prefix, owner string) {
	institution, _, ok := SplitDataset(g.Dataset)
	if !ok || !IsTx(id) || !IsInstitution(g.Institution) {
		return "", ""
	}
	return GrantType, institution
}

// Origin is the id of what the grant was given by: its request, or its break-glass record.
func (g Grant) Origin() string {
	if g.Breakglass != "" {
		return g.Breakglass
	}
	return g.Request
}

// GrantPost is the name under which the owner of the data posts the one grant that a request, or a break-glass record, has. There is never a second: what was revoked is
// given again by nobody, whatever else its owner seals.
func GrantPost(origin string) string { return "grant-of/" + origin }

func grantPosts(grant *Record[Grant]) []Post {
	return []Post{{Name: GrantPost(grant.Body.Origin())}}
}

// AllGrants lists every grant, newest first.
func AllGrants() Listing { return indexed("i/grant-all") }

// GrantsByOwner lists the grants on an institution's datasets, newest first.
func GrantsByOwner(institution string) Listing { return indexed("i/grant-owner/" + institution) }

// GrantsByHolder lists the grants that an institution's people hold, newest first.
func GrantsByHolder(institution string) Listing { return indexed("i/grant-holder/" + institution) }

// GrantsByDataset lists the grants on a dataset, newest first.
func GrantsByDataset(dataset string) Listing { return indexed("i/grant-dataset/" + dataset) }

// GrantsByPerson lists the grants that a person holds: by dataset, the latest end first; on one dataset, or on all when it is empty.
func GrantsByPerson(person, dataset string) Listing {
	return indexed(strings.TrimSuffix("i/grant-person/"+person+"/"+dataset, "/"))
}

// OwnGrants lists the grants on a dataset that a person holds by nobody's asking but their own: by a request of theirs, or by broken glass. The latest end comes first. What
// colleagues ask for on their behalf does not stand between.
func OwnGrants(person, dataset string) Listing {
	return indexed("i/grant-own/" + person + "/" + dataset)
}

// LastingGrantsOf lists the grants of a person on a dataset whose time is not over, the latest end first. What expired costs nothing.
func LastingGrantsOf(person, dataset string, now Time) Listing {
	listing := GrantsByPerson(person, dataset)
	listing.To = listing.Prefix + "/" + descending(now)
	return listing
}

func grantEntries(grant *Record[Grant]) []Entry {
	owner := grant.Owner
	last := "/" + descending(grant.CreatedAt()) + "/" + grant.ID
	entries := []Entry{
		{AllGrants().Prefix + last, owner},
		{GrantsByOwner(owner).Prefix + last, owner},
		{GrantsByHolder(grant.Body.Institution).Prefix + last, owner},
		{GrantsByDataset(grant.Body.Dataset).Prefix + last, owner},
	}
	for _, id := range grant.Body.Grantees {
		person := grant.Body.Institution + "/" + id
		entries = append(entries, PersonEntry(grant, person))
		if id == grant.Body.AskedBy || grant.Body.Breakglass != "" {
			entries = append(entries, Entry{OwnGrants(person, grant.Body.Dataset).Prefix + endingFirst(grant), owner})
		}
	}
	return entries
}

// PersonEntry is the entry of a grant among those that one of its grantees holds.
func PersonEntry(grant *Record[Grant], person string) Entry {
	return Entry{GrantsByPerson(person, grant.Body.Dataset).Prefix + endingFirst(grant), grant.Owner}
}

// endingFirst is the end of an entry's key among those that are sorted by the end of the grant, the latest first.
func endingFirst(grant *Record[Grant]) string {
	return "/" + descending(grant.Body.Until) + "/" + grant.ID
}
