module vectors

go 1.25.0

require (
	github.com/hyperledger/fabric-ca v1.5.21
	github.com/hyperledger/fabric-gateway v1.12.1
	github.com/hyperledger/fabric-lib-go v1.1.3
	github.com/hyperledger/fabric-protos-go-apiv2 v0.3.7
)
