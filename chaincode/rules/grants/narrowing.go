package grants

import (
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/use"
)

// NarrowedAsk is what a grant permits, as a later policy that applies to existing grants is asked about it: whether it would still permit just that. It is asked as of
// no moment, so that time alone narrows nothing.
func NarrowedAsk(grant records.Grant, hierarchy use.Hierarchy) use.Ask {
	return use.Ask{
		Institution: grant.Institution, People: use.PeopleOf(grant.Institution, grant.Grantees), Purpose: grant.Purpose, Mode: grant.Mode,
		DurationSeconds: int64(grant.Until - grant.From), Hierarchy: hierarchy,
	}
}
