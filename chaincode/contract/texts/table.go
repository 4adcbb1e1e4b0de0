// Package texts is private texts, which only two institutions keep.
package texts

import (
	"medconsent.org/chaincode/contract/transaction"
)

// Transactions are what can be asked about private texts.
var Transactions = transaction.Table{
	"text.keep":  transaction.Secret(keepText),
	"text.purge": transaction.Taking(transaction.Secret(purgeText)),
	"text.get":   transaction.Query(showText),
}
