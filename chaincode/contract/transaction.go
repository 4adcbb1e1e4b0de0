package contract

import (
	"reflect"

	"medconsent.org/chaincode/input"
	"medconsent.org/chaincode/ledger"
)

// argument is what a transaction is called with.
type argument interface {
	// check notes what is wrong with it.
	check(c *input.Checker)
}

// run is a transaction whose argument was found to be right.
type run func(tx *ledger.Tx) (any, error)

// table is what an area offers, by exact name.
type table map[string]transaction

// transaction is one entry of a table.
type transaction struct {
	// writes tells whether it changes the ledger; a query only reads.
	writes bool
	// private writes go to institutions' collections alone, without an event.
	private bool
	// ends tells whether it takes access away, so that an alarm does not hold it back.
	ends bool
	// argument is the type of its one argument, a JSON object.
	argument reflect.Type
	// prepare reads the argument and gives what is to be run.
	prepare func(argument []byte) (run, error)
}

// change makes a transaction that writes.
func change[A argument](do func(*ledger.Tx, A) (any, error)) transaction {
	t := query(do)
	t.writes = true
	return t
}

// ending makes a transaction that writes and takes access away: nobody is kept from that, whatever was found on the ledger.
func ending[A argument](do func(*ledger.Tx, A) (any, error)) transaction {
	return taking(change(do))
}

// taking is the same transaction, which takes access away.
func taking(t transaction) transaction {
	t.ends = true
	return t
}

// secret makes a transaction that writes nothing public.
func secret[A argument](do func(*ledger.Tx, A) (any, error)) transaction {
	t := change(do)
	t.private = true
	return t
}

// query makes one that only reads.
func query[A argument](do func(*ledger.Tx, A) (any, error)) transaction {
	return transaction{argument: reflect.TypeFor[A](), prepare: prepare(do)}
}

func prepare[A argument](do func(*ledger.Tx, A) (any, error)) func([]byte) (run, error) {
	return func(raw []byte) (run, error) {
		var a A
		if err := input.Decode(raw, &a); err != nil {
			return nil, err
		}
		var c input.Checker
		a.check(&c)
		if err := c.Err(); err != nil {
			return nil, err
		}
		return func(tx *ledger.Tx) (any, error) { return do(tx, a) }, nil
	}
}

// noArgument is the empty object.
type noArgument struct{}

func (noArgument) check(*input.Checker) {}
