package sample

import (
	"medconsent.org/chaincode/refusal"
)

// Use is the part of a policy that says for what.
func Use(alternatives ...object) object { return object{"use": alternatives} }

// Set sets the sample policy with changes; more goes into the argument.
func (w *World) Set(changes, more object) object {
	w.Helper()
	return w.Do(Steward, "policy.set", With(object{"dataset": "hanbit/breast-cancer", "policy": With(Policy(), changes)}, more))
}

// NotSet makes sure that such a policy is refused with a code.
func (w *World) NotSet(code refusal.Code, changes, more object) *refusal.Error {
	w.Helper()
	return w.Refused(code, Steward, "policy.set", With(object{"dataset": "hanbit/breast-cancer", "policy": With(Policy(), changes)}, more))
}

// Applies is the part of an argument by which a policy applies to existing grants.
var Applies = object{"applies": "existing"}
