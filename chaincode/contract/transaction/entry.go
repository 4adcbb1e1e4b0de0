// Package transaction is what the areas of the contract have in common: the entries of their tables, pages of lists, and the answers and refusals that look the same everywhere.
package transaction

import (
	"reflect"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
)

// Argument is what a transaction is called with.
type Argument interface {
	// Check notes what is wrong with it.
	Check(c *input.Checker)
}

// Run is a transaction whose argument was found to be right.
type Run func(tx *ledger.Tx) (any, error)

// Table is what an area offers, by exact name.
type Table map[string]Entry

// Entry is one entry of a table.
type Entry struct {
	// Writes tells whether it changes the ledger; a query only reads.
	Writes bool
	// Private writes go to institutions' collections alone, without an event.
	Private bool
	// Ends tells whether it takes access away, so that an alarm does not hold it back.
	Ends bool
	// Argument is the type of its one argument, a JSON object.
	Argument reflect.Type
	// Prepare reads the argument and gives what is to be run.
	Prepare func(argument []byte) (Run, error)
}

// Change makes a transaction that writes.
func Change[A Argument](do func(*ledger.Tx, A) (any, error)) Entry {
	t := Query(do)
	t.Writes = true
	return t
}

// Ending makes a transaction that writes and takes access away: nobody is kept from that, whatever was found on the ledger.
func Ending[A Argument](do func(*ledger.Tx, A) (any, error)) Entry {
	return Taking(Change(do))
}

// Taking is the same transaction, which takes access away.
func Taking(t Entry) Entry {
	t.Ends = true
	return t
}

// Secret makes a transaction that writes nothing public.
func Secret[A Argument](do func(*ledger.Tx, A) (any, error)) Entry {
	t := Change(do)
	t.Private = true
	return t
}

// Query makes one that only reads.
func Query[A Argument](do func(*ledger.Tx, A) (any, error)) Entry {
	return Entry{Argument: reflect.TypeFor[A](), Prepare: prepare(do)}
}

func prepare[A Argument](do func(*ledger.Tx, A) (any, error)) func([]byte) (Run, error) {
	return func(raw []byte) (Run, error) {
		var a A
		if err := input.Decode(raw, &a); err != nil {
			return nil, err
		}
		var c input.Checker
		a.Check(&c)
		if err := c.Err(); err != nil {
			return nil, err
		}
		return func(tx *ledger.Tx) (any, error) { return do(tx, a) }, nil
	}
}

// NoArgument is the empty object.
type NoArgument struct{}

func (NoArgument) Check(*input.Checker) {}
