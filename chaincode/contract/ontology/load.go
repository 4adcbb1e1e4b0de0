package ontology

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/use"
)

type ontologyPageArgument struct {
	Pages []records.OntologyPage `json:"pages"`
}

func (a ontologyPageArgument) Check(c *input.Checker) {
	c.Given(len(a.Pages) > 0, "pages")
	for i, page := range a.Pages {
		c.OntologyPage(pageAt(i), page)
	}
}

func pageAt(i int) string { return fmt.Sprintf("pages[%d]", i) }

type keptPages struct {
	Pages []keptPage `json:"pages"`
}

type keptPage struct {
	SHA256 string `json:"sha256"`
	New    bool   `json:"new"`
}

// keepPages stores pages of a hierarchy that is being loaded. They mean nothing before an ontology is published over them.
func keepPages(tx *ledger.Tx, a ontologyPageArgument) (any, error) {
	steward, err := stewardOf(tx)
	if err != nil {
		return nil, err
	}
	answer := keptPages{}
	for i, page := range a.Pages {
		stored, err := page.Bytes()
		if err != nil {
			return nil, err
		}
		if len(stored) > records.MaxPageBytes {
			return nil, refusal.New(refusal.TooLarge, "the page has %d bytes; at most %d are taken", len(stored), records.MaxPageBytes).
				At(pageAt(i)).Hinting("put fewer terms on it")
		}
		sha256, isNew, err := evidence.KeepPage(tx, steward.Institution, stored)
		if err != nil {
			return nil, err
		}
		answer.Pages = append(answer.Pages, keptPage{sha256, isNew})
	}
	return answer, nil
}

func stewardOf(tx *ledger.Tx) (ledger.Caller, error) {
	caller, err := tx.Caller()
	if err != nil {
		return caller, err
	}
	return caller, caller.Need("steward")
}

type publishOntologyArgument struct {
	System  string   `json:"system"`
	Version string   `json:"version"`
	Pages   []string `json:"pages"`
	Source  string   `json:"source"`
	Licence string   `json:"licence"`
}

func (a publishOntologyArgument) Check(c *input.Checker) {
	c.Body(a.body(""))
	c.OntologyVersion("version", a.Version)
	c.List("pages", a.Pages, 1, records.MaxOntologyPages, c.Digest)
}

// body is the institution's record; the digest is that of the index over the pages.
func (a publishOntologyArgument) body(digest string) records.Ontology {
	return records.Ontology{System: a.System, Index: digest, Source: a.Source, Licence: a.Licence}
}

// publishOntology verifies all pages of a version, and writes that the caller's institution goes by it. Published again, it is what it was.
func publishOntology(tx *ledger.Tx, a publishOntologyArgument) (any, error) {
	steward, err := stewardOf(tx)
	if err != nil {
		return nil, err
	}
	index, err := indexOver(tx, a.System, a.Version, a.Pages)
	if err != nil {
		return nil, err
	}
	stored, err := index.Bytes()
	if err != nil {
		return nil, err
	}
	digest, _, err := evidence.KeepIndex(tx, steward.Institution, stored)
	if err != nil {
		return nil, err
	}
	return adoptAs(tx, steward, a.body(digest), "published")
}

type ontologyName struct {
	System string `json:"system"`
	Digest string `json:"digest"`
}

func (a ontologyName) Check(c *input.Checker) {
	c.HierarchySystem("system", a.System)
	c.Digest("digest", a.Digest)
}

// adoptOntology writes that the caller's institution goes by a version that another published. Its own chaincode verifies every page again, and that nobody can take it away:
// the other's may not be this one.
func adoptOntology(tx *ledger.Tx, a ontologyName) (any, error) {
	steward, err := stewardOf(tx)
	if err != nil {
		return nil, err
	}
	standing, err := evidence.ReadAdoptions(tx, a.System, a.Digest)
	if err != nil {
		return nil, err
	}
	index, err := evidence.ReadIndex(tx, a.System, a.Digest)
	if err != nil {
		return nil, err
	}
	if len(standing) == 0 {
		return nil, refusal.New(refusal.NotFound, "no institution has published %s", records.OntologyID(a.System, a.Digest))
	}
	pages := make([]string, 0, len(index.Pages))
	for _, page := range index.Pages {
		pages = append(pages, page.SHA256)
	}
	verified, err := indexOver(tx, a.System, index.Version, pages)
	if err != nil {
		return nil, err
	}
	stored, err := verified.Bytes()
	if err != nil || records.Digest(stored) != a.Digest {
		return nil, refusal.New(refusal.Invalid, "the index %s does not fit its own pages", a.Digest).At("digest").
			Hinting("whoever published it runs another chaincode: load the ontology from its file")
	}
	if _, _, err := evidence.KeepIndex(tx, steward.Institution, stored); err != nil {
		return nil, err
	}
	first := slices.MinFunc(standing, func(x, y *ledger.Sealed[records.Ontology]) int {
		return int(x.Record.CreatedAt() - y.Record.CreatedAt())
	})
	return adoptAs(tx, steward, first.Record.Body, "adopted")
}

// adoptAs writes the caller's institution's record, or gives the one that it has.
func adoptAs(tx *ledger.Tx, steward ledger.Caller, body records.Ontology, note string) (any, error) {
	finding, err := evidence.FindAdoption(tx, body.System, body.Index, steward.Institution)
	if err != nil {
		return nil, err
	}
	record, err := finding.Maybe()
	if err != nil {
		return nil, err
	}
	if record == nil {
		id := records.OntologyID(body.System, body.Index) + "/" + steward.Institution
		record, err = ledger.Create(tx, steward.By, id, body, records.Active, note)
		if refusal.Is(err, refusal.LimitExceeded) {
			return nil, refusal.New(refusal.LimitExceeded, "%s has adopted %d versions within thirty days, or %s as many as others read of one institution", steward.Person(), records.MostAdoptions, steward.Institution).
				Hinting("another steward adopts it, or the same one later")
		}
		if err != nil {
			return nil, err
		}
	}
	return record.Raw, nil
}

// indexOver reads and verifies all pages of a version: their grammar, and by the rules that the terms fit each other. It gives the index over them.
//
// Refuses with NOT_FOUND when a page is not there, with INVALID when the terms are no hierarchy, with TOO_LARGE when there are too many.
func indexOver(tx *ledger.Tx, system, version string, pages []string) (records.OntologyIndex, error) {
	index := records.OntologyIndex{System: system, Version: version}
	var terms []records.Term
	var missing []any
	var c input.Checker // what is adopted was perhaps published by another chaincode
	c.OntologyVersion("version", version)
	c.Require(len(pages) <= records.MaxOntologyPages, "pages", "%d are too many: at most %d", len(pages), records.MaxOntologyPages)
	if c.Err() != nil {
		return index, c.Err()
	}
	size := 0
	for i, sha256 := range pages {
		stored, err := evidence.PageForGood(tx, sha256)
		if err != nil {
			return index, err
		}
		if size += len(stored); size > records.MaxOntologyBytes {
			return index, refusal.New(refusal.TooLarge, "the pages have more than %d MiB, which is the most an ontology can have", records.MaxOntologyBytes>>20).At("pages")
		}
		if stored == nil {
			missing = append(missing, sha256)
			continue
		}
		page, err := records.ParseOntologyPage(stored)
		c.Require(err == nil, pageAt(i), "what stands there is not a page")
		c.OntologyPage(pageAt(i), page)
		c.Require(page.System == system, pageAt(i)+".system", "the page is of %s", page.System)
		if c.Err() != nil {
			return index, c.Err()
		}
		terms = append(terms, page.Terms...)
		index.Pages = append(index.Pages, records.PageRef{First: page.Terms[0].Code, SHA256: sha256})
	}
	if missing != nil {
		return index, refusal.New(refusal.NotFound, "%d of %d %s not on the ledger for good", len(missing), len(pages), rules.Plural(len(pages), "page", "pages")+rules.Plural(len(missing), " is", " are")).At("pages").
			With(missing[:min(len(missing), 20)]...).Hinting("send them (ontology.page); ontology.missing tells which")
	}
	index.Terms = int64(len(terms))
	return index, noHierarchy(use.VerifyHierarchy(terms))
}

func noHierarchy(faults []use.HierarchyFault) error {
	if len(faults) == 0 {
		return nil
	}
	refused := refusal.New(refusal.Invalid, "the terms are no hierarchy: %s: %s", faults[0].Code, faults[0].Message).At("pages")
	for _, fault := range faults {
		refused = refused.With(fault)
	}
	return refused
}
