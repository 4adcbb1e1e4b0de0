package ledger

import (
	"fmt"

	"medconsent.org/chaincode/records"
)

// Entry is one index entry: a key that says where a record can be found, and the institution whose peers must endorse its deletion. An entry decides
// nothing: what it leads to is verified by itself, and an entry that does not fit its record is passed over.
type Entry struct {
	Key    string
	Policy string
}

// ascending and descending write a moment so that keys sort by it.
func ascending(t records.Time) string  { return fmt.Sprintf("%012d", int64(t)) }
func descending(t records.Time) string { return fmt.Sprintf("%012d", 999_999_999_999-int64(t)) }

// The prefixes of the indexes, and what the entries under each are sorted by.
func allRequests() string                       { return "i/request-all" }                            // newest first
func requestsByOwner(institution string) string { return "i/request-owner/" + institution }           // newest first
func requestsByRequester(inst string) string    { return "i/request-requester/" + inst }              // newest first
func openRequests(institution string) string    { return "i/request-open/" + institution }            // earliest deadline first
func waitingRequests(committee string) string   { return "i/request-waiting/" + committee }           // earliest deadline first
func allGrants() string                         { return "i/grant-all" }                              // newest first
func grantsByOwner(institution string) string   { return "i/grant-owner/" + institution }             // newest first
func grantsByHolder(institution string) string  { return "i/grant-holder/" + institution }            // newest first
func grantsByDataset(dataset string) string     { return "i/grant-dataset/" + dataset }               // newest first
func grantsOf(person, dataset string) string    { return "i/grant-person/" + person + "/" + dataset } // latest end first
func trailOf(dataset string) string             { return "i/trail/" + dataset }                       // oldest first

func institutionOf(dataset string) string {
	institution, _, _ := records.SplitDataset(dataset)
	return institution
}

func trailEntry(dataset string, created records.Time, key string) Entry {
	return Entry{Key: trailOf(dataset) + "/" + ascending(created) + "/" + key, Policy: institutionOf(dataset)}
}

// OpenEntry is the entry of a request among its dataset's owner's open ones. The owner deletes it by approving.
func OpenEntry(request *records.Record[records.Request]) Entry {
	owner := institutionOf(request.Body.Dataset)
	return Entry{Key: openRequests(owner) + "/" + ascending(request.Body.ReviewUntil) + "/" + request.ID, Policy: owner}
}

// WaitingEntry is the entry of a request among those that a committee is asked about. A committee that has approved can be asked again when the request is amended,
// so the entry stays until the vote that completes the approval, which deletes it where it is of the voter's institution or the owner.
func WaitingEntry(request *records.Record[records.Request], institution, role string) Entry {
	prefix := waitingRequests(records.CommitteeID(institution, role))
	return Entry{Key: prefix + "/" + ascending(request.Body.ReviewUntil) + "/" + request.ID, Policy: institution}
}

func requestEntries(request *records.Record[records.Request]) []Entry {
	owner, requester := institutionOf(request.Body.Dataset), request.Owner
	last := "/" + descending(request.CreatedAt()) + "/" + request.ID
	return []Entry{
		{allRequests() + last, requester},
		{requestsByOwner(owner) + last, owner},
		{requestsByRequester(requester) + last, requester},
		OpenEntry(request),
		trailEntry(request.Body.Dataset, request.CreatedAt(), request.Key()),
	}
}

func grantEntries(grant *records.Record[records.Grant]) []Entry {
	owner := grant.Owner
	last := "/" + descending(grant.CreatedAt()) + "/" + grant.ID
	entries := []Entry{
		{allGrants() + last, owner},
		{grantsByOwner(owner) + last, owner},
		{grantsByHolder(grant.Body.Institution) + last, owner},
		{grantsByDataset(grant.Body.Dataset) + last, owner},
		trailEntry(grant.Body.Dataset, grant.CreatedAt(), grant.Key()),
	}
	for _, id := range grant.Body.Grantees {
		entries = append(entries, personEntry(grant, grant.Body.Institution+"/"+id))
	}
	return entries
}

func personEntry(grant *records.Record[records.Grant], person string) Entry {
	return Entry{grantsOf(person, grant.Body.Dataset) + "/" + descending(grant.Body.Until) + "/" + grant.ID, grant.Owner}
}

// entriesOf lists the entries that a new record gets. Institutions, committees and datasets need none: their keys are in the order of their names.
func entriesOf(record any) []Entry {
	switch r := record.(type) {
	case *records.Record[records.Request]:
		return requestEntries(r)
	case *records.Record[records.Grant]:
		return grantEntries(r)
	case *records.Record[records.Acceptance]:
		return []Entry{trailEntry(r.Body.Dataset, r.CreatedAt(), r.Key())}
	case *records.Record[records.Breakglass]:
		return breakglassEntries(r)
	case *records.Record[records.Dataset]:
		return []Entry{trailEntry(r.ID, r.CreatedAt(), r.Key())}
	case *records.Record[records.Version]:
		return []Entry{trailEntry(r.Body.Dataset, r.CreatedAt(), r.Key())}
	case *records.Record[records.PolicyVersion]:
		return []Entry{trailEntry(r.Body.Dataset, r.CreatedAt(), r.Key())}
	case *records.Record[records.Ground]:
		return append(RestingEntries(r), trailEntry(r.Body.Dataset, r.CreatedAt(), r.Key()))
	case *records.Record[records.Deid]:
		return []Entry{trailEntry(r.Body.Dataset, r.CreatedAt(), r.Key())}
	case *records.Record[records.Exclusion]:
		return []Entry{trailEntry(r.Body.Dataset, r.CreatedAt(), r.Key())}
	case *records.Record[records.Vote]:
		return []Entry{trailEntry(r.Body.Dataset, r.CreatedAt(), r.Key())}
	case *records.Record[records.Delegation]:
		return delegationEntries(r)
	case *records.Record[records.Remark]:
		return []Entry{trailEntry(r.Body.Dataset, r.CreatedAt(), r.Key())}
	case *records.Record[records.Invitation]:
		return invitationEntries(r)
	}
	return nil
}

func leadsHere(entry string, record any) bool {
	for _, expected := range entriesOf(record) {
		if expected.Key == entry {
			return true
		}
	}
	return false
}
