// Package catalog is datasets, their versions and policies, and the trail of what happened to them.
package catalog

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/refusal"
)

// Transactions are what can be asked about datasets, their versions and policies.
var Transactions = transaction.Table{
	"dataset.publish": transaction.Change(publishDataset, transaction.Terms{
		Who:      "a steward",
		Seals:    transaction.Own,
		Officers: []string{"steward"},
		Widens:   true,
		Refuses:  []refusal.Code{refusal.NotFound, refusal.Conflict, refusal.LimitExceeded, refusal.PolicyUnmeetable, refusal.PolicyContradicts, refusal.UsageInfoDiffers, refusal.Forged},
	}),
	"policy.set": transaction.Change(setPolicy, transaction.Terms{
		Who:      "a steward of the owner",
		Seals:    transaction.Own,
		Officers: []string{"steward"},
		Widens:   true,
		Refuses:  []refusal.Code{refusal.NotFound, refusal.Conflict, refusal.LimitExceeded, refusal.PolicyUnmeetable, refusal.PolicyContradicts, refusal.PolicyNotNarrower, refusal.Forged},
	}),
	"dataset.get":      transaction.Query(getDataset, refusal.NotFound, refusal.Forged),
	"dataset.manifest": transaction.Query(getManifest, refusal.NotFound, refusal.Forged),
	"dataset.list":     transaction.Query(listDatasets),
	"policy.get":       transaction.Query(getPolicy, refusal.NotFound, refusal.Forged),
	"policy.lint":      transaction.Query(lintPolicy, refusal.Forged),
	"policy.diff":      transaction.Query(diffPolicies, refusal.NotFound, refusal.Forged),
	"policy.offer":     transaction.Query(offerPolicy, refusal.NotFound, refusal.Forged),
	"audit.trail":      transaction.Query(trail),
}
