package main

import (
	"slices"
	"strings"

	"medconsent.org/chaincode/ledgertest"
)

// mask is a transaction whose chaincode forgets some of what the contract writes.
type mask struct {
	*ledgertest.Stub
	leave []string
}

func (m mask) PutPrivateData(collection, key string, value []byte) error {
	if m.unsealed(collection) {
		return nil
	}
	return m.Stub.PutPrivateData(collection, key, value)
}

func (m mask) SetPrivateDataValidationParameter(collection, key string, policy []byte) error {
	if m.unsealed(collection) {
		return nil
	}
	return m.Stub.SetPrivateDataValidationParameter(collection, key, policy)
}

func (m mask) unsealed(collection string) bool {
	owner := strings.TrimPrefix(collection, "_implicit_org_")
	return slices.Contains(m.leave, "seals") || slices.Contains(m.leave, "seals of "+owner)
}

func (m mask) PutState(key string, value []byte) error {
	if m.leftOut(key) {
		return nil
	}
	return m.Stub.PutState(key, value)
}

func (m mask) SetStateValidationParameter(key string, policy []byte) error {
	if slices.Contains(m.leave, "guards") || m.leftOut(key) {
		return nil
	}
	return m.Stub.SetStateValidationParameter(key, policy)
}

func (m mask) DelState(key string) error {
	if slices.Contains(m.leave, "deletions") {
		return nil
	}
	return m.Stub.DelState(key)
}

func (m mask) leftOut(key string) bool {
	return slices.ContainsFunc(m.leave, func(what string) bool {
		prefix, entries := strings.CutPrefix(what, "entries ")
		return entries && strings.HasPrefix(key, prefix)
	})
}
