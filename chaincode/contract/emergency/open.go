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
	if !roster.Seated(caller.ID, caller.Key, tx.Now()) {
		return nil, refusal.New(refusal.Forbidden, "%s has no seat on %s/privacy at %s", caller.ID, caller.Institution, tx.Now()).
			Hinting("a steward of %s seats people (committee.set)", caller.Institution)
	}
	body := a.body(version.Record.Body.Version)
	body.VersionDigest, body.ProposedBy = version.Digest, caller.Person()
	body.Roster = roster.State(records.CommitteeID(caller.Institution, "privacy"))
	if err := notForThemself(body, caller); err != nil {
		return nil, err
	}
	if _, err := unhindered(tx, caller.Institution, body); err != nil {
		return nil, err
	}
	written, err := ledger.Create(tx, caller.By, tx.ID, body, records.Proposed, "")
	if refusal.Is(err, refusal.LimitExceeded) {
		return nil, refusal.New(refusal.LimitExceeded, "%s has proposed %d within a day, which is the most that others have to read", caller.Person(), records.MostBreakglass).
			Hinting("another privacy officer of %s proposes it", caller.Institution)
	}
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
	emergencies, hindrance := unhindered(tx, record.Record.Owner, record.Record.Body)
	if err := confirmable(tx, caller, record, a.Digest, hindrance); err != nil {
		return nil, err
	}
	body, person := record.Record.Body, caller.Person()
	body.ConfirmedBy, body.Grant = &person, tx.ID
	if body.Deliveries, err = evidence.Deliveries(tx, body.Institution, body.People); err != nil {
		return nil, err
	}
	opened, err := ledger.Update(tx, caller.By, record, body, records.Open, "confirmed", "")
	if err != nil {
		return nil, err
	}
	if err := remember(tx, caller, emergencies, opened.Record); err != nil {
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
	if err := isSecond(tx, caller, record); err != nil {
		return err
	}
	if err := refuseUnlessPossible(tx, machines.ActConfirm, record.Record, 0); err != nil {
		return err
	}
	if digest != record.Digest {
		return transaction.Stale("digest", "the proposal", record.Digest)
	}
	return hindrance
}

// refuseUnlessPossible refuses an act that the state of a break-glass does not allow. end is when the grant that it made ended or will end.
func refuseUnlessPossible(tx *ledger.Tx, act string, record records.Record[records.Breakglass], end records.Time) error {
	state := grants.BreakglassStateAt(record, end > tx.Now(), tx.Now())
	return machines.BreakglassMachine.Refuse(act, state, "", func() (sentence, hint string) {
		switch {
		case state == machines.BreakglassOpen && act == machines.ActJustify:
			return fmt.Sprintf("break-glass %.12s lasts until %s: it is justified when it has ended", record.ID, end), "grant.revoke ends it before its time"
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

// knownByKey refuses with FORBIDDEN who is neither an officer nor a member of a committee by the key that signed.
func knownByKey(tx *ledger.Tx, caller ledger.Caller) error {
	for _, role := range []string{"dac", "privacy"} {
		roster, err := evidence.ReadRoster(tx, caller.Institution, role)
		if err != nil {
			return err
		}
		if caller.Has(role) && roster.Seated(caller.ID, caller.Key, tx.Now()) {
			return nil
		}
	}
	return evidence.NeedOffice(tx, caller, "steward", "privacy")
}

// isSecond refuses with FORBIDDEN or OWN_REQUEST when somebody cannot be the second of the two people.
func isSecond(tx *ledger.Tx, caller ledger.Caller, record *ledger.Sealed[records.Breakglass]) error {
	if err := caller.Need(grants.ConfirmingRoles...); err != nil {
		return err
	}
	if err := ofTheOwner(caller, record.Record.Body.Dataset); err != nil {
		return err
	}
	if caller.Person() == record.Record.Body.ProposedBy || caller.Key == record.Record.Changes[0].By.Key {
		return refusal.New(refusal.OwnRequest, "whoever proposed it does not confirm it: it takes two people")
	}
	if err := notForThemself(record.Record.Body, caller); err != nil {
		return err
	}
	return knownByKey(tx, caller)
}

// unhindered reads what an institution has to keep in mind about its break-glass grants (nil: nothing yet).
//
// Refuses, whoever would confirm, with UNJUSTIFIED and LIMIT_EXCEEDED for what was opened before (grants.HinderOpening), and with POLICY_DENIES when what the data rests on
// does not permit even this.
func unhindered(tx *ledger.Tx, owner string, body records.Breakglass) (*ledger.Sealed[records.Emergencies], error) {
	finding, err := evidence.FindEmergencies(tx, owner)
	if err != nil {
		return nil, err
	}
	emergencies, err := finding.Maybe()
	if err != nil {
		return nil, err
	}
	if emergencies != nil {
		openings, err := openingsAsOfNow(tx, emergencies.Record.Body.Openings)
		if err != nil {
			return nil, err
		}
		if err := grants.HinderOpening(body, openings, tx.Now()); err != nil {
			return nil, err
		}
	}
	return emergencies, openable(tx, body)
}

// openingsAsOfNow gives the openings that have to be kept in mind, with the ends of those that ended before their time.
func openingsAsOfNow(tx *ledger.Tx, openings []records.Opening) ([]records.Opening, error) {
	openings = grants.Recent(openings, tx.Now())
	for i, opening := range openings {
		if opening.Justified {
			continue
		}
		end, err := endOf(tx, opening.Grant)
		if err != nil {
			return nil, err
		}
		openings[i] = grants.EndedEarly(opening, end)
	}
	return openings, nil
}

// endOf is when the grant of a break-glass ended or will end; now, when it does not count.
func endOf(tx *ledger.Tx, id string) (records.Time, error) {
	if !records.IsTx(id) {
		return tx.Now(), nil
	}
	grant, err := evidence.ReadGrant(tx, id)
	if refusal.Is(err, refusal.Forged) || refusal.Is(err, refusal.NotFound) {
		return tx.Now(), nil
	}
	if err != nil {
		return 0, err
	}
	return grants.EmergencyEnd(grant.Record), nil
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

// justifyBreakglass says afterwards why it had to be: once its grant has ended, by somebody who did not take part.
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
	ended, err := endOf(tx, record.Record.Body.Grant)
	if err != nil {
		return nil, err
	}
	if err := refuseUnlessPossible(tx, machines.ActJustify, record.Record, ended); err != nil {
		return nil, err
	}
	if err := settle(tx, caller, record.Record.ID, ended); err != nil {
		return nil, err
	}
	body := record.Record.Body
	body.Justification = a.Justification
	return transaction.Written(ledger.End(tx, caller.By, record, body, records.Justified, "justified", ""))
}

// mayJustify refuses with FORBIDDEN when a break-glass is not somebody's to justify, and with OWN_REQUEST when they took part.
func mayJustify(caller ledger.Caller, record *ledger.Sealed[records.Breakglass]) error {
	if err := caller.Need("privacy"); err != nil {
		return err
	}
	if err := ofTheOwner(caller, record.Record.Body.Dataset); err != nil {
		return err
	}
	if slices.ContainsFunc(record.Record.Changes[:min(2, len(record.Record.Changes))], func(change records.Change) bool { return change.By.Key == caller.Key }) {
		return refusal.New(refusal.OwnRequest, "who proposed or confirmed it signed with the same key, and whoever took part does not justify it").
			Hinting("another privacy officer of %s justifies it", caller.Institution)
	}
	if part := grants.TookPart(record.Record.Body, caller.Person()); part != "" {
		return refusal.New(refusal.OwnRequest, "%s %s, and whoever took part does not justify it", caller.Person(), part).
			Hinting("another privacy officer of %s justifies it", caller.Institution)
	}
	return nil
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

// remember counts one more that was opened and is to be justified.
func remember(tx *ledger.Tx, caller ledger.Caller, standing *ledger.Sealed[records.Emergencies], opened records.Record[records.Breakglass]) error {
	if standing == nil {
		body := records.Emergencies{Openings: grants.Opened(nil, opened, tx.Now()), Opened: 1}
		_, err := ledger.Create(tx, caller.By, caller.Institution, body, records.Active, "")
		return err
	}
	body := standing.Record.Body
	body.Openings, body.Opened = grants.Opened(body.Openings, opened, tx.Now()), body.Opened+1
	_, err := ledger.Roll(tx, caller.By, standing, body, records.Active, "opened", opened.ID)
	return err
}

// settle notes that one was justified, and when it had ended.
func settle(tx *ledger.Tx, caller ledger.Caller, id string, ended records.Time) error {
	finding, err := evidence.FindEmergencies(tx, caller.Institution)
	if err != nil {
		return err
	}
	standing, err := finding.Maybe()
	if err != nil || standing == nil {
		return err
	}
	body := standing.Record.Body
	body.Openings = grants.Justified(body.Openings, id, ended)
	_, err = ledger.Roll(tx, caller.By, standing, body, records.Active, "justified", id)
	return err
}

// emergencyGrounds is what the grounds say to a break-glass: two people of the owner answer for the use, and not for what the data rests on.
func emergencyGrounds(tx *ledger.Tx, b records.Breakglass) (lawful.Grounding, error) {
	ask := use.Ask{Institution: b.Institution, People: use.PeopleOf(b.Institution, b.People), Purpose: b.Purpose, Mode: b.Mode, DurationSeconds: b.DurationSeconds}
	grounding, err := evidence.AskGrounds(tx, b.Dataset, b.Version, records.Policy{}, ask)
	return grounding.InEmergency(), err
}
