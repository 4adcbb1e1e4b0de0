// Package catalog is datasets, their versions and policies, and the trail of what happened to them.
package catalog

import (
	"medconsent.org/chaincode/contract/transaction"
)

// Transactions are what can be asked about datasets, their versions and policies.
var Transactions = transaction.Table{
	"dataset.publish":  transaction.Change(publishDataset),
	"policy.set":       transaction.Change(setPolicy),
	"dataset.get":      transaction.Query(getDataset),
	"dataset.manifest": transaction.Query(getManifest),
	"dataset.list":     transaction.Query(listDatasets),
	"policy.get":       transaction.Query(getPolicy),
	"policy.lint":      transaction.Query(lintPolicy),
	"policy.diff":      transaction.Query(diffPolicies),
	"policy.offer":     transaction.Query(offerPolicy),
	"audit.trail":      transaction.Query(trail),
}
