package input

import (
	"strconv"

	"medconsent.org/chaincode/records"
)

// HierarchySystem checks the name of a system whose hierarchy is kept on the ledger.
func (c *Checker) HierarchySystem(field, value string) {
	c.OneOf(field, value, records.HierarchySystems)
}

// OntologyVersion checks the label of a version.
func (c *Checker) OntologyVersion(field, value string) {
	c.Name(field, value, records.LabelForm)
}

// OntologyPage checks the grammar and bounds of a page; whether its terms fit each other is asked when the ontology is published.
func (c *Checker) OntologyPage(field string, page records.OntologyPage) {
	c.HierarchySystem(field+".system", page.System)
	c.Count(field+".terms", len(page.Terms), 1, records.MaxPageTerms, "1 to %d terms are taken", records.MaxPageTerms)
	for i, term := range page.Terms {
		if c.err != nil {
			return
		}
		c.term(field+".terms["+strconv.Itoa(i)+"]", page.System, term)
	}
}

func (c *Checker) term(field, system string, term records.Term) {
	c.TermCode(field+".code", system, term.Code)
	c.Text(field+".name", term.Name, 0, 500)
	c.termCodes(field+".parents", system, term.Parents, records.MaxParents)
	c.termCodes(field+".ancestors", system, term.Ancestors, records.MaxAncestors)
	if term.ReplacedBy != "" {
		c.TermCode(field+".replaced_by", system, term.ReplacedBy)
	}
}

func (c *Checker) termCodes(field, system string, codes []string, most int) {
	c.AtMost(field, len(codes), most)
	for _, code := range codes {
		c.TermCode(field, system, code)
	}
}

// TermCode checks a code of a system, written without the system.
func (c *Checker) TermCode(field, system, code string) {
	if c.note(field, code == "", Schema{Ref: refTo("term-code")}) {
		return
	}
	if !records.IsTermCode(system, code) { // asked first: a large hierarchy has a million of them
		c.Fail(field, "%q is not a code of %s, written without the system", shorten(code), shorten(system))
	}
}
