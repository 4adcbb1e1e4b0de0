package contract

import (
	"strings"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

type groundArgument struct {
	Dataset       string   `json:"dataset"`
	Version       *int64   `json:"version"`
	VersionDigest string   `json:"version_digest"`
	Cohorts       []string `json:"cohorts"`
	Bases         []string `json:"bases"`
}

func (a groundArgument) check(c *input.Checker) {
	c.Number("version", a.Version)
	c.Ground(a.body(1))
}

func (a groundArgument) body(version int64) records.Ground {
	return records.Ground{Dataset: a.Dataset, Version: or(a.Version, version), VersionDigest: a.VersionDigest, Cohorts: a.Cohorts, Bases: a.Bases}
}

// setGround says what a dataset version rests on. It is the privacy officer's word: who publishes does not attest.
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
		if _, err := mustCohort(tx, id); err != nil {
			return nil, err
		}
	}
	for _, id := range body.Bases {
		if _, err := mustBasis(tx, id); err != nil {
			return nil, err
		}
	}
	finding, err := tx.Ground(body.Dataset, body.Version)
	if err != nil {
		return nil, err
	}
	standing, err := finding.Maybe()
	if err != nil {
		return nil, err
	}
	if standing == nil {
		return written(ledger.Create(tx, caller.By, records.Numbered(body.Dataset, '@', body.Version), body, records.Active, ""))
	}
	next, err := ledger.Update(tx, caller.By, standing, body, records.Active, "updated", "was: "+strings.Join(append(standing.Record.Body.Cohorts, standing.Record.Body.Bases...), ", "))
	if err != nil {
		return nil, err
	}
	for _, entry := range records.NewRestingEntries(&standing.Record, &next.Record) {
		tx.Enter(entry)
	}
	return next.Raw, nil
}

func getGround(tx *ledger.Tx, a numberedName) (any, error) {
	number, err := numberOf(tx, a.Dataset, a.Version)
	if err != nil {
		return nil, err
	}
	return viewOf(tx.Ground(a.Dataset, number))
}

// numberOf is the version of a dataset that is named, or the latest when none is.
func numberOf(tx *ledger.Tx, dataset string, version *int64) (int64, error) {
	if version != nil {
		return *version, nil
	}
	head, err := latest(tx, dataset)
	if err != nil {
		return 0, err
	}
	return head.Record.Body.LatestVersion, nil
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
	number, err := numberOf(tx, dataset, version)
	if err != nil {
		return nil, err
	}
	shown, err := mustVersion(tx, dataset, number)
	if err != nil {
		return nil, err
	}
	if shown.Digest != digest {
		return nil, stale("version_digest", shown.Record.ID, shown.Digest)
	}
	return shown, nil
}

// written answers with the record that was queued.
func written[B records.Body](sealed *ledger.Sealed[B], err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return sealed.Raw, nil
}
