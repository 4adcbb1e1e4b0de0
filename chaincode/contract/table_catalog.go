package contract

// catalogTransactions are what can be asked about datasets, their versions and policies.
var catalogTransactions = table{
	"dataset.publish":  change(publishDataset),
	"policy.set":       change(setPolicy),
	"dataset.get":      query(getDataset),
	"dataset.manifest": query(getManifest),
	"dataset.list":     query(listDatasets),
	"policy.get":       query(getPolicy),
	"policy.lint":      query(lintPolicy),
	"policy.diff":      query(diffPolicies),
	"policy.offer":     query(offerPolicy),
	"audit.trail":      query(trail),
}
