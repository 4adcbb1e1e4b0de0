// Package grants judges grants: what an approval makes, and where a grant stands.
package grants

import (
	"reflect"
	"slices"
	"strings"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/machines"
)

// GrantStateAt says where a grant stands, or stood, at a moment, by its own record: whether a policy has narrowed it or the grant that it joins has ended is judged
// beside it. A record whose status is not what its changes come to counts as revoked.
func GrantStateAt(grant records.Record[records.Grant], at records.Time) machines.GrantState {
	said := saidOf(grant.Changes, at)
	switch {
	case saidOf(grant.Changes, records.MaxTime) != grant.Status || said == records.Revoked:
		return machines.GrantRevoked
	case said == records.Relinquished:
		return machines.GrantRelinquished
	case at >= grant.Body.Until:
		return machines.GrantExpired
	case said == records.Suspended:
		return machines.GrantSuspended
	case at < grant.Body.From:
		return machines.GrantPending
	}
	return machines.GrantActive
}

// saidOf is the status that a grant's changes up to a moment come to. What ended it is final.
func saidOf(changes []records.Change, at records.Time) records.Status {
	status := records.Active
	for _, change := range changes {
		if change.At > at {
			break
		}
		switch change.Action {
		case records.GrantType + ".revoked":
			return records.Revoked
		case records.GrantType + ".relinquished":
			return records.Relinquished
		case records.GrantType + ".suspended":
			status = records.Suspended
		case records.GrantType + ".lifted":
			status = records.Active
		}
	}
	return status
}

// LastChange gives the last change of a grant up to a moment that has one of the actions ("revoked").
func LastChange(grant records.Record[records.Grant], at records.Time, actions ...string) (change records.Change, ok bool) {
	for _, made := range grant.Changes {
		if made.At <= at && slices.Contains(actions, strings.TrimPrefix(made.Action, records.GrantType+".")) {
			change, ok = made, true
		}
	}
	return change, ok
}

// LeftAt tells whether a grantee had left a grant at a moment, for themself alone.
func LeftAt(grant records.Record[records.Grant], id string, at records.Time) bool {
	return slices.ContainsFunc(grant.Changes, func(change records.Change) bool {
		return change.Action == records.GrantType+".left" && change.At <= at && change.By.Institution == grant.Body.Institution && change.By.ID == id
	})
}

// HoldersAt are the grantees who have not left at a moment.
func HoldersAt(grant records.Record[records.Grant], at records.Time) []string {
	return slices.DeleteFunc(slices.Clone(grant.Body.Grantees), func(id string) bool { return LeftAt(grant, id, at) })
}

// Bounds are what a grant's time depends on besides its request. Zero is no bound.
type Bounds struct {
	NotBefore records.Time // the end of the grant that is renewed
	NotAfter  records.Time // the first end among the ethics approvals that it rests on, and of the grant that is joined
}

// BoundsOf are the bounds of a request's grant: by the grant that it renews or joins, if any, by when its attestations end (zero: there are none), and by the end of the
// ethics approval that the request itself names.
func BoundsOf(related *records.Record[records.Grant], request records.Request, attested records.Time) Bounds {
	bounds := Bounds{}
	bounds.endBy(attested)
	if ethics := request.Purpose.Ethics; ethics != nil {
		bounds.endBy(ethics.ValidUntil)
	}
	if related != nil && request.Renews != "" {
		bounds.NotBefore = related.Body.Until
	}
	if related != nil && request.Joins != "" {
		bounds.endBy(related.Body.Until)
	}
	return bounds
}

// endBy adds a moment past which the grant does not last; zero is none.
func (b *Bounds) endBy(moment records.Time) {
	if moment != 0 && (b.NotAfter == 0 || moment < b.NotAfter) {
		b.NotAfter = moment
	}
}

// From is when the grant of a request that was approved at a moment begins.
func (b Bounds) From(decidedAt records.Time) records.Time { return max(decidedAt, b.NotBefore) }

func (b Bounds) until(from records.Time, seconds int64) records.Time {
	until := from.Add(seconds)
	if b.NotAfter != 0 {
		return min(until, b.NotAfter)
	}
	return until
}

// GrantOf is the grant that an approved request makes. It begins with the deciding vote, or when the grant that it renews ends, and lasts as long as the request
// asked, but not past its bounds. Its end is not after its beginning when the bounds leave no time.
func GrantOf(request records.Record[records.Request], digest string, decidedAt records.Time, votes []records.VoteRef, obligations []string, bounds Bounds) records.Grant {
	r := request.Body
	from := bounds.From(decidedAt)
	return records.Grant{
		Dataset: r.Dataset, Version: r.Version, VersionDigest: r.VersionDigest, PolicyVersion: r.PolicyVersion, PolicyDigest: r.PolicyDigest,
		Request: request.ID, RequestDigest: digest, Votes: votes, Renews: r.Renews, Joins: r.Joins,
		Institution: r.Requester.Institution, AskedBy: r.Requester.ID, Grantees: r.Researchers, Purpose: r.Purpose, Mode: r.Mode,
		From: from, Until: bounds.until(from, r.DurationSeconds), Obligations: obligations,
	}
}

// SameTerms tells whether a grant says what its request asked and no more.
func SameTerms(a, b records.Grant) bool {
	return a.Dataset == b.Dataset && a.Version == b.Version && a.VersionDigest == b.VersionDigest &&
		a.PolicyVersion == b.PolicyVersion && a.PolicyDigest == b.PolicyDigest &&
		a.Request == b.Request && a.RequestDigest == b.RequestDigest && slices.Equal(a.Votes, b.Votes) &&
		a.Breakglass == b.Breakglass && a.Renews == b.Renews && a.Joins == b.Joins &&
		a.Institution == b.Institution && a.AskedBy == b.AskedBy && slices.Equal(a.Grantees, b.Grantees) &&
		reflect.DeepEqual(a.Purpose, b.Purpose) && a.Mode == b.Mode &&
		a.From == b.From && a.Until == b.Until && slices.Equal(a.Obligations, b.Obligations)
}
