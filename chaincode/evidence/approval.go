package evidence

import (
	"strings"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/machines"
)

// MissingEvidence is the reason that a refusal gives when what a grant rests on is forged or gone; without a refusal it is the reason that was found.
func MissingEvidence(key string, err error, found *rules.Reason) *rules.Reason {
	if err == nil {
		return found
	}
	return &rules.Reason{Code: rules.EvidenceMissing, Message: "what the grant rests on does not hold: " + refusal.From(err).Message, Clause: key}
}

func UnlessMissing(err error) error {
	if refusal.Is(err, refusal.Forged) || refusal.Is(err, refusal.NotFound) {
		return nil
	}
	return err
}

// Against is why an approved request does not make this grant, or nil.
func (c *Case) Against(tx *ledger.Tx, grant *ledger.Sealed[records.Grant]) *rules.Reason {
	outcome := c.Outcome(tx)
	if outcome.State != machines.Approved || outcome.DecidedBy != grant.Record.ID {
		return &rules.Reason{Code: rules.EvidenceMissing, Message: "the sealed votes do not approve the request that the grant names", Clause: c.Request.Key}
	}
	if !grants.SameTerms(grant.Record.Body, c.Grant(outcome)) {
		return &rules.Reason{Code: rules.EvidenceDiffers, Message: "the grant says something else than the request that was approved", Clause: grant.Key}
	}
	return c.takenBack(outcome.DecidedAt)
}

// takenBack is the reason against a grant whose related one had been revoked or relinquished when it was decided on, or nil. What is dated within the clocks' tolerance
// before may have been done after.
func (c *Case) takenBack(decidedAt records.Time) *rules.Reason {
	if c.Related == nil {
		return nil
	}
	state := grants.GrantStateAt(c.Related.Record, decidedAt-clocksApart)
	if state != machines.GrantRevoked && state != machines.GrantRelinquished {
		return nil
	}
	return &rules.Reason{Code: rules.EvidenceMissing, Message: "the grant that it renews or joins was " + string(state) + " when the request was approved", Clause: c.Related.Key}
}

// BrokenGlass is why the record that a break-glass grant names does not make this grant, or nil: one record of the owner, its privacy committee and the version are read.
//
// Refuses with FORGED or NOT_FOUND.
func BrokenGlass(tx *ledger.Tx, grant *ledger.Sealed[records.Grant]) (*rules.Reason, error) {
	body := grant.Record.Body
	if !records.IsTx(body.Breakglass) {
		return &rules.Reason{Code: rules.EvidenceMissing, Message: "the grant names no break-glass record", Clause: grant.Key}, nil
	}
	record, err := tx.Breakglass(body.Breakglass)
	if err != nil {
		return nil, err
	}
	roster, err := ReadRoster(tx, record.Record.Owner, "privacy")
	if err != nil {
		return nil, err
	}
	version, err := ReadVersion(tx, record.Record.Body.Dataset, record.Record.Body.Version)
	if err != nil {
		return nil, err
	}
	reasons := grants.Unopened(record.Record, grant.Record.ID, roster)
	var c input.Checker
	c.Proposal(record.Record.Body)
	if err := c.Err(); err != nil {
		reasons = append(reasons, refusal.From(err).Message)
	}
	if len(reasons) > 0 {
		return &rules.Reason{Code: rules.EvidenceMissing, Message: "the glass was not broken by the rules: " + strings.Join(reasons, "; "), Clause: record.Key}, nil
	}
	expected := grants.EmergencyGrant(record.Record, grants.ConfirmedAt(record.Record))
	if version.Digest != expected.VersionDigest || !grants.SameTerms(body, expected) {
		return &rules.Reason{Code: rules.EvidenceDiffers, Message: "the grant says something else than what was opened", Clause: grant.Key}, nil
	}
	return nil, nil
}
