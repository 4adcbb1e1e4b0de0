package catalog_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
)

type (
	object = map[string]any
	TimeOf = time.Time
)

// What the latest policy has to be narrower than to apply to existing grants is told, and nothing of the kind about others.
func TestDiffTellsWhatCouldApply(t *testing.T) {
	w := sample.New(t)
	lasting := func(days int, applies object) { w.Set(object{"max_duration_seconds": days * 86400}, applies) }
	diff := func(from, to int) object {
		return w.Ask("policy.diff", object{"dataset": "hanbit/breast-cancer", "from": from, "to": to})
	}
	expect := func(from, to int, narrower bool, than ...any) {
		t.Helper()
		existing := diff(from, to)["existing"]
		w.Expect(sample.In(existing, "narrower"), narrower)
		w.Expect(slices.Equal(sample.In(existing, "than").([]any), than), true)
		w.Expect(len(sample.In(existing, "wider").([]any)) == 0, narrower)
	}
	lasting(60, nil) // 2
	expect(1, 2, true, 1.0)
	lasting(30, sample.Applies) // 3
	expect(2, 3, true, 2.0)
	lasting(90, nil) // 4
	expect(3, 4, false, 3.0)
	lasting(50, nil)                       // 5
	w.Expect(diff(4, 5)["narrower"], true) // than 4, and not than 3
	expect(4, 5, false, 4.0, 3.0)
	w.Expect(sample.In(diff(4, 5), "existing", "wider", 0, "clause"), "max_duration_seconds")
	w.NotSet(refusal.PolicyNotNarrower, object{"max_duration_seconds": 50 * 86400}, sample.Applies)
	lasting(20, nil) // 6
	expect(1, 6, true, 5.0, 3.0)
	lasting(20, sample.Applies) // 7
	expect(6, 7, true, 6.0, 3.0)
	for _, pair := range [][2]int{{7, 7}, {7, 6}, {1, 2}, {2, 1}} {
		w.Expect(diff(pair[0], pair[1])["existing"], nil)
	}
}

// A policy that is not set yet is compared as it would be set, and the grants that it would end are told, each with its reasons. Nothing is written.
func TestADraftIsCompared(t *testing.T) {
	w := sample.Guarded(t)
	dataset := object{"dataset": "hanbit/breast-cancer"}
	draft := func(changes object) object {
		return sample.With(dataset, object{"policy": sample.With(sample.Policy(), changes)})
	}
	narrow := object{"max_duration_seconds": 45 * 86400}
	diff := w.Ask("policy.diff", draft(narrow))
	w.Expect(diff["from"], 1.0)
	w.Expect(diff["to"], nil)
	w.Expect(diff["narrower"], true)
	w.Expect(sample.In(diff, "removed", 0), "Delivered by download, for at most 90 days.")
	w.Expect(sample.In(diff, "added", 0), "Delivered by download, for at most 45 days.")
	w.Expect(sample.In(diff, "existing", "narrower"), true)
	w.Expect(sample.In(diff, "existing", "than", 0), 1.0)
	w.Set(object{"max_duration_seconds": 80 * 86400}, sample.Applies) // 2
	w.Set(object{"max_duration_seconds": 85 * 86400}, nil)            // 3
	wider := w.Ask("policy.diff", draft(object{"max_duration_seconds": 82 * 86400}))
	w.Expect(wider["from"], 3.0)
	w.Expect(wider["narrower"], true)
	w.Expect(sample.In(wider, "existing", "narrower"), false) // than 2
	w.Expect(w.Ask("policy.diff", sample.With(draft(nil), object{"from": 2}))["from"], 2.0)
	w.Expect(w.Refused(refusal.Invalid, sample.Kim, "policy.diff", sample.With(draft(nil), object{"to": 1})).Field, "to")
	w.Refused(refusal.NotFound, sample.Kim, "policy.diff", sample.With(draft(nil), object{"from": 9}))

	sixty := object{"duration_seconds": 60 * 86400}
	long, short := w.GrantTo(sixty), w.GrantTo(nil)
	added := w.GrantTo(object{"joins": long, "researchers": []string{"lee"}, "duration_seconds": 29 * 86400})
	ended := w.GrantTo(sixty)
	w.Do(sample.Steward, "grant.revoke", object{"grant": ended, "reason": "x"})
	stopped := w.GrantTo(sixty)
	w.Do(sample.Privacy, "grant.suspend", object{"grant": stopped, "reason": "x"})
	_, opened := w.Opened()
	ends := func(changes object) map[string]string {
		found := map[string]string{}
		for _, item := range w.Ask("policy.ends", draft(changes))["items"].([]any) {
			found[sample.In(item, "grant", "record", "id").(string)] = sample.In(item, "state").(string) + " " + sample.In(item, "becomes").(string) + " " + sample.In(item, "reasons", 0, "code").(string)
		}
		return found
	}
	w.Expect(maps.Equal(ends(narrow), map[string]string{long: "active narrowed DURATION_TOO_LONG", stopped: "suspended narrowed DURATION_TOO_LONG", added: "active ended PARENT_ENDED"}), true)
	w.Expect(len(ends(nil)), 0)
	all := ends(object{"recipients": []string{"onnuri"}})
	w.Expect(all[short], "active narrowed RECIPIENT_NOT_ALLOWED")
	w.Expect(all[opened], "") // no policy gave it, and none takes it
	w.Expect(len(all), 4)
	// and those are the ones that end
	w.Set(narrow, sample.Applies)
	for grant, says := range map[string]string{long: "narrowed", stopped: "narrowed", short: "active", opened: "active"} {
		w.Expect(w.Ask("grant.get", object{"grant": grant})["state"], says)
	}
	w.Expect(w.Ask("grant.get", object{"grant": added})["state"].(string) != "active", true)
	w.Expect(len(ends(narrow)), 0)
	first := w.Ask("policy.ends", sample.With(draft(object{"recipients": []string{"onnuri"}}), object{"page_size": 1}))
	w.Expect(len(first["items"].([]any)) <= 1, true)
	w.Expect(first["bookmark"] != "", true)
}
