package offices_test

import (
	"fmt"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/refusal"
)

func TestInstitution(t *testing.T) {
	w := sample.NewWorld(t)
	w.Refused(refusal.NotFound, sample.Kim, "institution.get", object{"institution": "hanbit"})
	w.Refused(refusal.Forbidden, sample.Steward, "institution.set", sample.Profile())
	w.Expect(w.Do(sample.Operator, "institution.set", sample.Profile())["status"], "active")
	w.Do("nuri/op:operator", "institution.set", sample.With(sample.Profile(), object{"title": "Nuri"}))
	again := w.Do(sample.Operator, "institution.set", sample.With(sample.Profile(), object{"contact": "data@hanbit.example"}))
	changes := again["changes"].([]any)
	last := changes[len(changes)-1]
	w.Expect(sample.In(changes, 0, "action"), "institution.created")
	w.Expect(sample.In(last, "action"), "institution.updated")
	w.Expect(sample.In(last, "note"), "contact")
	w.Expect(sample.In(last, "by", "institution"), "hanbit")
	w.Expect(sample.In(last, "by", "id"), "op")
	w.Expect(sample.In(w.Ask("institution.get", object{"institution": "hanbit"}), "record", "body", "contact"), "data@hanbit.example")
	list := w.Ask("institution.list", object{})
	w.Expect(sample.In(list, "items", 1, "record", "body", "title"), "Nuri")
	w.Expect(list["bookmark"], "")
	for field, value := range map[string]any{
		"title": "", "country": "kr", "contact": "call us", "roles": []string{"king"},
	} {
		w.Expect(w.Refused(refusal.Invalid, sample.Operator, "institution.set", sample.With(sample.Profile(), object{field: value})).Field[:len(field)], field)
	}
}

// An institution can always change its officers: its record keeps its first change and the newest, and no more than 150.
func TestAnInstitutionChangesWithoutEnd(t *testing.T) {
	w := sample.NewWorld(t)
	var standing object
	for i := range ledger.RoomToEnd * 2 {
		standing = w.Do(sample.Operator, "institution.set", sample.With(sample.Profile(), object{"title": fmt.Sprint("Title ", i)}))
	}
	changes := standing["changes"].([]any)
	w.Expect(len(changes) <= ledger.RoomToEnd, true)
	w.Expect(sample.In(changes, 0, "action"), "institution.created")
	w.Expect(sample.In(changes, len(changes)-1, "tx"), w.Last.GetTxID())
}

// A committee that was changed 150 times seats nobody any more, and goes on losing seats until it has had 200 changes.
func TestSeatsCanAlwaysBeTakenAway(t *testing.T) {
	w := sample.NewWorld(t)
	set := func(ids ...string) object { return object{"role": "dac", "members": sample.Members(ids...)} }
	var ids []string
	for i := range 60 {
		ids = append(ids, fmt.Sprintf("m%d", i))
	}
	w.Do(sample.Steward, "committee.set", set(ids...))
	for i := range ledger.RoomToEnd - 1 { // another end of the first seat each time
		members := sample.Members(ids...)
		members[0] = sample.With(members[0], object{"until": time.Date(2027, 1, 1, 0, 0, i, 0, time.UTC).Format(time.RFC3339)})
		w.Do(sample.Steward, "committee.set", object{"role": "dac", "members": members})
	}
	w.Refused(refusal.LimitExceeded, sample.Steward, "committee.set", set(append(ids, "another")...))
	w.Refused(refusal.LimitExceeded, sample.Steward, "committee.set", set(append(ids[1:], "another")...)) // one for another
	for left := ledger.MaxChanges - ledger.RoomToEnd; left > 0; left-- {
		ids = ids[1:]
		w.Do(sample.Steward, "committee.set", set(ids...))
	}
	w.Refused(refusal.LimitExceeded, sample.Steward, "committee.set", set(ids[1:]...))
	w.Expect(seats(w)["m0"] != nil, true)
}

func seats(w *sample.World) map[string]any {
	list := map[string]any{}
	for _, seat := range sample.In(w.Ask("committee.get", object{"institution": "hanbit", "role": "dac"}), "record", "body", "seats").([]any) {
		list[sample.In(seat, "id").(string)] = sample.In(seat, "until")
	}
	return list
}

func TestCommittee(t *testing.T) {
	w := sample.NewWorld(t)
	set := func(list ...object) object { return object{"role": "dac", "members": append([]object{}, list...)} }
	w.Refused(refusal.Forbidden, "hanbit/a:dac", "committee.set", set(object{"id": "a"}))
	w.Refused(refusal.Forbidden, sample.Steward, "committee.set", set(object{"id": "steward"}))
	w.Do(sample.Steward, "committee.set", set(object{"id": "a"}, object{"id": "b", "until": "2027-01-01T00:00:00Z"}, object{"id": "c", "from": "2026-12-01T00:00:00Z"}))
	w.Later(time.Hour)
	// a keeps the seat, b's is shortened, c's never begins
	changed := w.Do(sample.Steward, "committee.set", set(object{"id": "a"}, object{"id": "b", "until": "2026-12-24T00:00:00Z"}))
	w.Expect(sample.In(changed, "changes", 1, "note"), "seated: b; ended: b, c")
	body := sample.In(changed, "body", "seats").([]any)
	w.Expect(len(body), 4)
	w.Expect(sample.In(body, 0, "until"), nil)
	w.Expect(sample.In(body, 1, "until"), "2026-11-24T11:00:00Z")
	w.Expect(sample.In(body, 1, "planned_until"), "2027-01-01T00:00:00Z")
	w.Expect(sample.In(body, 2, "until"), "2026-11-24T11:00:00Z")
	w.Expect(sample.In(body, 3, "from"), "2026-11-24T11:00:00Z")
	w.Do(sample.Steward, "committee.set", set())
	w.Expect(seats(w)["a"], "2026-11-24T11:00:00Z")
	// another steward may seat the first; the first may keep a seat they have
	w.Do("hanbit/other:steward", "committee.set", set(object{"id": "steward"}))
	w.Do(sample.Steward, "committee.set", set(object{"id": "steward"}, object{"id": "a"}))

	w.Expect(w.Refused(refusal.Invalid, sample.Steward, "committee.set", set(object{"id": "z", "from": "2026-11-24T10:59:59Z"})).Field, "members[0].from")
	w.Refused(refusal.Invalid, sample.Steward, "committee.set", set(object{"id": "z", "until": "2026-11-24T11:00:00Z"}))
	w.Refused(refusal.Invalid, sample.Steward, "committee.set", set(object{"id": "z"}, object{"id": "z"}))
	w.Refused(refusal.Invalid, sample.Steward, "committee.set", set(object{"id": "Z"}))
	w.Refused(refusal.Invalid, sample.Steward, "committee.set", object{"role": "steward", "members": sample.Members()})
	w.Refused(refusal.Invalid, sample.Steward, "committee.set", object{"role": "dac"})
	w.Expect(sample.In(w.Ask("committee.list", object{"institution": "hanbit"}), "items", 0, "record", "id"), "hanbit/dac")
}

// Who is added takes nobody's seat away, whatever the steward has read; who names what they were shown takes away nothing else.
func TestSeatingTakesNothingAway(t *testing.T) {
	w := sample.NewWorld(t)
	seat := func(ids ...string) object { return object{"role": "dac", "members": sample.Members(ids...)} }
	name := object{"institution": "hanbit", "role": "dac"}
	w.Refused(refusal.Forbidden, "hanbit/a:dac", "committee.seat", seat("a"))
	w.Expect(sample.In(w.Do(sample.Steward, "committee.seat", seat("a", "b")), "changes", 0, "note"), "seated: a, b")
	shown := w.Ask("committee.get", name)["digest"]
	w.Do(sample.Steward, "committee.unseat", object{"role": "dac", "members": []string{"b"}})
	w.Later(time.Hour)
	w.Do(sample.Steward, "committee.seat", object{"role": "dac", "members": []object{{"id": "c", "until": "2027-01-01T00:00:00Z"}}})
	w.Expect(seats(w)["a"], nil)
	w.Expect(seats(w)["b"] != nil, true)
	w.Expect(seats(w)["c"], "2027-01-01T00:00:00Z")
	again := w.Refused(refusal.Conflict, sample.Steward, "committee.seat", seat("d", "c"))
	w.Expect(again.Field, "members[1].id")
	w.Refused(refusal.Conflict, sample.Steward, "committee.seat", seat("a"))
	w.Refused(refusal.Forbidden, sample.Steward, "committee.seat", seat("steward"))
	w.Refused(refusal.Invalid, sample.Steward, "committee.seat", object{"role": "dac"})

	stale := w.Refused(refusal.Conflict, sample.Steward, "committee.set", sample.With(seat("a", "b"), object{"committee_digest": shown}))
	w.Expect(stale.Field, "committee_digest")
	w.Do(sample.Steward, "committee.set", sample.With(seat("a"), object{"committee_digest": w.Ask("committee.get", name)["digest"]}))
	w.Expect(seats(w)["c"] != "2027-01-01T00:00:00Z", true)
	w.Refused(refusal.NotFound, sample.Steward, "committee.set", object{"role": "ethics", "members": sample.Members("x"), "committee_digest": shown})
	w.Refused(refusal.Invalid, sample.Steward, "committee.set", sample.With(seat("a"), object{"committee_digest": "x"}))
}

func TestAtMostAThousandSeats(t *testing.T) {
	w := sample.NewWorld(t)
	crowd := func(round, size int) object {
		ids := []string{}
		for i := range size {
			ids = append(ids, fmt.Sprintf("m%d-%d", round, i))
		}
		return object{"role": "dac", "members": sample.Members(ids...)}
	}
	for round := range 5 {
		w.Do(sample.Steward, "committee.set", crowd(round, 200))
	}
	w.Refused(refusal.LimitExceeded, sample.Steward, "committee.set", crowd(9, 1))
	w.Refused(refusal.Invalid, sample.Steward, "committee.set", crowd(9, 201))
}
