package records

import "strconv"

// BreakglassType is the type of a breakglass record.
const BreakglassType = "breakglass"

// Breakglass opens a dataset without an approval: two people of its owner, for few hours, to be justified afterwards. Its id is the transaction that proposed it.
type Breakglass struct {
	Dataset         string   `json:"dataset"`
	Version         int64    `json:"version"`
	VersionDigest   string   `json:"version_digest"`
	Institution     string   `json:"institution"`
	People          []string `json:"people"`
	Purpose         Purpose  `json:"purpose"`
	Mode            string   `json:"mode"`
	DurationSeconds int64    `json:"duration_seconds"`
	Reason          string   `json:"reason"`
	// Roster is the state of the owner's privacy committee that the proposer's seat was judged by.
	Roster      Roster  `json:"roster"`
	ProposedBy  Person  `json:"proposed_by"`
	ConfirmedBy *Person `json:"confirmed_by,omitzero"`
	// Grant is what the confirmation made; its id is the confirming transaction.
	Grant string `json:"grant,omitzero"`
	// Deliveries are the keys that data is encrypted to, of those people who had one when it was confirmed.
	Deliveries []DeliveryOf `json:"deliveries,omitzero"`
	// Justification says afterwards why it had to be.
	Justification string `json:"justification,omitzero"`
}

// MostBreakglass is how many one person proposes within a day: others have to read them.
const MostBreakglass = 100

// RecordType implements Body.
func (Breakglass) RecordType() string { return BreakglassType }

// Place implements Body.
func (b Breakglass) Place(id string) (prefix, owner string) {
	institution, _, ok := SplitDataset(b.Dataset)
	if !ok || !IsTx(id) || !IsInstitution(b.Institution) {
		return "", ""
	}
	return BreakglassType, institution
}

// DeliveryTo is the delivery key of one of the people, by its SHA-256; empty when they had none.
func (b Breakglass) DeliveryTo(person string) string { return deliveryTo(b.Deliveries, person) }

// AllBreakglass lists every break-glass record, newest first.
func AllBreakglass() Listing { return indexed("i/breakglass-all") }

// BreakglassByOwner lists the break-glass records on an institution's datasets, newest first.
func BreakglassByOwner(institution string) Listing {
	return indexed("i/breakglass-owner/" + institution)
}

func breakglassEntries(record *Record[Breakglass]) []Entry {
	last := "/" + descending(record.CreatedAt()) + "/" + record.ID
	return []Entry{{AllBreakglass().Prefix + last, record.Owner}, {BreakglassByOwner(record.Owner).Prefix + last, record.Owner}}
}

// breakglassPosts numbers what one person proposes within a day.
func breakglassPosts(record *Record[Breakglass]) []Post {
	const day = 24 * 60 * 60
	span := strconv.FormatInt(int64(record.CreatedAt())/day, 10)
	return []Post{{Name: BreakglassType + "/" + record.Body.ProposedBy.String() + "/" + span, Series: true, Most: MostBreakglass}}
}
