package ledger

import "medconsent.org/chaincode/records"

// Institution finds an institution's record by its MSP ID.
func (tx *Tx) Institution(name string) (Finding[records.Institution], error) {
	return named(tx, records.Institution{}, name)
}

// Committee finds an institution's roster for a role.
func (tx *Tx) Committee(institution, role string) (Finding[records.Committee], error) {
	return named(tx, records.Committee{Institution: institution, Role: role}, records.CommitteeID(institution, role))
}

// Dataset finds a dataset's head.
func (tx *Tx) Dataset(id string) (Finding[records.Dataset], error) {
	return named(tx, records.Dataset{}, id)
}

// Version finds one version of a dataset.
func (tx *Tx) Version(dataset string, number int64) (Finding[records.Version], error) {
	return named(tx, records.Version{Dataset: dataset, Version: number}, records.Numbered(dataset, '@', number))
}

// Manifest finds the text of one version's manifest.
func (tx *Tx) Manifest(dataset string, number int64) (Finding[records.Manifest], error) {
	return named(tx, records.Manifest{Dataset: dataset, Version: number}, records.Numbered(dataset, '@', number))
}

// Policy finds one version of a dataset's policy.
func (tx *Tx) Policy(dataset string, number int64) (Finding[records.PolicyVersion], error) {
	return named(tx, records.PolicyVersion{Dataset: dataset, Version: number}, records.Numbered(dataset, '#', number))
}

// Request reads a request by its id or a unique prefix of it.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORGED.
func (tx *Tx) Request(id string) (*Sealed[records.Request], error) {
	return byTx[records.Request](tx, records.RequestType, id)
}

// Grant reads a grant by its id or a unique prefix of it.
//
// Refuses with NOT_FOUND, AMBIGUOUS, FORGED.
func (tx *Tx) Grant(id string) (*Sealed[records.Grant], error) {
	return byTx[records.Grant](tx, records.GrantType, id)
}

// Votes reads every sealed vote on a request, in the order of the keys. The range is protected against phantoms: of two votes that race, one is
// invalidated. Forged votes count for nothing and are told apart.
func (tx *Tx) Votes(request string) ([]*Sealed[records.Vote], []Forgery, error) {
	start, end := under(records.VoteType + "/" + request)
	sealed, forgeries, err := all[records.Vote](tx, start, end)
	for _, vote := range sealed {
		relyOn(tx, vote)
	}
	return sealed, forgeries, err
}
