"""Answers of a discovery service that are none, out of a stand-in's mouth."""

from typing import Any

import pytest
from fabric_protos.discovery import protocol_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from medconsent.fabric.discovery import messages
from medconsent.fabric.discovery.values import DiscoveredPeer, Endorsement
from medconsent.fabric.errors import FabricError
from medconsent.fabric.identity import Identity


def answer(**result: Any) -> bytes:
    told = protocol_pb2.Response(results=[protocol_pb2.QueryResult(**result)])
    return bytes(told.SerializeToString())


def test_an_error_is_what_the_peer_says() -> None:
    with pytest.raises(LookupError, match="access denied"):
        messages.result(answer(error=protocol_pb2.Error(content="access denied")), "members")


@pytest.mark.parametrize(
    "told",
    [
        b"\xff",
        b"",
        answer(),
        answer(config_result=protocol_pb2.ConfigResult()),
        protocol_pb2.Response(results=[protocol_pb2.QueryResult()] * 2).SerializeToString(),
    ],
    ids=["no-message", "no-result", "empty", "of-another-kind", "two"],
)
def test_what_was_not_asked_for_is_refused(told: bytes) -> None:
    with pytest.raises(FabricError):
        messages.result(told, "members")


@given(identity=st.binary(max_size=40), membership=st.binary(max_size=40), state=st.binary(max_size=40))
@settings(max_examples=300, deadline=None)
def test_a_peer_that_cannot_be_read_is_a_fabric_error(identity: bytes, membership: bytes, state: bytes) -> None:
    peer = protocol_pb2.Peer(identity=identity)
    peer.membership_info.payload, peer.state_info.payload = membership, state
    told = protocol_pb2.PeerMembershipResult(peers_by_org={"hanbit": protocol_pb2.Peers(peers=[peer])})
    try:
        (found,) = messages.read_peers(messages.result(answer(members=told), "members"))
    except FabricError:
        return
    assert isinstance(found, DiscoveredPeer)


def test_layouts_by_organization() -> None:
    def peer(organization: str, endpoint: str) -> DiscoveredPeer:
        return DiscoveredPeer(organization, endpoint, Identity(organization, b""), 1, {})

    told = Endorsement(
        "basic",
        {"g0": (peer("hanbit", "a:1"), peer("hanbit", "b:1")), "g1": (peer("nuri", "c:1"),), "g2": ()},
        ({"g0": 2, "g1": 1}, {"g1": 1}),
    )
    assert told.organizations() == ({"hanbit": 2, "nuri": 1}, {"nuri": 1})
