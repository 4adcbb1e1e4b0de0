package transaction

import (
	"bytes"

	"github.com/go-json-experiment/json"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
)

// AsForgery shows, in a list, a record that is sealed but rests on one that is not; other errors stay errors.
func AsForgery(key string, err error) (any, bool, error) {
	if refusal.Is(err, refusal.Forged) || refusal.Is(err, refusal.NotFound) {
		return ledger.Forgery{Key: key, Sealed: true, Why: refusal.From(err).Message}, true, nil
	}
	return nil, false, err
}

// Written answers with the record that was queued.
func Written[B records.Body](sealed *ledger.Sealed[B], err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return sealed.Raw, nil
}

// Shown answers a lookup with what show says of the record.
func Shown[B records.Body, A any](tx *ledger.Tx, record *ledger.Sealed[B], err error, show func(*ledger.Tx, *ledger.Sealed[B]) (A, error)) (any, error) {
	if err != nil {
		return nil, err
	}
	answer, err := show(tx, record)
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// ViewOf answers a lookup with the record's view.
func ViewOf[B records.Body](finding ledger.Finding[B], err error) (any, error) {
	if err != nil {
		return nil, err
	}
	sealed, err := finding.Must()
	if err != nil {
		return nil, err
	}
	return sealed.View(), nil
}

// ShowView shows a record in a list as its view.
func ShowView[B records.Body](_ *ledger.Tx, record *ledger.Sealed[B]) (any, bool, error) {
	return record.View(), true, nil
}

// Stale refuses with CONFLICT what somebody was shown and no longer stands; field is the member of the argument that names its digest.
func Stale(field, id, digest string) error {
	return refusal.New(refusal.Conflict, "%s is not what you were shown: its digest is %s", id, digest).At(field).Hinting("read it again")
}

// RefuseSame refuses with CONFLICT a change after which a record would say what it says already: whoever wrote it would take it for done anew, and its history would
// tell of a change that was none. Field is the member of the argument that has what is said, if it is one, and hint says what to do instead.
func RefuseSame[B records.Body](standing *ledger.Sealed[B], body B, field, hint string) error {
	same, err := Alike(body, standing.Record.Body)
	if err != nil || !same {
		return err
	}
	return Same(standing.Record.ID, field, hint)
}

// Same refuses with CONFLICT what a record of this name says already.
func Same(id, field, hint string) error {
	return refusal.New(refusal.Conflict, "%s says just this already, so nothing was written", id).At(field).Hinting("%s", hint)
}

// Alike tells whether two bodies say the same, as they would be written down.
func Alike[T any](a, b T) (bool, error) {
	one, err := json.Marshal(a, json.Deterministic(true))
	if err != nil {
		return false, err
	}
	other, err := json.Marshal(b, json.Deterministic(true))
	return bytes.Equal(one, other), err
}
