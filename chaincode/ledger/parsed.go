package ledger

import (
	"errors"
	"reflect"
	"sync"

	"medconsent.org/chaincode/records"
)

// What comes of reading a stored form and of looking at its bounds depends on its bytes and on the program, and on nothing else. So queries keep it, by the hash of the
// bytes: what stands at a key now is read from the peer each time, and only what it says is not worked out again.

// mostParsed bounds what is kept of that: when it is full it is emptied.
const mostParsed = 5_000

var errNotChecked = errors.New("its bounds could not be looked at")

// parsed is what comes of a stored form.
type parsed struct {
	digest string
	// record is nil when there is none. Nobody changes it.
	record records.Any
	// key is where it can stand.
	key     string
	checked sync.Once
	wrong   error
}

// parse reads a stored form.
func (tx *Tx) parse(kind string, value []byte, decode func([]byte) (records.Any, error)) *parsed {
	digest := records.Digest(value)
	keeps := !tx.Acts && tx.Posts != nil
	at := kind + " " + digest
	if keeps {
		if known := tx.Posts.parsedAs(at); known != nil {
			return known
		}
	}
	p := &parsed{digest: digest}
	if record, err := decode(value); err == nil {
		p.record, p.key = record, record.Key()
	}
	if keeps {
		clip(reflect.ValueOf(p.record))
		tx.Posts.keep(at, p)
	}
	return p
}

// refused is why the contract would not have written the record, or nil.
func (p *parsed) refused(by func(records.Any) error) error {
	if by == nil {
		return nil
	}
	p.checked.Do(func() {
		p.wrong = errNotChecked // should the check not come to its end
		p.wrong = by(p.record)
	})
	return p.wrong
}

func (p *Posts) parsedAs(at string) *parsed {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.parsed[at]
}

func (p *Posts) keep(at string, what *parsed) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.parsed == nil || len(p.parsed) >= mostParsed {
		p.parsed = map[string]*parsed{}
	}
	p.parsed[at] = what
}

// Forms is how many stored forms have been parsed and are kept.
func (p *Posts) Forms() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return len(p.parsed)
}

// clip leaves no room behind the items of any list in a record, so that whoever appends to one makes another: several transactions have the same at once. Records have no maps.
func clip(value reflect.Value) {
	switch value.Kind() { //nolint:exhaustive // nothing else has lists in it
	case reflect.Pointer, reflect.Interface:
		if !value.IsNil() {
			clip(value.Elem())
		}
	case reflect.Struct:
		for i := range value.NumField() {
			clip(value.Field(i))
		}
	case reflect.Slice:
		if value.CanSet() {
			value.SetCap(value.Len())
		}
		if kind := value.Type().Elem().Kind(); kind == reflect.Struct || kind == reflect.Pointer || kind == reflect.Slice {
			for i := range value.Len() {
				clip(value.Index(i))
			}
		}
	}
}
