package ledger

import (
	"slices"
	"strings"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// Pages and indexes of an ontology stand by their own hash, at `<type>/<SHA-256>/<transaction>`. They need no seal: whatever stands there with other bytes is passed
// over, and anybody who has the file can put a page back that its institution took away.

// OntologyPage gives the stored form of a page, or nil when no key has bytes of that hash.
func (tx *Tx) OntologyPage(sha256 string) ([]byte, error) {
	return tx.byHash(records.OntologyPageType, sha256)
}

// OntologyIndex gives the index whose digest that is, or nil when it is not there.
func (tx *Tx) OntologyIndex(digest string) (*records.OntologyIndex, error) {
	if known, ok := tx.found[records.OntologyIndexType+"/"+digest].(*records.OntologyIndex); ok {
		return known, nil
	}
	stored, err := tx.byHash(records.OntologyIndexType, digest)
	if stored == nil || err != nil {
		return nil, err
	}
	index, err := records.ParseOntologyIndex(stored)
	if err != nil {
		return nil, nil // bytes of that hash that are no index: nobody publishes or adopts such
	}
	tx.found[records.OntologyIndexType+"/"+digest] = &index
	return &index, nil
}

func (tx *Tx) byHash(kind, sha256 string) (stored []byte, err error) {
	start, end := under(kind + "/" + sha256)
	err = tx.scan(start, end, func(_ string, value []byte) (bool, error) {
		if records.Digest(value) == sha256 {
			stored = value
		}
		return stored == nil, nil
	})
	return stored, err
}

// KeepOntologyPage queues a page unless it is there, with the institution's key-level policy. It gives the page's hash, and whether it is new.
func (tx *Tx) KeepOntologyPage(institution string, stored []byte) (sha256 string, isNew bool, err error) {
	return tx.keep(records.OntologyPageType, institution, stored)
}

// KeepOntologyIndex queues an index unless it is there, with the institution's key-level policy. It gives the index's hash, which is the ontology's digest.
func (tx *Tx) KeepOntologyIndex(institution string, stored []byte) (digest string, isNew bool, err error) {
	return tx.keep(records.OntologyIndexType, institution, stored)
}

func (tx *Tx) keep(kind, institution string, stored []byte) (sha256 string, isNew bool, err error) {
	sha256 = records.Digest(stored)
	key := kind + "/" + sha256 + "/" + tx.ID
	if slices.ContainsFunc(tx.writes, func(w write) bool { return w.key == key }) {
		return sha256, false, nil
	}
	standing, err := tx.byHash(kind, sha256)
	if standing != nil || err != nil {
		return sha256, false, err
	}
	tx.writes = append(tx.writes, write{key: key, value: stored, policy: institution})
	tx.changes = append(tx.changes, EventChange{Type: kind, ID: sha256, Owner: institution, Action: kind + ".created"})
	return sha256, true, nil
}

// Adoption finds the record of one institution that says that it goes by a version of a hierarchy.
func (tx *Tx) Adoption(system, digest, institution string) (Finding[records.Ontology], error) {
	return named(tx, records.Ontology{System: system, Index: digest}, records.OntologyID(system, digest)+"/"+institution)
}

// Adoptions finds the records of all institutions that say that they go by a version of a hierarchy, in the order of their names. An institution that sealed two
// under one name has not spoken.
func (tx *Tx) Adoptions(system, digest string) ([]*Sealed[records.Ontology], error) {
	return tx.adoptions(records.OntologyID(system, digest))
}

// AdoptionsOf finds the records of all institutions on all versions of a system's hierarchy, sorted by digest and name.
func (tx *Tx) AdoptionsOf(system string) ([]*Sealed[records.Ontology], error) {
	return tx.adoptions(system)
}

func (tx *Tx) adoptions(name string) ([]*Sealed[records.Ontology], error) {
	start, end := under(records.OntologyType + "/" + name)
	sealed, _, err := all[records.Ontology](tx, start, end)
	if err != nil {
		return nil, err
	}
	same := func(a, b *Sealed[records.Ontology]) bool { return a.Record.ID == b.Record.ID }
	spoken := make([]*Sealed[records.Ontology], 0, len(sealed))
	for i, record := range sealed { // sorted by key, so by id
		if i > 0 && same(sealed[i-1], record) || i+1 < len(sealed) && same(record, sealed[i+1]) {
			continue
		}
		spoken = append(spoken, relyOn(tx, record))
	}
	return spoken, nil
}

// Ontologies lists the adoptions, sorted by system, digest and institution; of one system, or of all when it is empty.
func Ontologies(system string) Listing {
	return Listing{prefix: join(records.OntologyType, system)}
}

// Registered lists the institutions that have a sealed record of themselves, in the order of their names.
func (tx *Tx) Registered() ([]string, error) {
	start, end := under(records.InstitutionType)
	sealed, _, err := all[records.Institution](tx, start, end)
	names := make([]string, 0, len(sealed))
	for _, record := range sealed {
		names = append(names, relyOn(tx, record).Record.Owner)
	}
	return slices.Compact(names), err
}

// Term looks one term up in a version of a hierarchy, for a decision: two reads, the index and one page, whatever the size of the hierarchy; each is compared with its
// hash, so whoever names the digest gets the terms that were in it then. Nil when that version has no such term.
//
// Refuses with NOT_FOUND when the index or the page is not on the ledger.
func (tx *Tx) Term(system, digest, code string) (*records.Term, error) {
	index, err := tx.OntologyIndex(digest)
	if err != nil {
		return nil, err
	}
	if index == nil || index.System != system {
		return nil, NoOntology(system, digest)
	}
	tx.rely(records.OntologyIndexType+"/"+digest, 0, Ref{Type: records.OntologyType, ID: system + "@" + index.Version, Digest: digest})
	after, exact := slices.BinarySearchFunc(index.Pages, code, func(page records.PageRef, code string) int { return strings.Compare(page.First, code) })
	if !exact {
		after--
	}
	if after < 0 {
		return nil, nil
	}
	page, err := tx.parsedPage(index.Pages[after].SHA256)
	if err != nil {
		return nil, err
	}
	if page == nil {
		return nil, NoOntology(system, digest)
	}
	at, exact := slices.BinarySearchFunc(page.Terms, code, func(term records.Term, code string) int { return strings.Compare(term.Code, code) })
	if !exact {
		return nil, nil
	}
	return &page.Terms[at], nil
}

func (tx *Tx) parsedPage(sha256 string) (*records.OntologyPage, error) {
	key := records.OntologyPageType + "/" + sha256
	if known, ok := tx.found[key].(*records.OntologyPage); ok {
		return known, nil
	}
	stored, err := tx.OntologyPage(sha256)
	if stored == nil || err != nil {
		return nil, err
	}
	page, err := records.ParseOntologyPage(stored)
	if err != nil {
		return nil, nil // bytes of that hash that are no page: no index that was verified names such
	}
	tx.found[key] = &page
	return &page, nil
}

// NoOntology is the refusal for a version of a hierarchy that is not on the ledger, or not whole.
func NoOntology(system, digest string) error {
	return refusal.New(refusal.NotFound, "there is no %s ontology %s on the ledger, or a page of it is not there", system, digest).
		Hinting("load its file (ontology load): pages stand by their hash, so whoever has the file can put back what is missing")
}
