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
	"medconsent.org/chaincode/rules/grants"
	"medconsent.org/chaincode/rules/review"
	"medconsent.org/chaincode/rules/use"
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
	if err := load(stub, what); err != nil {
		return shim.Error(err.Error())
	}
	return shim.Success(fmt.Appendf(nil, `{"loaded":%d}`, what.Count))
}

func load(stub shim.ChaincodeStubInterface, what order) error {
	left := map[string]bool{}
	tx, err := ledger.Begin(bulk{stub, left}, time.Now)
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
			scene.wait(tx, request)
			continue
		}
		left[records.OpenEntry(&request.Record).Key] = true
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
	version *ledger.Sealed[records.Version]
	policy  *ledger.Sealed[records.PolicyVersion]
	voters  []voter
	rosters []records.Roster
}

type voter struct {
	person records.Person
	role   string
}

func read(tx *ledger.Tx, what order) (*scene, error) {
	dataset, err := evidence.ReadHead(tx, what.Dataset)
	if err != nil {
		return nil, err
	}
	s := &scene{order: what, load: tx.ID}
	if s.version, err = evidence.ReadVersion(tx, what.Dataset, dataset.Record.Body.LatestVersion); err != nil {
		return nil, err
	}
	if s.policy, err = evidence.ReadPolicy(tx, what.Dataset, dataset.Record.Body.LatestPolicy); err != nil {
		return nil, err
	}
	return s, s.seat(tx)
}

// seat chooses who votes: of each stage's committee the first members, as many as its threshold asks.
func (s *scene) seat(tx *ledger.Tx) error {
	for _, stage := range s.policy.Record.Body.Policy.Stages {
		found, err := evidence.FindCommittee(tx, stage.Institution, stage.Role)
		if err != nil {
			return err
		}
		committee, err := found.Must()
		if err != nil {
			return err
		}
		members := review.NewRoster(committee.Record).Members(tx.Now())
		if int64(len(members)) < stage.Threshold {
			return fmt.Errorf("%s has %d members and needs %d", stage.Committee(), len(members), stage.Threshold)
		}
		for _, id := range members[:stage.Threshold] {
			s.voters = append(s.voters, voter{records.Person{Institution: stage.Institution, ID: id}, stage.Role})
		}
		s.rosters = append(s.rosters, records.Roster{Committee: stage.Committee(), Changes: int64(len(committee.Record.Changes))})
	}
	return nil
}

// request writes a request, as if its own transaction had.
func (s *scene) request(tx *ledger.Tx, number int64) (*ledger.Sealed[records.Request], error) {
	version, policy, person := s.version.Record.Body, s.policy.Record.Body, s.person(number)
	tx.ID = s.tx(number, "request")
	return ledger.Create(tx, by(s.Institution, person, "researcher"), tx.ID, records.Request{
		Dataset: s.Dataset, Version: version.Version, VersionDigest: s.version.Digest,
		PolicyVersion: policy.Version, PolicyDigest: s.policy.Digest,
		Purpose: s.Purpose, Mode: s.Mode, DurationSeconds: policy.Policy.MaxDurationSeconds, Project: "A project that the benchmark made up",
		Requester: records.Person{Institution: s.Institution, ID: person}, Researchers: []string{person},
		ReviewUntil: tx.Now().Add(policy.Policy.ReviewPeriodSeconds),
	}, records.Open, "")
}

// wait enters an open request among those that its committees have not met.
func (s *scene) wait(tx *ledger.Tx, request *ledger.Sealed[records.Request]) {
	for _, stage := range s.policy.Record.Body.Policy.Stages {
		tx.Enter(records.WaitingEntry(&request.Record, stage.Institution, stage.Role))
	}
}

// approve writes the votes on a request and the grant, each as if its own transaction had.
func (s *scene) approve(tx *ledger.Tx, number int64, request *ledger.Sealed[records.Request]) error {
	policy := s.policy.Record.Body.Policy
	var votes []records.VoteRef
	var last records.By
	for i, v := range s.voters {
		last = by(v.person.Institution, v.person.ID, v.role)
		tx.ID = s.tx(number, fmt.Sprintf("vote-%d", i))
		vote, err := ledger.Create(tx, last, tx.ID, records.Vote{
			Request: request.Record.ID, Dataset: s.Dataset, Seq: int64(i + 1), Voter: v.person, Role: v.role, Vote: records.Approve,
			RequestDigest: request.Digest, VersionDigest: s.version.Digest, PolicyDigest: s.policy.Digest, Rosters: s.rosters,
		}, records.Final, "")
		if err != nil {
			return err
		}
		votes = append(votes, records.VoteRef{Key: vote.Key, Digest: vote.Digest})
	}
	verdict := use.Decide(policy, use.AskOf(request.Record.Body, tx.Now(), nil))
	grant := grants.GrantOf(request.Record, request.Digest, tx.Now(), votes, use.ObligationsOf(policy, verdict, tx.Now()), grants.Bounds{})
	_, err := ledger.Create(tx, last, tx.ID, grant, records.Active, "") // in the transaction of the deciding vote
	return err
}

// tx is the id of the transaction that would have written something: like real ids, spread evenly over all hex digits.
func (s *scene) tx(number int64, what string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%s", s.load, number, what))
	return hex.EncodeToString(sum[:])
}

func by(institution, id, role string) records.By {
	return records.By{Institution: institution, ID: id, Roles: []string{role}}
}
