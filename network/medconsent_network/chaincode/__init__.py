"""The chaincode of a home: its package, and the definition that the institutions agree on."""
