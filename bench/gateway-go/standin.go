package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net"

	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// answerBytes is about what the contract answers to the question that is measured.
const answerBytes = 1500

// standIn is no peer: it answers every evaluation at once, always the same, so that a client is all that takes time.
type standIn struct {
	gateway.UnimplementedGatewayServer
	answer *gateway.EvaluateResponse
}

func (s *standIn) Evaluate(context.Context, *gateway.EvaluateRequest) (*gateway.EvaluateResponse, error) {
	return s.answer, nil
}

// stand serves on a free port of this machine, which it prints, until it is ended.
func stand(arguments []string) error {
	var certificate, key string
	flags := flag.NewFlagSet("stand-in", flag.ContinueOnError)
	flags.StringVar(&certificate, "cert", "", "file: the server's TLS certificate (PEM)")
	flags.StringVar(&key, "key", "", "file: its private key (PEM)")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	secured, err := credentials.NewServerTLSFromFile(certificate, key)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := grpc.NewServer(grpc.Creds(secured))
	payload := bytes.Repeat([]byte("x"), answerBytes)
	gateway.RegisterGatewayServer(server, &standIn{answer: &gateway.EvaluateResponse{Result: &peer.Response{Status: 200, Payload: payload}}})
	fmt.Println(listener.Addr().String())
	return server.Serve(listener)
}
