"""The messages of the discovery service (`discovery/protocol.proto`): what is asked, and values out of the answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from google.protobuf.message import DecodeError

from medconsent.fabric import _protos as pb
from medconsent.fabric.decoding import decode
from medconsent.fabric.discovery.values import ChaincodeCall, DiscoveredPeer, Endorsement, Membership, Organization
from medconsent.fabric.errors import FabricError
from medconsent.fabric.identity import Identity
from medconsent.fabric.signable import Signable


@dataclass(frozen=True, kw_only=True)
class DiscoveryRequest(Signable):
    """One question to the discovery service, to be signed."""

    @classmethod
    def create(cls, identity: Identity, fill: Callable[[Any], None], tls_client_certificate_hash: bytes) -> Self:
        """A question, unsigned.

        Args:
            identity: Who asks.
            fill: Fills in a `Query`, as `peers` gives it.
            tls_client_certificate_hash: SHA-256 of the TLS certificate (DER) that the connection shows; empty: none.
        """
        request = pb.DiscoveryRequest()
        request.authentication.client_identity = identity.creator
        request.authentication.client_tls_cert_hash = tls_client_certificate_hash
        fill(request.queries.add())
        return cls(message=bytes(request.SerializeToString()))

    def to_bytes(self) -> bytes:
        """As the service takes it."""
        signed = pb.DiscoverySignedRequest(payload=self.message, signature=self.signature)
        return bytes(signed.SerializeToString())


def interest(message: Any, calls: tuple[ChaincodeCall, ...]) -> None:
    """Fill in what chaincodes are called.

    Args:
        message: A `ChaincodeInterest`.
        calls: The chaincodes.
    """
    for call in calls:
        message.chaincodes.add(
            name=call.name,
            collection_names=call.collections,
            no_private_reads=call.no_private_reads,
            no_public_writes=call.no_public_writes,
        )


def peers(channel: str, calls: tuple[ChaincodeCall, ...]) -> Callable[[Any], None]:
    """Asks for the peers of a channel.

    Args:
        channel: The channel.
        calls: Only those that can endorse these; none: all of them.
    """

    def fill(query: Any) -> None:
        query.channel = channel
        query.peer_query.SetInParent()
        if calls:
            interest(query.peer_query.filter, calls)

    return fill


def endorsers(channel: str, calls: tuple[ChaincodeCall, ...]) -> Callable[[Any], None]:
    """Asks who can endorse together.

    Args:
        channel: The channel.
        calls: What is called.
    """

    def fill(query: Any) -> None:
        query.channel = channel
        interest(query.cc_query.interests.add(), calls)

    return fill


def membership(channel: str) -> Callable[[Any], None]:
    """Asks for the members of a channel."""

    def fill(query: Any) -> None:
        query.channel = channel
        query.config_query.SetInParent()

    return fill


def result(answer: bytes, of: str) -> Any:
    """The result of the one query in an answer.

    Args:
        answer: The answer.
        of: The kind of result that was asked for, by the message's name of it.

    Raises:
        FabricError: The answer cannot be read, or holds something else.
        LookupError: The peer refused; it says why.
    """
    try:
        (told,) = decode(pb.DiscoveryResponse, answer).results
    except (DecodeError, ValueError) as cause:
        raise FabricError("the peer's answer is not one of the discovery service") from cause
    kind = told.WhichOneof("result")
    if kind == "error":
        raise LookupError(str(told.error.content))
    if kind != of:
        raise FabricError(f"the peer's discovery service answered with {kind} and not with {of}")
    return getattr(told, of)


def read_peers(told: Any) -> tuple[DiscoveredPeer, ...]:
    """The peers in a result, by organization and endpoint."""
    found = [_peer(one) for of in told.peers_by_org.values() for one in of.peers]
    return tuple(sorted(found, key=lambda one: (one.msp_id, one.endpoint)))


def read_endorsement(told: Any) -> Endorsement:
    """Who can endorse together, out of a result."""
    (plan,) = told.content
    groups = {name: tuple(_peer(one) for one in of.peers) for name, of in sorted(plan.endorsers_by_groups.items())}
    layouts = tuple(dict(one.quantities_by_group) for one in plan.layouts)
    return Endorsement(str(plan.chaincode), groups, layouts)


def read_membership(told: Any) -> Membership:
    """The members in a result."""
    found = {}
    for msp_id, config in sorted(told.msps.items()):
        places = told.orderers[msp_id].endpoint if msp_id in told.orderers else ()
        found[msp_id] = Organization(
            msp_id,
            tuple(map(bytes, config.root_certs)),
            tuple(map(bytes, config.tls_root_certs)),
            tuple(f"{one.host}:{one.port}" for one in places),
        )
    return Membership(found)


def _peer(told: Any) -> DiscoveredPeer:
    try:
        serialized = decode(pb.SerializedIdentity, bytes(told.identity))
        identity = Identity(str(serialized.mspid), bytes(serialized.id_bytes))
        alive = decode(pb.GossipMessage, bytes(told.membership_info.payload)).alive_msg.membership
        state = decode(pb.GossipMessage, bytes(told.state_info.payload)).state_info.properties
    except DecodeError as cause:
        raise FabricError("what the peer's discovery service tells of another peer cannot be read") from cause
    return DiscoveredPeer(
        identity.msp_id,
        str(alive.endpoint),
        identity,
        int(state.ledger_height),
        {str(one.name): str(one.version) for one in state.chaincodes},
    )
