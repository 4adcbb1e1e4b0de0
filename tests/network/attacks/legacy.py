"""Fabric 1.x's way to define a chaincode: a transaction of the system chaincode `lscc`, made by hand.

A peer takes it once the channel's application capability is lowered; from then on that definition counts, and key-level
policies do not.
"""

from dataclasses import dataclass

import rwset
from actors import CHANNEL
from colluders import Colluders
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.peer import chaincode_pb2
from forge import transaction

from medconsent.fabric.proposal import Proposal

LSCC = "lscc"
VERSION = "1.0"


@dataclass(frozen=True)
class Deployment:
    """The result of `deploy`: one write, of the chaincode's data, in the namespace of `lscc`."""

    data: bytes

    def to_bytes(self) -> bytes:
        write = kv_rwset_pb2.KVWrite(key=rwset.NAMESPACE, value=self.data)
        public = kv_rwset_pb2.KVRWSet(writes=[write]).SerializeToString()
        namespaces = [
            rwset_pb2.NsReadWriteSet(namespace=LSCC, rwset=public),
            rwset_pb2.NsReadWriteSet(namespace=rwset.NAMESPACE, rwset=kv_rwset_pb2.KVRWSet().SerializeToString()),
        ]
        return rwset_pb2.TxReadWriteSet(data_model=rwset_pb2.TxReadWriteSet.KV, ns_rwset=namespaces).SerializeToString()


def deploy(colluders: Colluders, *, endorsed_by: str) -> str:
    """Define the chaincode so that any peer of `endorsed_by` endorses it; the transaction's id."""
    client = colluders.client.key
    policy = rwset.peers_of(endorsed_by)
    installed = chaincode_pb2.ChaincodeDeploymentSpec(
        chaincode_spec=chaincode_pb2.ChaincodeSpec(
            type=chaincode_pb2.ChaincodeSpec.GOLANG,
            chaincode_id=chaincode_pb2.ChaincodeID(name=rwset.NAMESPACE, version=VERSION, path="x"),
        )
    ).SerializeToString()
    arguments = [CHANNEL.encode(), installed, policy, b"escc", b"vscc"]
    proposal = Proposal.create(client.identity, CHANNEL, LSCC, "deploy", arguments)
    members = rwset.members_of(endorsed_by)
    data = _chaincode_data(rwset.NAMESPACE, VERSION, "escc", "vscc", policy, b"", b"", members)
    envelope = transaction(
        client, colluders.peers, Deployment(data), channel=CHANNEL, proposal=proposal, version="2.0", chaincode=LSCC
    )
    status = colluders.orderer.broadcast(envelope)
    assert status[0] == "SUCCESS", status
    outcome = colluders.witness.outcome(proposal.transaction_id)
    assert outcome.code == "VALID", outcome
    return outcome.transaction_id


def _chaincode_data(*fields: str | bytes) -> bytes:
    """`ccprovider.ChaincodeData`, of which there is no published message: fields 1 to 8, each of bytes."""
    encoded = b""
    for number, value in enumerate(fields, 1):
        content = value.encode() if isinstance(value, str) else value
        if content:
            encoded += bytes([number << 3 | 2]) + _varint(len(content)) + content
    return encoded


def _varint(number: int) -> bytes:
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])
