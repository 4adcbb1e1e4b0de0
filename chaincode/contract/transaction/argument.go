package transaction

import (
	"medconsent.org/chaincode/input"
)

// Content says what is delivered: its Merkle root, and how much it is.
type Content struct {
	Root  string `json:"root"`
	Files *int64 `json:"files"`
	Bytes *int64 `json:"bytes"`
}

// NumberedName is a dataset, and the number of a version or policy of it; the latest when there is none.
type NumberedName struct {
	Dataset string `json:"dataset"`
	Version *int64 `json:"version"`
}

// Check implements input.Argument.
func (a NumberedName) Check(c *input.Checker) {
	c.Dataset("dataset", a.Dataset)
	c.Number("version", a.Version)
}

// Or is the number that is named, or another when none is.
func Or(number *int64, otherwise int64) int64 {
	if number != nil {
		return *number
	}
	return otherwise
}
