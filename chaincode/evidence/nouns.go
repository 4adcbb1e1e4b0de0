// Package evidence is what was read and verified: nouns, requests with all that decides on them, grants, hierarchies and lawfulness, as values that the rules take.
package evidence

import (
	"fmt"
	"strings"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// ReadBasis reads a legal basis. Refuses with NOT_FOUND, FORGED.
func ReadBasis(tx *ledger.Tx, id string) (*ledger.Sealed[records.Basis], error) {
	finding, err := FindBasis(tx, id)
	if err != nil {
		return nil, err
	}
	return finding.Must()
}

// ReadCohort reads a cohort's head. Refuses with NOT_FOUND, FORGED.
func ReadCohort(tx *ledger.Tx, id string) (*ledger.Sealed[records.Cohort], error) {
	finding, err := FindCohort(tx, id)
	if err != nil {
		return nil, err
	}
	return finding.Must()
}

// ReadEpoch reads one epoch of a cohort. Refuses with NOT_FOUND, FORGED.
func ReadEpoch(tx *ledger.Tx, cohort string, number int64) (*ledger.Sealed[records.Epoch], error) {
	finding, err := FindEpoch(tx, cohort, number)
	if err != nil {
		return nil, err
	}
	return finding.Must()
}

// Maybe gives the record, or nil where there is none, or none that counts.
func Maybe[B records.Body](finding ledger.Finding[B], err error) (*ledger.Sealed[B], error) {
	if err != nil {
		return nil, err
	}
	record, err := finding.Maybe()
	if refusal.Is(err, refusal.Forged) {
		return nil, nil
	}
	return record, err
}

// ReadHead finds a dataset's head.
func ReadHead(tx *ledger.Tx, dataset string) (*ledger.Sealed[records.Dataset], error) {
	finding, err := FindDataset(tx, dataset)
	if err != nil {
		return nil, err
	}
	return finding.Must()
}

// ReadVersion reads one version of a dataset. Refuses with NOT_FOUND, FORGED.
func ReadVersion(tx *ledger.Tx, dataset string, number int64) (*ledger.Sealed[records.Version], error) {
	finding, err := FindVersion(tx, dataset, number)
	if err != nil {
		return nil, err
	}
	return finding.Must()
}

// ReadPolicy reads one version of a dataset's policy. Refuses with NOT_FOUND, FORGED.
func ReadPolicy(tx *ledger.Tx, dataset string, number int64) (*ledger.Sealed[records.PolicyVersion], error) {
	finding, err := FindPolicy(tx, dataset, number)
	if err != nil {
		return nil, err
	}
	return finding.Must()
}

// VersionNumber is the version of a dataset that is named, or the latest when none is.
func VersionNumber(tx *ledger.Tx, dataset string, version *int64) (int64, error) {
	if version != nil {
		return *version, nil
	}
	head, err := ReadHead(tx, dataset)
	if err != nil {
		return 0, err
	}
	return head.Record.Body.LatestVersion, nil
}

// LastNote is what the newest change says, or empty.
func LastNote(changes []records.Change) string {
	if len(changes) == 0 {
		return ""
	}
	return changes[len(changes)-1].Note
}

// FindInstitution finds an institution's record by its MSP ID.
func FindInstitution(tx *ledger.Tx, name string) (ledger.Finding[records.Institution], error) {
	return ledger.Named(tx, records.Institution{}, name)
}

// ReadRegistered lists the institutions that have a sealed record of themselves, in the order of their names.
func ReadRegistered(tx *ledger.Tx) ([]string, error) {
	names, err := ledger.Once(tx, "names of institutions", func() (*[]string, error) {
		names, err := tx.NamesUnder(records.InstitutionType)
		return &names, err
	})
	if err != nil {
		return nil, err
	}
	registered := []string{}
	for _, name := range *names {
		institution, err := Maybe(FindInstitution(tx, name))
		if err != nil {
			return nil, err
		}
		if institution != nil {
			registered = append(registered, name)
		}
	}
	return registered, nil
}

// FindCommittee finds an institution's roster for a role.
func FindCommittee(tx *ledger.Tx, institution, role string) (ledger.Finding[records.Committee], error) {
	return ledger.Named(tx, records.Committee{Institution: institution, Role: role}, records.CommitteeID(institution, role))
}

// FindDataset finds a dataset's head.
func FindDataset(tx *ledger.Tx, id string) (ledger.Finding[records.Dataset], error) {
	return ledger.Named(tx, records.Dataset{}, id)
}

// FindVersion finds one version of a dataset.
func FindVersion(tx *ledger.Tx, dataset string, number int64) (ledger.Finding[records.Version], error) {
	return ledger.Named(tx, records.Version{Dataset: dataset, Version: number}, records.Numbered(dataset, '@', number))
}

// FindManifest finds the text of one version's manifest.
func FindManifest(tx *ledger.Tx, dataset string, number int64) (ledger.Finding[records.Manifest], error) {
	return ledger.Named(tx, records.Manifest{Dataset: dataset, Version: number}, records.Numbered(dataset, '@', number))
}

// FindPolicy finds one version of a dataset's policy.
func FindPolicy(tx *ledger.Tx, dataset string, number int64) (ledger.Finding[records.PolicyVersion], error) {
	return ledger.Named(tx, records.PolicyVersion{Dataset: dataset, Version: number}, records.Numbered(dataset, '#', number))
}

// ReadRequest reads a request by its id or a unique prefix of it.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORGED.
func ReadRequest(tx *ledger.Tx, id string) (*ledger.Sealed[records.Request], error) {
	return ledger.ByTx[records.Request](tx, id)
}

// ReadGrant reads a grant by its id or a unique prefix of it.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORGED.
func ReadGrant(tx *ledger.Tx, id string) (*ledger.Sealed[records.Grant], error) {
	return ledger.ByTx[records.Grant](tx, id)
}

// ReadGrantOf reads the one grant that its owner has posted as that of a request.
//
// Refuses with NOT_FOUND, FORGED.
func ReadGrantOf(tx *ledger.Tx, owner, request string) (*ledger.Sealed[records.Grant], error) {
	finding, err := ledger.Posted(tx, owner, records.GrantPost(request), fmt.Sprintf("grant of request %.12s", request), func(r *records.Record[records.Grant]) bool {
		return r.Body.Origin() == request
	})
	if err != nil {
		return nil, err
	}
	return finding.Must()
}

// ReadVotes reads every vote on a request that these institutions have posted. What is forged counts for nothing and is told apart.
func ReadVotes(tx *ledger.Tx, request string, institutions []string) ([]*ledger.Sealed[records.Vote], []ledger.Forgery, error) {
	return ledger.Series[records.Vote](tx, records.VoteType+"/"+request, institutions)
}

// ReadRemarks reads every remark on a request, as ReadVotes does.
func ReadRemarks(tx *ledger.Tx, request string, institutions []string) ([]*ledger.Sealed[records.Remark], []ledger.Forgery, error) {
	return ledger.Series[records.Remark](tx, records.RemarkType+"/"+request, institutions)
}

// ReadInvitations reads every invitation to give an opinion on a request, as ReadVotes does.
func ReadInvitations(tx *ledger.Tx, request string, institutions []string) ([]*ledger.Sealed[records.Invitation], []ledger.Forgery, error) {
	return ledger.Series[records.Invitation](tx, records.InvitationType+"/"+request, institutions)
}

// ReadAcceptances reads every word of a grantee on a grant's terms, as ReadVotes does.
func ReadAcceptances(tx *ledger.Tx, grant string, person records.Person) ([]*ledger.Sealed[records.Acceptance], []ledger.Forgery, error) {
	return ledger.Series[records.Acceptance](tx, records.AcceptanceType+"/"+grant+"/"+person.String(), []string{person.Institution})
}

// ReadAuthors finds who of these institutions made a remark on a request that names a commitment. Forged remarks count for nothing.
func ReadAuthors(tx *ledger.Tx, request, commitment string, institutions []string) ([]records.Person, error) {
	var authors []records.Person
	for _, institution := range institutions {
		remark, err := Maybe(ledger.Posted(tx, institution, records.CommitmentPost(request, commitment), "remark on "+request, func(r *records.Record[records.Remark]) bool {
			return r.Body.Request == request && r.Body.Commitment == commitment
		}))
		if err != nil {
			return nil, err
		}
		if remark != nil {
			authors = append(authors, remark.Record.Body.Author)
		}
	}
	return authors, nil
}

// ReadBreakglass reads a break-glass record by its id or a unique prefix of it.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORGED.
func ReadBreakglass(tx *ledger.Tx, id string) (*ledger.Sealed[records.Breakglass], error) {
	return ledger.ByTx[records.Breakglass](tx, id)
}

// FindEmergencies finds what an institution has to keep in mind about its break-glass grants.
func FindEmergencies(tx *ledger.Tx, institution string) (ledger.Finding[records.Emergencies], error) {
	return ledger.Named(tx, records.Emergencies{}, institution)
}

// ReadDelegationAt reads the delegation that a vote names, by all that its key is made of.
//
// Refuses with NOT_FOUND, FORGED.
func ReadDelegationAt(tx *ledger.Tx, institution, role, member, id string) (*ledger.Sealed[records.Delegation], error) {
	key := strings.Join([]string{records.DelegationType, institution, role, member, id}, "/")
	finding, err := ledger.At[records.Delegation](tx, key, "delegation "+id)
	if err != nil {
		return nil, err
	}
	return finding.Must()
}

// ReadDelegation finds a delegation of an institution by its id, or by a prefix of it that no other sealed one has. By the whole id it is found without a range.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORGED.
func ReadDelegation(tx *ledger.Tx, institution, id string) (*ledger.Sealed[records.Delegation], error) {
	if records.IsTx(id) {
		finding, err := ledger.Posted(tx, institution, records.DelegationPost(id), "delegation "+id, func(r *records.Record[records.Delegation]) bool { return r.ID == id })
		if err != nil {
			return nil, err
		}
		return finding.Must()
	}
	return ledger.Ending[records.Delegation](tx, records.DelegationType+"/"+institution, id, institution)
}

// maxDeputyFor bounds how many delegations a person is a deputy by.
const maxDeputyFor = 200

// ReadDeputations lists the sealed delegations by which a person is a deputy and that have not run out at a moment. Entries that are false or lead to a forgery are passed over.
func ReadDeputations(tx *ledger.Tx, institution, deputy string, at records.Time) ([]*ledger.Sealed[records.Delegation], error) {
	var found []*ledger.Sealed[records.Delegation]
	err := ledger.Visit(tx, records.DelegationsTo(institution, deputy, at), func(_ *ledger.Tx, delegation *ledger.Sealed[records.Delegation], _ *ledger.Forgery) (bool, error) {
		if delegation != nil {
			found = append(found, ledger.RelyOn(tx, delegation))
		}
		return len(found) < maxDeputyFor, nil // what others have put there does not count
	})
	return found, err
}

// GrantListings are where the grants of a person on a dataset are looked for: first those that they hold by nobody's asking but their own, then all. Both have the latest end
// first, so that what expired long ago costs nothing. Index entries may be missing or false under attack: what they lead to is verified, and a false one can only cost a
// little time.
func GrantListings(person, dataset string) []records.Listing {
	all := records.GrantsByPerson(person, dataset)
	all.Fits = func(entry string, record records.Any) bool {
		grant, ok := record.(*records.Record[records.Grant])
		return ok && entry == records.PersonEntry(grant, person).Key
	}
	return []records.Listing{records.OwnGrants(person, dataset), all}
}

// FindGround finds what a dataset version rests on.
func FindGround(tx *ledger.Tx, dataset string, version int64) (ledger.Finding[records.Ground], error) {
	return ledger.Named(tx, records.Ground{Dataset: dataset, Version: version}, records.Numbered(dataset, '@', version))
}

// FindCohort finds a cohort's head.
func FindCohort(tx *ledger.Tx, id string) (ledger.Finding[records.Cohort], error) {
	return ledger.Named(tx, records.Cohort{}, id)
}

// FindEpoch finds one epoch of a cohort.
func FindEpoch(tx *ledger.Tx, cohort string, number int64) (ledger.Finding[records.Epoch], error) {
	return ledger.Named(tx, records.Epoch{Cohort: cohort, Epoch: number}, records.Numbered(cohort, '~', number))
}

// FindExclusion finds what the owner attests of a cohort's withdrawn in a dataset version.
func FindExclusion(tx *ledger.Tx, dataset string, version int64, cohort string) (ledger.Finding[records.Exclusion], error) {
	return ledger.Named(tx, records.Exclusion{Dataset: dataset, Version: version, Cohort: cohort}, records.ExclusionID(dataset, version, cohort))
}

// FindBasis finds a legal basis.
func FindBasis(tx *ledger.Tx, id string) (ledger.Finding[records.Basis], error) {
	return ledger.Named(tx, records.Basis{}, id)
}

// FindDeid finds the statement of how a dataset version was de-identified.
func FindDeid(tx *ledger.Tx, dataset string, version int64) (ledger.Finding[records.Deid], error) {
	return ledger.Named(tx, records.Deid{Dataset: dataset, Version: version}, records.Numbered(dataset, '@', version))
}

// ReadKeys reads every sealed key of a person that somebody said is theirs, as ReadVotes does.
func ReadKeys(tx *ledger.Tx, institution, person string) ([]*ledger.Sealed[records.Key], []ledger.Forgery, error) {
	return ledger.Series[records.Key](tx, records.AdmittedKeys(institution, person).Name, []string{institution})
}

// FindKey finds the key with a fingerprint that a person of an institution has announced with a delivery key (or without one, when its digest is empty), and that has not ended.
func FindKey(tx *ledger.Tx, institution, person, fingerprint, delivery string) (ledger.Finding[records.Key], error) {
	return ledger.Posted(tx, institution, records.KeyPost(institution, person, fingerprint, delivery), "key "+fingerprint+" of "+person, func(r *records.Record[records.Key]) bool {
		return r.Body.Person == person && r.Body.Fingerprint == fingerprint && r.Body.DeliveryDigest() == delivery && r.Status != records.Ended
	})
}

// ReadKeyAt reads the key that a person announced in a transaction.
//
// Refuses with NOT_FOUND, FORGED.
func ReadKeyAt(tx *ledger.Tx, institution, person, id string) (*ledger.Sealed[records.Key], error) {
	finding, err := ledger.At[records.Key](tx, strings.Join([]string{records.KeyType, institution, person, id}, "/"), "key of "+person+" announced in "+id)
	if err != nil {
		return nil, err
	}
	return finding.Must()
}

// ReadProposal reads a proposal by its id or a unique prefix of it.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORGED.
func ReadProposal(tx *ledger.Tx, id string) (*ledger.Sealed[records.Proposal], error) {
	return ledger.ByTx[records.Proposal](tx, id)
}
