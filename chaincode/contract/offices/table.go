// Package offices is who an institution is, who sits on its committees, and who votes for whom.
package offices

import (
	"medconsent.org/chaincode/contract/transaction"
)

// Transactions are what can be asked about who an institution is, who sits on its committees, and who votes for whom.
var Transactions = transaction.Table{
	"institution.set":      transaction.Change(setInstitution),
	"committee.set":        transaction.Change(setCommittee),
	"committee.delegate":   transaction.Change(delegate),
	"committee.undelegate": transaction.Ending(undelegate),
	"institution.get":      transaction.Query(getInstitution),
	"institution.list":     transaction.Query(listInstitutions),
	"committee.get":        transaction.Query(getCommittee),
	"committee.list":       transaction.Query(listCommittees),
	"delegation.list":      transaction.Query(listDelegations),
}
