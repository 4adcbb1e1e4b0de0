package ledger

import "time"

// Here is what the chaincode of a peer was told of where it runs. The zero value says nothing.
type Here struct {
	// Institution is whose peer it is.
	Institution string
	// Within is how old the ledger can be for a decision; zero sets no bound.
	Within time.Duration
	// Clock is the peer's, now; read to refuse and to deny, and written nowhere.
	Clock time.Time
}
