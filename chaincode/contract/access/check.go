package access

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
)

type checkArgument struct {
	Dataset string          `json:"dataset"`
	Version *int64          `json:"version"`
	For     string          `json:"for"`
	Purpose records.Purpose `json:"purpose"`
	Mode    string          `json:"mode"`
	At      records.Time    `json:"at"`
}

func (a checkArgument) Check(c *input.Checker) {
	c.Dataset("dataset", a.Dataset)
	c.Number("version", a.Version)
	c.PersonName("for", a.For)
	c.Purpose("purpose", a.Purpose)
	c.OneOf("mode", a.Mode, records.Modes)
}

type checkAnswer struct {
	decision
	Grant string `json:"grant,omitzero"`
}

// check answers whether a person may use a dataset version now, from the grants that they hold and the evidence of each, looked at again.
func check(tx *ledger.Tx, a checkArgument) (any, error) {
	s := search{Search: grants.NewSearch(a.For, a.Dataset, a.At), tx: tx, seen: map[string]bool{}}
	if tx.Alarm.Ledger != "" { // the ledger may not say what it should
		return s.shut(rules.Reason{Code: rules.LedgerAlarm, Message: tx.Alarm.Ledger}), nil
	}
	age, err := evidence.LedgerAge(tx)
	if err != nil {
		return nil, err
	}
	s.age = age
	if reason := age.Old(); reason != nil { // the ledger may lack what took access away
		return s.shut(*reason), nil
	}
	question, err := a.question(tx)
	if refusal.Is(err, refusal.Forged) {
		return s.shut(forgedDataset(refusal.From(err))), nil
	}
	if err != nil {
		return nil, err
	}
	for _, listing := range evidence.GrantListings(a.For, a.Dataset) {
		if err := s.look(listing, question); err != nil {
			return nil, err
		}
		if s.Permits() {
			break
		}
	}
	return s.answer(), nil
}

// question is what each grant is asked. The version is the dataset's latest unless one is named.
//
// Refuses with NOT_FOUND or FORGED.
func (a checkArgument) question(tx *ledger.Tx) (grants.Question, error) {
	head, err := evidence.ReadHead(tx, a.Dataset)
	if err != nil {
		return grants.Question{}, err
	}
	version, err := evidence.ReadVersion(tx, a.Dataset, transaction.Or(a.Version, head.Record.Body.LatestVersion))
	if err != nil {
		return grants.Question{}, err
	}
	return grants.Question{For: a.For, Purpose: a.Purpose, Mode: a.Mode, Version: version.Record.Body.Version, Digest: version.Digest, At: a.At}, nil
}
