package access_test

import (
	"fmt"
	"slices"
	"testing"

	"medconsent.org/chaincode/contract/sample"
)

const flood = 210 // more than were looked at once

// crowded is a sample with a machine that approves, by terms that whoever does not ask themself has to accept.
func crowded(t *testing.T) *sample.World {
	t.Helper()
	w := sample.Guarded(t)
	w.Set(object{"automatic": true, "modes": []string{"download", "enclave"}, "terms": sample.Termed()["terms"]}, nil)
	return w
}

// asksFor lets somebody ask for people, for so many days; the machine approves.
func asksFor(w *sample.World, who, mode string, days int, people ...string) {
	w.Helper()
	w.Do(who, "request.submit", sample.With(w.Request(), object{
		"researchers": people, "mode": mode, "duration_seconds": days * 86400, "accepted_terms": sample.DigestOf("terms"),
	}))
}

// A colleague's grants crowd nothing out of what a check looks at, whether they could serve the question or not: neither what a person asked for themself, nor what another
// colleague asked for, nor broken glass.
func TestAColleaguesGrantsCrowdNothingOut(t *testing.T) {
	for _, mode := range []string{"download", "enclave"} { // the mode of the flood: another than is asked about, or the same
		t.Run(mode, func(t *testing.T) {
			w := crowded(t)
			w.Opened()
			asksFor(w, sample.Kim, "enclave", 1, "kim")
			asksFor(w, "nuri/park:researcher", "enclave", 2, "park", "mo")
			shared := w.Only("i/grant-person/nuri/mo/")
			w.Do("nuri/mo:researcher", "grant.accept", object{"grant": shared[len(shared)-64:], "terms": sample.DigestOf("terms")})
			for range flood {
				asksFor(w, sample.Lee, mode, 80, "kim", "lee", "mo")
			}
			w.Expect(w.Check(object{"mode": "enclave"})["decision"], "permit")
			w.Expect(w.Check(object{"mode": "enclave", "for": "nuri/mo"})["decision"], "permit")
			w.Expect(w.Emergency(nil)["decision"], "permit")
			trips := w.Last.RoundTrips
			asksFor(w, sample.Lee, mode, 80, "kim", "lee", "mo")
			w.Emergency(nil)
			w.Expect(w.Last.RoundTrips, trips) // what is one's own costs the same
		})
	}
}

// What was passed over is said, once, when nothing permits.
func TestNotEveryGrantIsLookedAt(t *testing.T) {
	w := crowded(t)
	for range 60 {
		asksFor(w, sample.Lee, "enclave", 80, "kim", "lee")
	}
	for mode, code := range map[string]string{"enclave": "TERMS_NOT_ACCEPTED", "download": "MODE_NOT_COVERED"} {
		answer := w.Check(object{"mode": mode})
		count := map[string]int{}
		for _, reason := range sample.Reasons(answer) {
			count[reason]++
		}
		if answer["decision"] != "deny" || count[code] != 20 || count["TOO_MANY_GRANTS"] != 1 {
			t.Errorf("%s: %s", mode, fmt.Sprint(count))
		}
	}
	w.Expect(slices.Contains(sample.Reasons(w.Check(object{"mode": "enclave", "for": "nuri/lee"})), "TOO_MANY_GRANTS"), false) // lee asked
}
