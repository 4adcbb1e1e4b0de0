"""How far the other institutions' peers are, as a home's own peer hears from them by gossip.

Nothing is decided by it: another's peer may say what it likes. It shows an operator that their own is behind.
"""

import grpc
from fabric_protos.discovery import protocol_pb2 as discovery
from fabric_protos.gossip import message_pb2 as gossip
from google.protobuf.message import DecodeError

from medconsent_network import identities
from medconsent_network.home import Home

_SECONDS = 3.0


Heard = tuple[int, int]
"""When a peer began, and how often it has told since that it lives; (0, 0) for one that is not heard of."""


def heights(home: Home) -> dict[str, int]:
    """The number of blocks at the other institutions' peers, by institution; empty when the own peer does not answer.

    Raises:
        NetworkError: CERTIFICATE_ENDED when the administrator's has.
    """
    answer = _asked(home, home.name)
    found: dict[str, int] = {}
    for result in answer.results if answer else ():
        for institution, peers in result.members.peers_by_org.items():
            known = [_height(peer) for peer in peers.peers]
            if institution != home.name and known:
                found[institution] = max(known)
    return found


def of(home: Home, other: str) -> Heard | None:
    """What the peer of the institution `other` has heard of the home's own peer; None when it does not answer.

    Raises:
        NetworkError: CERTIFICATE_ENDED when the administrator's has.
    """
    answer = _asked(home, other)
    if answer is None or not answer.results or answer.results[0].HasField("error"):
        return None
    peers = answer.results[0].members.peers_by_org.get(home.name)
    return max(map(_alive, peers.peers), default=(0, 0)) if peers else (0, 0)


def height_of(home: Home, other: str) -> int | None:
    """How many blocks the peer of the institution `other` says that it has; None when it does not answer.

    Raises:
        NetworkError: CERTIFICATE_ENDED when the administrator's has.
    """
    answer = _asked(home, other) if home.tls_root_of(other).is_file() else None
    if answer is None or not answer.results or answer.results[0].HasField("error"):
        return None
    peers = answer.results[0].members.peers_by_org.get(other)
    return max(map(_height, peers.peers), default=None) if peers else None


def _asked(home: Home, institution: str) -> discovery.Response | None:
    """Which peers are in the channel, as the peer of an institution knows it."""
    identity, signer = identities.signer(home, "admin")
    request = discovery.Request(
        authentication=discovery.AuthInfo(client_identity=identity.creator),
        queries=[discovery.Query(channel=home.spec.channel, peer_query=discovery.PeerMembershipQuery())],
    ).SerializeToString()
    signed = discovery.SignedRequest(payload=request, signature=signer.sign(request))
    root = home.tls_root if institution == home.name else home.tls_root_of(institution)
    credentials = grpc.ssl_channel_credentials(root.read_bytes())
    try:
        with grpc.secure_channel(home.spec.institution(institution).address("peer"), credentials) as channel:
            ask = channel.unary_unary(
                "/discovery.Discovery/Discover",
                request_serializer=discovery.SignedRequest.SerializeToString,
                response_deserializer=discovery.Response.FromString,
            )
            return ask(signed, timeout=_SECONDS)
    except grpc.RpcError:
        return None


def _alive(peer: discovery.Peer) -> Heard:
    try:
        told = gossip.GossipMessage.FromString(peer.membership_info.payload).alive_msg.timestamp
    except DecodeError:
        return (0, 0)
    return (int(told.inc_num), int(told.seq_num))


def _height(peer: discovery.Peer) -> int:
    try:
        message = gossip.GossipMessage.FromString(peer.state_info.payload)
    except DecodeError:
        return 0
    return int(message.state_info.properties.ledger_height)
