package release

import (
	"fmt"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/release"
)

type openArgument struct {
	Grant    string        `json:"grant"`
	Person   string        `json:"person"`
	Delivery string        `json:"delivery"`
	Archive  string        `json:"archive"`
	Files    records.Files `json:"files"`
	Mode     string        `json:"mode"`
	// Asked is the person's own word, with which nobody opens a release that they did not ask for.
	Asked records.Asked `json:"asked"`
}

func (a openArgument) Check(c *input.Checker) {
	c.Tx("grant", a.Grant)
	c.PersonName("person", a.Person)
	c.Body(a.body())
}

// body is the receipt as far as the argument states it.
func (a openArgument) body() records.Receipt {
	institution, id, _ := records.SplitPerson(a.Person)
	return records.Receipt{
		Grant: a.Grant, Person: records.Person{Institution: institution, ID: id}, Delivery: a.Delivery, Archive: a.Archive, Files: a.Files, Mode: a.Mode, Asked: a.Asked,
	}
}

// openRelease writes the receipt without which nothing leaves. It is judged by what check judges, and reads all of it: what takes the grant away and is first makes it
// invalid.
func openRelease(tx *ledger.Tx, a openArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	if err := caller.Need("gateway"); err != nil {
		return nil, err
	}
	grant, err := evidence.ReadGrant(tx, a.Grant)
	if err != nil {
		return nil, err
	}
	if owner := grant.Record.Owner; owner != caller.Institution {
		return nil, refusal.New(refusal.Forbidden, "grant %.12s is on data of %s, and %s is of %s", grant.Record.ID, owner, caller.ID, caller.Institution)
	}
	body := a.body()
	body.Dataset, body.Version, body.VersionDigest = grant.Record.Body.Dataset, grant.Record.Body.Version, grant.Record.Body.VersionDigest
	facts, err := evidence.ReleaseFacts(tx, grant, body.Person, body.Mode)
	if err != nil {
		return nil, err
	}
	if verdict := release.Judge(facts, body); verdict.Answer != rules.Permit {
		against := notGranting(verdict.Reasons)
		return nil, rules.WithReasons(refusal.New(refusal.ReleaseDenied, "nothing is released to %s under grant %.12s: %s", a.Person, grant.Record.ID, rules.Sentences(against)), against)
	}
	body.Exclusions = facts.Archive.Exclusions
	return transaction.Written(ledger.Create(tx, caller.By, tx.ID, body, records.Open, ""))
}

// notGranting leaves out the reasons that speak for a release.
func notGranting(reasons []rules.Reason) []rules.Reason {
	var against []rules.Reason
	for _, reason := range reasons {
		if reason.Code != rules.Granted && reason.Code != rules.ExclusionDue {
			against = append(against, reason)
		}
	}
	return against
}

// outcomes are what can come of a release.
var outcomes = []string{string(records.Completed), string(records.Aborted)}

type closeArgument struct {
	Receipt string `json:"receipt"`
	Outcome string `json:"outcome"`
	Bytes   int64  `json:"bytes"`
	Reason  string `json:"reason"`
}

func (a closeArgument) Check(c *input.Checker) {
	c.TxPrefix("receipt", a.Receipt)
	c.OneOf("outcome", a.Outcome, outcomes)
	c.Between("bytes", a.Bytes, 0, input.MaxInteger)
	c.Text("reason", a.Reason, 0, 500)
}

// closeRelease says what came of a release, and how many bytes have left. It is said once.
func closeRelease(tx *ledger.Tx, a closeArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	if err := caller.Need("gateway", "steward", "privacy"); err != nil {
		return nil, err
	}
	receipt, err := evidence.ReadReceipt(tx, a.Receipt)
	if err != nil {
		return nil, err
	}
	if owner := receipt.Record.Owner; owner != caller.Institution {
		return nil, refusal.New(refusal.Forbidden, "receipt %.12s is of %s, and %s is of %s", receipt.Record.ID, owner, caller.ID, caller.Institution)
	}
	state := release.StateAt(receipt.Record, tx.Now())
	err = machines.ReceiptMachine.Refuse(machines.ActCloses(a.Outcome), state, "", func() (sentence, hint string) {
		return fmt.Sprintf("receipt %.12s was %s at %s", receipt.Record.ID, state, receipt.Record.UpdatedAt), "what came of a release is said once"
	})
	if err != nil {
		return nil, err
	}
	body := receipt.Record.Body
	body.Sent = &a.Bytes
	return transaction.Written(ledger.End(tx, caller.By, receipt, body, records.Status(a.Outcome), a.Outcome, a.Reason))
}

type receiptName struct {
	Receipt string `json:"receipt"`
}

func (a receiptName) Check(c *input.Checker) { c.TxPrefix("receipt", a.Receipt) }

type receiptAnswer struct {
	Receipt ledger.View           `json:"receipt"`
	State   machines.ReceiptState `json:"state"`
	// Unproven is why the contract cannot have opened it, although its owner has sealed it.
	Unproven string `json:"unproven,omitzero"`
}

func showReceipt(tx *ledger.Tx, receipt *ledger.Sealed[records.Receipt]) (receiptAnswer, error) {
	grounds, err := evidence.ReceiptGrounds(tx, receipt.Record.Body)
	if err != nil {
		return receiptAnswer{}, err
	}
	unproven := release.Unproven(receipt.Record, grounds)
	unlisted, err := tx.Unlisted(&receipt.Record)
	if unproven == "" && len(unlisted) > 0 {
		unproven = "it is not in every list and in the trail, under the moment at which its owner says that it was made"
	}
	return receiptAnswer{Receipt: receipt.View(), State: release.StateAt(receipt.Record, tx.Now()), Unproven: unproven}, err
}

func getReceipt(tx *ledger.Tx, a receiptName) (any, error) {
	receipt, err := evidence.ReadReceipt(tx, a.Receipt)
	return transaction.Shown(tx, receipt, err, showReceipt)
}

type receiptFilter struct {
	transaction.Page
	Owner   string `json:"owner"`
	Dataset string `json:"dataset"`
	Grant   string `json:"grant"`
	Holder  string `json:"holder"`
	State   string `json:"state"`
}

func (a receiptFilter) Check(c *input.Checker) {
	a.Page.Check(c)
	c.Optional("owner", a.Owner, c.Institution)
	c.Optional("dataset", a.Dataset, c.Dataset)
	c.Optional("grant", a.Grant, c.Tx)
	if a.Holder != "" {
		c.Name("holder", a.Holder, records.HolderForm)
	}
	transaction.StateFilter(c, a.State, machines.ReceiptMachine)
}

// listing chooses the index that leads to the fewest others.
func (a receiptFilter) listing() records.Listing {
	_, _, person := records.SplitPerson(a.Holder)
	switch {
	case a.Grant != "":
		return records.ReceiptsByGrant(a.Grant)
	case person:
		return records.ReceiptsByPerson(a.Holder)
	case a.Dataset != "":
		return records.ReceiptsByDataset(a.Dataset)
	case a.Holder != "":
		return records.ReceiptsByHolder(a.Holder)
	case a.Owner != "":
		return records.ReceiptsByOwner(a.Owner)
	}
	return records.AllReceipts()
}

func (a receiptFilter) wants(answer receiptAnswer, record records.Record[records.Receipt]) bool {
	body := record.Body
	return (a.Owner == "" || a.Owner == record.Owner) && (a.Dataset == "" || a.Dataset == body.Dataset) && (a.Grant == "" || a.Grant == body.Grant) &&
		(a.Holder == "" || a.Holder == body.Person.Institution || a.Holder == body.Person.String()) && (a.State == "" || a.State == string(answer.State))
}

func listReceipts(tx *ledger.Tx, a receiptFilter) (any, error) {
	return transaction.Listed(ledger.List(tx, a.listing(), a.Of(), func(tx *ledger.Tx, receipt *ledger.Sealed[records.Receipt]) (any, bool, error) {
		answer, err := showReceipt(tx, receipt)
		return answer, a.wants(answer, receipt.Record), err
	}))
}

type checkAnswer struct {
	Answer  rules.Answer          `json:"answer"`
	Reasons []rules.Reason        `json:"reasons"`
	State   machines.ReceiptState `json:"state"`
	At      records.Time          `json:"at"`
}

// checkRelease answers whether a release that was opened may go on now: what was taken away since then ends it. That the person has asked was judged when it was opened.
func checkRelease(tx *ledger.Tx, a receiptName) (any, error) {
	receipt, err := evidence.ReadReceipt(tx, a.Receipt)
	if err != nil {
		return nil, err
	}
	body := receipt.Record.Body
	shown, err := showReceipt(tx, receipt)
	if err != nil {
		return nil, err
	}
	if shown.Unproven != "" {
		none := rules.Reason{Code: rules.EvidenceMissing, Message: "the contract cannot have opened it: " + shown.Unproven, Clause: receipt.Key}
		return checkAnswer{Answer: rules.Deny, Reasons: []rules.Reason{none}, State: shown.State, At: tx.Now()}, nil
	}
	age, err := evidence.LedgerAge(tx)
	if err != nil {
		return nil, err
	}
	if reason := age.Old(); reason != nil { // what took it away may not be in the ledger
		return checkAnswer{Answer: rules.Deny, Reasons: []rules.Reason{*reason}, State: shown.State, At: tx.Now()}, nil
	}
	grant, err := evidence.ReadGrant(tx, body.Grant)
	if err != nil {
		return nil, err
	}
	facts, err := evidence.ReleaseFacts(tx, grant, body.Person, body.Mode)
	if err != nil {
		return nil, err
	}
	verdict := release.GoesOn(facts, body)
	return checkAnswer{Answer: verdict.Answer, Reasons: verdict.Reasons, State: shown.State, At: tx.Now()}, nil
}
