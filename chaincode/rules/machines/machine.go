// Package machines says where each thing can stand, and what leads from one state to another.
package machines

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/refusal"
)

// Machine says where one kind of thing can stand and what leads from one state to another. The lists of states, what is final, and what an act that comes too late is
// refused with are read from it; docs/state-machines.md is made from it; and a test tries every act in every state. As JSON it is a part of contract.json.
type Machine[S ~string] struct {
	Name   string            `json:"name"`
	States []MachineState[S] `json:"states"`
	Acts   []Act[S]          `json:"acts"`
}

// MachineState is a state.
type MachineState[S ~string] struct {
	State S      `json:"state"`
	Means string `json:"means"`
	// Final is whether nothing leads out of it.
	Final bool `json:"final"`
}

// Act is what somebody does, or what happens by itself.
type Act[S ~string] struct {
	// Does is the transaction, with the part of its argument that makes it this act ("request.vote approve"), or Time.
	Does string `json:"does"`
	Who  string `json:"who,omitzero"`
	// Steps are where the act is possible and what it leads to.
	Steps []Step[S] `json:"steps,omitzero"`
	// Refused are the codes where it is not, as far as they differ from Otherwise.
	Refused   []Refused[S] `json:"refused,omitzero"`
	Otherwise refusal.Code `json:"otherwise,omitzero"`
}

// Time is the act that nobody does.
const Time = "time passes"

// Step leads from any of some states to one; Stays when it leads back to where it came from. From nothing, it makes what the machine is about. With Why, only when the
// state has that reason. When says under which circumstances.
type Step[S ~string] struct {
	From []S    `json:"from,omitzero"`
	Why  string `json:"why,omitzero"`
	To   S      `json:"to,omitzero"`
	When string `json:"when,omitzero"`
}

// Stays is where a step leads that changes no state.
const Stays = ""

// Refused is the code that an act is refused with in some states; with Why, only when the state has that reason.
type Refused[S ~string] struct {
	In   []S          `json:"in"`
	Why  string       `json:"why,omitzero"`
	Code refusal.Code `json:"code"`
}

// Names lists the states.
func (m Machine[S]) Names() []S {
	names := make([]S, 0, len(m.States))
	for _, s := range m.States {
		names = append(names, s.State)
	}
	return names
}

// Final tells whether nothing leads out of a state.
func (m Machine[S]) Final(state S) bool {
	return slices.ContainsFunc(m.States, func(s MachineState[S]) bool { return s.State == state && s.Final })
}

// Live tells whether a state is one of the machine's out of which something leads.
func (m Machine[S]) Live(state S) bool {
	return slices.ContainsFunc(m.States, func(s MachineState[S]) bool { return s.State == state && !s.Final })
}

// Act finds an act by what is done.
func (m Machine[S]) Act(does string) (Act[S], bool) {
	i := slices.IndexFunc(m.Acts, func(a Act[S]) bool { return a.Does == does })
	if i < 0 {
		return Act[S]{}, false
	}
	return m.Acts[i], true
}

// Leads lists where an act can lead from a state that has a reason (or none); nothing when it is not possible there.
func (a Act[S]) Leads(from S, why string) []S {
	var to []S
	for _, step := range a.Steps {
		switch {
		case !slices.Contains(step.From, from) || step.Why != "" && step.Why != why:
			continue
		case step.To == Stays:
			to = append(to, from)
		default:
			to = append(to, step.To)
		}
	}
	return to
}

// Refuses gives the code that an act is refused with in a state that has a reason (or none); empty when the act is possible there.
func (a Act[S]) Refuses(in S, why string) refusal.Code {
	if len(a.Leads(in, why)) > 0 {
		return ""
	}
	code := a.Otherwise
	for _, refused := range a.Refused {
		if slices.Contains(refused.In, in) && (refused.Why == "" || refused.Why == why) {
			code = refused.Code
		}
	}
	return code
}

// Refuse refuses an act in a state that has a reason (or none) with the code of the table; told says where the thing stands and what to do. Where the act is possible
// there is nothing to refuse.
func (m Machine[S]) Refuse(does string, in S, why string, told func() (sentence, hint string)) error {
	act, known := m.Act(does)
	if !known {
		return fmt.Errorf("%q is no act on a %s", does, m.Name)
	}
	code := act.Refuses(in, why)
	if code == "" {
		return nil
	}
	sentence, hint := told()
	return refusal.New(code, "%s", sentence).Hinting("%s", hint)
}

// Reasons lists the reasons of a state on which an act depends there.
func (a Act[S]) Reasons(state S) []string {
	var reasons []string
	for _, step := range a.Steps {
		if step.Why != "" && slices.Contains(step.From, state) {
			reasons = append(reasons, step.Why)
		}
	}
	for _, refused := range a.Refused {
		if refused.Why != "" && slices.Contains(refused.In, state) {
			reasons = append(reasons, refused.Why)
		}
	}
	slices.Sort(reasons)
	return slices.Compact(reasons)
}
