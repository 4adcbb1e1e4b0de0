// Records what the official Gateway SDK and the official Fabric CA client put on the wire, as vectors for our tests.
//
//	go mod tidy && go run . > ../official.json
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"time"

	"github.com/hyperledger/fabric-ca/util"
	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/identity"
	"github.com/hyperledger/fabric-lib-go/bccsp"
	"github.com/hyperledger/fabric-lib-go/bccsp/factory"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
)

func check[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// peerStandIn answers as a Gateway peer would and keeps the requests as they came.
type peerStandIn struct {
	gateway.UnimplementedGatewayServer
	seen     map[string][]byte
	response []byte
}

func (p *peerStandIn) keep(name string, message proto.Message) {
	p.seen[name] = check(proto.Marshal(message))
}

func (p *peerStandIn) Evaluate(_ context.Context, request *gateway.EvaluateRequest) (*gateway.EvaluateResponse, error) {
	p.keep("evaluate_request", request)
	return &gateway.EvaluateResponse{Result: &peer.Response{Status: 200, Payload: []byte("answer")}}, nil
}

func (p *peerStandIn) Endorse(_ context.Context, request *gateway.EndorseRequest) (*gateway.EndorseResponse, error) {
	p.keep("endorse_request", request)
	proposal := &peer.Proposal{}
	if err := proto.Unmarshal(request.GetProposedTransaction().GetProposalBytes(), proposal); err != nil {
		return nil, err
	}
	header := &common.Header{}
	if err := proto.Unmarshal(proposal.GetHeader(), header); err != nil {
		return nil, err
	}
	action := check(proto.Marshal(&peer.ChaincodeAction{Response: &peer.Response{Status: 200, Payload: []byte("result")}}))
	payload := check(proto.Marshal(&peer.ProposalResponsePayload{ProposalHash: []byte("hash"), Extension: action}))
	endorsed := check(proto.Marshal(&peer.ChaincodeActionPayload{Action: &peer.ChaincodeEndorsedAction{ProposalResponsePayload: payload}}))
	transaction := check(proto.Marshal(&peer.Transaction{Actions: []*peer.TransactionAction{{Payload: endorsed}}}))
	envelope := &common.Envelope{Payload: check(proto.Marshal(&common.Payload{Header: header, Data: transaction}))}
	response := &gateway.EndorseResponse{PreparedTransaction: envelope}
	p.keep("endorse_response", response)
	return response, nil
}

func (p *peerStandIn) Submit(_ context.Context, request *gateway.SubmitRequest) (*gateway.SubmitResponse, error) {
	p.keep("submit_request", request)
	return &gateway.SubmitResponse{}, nil
}

func (p *peerStandIn) CommitStatus(_ context.Context, request *gateway.SignedCommitStatusRequest) (*gateway.CommitStatusResponse, error) {
	p.keep("commit_status_request", request)
	response := &gateway.CommitStatusResponse{Result: peer.TxValidationCode_MVCC_READ_CONFLICT, BlockNumber: 7}
	p.keep("commit_status_response", response)
	return response, nil
}

func (p *peerStandIn) ChaincodeEvents(request *gateway.SignedChaincodeEventsRequest, _ grpc.ServerStreamingServer[gateway.ChaincodeEventsResponse]) error {
	name := "events_request_next"
	if len(p.seen[name]) > 0 {
		name = "events_request_checkpoint"
	}
	p.keep(name, request)
	return nil
}

func certificate(public, private any) []byte {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "kim"},
		NotBefore: time.Unix(1_700_000_000, 0), NotAfter: time.Unix(4_000_000_000, 0),
	}
	der := check(x509.CreateCertificate(rand.Reader, template, template, public, private))
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func main() {
	standIn := &peerStandIn{seen: map[string][]byte{}}
	server := grpc.NewServer()
	gateway.RegisterGatewayServer(server, standIn)
	listener := check(net.Listen("tcp", "127.0.0.1:0"))
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	connection := check(grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials())))

	seed := sha256.Sum256([]byte("a key for tests"))
	ed := ed25519.NewKeyFromSeed(seed[:])
	pemBytes := certificate(ed.Public(), ed)
	id := check(identity.NewX509Identity("hanbit", check(identity.CertificateFromPEM(pemBytes))))
	gw := check(client.Connect(id, client.WithClientConnection(connection), client.WithSign(check(identity.NewPrivateKeySign(ed))),
		client.WithHash(func(message []byte) []byte { return message })))
	network := gw.GetNetwork("medconsent")
	contract := network.GetContract("basic")

	options := []client.ProposalOption{
		client.WithArguments("one", "", "세"),
		client.WithEndorsingOrganizations("hanbit", "nuri"),
		client.WithTransient(map[string][]byte{"secret": []byte("s"), "another": []byte("a"), "zeta": {}}),
	}
	query := check(contract.NewProposal("Read", client.WithArguments("one")))
	check(query.Evaluate())
	standIn.seen["query"] = check(query.Bytes())

	proposal := check(contract.NewProposal("Write", options...))
	standIn.seen["unsigned_proposal"] = check(proposal.Bytes())
	transaction := check(proposal.Endorse())
	standIn.seen["unsigned_transaction"] = check(transaction.Bytes())
	commit := check(transaction.Submit())
	standIn.seen["unsigned_commit"] = check(commit.Bytes())
	check(commit.Status())

	// Requested twice, with and without a checkpoint; each stream ends at once.
	for range check(network.ChaincodeEvents(context.Background(), "basic")) {
	}
	checkpoint := &client.InMemoryCheckpointer{}
	checkpoint.CheckpointTransaction(5, proposal.TransactionID())
	for range check(network.ChaincodeEvents(context.Background(), "basic", client.WithCheckpoint(checkpoint))) {
	}

	key := check(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	caCertificate := certificate(key.Public(), key)
	csp := factory.GetDefault()
	der := check(x509.MarshalPKCS8PrivateKey(key))
	imported := check(csp.KeyImport(der, &bccsp.ECDSAPrivateKeyImportOpts{Temporary: true}))
	body := []byte(`{"id":"kim","type":"client"}`)
	token := check(util.CreateToken(csp, caCertificate, imported, "POST", "/api/v1/register?ca=ca-hanbit", body))

	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(map[string]any{
		"made_with":             "fabric-gateway v1.12.1, fabric-ca v1.5.21",
		"msp_id":                "hanbit",
		"ed25519_key_seed_text": "a key for tests",
		"certificate":           string(pemBytes),
		"messages":              standIn.seen,
		"ca_token": map[string]any{
			"method": "POST", "uri": "/api/v1/register?ca=ca-hanbit", "body": string(body), "certificate": string(caCertificate), "token": token,
		},
	}); err != nil {
		panic(err)
	}
}
