package contract_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"medconsent.org/chaincode/contract"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

// world is a consortium of three in memory, and a clock that only tests move.
type world struct {
	*testing.T
	ledger *ledgertest.Ledger
	now    time.Time
	count  int
	people map[string][]byte
	last   *ledgertest.Stub
	alarm  string
}

var institutions = []string{"hanbit", "nuri", "saerom"}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{T: t, ledger: ledgertest.NewLedger(institutions...), now: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), people: map[string][]byte{}}
}

// sample is a world in which hanbit's committee (three) and saerom's ethics board (two) sit and hanbit/breast-cancer is published, and rests on a legal basis.
func sample(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.do("hanbit/steward:steward", "committee.set", object{"role": "dac", "members": members("a", "b", "c")})
	w.do("saerom/steward:steward", "committee.set", object{"role": "ethics", "members": members("e-1", "e-2")})
	w.do("hanbit/steward:steward", "dataset.publish", publication())
	w.do(privacy, "basis.set", basis())
	w.rests(nil)
	return w
}

const privacy = "hanbit/p:privacy"

func basis() object {
	return object{
		"slug": "irb-waiver", "code": "KR-BIOETHICS-EXEMPTION", "document": object{"title": "Minutes of the data review board", "sha256": digestOf("minutes")},
		"notice":    object{"url": "https://hanbit.example/notice", "sha256": digestOf("notice"), "published_at": "2026-01-01T00:00:00Z"},
		"objection": object{"url": "https://hanbit.example/object"},
	}
}

// rests says what the latest version of hanbit/breast-cancer rests on.
func (w *world) rests(changes object) object {
	w.Helper()
	d := w.ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	return w.do(privacy, "ground.set", with(object{
		"dataset": "hanbit/breast-cancer", "version_digest": in(d, "version", "digest"), "bases": []string{"hanbit/irb-waiver"},
	}, changes))
}

type (
	object = map[string]any
	timeOf = time.Time
)

func members(ids ...string) []object {
	list := []object{}
	for _, id := range ids {
		list = append(list, object{"id": id})
	}
	return list
}

func digestOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func policy() object {
	return object{
		"use": []object{{"permission": "DS", "diseases": []string{"ICD10:C50"}}},
		"stages": []object{
			{"institution": "hanbit", "role": "dac", "threshold": 2},
			{"institution": "saerom", "role": "ethics", "threshold": 1},
		},
		"modes": []string{"download"}, "max_duration_seconds": 90 * 86400, "review_period_seconds": 30 * 86400,
		"recipients": []string{}, "own_institution_votes": false,
	}
}

func publication() object {
	return object{
		"slug": "breast-cancer", "title": "Breast cancer, Wisconsin", "kinds": []string{"tabular"}, "keywords": []string{"oncology"},
		"contact": "data@hanbit.example", "records": 569, "manifest": object{"text": `{"@type":"sc:Dataset","n":1.50}`},
		"content": object{"root": digestOf("root"), "files": 2, "bytes": 1000}, "policy": policy(),
	}
}

// simulate runs a transaction as "institution/id:roles" without committing it.
func (w *world) simulate(who, name string, arguments ...string) (*ledgertest.Stub, object, *refusal.Error) {
	w.Helper()
	return w.simulateAs(w.person(who), w.now, name, arguments...)
}

// person is the identity of "institution/id:roles", enrolled when it is first asked for.
func (w *world) person(who string) []byte {
	if w.people[who] == nil {
		person, roles, _ := strings.Cut(who, ":")
		institution, id, _ := strings.Cut(person, "/")
		w.people[who] = ledgertest.Person(institution, id, roles)
	}
	return w.people[who]
}

func (w *world) simulateAs(creator []byte, at time.Time, name string, arguments ...string) (*ledgertest.Stub, object, *refusal.Error) {
	w.Helper()
	w.count++
	stub := w.ledger.Begin(digestOf(fmt.Sprint("tx", w.count)), at, creator)
	w.last = stub
	list := [][]byte{[]byte(name)}
	for _, argument := range arguments {
		list = append(list, []byte(argument))
	}
	response := w.contract().Run(list, stub)
	answer := object{}
	if response.Status == 200 {
		if err := json.Unmarshal(response.Payload, &answer); err != nil {
			w.Fatalf("%s answers no JSON object: %v", name, err)
		}
		return stub, answer, nil
	}
	refused := parsed(w, response.Message)
	if len(stub.Writes) > 0 || stub.EventName != "" {
		w.Fatalf("%s was refused and wrote %v", name, stub.Writes)
	}
	return stub, nil, refused
}

func (w *world) contract() *contract.Contract {
	return &contract.Contract{Clock: func() time.Time { return w.now }, Alarm: func() string { return w.alarm }}
}

func run(w *world, stub *ledgertest.Stub, name, argument string) *peer.Response {
	return w.contract().Run([][]byte{[]byte(name), []byte(argument)}, stub)
}

func parsed(w *world, message string) *refusal.Error {
	w.Helper()
	refused := &refusal.Error{}
	if err := json.Unmarshal([]byte(message), refused); err != nil {
		w.Fatalf("a refusal without a JSON object: %q", message)
	}
	return refused
}

func text(argument object) string {
	encoded, err := json.Marshal(argument)
	if err != nil {
		panic(err)
	}
	return string(encoded)
}

// do runs and commits a transaction that must succeed, endorsed by everyone.
func (w *world) do(who, name string, argument object) object {
	w.Helper()
	stub, answer, refused := w.simulate(who, name, text(argument))
	if refused != nil {
		w.Fatalf("%s by %s: %v", name, who, refused)
	}
	if code := w.ledger.Commit(stub, institutions...); code != ledgertest.Valid {
		w.Fatalf("%s by %s: %s", name, who, code)
	}
	return answer
}

// ask runs a query.
func (w *world) ask(name string, argument object) object {
	w.Helper()
	return w.as(kim, name, argument)
}

// as runs a query as somebody.
func (w *world) as(who, name string, argument object) object {
	w.Helper()
	stub, answer, refused := w.simulate(who, name, text(argument))
	if refused != nil {
		w.Fatalf("%s: %v", name, refused)
	}
	if len(stub.Writes) > 0 {
		w.Fatalf("the query %s writes", name)
	}
	return answer
}

// refused runs something that must be refused with a code.
func (w *world) refused(code refusal.Code, who, name string, argument object) *refusal.Error {
	w.Helper()
	_, answer, refused := w.simulate(who, name, text(argument))
	if refused == nil {
		w.Fatalf("%s by %s was not refused: %v", name, who, answer)
	}
	if refused.Code != code || refused.Message == "" {
		w.Fatalf("%s by %s: wanted %s, got %v", name, who, code, refused)
	}
	return refused
}

func (w *world) later(d time.Duration) { w.now = w.now.Add(d) }

// in walks into an answer.
func in(v any, path ...any) any {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := v.(object)
			v = m[s]
		case int:
			l, _ := v.([]any)
			if s >= len(l) {
				return nil
			}
			v = l[s]
		}
	}
	return v
}

func with(base object, changes object) object {
	next := maps.Clone(base)
	for key, value := range changes {
		if value == nil {
			delete(next, key)
		} else {
			next[key] = value
		}
	}
	return next
}

// shown is what a researcher or a voter reads before acting.
func (w *world) request() object {
	w.Helper()
	d := w.ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	return object{
		"dataset": "hanbit/breast-cancer", "version": in(d, "version", "record", "body", "version"), "version_digest": in(d, "version", "digest"),
		"policy_version": in(d, "policy", "record", "body", "version"), "policy_digest": in(d, "policy", "digest"),
		"purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.1"}}, "mode": "download", "duration_seconds": 30 * 86400, "project": "early signs",
	}
}

func (w *world) submitted() string {
	w.Helper()
	return in(w.do("nuri/kim:researcher", "request.submit", w.request()), "id").(string)
}

func (w *world) ballot(request, vote, role string) object {
	w.Helper()
	r := w.ask("request.get", object{"request": request})
	ballot := object{
		"request": request, "vote": vote, "role": role, "request_digest": in(r, "request", "digest"),
		"version_digest": in(r, "request", "record", "body", "version_digest"), "policy_digest": in(r, "request", "record", "body", "policy_digest"),
	}
	if vote == "reject" {
		ballot["reason"] = "not now"
	}
	return ballot
}

func (w *world) vote(who, request, vote string) object {
	w.Helper()
	_, roles, _ := strings.Cut(who, ":")
	return w.do(who, "request.vote", w.ballot(request, vote, roles))
}

// granted brings a request to its grant and gives the grant's id.
func (w *world) granted() string {
	w.Helper()
	id := w.submitted()
	w.vote("hanbit/a:dac", id, "approve")
	w.vote("saerom/e-1:ethics", id, "approve")
	return in(w.vote("hanbit/b:dac", id, "approve"), "grant", "id").(string)
}

func (w *world) check(changes object) object {
	w.Helper()
	return w.ask("check", with(object{
		"dataset": "hanbit/breast-cancer", "for": "nuri/kim", "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.1"}}, "mode": "download",
	}, changes))
}

func reasons(answer object) []string {
	codes := []string{}
	list, _ := answer["reasons"].([]any)
	for _, reason := range list {
		codes = append(codes, in(reason, "code").(string))
	}
	return codes
}

func (w *world) expect(got, want any) {
	w.Helper()
	if g, ok := got.([]string); ok {
		if wanted, ok := want.([]string); ok && slices.Equal(g, wanted) {
			return
		}
	} else if got == want {
		return
	}
	w.Fatalf("got %v, want %v", got, want)
}
