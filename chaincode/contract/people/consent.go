package people

import (
	"fmt"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/machines"
)

// defaultBatchSeconds is how long changes are collected before the next epoch, unless the institution says otherwise: an hour.
const defaultBatchSeconds = 60 * 60

// permits is what an epoch says.
type permits struct {
	Root      string                `json:"root"`
	People    string                `json:"people"`
	Withdrawn string                `json:"withdrawn"`
	Use       []records.Alternative `json:"use"`
	Law       records.Law           `json:"law"`
	Wording   records.Document      `json:"wording"`
	Statement string                `json:"statement"`
}

func (p permits) epoch(cohort string, number int64) records.Epoch {
	return records.Epoch{
		Cohort: cohort, Epoch: number, Root: p.Root, People: p.People, Withdrawn: p.Withdrawn, Use: p.Use, Law: p.Law, Wording: p.Wording, Statement: p.Statement,
	}
}

type beginArgument struct {
	Slug         string `json:"slug"`
	Title        string `json:"title"`
	BatchSeconds *int64 `json:"batch_seconds"`
	KeyCheck     string `json:"key_check"`
	permits
}

func (a beginArgument) Check(c *input.Checker) {
	c.Slug("slug", a.Slug)
	c.Body(a.cohort())
	c.Body(a.epoch("", 1))
}

func (a beginArgument) cohort() records.Cohort {
	cohort := records.Cohort{Title: a.Title, LatestEpoch: 1, BatchSeconds: defaultBatchSeconds, KeyCheck: a.KeyCheck}
	if a.BatchSeconds != nil {
		cohort.BatchSeconds = *a.BatchSeconds
	}
	return cohort
}

// beginConsent makes a cohort with its first epoch.
func beginConsent(tx *ledger.Tx, a beginArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	if err := caller.Need("privacy"); err != nil {
		return nil, err
	}
	id := caller.Institution + "/" + a.Slug
	finding, err := evidence.FindCohort(tx, id)
	if err != nil {
		return nil, err
	}
	standing, err := finding.Maybe()
	if err != nil {
		return nil, err
	}
	if standing != nil {
		return nil, refusal.From(machines.CohortMachine.Refuse(machines.ActBegin, machines.CohortState(standing.Record.Status), "", func() (sentence, hint string) {
			return fmt.Sprintf("the cohort %s is there already", id), "consent.epoch makes its next epoch"
		})).At("slug")
	}
	epoch, err := writeEpoch(tx, caller, a.epoch(id, 1), nil)
	if err != nil {
		return nil, err
	}
	cohort, err := ledger.Create(tx, caller.By, id, a.cohort(), records.Active, "")
	if err != nil {
		return nil, err
	}
	return map[string]any{"cohort": cohort.Raw, "epoch": epoch.Raw}, nil
}

type epochArgument struct {
	Cohort   string `json:"cohort"`
	Epoch    int64  `json:"epoch"`
	KeyCheck string `json:"key_check"`
	// NewKey says that the epoch is made with another key than the one before on purpose.
	NewKey bool `json:"new_key"`
	permits
}

func (a epochArgument) Check(c *input.Checker) {
	c.Cohort("cohort", a.Cohort)
	c.Between("epoch", a.Epoch, 1, records.MaxNumber)
	c.Optional("key_check", a.KeyCheck, c.Digest)
	c.Require(!a.NewKey || a.KeyCheck != "", "key_check", "a new key is named by what it makes of the cohort's name")
	c.Body(a.epoch(a.Cohort, a.Epoch))
}

// nextEpoch makes a cohort's next epoch: who came, who withdrew, and what they permit from now on. Withdrawals are collected, so that nobody can tell by the time whose
// one was.
func nextEpoch(tx *ledger.Tx, a epochArgument) (any, error) {
	caller, err := owning(tx, a.Cohort, "privacy")
	if err != nil {
		return nil, err
	}
	head, err := evidence.ReadCohort(tx, a.Cohort)
	if err != nil {
		return nil, err
	}
	if err := refuseEndedCohort(machines.ActNextEpoch, head.Record); err != nil {
		return nil, err
	}
	body := head.Record.Body
	if body.LatestEpoch >= records.MaxNumber {
		return nil, refusal.New(refusal.LimitExceeded, "%s has had %d epochs, which is the most a cohort can have", a.Cohort, records.MaxNumber)
	}
	if a.Epoch != body.LatestEpoch+1 {
		return nil, refusal.New(refusal.Conflict, "the next epoch of %s is number %d, not %d", a.Cohort, body.LatestEpoch+1, a.Epoch).
			At("epoch").Hinting("the root depends on the number: read the cohort again and make it anew")
	}
	if err := refuseAnotherKey(a, body); err != nil {
		return nil, err
	}
	before, err := evidence.ReadEpoch(tx, a.Cohort, body.LatestEpoch)
	if err != nil {
		return nil, err
	}
	if from := before.Record.CreatedAt().Add(body.BatchSeconds); tx.Now() < from {
		return nil, refusal.New(refusal.TooSoon, "the next epoch of %s can be made from %s on: changes are collected, so that nobody can tell whose one was", a.Cohort, from).
			Hinting("make it then, with all that has come in until then")
	}
	epoch, err := writeEpoch(tx, caller, a.epoch(a.Cohort, a.Epoch), &before.Record.Body)
	if err != nil {
		return nil, err
	}
	words, err := widerUses(tx, "what the people of "+a.Cohort+" permit", a.Use, before.Record.Body.Use, epoch.Record.Body.Ontologies, before.Record.Body.Ontologies)
	if err != nil {
		return nil, err
	}
	tx.Widens(append(words, lawful.WiderEpoch(epoch.Record.Body, before.Record.Body)...)...)
	tx.TakesAway()
	body.LatestEpoch = a.Epoch
	if a.KeyCheck != "" {
		body.KeyCheck = a.KeyCheck
	}
	cohort, err := ledger.Roll(tx, caller.By, head, body, records.Active, "epoch", fmt.Sprintf("epoch %d", a.Epoch))
	if err != nil {
		return nil, err
	}
	return map[string]any{"cohort": cohort.Raw, "epoch": epoch.Raw}, nil
}

// refuseAnotherKey refuses with CONFLICT an epoch that is made with another key than the one before, unless that is said.
func refuseAnotherKey(a epochArgument, cohort records.Cohort) error {
	switch {
	case cohort.KeyCheck == "" || a.KeyCheck == cohort.KeyCheck || a.NewKey:
		return nil
	case a.KeyCheck == "":
		return refusal.New(refusal.Conflict, "%s is bound to its key, and the epoch does not say with which one it was made", a.Cohort).
			At("key_check").Hinting("consent.get shows the cohort's")
	}
	return refusal.New(refusal.Conflict, "the epoch was made with another key than that of %s: nobody who withdrew could be found by it", a.Cohort).
		At("key_check").Hinting("make it with the cohort's key; where that is to be another from now on, say so (new_key)")
}

// writeEpoch makes an epoch.
func writeEpoch(tx *ledger.Tx, caller ledger.Caller, epoch records.Epoch, before *records.Epoch) (*ledger.Sealed[records.Epoch], error) {
	stood := uses{}
	if before != nil {
		stood = uses{before.Use, before.Ontologies}
	}
	refs, err := goesBy(tx, caller.Institution, epoch.Use, stood)
	if err != nil {
		return nil, err
	}
	epoch.Ontologies = refs
	return ledger.Create(tx, caller.By, records.Numbered(epoch.Cohort, '~', epoch.Epoch), lawful.NextEpoch(epoch, before, tx.Now()), records.Final, "")
}

type endCohortArgument struct {
	Cohort string `json:"cohort"`
	Reason string `json:"reason"`
}

func (a endCohortArgument) Check(c *input.Checker) {
	c.Cohort("cohort", a.Cohort)
	c.Text("reason", a.Reason, 1, 500)
}

// endConsent ends the consent of a cohort, and with it every use that rests on it. Only a key that exists is written: the owner's endorsement alone is enough.
func endConsent(tx *ledger.Tx, a endCohortArgument) (any, error) {
	caller, err := owning(tx, a.Cohort, "privacy")
	if err != nil {
		return nil, err
	}
	head, err := evidence.ReadCohort(tx, a.Cohort)
	if err != nil {
		return nil, err
	}
	if err := refuseEndedCohort(machines.ActEndCohort, head.Record); err != nil {
		return nil, err
	}
	return transaction.Written(ledger.Roll(tx, caller.By, head, head.Record.Body, records.Ended, "ended", a.Reason))
}

// refuseEndedCohort refuses an act on a cohort by the state in which its consent stands.
func refuseEndedCohort(act string, head records.Record[records.Cohort]) error {
	return machines.CohortMachine.Refuse(act, machines.CohortState(head.Status), "", func() (sentence, hint string) {
		return fmt.Sprintf("the consent of %s has ended: %s", head.ID, evidence.LastNote(head.Changes)), ""
	})
}

type excludeArgument struct {
	Cohort        string               `json:"cohort"`
	Epoch         int64                `json:"epoch"`
	Dataset       string               `json:"dataset"`
	Version       int64                `json:"version"`
	Content       *transaction.Content `json:"content"`
	ExclusionList string               `json:"exclusion_list"`
}

func (a excludeArgument) Check(c *input.Checker) {
	if a.Content != nil {
		c.Given(a.Content.Files != nil, "content.files")
		c.Given(a.Content.Bytes != nil, "content.bytes")
	}
	if c.Err() == nil {
		c.Body(a.body())
	}
}

func (a excludeArgument) body() records.Exclusion {
	body := records.Exclusion{Dataset: a.Dataset, Version: a.Version, Cohort: a.Cohort, Epoch: a.Epoch, ExclusionList: a.ExclusionList}
	if a.Content != nil {
		body.Content = &records.Content{Root: a.Content.Root, Files: *a.Content.Files, Bytes: *a.Content.Bytes}
	}
	return body
}

// excludeWithdrawn is the owner's word that who has withdrawn as of an epoch is left out of a dataset version.
func excludeWithdrawn(tx *ledger.Tx, a excludeArgument) (any, error) {
	caller, err := owning(tx, a.Dataset, "steward", "privacy")
	if err != nil {
		return nil, err
	}
	if owner, _, _ := records.SplitDataset(a.Cohort); owner != caller.Institution {
		return nil, refusal.New(refusal.Forbidden, "%s belongs to %s, and %s is of %s", a.Cohort, owner, caller.ID, caller.Institution).At("cohort")
	}
	if _, err := evidence.ReadVersion(tx, a.Dataset, a.Version); err != nil {
		return nil, err
	}
	head, err := evidence.ReadCohort(tx, a.Cohort)
	if err != nil {
		return nil, err
	}
	if newest := head.Record.Body.LatestEpoch; a.Epoch > newest {
		return nil, refusal.New(refusal.NotFound, "%s has %d %s so far", a.Cohort, newest, rules.Plural(int(newest), "epoch", "epochs")).At("epoch")
	}
	finding, err := evidence.FindExclusion(tx, a.Dataset, a.Version, a.Cohort)
	if err != nil {
		return nil, err
	}
	standing, err := finding.Maybe()
	if err != nil {
		return nil, err
	}
	var before records.Exclusion
	if standing != nil {
		before = standing.Record.Body
	}
	was := before.Epoch
	noteDelivered(tx, a, before.Content)
	if err := noteExclusion(tx, a, was); err != nil {
		return nil, err
	}
	if standing == nil {
		return transaction.Written(ledger.Create(tx, caller.By, records.ExclusionID(a.Dataset, a.Version, a.Cohort), a.body(), records.Active, fmt.Sprintf("epoch %d", a.Epoch)))
	}
	if a.Epoch < was {
		return nil, refusal.New(refusal.Conflict, "%s is attested as of epoch %d already", standing.Record.ID, was).At("epoch")
	}
	if err := transaction.RefuseSame(standing, a.body(), "", "name a later epoch, or what is delivered"); err != nil {
		return nil, err
	}
	return transaction.Written(ledger.Roll(tx, caller.By, standing, a.body(), records.Active, "updated", fmt.Sprintf("epoch %d", a.Epoch)))
}

// noteDelivered notes that something is said to be delivered of a version that was not said before: archives are made of it. Who has taken back what was said does not say it again
// alone either: it may have people in it who have withdrawn.
func noteDelivered(tx *ledger.Tx, a excludeArgument, before *records.Content) {
	version, now := records.Numbered(a.Dataset, '@', a.Version), a.body().Content
	switch {
	case now == nil || before != nil && *now == *before:
	case before == nil:
		tx.Widens(fmt.Sprintf("the files with the root %s are delivered of %s", now.Root, version))
	default:
		tx.Widens(fmt.Sprintf("something else is delivered of %s than was attested: the files with the root %s", version, now.Root))
	}
}

// noteExclusion notes that a version goes on being used although people have withdrawn, because somebody says that they are left out: without that it would be denied.
func noteExclusion(tx *ledger.Tx, a excludeArgument, was int64) error {
	if a.Epoch <= was {
		return nil
	}
	epoch, err := evidence.ReadEpoch(tx, a.Cohort, a.Epoch)
	if err != nil {
		return err
	}
	if epoch.Record.Body.Withdrawn != records.NoPeople {
		tx.Widens(fmt.Sprintf("%s goes on being used: those who have withdrawn by %s are said to be left out of it", records.Numbered(a.Dataset, '@', a.Version), records.Numbered(a.Cohort, '~', a.Epoch)))
	}
	return nil
}

type cohortName struct {
	transaction.Page
	Cohort string `json:"cohort"`
	Epoch  *int64 `json:"epoch"`
}

func (a cohortName) Check(c *input.Checker) {
	a.Page.Check(c)
	c.Cohort("cohort", a.Cohort)
	c.Number("epoch", a.Epoch)
}

type cohortAnswer struct {
	Cohort ledger.View `json:"cohort"`
	Epoch  ledger.View `json:"epoch"`
}

// consentAnswer shows a cohort, one epoch, and a page of the dataset versions that rest on it, with what is attested of those who have withdrawn.
type consentAnswer struct {
	cohortAnswer
	Datasets   []string         `json:"datasets"`
	Exclusions []ledger.View    `json:"exclusions"`
	NotCounted []ledger.Forgery `json:"not_counted,omitzero"`
	Bookmark   string           `json:"bookmark"`
}

func getConsent(tx *ledger.Tx, a cohortName) (any, error) {
	head, err := evidence.ReadCohort(tx, a.Cohort)
	if err != nil {
		return nil, err
	}
	shown, err := showCohort(tx, head, a.Epoch)
	if err != nil {
		return nil, err
	}
	answer := consentAnswer{cohortAnswer: shown, Datasets: []string{}, Exclusions: []ledger.View{}}
	items, bookmark, err := ledger.List(tx, records.RestingOn(a.Cohort), a.Of(), func(tx *ledger.Tx, ground *ledger.Sealed[records.Ground]) (any, bool, error) {
		exclusion, err := evidence.Maybe(evidence.FindExclusion(tx, ground.Record.Body.Dataset, ground.Record.Body.Version, a.Cohort))
		if exclusion != nil {
			answer.Exclusions = append(answer.Exclusions, exclusion.View())
		}
		answer.Datasets = append(answer.Datasets, ground.Record.ID)
		return nil, true, err
	})
	for _, item := range items {
		if forgery, ok := item.(*ledger.Forgery); ok {
			answer.NotCounted = append(answer.NotCounted, *forgery)
		}
	}
	answer.Bookmark = bookmark
	return answer, err
}

func showCohort(tx *ledger.Tx, head *ledger.Sealed[records.Cohort], epoch *int64) (cohortAnswer, error) {
	number := head.Record.Body.LatestEpoch
	if epoch != nil {
		number = *epoch
	}
	record, err := evidence.ReadEpoch(tx, head.Record.ID, number)
	if err != nil {
		return cohortAnswer{}, err
	}
	return cohortAnswer{head.View(), record.View()}, nil
}

type ownerFilter struct {
	transaction.Page
	Institution string `json:"institution"`
}

func (a ownerFilter) Check(c *input.Checker) {
	a.Page.Check(c)
	c.Optional("institution", a.Institution, c.Institution)
}

func listConsent(tx *ledger.Tx, a ownerFilter) (any, error) {
	return transaction.Listed(ledger.List(tx, records.Cohorts(a.Institution), a.Of(), func(tx *ledger.Tx, head *ledger.Sealed[records.Cohort]) (any, bool, error) {
		shown, err := showCohort(tx, head, nil)
		if err != nil {
			return transaction.AsForgery(head.Key, err)
		}
		return shown, true, nil
	}))
}
