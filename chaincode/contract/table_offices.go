package contract

// officesTransactions are what can be asked about who an institution is, who sits on its committees, and who votes for whom.
var officesTransactions = table{
	"institution.set":      change(setInstitution),
	"committee.set":        change(setCommittee),
	"committee.delegate":   change(delegate),
	"committee.undelegate": ending(undelegate),
	"institution.get":      query(getInstitution),
	"institution.list":     query(listInstitutions),
	"committee.get":        query(getCommittee),
	"committee.list":       query(listCommittees),
	"delegation.list":      query(listDelegations),
}
