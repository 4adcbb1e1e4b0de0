package review_test

import (
	"strings"
	"testing"
	"time"

	"medconsent.org/chaincode/contract/sample"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

func TestSubmit(t *testing.T) {
	w := sample.New(t)
	w.Refused(refusal.Forbidden, sample.Steward, "request.submit", w.Request())
	w.Refused(refusal.NotFound, sample.Kim, "request.submit", sample.With(w.Request(), object{"dataset": "hanbit/none"}))
	w.Refused(refusal.NotFound, sample.Kim, "request.submit", sample.With(w.Request(), object{"version": 2}))
	w.Expect(w.Refused(refusal.Conflict, sample.Kim, "request.submit", sample.With(w.Request(), object{"version_digest": sample.DigestOf("x")})).Field, "version_digest")
	w.Expect(w.Refused(refusal.Conflict, sample.Kim, "request.submit", sample.With(w.Request(), object{"policy_digest": sample.DigestOf("x")})).Field, "policy_digest")
	w.Expect(w.Refused(refusal.Conflict, sample.Kim, "request.submit", sample.With(w.Request(), object{"policy_version": 2})).Field, "policy_version")
	w.Expect(w.Refused(refusal.LimitExceeded, sample.Kim, "request.submit", sample.With(w.Request(), object{"duration_seconds": 90*86400 + 1})).Field, "duration_seconds")
	denied := w.Refused(refusal.PolicyDenies, sample.Kim, "request.submit", sample.With(w.Request(), object{"mode": "enclave", "purpose": object{"kind": "origins"}, "duration_seconds": 90*86400 + 1}))
	w.Expect(len(denied.Details), 3)
	for field, changes := range map[string]object{
		"purpose.kind":        {"purpose": object{"kind": "curiosity"}},
		"purpose.diseases":    {"purpose": object{"kind": "disease"}},
		"purpose.diseases[0]": {"purpose": object{"kind": "disease", "diseases": []string{"C50"}}},
		"mode":                {"mode": "post"},
		"duration_seconds":    {"duration_seconds": 0},
		"project":             {"project": ""},
		"researchers[1]":      {"researchers": []string{"kim", "kim"}},
		"researchers":         {"researchers": []string{}},
	} {
		w.Expect(w.Refused(refusal.Invalid, sample.Kim, "request.submit", sample.With(w.Request(), changes)).Field, field)
	}
	w.Refused(refusal.Invalid, sample.Kim, "request.submit", sample.With(w.Request(), object{"purpose": object{"kind": "origins", "diseases": []string{"ICD10:C50"}}}))
	request := w.Do(sample.Kim, "request.submit", sample.With(w.Request(), object{"researchers": []string{"lee", "park"}}))
	w.Expect(sample.In(request, "body", "researchers", 1), "park")
	w.Expect(sample.In(request, "body", "review_until"), "2026-12-24T10:00:00Z")
	// what a person has to judge can be asked for
	w.Do(sample.Kim, "request.submit", sample.With(w.Request(), object{"purpose": object{"kind": "disease", "diseases": []string{"MONDO:1"}}}))
	// the owner's own committee may not decide on the owner's own request
	w.Refused(refusal.PolicyUnmeetable, "hanbit/r:researcher", "request.submit", w.Request())
	w.Do(sample.Steward, "policy.set", object{"dataset": "hanbit/breast-cancer", "policy": sample.With(sample.Policy(), object{"recipients": []string{"onnuri"}})})
	w.Expect(sample.In(w.Refused(refusal.PolicyDenies, sample.Kim, "request.submit", w.Request()).Details[1], "code"), "RECIPIENT_NOT_ALLOWED")
}

func TestVotes(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	ballot := w.Ballot(id, "approve", "dac")
	w.Refused(refusal.OwnRequest, sample.Kim, "request.vote", ballot)
	w.Refused(refusal.Forbidden, "hanbit/a:ethics", "request.vote", ballot)
	w.Refused(refusal.Forbidden, "hanbit/x:dac", "request.vote", ballot)
	w.Refused(refusal.Forbidden, "saerom/e-1:dac", "request.vote", ballot)
	w.Refused(refusal.Forbidden, "nuri/lee:dac", "request.vote", ballot)
	w.Refused(refusal.Invalid, "hanbit/a:dac", "request.vote", sample.With(ballot, object{"vote": "reject"}))
	w.Refused(refusal.Invalid, "hanbit/a:dac", "request.vote", sample.With(ballot, object{"vote": "maybe"}))
	w.Refused(refusal.NotFound, "hanbit/a:dac", "request.vote", sample.With(ballot, object{"request": sample.DigestOf("none")}))
	for _, digest := range []string{"request_digest", "version_digest", "policy_digest"} {
		w.Expect(w.Refused(refusal.Conflict, "hanbit/a:dac", "request.vote", sample.With(ballot, object{digest: sample.DigestOf("x")})).Field, digest)
	}
	w.Vote("hanbit/a:dac", id, "approve")
	w.Refused(refusal.AlreadyVoted, "hanbit/a:dac", "request.vote", ballot)
	w.Refused(refusal.AlreadyVoted, "hanbit/a:dac,privacy", "request.vote", w.Ballot(id, "reject", "dac")) // another certificate of the same person
	w.Do(sample.Steward, "committee.set", object{"role": "dac", "members": sample.Members("b", "c", "d")})
	w.Refused(refusal.Forbidden, "hanbit/a:dac", "request.vote", ballot)
	w.Vote("saerom/e-1:ethics", id, "approve")
	w.Expect(w.Vote("hanbit/b:dac", id, "approve")["state"], "in-review") // a has lost the seat
	w.Expect(w.Vote("hanbit/d:dac", id, "approve")["state"], "approved")
	w.Refused(refusal.Decided, "hanbit/c:dac", "request.vote", w.Ballot(id, "reject", "dac"))
	w.Refused(refusal.Decided, sample.Kim, "request.withdraw", object{"request": id})
}

func TestRejection(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	w.Expect(w.Vote("saerom/e-1:ethics", id, "reject")["state"], "in-review")
	w.Expect(w.Vote("saerom/e-2:ethics", id, "reject")["state"], "rejected")
	shown := w.Ask("request.get", object{"request": id})
	w.Expect(shown["state"], "rejected")
	w.Expect(sample.In(shown, "votes", 1, "record", "body", "reason"), "not now")
	w.Expect(len(shown["waits_for"].([]any)), 0)
	w.Refused(refusal.Decided, "hanbit/a:dac", "request.vote", w.Ballot(id, "approve", "dac"))
}

func TestWithdrawal(t *testing.T) {
	w := sample.New(t)
	id := sample.In(w.Do(sample.Kim, "request.submit", sample.With(w.Request(), object{"researchers": []string{"lee"}})), "id").(string)
	w.Refused(refusal.Forbidden, "nuri/park:researcher", "request.withdraw", object{"request": id})
	w.Refused(refusal.Forbidden, "saerom/kim:researcher", "request.withdraw", object{"request": id})
	w.Expect(w.Do("nuri/lee:researcher", "request.withdraw", object{"request": id, "reason": "no funds"})["status"], "withdrawn")
	w.Refused(refusal.Decided, sample.Kim, "request.withdraw", object{"request": id})
	w.Refused(refusal.Decided, "hanbit/a:dac", "request.vote", w.Ballot(id, "approve", "dac"))
	w.Expect(w.Ask("request.get", object{"request": id})["state"], "withdrawn")
}

func TestLapse(t *testing.T) {
	w := sample.New(t)
	id, other := w.Submitted(), w.Submitted()
	w.Set(object{"modes": []string{"enclave", "download"}}, nil)
	shown := w.Ask("request.get", object{"request": id})
	w.Expect(shown["state"], "lapsed")
	w.Expect(shown["why"], "policy-changed")
	w.Refused(refusal.Conflict, "hanbit/a:dac", "request.vote", w.Ballot(id, "approve", "dac"))
	late := w.Submitted()
	w.Later(30 * 24 * time.Hour)
	w.Expect(w.Ask("request.get", object{"request": other})["why"], "deadline")
	w.Refused(refusal.Expired, "hanbit/a:dac", "request.vote", w.Ballot(late, "approve", "dac"))
	w.Refused(refusal.Expired, sample.Kim, "request.withdraw", object{"request": late})
}

func TestRequestLists(t *testing.T) {
	w := sample.New(t)
	list := func(filter object) []string {
		return sample.Ids(w.Ask("request.list", filter), "request", "record", "id")
	}
	first := w.Submitted()
	w.Later(time.Minute)
	second := w.Submitted()
	w.Later(time.Minute)
	third := w.Submitted()
	w.Vote("saerom/e-1:ethics", second, "approve")
	w.Vote("saerom/e-1:ethics", third, "reject")
	w.Vote("saerom/e-2:ethics", third, "reject")
	w.Expect(list(object{}), []string{third, second, first})
	w.Expect(list(object{"owner": "hanbit"}), []string{third, second, first})
	w.Expect(list(object{"owner": "saerom"}), []string{})
	w.Expect(list(object{"requester": "nuri"}), []string{third, second, first})
	w.Expect(list(object{"requester": "nuri", "owner": "saerom"}), []string{})
	w.Expect(list(object{"owner": "hanbit", "state": "submitted"}), []string{first})
	w.Expect(list(object{"state": "in-review"}), []string{second})
	w.Expect(list(object{"requester": "nuri", "state": "rejected"}), []string{third})
	w.Expect(list(object{"waiting_for": "hanbit/dac"}), []string{first, second})
	w.Expect(list(object{"waiting_for": "saerom/ethics"}), []string{first})
	w.Expect(list(object{"waiting_for": "hanbit/dac", "state": "in-review"}), []string{second})
	w.Refused(refusal.Invalid, sample.Kim, "request.list", object{"state": "open"})
	w.Refused(refusal.Invalid, sample.Kim, "request.list", object{"waiting_for": "hanbit/steward"})
	w.Refused(refusal.Invalid, sample.Kim, "request.list", object{"waiting_for": "hanbit"})
	w.Later(30 * 24 * time.Hour)
	w.Expect(list(object{"waiting_for": "hanbit/dac"}), []string{})
	w.Expect(list(object{"owner": "hanbit", "state": "submitted"}), []string{})
	w.Expect(list(object{"owner": "hanbit", "state": "lapsed"}), []string{second, first})
	item := w.Ask("request.list", object{"page_size": 1})
	w.Expect(sample.In(item, "items", 0, "votes"), nil)
	w.Expect(sample.Ids(w.Ask("request.list", object{"page_size": 1, "bookmark": item["bookmark"]}), "request", "record", "id"), []string{second})
}

func TestPrefixes(t *testing.T) {
	w := sample.New(t)
	id := w.Submitted()
	w.Expect(sample.In(w.Ask("request.get", object{"request": id[:6]}), "request", "record", "id"), id)
	w.Refused(refusal.Invalid, sample.Kim, "request.get", object{"request": id[:5]})
	w.Refused(refusal.Invalid, sample.Kim, "request.get", object{"request": strings.ToUpper(id)})
	w.Refused(refusal.NotFound, sample.Kim, "request.get", object{"request": "ffffff"})
	// a twin that begins alike: its id is chosen, as an attacker can
	stub := w.Ledger.Begin(id[:10]+sample.DigestOf("twin")[:54], w.Now, w.People[sample.Kim])
	response := sample.Run(w, stub, "request.submit", sample.Text(w.Request()))
	if response.Status != 200 || w.Ledger.Commit(stub, sample.Institutions...) != ledgertest.Valid {
		t.Fatal(response)
	}
	w.Expect(len(w.Refused(refusal.Ambiguous, sample.Kim, "request.get", object{"request": id[:6]}).Details), 2)
	w.Ask("request.get", object{"request": id[:12]})
}
