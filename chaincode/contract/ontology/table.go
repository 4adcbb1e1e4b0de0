// Package ontology is the hierarchies of diseases.
package ontology

import (
	"medconsent.org/chaincode/contract/transaction"
)

// Transactions are what can be asked about hierarchies of diseases.
var Transactions = transaction.Table{
	"ontology.page":    transaction.Change(keepPages),
	"ontology.publish": transaction.Change(publishOntology),
	"ontology.adopt":   transaction.Change(adoptOntology),
	"ontology.get":     transaction.Query(getOntology),
	"ontology.list":    transaction.Query(listOntologies),
	"ontology.term":    transaction.Query(getTerm),
	"ontology.missing": transaction.Query(missingPages),
}
