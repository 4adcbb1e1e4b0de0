"""An orderer that is put back from a copy that is behind: it is told, and what is told mends it."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from medconsent_network import operations
from medconsent_network.chaincode import lifecycle
from medconsent_network.consortium import Consortium
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.spec import parse
from medconsent_network.status import ProcessStatus, sentences, status, well
from medconsent_network.waiting import wait_for

THREE = """
institutions:
  - {name: gaon, host: 127.0.0.1, port_base: 7100}
  - {name: dasom, host: 127.0.0.1, port_base: 7200}
  - {name: haram, host: 127.0.0.1, port_base: 7300}
"""


@pytest.fixture
def network(tmp_path: Path, fabric_version: str) -> Iterator[Consortium]:
    consortium = Consortium.with_free_ports(tmp_path / "net", parse(THREE).with_fabric(fabric_version))
    try:
        consortium.up()
        yield consortium
    finally:
        consortium.clean()


def test_an_orderer_from_an_old_copy_is_told_and_follows_the_next_leader(network: Consortium, tmp_path: Path) -> None:
    leader = next(home for home in network.homes.values() if leads(home))
    home = next(home for home in network.homes.values() if home is not leader)
    data, copy = home.node("orderer") / "data", tmp_path / "copy"
    network.stop(home.name, "orderer")
    shutil.copytree(data, copy)
    network.start(home.name, "orderer")
    for sequence in (2, 3):
        change(network, sequence)
    network.stop(home.name, "orderer")
    shutil.rmtree(data)
    shutil.copytree(copy, data)
    with suppress(NetworkError):  # it may serve for a moment first
        network.start(home.name, "orderer")
    row = wait_for(lambda: told(home), "status tells", 60)
    assert "tocommit(" in row.trouble
    assert f"{home.log_folder / 'orderer.log'}, line " in row.trouble
    assert "whose orderer leads stop it and start it again" in row.mend
    assert leads(leader), "no other leader has been chosen by itself"

    network.stop(leader.name, "orderer")
    network.start(home.name, "orderer")
    network.start(leader.name, "orderer")
    network.wait_ready()
    change(network, 4)
    wait_for(lambda: len(set(network.heights().values())) == 1, "all have the same blocks", 60)
    rows = status(network.homes.values())
    assert well(rows), sentences(rows)


def told(home: Home) -> ProcessStatus | None:
    """The row of the orderer, once it says what is wrong."""
    (row,) = (row for row in status([home]) if row.process == "orderer")
    return row if "older than" in row.trouble else None


def leads(home: Home) -> bool:
    """Whether the home's orderer leads."""
    series = f'consensus_etcdraft_is_leader{{channel="{home.spec.channel}"}}'
    return operations.metric(home, "orderer", series) == 1


def change(network: Consortium, sequence: int) -> None:
    """Some blocks: all approve the next definition, and one commits it."""
    for home in network.homes.values():
        lifecycle.approve(home, replace(home.spec.chaincode, sequence=sequence))
    home = next(iter(network.homes.values()))
    lifecycle.commit_with_all(home, replace(home.spec.chaincode, sequence=sequence))
