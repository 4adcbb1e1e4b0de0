package review

import (
	"fmt"
	"slices"

	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// Resolve puts the requester's institution into the stages of whoever asks. Nothing else needs to know that a stage was written that way, but for whom it admits.
func Resolve(policy records.Policy, requester string) records.Policy {
	policy.Stages = slices.Clone(policy.Stages)
	for i := range policy.Stages {
		if policy.Stages[i].Of == records.OfRequester {
			policy.Stages[i].Institution = requester
		}
	}
	return policy
}

// Committees lists by id, each once, the committees that a policy's stages and vetoes name. A stage of whoever asks names one when it is resolved.
func Committees(policy records.Policy) []string {
	ids := make([]string, 0, len(policy.Stages)+len(policy.Vetoes))
	add := func(id string) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, stage := range policy.Stages {
		if stage.Institution != "" {
			add(stage.Committee())
		}
	}
	for _, veto := range policy.Vetoes {
		add(veto.Committee())
	}
	return ids
}

// StageOf finds the stage of a committee in a resolved policy.
func StageOf(policy records.Policy, institution, role string) (records.Stage, bool) {
	for _, stage := range policy.Stages {
		if stage.Institution == institution && stage.Role == role {
			return stage, true
		}
	}
	return records.Stage{}, false
}

// HasVeto tells whether a committee can reject by one member's word.
func HasVeto(policy records.Policy, institution, role string) bool {
	return slices.Contains(policy.Vetoes, records.Veto{Institution: institution, Role: role})
}

// Coinciding says which stages of a resolved policy ask a committee that another one asks: who asks sits where the policy has a stage of its own.
func Coinciding(policy records.Policy) []rules.Reason {
	var reasons []rules.Reason
	for i, stage := range policy.Stages {
		if stage.Institution != "" && slices.ContainsFunc(policy.Stages[:i], func(other records.Stage) bool { return other.Committee() == stage.Committee() }) {
			reasons = append(reasons, rules.Reason{
				Code: rules.StageUnmeetable, Clause: fmt.Sprintf("stages[%d]", i),
				Message: fmt.Sprintf("for a request of %s the policy asks %s in two stages, and a committee answers once", stage.Institution, stage.Committee()),
			})
		}
	}
	return reasons
}

// needed is how many approvals a stage asks of a committee of so many electors who are admitted, some of whom have declared a conflict of interest. A declared
// conflict never lowers a number or a majority, and unanimity only down to a majority.
func needed(stage records.Stage, electors, recused int64) int64 {
	majority := electors/2 + 1
	switch stage.Rule {
	case records.Majority:
		return majority
	case records.Unanimous:
		return max(majority, electors-recused)
	}
	return max(stage.Threshold, 1)
}

// Asked tells how many people a stage can ask at a moment, and how many of them must approve, when nobody has declared a conflict.
func Asked(stage records.Stage, roster Roster, electorate Electorate, at records.Time) (seated, threshold int64) {
	electors := int64(len(electorate.among(stage, roster.Electors(at))))
	return int64(len(electorate.among(stage, roster.Members(at)))), needed(stage, electors, 0)
}

// Tally is how far one stage has come.
type Tally struct {
	Institution string `json:"institution"`
	Role        string `json:"role"`
	// Step is when the stage opens; Open is whether it has, and Since from when on.
	Step  int64        `json:"step"`
	Open  bool         `json:"open"`
	Since records.Time `json:"since,omitzero"`
	Rule  string       `json:"rule,omitzero"`
	// Threshold is how many approvals are needed, by the number or the rule.
	Threshold  int64 `json:"threshold"`
	Approvals  int64 `json:"approvals"`
	Rejections int64 `json:"rejections"`
	Recused    int64 `json:"recused"`
	Seated     int64 `json:"seated"`
	Missing    int64 `json:"missing"`
	// WaitsFor are those who are seated and admitted and have not spoken, nor a deputy for them.
	WaitsFor []string `json:"waits_for"`
}

// tally counts one stage as of a moment, by the roster that a vote was judged by, or as it stands.
func (w *walk) tally(stage records.Stage, at records.Time, judged *Ballot) Tally {
	tally := Tally{Institution: stage.Institution, Role: stage.Role, Step: stage.StepNumber(), Rule: stage.Rule, WaitsFor: []string{}}
	roster := w.roster(stage.Committee(), judged)
	for _, id := range roster.Members(at) {
		person := records.Person{Institution: stage.Institution, ID: id}
		if !w.electorate.AdmitsTo(stage, person) {
			continue
		}
		tally.Seated++
		switch {
		case w.recused[person]:
			tally.Recused++
		case w.said(stage, person, records.Approve, at):
			tally.Approvals++
		case w.said(stage, person, records.Reject, at):
			tally.Rejections++
		case !w.spent[person]:
			tally.WaitsFor = append(tally.WaitsFor, id)
		}
	}
	tally.Threshold = needed(stage, int64(len(w.electorate.among(stage, roster.Electors(at)))), tally.Recused)
	tally.Missing = max(0, tally.Threshold-tally.Approvals)
	return tally
}

// hopeless tells whether a stage in which somebody has rejected can no longer be met: those who could still approve, or have, are too few. Declared conflicts alone
// reject nothing: others can be seated.
func (t Tally) hopeless() bool {
	return t.Rejections > 0 && t.Seated-t.Recused-t.Rejections < t.Threshold
}

// tallies counts every stage, and tells which are open.
func (w *walk) tallies(at records.Time, judged *Ballot) []Tally {
	tallies := make([]Tally, 0, len(w.c.Policy.Stages))
	for _, stage := range w.c.Policy.Stages {
		tallies = append(tallies, w.tally(stage, at, judged))
	}
	for i := range tallies {
		if tallies[i].Open = reached(tallies, tallies[i].Step); tallies[i].Open {
			tallies[i].Since = w.since(tallies[i].Step)
		}
	}
	return tallies
}

// reached tells whether every stage of the steps before one is met.
func reached(tallies []Tally, step int64) bool {
	return !slices.ContainsFunc(tallies, func(t Tally) bool { return t.Step < step && t.Missing > 0 })
}

func met(tallies []Tally) bool {
	return len(tallies) > 0 && !slices.ContainsFunc(tallies, func(t Tally) bool { return t.Missing > 0 })
}

// open tells whether a stage is open at the moment of a vote.
func (w *walk) open(stage records.Stage, ballot Ballot) bool {
	for _, earlier := range w.c.Policy.Stages {
		if earlier.StepNumber() < stage.StepNumber() && w.tally(earlier, ballot.At, &ballot).Missing > 0 {
			return false
		}
	}
	return true
}

// since is the moment from which a step that is open has been: the request was stated, or a vote met the steps before.
func (w *walk) since(step int64) records.Time {
	if at, ok := w.opened[step]; ok {
		return at
	}
	if !slices.ContainsFunc(w.c.Policy.Stages, func(s records.Stage) bool { return s.StepNumber() < step }) || len(w.counted) == 0 {
		return w.c.Request.StatedAt()
	}
	return w.counted[len(w.counted)-1].At
}

// mark notes which steps a vote has opened.
func (w *walk) mark(tallies []Tally) {
	for _, tally := range tallies {
		if _, known := w.opened[tally.Step]; tally.Open && !known {
			w.opened[tally.Step] = w.since(tally.Step)
		}
	}
}

// shut notes which steps a vote found shut again, because somebody had lost a seat or an attestation had ended.
func (w *walk) shut(ballot Ballot) {
	if len(w.opened) < 2 {
		return
	}
	for _, tally := range w.tallies(ballot.At, &ballot) {
		if !tally.Open {
			delete(w.opened, tally.Step)
		}
	}
}
