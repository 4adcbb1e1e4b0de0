"""Who is in a channel and who may endorse, as real peers' discovery services tell it, to both clients."""

from collections.abc import Callable
from typing import Any

import pytest
from asking import Asker
from bench.world import World
from scenario_network import ALL_OF, EVERYBODY
from styles import Style

from medconsent.fabric import EvaluateError
from medconsent.fabric.discovery import ChaincodeCall
from medconsent_network.waiting import wait_for


@pytest.fixture
def asked(acting: Callable[..., Asker], style: Style) -> Callable[..., Any]:
    """An operation of the discovery of hanbit's channel, by its name, and what comes of it."""
    discovery = acting("hanbit", "basic").channel.discovery
    return lambda operation, *values: style.do(lambda: getattr(discovery, operation)(*values))


def test_the_peers_of_a_channel(asked: Callable[..., Any], scenarios: World) -> None:
    wait_for(lambda: len(asked("peers")) == len(EVERYBODY), "each peer has heard of the others", 60)
    found = asked("peers")
    homes = [scenarios.consortium.home(one) for one in sorted(EVERYBODY)]
    assert [one.msp_id for one in found] == sorted(EVERYBODY)
    assert [one.endpoint for one in found] == [home.institution.address("peer") for home in homes]
    assert all(one.ledger_height > 1 for one in found)
    assert all("basic" in one.chaincodes for one in found)
    assert [one.identity.common_name for one in found] == ["peer"] * len(found)


def test_who_can_endorse_together(asked: Callable[..., Any]) -> None:
    for chaincode, organizations in ALL_OF.items():
        told = asked("endorsement", chaincode)
        assert told.chaincode == chaincode
        assert dict.fromkeys(organizations, 1) in told.organizations()
        assert {peer.msp_id for peers in told.groups.values() for peer in peers} >= set(organizations)


def test_collections_count(asked: Callable[..., Any]) -> None:
    """What writes into one organization's collection is endorsed by it."""
    narrowed = asked("endorsement", ChaincodeCall("private", ("_implicit_org_nuri",), no_public_writes=True))
    assert narrowed.organizations() == ({"nuri": 1},)


def test_the_members_are_those_of_the_configuration(asked: Callable[..., Any], scenarios: World) -> None:
    told = asked("membership").organizations
    assert sorted(told) == sorted(EVERYBODY)
    for name, organization in told.items():
        home = scenarios.consortium.home(name)
        assert organization.tls_roots == (home.tls_root.read_bytes(),)
        assert organization.roots == (home.ca_certificate("ca").read_bytes(),)
        assert organization.orderers == (home.institution.address("orderer"),)


def test_what_the_peer_refuses(asked: Callable[..., Any], acting: Callable[..., Asker], style: Style) -> None:
    with pytest.raises(EvaluateError, match="discovery service refused"):
        asked("endorsement", "no-such-chaincode")
    elsewhere = acting("hanbit", "basic").gateway.channel("no-such-channel").discovery
    with pytest.raises(EvaluateError, match="access denied"):
        style.do(elsewhere.peers)
    with pytest.raises(ValueError, match="at least one"):
        asked("endorsement")
