"""Three institutions, and whether they have the same chain."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from fabric_protos.common import ledger_pb2

from medconsent.fabric.errors import FabricError
from medconsent_network import operations
from medconsent_network.administration import gateway
from medconsent_network.chaincode import lifecycle
from medconsent_network.consortium import Consortium
from medconsent_network.home import Home
from medconsent_network.spec import parse

THREE = """
institutions:
  - {name: gaon, host: 127.0.0.1, port_base: 7100}
  - {name: dasom, host: 127.0.0.1, port_base: 7200}
  - {name: haram, host: 127.0.0.1, port_base: 7300}
"""


@contextmanager
def three(folder: Path, version: str) -> Iterator[Consortium]:
    consortium = Consortium.with_free_ports(folder, parse(THREE).with_fabric(version))
    try:
        consortium.up()
        yield consortium
    finally:
        consortium.clean()


def tips(homes: Iterable[Home]) -> dict[str, tuple[int, str]]:
    """Height and newest block's hash at each home's own peer."""
    found = {}
    for home in homes:
        try:
            with gateway(home) as client:
                contract = client.channel(home.spec.channel).contract("qscc")
                answer = contract.evaluate("GetChainInfo", home.spec.channel, target_organizations=[home.name])
        except FabricError as error:
            found[home.name] = (0, str(error))
            continue
        info = ledger_pb2.BlockchainInfo.FromString(answer)
        found[home.name] = (int(info.height), bytes(info.currentBlockHash).hex())
    return found


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
