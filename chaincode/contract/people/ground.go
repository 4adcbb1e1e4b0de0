package people

import (
	"strings"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/lawful"
)

type groundArgument struct {
	Dataset       string   `json:"dataset"`
	Version       *int64   `json:"version"`
	VersionDigest string   `json:"version_digest"`
	Cohorts       []string `json:"cohorts"`
	Bases         []string `json:"bases"`
}

func (a groundArgument) Check(c *input.Checker) {
	c.Number("version", a.Version)
	c.Body(a.body(1))
}

func (a groundArgument) body(version int64) records.Ground {
	return records.Ground{Dataset: a.Dataset, Version: transaction.Or(a.Version, version), VersionDigest: a.VersionDigest, Cohorts: a.Cohorts, Bases: a.Bases}
}

// setGround says what a dataset version rests on. It is the privacy officer's word: who publishes does not attest.
//
// Refuses with CONFLICT when it would change nothing.
func setGround(tx *ledger.Tx, a groundArgument) (any, error) {
	caller, err := owning(tx, a.Dataset, "privacy")
	if err != nil {
		return nil, err
	}
	version, err := attested(tx, a.Dataset, a.Version, a.VersionDigest)
	if err != nil {
		return nil, err
	}
	body := a.body(version.Record.Body.Version)
	for _, id := range body.Cohorts {
		if _, err := evidence.ReadCohort(tx, id); err != nil {
			return nil, err
		}
	}
	for _, id := range body.Bases {
		if _, err := evidence.ReadBasis(tx, id); err != nil {
			return nil, err
		}
	}
	finding, err := evidence.FindGround(tx, body.Dataset, body.Version)
	if err != nil {
		return nil, err
	}
	standing, err := finding.Maybe()
	if err != nil {
		return nil, err
	}
	if standing == nil {
		ofTheirOwn(tx, caller, version, "what it rests on")
		return transaction.Written(ledger.Create(tx, caller.By, records.Numbered(body.Dataset, '@', body.Version), body, records.Active, ""))
	}
	if err := transaction.RefuseSame(standing, body, "", "name other cohorts or legal bases, or another version"); err != nil {
		return nil, err
	}
	tx.Widens(lawful.WiderGround(body, standing.Record.Body)...)
	next, err := ledger.Update(tx, caller.By, standing, body, records.Active, "updated", "was: "+strings.Join(append(standing.Record.Body.Cohorts, standing.Record.Body.Bases...), ", "))
	if err != nil {
		return nil, err
	}
	for _, entry := range records.NewRestingEntries(&standing.Record, &next.Record) {
		tx.Enter(entry)
	}
	return next.Raw, nil
}

func getGround(tx *ledger.Tx, a transaction.NumberedName) (any, error) {
	number, err := evidence.VersionNumber(tx, a.Dataset, a.Version)
	if err != nil {
		return nil, err
	}
	return transaction.ViewOf(evidence.FindGround(tx, a.Dataset, number))
}

// owning makes sure that the caller acts in a role for the institution that something named "hanbit/…" belongs to.
//
// Refuses with FORBIDDEN.
func owning(tx *ledger.Tx, name string, roles ...string) (ledger.Caller, error) {
	caller, err := tx.Caller()
	if err != nil {
		return caller, err
	}
	if err := caller.Need(roles...); err != nil {
		return caller, err
	}
	if owner, _, _ := records.SplitDataset(name); owner != caller.Institution {
		return caller, refusal.New(refusal.Forbidden, "%s belongs to %s, and %s is of %s", name, owner, caller.ID, caller.Institution)
	}
	return caller, nil
}

// attested is the version that somebody attests something of, as they have seen it.
//
// Refuses with CONFLICT.
func attested(tx *ledger.Tx, dataset string, version *int64, digest string) (*ledger.Sealed[records.Version], error) {
	number, err := evidence.VersionNumber(tx, dataset, version)
	if err != nil {
		return nil, err
	}
	shown, err := evidence.ReadVersion(tx, dataset, number)
	if err != nil {
		return nil, err
	}
	if shown.Digest != digest {
		return nil, transaction.Stale("version_digest", shown.Record.ID, shown.Digest)
	}
	return shown, nil
}
