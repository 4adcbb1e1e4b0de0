package sample

import (
	"medconsent.org/chaincode/refusal"
)

func Use(alternatives ...object) object { return object{"use": alternatives} }

func (w *World) Set(changes, more object) object {
	w.Helper()
	return w.Do(Steward, "policy.set", With(object{"dataset": "hanbit/breast-cancer", "policy": With(Policy(), changes)}, more))
}

func (w *World) NotSet(code refusal.Code, changes, more object) *refusal.Error {
	w.Helper()
	return w.Refused(code, Steward, "policy.set", With(object{"dataset": "hanbit/breast-cancer", "policy": With(Policy(), changes)}, more))
}

var Applies = object{"applies": "existing"}
