package access

import (
	"medconsent.org/chaincode/contract/transaction"
	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/machines"
)

type acceptArgument struct {
	Grant string `json:"grant"`
	Terms string `json:"terms"`
}

func (a acceptArgument) Check(c *input.Checker) {
	c.Body(records.Acceptance{Grant: a.Grant, Terms: a.Terms})
}

// acceptTerms is a grantee's own word that they accept the terms of the policy that the grant was given under. Whoever asked for the grant gave it by asking.
func acceptTerms(tx *ledger.Tx, a acceptArgument) (any, error) {
	caller, err := tx.Caller()
	if err != nil {
		return nil, err
	}
	grant, err := evidence.ReadGrant(tx, a.Grant)
	if err != nil {
		return nil, err
	}
	person, body := caller.Person(), grant.Record.Body
	if !holds(grant.Record, person) {
		return nil, refusal.New(refusal.Forbidden, "%s is not one of the grantees of grant %.12s", person, grant.Record.ID)
	}
	if err := evidence.RefuseByRecord(machines.ActAccept, grant.Record, tx.Now()); err != nil {
		return nil, err
	}
	if grants.LeftAt(grant.Record, person.ID, tx.Now()) {
		return nil, refusal.New(refusal.Decided, "%s has given up grant %.12s", person, grant.Record.ID)
	}
	if err := termsAre(tx, body, a.Terms); err != nil {
		return nil, err
	}
	asked, err := askedFor(tx, body, person)
	if err != nil {
		return nil, err
	}
	accepted, _, err := evidence.AcceptedAt(tx, grant.Record, person, a.Terms)
	if err != nil {
		return nil, err
	}
	if asked || accepted != 0 {
		return nil, refusal.New(refusal.Decided, "%s has accepted the terms already", person)
	}
	word := records.Acceptance{Grant: grant.Record.ID, Dataset: body.Dataset, Person: person, Terms: a.Terms}
	return transaction.Written(ledger.Create(tx, caller.By, tx.ID, word, records.Final, ""))
}

// termsAre refuses with TERMS_NOT_ACCEPTED when the policy of a grant has no terms, or others.
func termsAre(tx *ledger.Tx, grant records.Grant, hash string) error {
	if grant.Breakglass != "" {
		return refusal.New(refusal.TermsNotAccepted, "a break-glass grant has no terms to accept").At("terms")
	}
	policy, err := evidence.ReadPolicy(tx, grant.Dataset, grant.PolicyVersion)
	if err != nil {
		return err
	}
	terms := policy.Record.Body.Policy.Terms
	if terms == nil {
		return refusal.New(refusal.TermsNotAccepted, "%s has no terms to accept", policy.Record.ID).At("terms")
	}
	if terms.SHA256 != hash {
		return refusal.New(refusal.TermsNotAccepted, "the terms of %s stand at %s, and whoever accepts them names the SHA-256 of what they have read there: %s",
			policy.Record.ID, terms.URL, terms.SHA256).At("terms").Hinting("a document with another hash is not the one that was agreed on: tell the owner")
	}
	return nil
}
