package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"medconsent.org/chaincode/ledger"
	"medconsent.org/chaincode/records"
	"medconsent.org/chaincode/rules"
)

// loader answers bench.load.
type loader struct{}

// order says what to write: for each number from First on, Count times, one approved request of a person of Institution of that number
// (p-0000001 ...) for the dataset's latest version, with its votes and its grant.
type order struct {
	Dataset     string          `json:"dataset"`
	Institution string          `json:"institution"`
	First       int64           `json:"first"`
	Count       int64           `json:"count"`
	Purpose     records.Purpose `json:"purpose"`
	Mode        string          `json:"mode"`
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
	tx, err := ledger.Begin(bulk{stub}, time.Now)
	if err != nil {
		return err
	}
	scene, err := read(tx, what)
	if err != nil {
		return err
	}
	for number := what.First; number < what.First+what.Count; number++ {
		if err := scene.approved(tx, fmt.Sprintf("p-%07d", number)); err != nil {
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
	found, err := tx.Dataset(what.Dataset)
	if err != nil {
		return nil, err
	}
	dataset, err := found.Must()
	if err != nil {
		return nil, err
	}
	s := &scene{order: what, load: tx.ID}
	version, err := tx.Version(what.Dataset, dataset.Record.Body.LatestVersion)
	if err != nil {
		return nil, err
	}
	if s.version, err = version.Must(); err != nil {
		return nil, err
	}
	policy, err := tx.Policy(what.Dataset, dataset.Record.Body.LatestPolicy)
	if err != nil {
		return nil, err
	}
	if s.policy, err = policy.Must(); err != nil {
		return nil, err
	}
	return s, s.seat(tx)
}

// seat chooses who votes: of each stage's committee the first members, as many as its threshold asks.
func (s *scene) seat(tx *ledger.Tx) error {
	for _, stage := range s.policy.Record.Body.Policy.Stages {
		found, err := tx.Committee(stage.Institution, stage.Role)
		if err != nil {
			return err
		}
		committee, err := found.Must()
		if err != nil {
			return err
		}
		members := rules.NewRoster(committee.Record).Members(tx.Now())
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

// approved writes one request of a person, the votes on it and the grant, each as if its own transaction had.
func (s *scene) approved(tx *ledger.Tx, person string) error {
	version, policy := s.version.Record.Body, s.policy.Record.Body
	tx.ID = s.tx(person, "request")
	request, err := ledger.Create(tx, by(s.Institution, person, "researcher"), tx.ID, records.Request{
		Dataset: s.Dataset, Version: version.Version, VersionDigest: s.version.Digest,
		PolicyVersion: policy.Version, PolicyDigest: s.policy.Digest,
		Purpose: s.Purpose, Mode: s.Mode, DurationSeconds: policy.Policy.MaxDurationSeconds, Project: "A project that the benchmark made up",
		Requester: records.Person{Institution: s.Institution, ID: person}, Researchers: []string{person},
		ReviewUntil: tx.Now().Add(policy.Policy.ReviewPeriodSeconds),
	}, records.Open, "")
	if err != nil {
		return err
	}
	var votes []records.VoteRef
	var last records.By
	for i, v := range s.voters {
		last = by(v.person.Institution, v.person.ID, v.role)
		tx.ID = s.tx(person, fmt.Sprintf("vote-%d", i))
		vote, err := ledger.Create(tx, last, tx.ID, records.Vote{
			Request: request.Record.ID, Dataset: s.Dataset, Seq: int64(i + 1), Voter: v.person, Role: v.role, Vote: records.Approve,
			RequestDigest: request.Digest, VersionDigest: s.version.Digest, PolicyDigest: s.policy.Digest, Rosters: s.rosters,
		}, records.Final, "")
		if err != nil {
			return err
		}
		votes = append(votes, records.VoteRef{Key: vote.Key, Digest: vote.Digest})
	}
	verdict := rules.Decide(policy.Policy, rules.AskOf(request.Record.Body, tx.Now(), nil))
	grant := rules.GrantOf(request.Record, request.Digest, tx.Now(), votes, rules.ObligationsOf(policy.Policy, verdict, tx.Now()))
	_, err = ledger.Create(tx, last, tx.ID, grant, records.Active, "") // in the transaction of the deciding vote
	return err
}

// tx is the id of the transaction that would have written something. Real ids are spread evenly over all hex digits; those of one load begin alike, so
// that its keys lie together while the loads are spread: a peer looks every new key up, and would read a block of its database for each.
func (s *scene) tx(person, what string) string {
	sum := sha256.Sum256([]byte(s.load + "/" + person + "/" + what))
	return s.load[:16] + hex.EncodeToString(sum[8:])
}

func by(institution, id, role string) records.By {
	return records.By{Institution: institution, ID: id, Roles: []string{role}}
}
