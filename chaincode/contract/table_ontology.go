package contract

// ontologyTransactions are what can be asked about hierarchies of diseases.
var ontologyTransactions = table{
	"ontology.page":    change(keepPages),
	"ontology.publish": change(publishOntology),
	"ontology.adopt":   change(adoptOntology),
	"ontology.get":     query(getOntology),
	"ontology.list":    query(listOntologies),
	"ontology.term":    query(getTerm),
	"ontology.missing": query(missingPages),
}
