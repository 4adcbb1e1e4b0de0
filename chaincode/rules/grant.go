package rules

import (
	"reflect"
	"slices"

	"medconsent.org/chaincode/records"
)

// GrantState is where a grant stands.
type GrantState string

// The states of a grant.
const (
	GrantPending  GrantState = "pending"
	GrantActive   GrantState = "active"
	GrantExpired  GrantState = "expired"
	GrantRevoked  GrantState = "revoked"
	GrantNarrowed GrantState = "narrowed" // a later policy that applies to existing grants does not permit it
)

// GrantStates lists the states of a grant.
var GrantStates = []GrantState{GrantActive, GrantPending, GrantExpired, GrantRevoked, GrantNarrowed}

// GrantStateAt says where a grant stands, or stood, at a moment, by its own record: whether a policy has narrowed since is judged by NarrowedAsk.
func GrantStateAt(grant records.Record[records.Grant], at records.Time) GrantState {
	revoked := grant.Status != records.Active && !slices.ContainsFunc(grant.Changes, isRevocation)
	for _, change := range grant.Changes {
		if isRevocation(change) && change.At <= at {
			revoked = true
		}
	}
	switch {
	case revoked:
		return GrantRevoked
	case at < grant.Body.From:
		return GrantPending
	case at >= grant.Body.Until:
		return GrantExpired
	}
	return GrantActive
}

func isRevocation(change records.Change) bool { return change.Action == records.GrantType+".revoked" }

// GrantOf is the grant that an approved request makes. It begins with the deciding vote and lasts as long as the request asked.
func GrantOf(request records.Record[records.Request], digest string, decidedAt records.Time, votes []records.VoteRef, obligations []string) records.Grant {
	r := request.Body
	return records.Grant{
		Dataset: r.Dataset, Version: r.Version, VersionDigest: r.VersionDigest, PolicyVersion: r.PolicyVersion, PolicyDigest: r.PolicyDigest,
		Request: request.ID, RequestDigest: digest, Votes: votes,
		Institution: r.Requester.Institution, Grantees: r.Researchers, Purpose: r.Purpose, Mode: r.Mode,
		From: decidedAt, Until: decidedAt.Add(r.DurationSeconds), Obligations: obligations,
	}
}

// SameTerms tells whether a grant says what its request asked and no more.
func SameTerms(a, b records.Grant) bool {
	return a.Dataset == b.Dataset && a.Version == b.Version && a.VersionDigest == b.VersionDigest &&
		a.PolicyVersion == b.PolicyVersion && a.PolicyDigest == b.PolicyDigest &&
		a.Request == b.Request && a.RequestDigest == b.RequestDigest && slices.Equal(a.Votes, b.Votes) &&
		a.Institution == b.Institution && slices.Equal(a.Grantees, b.Grantees) &&
		reflect.DeepEqual(a.Purpose, b.Purpose) && a.Mode == b.Mode &&
		a.From == b.From && a.Until == b.Until && slices.Equal(a.Obligations, b.Obligations)
}

// AskOf is what a request asks, as of the moment that it was made.
func AskOf(r records.Request, at records.Time, hierarchy Hierarchy) Ask {
	return Ask{
		Institution: r.Requester.Institution, People: PeopleOf(r.Requester.Institution, r.Researchers), Purpose: r.Purpose, Mode: r.Mode,
		DurationSeconds: r.DurationSeconds, At: at, Hierarchy: hierarchy,
	}
}

// NarrowedAsk is what a grant permits, as a later policy that applies to existing grants is asked about it: whether it would still permit just that. It is asked as of
// no moment, so that time alone narrows nothing.
func NarrowedAsk(grant records.Grant, hierarchy Hierarchy) Ask {
	return Ask{
		Institution: grant.Institution, People: PeopleOf(grant.Institution, grant.Grantees), Purpose: grant.Purpose, Mode: grant.Mode,
		DurationSeconds: int64(grant.Until - grant.From), Hierarchy: hierarchy,
	}
}

// PeopleOf names people of an institution in full.
func PeopleOf(institution string, ids []string) []string {
	people := make([]string, 0, len(ids))
	for _, id := range ids {
		people = append(people, records.Person{Institution: institution, ID: id}.String())
	}
	return people
}
