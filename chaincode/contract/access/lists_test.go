package access_test

import (
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/refusal"
)

func TestGrantLists(t *testing.T) {
	w := sample.New(t)
	list := func(filter object) []string { return sample.Ids(w.Ask("grant.list", filter), "grant", "record", "id") }
	first := w.Granted()
	w.Later(time.Minute)
	second := w.Granted()
	w.Do(sample.Steward, "grant.revoke", object{"grant": first, "reason": "x"})
	for _, all := range []object{{}, {"owner": "hanbit"}, {"holder": "nuri"}, {"holder": "nuri/kim"}, {"dataset": "hanbit/breast-cancer"}, {"dataset": "hanbit/breast-cancer", "holder": "nuri/kim"}} {
		w.Expect(list(all), []string{second, first})
	}
	for _, none := range []object{{"owner": "nuri"}, {"holder": "hanbit"}, {"holder": "nuri/lee"}, {"dataset": "hanbit/other"}, {"dataset": "hanbit/breast-cancer", "holder": "saerom"}} {
		w.Expect(list(none), []string{})
	}
	w.Expect(list(object{"state": "revoked"}), []string{first})
	w.Expect(list(object{"holder": "nuri", "state": "active"}), []string{second})
	w.Refused(refusal.Invalid, sample.Kim, "grant.list", object{"state": "lapsed"})
	w.Refused(refusal.Invalid, sample.Kim, "grant.list", object{"holder": "nuri/kim/x"})
}

func TestAPersonsGrantsAreNotSoughtAmongThoseOfOthers(t *testing.T) {
	w := sample.New(t)
	own := object{"holder": "nuri/lee"}
	w.Expect(len(sample.Ids(w.Ask("grant.list", own), "grant", "record", "id")), 0)
	before := w.Last.RoundTrips
	for range 3 {
		w.Granted()
	}
	w.Expect(len(sample.Ids(w.Ask("grant.list", own), "grant", "record", "id")), 0)
	w.Expect(w.Last.RoundTrips, before)
}
