// Package sample is a consortium in memory for tests of the contract: its people, a clock that only tests move, and what is shown before somebody acts.
package sample

import (
	"crypto/ecdsa"
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
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/ledgertest"
	"medconsent.org/chaincode/refusal"
)

// World is a consortium of three in memory, and a clock that only tests move.
type World struct {
	*testing.T
	Ledger *ledgertest.Ledger
	Now    time.Time
	Count  int
	People map[string][]byte
	// Keys are the people's keys, by institution and enrolment id: whatever certificate somebody shows, it is for the same key.
	Keys map[string]*ecdsa.PrivateKey
	// Bare has nothing done beforehand or afterwards for whoever acts: no officer is named, no key is put to a seat, and nobody confirms.
	Bare bool
	// Officers are those whom the institutions have named, by institution.
	Officers map[string][]object
	Last     *ledgertest.Stub
	Alarm    ledger.Alarm
	Posts    *ledger.Posts
	// Here is whose peer answers, and how old its ledger can be.
	Here ledger.Here
}

// Institutions are those of the sample consortium.
var Institutions = []string{"hanbit", "nuri", "saerom"}

// NewWorld is a consortium with nothing on its ledger.
func NewWorld(t *testing.T) *World {
	t.Helper()
	return &World{T: t, Ledger: ledgertest.NewLedger(Institutions...), Now: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), People: map[string][]byte{}, Keys: map[string]*ecdsa.PrivateKey{}, Officers: map[string][]object{}}
}

// New is a world in which hanbit's committee (three) and saerom's ethics board (two) sit and hanbit/breast-cancer is published, and rests on a legal basis.
func New(t *testing.T) *World {
	t.Helper()
	w := NewWorld(t)
	w.Do("hanbit/steward:steward", "committee.set", object{"role": "dac", "members": Members("a", "b", "c")})
	w.Do("saerom/steward:steward", "committee.set", object{"role": "ethics", "members": Members("e-1", "e-2")})
	w.Do("hanbit/steward:steward", "dataset.publish", Publication())
	w.Do(Privacy, "basis.set", Basis())
	w.Rests(nil)
	return w
}

// Privacy is a privacy officer of hanbit.
const Privacy = "hanbit/p:privacy"

// Basis is the argument that attests a legal basis.
func Basis() object {
	return object{
		"slug": "irb-waiver", "code": "KR-BIOETHICS-EXEMPTION", "document": object{"title": "Minutes of the data review board", "sha256": DigestOf("minutes")},
		"notice":    object{"url": "https://hanbit.example/notice", "sha256": DigestOf("notice"), "published_at": "2026-01-01T00:00:00Z"},
		"objection": object{"url": "https://hanbit.example/object"},
	}
}

// Rests says what the latest version of hanbit/breast-cancer rests on.
func (w *World) Rests(changes object) object {
	w.Helper()
	d := w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	return w.Do(Privacy, "ground.set", With(object{
		"dataset": "hanbit/breast-cancer", "version_digest": In(d, "version", "digest"), "bases": []string{"hanbit/irb-waiver"},
	}, changes))
}

type (
	object = map[string]any
	TimeOf = time.Time
)

// Members are people as committee.set names them.
func Members(ids ...string) []object {
	list := []object{}
	for _, id := range ids {
		list = append(list, object{"id": id})
	}
	return list
}

// DigestOf is the SHA-256 of a text.
func DigestOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// Policy is the sample policy.
func Policy() object {
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

// PolicyArgument is the argument that sets the sample dataset's policy, with some of it changed.
func PolicyArgument(changes object) object {
	return object{"dataset": "hanbit/breast-cancer", "policy": With(Policy(), changes)}
}

// Publication is the argument that publishes the sample dataset.
func Publication() object {
	return object{
		"slug": "breast-cancer", "title": "Breast cancer, Wisconsin", "kinds": []string{"tabular"}, "keywords": []string{"oncology"},
		"contact": "data@hanbit.example", "records": 569, "manifest": object{"text": `{"@type":"sc:Dataset","n":1.50}`},
		"content": object{"root": DigestOf("root"), "files": 2, "bytes": 1000}, "policy": Policy(),
	}
}

// NextVersion is the next version of the same dataset, under the policy that stands: what changes nothing is not published again.
func NextVersion() object {
	return With(Publication(), object{"policy": nil, "title": "Breast cancer, Wisconsin, again"})
}

// Simulate runs a transaction as "institution/id:roles" without committing it.
func (w *World) Simulate(who, name string, arguments ...string) (*ledgertest.Stub, object, *refusal.Error) {
	w.Helper()
	if !w.Bare && len(arguments) == 1 {
		w.installed(who, name)
		arguments = []string{w.withKeys(who, name, arguments[0])}
	}
	return w.SimulateAs(w.Person(who), w.Now, name, arguments...)
}

// Person is the identity of "institution/id:roles", enrolled when it is first asked for.
func (w *World) Person(who string) []byte {
	if w.People[who] == nil {
		person, roles, _ := strings.Cut(who, ":")
		institution, id, _ := strings.Cut(person, "/")
		w.People[who] = ledgertest.PersonWith(w.key(person), institution, id, roles)
	}
	return w.People[who]
}

// SimulateAs runs a transaction for a creator at a moment, and writes nothing.
func (w *World) SimulateAs(creator []byte, at time.Time, name string, arguments ...string) (*ledgertest.Stub, object, *refusal.Error) {
	w.Helper()
	w.Count++
	stub := w.Ledger.Begin(DigestOf(fmt.Sprint("tx", w.Count)), at, creator)
	w.Last = stub
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
	refused := Parsed(w, response.Message)
	if len(stub.Writes) > 0 || stub.EventName != "" {
		w.Fatalf("%s was refused and wrote %v", name, stub.Writes)
	}
	if entry, known := contract.EntryOf(name); known && !entry.CanRefuse(refused.Code) {
		w.Fatalf("%s was refused with %s, which its entry in the table does not say: %v", name, refused.Code, refused)
	}
	return stub, nil, refused
}

func (w *World) contract() *contract.Contract {
	return &contract.Contract{Clock: func() time.Time { return w.Now }, Alarm: func() ledger.Alarm { return w.Alarm }, Posts: w.Posts, Here: w.Here}
}

// Run calls the chaincode with one argument.
func Run(w *World, stub *ledgertest.Stub, name, argument string) *peer.Response {
	return w.contract().Run([][]byte{[]byte(name), []byte(argument)}, stub)
}

// Parsed is the refusal in a response's message.
func Parsed(w *World, message string) *refusal.Error {
	w.Helper()
	refused := &refusal.Error{}
	if err := json.Unmarshal([]byte(message), refused); err != nil {
		w.Fatalf("a refusal without a JSON object: %q", message)
	}
	return refused
}

// Text is an argument as JSON.
func Text(argument object) string {
	encoded, err := json.Marshal(argument)
	if err != nil {
		panic(err)
	}
	return string(encoded)
}

// Do runs and commits a transaction that must succeed, endorsed by everyone.
func (w *World) Do(who, name string, argument object) object {
	w.Helper()
	stub, answer, refused := w.Simulate(who, name, Text(argument))
	if refused != nil {
		w.Fatalf("%s by %s: %v", name, who, refused)
	}
	w.sealedAsSaid(who, name, argument, stub)
	if code := w.Ledger.Commit(stub, Institutions...); code != ledgertest.Valid {
		w.Fatalf("%s by %s: %s", name, who, code)
	}
	if proposal, waits := answer["proposal"].(object); waits && !w.Bare && !strings.HasPrefix(name, "proposal.") {
		return w.Confirmed(proposal)
	}
	return answer
}

// Ask runs a query.
func (w *World) Ask(name string, argument object) object {
	w.Helper()
	return w.As(Kim, name, argument)
}

// As runs a query as somebody.
func (w *World) As(who, name string, argument object) object {
	w.Helper()
	stub, answer, refused := w.Simulate(who, name, Text(argument))
	if refused != nil {
		w.Fatalf("%s: %v", name, refused)
	}
	if len(stub.Writes) > 0 {
		w.Fatalf("the query %s writes", name)
	}
	return answer
}

// Refused runs something that must be refused with a code.
func (w *World) Refused(code refusal.Code, who, name string, argument object) *refusal.Error {
	w.Helper()
	_, answer, refused := w.Simulate(who, name, Text(argument))
	if refused == nil {
		w.Fatalf("%s by %s was not refused: %v", name, who, answer)
	}
	if refused.Code != code || refused.Message == "" {
		w.Fatalf("%s by %s: wanted %s, got %v", name, who, code, refused)
	}
	return refused
}

// Later moves the clock on.
func (w *World) Later(d time.Duration) { w.Now = w.Now.Add(d) }

// In walks into an answer.
func In(v any, path ...any) any {
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

// With is an object with changes; what is changed to nil is left out.
func With(base object, changes object) object {
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
func (w *World) Request() object {
	w.Helper()
	d := w.Ask("dataset.get", object{"dataset": "hanbit/breast-cancer"})
	return object{
		"dataset": "hanbit/breast-cancer", "version": In(d, "version", "record", "body", "version"), "version_digest": In(d, "version", "digest"),
		"policy_version": In(d, "policy", "record", "body", "version"), "policy_digest": In(d, "policy", "digest"),
		"purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.1"}}, "mode": "download", "duration_seconds": 30 * 86400, "project": "early signs",
	}
}

// Submitted submits the sample request, and gives its id.
func (w *World) Submitted() string {
	w.Helper()
	return In(w.Do("nuri/kim:researcher", "request.submit", w.Request()), "id").(string)
}

// Ballot is the argument of a vote on a request as it stands.
func (w *World) Ballot(request, vote, role string) object {
	w.Helper()
	r := w.Ask("request.get", object{"request": request})
	ballot := object{
		"request": request, "vote": vote, "role": role, "request_digest": In(r, "request", "digest"),
		"version_digest": In(r, "request", "record", "body", "version_digest"), "policy_digest": In(r, "request", "record", "body", "policy_digest"),
	}
	if vote == "reject" {
		ballot["reason"] = "not now"
	}
	return ballot
}

// Vote votes on a request with the role that is in the name.
func (w *World) Vote(who, request, vote string) object {
	w.Helper()
	_, roles, _ := strings.Cut(who, ":")
	return w.Do(who, "request.vote", w.Ballot(request, vote, roles))
}

// Granted brings a request to its grant and gives the grant's id.
func (w *World) Granted() string {
	w.Helper()
	id := w.Submitted()
	w.Vote("hanbit/a:dac", id, "approve")
	w.Vote("saerom/e-1:ethics", id, "approve")
	return In(w.Vote("hanbit/b:dac", id, "approve"), "grant", "id").(string)
}

// Check asks whether kim may use the sample dataset.
func (w *World) Check(changes object) object {
	w.Helper()
	return w.Ask("check", With(object{
		"dataset": "hanbit/breast-cancer", "for": "nuri/kim", "purpose": object{"kind": "disease", "diseases": []string{"ICD10:C50.1"}}, "mode": "download",
	}, changes))
}

// Reasons are the codes of an answer's reasons.
func Reasons(answer object) []string {
	codes := []string{}
	list, _ := answer["reasons"].([]any)
	for _, reason := range list {
		codes = append(codes, In(reason, "code").(string))
	}
	return codes
}

// Expect compares.
func (w *World) Expect(got, want any) {
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
