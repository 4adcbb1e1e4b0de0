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


def heights(home: Home) -> dict[str, int]:
    """The number of blocks at the other institutions' peers, by institution; empty when the own peer does not answer.

    Raises:
        NetworkError: CERTIFICATE_ENDED when the administrator's has.
    """
    identity, signer = identities.signer(home, "admin")
    request = discovery.Request(
        authentication=discovery.AuthInfo(client_identity=identity.creator),
        queries=[discovery.Query(channel=home.spec.channel, peer_query=discovery.PeerMembershipQuery())],
    ).SerializeToString()
    signed = discovery.SignedRequest(payload=request, signature=signer.sign(request))
    credentials = grpc.ssl_channel_credentials(home.tls_root.read_bytes())
    try:
        with grpc.secure_channel(home.institution.address("peer"), credentials) as channel:
            ask = channel.unary_unary(
                "/discovery.Discovery/Discover",
                request_serializer=discovery.SignedRequest.SerializeToString,
                response_deserializer=discovery.Response.FromString,
            )
            answer = ask(signed, timeout=_SECONDS)
    except grpc.RpcError:
        return {}
    found: dict[str, int] = {}
    for result in answer.results:
        for institution, peers in result.members.peers_by_org.items():
            known = [_height(peer) for peer in peers.peers]
            if institution != home.name and known:
                found[institution] = max(known)
    return found


def _height(peer: discovery.Peer) -> int:
    try:
        message = gossip.GossipMessage.FromString(peer.state_info.payload)
    except DecodeError:
        return 0
    return int(message.state_info.properties.ledger_height)
