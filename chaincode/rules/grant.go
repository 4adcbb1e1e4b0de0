package rules

import (
	"slices"

	"medconsent.org/chaincode/records"
)

// GrantState is where a grant stands.
type GrantState string

// The states of a grant.
const (
	GrantPending GrantState = "pending"
	GrantActive  GrantState = "active"
	GrantExpired GrantState = "expired"
	GrantRevoked GrantState = "revoked"
)

// GrantStates lists the states of a grant.
var GrantStates = []GrantState{GrantActive, GrantPending, GrantExpired, GrantRevoked}

// GrantStateAt says where a grant stands, or stood, at a moment.
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
func GrantOf(request records.Record[records.Request], digest string, decidedAt records.Time, votes []records.VoteRef) records.Grant {
	r := request.Body
	return records.Grant{
		Dataset: r.Dataset, Version: r.Version, VersionDigest: r.VersionDigest, PolicyVersion: r.PolicyVersion, PolicyDigest: r.PolicyDigest,
		Request: request.ID, RequestDigest: digest, Votes: votes,
		Institution: r.Requester.Institution, Grantees: r.Researchers, Purpose: r.Purpose, Mode: r.Mode,
		From: decidedAt, Until: decidedAt.Add(r.DurationSeconds), Obligations: Obligations,
	}
}

// SameTerms tells whether a grant says what its request asked and no more.
func SameTerms(a, b records.Grant) bool {
	return a.Dataset == b.Dataset && a.Version == b.Version && a.VersionDigest == b.VersionDigest &&
		a.PolicyVersion == b.PolicyVersion && a.PolicyDigest == b.PolicyDigest &&
		a.Request == b.Request && a.RequestDigest == b.RequestDigest && slices.Equal(a.Votes, b.Votes) &&
		a.Institution == b.Institution && slices.Equal(a.Grantees, b.Grantees) &&
		a.Purpose.Kind == b.Purpose.Kind && slices.Equal(a.Purpose.Diseases, b.Purpose.Diseases) && a.Mode == b.Mode &&
		a.From == b.From && a.Until == b.Until && slices.Equal(a.Obligations, b.Obligations)
}
