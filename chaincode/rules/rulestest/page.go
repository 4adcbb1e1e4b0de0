package rulestest

const (
	ConditionsPage = "../../../docs/use-conditions.md"
	TableBegins    = "<!-- table: made from chaincode/rules by UPDATE_DOCS=1 go test ./rules/... -->\n"
	TableEnds      = "<!-- end of the table -->\n"
)
