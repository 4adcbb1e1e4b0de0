// Package transaction is what the areas of the contract have in common: the entries of their tables, pages of lists, and the answers and refusals that look the same everywhere.
package transaction

import (
	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/refusal"
)

// Run is a transaction whose argument was found to be right.
type Run func(tx *ledger.Tx) (any, error)

// Table is what an area offers, by exact name.
type Table map[string]Entry

// Entry is one entry of a table: what is run, and everything that a client has to know of it (contract.json).
type Entry struct {
	Terms
	// Writes tells whether it changes the ledger; a query only reads.
	Writes bool
	// Private writes go to institutions' collections alone, without an event.
	Private bool
	// Ends tells whether it takes access away, so that an alarm does not hold it back.
	Ends bool
	// EndsWhen says with which words of the argument it does, when it does not always.
	EndsWhen *When
	// Describe says what its one argument, a JSON object, has to be; the types of objects are added to the definitions.
	Describe func(definitions map[string]*input.Schema) *input.Schema
	// Prepare reads the argument and gives what is to be run.
	Prepare func(argument []byte) (Run, error)
}

// Change makes a transaction that writes.
func Change[A input.Argument](do func(*ledger.Tx, A) (any, error), terms Terms) Entry {
	return Entry{Terms: terms, Writes: true, Describe: input.Describe[A], Prepare: prepare(do)}
}

// Ending makes a transaction that writes and takes access away: nobody is kept from that, whatever was found on the ledger.
func Ending[A input.Argument](do func(*ledger.Tx, A) (any, error), terms Terms) Entry {
	t := Change(do, terms)
	t.Ends = true
	return t
}

// Secret makes a transaction that writes nothing public.
func Secret[A input.Argument](do func(*ledger.Tx, A) (any, error), terms Terms) Entry {
	t := Change(do, terms)
	t.Private = true
	return t
}

// Taking is the same transaction, which takes access away.
func Taking(t Entry) Entry {
	t.Ends = true
	return t
}

// TakingWhen is the same transaction, which takes access away with some words of the argument.
func TakingWhen(t Entry, when When) Entry {
	t.EndsWhen = &when
	return t
}

// TakesAway tells whether a transaction with this argument takes access away.
func (e Entry) TakesAway(argument []byte) bool {
	return e.Ends || e.EndsWhen != nil && e.EndsWhen.Says(argument)
}

// Query makes one that only reads, and says what it can be refused with besides Always.
func Query[A input.Argument](do func(*ledger.Tx, A) (any, error), refuses ...refusal.Code) Entry {
	return Entry{Terms: Terms{Refuses: refuses}, Describe: input.Describe[A], Prepare: prepare(do)}
}

func prepare[A input.Argument](do func(*ledger.Tx, A) (any, error)) func([]byte) (Run, error) {
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

// Check implements input.Argument: there is nothing to be wrong.
func (NoArgument) Check(*input.Checker) {}
