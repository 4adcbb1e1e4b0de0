package records

// DelegationType is the type of a delegation's record.
const DelegationType = "delegation"

// Delegation lets somebody without a seat vote for a member of a committee, from `From` on and before `Until`; its id is the transaction that made it.
type Delegation struct {
	Institution string `json:"institution"`
	Role        string `json:"role"`
	Member      string `json:"member"`
	Deputy      string `json:"deputy"`
	From        Time   `json:"from"`
	Until       Time   `json:"until"`
	Reason      string `json:"reason,omitzero"`
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
