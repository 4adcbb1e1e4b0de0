"""Transactions made without asking any chaincode: a proposal, a result of one's own, the signatures of peers whose
keys one has.

Everything that Fabric checks about form is right (transaction id, proposal hash, signatures), so what refuses is a
policy and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

import grpc
from fabric_protos.common import common_pb2
from fabric_protos.orderer import ab_pb2
from fabric_protos.peer import (
    chaincode_pb2,
    proposal_pb2,
    proposal_response_pb2,
    transaction_pb2,
)
from rwset import NAMESPACE

from medconsent.fabric.identity import Identity, PrivateKeySigner
from medconsent.fabric.proposal import Proposal


class Results(Protocol):
    """What a transaction does, as bytes of a `TxReadWriteSet`."""

    def to_bytes(self) -> bytes: ...


@dataclass(frozen=True)
class Key:
    """An identity together with its private key: a peer's, an administrator's, a client's."""

    identity: Identity
    signer: PrivateKeySigner

    def sign(self, message: bytes) -> bytes:
        return self.signer.sign(message)

    @property
    def creator(self) -> bytes:
        return self.identity.creator


@dataclass(frozen=True)
class Orderer:
    """An ordering node that takes whatever its institution hands in."""

    endpoint: str
    tls_root: bytes

    def broadcast(self, envelope: common_pb2.Envelope) -> tuple[str, str]:
        """Hand in an envelope; the status (`SUCCESS`, `FORBIDDEN`, `BAD_REQUEST` ...) and the orderer's sentence."""
        credentials = grpc.ssl_channel_credentials(self.tls_root)
        with grpc.secure_channel(self.endpoint, credentials) as channel:
            call = channel.stream_stream(
                "/orderer.AtomicBroadcast/Broadcast",
                request_serializer=common_pb2.Envelope.SerializeToString,
                response_deserializer=ab_pb2.BroadcastResponse.FromString,
            )
            answer = next(call(iter([envelope]), timeout=30))
        return common_pb2.Status.Name(answer.status), answer.info


def transaction(
    client: Key,
    endorsers: Sequence[Key],
    results: Results,
    *,
    channel: str,
    proposal: Proposal,
    version: str = "1.0",
    chaincode: str = NAMESPACE,
) -> common_pb2.Envelope:
    """The envelope that says "these endorsers ran `proposal` and these are its results".

    `proposal` is made beforehand because its transaction id is a part of the keys of what is forged. `version` is
    that of the chaincode, which Fabric wants named and does not compare.
    """
    header, payload = _parts(proposal)
    response = proposal_response_pb2.ProposalResponsePayload(
        proposal_hash=sha256(header.channel_header + header.signature_header + payload).digest(),
        extension=proposal_pb2.ChaincodeAction(
            results=results.to_bytes(),
            response=proposal_response_pb2.Response(status=200),
            chaincode_id=chaincode_pb2.ChaincodeID(name=chaincode, version=version),
        ).SerializeToString(),
    ).SerializeToString()
    action = transaction_pb2.ChaincodeActionPayload(
        chaincode_proposal_payload=payload,
        action=transaction_pb2.ChaincodeEndorsedAction(
            proposal_response_payload=response,
            endorsements=[
                proposal_response_pb2.Endorsement(endorser=peer.creator, signature=peer.sign(response + peer.creator))
                for peer in endorsers
            ],
        ),
    )
    body = transaction_pb2.Transaction(
        actions=[transaction_pb2.TransactionAction(header=header.signature_header, payload=action.SerializeToString())]
    )
    return sign(client, common_pb2.Payload(header=header, data=body.SerializeToString()))


def sign(client: Key, payload: common_pb2.Payload) -> common_pb2.Envelope:
    """The payload as an envelope signed by `client`."""
    message = payload.SerializeToString()
    return common_pb2.Envelope(payload=message, signature=client.sign(message))


def _parts(proposal: Proposal) -> tuple[common_pb2.Header, bytes]:
    message = proposal_pb2.Proposal.FromString(proposal.message)
    return common_pb2.Header.FromString(message.header), message.payload
