package release_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/refusal"
	"medconsent.org/chaincode/rules"
)

type object = map[string]any

// leaving is a world in which kim has a delivery key and a grant, and hanbit an archive.
func leaving(t *testing.T) (w *sample.World, grant, archive string) {
	t.Helper()
	w = sample.New(t)
	w.Delivers(sample.Kim)
	return w, w.Granted(), w.Archived(nil)
}

// denied opens a release that must be denied, and gives the codes of the reasons.
func denied(w *sample.World, asks object) []string {
	w.Helper()
	refused := w.Refused(refusal.ReleaseDenied, sample.Gateway, "release.open", asks)
	codes := []string{}
	for _, detail := range refused.Details {
		codes = append(codes, detail.(object)["code"].(string))
	}
	return codes
}

func TestAReceiptIsWrittenAndClosed(t *testing.T) {
	w, grant, archive := leaving(t)
	_, delivery := sample.DeliveryKey("nuri/kim")
	asks := w.Asks(grant, archive, nil, nil)
	receipt := w.Do(sample.Gateway, "release.open", asks)
	w.Expect(receipt["status"], "open")
	w.Expect(sample.In(receipt, "body", "delivery"), delivery)
	w.Expect(sample.In(receipt, "body", "dataset"), "hanbit/breast-cancer")
	w.Expect(sample.In(receipt, "body", "person", "id"), "kim")
	id := receipt["id"].(string)
	w.Refused(refusal.Conflict, sample.Gateway, "release.open", asks) // one ask, one receipt
	w.Expect(w.Ask("release.check", object{"receipt": id})["answer"], "permit")

	for _, filter := range []object{{"grant": grant}, {"dataset": "hanbit/breast-cancer"}, {"owner": "hanbit"}, {"holder": "nuri"}, {"holder": "nuri/kim"}, {"state": "open"}, {}} {
		items := w.Ask("receipt.list", filter)["items"].([]any)
		if len(items) != 1 || sample.In(items[0], "receipt", "record", "id") != id {
			t.Errorf("%v: %v", filter, items)
		}
	}
	for _, filter := range []object{{"holder": "nuri/lee"}, {"holder": "saerom"}, {"owner": "nuri"}, {"state": "completed"}, {"dataset": "hanbit/other"}, {"grant": sample.DigestOf("x")}} {
		if items := w.Ask("receipt.list", filter)["items"].([]any); len(items) != 0 {
			t.Errorf("%v: %v", filter, items)
		}
	}
	trail := sample.Text(w.Ask("audit.trail", object{"dataset": "hanbit/breast-cancer", "page_size": 100}))
	if !strings.Contains(trail, "receipt.created") || !strings.Contains(trail, "archive.created") {
		t.Error("the trail has neither archive nor receipt")
	}

	w.Refused(refusal.Forbidden, "nuri/door:gateway", "release.close", object{"receipt": id, "outcome": "completed", "bytes": 1})
	w.Refused(refusal.Forbidden, "hanbit/a:dac", "release.close", object{"receipt": id, "outcome": "completed", "bytes": 1})
	w.Commits(sample.Gateway, "release.close", object{"receipt": id[:8], "outcome": "completed", "bytes": 1100}, "hanbit")
	shown := w.Ask("receipt.get", object{"receipt": id})
	w.Expect(shown["state"], "completed")
	w.Expect(sample.In(shown, "receipt", "record", "body", "sent"), 1100.0)
	w.Refused(refusal.Decided, sample.Gateway, "release.close", object{"receipt": id, "outcome": "aborted", "bytes": 0})
}

func TestWhoOpensAndPublishes(t *testing.T) {
	w, grant, archive := leaving(t)
	for _, who := range []string{sample.Steward, sample.Kim, "hanbit/a:dac", "nuri/door:gateway"} {
		w.Refused(refusal.Forbidden, who, "release.open", w.Asks(grant, archive, nil, nil))
	}
	w.Refused(refusal.NotFound, sample.Gateway, "release.open", w.Asks(sample.DigestOf("none"), archive, nil, nil))
	for _, who := range []string{sample.Kim, "hanbit/a:dac", "nuri/door:gateway"} {
		w.Refused(refusal.Forbidden, who, "archive.publish", w.Archive(nil))
	}
	w.Expect(w.Refused(refusal.Conflict, sample.Gateway, "archive.publish", w.Archive(object{"files": object{"root": sample.DigestOf("files"), "count": 3, "bytes": 1000}})).Field, "files")
	w.Expect(w.Refused(refusal.Conflict, sample.Gateway, "archive.publish", w.Archive(object{"version_digest": sample.DigestOf("x")})).Field, "version_digest")
	w.Refused(refusal.NotFound, sample.Gateway, "archive.publish", w.Archive(object{"version": 9}))
	w.Refused(refusal.NotFound, sample.Gateway, "archive.publish", w.Archive(object{"exclusions": []string{"hanbit/none"}}))
	w.Refused(refusal.Invalid, sample.Gateway, "release.open", w.Asks(grant, archive, object{"mode": "enclave"}, nil))
}

// What is taken away opens nothing any more, and what was opened does not go on.
func TestWhatWasTakenAwayIsNotReleased(t *testing.T) {
	for code, take := range map[string]func(w *sample.World, grant string){
		rules.Revoked: func(w *sample.World, grant string) {
			w.Do(sample.Privacy, "grant.revoke", object{"grant": grant, "reason": "x"})
		},
		rules.Suspended: func(w *sample.World, grant string) {
			w.Do(sample.Privacy, "grant.suspend", object{"grant": grant, "reason": "x"})
		},
		rules.Relinquished: func(w *sample.World, grant string) { w.Do(sample.Kim, "grant.relinquish", object{"grant": grant}) },
		rules.Expired:      func(w *sample.World, _ string) { w.Later(31 * 24 * time.Hour) },
		rules.BasisEnded: func(w *sample.World, _ string) {
			w.Do(sample.Privacy, "basis.end", object{"basis": "hanbit/irb-waiver", "reason": "x"})
		},
		rules.PolicyNarrowed: func(w *sample.World, _ string) {
			w.Set(object{"recipients": []string{"onnuri"}}, sample.Applies)
		},
		rules.NotTheirKey: func(w *sample.World, _ string) {
			keys := w.Ask("person.list", object{"institution": "nuri", "person": "kim"})["items"].([]any)
			w.Do(sample.NuriSteward, "person.end", object{"person": "kim", "announced": sample.In(keys[0], "record", "id"), "reason": "lost"})
		},
	} {
		t.Run(code, func(t *testing.T) {
			w, grant, archive := leaving(t)
			receipt := w.Released(grant, archive)
			w.Later(time.Second)
			held, _, refused := w.Simulate(sample.Gateway, "release.open", sample.Text(w.Asks(grant, archive, nil, nil)))
			if refused != nil {
				t.Fatal(refused)
			}
			take(w, grant)
			if !slices.Contains(denied(w, w.Asks(grant, archive, nil, nil)), code) {
				t.Errorf("it is opened: %v", denied(w, w.Asks(grant, archive, nil, nil)))
			}
			now := w.Ask("release.check", object{"receipt": receipt})
			if now["answer"] != "deny" || !slices.Contains(sample.Reasons(now), code) {
				t.Errorf("it goes on: %v", now)
			}
			if code != rules.Expired { // what time does is no write, and the clock keeps what is held from being handed in
				w.Expect(w.Ledger.Commit(held, sample.Institutions...), ledgertest.MVCCReadConflict)
			}
			w.Expect(len(w.Ask("receipt.list", object{})["items"].([]any)), 1) // what was released stays on every list
		})
	}
}

// The delivery key is the one that lay before those who approved, and the person's now.
func TestOnlyToTheKeyThatWasApproved(t *testing.T) {
	w, grant, archive := leaving(t)
	lee := w.Delivers(sample.Lee)
	w.Expect(denied(w, w.Asks(grant, archive, object{"delivery": lee}, nil)), []string{rules.DeliveryNotCovered, rules.NotTheirKey})
	// another delivery key, which the one before admits, takes another approval
	other, digest := sample.DeliveryKey("nuri/kim anew")
	w.Refused(refusal.Conflict, sample.Kim, "person.announce", object{})
	w.Do(sample.Kim, "person.announce", object{"delivery": other})
	w.Refused(refusal.NotFound, sample.Kim, "person.admit", object{"person": "kim", "key": w.KeyOf("nuri/kim")})
	w.Do(sample.Kim, "person.admit", object{"person": "kim", "key": w.KeyOf("nuri/kim"), "delivery": digest})
	w.Expect(denied(w, w.Asks(grant, archive, object{"delivery": digest}, nil)), []string{rules.DeliveryNotCovered})
	w.Expect(denied(w, w.Asks(grant, archive, nil, nil)), []string{rules.NotTheirKey})
	w.Later(time.Minute)
	renewed := w.Granted()
	w.Do(sample.Gateway, "release.open", w.Asks(renewed, archive, object{"delivery": digest}, nil))
}

// Who had no delivery key when they asked has none that anybody approved, until the request is stated anew.
func TestAKeyThatCameLaterWasNotApproved(t *testing.T) {
	w := sample.New(t)
	grant, archive := w.Granted(), w.Archived(nil)
	w.Delivers(sample.Kim)
	w.Expect(denied(w, w.Asks(grant, archive, nil, nil)), []string{rules.DeliveryNotCovered})
	request := w.Submitted()
	_, digest := sample.DeliveryKey("nuri/kim")
	body := sample.In(w.Ask("request.get", object{"request": request}), "request", "record", "body")
	w.Expect(sample.In(body, "deliveries", 0, "sha256"), digest)
	w.Expect(sample.In(body, "deliveries", 0, "person"), "kim")
	before := w.Ballot(request, "approve", "dac")
	other, anew := sample.DeliveryKey("nuri/kim anew")
	w.Do(sample.Kim, "person.announce", object{"delivery": other})
	w.Do(sample.Kim, "person.admit", object{"person": "kim", "key": w.KeyOf("nuri/kim"), "delivery": anew})
	w.Do(sample.Kim, "request.amend", object{"request": request, "mode": "download"}) // it changes the key alone
	w.Refused(refusal.Conflict, "hanbit/a:dac", "request.vote", before)               // who voted by the other key votes anew
	w.Expect(sample.In(w.Ask("request.get", object{"request": request}), "request", "record", "body", "deliveries", 0, "sha256"), anew)
}

// One gateway alone opens nothing that the person did not ask for.
func TestNobodyElseAsks(t *testing.T) {
	w, grant, archive := leaving(t)
	asks := w.Asks(grant, archive, nil, nil)
	for says, after := range map[string]object{
		"one file of two": {"files": object{"root": sample.DigestOf("one"), "count": 1, "bytes": 10}},
		"no signature":    {"asked": sample.With(asks["asked"].(object), object{"signature": "AAAA"})},
		"at another time": {"asked": sample.With(asks["asked"].(object), object{"at": w.Now.Add(time.Minute).Format(time.RFC3339)})},
		"by another key":  {"asked": sample.With(asks["asked"].(object), object{"key": w.KeyOf("nuri/lee")})},
	} {
		if got := denied(w, sample.With(asks, after)); !slices.Equal(got, []string{rules.NotAsked}) {
			t.Errorf("%s: %v", says, got)
		}
	}
	back := w.Keys["nuri/kim"]
	w.Keys["nuri/kim"] = ledgertest.KeyNamed("the registrar's")
	w.Expect(denied(w, w.Asks(grant, archive, nil, nil)), []string{rules.NotAsked}) // a certificate in kim's name for another key
	w.Keys["nuri/kim"] = back
	w.Later(10*time.Minute + time.Second)
	w.Expect(denied(w, asks), []string{rules.NotAsked}) // it was asked for too long ago
	w.Expect(denied(w, w.Asks(grant, archive, object{"asked": object{"at": w.Now.Add(11 * time.Minute).Format(time.RFC3339)}}, nil)), []string{rules.NotAsked})
	w.Expect(denied(w, w.Asks(grant, archive, object{"person": "nuri/lee"}, nil))[0], rules.PersonNotCovered)
}

func TestOnlyWhatTheArchiveHas(t *testing.T) {
	w, grant, archive := leaving(t)
	for says, changes := range map[string]object{
		"all of it by another root": {"files": object{"root": sample.DigestOf("x"), "count": 2, "bytes": 1000}},
		"more files":                {"files": object{"root": sample.DigestOf("files"), "count": 3, "bytes": 1000}},
		"more bytes":                {"files": object{"root": sample.DigestOf("one"), "count": 1, "bytes": 1001}},
		"another archive":           {"archive": sample.DigestOf("x")},
	} {
		if got := denied(w, w.Asks(grant, archive, changes, nil)); !slices.Equal(got, []string{rules.ArchiveMissing}) {
			t.Errorf("%s: %v", says, got)
		}
	}
	w.Do(sample.Gateway, "release.open", w.Asks(grant, archive, object{"files": object{"root": sample.DigestOf("one"), "count": 1, "bytes": 10}}, nil))
	newer := w.Archived(object{"files": object{"root": sample.DigestOf("fresh"), "count": 2, "bytes": 1000}})
	w.Expect(denied(w, w.Asks(grant, archive, nil, nil)), []string{rules.ArchiveMissing})
	items := w.Ask("archive.list", object{"dataset": "hanbit/breast-cancer"})["items"].([]any)
	w.Expect(len(items), 2)
	for _, item := range items {
		w.Expect(sample.In(item, "newest"), sample.In(item, "archive", "record", "id") == newer)
	}
	w.Expect(sample.In(w.Ask("archive.get", object{"dataset": "hanbit/breast-cancer"}), "archive", "record", "id"), newer)
	none := sample.New(t)
	none.Delivers(sample.Kim)
	none.Expect(denied(none, none.Asks(none.Granted(), sample.DigestOf("x"), nil, nil)), []string{rules.ArchiveMissing})
	none.Refused(refusal.NotFound, sample.Kim, "archive.get", object{"dataset": "hanbit/breast-cancer"})
}

// From the block of a withdrawal on nothing leaves that has the people in it, whatever time check leaves.
func TestWhoHasWithdrawnIsNotReleased(t *testing.T) {
	w := sample.New(t)
	w.Delivers(sample.Kim)
	w.Do(sample.Privacy, "consent.begin", sample.Consent(nil))
	w.Rests(object{"cohorts": []string{"hanbit/oncology"}})
	grant, archive := w.Granted(), w.Archived(nil)
	receipt := w.Released(grant, archive)
	w.Later(time.Hour)
	held, _, _ := w.Simulate(sample.Gateway, "release.open", sample.Text(w.Asks(grant, archive, nil, nil)))
	w.NextEpoch(2, object{"withdrawn": "under-20"})
	w.Expect(w.Ledger.Commit(held, sample.Institutions...), ledgertest.MVCCReadConflict)
	w.Expect(w.Check(nil)["decision"], "permit") // there is time to leave them out
	w.Expect(denied(w, w.Asks(grant, archive, nil, nil)), []string{rules.WithdrawnIncluded})
	w.Expect(w.Ask("release.check", object{"receipt": receipt})["answer"], "deny")

	excluding := object{"exclusions": []string{"hanbit/oncology"}, "files": object{"root": sample.DigestOf("files"), "count": 1, "bytes": 900}}
	w.Do(sample.Privacy, "consent.exclude", sample.Exclusion(object{"epoch": 2}))
	refused := w.Refused(refusal.Conflict, sample.Gateway, "archive.publish", w.Archive(excluding)) // what is delivered instead is not said
	w.Expect(refused.Field, "exclusions")
	content := object{"root": sample.DigestOf("without"), "files": 1, "bytes": 900}
	w.Do(sample.Privacy, "consent.exclude", sample.Exclusion(object{"epoch": 2, "exclusion_list": nil, "content": content}))
	w.Refused(refusal.Conflict, sample.Gateway, "archive.publish", w.Archive(object{"exclusions": []string{"hanbit/oncology"}}))
	anew := w.Archived(excluding)
	w.Expect(sample.In(w.Ask("archive.get", object{"dataset": "hanbit/breast-cancer"}), "archive", "record", "body", "exclusions", 0, "epoch"), 2.0)
	asks := w.Asks(grant, anew, object{"files": excluding["files"]}, nil)
	released := w.Do(sample.Gateway, "release.open", asks)
	w.Expect(sample.In(released, "body", "exclusions", 0, "epoch"), 2.0)
	w.Expect(w.Ask("release.check", object{"receipt": released["id"]})["answer"], "permit")

	// what is delivered is not changed by one person afterwards
	w.Bare = true
	waits := w.Do("hanbit/p:privacy", "consent.exclude", sample.Exclusion(object{"epoch": 2, "exclusion_list": nil, "content": sample.With(content, object{"root": sample.DigestOf("others")})}))
	w.Bare = false
	if waits["proposal"] == nil {
		t.Error("one officer changes what is delivered")
	}
	w.NextEpoch(3, object{"withdrawn": "under-20"})
	w.Expect(denied(w, w.Asks(grant, anew, object{"files": excluding["files"]}, nil)), []string{rules.WithdrawnIncluded})
}

// Nor is it said by one person for the first time: archives are made of it, and there could be people in it who have withdrawn, or anything else.
func TestNobodyAloneSaysWhatIsDelivered(t *testing.T) {
	content := object{"root": sample.DigestOf("without"), "files": 1, "bytes": 900}
	begun := func() *sample.World {
		w := sample.New(t)
		w.Install(sample.Privacy)
		w.Do(sample.Privacy, "consent.begin", sample.Consent(nil))
		w.Rests(object{"cohorts": []string{"hanbit/oncology"}})
		return w
	}
	says := func(w *sample.World, epoch int, content any) object {
		w.Bare = true
		defer func() { w.Bare = false }()
		return w.Do(sample.Privacy, "consent.exclude", sample.Exclusion(object{"epoch": epoch, "exclusion_list": nil, "content": content}))
	}
	t.Run("while nobody has withdrawn", func(t *testing.T) {
		w := begun()
		w.Expect(says(w, 1, content)["proposal"] != nil, true)
	})
	t.Run("of an exclusion that stands", func(t *testing.T) {
		w := begun()
		w.NextEpoch(2, object{"withdrawn": "under-20"})
		w.Do(sample.Privacy, "consent.exclude", sample.Exclusion(object{"epoch": 2}))
		w.Expect(says(w, 2, content)["proposal"] != nil, true)
	})
	t.Run("of one that said it before", func(t *testing.T) {
		w := begun()
		w.NextEpoch(2, object{"withdrawn": "under-20"})
		w.Do(sample.Privacy, "consent.exclude", sample.Exclusion(object{"epoch": 2, "exclusion_list": nil, "content": content}))
		w.Refused(refusal.Conflict, sample.Privacy, "consent.exclude", sample.Exclusion(object{"epoch": 2, "exclusion_list": nil, "content": content})) // the same
		w.Do(sample.Privacy, "consent.exclude", sample.Exclusion(object{"epoch": 2}))
		w.Expect(says(w, 2, object{"root": sample.DigestOf("root"), "files": 2, "bytes": 1000})["proposal"] != nil, true) // that of the version, with everybody in it
	})
}

// One person does not use up the archives of a version.
func TestOnePersonDoesNotUseUpTheArchives(t *testing.T) {
	w := sample.New(t)
	for range records.MostArchives {
		w.Archived(nil)
	}
	w.Refused(refusal.LimitExceeded, sample.Gateway, "archive.publish", w.Archive(nil))
	another := w.Do("hanbit/another:gateway", "archive.publish", w.Archive(nil))
	w.Expect(sample.In(w.Ask("archive.get", object{"dataset": "hanbit/breast-cancer"}), "archive", "record", "id"), another["id"])
	w.Later(30 * 24 * time.Hour)
	w.Archived(nil)
}

// Nor does a registrar, who certifies gateway after gateway: the last of them are kept for those that leave out more people, as two officers have attested.
func TestGatewaysThatAreMintedDoNotUseUpTheArchives(t *testing.T) {
	w := sample.New(t)
	first := w.Archived(nil)
	for number := 2; number < records.RoomToLeaveOut; number++ { // in bulk what many gateways make
		w.Ledger.Attack(sample.Post("hanbit", ledger.SeriesKey("archive/hanbit/breast-cancer/00000001", number), "archive/hanbit/breast-cancer/00000001/"+first))
	}
	w.Do("hanbit/minted-1:gateway", "archive.publish", w.Archive(nil))
	w.Expect(strings.Contains(w.Refused(refusal.LimitExceeded, "hanbit/minted-2:gateway", "archive.publish", w.Archive(nil)).Message, "kept for"), true)
	w.Do(sample.Privacy, "consent.begin", sample.Consent(nil))
	d := w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	w.Do(sample.Privacy, "ground.set", object{"dataset": "hanbit/breast-cancer", "version_digest": sample.In(d, "version", "digest"), "cohorts": []string{"hanbit/oncology"}})
	left := object{"exclusions": []string{"hanbit/oncology"}, "files": object{"root": sample.DigestOf("files"), "count": 1, "bytes": 500}}
	for epoch := 2; epoch < 4; epoch++ {
		w.NextEpoch(epoch, object{"withdrawn": "under-20"})
		w.Do(sample.Privacy, "consent.exclude", sample.Exclusion(object{"epoch": epoch, "exclusion_list": nil, "content": object{"root": sample.DigestOf("left"), "files": 1, "bytes": 500}}))
		made := w.Do(sample.Gateway, "archive.publish", w.Archive(left))
		w.Expect(sample.In(w.Ask("archive.get", object{"dataset": "hanbit/breast-cancer"}), "archive", "record", "id"), made["id"])
		w.Refused(refusal.LimitExceeded, "hanbit/minted-2:gateway", "archive.publish", w.Archive(left))
		w.Refused(refusal.LimitExceeded, "hanbit/minted-2:gateway", "archive.publish", w.Archive(nil))
	}
}

// broken is the sample in which two people of hanbit have opened the data to kim. It gives the grant.
func broken(t *testing.T, before func(*sample.World)) (w *sample.World, grant string) {
	t.Helper()
	w = sample.Guarded(t)
	before(w)
	id := sample.In(w.Do(sample.Privacy, "breakglass.propose", sample.With(sample.Emergency(), object{"mode": "download"})), "id").(string)
	digest := sample.In(w.Ask("breakglass.get", object{"breakglass": id}), "breakglass", "digest")
	return w, sample.In(w.Do(sample.Steward, "breakglass.confirm", object{"breakglass": id, "digest": digest}), "grant", "id").(string)
}

// What was opened by broken glass goes to the key that stood when it was broken. No clock tells which that was: another one is admitted within the same second, or by a clock
// that is behind, or its institution's own chaincode dates that back.
func TestInAnEmergency(t *testing.T) {
	w, grant := broken(t, func(w *sample.World) { w.Delivers(sample.Kim) })
	w.Later(time.Minute)
	w.Do(sample.Gateway, "release.open", w.Asks(grant, w.Archived(nil), nil, nil))
	key, digest := sample.DeliveryKey("nuri/kim")
	admit := func(w *sample.World) {
		w.Do("nuri/steward:steward", "person.admit", object{"person": "kim", "key": w.KeyOf("nuri/kim"), "delivery": digest})
	}
	for says, admitted := range map[string]func(w *sample.World){
		"later":              func(w *sample.World) { w.Later(time.Minute); admit(w) },
		"in the same second": admit,
		"by a slow clock":    func(w *sample.World) { w.Later(-4 * time.Minute); admit(w) },
		"and dated back": func(w *sample.World) {
			w.Later(time.Minute)
			admit(w)
			w.Restate(w.Only("person/nuri/kim/"), func(record object) {
				changes := record["changes"].([]any)
				for _, change := range changes {
					change.(object)["at"] = sample.In(record, "changes", 0, "at")
				}
				record["updated_at"] = sample.In(record, "changes", 0, "at")
			})
		},
	} {
		t.Run(says, func(t *testing.T) {
			w, grant := broken(t, func(w *sample.World) { w.Do(sample.Kim, "person.announce", object{"delivery": key}) })
			admitted(w)
			w.Later(time.Minute)
			w.Expect(denied(w, w.Asks(grant, w.Archived(nil), nil, nil)), []string{rules.DeliveryNotCovered})
		})
	}
}

// The owner's own chaincode seals what it likes. A receipt that the contract cannot have opened is shown so, and one can be neither written anew, nor dated back, nor hidden.
func TestTheOwnersOwnChaincode(t *testing.T) {
	w, grant, archive := leaving(t)
	id := w.Released(grant, archive)
	honest, key, other := w.Ledger, "receipt/"+id, sample.DigestOf("another")
	changed := func(old, next string) string {
		value := string(honest.Value(key))
		if !strings.Contains(value, old) {
			t.Fatalf("no %s in %s", old, value)
		}
		return strings.Replace(value, old, next, 1)
	}
	// its first state cannot be sealed again
	w.Ledger = honest.Clone()
	w.Ledger.Attack(sample.Put(key, changed(`"bytes":1000`, `"bytes":1`)))
	w.Refused(refusal.Forged, sample.Kim, "receipt.get", object{"receipt": id})
	// and no next state says anything else than what was opened
	for _, change := range []object{{"files": object{"root": sample.DigestOf("files"), "count": 1, "bytes": 1}}, {"exclusions": []object{{"cohort": "hanbit/oncology", "epoch": 9}}}, {"dataset": "hanbit/other"}} {
		w.Ledger = honest.Clone()
		w.Restate(key, func(record object) { record["body"] = sample.With(record["body"].(object), change) })
		w.Refused(refusal.Forged, sample.Kim, "receipt.get", object{"receipt": id})
		w.Refused(refusal.Forged, sample.Kim, "release.check", object{"receipt": id})
	}
	// its entries are nobody's to take away
	w.Ledger = honest.Clone()
	for _, entry := range append(w.Ledger.Keys("i/receipt-"), w.Ledger.Keys("i/trail/")...) {
		if !strings.Contains(entry, id) {
			continue
		}
		stub := w.Ledger.Begin(sample.DigestOf(entry), w.Now, w.Person(sample.Steward))
		stub.Writes = append(stub.Writes, ledgertest.Write{Key: entry, Delete: true})
		w.Expect(w.Ledger.Commit(stub, sample.Institutions...), ledgertest.EndorsementPolicyFailure)
	}
	// one that was made past the contract, as two of three can with the owner among them, is shown as what it is: another of the same ask, of what nobody signed, of no grant
	for says, change := range map[string][2]string{
		"the same ask": {`"revision":1`, `"revision":1`}, "another file": {`"count":2`, `"count":1`}, "no grant": {`"grant":"` + grant, `"grant":"` + sample.DigestOf("x")},
		"somebody else": {`"person":{"id":"kim"`, `"person":{"id":"lee"`}, "no archive": {`"archive":"` + archive, `"archive":"` + sample.DigestOf("x")},
	} {
		w.Ledger = honest.Clone()
		made := strings.ReplaceAll(changed(change[0], change[1]), id, other)
		w.Ledger.Attack(append(sample.Listed("receipt/"+other, made), sample.Put("receipt/"+other, made), sample.Seal("hanbit", "receipt/"+other, made))...)
		if shown := w.Ask("receipt.get", object{"receipt": other}); shown["unproven"] == nil {
			t.Errorf("%s: %v", says, shown)
		}
		w.Expect(w.Ask("release.check", object{"receipt": other})["answer"], "deny")
	}
	value := strings.ReplaceAll(changed(id, id), id, other)
	// and two others make none at all
	w.Ledger = honest.Clone()
	w.Ledger.Attack(sample.Put("receipt/"+other, value))
	w.Refused(refusal.Forged, sample.Kim, "receipt.get", object{"receipt": other})
}

// What closes the owner's decisions closes its door.
// A release does not go on by a ledger that may lack the revocation; it is opened all the same, as what that reads is compared once more when it is committed.
func TestAReleaseDoesNotGoOnByAnOldLedger(t *testing.T) {
	w, grant, archive := leaving(t)
	w.Here = ledger.Here{Institution: "hanbit", Within: time.Minute}
	receipt := w.Do(sample.Gateway, "release.open", w.Asks(grant, archive, nil, nil))["id"]
	asks := func() object { return w.Ask("release.check", object{"receipt": receipt}) }
	w.Expect(sample.In(asks(), "reasons", 0, "code"), rules.LedgerOld)
	w.Do("hanbit/watcher", "ledger.beat", object{})
	w.Expect(asks()["answer"], "permit")
	w.Later(61 * time.Second)
	late := asks()
	w.Expect(late["answer"], "deny")
	w.Expect(sample.In(late, "reasons", 0, "code"), rules.LedgerOld)
}

func TestTheAlarmClosesTheDoor(t *testing.T) {
	w, grant, archive := leaving(t)
	receipt := w.Released(grant, archive)
	w.Later(time.Second)
	w.Alarm = ledger.Alarm{Institutions: map[string]string{"nuri": "a root is not pinned"}}
	_, _, refused := w.Simulate(sample.Gateway, "release.open", sample.Text(w.Asks(grant, archive, nil, nil)))
	if refused == nil {
		t.Fatal("it opens")
	}
	w.Expect(w.Ask("release.check", object{"receipt": receipt})["answer"], "deny")
}

func TestDeliveryKeys(t *testing.T) {
	w := sample.NewWorld(t)
	low := make([]byte, 32)
	one := append([]byte{1}, make([]byte, 31)...)
	prime := append(append([]byte{0xed}, slices.Repeat([]byte{0xff}, 30)...), 0x7f)
	order8, _ := base64.StdEncoding.DecodeString("4Ot6fDtBuK4WVuP68Z/EatoJjeucMrH9hmIFFl9JuAA=")
	good, _ := sample.DeliveryKey("x")
	raw, _ := base64.StdEncoding.DecodeString(good)
	high := append(slices.Clone(raw[:31]), raw[31]|0x80)
	encode := base64.StdEncoding.EncodeToString
	for says, key := range map[string]string{
		"zero": encode(low), "one": encode(one), "the prime": encode(prime), "of order eight": encode(order8), "written twice": encode(high), "31 bytes": encode(raw[:31]), "33 bytes": encode(append(raw, 0)),
		"hex": strings.Repeat("ab", 32), "url": strings.NewReplacer("+", "-", "/", "_").Replace("+/" + good[2:]), "a word": "key", "unpadded": strings.TrimRight(good, "="),
	} {
		if refused := w.Refused(refusal.Invalid, sample.Kim, "person.announce", object{"delivery": key}); refused.Field != "delivery" {
			t.Errorf("%s: %v", says, refused)
		}
	}
	announced := w.Do(sample.Kim, "person.announce", object{"delivery": good})
	w.Expect(sample.In(announced, "body", "delivery", "sha256"), records.Digest(raw))
	w.Refused(refusal.Conflict, sample.Kim, "person.announce", object{"delivery": good})
	// who admits it has compared both
	w.Refused(refusal.NotFound, sample.NuriSteward, "person.admit", object{"person": "kim", "key": w.KeyOf("nuri/kim")})
	w.Refused(refusal.NotFound, sample.NuriSteward, "person.admit", object{"person": "kim", "key": w.KeyOf("nuri/kim"), "delivery": sample.DigestOf("x")})
	w.Do(sample.NuriSteward, "person.admit", object{"person": "kim", "key": w.KeyOf("nuri/kim"), "delivery": records.Digest(raw)})
	// another one takes the key before it, or two officers
	other, digest := sample.DeliveryKey("y")
	w.Do(sample.Kim, "person.announce", object{"delivery": other})
	next := object{"person": "kim", "key": w.KeyOf("nuri/kim"), "delivery": digest}
	w.Bare = true
	if w.Do(sample.NuriSteward, "person.admit", next)["proposal"] == nil {
		t.Error("one officer changes the delivery key of somebody")
	}
	w.Bare = false
	w.Expect(w.Do(sample.Kim, "person.admit", next)["status"], "active")
}
