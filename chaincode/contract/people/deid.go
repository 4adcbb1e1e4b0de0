package people

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/lawful"
)

type deidArgument struct {
	Dataset       string             `json:"dataset"`
	Version       *int64             `json:"version"`
	VersionDigest string             `json:"version_digest"`
	Statement     *records.Statement `json:"statement"`
}

func (a deidArgument) Check(c *input.Checker) {
	c.Given(a.Statement != nil, "statement")
	if c.Err() == nil {
		c.Number("version", a.Version)
		c.Body(a.body(1))
	}
}

func (a deidArgument) body(version int64) records.Deid {
	return records.Deid{Dataset: a.Dataset, Version: transaction.Or(a.Version, version), VersionDigest: a.VersionDigest, Statement: *a.Statement}
}

// stateDeid attests how a dataset version was de-identified. A grant is judged by the statement as it stands: who attests worse later ends what rested on it.
//
// Refuses with CONFLICT when it would change nothing.
func stateDeid(tx *ledger.Tx, a deidArgument) (any, error) {
	caller, err := owning(tx, a.Dataset, "privacy")
	if err != nil {
		return nil, err
	}
	version, err := attested(tx, a.Dataset, a.Version, a.VersionDigest)
	if err != nil {
		return nil, err
	}
	body := a.body(version.Record.Body.Version)
	finding, err := evidence.FindDeid(tx, body.Dataset, body.Version)
	if err != nil {
		return nil, err
	}
	standing, err := finding.Maybe()
	if err != nil {
		return nil, err
	}
	if standing == nil {
		ofTheirOwn(tx, caller, version, "how it was de-identified")
		return transaction.Written(ledger.Create(tx, caller.By, version.Record.ID, body, records.Active, ""))
	}
	if err := transaction.RefuseSame(standing, body, "statement", "state what is different, or of another version"); err != nil {
		return nil, err
	}
	was := standing.Record.Body.Statement
	tx.Widens(lawful.BetterStatement(*a.Statement, was)...)
	return transaction.Written(ledger.Update(tx, caller.By, standing, body, records.Active, "updated", "was: "+was.Law+", "+was.Term+", report "+was.Report.SHA256))
}

func getDeid(tx *ledger.Tx, a transaction.NumberedName) (any, error) {
	number, err := evidence.VersionNumber(tx, a.Dataset, a.Version)
	if err != nil {
		return nil, err
	}
	return transaction.ViewOf(evidence.FindDeid(tx, a.Dataset, number))
}
