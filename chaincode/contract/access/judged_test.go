package access_test

import (
	"slices"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
)

// forPeople is a permission whose limit a person has to judge.
var forPeople = []object{{"permission": "GRU", "limits": []object{{"term": "RS", "text": "cardiology alone"}}}}

const whole = 30 * 24 * time.Hour // what a grant of the sample lasts

// resting is a sample in which hanbit/breast-cancer rests on the consent of a cohort, and p and q can break glass.
func resting(t *testing.T) *sample.World {
	t.Helper()
	w := sample.Guarded(t)
	w.Do(sample.Privacy, "consent.begin", sample.Consent(object{"batch_seconds": 1}))
	w.Rests(object{"cohorts": []string{"hanbit/oncology"}, "bases": nil})
	return w
}

func epoch(changes object) func(w *sample.World) {
	return func(w *sample.World) {
		w.Later(2 * time.Second)
		w.Do(sample.Privacy, "consent.epoch", sample.Epoch(sample.With(object{"epoch": 2}, changes)))
	}
}

// changes are what the version rests on, as it changes: to what a person has to judge, to the same in other words, or to what is denied.
var changes = map[string]struct {
	act  func(w *sample.World)
	then string // what a check says of it when nobody has judged it
}{
	"the people permit less":     {epoch(object{"use": forPeople}), "review"},
	"the people permit the same": {epoch(nil), "permit"},
	"it rests on a law besides": {func(w *sample.World) {
		w.Do(sample.Privacy, "basis.set", sample.With(sample.Basis(), object{"slug": "limited", "purposes": forPeople}))
		w.Rests(object{"cohorts": []string{"hanbit/oncology"}, "bases": []string{"hanbit/limited"}})
	}, "review"},
	"it rests on other people": {func(w *sample.World) {
		w.Do(sample.Privacy, "consent.begin", sample.Consent(object{"slug": "others", "use": forPeople}))
		w.Rests(object{"cohorts": []string{"hanbit/others"}, "bases": nil})
	}, "review"},
	"the consent ends": {func(w *sample.World) {
		w.Do(sample.Privacy, "consent.end", object{"cohort": "hanbit/oncology", "reason": "x"})
	}, "deny"},
	"a statement": {func(w *sample.World) { w.States(sample.Statement(nil)) }, "permit"},
}

// kinds are the ways to a grant. decide makes it, after what before gives; begins is how long after that it begins.
var kinds = map[string]struct {
	before func(w *sample.World) (related string)
	decide func(w *sample.World, related string)
	begins time.Duration
	asked  object // what a question about it says
	// people tells whether people decide, emergency whether what the people in the data permit is set aside.
	people, emergency bool
}{
	"granted": {before: nothing, decide: func(w *sample.World, _ string) { w.Granted() }, people: true},
	"renewing": {before: (*sample.World).Granted, begins: whole, people: true,
		decide: func(w *sample.World, related string) { w.GrantTo(object{"renews": related}) }},
	"joining": {before: (*sample.World).Granted, asked: object{"for": "nuri/lee"}, people: true,
		decide: func(w *sample.World, related string) {
			w.GrantTo(object{"joins": related, "researchers": []string{"lee"}, "duration_seconds": 86400})
		}},
	"automatic": {before: automatic, decide: func(w *sample.World, _ string) { w.Submitted() }},
	"break-glass": {before: nothing, decide: func(w *sample.World, _ string) { w.Opened() }, emergency: true,
		asked: object{"purpose": object{"kind": "clinical-care"}, "mode": "enclave"}},
}

func nothing(*sample.World) string { return "" }

func automatic(w *sample.World) string {
	w.Set(object{"automatic": true}, nil)
	return ""
}

// What people judged is what lay before them when they decided, whenever the grant begins; what changed after that was judged by nobody.
func TestWhatWasJudgedIsWhatLayThere(t *testing.T) {
	for kind, k := range kinds {
		for says, change := range changes {
			for _, when := range []string{"before the decision", "between decision and beginning", "after the beginning"} {
				t.Run(kind+", "+says+" "+when, func(t *testing.T) {
					if when == "between decision and beginning" && k.begins == 0 || when == "before the decision" && (change.then == "deny" || change.then == "review" && kind == "automatic") {
						return // there is no such moment, or no such grant
					}
					w := resting(t)
					related := k.before(w)
					want := change.then
					if when == "before the decision" && k.people || k.emergency && want == "review" {
						want = "permit"
					}
					if when == "before the decision" {
						change.act(w)
					}
					k.decide(w, related)
					if when == "between decision and beginning" {
						w.Later(time.Minute)
						change.act(w)
					}
					w.Later(k.begins)
					w.Expect(w.Check(k.asked)["decision"], map[bool]string{true: want, false: "permit"}[when != "after the beginning"])
					if when == "after the beginning" {
						w.Later(time.Minute)
						change.act(w)
						w.Expect(w.Check(k.asked)["decision"], want)
					}
				})
			}
		}
	}
}

// A later policy that applies to existing grants and leaves them to people: who approved a grant has judged it, and nobody has judged one that a machine gave.
func TestALaterPolicyThatAsksPeople(t *testing.T) {
	limited := sample.Use(object{"permission": "DS", "diseases": []string{"ICD10:C50"}, "limits": []object{{"term": "RS", "text": "cardiology alone"}}})
	machine, people := sample.New(t), sample.New(t)
	automatic(machine)
	machine.Submitted()
	people.Granted()
	for w, want := range map[*sample.World]string{machine: "review", people: "permit"} {
		w.Expect(w.Check(nil)["decision"], "permit")
		w.Set(limited, sample.Applies)
		w.Expect(w.Check(nil)["decision"], want)
	}
}

// What was judged comes back with it: people judged just this.
func TestWhatStandsAgainIsJudged(t *testing.T) {
	w := resting(t)
	w.NextEpoch(2, object{"use": forPeople})
	w.Granted()
	w.Expect(w.Check(nil)["decision"], "permit")
	w.NextEpoch(3, object{"use": []object{{"permission": "GRU", "limits": []object{{"term": "RS", "text": "oncology alone"}}}}})
	w.Expect(w.Check(nil)["decision"], "review")
	w.NextEpoch(4, object{"use": forPeople})
	w.Expect(w.Check(nil)["decision"], "permit")
}

// What lay before people stays what it was: the owner's own chaincode gives the grant another, so that what the people in the data say by now would have been judged.
func TestWhatWasJudgedIsNotWrittenAnew(t *testing.T) {
	w := resting(t)
	grant := w.Granted()
	w.NextEpoch(2, object{"use": forPeople})
	w.Expect(w.Check(nil)["decision"], "review")
	later := w.Granted() // people judge it so
	judged := sample.In(w.Ask("grant.get", object{"grant": later}), "grant", "record", "body", "judged")
	w.Do(sample.Steward, "grant.revoke", object{"grant": later, "reason": "x"})
	w.Do(sample.Privacy, "grant.suspend", object{"grant": grant, "reason": "x"})
	w.Do(sample.Privacy, "grant.lift", object{"grant": grant, "reason": "x"})
	w.Expect(w.Check(nil)["decision"], "review") // its own changes change nothing
	w.Restate("grant/"+grant, func(record object) { record["body"].(object)["judged"] = judged })
	answer := w.Check(nil)
	w.Expect(answer["decision"], "deny")
	w.Expect(slices.Contains(sample.Reasons(answer), "FORGED"), true)
	w.Refused(refusal.Forged, sample.Kim, "grant.get", object{"grant": grant})
}
