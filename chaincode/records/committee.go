package records

// CommitteeType is the type of a committee record.
const CommitteeType = "committee"

// Committee is an institution's roster for a role, with every seat that ever was; its id is "hanbit/dac".
type Committee struct {
	Institution string `json:"institution"`
	Role        string `json:"role"`
	Seats       []Seat `json:"seats"`
}

// Seat is one person's time on a committee: from `From` on and before `Until`. It counts for one key of theirs.
type Seat struct {
	ID    string `json:"id"`
	Key   string `json:"key"`
	From  Time   `json:"from"`
	Until Time   `json:"until,omitzero"`
	SetTx string `json:"set_tx"`
	// EndedTx is the transaction that ended the seat before its planned end; Until is then that moment.
	EndedTx string `json:"ended_tx,omitzero"`
	// PlannedUntil is the end the seat had before it was cut short, if it had one.
	PlannedUntil Time `json:"planned_until,omitzero"`
}

// MaxSeats is how many seats, past ones included, a committee's record can hold.
const MaxSeats = 1_000

// RecordType implements Body.
func (Committee) RecordType() string { return CommitteeType }

// Place implements Body.
func (c Committee) Place(id string) (prefix, owner string) {
	if !IsInstitution(c.Institution) || !IsCommitteeRole(c.Role) || id != CommitteeID(c.Institution, c.Role) {
		return "", ""
	}
	return CommitteeType + "/" + id, c.Institution
}

// CommitteeID is the id of an institution's committee for a role.
func CommitteeID(institution, role string) string { return institution + "/" + role }

// CommitteeRoles are the roles that sit in committees and vote.
var CommitteeRoles = []string{"dac", "ethics", "privacy"}

// IsCommitteeRole tells whether a role sits in a committee.
func IsCommitteeRole(role string) bool {
	return role == "dac" || role == "ethics" || role == "privacy"
}

// Committees lists the committees in the order of their names; of one institution, or of all when it is empty.
func Committees(institution string) Listing { return stored(CommitteeType, institution) }
