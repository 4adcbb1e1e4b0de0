package machines_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"medconsent.org/chaincode/pages"
	"medconsent.org/chaincode/rules/machines"
)

const machinesPage = "../../../docs/state-machines.md"

const machinesIntroduction = "This page is made from the tables that the chaincode goes by (`chaincode/rules/machines/tables.go`, which contract.json has too) by " +
	"`UPDATE_DOCS=1 go test ./rules/...`, and a test tries every act in every state. It says where each thing can stand, what leads from one state to another, and what " +
	"everything else is refused with."

const machinesRule = "No state is stored that could be derived: most acts write a record of their own, and where something stands is worked out when it is read " +
	"([contract.md](contract.md#a-requests-state)). Nothing leads back from a final state (in bold): at most another one follows."

// cell says in words what comes of an act in a state, and where that depends on why it stands there, for each reason.
func cell[S ~string](act machines.Act[S], state S) string {
	reasons := act.Reasons(state)
	if state == S(machines.GrantSuspended) && len(reasons) > 0 {
		reasons = []string{machines.ByItself, machines.WithJoined}
	} else {
		reasons = append([]string{""}, reasons...)
	}
	texts := []string{}
	for _, why := range reasons {
		text := outcome(act, state, why)
		if why != "" && text != "" {
			text = why + ": " + text
		}
		if text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "; ")
}

func outcome[S ~string](act machines.Act[S], state S, why string) string {
	to := []string{}
	for _, s := range act.Leads(state, why) {
		if s == state {
			s = "stays"
		}
		to = append(to, string(s))
	}
	if code := act.Refuses(state, why); code != "" {
		return "`" + string(code) + "`"
	}
	return strings.Join(to, " or ")
}

func named(does string) string {
	if does == machines.Time {
		return does
	}
	return "`" + does + "`"
}

func joined[S ~string](states []S) string {
	words := []string{}
	for _, s := range states {
		words = append(words, string(s))
	}
	return strings.Join(words, ", ")
}

func node[S ~string](state S) string {
	if state == "" {
		return "[*]"
	}
	return strings.ReplaceAll(string(state), "-", "_")
}

// diagram draws the machine in Mermaid's stateDiagram-v2. What changes no state is left out.
func diagram[S ~string](m machines.Machine[S]) string {
	var b strings.Builder
	b.WriteString("```mermaid\nstateDiagram-v2\n")
	for _, s := range m.States {
		if node(s.State) != string(s.State) {
			fmt.Fprintf(&b, "    state %q as %s\n", s.State, node(s.State))
		}
	}
	type edge struct{ from, to S }
	var order []edge
	labels := map[edge][]string{}
	add := func(from, to S, label string) {
		e := edge{from, to}
		if labels[e] == nil {
			order = append(order, e)
		}
		if !slices.Contains(labels[e], label) {
			labels[e] = append(labels[e], label)
		}
	}
	for _, act := range m.Acts {
		for _, step := range act.Steps {
			if len(step.From) == 0 {
				add("", step.To, act.Does)
			}
			for _, from := range step.From {
				if step.To != machines.Stays && step.To != from {
					add(from, step.To, act.Does)
				}
			}
		}
	}
	for _, e := range order {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", node(e.from), node(e.to), strings.Join(labels[e], ", "))
	}
	for _, s := range m.States {
		if s.Final {
			fmt.Fprintf(&b, "    %s --> [*]\n", node(s.State))
		}
	}
	return b.String() + "```\n"
}

func section[S ~string](b *strings.Builder, title string, m machines.Machine[S]) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n", title, diagram(m))
	var states [][]string
	for _, s := range m.States {
		name := string(s.State)
		if s.Final {
			name = "**" + name + "**"
		}
		states = append(states, []string{name, s.Means})
	}
	b.WriteString(pages.Table([]string{"state", "means"}, states) + "\nWhat leads where:\n\n" + steps(m))
	b.WriteString("\nWhat comes of each action in each state:\n\n" + outcomes(m))
}

// steps lists for each action who does it, and what it leads to from where.
func steps[S ~string](m machines.Machine[S]) string {
	var b strings.Builder
	for _, act := range m.Acts {
		item := named(act.Does)
		if act.Who != "" {
			item += " by " + act.Who
		}
		b.WriteString(pages.Item(0, item))
		for _, step := range act.Steps {
			b.WriteString(pages.Item(1, leads(step)))
		}
	}
	return b.String()
}

// leads says where a step leads, from where and when.
func leads[S ~string](step machines.Step[S]) string {
	from, to := joined(step.From), string(step.To)
	switch {
	case from == "":
		from = "(new)"
	case step.Why != "":
		from += " (" + step.Why + ")"
	}
	if step.To == machines.Stays {
		to = "the same"
	}
	text := from + " → " + to
	if step.When != "" {
		text += ", when: " + step.When
	}
	return text
}

// outcomes lists for each action what comes of it in which states.
func outcomes[S ~string](m machines.Machine[S]) string {
	var b strings.Builder
	for _, act := range m.Acts {
		if makes(act) {
			continue
		}
		b.WriteString(pages.Item(0, named(act.Does)))
		var order []string
		in := map[string][]string{}
		for _, s := range m.States {
			what := cell(act, s.State)
			if what == "" {
				continue
			}
			if in[what] == nil {
				order = append(order, what)
			}
			in[what] = append(in[what], string(s.State))
		}
		for _, what := range order {
			b.WriteString(pages.Item(1, strings.Join(in[what], ", ")+": "+what))
		}
	}
	return b.String()
}

// makes tells whether an act does nothing but make what the machine is about.
func makes[S ~string](act machines.Act[S]) bool {
	return !slices.ContainsFunc(act.Steps, func(s machines.Step[S]) bool { return len(s.From) > 0 })
}

func allMachines() string {
	var b strings.Builder
	b.WriteString("# State machines\n\n" + pages.Wrap("", "", machinesIntroduction) + "\n" + pages.Wrap("", "", machinesRule))
	section(&b, "Request", machines.RequestMachine)
	section(&b, "Grant", machines.GrantMachine)
	section(&b, "Seat on a committee", machines.SeatMachine)
	section(&b, "Delegation", machines.DelegationMachine)
	section(&b, "Break-glass", machines.BreakglassMachine)
	section(&b, "Invitation to give an opinion", machines.InvitationMachine)
	section(&b, "Consent of a cohort", machines.CohortMachine)
	section(&b, "Legal basis", machines.BasisMachine)
	section(&b, "Receipt of a release", machines.ReceiptMachine)
	return b.String()
}

// docs/state-machines.md is what the chaincode goes by.
func TestThePageHasTheMachines(t *testing.T) {
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(machinesPage, []byte(allMachines()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile(machinesPage)
	if err != nil || string(page) != allMachines() {
		t.Fatal("docs/state-machines.md is not what the program says: UPDATE_DOCS=1 go test ./rules/...")
	}
}

// The tables say something about every act in every state, and nothing twice.
func TestMachinesAreComplete(t *testing.T) {
	complete(t, machines.RequestMachine)
	complete(t, machines.GrantMachine)
	complete(t, machines.SeatMachine)
	complete(t, machines.DelegationMachine)
	complete(t, machines.BreakglassMachine)
	complete(t, machines.InvitationMachine)
	complete(t, machines.CohortMachine)
	complete(t, machines.BasisMachine)
	complete(t, machines.ReceiptMachine)
}

func complete[S ~string](t *testing.T, m machines.Machine[S]) {
	t.Helper()
	names, reached := m.Names(), map[S]bool{}
	known := func(s S) bool { return slices.Contains(names, s) }
	acts := map[string]bool{}
	for _, act := range m.Acts {
		if acts[act.Does] || act.Does == "" || act.Who == "" && act.Does != machines.Time {
			t.Errorf("%s: %q stands there twice, or says not who", m.Name, act.Does)
		}
		acts[act.Does] = true
		for _, step := range act.Steps {
			reached[step.To] = true
			for _, from := range step.From {
				if !known(from) || step.To != machines.Stays && !known(step.To) {
					t.Errorf("%s: %s leads from %q to %q", m.Name, act.Does, from, step.To)
				}
				if step.To != machines.Stays && m.Final(from) && !m.Final(step.To) {
					t.Errorf("%s: %s leads out of the final %s to %s", m.Name, act.Does, from, step.To)
				}
			}
		}
		for _, refused := range act.Refused {
			for _, state := range refused.In {
				if !known(state) || len(act.Leads(state, refused.Why)) > 0 {
					t.Errorf("%s: %s in %q is both possible and refused, or there is no such state", m.Name, act.Does, state)
				}
			}
		}
		for _, state := range names {
			if !makes(act) && outcome(act, state, "") == "" && act.Reasons(state) == nil && !strings.Contains(act.Does, " of ") {
				t.Errorf("%s: nothing is said about %s in %s", m.Name, act.Does, state)
			}
		}
	}
	for _, s := range m.States {
		if !reached[s.State] || s.Means == "" {
			t.Errorf("%s: nothing leads to %s, or it is not said what it means", m.Name, s.State)
		}
	}
}
