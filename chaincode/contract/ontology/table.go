// Package ontology is the hierarchies of diseases.
package ontology

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/refusal"
)

// Transactions are what can be asked about hierarchies of diseases.
var Transactions = transaction.Table{
	"ontology.page": transaction.Change(keepPages, transaction.Terms{
		Who:   "a steward",
		Seals: nil,
	}),
	"ontology.publish": transaction.Change(publishOntology, transaction.Terms{
		Who: "a steward", Officers: []string{"steward"},
		Seals:   transaction.Own,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Conflict, refusal.LimitExceeded, refusal.Forged},
	}),
	"ontology.adopt": transaction.Change(adoptOntology, transaction.Terms{
		Who: "a steward", Officers: []string{"steward"},
		Seals:   transaction.Own,
		Refuses: []refusal.Code{refusal.NotFound, refusal.Conflict, refusal.LimitExceeded, refusal.Forged},
	}),
	"ontology.get":     transaction.Query(getOntology, refusal.NotFound, refusal.Forged),
	"ontology.list":    transaction.Query(listOntologies),
	"ontology.term":    transaction.Query(getTerm, refusal.NotFound, refusal.Forged),
	"ontology.missing": transaction.Query(missingPages),
}
