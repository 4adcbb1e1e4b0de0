package input

import "medconsent.org/chaincode/records"

// Purpose checks what somebody states that they want to do.
func (c *Checker) Purpose(field string, purpose records.Purpose) {
	c.OneOf(field+".kind", purpose.Kind, records.PurposeKinds)
	if purpose.Kind == records.ForDisease {
		c.List(field+".diseases", purpose.Diseases, 1, 50, c.Disease)
	} else {
		c.Require(len(purpose.Diseases) == 0, field+".diseases", "diseases go with the kind disease and with no other")
	}
	if purpose.Organisation != "" {
		c.OneOf(field+".organisation", purpose.Organisation, records.Organisations)
	}
	c.List(field+".countries", purpose.Countries, 0, maxNamed, c.Country)
	c.List(field+".sensitive", purpose.Sensitive, 0, len(records.Sensitive), func(at, value string) { c.OneOf(at, value, records.Sensitive) })
	if purpose.ProjectID != "" {
		c.Project(field+".project_id", purpose.ProjectID)
	}
	if purpose.Ethics != nil {
		c.Ethics(field+".ethics", *purpose.Ethics)
	}
}

// Ethics checks the letter of an ethics board, or what the board attests itself.
func (c *Checker) Ethics(field string, letter records.Ethics) {
	c.Text(field+".board", letter.Board, 1, 200)
	c.Text(field+".number", letter.Number, 1, 100)
	c.Digest(field+".sha256", letter.SHA256)
	c.Given(letter.ValidUntil != 0, field+".valid_until")
}
