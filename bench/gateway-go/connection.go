package main

import (
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/hash"
	"github.com/hyperledger/fabric-gateway/pkg/identity"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// connection is where the gateway is and who calls it. Certificates and keys are read from PEM files.
type connection struct {
	endpoint, serverName, tlsRoot string
	mspID, certificate, key       string
	channel, chaincode            string
}

func (c *connection) register(flags *flag.FlagSet) {
	flags.StringVar(&c.endpoint, "endpoint", "", "host:port of the gateway peer")
	flags.StringVar(&c.serverName, "server-name", "", "name in the peer's TLS certificate, when not the host")
	flags.StringVar(&c.tlsRoot, "tls-root", "", "file: TLS root certificates (PEM)")
	flags.StringVar(&c.mspID, "msp", "", "the caller's MSP ID")
	flags.StringVar(&c.certificate, "cert", "", "file: the caller's certificate (PEM)")
	flags.StringVar(&c.key, "key", "", "file: the caller's private key (PEM)")
	flags.StringVar(&c.channel, "channel", "medconsent", "channel")
	flags.StringVar(&c.chaincode, "chaincode", "medconsent", "chaincode")
}

// open connects with the SDK's own defaults, except for time limits, which a machine full of peers needs longer.
func (c *connection) open() (*client.Contract, func(), error) {
	roots, err := os.ReadFile(c.tlsRoot)
	if err != nil {
		return nil, nil, fmt.Errorf("--tls-root: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(roots) {
		return nil, nil, errors.New("--tls-root: no certificate in it")
	}
	id, sign, err := c.identity()
	if err != nil {
		return nil, nil, err
	}
	conn, err := grpc.NewClient(c.endpoint, grpc.WithTransportCredentials(credentials.NewClientTLSFromCert(pool, c.serverName)))
	if err != nil {
		return nil, nil, err
	}
	gateway, err := client.Connect(id,
		client.WithSign(sign),
		client.WithHash(hash.SHA256),
		client.WithClientConnection(conn),
		client.WithEvaluateTimeout(30*time.Second),
		client.WithEndorseTimeout(30*time.Second),
		client.WithSubmitTimeout(30*time.Second),
		client.WithCommitStatusTimeout(2*time.Minute),
	)
	if err != nil {
		return nil, nil, errors.Join(err, conn.Close())
	}
	closeAll := func() {
		_ = gateway.Close()
		_ = conn.Close()
	}
	return gateway.GetNetwork(c.channel).GetContract(c.chaincode), closeAll, nil
}

func (c *connection) identity() (*identity.X509Identity, identity.Sign, error) {
	certificatePEM, err := os.ReadFile(c.certificate)
	if err != nil {
		return nil, nil, fmt.Errorf("--cert: %w", err)
	}
	certificate, err := identity.CertificateFromPEM(certificatePEM)
	if err != nil {
		return nil, nil, fmt.Errorf("--cert: %w", err)
	}
	id, err := identity.NewX509Identity(c.mspID, certificate)
	if err != nil {
		return nil, nil, err
	}
	keyPEM, err := os.ReadFile(c.key)
	if err != nil {
		return nil, nil, fmt.Errorf("--key: %w", err)
	}
	key, err := identity.PrivateKeyFromPEM(keyPEM)
	if err != nil {
		return nil, nil, fmt.Errorf("--key: %w", err)
	}
	sign, err := identity.NewPrivateKeySign(key)
	return id, sign, err
}
