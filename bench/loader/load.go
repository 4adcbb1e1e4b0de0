package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"medconsent.org/chaincode/evidence"
	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/machines"
	"medconsent.org/chaincode/rules/review"
)

// loader answers bench.load.
type loader struct{}

// openEvery is how many requests there are to one that is still open: all others are approved.
const openEvery = 4

// order says what to write: for each number from First on, Count times, one request for the dataset's latest version, made by the person of Institution of
// that number (p-0000001 ...), or all by Person where one is named. A request is approved by its votes and has its grant, but every fourth, which is still open.
type order struct {
	Dataset     string          `json:"dataset"`
	Institution string          `json:"institution"`
	Person      string          `json:"person"`
	First       int64           `json:"first"`
	Count       int64           `json:"count"`
	Purpose     records.Purpose `json:"purpose"`
	Mode        string          `json:"mode"`
}

func (o order) person(number int64) string {
	if o.Person != "" {
		return o.Person
	}
	return fmt.Sprintf("p-%07d", number)
}

func (loader) Init(shim.ChaincodeStubInterface) *peer.Response { return shim.Success(nil) }

func (loader) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	function, arguments := stub.GetFunctionAndParameters()
	if function != "bench.load" || len(arguments) != 1 {
		return shim.Error("the bench's loader runs in the place of the contract: it knows bench.load with one argument only")
	}
	var what order
	if err := json.Unmarshal([]byte(arguments[0]), &what); err != nil {
		return shim.Error(err.Error())
	}
	if err := load(bulk{stub}, time.Now, what); err != nil {
		return shim.Error(err.Error())
	}
	return shim.Success(fmt.Appendf(nil, `{"loaded":%d}`, what.Count))
}

func load(stub ledger.Stub, now func() time.Time, what order) error {
	tx, err := ledger.Begin(stub, now)
	if err != nil {
		return err
	}
	tx.Acts = true
	scene, err := read(tx, what)
	if err != nil {
		return err
	}
	for number := what.First; number < what.First+what.Count; number++ {
		request, err := scene.request(tx, number)
		if err != nil {
			return err
		}
		if number%openEvery == openEvery-1 {
			continue
		}
		if err := scene.approve(tx, number, request); err != nil {
			return err
		}
	}
	return tx.Commit("bench.load")
}

// scene is what all requests of one order rest on.
type scene struct {
	order
	load    string // the transaction that loads, from which the others' ids are derived
	latest  int64  // the number of the dataset's latest policy
	version *ledger.Sealed[records.Version]
	policy  *ledger.Sealed[records.PolicyVersion]
	rules   records.Policy // the policy as it is for the institution that asks
	rosters map[string]review.Roster
	voters  []voter
}

// voter is a member of a committee, with the key that their seat counts for.
type voter struct {
	person    records.Person
	role, key string
}

func read(tx *ledger.Tx, what order) (*scene, error) {
	dataset, err := evidence.ReadHead(tx, what.Dataset)
	if err != nil {
		return nil, err
	}
	s := &scene{order: what, load: tx.ID, latest: dataset.Record.Body.LatestPolicy}
	if s.version, err = evidence.ReadVersion(tx, what.Dataset, dataset.Record.Body.LatestVersion); err != nil {
		return nil, err
	}
	if s.policy, err = evidence.ReadPolicy(tx, what.Dataset, s.latest); err != nil {
		return nil, err
	}
	s.rules = review.Resolve(s.policy.Record.Body.Policy, what.Institution)
	if s.rosters, _, err = evidence.ReadRosters(tx, s.rules); err != nil {
		return nil, err
	}
	return s, s.seat(tx.Now())
}

// seat chooses who votes: of each stage's committee as many of those who have a seat as its threshold asks.
func (s *scene) seat(now records.Time) error {
	for _, stage := range s.rules.Stages {
		roster, left := s.rosters[stage.Committee()], stage.Threshold
		for _, seat := range roster.Committee.Seats {
			if left > 0 && roster.Seated(seat.ID, seat.Key, now) {
				s.voters = append(s.voters, voter{records.Person{Institution: stage.Institution, ID: seat.ID}, stage.Role, seat.Key})
				left--
			}
		}
		if left > 0 {
			return fmt.Errorf("%s has %d members too few", stage.Committee(), left)
		}
	}
	return nil
}

// request writes a request that waits for its committees, as if its own transaction had.
func (s *scene) request(tx *ledger.Tx, number int64) (*ledger.Sealed[records.Request], error) {
	version, policy, person := s.version.Record.Body, s.policy.Record.Body, s.person(number)
	requester := records.Person{Institution: s.Institution, ID: person}
	tx.ID = s.tx(number, "request")
	request, err := ledger.Create(tx, by(requester, "researcher", records.Digest([]byte(person))), tx.ID, records.Request{
		Dataset: s.Dataset, Version: version.Version, VersionDigest: s.version.Digest,
		PolicyVersion: policy.Version, PolicyDigest: s.policy.Digest,
		Purpose: s.Purpose, Mode: s.Mode, DurationSeconds: s.rules.MaxDurationSeconds, Project: "A project that the benchmark made up",
		Requester: requester, Researchers: []string{person},
		ReviewUntil: tx.Now().Add(s.rules.ReviewPeriodSeconds),
	}, records.Open, "")
	if err != nil {
		return nil, err
	}
	for _, stage := range s.rules.Stages {
		tx.Enter(records.WaitingEntry(&request.Record, stage.Institution, stage.Role))
	}
	return request, nil
}

// approve writes the votes on a request and the grant, each as if its own transaction had. What they say comes from the contract's own rules, and so does the word that the grant
// permits what was asked.
func (s *scene) approve(tx *ledger.Tx, number int64, request *ledger.Sealed[records.Request]) error {
	found := &evidence.Case{Request: request, Facts: review.Case{
		Request: request.Record, Digest: request.Digest, Policy: s.rules, Rosters: s.rosters, LatestPolicy: s.latest,
	}}
	prospect, err := found.Prospect(tx)
	if err != nil {
		return err
	}
	var last records.By
	for i, v := range s.voters {
		last = by(v.person, v.role, v.key)
		tx.ID = s.tx(number, fmt.Sprintf("vote-%d", i))
		vote, err := ledger.Create(tx, last, tx.ID, records.Vote{
			Request: request.Record.ID, Dataset: s.Dataset, Seq: found.Outcome(tx).NextSeq(), Voter: v.person, Role: v.role, Vote: records.Approve,
			RequestDigest: request.Digest, VersionDigest: s.version.Digest, PolicyDigest: s.policy.Digest, Rosters: s.states(),
		}, records.Final, "")
		if err != nil {
			return err
		}
		found.Votes = append(found.Votes, vote)
		found.Facts.Ballots = evidence.Ballots(found.Votes)
	}
	outcome := found.Outcome(tx)
	if outcome.State != machines.Approved {
		return fmt.Errorf("the votes leave the request %s", outcome.State)
	}
	terms := found.Approval().Grant(outcome)
	terms.Judged = grants.Shown(prospect)
	tx.Leave(records.OpenEntry(&request.Record))
	for _, stage := range s.rules.Stages {
		tx.Leave(records.WaitingEntry(&request.Record, stage.Institution, stage.Role))
	}
	grant, err := ledger.Create(tx, last, tx.ID, terms, records.Active, "") // in the transaction of the deciding vote
	if err != nil {
		return err
	}
	if verdict := grants.Judge(found.Given(tx, prospect, grant), grants.ToBeGiven(terms)); verdict.Answer != rules.Permit {
		return fmt.Errorf("the grant would come to %s: %s", verdict.Answer, rules.Sentences(verdict.Reasons))
	}
	return nil
}

// states names the states of the committees that a vote is judged by.
func (s *scene) states() []records.Roster {
	ids := review.Committees(s.rules)
	states := make([]records.Roster, 0, len(ids))
	for _, id := range ids {
		states = append(states, s.rosters[id].State(id))
	}
	return states
}

// tx is the id of the transaction that would have written something: like real ids, spread evenly over all hex digits.
func (s *scene) tx(number int64, what string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%s", s.load, number, what))
	return hex.EncodeToString(sum[:])
}

func by(person records.Person, role, key string) records.By {
	return records.By{Institution: person.Institution, ID: person.ID, Roles: []string{role}, Key: key}
}
