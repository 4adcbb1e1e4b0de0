package evidence

import (
	"slices"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules/use"
)

// OntologyState is a version of a hierarchy, and which institutions go by it. What it holds is read from its index, which its digest covers; an institution's
// record says only that it goes by it, and where it has it from.
type OntologyState struct {
	System       string        `json:"system"`
	Digest       string        `json:"digest"`
	Version      string        `json:"version"`
	Terms        int64         `json:"terms"`
	Pages        int64         `json:"pages"`
	AdoptedBy    []string      `json:"adopted_by"`
	Institutions int64         `json:"institutions"`
	InForce      bool          `json:"in_force"`
	Records      []ledger.View `json:"records"`
}

// ReadOntology reads how a version stands. Only the records of registered institutions count.
//
// Refuses with NOT_FOUND when nobody published it, or its index is not on the ledger.
func ReadOntology(tx *ledger.Tx, system, digest string) (OntologyState, error) {
	adoptions, err := ReadAdoptions(tx, system, digest)
	if err != nil {
		return OntologyState{}, err
	}
	if len(adoptions) == 0 {
		return OntologyState{}, refusal.New(refusal.NotFound, "no institution has published %s", records.OntologyID(system, digest))
	}
	return DescribeOntology(tx, adoptions)
}

// DescribeOntology tells how the version stands that these adoptions are all of.
func DescribeOntology(tx *ledger.Tx, adoptions []*ledger.Sealed[records.Ontology]) (OntologyState, error) {
	body := adoptions[0].Record.Body
	index, err := ReadIndex(tx, body.System, body.Index)
	if err != nil {
		return OntologyState{}, err
	}
	registered, err := ReadRegistered(tx)
	if err != nil {
		return OntologyState{}, err
	}
	state := OntologyState{
		System: body.System, Digest: body.Index, Version: index.Version, Terms: index.Terms, Pages: int64(len(index.Pages)),
		Institutions: int64(len(registered)),
	}
	for _, adoption := range adoptions {
		if slices.Contains(registered, adoption.Record.Owner) {
			state.AdoptedBy = append(state.AdoptedBy, adoption.Record.Owner)
		}
		state.Records = append(state.Records, adoption.View())
	}
	slices.Sort(state.AdoptedBy)
	state.InForce = use.InForce(len(state.AdoptedBy), len(registered))
	return state, nil
}

// InForce finds the version of a system's hierarchy that is in force, the one published last when there are several. It is what queries mean without a digest;
// a decision names the digest that its policy was written with.
//
// Refuses with NOT_FOUND when none is in force.
func InForce(tx *ledger.Tx, system string) (OntologyState, error) { return InForceFor(tx, system, "") }

// InForceFor is the same among the versions that one institution has adopted itself, or among all when none is named: what its policies can pin. So not even a
// majority brings an owner's policies to go by a hierarchy that the owner's own chaincode did not verify, and its own steward did not adopt. Of several it is the one that the
// institution adopted last, by its own posts: whoever published or adopted it too could date that back.
//
// Refuses with NOT_FOUND when there is none.
func InForceFor(tx *ledger.Tx, system, institution string) (OntologyState, error) {
	candidates, err := candidatesFor(tx, system, institution)
	if err != nil {
		return OntologyState{}, err
	}
	var latest OntologyState
	var published records.Time
	for _, digest := range candidates {
		adoptions, err := ReadAdoptions(tx, system, digest)
		if err != nil {
			return OntologyState{}, err
		}
		if len(adoptions) < use.MinAdopters {
			continue
		}
		state, err := DescribeOntology(tx, adoptions)
		if err != nil && !refusal.Is(err, refusal.NotFound) {
			return OntologyState{}, err
		}
		if first := firstOf(adoptions); err == nil && state.InForce && (institution != "" || first >= published) {
			latest, published = state, first
		}
	}
	if latest.Digest == "" {
		return latest, refusal.New(refusal.NotFound, "no version of %s is in force", system).
			Hinting("more than half of the institutions, and at least %d, have to adopt the same version (ontology.list shows who did)", use.MinAdopters)
	}
	return latest, nil
}

// candidatesFor lists the versions that can be in force for an institution: those that it has adopted, or that anybody has when none is named.
func candidatesFor(tx *ledger.Tx, system, institution string) ([]string, error) {
	if institution != "" {
		return ReadAdopted(tx, system, []string{institution})
	}
	registered, err := ReadRegistered(tx)
	if err != nil {
		return nil, err
	}
	return ReadAdopted(tx, system, registered)
}

// firstOf is the moment of the first of some adoptions.
func firstOf(adoptions []*ledger.Sealed[records.Ontology]) records.Time {
	first := records.MaxTime
	for _, adoption := range adoptions {
		first = min(first, adoption.Record.CreatedAt())
	}
	return first
}

// PlaceTerm looks a term up in a version of its hierarchy, with its replacement when it is obsolete, for use.LiesUnder: at most three reads.
//
// Refuses with NOT_FOUND when the version's pages are not on the ledger: then nothing can be decided from it.
func PlaceTerm(tx *ledger.Tx, system, digest, code string) (use.Placed, error) {
	placed := use.Placed{System: system, Code: code}
	var err error
	if placed.Term, err = FindTerm(tx, system, digest, code); err != nil || placed.Term == nil {
		return placed, err
	}
	if placed.Term.ReplacedBy != "" {
		placed.Replacement, err = FindTerm(tx, system, digest, placed.Term.ReplacedBy)
	}
	return placed, err
}

// ReadIndex finds the index of a version of a system's hierarchy.
//
// Refuses with NOT_FOUND.
func ReadIndex(tx *ledger.Tx, system, digest string) (*records.OntologyIndex, error) {
	index, err := FindIndex(tx, digest)
	if err != nil {
		return nil, err
	}
	if index == nil || index.System != system {
		return nil, NoOntology(system, digest)
	}
	return index, nil
}
