package contract

// textsTransactions are what can be asked about private texts.
var textsTransactions = table{
	"text.keep":  secret(keepText),
	"text.purge": taking(secret(purgeText)),
	"text.get":   query(showText),
}
