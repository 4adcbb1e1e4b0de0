package emergency

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/use"
)

type proposeArgument struct {
	Dataset         string          `json:"dataset"`
	Version         *int64          `json:"version"`
	Institution     string          `json:"institution"`
	People          []string        `json:"people"`
	Purpose         records.Purpose `json:"purpose"`
	Mode            string          `json:"mode"`
	DurationSeconds int64           `json:"duration_seconds"`
	Reason          string          `json:"reason"`
}

func (a proposeArgument) Check(c *input.Checker) { c.Body(a.body(1)) }

// body is what is proposed; version is the dataset's latest, for an argument that names none.
func (a proposeArgument) body(version int64) records.Breakglass {
	return records.Breakglass{
		Dataset: a.Dataset, Version: transaction.Or(a.Version, version), Institution: a.Institution, People: a.People, Purpose: a.Purpose, Mode: a.Mode,
		DurationSeconds: a.DurationSeconds, Reason: a.Reason,
	}
}

// proposeBreakglass is the first of the two people that it takes to open a dataset without an approval. What could not be confirmed as things stand is not proposed,
// so that nobody waits for it.
func proposeBreakglass(tx *ledger.Tx, a proposeArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	if err := caller.Need("privacy"); err != nil {
		return nil, err
	}
	if err := ofTheOwner(caller, a.Dataset); err != nil {
		return nil, err
	}
	head, err := evidence.ReadHead(tx, a.Dataset)
	if err != nil {
		return nil, err
	}
	version, err := evidence.ReadVersion(tx, a.Dataset, transaction.Or(a.Version, head.Record.Body.LatestVersion))
	if err != nil {
		return nil, err
	}
	roster, err := evidence.ReadRoster(tx, caller.Institution, "privacy")
	if err != nil {
		return nil, err
	}
	if _, err := justified(tx, caller.Institution); err != nil {
		return nil, err
	}
	if !roster.Seated(caller.ID, tx.Now()) {
		return nil, refusal.New(refusal.Forbidden, "%s has no seat on %s/privacy at %s", caller.ID, caller.Institution, tx.Now()).
			Hinting("a steward of %s seats people (committee.set)", caller.Institution)
	}
	body := a.body(version.Record.Body.Version)
	body.VersionDigest, body.ProposedBy = version.Digest, caller.Person()
	body.Roster = records.Roster{Committee: records.CommitteeID(caller.Institution, "privacy"), Changes: roster.Changes}
	if err := notForThemself(body, caller); err != nil {
		return nil, err
	}
	if err := openable(tx, body); err != nil {
		return nil, err
	}
	written, err := ledger.Create(tx, caller.By, tx.ID, body, records.Proposed, "")
	if err != nil {
		return nil, err
	}
	return written.Raw, nil
}

type confirmArgument struct {
	Breakglass string `json:"breakglass"`
	Digest     string `json:"digest"`
}

func (a confirmArgument) Check(c *input.Checker) {
	c.TxPrefix("breakglass", a.Breakglass)
	c.Digest("digest", a.Digest)
}

type confirmAnswer struct {
	Breakglass any `json:"breakglass"`
	Grant      any `json:"grant"`
}

// confirmBreakglass is the second of the two people: it makes the grant, and keeps in mind that it has to be justified.
func confirmBreakglass(tx *ledger.Tx, a confirmArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	record, err := evidence.ReadBreakglass(tx, a.Breakglass)
	if err != nil {
		return nil, err
	}
	if record.Record.Status == records.Proposed {
		if err := properProposal(tx, record); err != nil {
			return nil, err
		}
	}
	emergencies, hindrance := unhindered(tx, record)
	if err := confirmable(tx, caller, record, a.Digest, hindrance); err != nil {
		return nil, err
	}
	body, person := record.Record.Body, caller.Person()
	body.ConfirmedBy, body.Grant = &person, tx.ID
	opened, err := ledger.Update(tx, caller.By, record, body, records.Open, "confirmed", "")
	if err != nil {
		return nil, err
	}
	if err := remember(tx, caller, emergencies, record.Record.ID); err != nil {
		return nil, err
	}
	grant, err := ledger.Create(tx, caller.By, tx.ID, grants.EmergencyGrant(opened.Record, tx.Now()), records.Active, "")
	if err != nil {
		return nil, err
	}
	return confirmAnswer{opened.Raw, grant.Raw}, nil
}

// confirmable says why a proposal cannot be confirmed; hindrance is what stands in the way whoever confirms it.
func confirmable(tx *ledger.Tx, caller ledger.Caller, record *ledger.Sealed[records.Breakglass], digest string, hindrance error) error {
	if err := isSecond(caller, record); err != nil {
		return err
	}
	if err := refuseUnlessPossible(tx, machines.ActConfirm, record.Record); err != nil {
		return err
	}
	if digest != record.Digest {
		return transaction.Stale("digest", "the proposal", record.Digest)
	}
	return hindrance
}

// refuseUnlessPossible refuses an act that the state of a break-glass does not allow. Whether the grant that it made lasts makes no difference to any.
func refuseUnlessPossible(tx *ledger.Tx, act string, record records.Record[records.Breakglass]) error {
	state := grants.BreakglassStateAt(record, true, tx.Now())
	return machines.BreakglassMachine.Refuse(act, state, "", func() (sentence, hint string) {
		switch {
		case act == machines.ActJustify && state != machines.BreakglassJustified:
			return fmt.Sprintf("break-glass %.12s was not opened, so there is nothing to justify", record.ID), ""
		case act == machines.ActJustify:
			return fmt.Sprintf("break-glass %.12s was justified at %s", record.ID, record.UpdatedAt), ""
		case state == machines.BreakglassLapsed:
			return fmt.Sprintf("the proposal could be confirmed until %s", grants.ConfirmableUntil(record)), "propose it again (breakglass.propose)"
		}
		return fmt.Sprintf("break-glass %.12s was confirmed at %s", record.ID, grants.ConfirmedAt(record)), ""
	})
}

// isSecond refuses with FORBIDDEN or OWN_REQUEST when somebody cannot be the second of the two people.
func isSecond(caller ledger.Caller, record *ledger.Sealed[records.Breakglass]) error {
	if err := caller.Need(grants.ConfirmingRoles...); err != nil {
		return err
	}
	if err := ofTheOwner(caller, record.Record.Body.Dataset); err != nil {
		return err
	}
	if caller.Person() == record.Record.Body.ProposedBy {
		return refusal.New(refusal.OwnRequest, "whoever proposed it does not confirm it: it takes two people")
	}
	return notForThemself(record.Record.Body, caller)
}

// unhindered reads what an institution has to keep in mind about its break-glass grants (nil: nothing yet).
//
// Refuses, whoever would confirm, with UNJUSTIFIED while another is not justified, and with POLICY_DENIES when what the data rests on does not permit even this.
func unhindered(tx *ledger.Tx, record *ledger.Sealed[records.Breakglass]) (*ledger.Sealed[records.Emergencies], error) {
	emergencies, err := justified(tx, record.Record.Owner)
	if err != nil {
		return nil, err
	}
	return emergencies, openable(tx, record.Record.Body)
}

// openable refuses with POLICY_DENIES when what the data rests on does not permit even an emergency.
func openable(tx *ledger.Tx, body records.Breakglass) error {
	grounding, err := emergencyGrounds(tx, body)
	if err != nil || grounding.Answer != rules.Deny {
		return err
	}
	return rules.WithReasons(refusal.New(refusal.PolicyDenies, "not even an emergency opens data that may not be used at all: %s", rules.Sentences(grounding.Reasons)).
		Hinting("the owner's privacy officer sets grounds and statements"), grounding.Reasons)
}

type justifyArgument struct {
	Breakglass    string `json:"breakglass"`
	Justification string `json:"justification"`
}

func (a justifyArgument) Check(c *input.Checker) {
	c.TxPrefix("breakglass", a.Breakglass)
	c.Text("justification", a.Justification, 1, 2000)
}

// justifyBreakglass says afterwards why it had to be.
func justifyBreakglass(tx *ledger.Tx, a justifyArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	record, err := evidence.ReadBreakglass(tx, a.Breakglass)
	if err != nil {
		return nil, err
	}
	if err := mayJustify(caller, record); err != nil {
		return nil, err
	}
	if err := refuseUnlessPossible(tx, machines.ActJustify, record.Record); err != nil {
		return nil, err
	}
	if err := forget(tx, caller, record.Record.ID); err != nil {
		return nil, err
	}
	body := record.Record.Body
	body.Justification = a.Justification
	written, err := ledger.End(tx, caller.By, record, body, records.Justified, "justified", "")
	if err != nil {
		return nil, err
	}
	return written.Raw, nil
}

// mayJustify refuses with FORBIDDEN when a break-glass is not somebody's to justify.
func mayJustify(caller ledger.Caller, record *ledger.Sealed[records.Breakglass]) error {
	if err := caller.Need("privacy"); err != nil {
		return err
	}
	return ofTheOwner(caller, record.Record.Body.Dataset)
}

// ofTheOwner refuses with FORBIDDEN when a dataset is not the caller's institution's.
func ofTheOwner(caller ledger.Caller, dataset string) error {
	if owner, _, _ := records.SplitDataset(dataset); owner != caller.Institution {
		return refusal.New(refusal.Forbidden, "%s is %s's to open, and %s is of %s", dataset, owner, caller.ID, caller.Institution)
	}
	return nil
}

// notForThemself refuses with OWN_REQUEST when whoever opens the data would get it.
func notForThemself(body records.Breakglass, caller ledger.Caller) error {
	if grants.Opens(body, caller.Person()) {
		return refusal.New(refusal.OwnRequest, "%s would open the data for themself", caller.Person())
	}
	return nil
}

// justified reads what an institution has to keep in mind about its break-glass grants (nil: nothing yet).
//
// Refuses with UNJUSTIFIED while one is not justified.
func justified(tx *ledger.Tx, institution string) (*ledger.Sealed[records.Emergencies], error) {
	finding, err := evidence.FindEmergencies(tx, institution)
	if err != nil {
		return nil, err
	}
	emergencies, err := finding.Maybe()
	if err != nil || emergencies == nil || len(emergencies.Record.Body.Unjustified) == 0 {
		return emergencies, err
	}
	refused := refusal.New(refusal.Unjustified, "break-glass %.12s of %s is not justified yet, and no other is opened before", emergencies.Record.Body.Unjustified[0], institution).
		Hinting("a privacy officer justifies it (breakglass.justify)")
	for _, id := range emergencies.Record.Body.Unjustified {
		refused = refused.With(id)
	}
	return nil, refused
}

// remember counts one more that was opened and is to be justified.
func remember(tx *ledger.Tx, caller ledger.Caller, standing *ledger.Sealed[records.Emergencies], id string) error {
	if standing == nil {
		_, err := ledger.Create(tx, caller.By, caller.Institution, records.Emergencies{Unjustified: []string{id}, Opened: 1}, records.Active, "")
		return err
	}
	body := standing.Record.Body
	body.Unjustified, body.Opened = append(slices.Clone(body.Unjustified), id), body.Opened+1
	_, err := ledger.Roll(tx, caller.By, standing, body, records.Active, "opened", id)
	return err
}

// forget takes one that was justified away.
func forget(tx *ledger.Tx, caller ledger.Caller, id string) error {
	finding, err := evidence.FindEmergencies(tx, caller.Institution)
	if err != nil {
		return err
	}
	standing, err := finding.Maybe()
	if err != nil || standing == nil {
		return err
	}
	body := standing.Record.Body
	body.Unjustified = slices.DeleteFunc(slices.Clone(body.Unjustified), func(other string) bool { return other == id })
	_, err = ledger.Roll(tx, caller.By, standing, body, records.Active, "justified", id)
	return err
}

// emergencyGrounds is what the grounds say to a break-glass: two people of the owner answer for the use, and not for what the data rests on.
func emergencyGrounds(tx *ledger.Tx, b records.Breakglass) (lawful.Grounding, error) {
	ask := use.Ask{Institution: b.Institution, People: use.PeopleOf(b.Institution, b.People), Purpose: b.Purpose, Mode: b.Mode, DurationSeconds: b.DurationSeconds}
	grounding, err := evidence.AskGrounds(tx, b.Dataset, b.Version, records.Policy{}, ask)
	return grounding.InEmergency(), err
}
