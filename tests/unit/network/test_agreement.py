"""Consortium file and channel, compared."""

from dataclasses import replace
from pathlib import Path

import pytest
from fabric_protos.common import configtx_pb2, configuration_pb2
from fabric_protos.peer import configuration_pb2 as peer_pb2

from medconsent_network.agreement import compared
from medconsent_network.home import Home
from medconsent_network.spec import Spec


def config_of(spec: Spec) -> configtx_pb2.Config:
    """A channel's configuration that says what `spec` does, as far as it is compared."""
    config = configtx_pb2.Config()
    for one in spec.institutions:
        anchors = peer_pb2.AnchorPeers(anchor_peers=[peer_pb2.AnchorPeer(host=one.host, port=one.port("peer"))])
        application = config.channel_group.groups["Application"].groups[one.name]
        application.values["AnchorPeers"].value = anchors.SerializeToString()
        endpoints = configuration_pb2.OrdererAddresses(addresses=[one.address("orderer")])
        orderer = config.channel_group.groups["Orderer"].groups[one.name]
        orderer.values["Endpoints"].value = endpoints.SerializeToString()
    return config


@pytest.fixture
def home(tmp_path: Path, sample: Spec) -> Home:
    return Home(tmp_path / "nuri", sample.institution("nuri"), sample)


def test_a_file_that_says_the_same_has_no_difference(home: Home, sample: Spec) -> None:
    assert compared(home, config_of(sample)) == []


def test_who_is_named_and_not_there_and_who_is_there_and_not_named(home: Home, sample: Spec) -> None:
    two = replace(sample, institutions=sample.institutions[:2])
    (added,) = compared(home, config_of(two))
    assert added.institution == "saerom"
    assert added.sentence.startswith("the consortium file names saerom, which is not in the channel (in it are: ")
    (removed,) = compared(replace(home, spec=two), config_of(sample))
    assert removed.sentence == "saerom is in the channel, and the consortium file does not name it"
    assert removed.error().code == "CONSORTIUM_INVALID"


@pytest.mark.parametrize("service", ["peer", "orderer"])
def test_a_port_that_was_changed_is_told_with_both(home: Home, sample: Spec, service: str) -> None:
    moved = sample.with_ports("nuri", {service: 7999})
    (found,) = compared(replace(home, spec=moved), config_of(sample))
    there = sample.institution("nuri").address(service)
    assert (
        found.sentence == f"the consortium file has the {service} of nuri at 127.0.0.1:7999, and the channel at {there}"
    )
