package records

// RequestType is the type of a request record.
const RequestType = "request"

// Request asks for a dataset version under the policy version that its author read; its id is the transaction that made it.
type Request struct {
	Dataset         string  `json:"dataset"`
	Version         int64   `json:"version"`
	VersionDigest   string  `json:"version_digest"`
	PolicyVersion   int64   `json:"policy_version"`
	PolicyDigest    string  `json:"policy_digest"`
	Purpose         Purpose `json:"purpose"`
	Mode            string  `json:"mode"`
	DurationSeconds int64   `json:"duration_seconds"`
	Project         string  `json:"project"`
	AcceptedTerms   string  `json:"accepted_terms,omitzero"`
	// Renews is the grant that this one is to follow, Joins the one that it is to add people to; at most one of them.
	Renews      string   `json:"renews,omitzero"`
	Joins       string   `json:"joins,omitzero"`
	Requester   Person   `json:"requester"`
	Researchers []string `json:"researchers"`
	ReviewUntil Time     `json:"review_until"`
	// Deliveries are the keys that data is encrypted to, of those researchers who had one when the request was stated: who votes, votes on them too.
	Deliveries []DeliveryOf `json:"deliveries,omitzero"`
	// Texts are the commitments of private texts that belong to the request, or did before it was amended.
	Texts []RequestText `json:"texts,omitzero"`
	// ForPeople says that what the data rests on left something for people to judge when the request was made: so it is not approved automatically.
	ForPeople bool `json:"for_people,omitzero"`
	// AsMade is the body that the request was made with, of one that was amended since: the seal of the first state tells that it is, and what an amendment never changes is told by it.
	AsMade *Request `json:"as_made,omitzero"`
}

// Amending is the body of the same request as an amendment states it anew.
func (r Request) Amending(stated Request) Request {
	made := r.made()
	stated.AsMade = &made
	return stated
}

// made is the body that the request was made with.
func (r Request) made() Request {
	if r.AsMade != nil {
		return *r.AsMade
	}
	return r
}

// Kept is what of a request no amendment changes: what is asked for, by whose rules, by whom and until when.
func (r Request) Kept() Request {
	return Request{
		Dataset: r.Dataset, Version: r.Version, VersionDigest: r.VersionDigest, PolicyVersion: r.PolicyVersion, PolicyDigest: r.PolicyDigest,
		Renews: r.Renews, Joins: r.Joins, Requester: r.Requester, ReviewUntil: r.ReviewUntil, ForPeople: r.ForPeople,
	}
}

// RecordType implements Body.
func (Request) RecordType() string { return RequestType }

// Place implements Body.
func (r Request) Place(id string) (prefix, owner string) {
	if _, _, ok := SplitDataset(r.Dataset); !ok || !IsTx(id) || !IsInstitution(r.Requester.Institution) {
		return "", ""
	}
	return RequestType, r.Requester.Institution
}

// DeliveryOf is the delivery key of a person of an institution, by its SHA-256.
type DeliveryOf struct {
	Person string `json:"person"`
	SHA256 string `json:"sha256"`
}

// DeliveryTo is the delivery key of a researcher that the request names, by its SHA-256; empty when it names none.
func (r Request) DeliveryTo(person string) string { return deliveryTo(r.Deliveries, person) }

func deliveryTo(deliveries []DeliveryOf, person string) string {
	for _, delivery := range deliveries {
		if delivery.Person == person {
			return delivery.SHA256
		}
	}
	return ""
}

// TextRef is the commitment of a private text that belongs to a request: SHA-256("medconsent/text/1" ‖ 0x00 ‖ salt ‖ text).
type TextRef struct {
	Kind       string `json:"kind"`
	Commitment string `json:"commitment"`
}

// RequestText is a private text that a request names. One that an amendment has replaced stays named, so that it can be read and purged.
type RequestText struct {
	TextRef
	Replaced bool `json:"replaced,omitzero"`
}

// TextKinds lists the kinds of private text that a request can have.
var TextKinds = []string{"description", "ethics-letter"}

// AllRequests lists every request, newest first.
func AllRequests() Listing { return indexed("i/request-all") }

// RequestsByOwner lists the requests for an institution's datasets, newest first.
func RequestsByOwner(institution string) Listing { return indexed("i/request-owner/" + institution) }

// RequestsByRequester lists the requests that an institution made, newest first.
func RequestsByRequester(institution string) Listing {
	return indexed("i/request-requester/" + institution)
}

// OpenRequests lists the requests for an institution's datasets that were not approved and whose deadline has not come, the earliest deadline first. What
// lapsed costs nothing.
func OpenRequests(institution string, now Time) Listing {
	listing := indexed("i/request-open/" + institution)
	listing.From = listing.Prefix + "/" + ascending(now)
	return listing
}

// WaitingRequests lists the requests that a committee has not met and whose deadline has not come, the earliest deadline first.
func WaitingRequests(institution, role string, now Time) Listing {
	prefix := "i/request-waiting/" + CommitteeID(institution, role)
	return Listing{Prefix: prefix, From: prefix + "/" + ascending(now), Fits: func(entry string, record Any) bool {
		request, ok := record.(*Record[Request])
		return ok && entry == WaitingEntry(request, institution, role).Key
	}}
}

func requestEntries(request *Record[Request]) []Entry {
	owner, requester := institutionOf(request.Body.Dataset), request.Owner
	last := "/" + descending(request.CreatedAt()) + "/" + request.ID
	return []Entry{
		MadeEntry(request),
		{RequestsByOwner(owner).Prefix + last, owner},
		{RequestsByRequester(requester).Prefix + last, requester},
		OpenEntry(request),
	}
}

// MadeEntry is the entry of a request among all of them. It stands under the moment at which the request was made, and was made with it by a majority: so the owner of a
// request cannot date it otherwise later.
func MadeEntry(request *Record[Request]) Entry {
	return Entry{Key: AllRequests().Prefix + "/" + descending(request.CreatedAt()) + "/" + request.ID, Policy: request.Owner}
}

// OpenEntry is the entry of a request among its dataset's owner's open ones. The owner deletes it by approving.
func OpenEntry(request *Record[Request]) Entry {
	owner := institutionOf(request.Body.Dataset)
	return Entry{Key: OpenRequests(owner, 0).Prefix + "/" + ascending(request.Body.ReviewUntil) + "/" + request.ID, Policy: owner}
}

// WaitingEntry is the entry of a request among those that a committee is asked about. A committee that has approved can be asked again when the request is amended,
// so the entry stays until the vote that completes the approval, which deletes it where it is of the voter's institution or the owner.
func WaitingEntry(request *Record[Request], institution, role string) Entry {
	prefix := WaitingRequests(institution, role, 0).Prefix
	return Entry{Key: prefix + "/" + ascending(request.Body.ReviewUntil) + "/" + request.ID, Policy: institution}
}
