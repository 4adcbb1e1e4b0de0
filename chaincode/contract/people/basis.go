package people

import (
	"fmt"
	"strings"

	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules/lawful"
	"medconsent.org/chaincode/rules/machines"
)

type basisArgument struct {
	Slug      string                 `json:"slug"`
	Code      string                 `json:"code"`
	Article   string                 `json:"article"`
	Document  *records.BasisDocument `json:"document"`
	Notice    *records.Notice        `json:"notice"`
	Objection *records.Objection     `json:"objection"`
	Purposes  []records.Alternative  `json:"purposes"`
	Statement string                 `json:"statement"`
}

func (a basisArgument) Check(c *input.Checker) {
	c.Slug("slug", a.Slug)
	c.Given(a.Document != nil, "document")
	if a.Purposes != nil {
		c.Some("purposes", len(a.Purposes), "alternative")
	}
	if c.Err() == nil {
		c.Body(a.body())
	}
}

func (a basisArgument) body() records.Basis {
	return records.Basis{
		Code: a.Code, Article: a.Article, Document: *a.Document, Notice: a.Notice, Objection: a.Objection, Purposes: a.Purposes, Statement: a.Statement,
	}
}

// setBasis attests a legal basis, or what has become of it: a notice can be published later. One that has ended stays so.
//
// Refuses with CONFLICT when it would change nothing.
func setBasis(tx *ledger.Tx, a basisArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	if err := caller.Need("privacy"); err != nil {
		return nil, err
	}
	id := caller.Institution + "/" + a.Slug
	body := a.body()
	finding, err := evidence.FindBasis(tx, id)
	if err != nil {
		return nil, err
	}
	standing, err := finding.Maybe()
	if err != nil {
		return nil, err
	}
	stood := uses{}
	if standing != nil {
		stood = uses{standing.Record.Body.Purposes, standing.Record.Body.Ontologies}
	}
	if body.Ontologies, err = goesBy(tx, caller.Institution, body.Purposes, stood); err != nil {
		return nil, err
	}
	if standing == nil {
		return transaction.Written(ledger.Create(tx, caller.By, id, body, records.Active, ""))
	}
	if err := refuseEndedBasis(machines.ActSetBasis, standing.Record); err != nil {
		return nil, err
	}
	was := standing.Record.Body
	if err := transaction.RefuseSame(standing, body, "", "name what is to be different; a document or notice of the same bytes is the same"); err != nil {
		return nil, err
	}
	words, err := widerUses(tx, "the purposes of "+id, body.Purposes, was.Purposes, body.Ontologies, was.Ontologies)
	if err != nil {
		return nil, err
	}
	tx.Widens(append(words, lawful.WiderBasis(id, body, was)...)...)
	return transaction.Written(ledger.Update(tx, caller.By, standing, body, records.Active, "updated", "was: "+basisInWords(standing.Record.Body)))
}

// refuseEndedBasis refuses an act on a legal basis by the state in which it stands.
func refuseEndedBasis(act string, basis records.Record[records.Basis]) error {
	return machines.BasisMachine.Refuse(act, machines.BasisState(basis.Status), "", func() (sentence, hint string) {
		return fmt.Sprintf("the legal basis %s has ended: %s", basis.ID, evidence.LastNote(basis.Changes)), "set one of another name"
	})
}

// basisInWords is what a basis was, for the audit.
func basisInWords(b records.Basis) string {
	words := []string{b.Code, "document " + b.Document.SHA256}
	if b.Article != "" {
		words = append(words, b.Article)
	}
	if b.Notice != nil {
		words = append(words, "notice of "+b.Notice.PublishedAt.String()+" at "+b.Notice.URL)
	}
	if b.Objection != nil {
		words = append(words, "objection at "+b.Objection.URL)
	}
	return strings.Join(words, ", ")
}

type basisName struct {
	Basis string `json:"basis"`
}

func (a basisName) Check(c *input.Checker) { c.BasisName("basis", a.Basis) }

type endBasisArgument struct {
	Basis  string `json:"basis"`
	Reason string `json:"reason"`
}

func (a endBasisArgument) Check(c *input.Checker) {
	c.BasisName("basis", a.Basis)
	c.Text("reason", a.Reason, 1, 500)
}

// endBasis ends a legal basis, and with it every use that rests on it.
func endBasis(tx *ledger.Tx, a endBasisArgument) (any, error) {
	caller, err := owning(tx, a.Basis, "privacy")
	if err != nil {
		return nil, err
	}
	basis, err := evidence.ReadBasis(tx, a.Basis)
	if err != nil {
		return nil, err
	}
	if err := refuseEndedBasis(machines.ActEndBasis, basis.Record); err != nil {
		return nil, err
	}
	return transaction.Written(ledger.End(tx, caller.By, basis, basis.Record.Body, records.Ended, "ended", a.Reason))
}

func getBasis(tx *ledger.Tx, a basisName) (any, error) {
	return transaction.ViewOf(evidence.FindBasis(tx, a.Basis))
}

func listBases(tx *ledger.Tx, a ownerFilter) (any, error) {
	return transaction.Listed(ledger.List(tx, records.Bases(a.Institution), a.Of(), transaction.ShowView[records.Basis]))
}
