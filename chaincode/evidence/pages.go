package evidence

import (
	"slices"
	"strings"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// PageForGood gives the stored form of a page that nobody can take away, or nil when there is none.
func PageForGood(tx *ledger.Tx, sha256 string) ([]byte, error) {
	return tx.ForGood(records.OntologyPageType, sha256)
}

// FindIndex gives the index whose digest that is, or nil when it is not there.
func FindIndex(tx *ledger.Tx, digest string) (*records.OntologyIndex, error) {
	return parsed(tx, records.OntologyIndexType, digest, records.ParseOntologyIndex)
}

// KeepPage queues a page for good, unless it is there for good. It gives the page's hash, and whether it is new.
func KeepPage(tx *ledger.Tx, institution string, stored []byte) (sha256 string, isNew bool, err error) {
	return tx.KeepByHash(records.OntologyPageType, institution, stored)
}

// KeepIndex queues an index for good, unless it is there for good. It gives the index's hash, which is the ontology's digest.
func KeepIndex(tx *ledger.Tx, institution string, stored []byte) (digest string, isNew bool, err error) {
	return tx.KeepByHash(records.OntologyIndexType, institution, stored)
}

// parsed gives what stands by its hash, or nil: bytes of that hash that are no such thing nobody publishes, adopts or names.
func parsed[V any](tx *ledger.Tx, kind, sha256 string, parse func([]byte) (V, error)) (*V, error) {
	return ledger.Once(tx, kind+"/"+sha256, func() (*V, error) {
		stored, err := tx.ByHash(kind, sha256)
		if stored == nil || err != nil {
			return nil, err
		}
		value, err := parse(stored)
		if err != nil {
			return nil, nil
		}
		return &value, nil
	})
}

// FindAdoption finds the record of one institution that says that it goes by a version of a hierarchy.
func FindAdoption(tx *ledger.Tx, system, digest, institution string) (ledger.Finding[records.Ontology], error) {
	return ledger.Named(tx, records.Ontology{System: system, Index: digest}, records.OntologyID(system, digest)+"/"+institution)
}

// ReadAdoptions finds the records of the registered institutions that say that they go by a version of a hierarchy, in the order of their names: each by its name, so that
// nobody adds to what has to be read.
func ReadAdoptions(tx *ledger.Tx, system, digest string) ([]*ledger.Sealed[records.Ontology], error) {
	registered, err := ReadRegistered(tx)
	if err != nil {
		return nil, err
	}
	var adoptions []*ledger.Sealed[records.Ontology]
	for _, institution := range registered {
		adoption, err := Maybe(FindAdoption(tx, system, digest, institution))
		if err != nil {
			return nil, err
		}
		if adoption != nil {
			adoptions = append(adoptions, adoption)
		}
	}
	return adoptions, nil
}

// ReadAdopted lists the versions of a system's hierarchy that institutions go by, each once, in the order in which they adopted them.
func ReadAdopted(tx *ledger.Tx, system string, institutions []string) ([]string, error) {
	adoptions, _, err := ledger.Series[records.Ontology](tx, records.OntologyType+"/"+system, institutions)
	var digests []string
	for _, adoption := range adoptions {
		if digest := adoption.Record.Body.Index; !slices.Contains(digests, digest) {
			digests = append(digests, digest)
		}
	}
	return digests, err
}

// FindTerm looks one term up in a version of a hierarchy, for a decision: two reads, the index and one page, whatever the size of the hierarchy; each is compared with its
// hash, so whoever names the digest gets the terms that were in it then. Nil when that version has no such term.
//
// Refuses with NOT_FOUND when the index or the page is not on the ledger.
func FindTerm(tx *ledger.Tx, system, digest, code string) (*records.Term, error) {
	index, err := FindIndex(tx, digest)
	if err != nil {
		return nil, err
	}
	if index == nil || index.System != system {
		return nil, NoOntology(system, digest)
	}
	tx.Rely(records.OntologyIndexType+"/"+digest, 0, ledger.Ref{Type: records.OntologyType, ID: system + "@" + index.Version, Digest: digest})
	after, exact := slices.BinarySearchFunc(index.Pages, code, func(page records.PageRef, code string) int { return strings.Compare(page.First, code) })
	if !exact {
		after--
	}
	if after < 0 {
		return nil, nil
	}
	page, err := parsed(tx, records.OntologyPageType, index.Pages[after].SHA256, records.ParseOntologyPage)
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

// NoOntology is the refusal for a version of a hierarchy that is not on the ledger, or not whole.
func NoOntology(system, digest string) error {
	return refusal.New(refusal.NotFound, "there is no %s ontology %s on the ledger, or a page of it is not there", system, digest).
		Hinting("load its file (ontology load): pages stand by their hash, so whoever has the file can put back what is missing")
}
