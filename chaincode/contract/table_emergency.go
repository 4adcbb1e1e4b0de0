package contract

// emergencyTransactions are what can be asked about access that two people open at once.
var emergencyTransactions = table{
	"breakglass.propose": change(proposeBreakglass),
	"breakglass.confirm": change(confirmBreakglass),
	"breakglass.justify": change(justifyBreakglass),
	"breakglass.get":     query(getBreakglass),
	"breakglass.list":    query(listBreakglass),
}
