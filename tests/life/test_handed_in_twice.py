"""Fabric commits one transaction id once, however often its envelope is handed in: what handing in again rests on.

Handed in again are always the same signed bytes: at once to two orderers and three Gateways, after the block of the
first, after minutes, and after peers and orderers came up again. Decision 0031.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
from chains import three, tips
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.orderer import ab_pb2

from medconsent.fabric.gateway import Gateway
from medconsent.fabric.transaction import Transaction
from medconsent.fabric.wallet import load
from medconsent_network.consortium import Consortium
from medconsent_network.home import Home
from medconsent_network.spec import FABRIC_VERSIONS
from medconsent_network.waiting import wait_for

MINUTES = 130.0  # seconds; the orderers have cut blocks since, and both peers and orderers have started anew

Way = Callable[[Transaction], str]


def to_orderer(home: Home) -> Way:
    """Straight to a home's orderer; what it answered."""

    def hand(transaction: Transaction) -> str:
        envelope = common_pb2.Envelope(payload=transaction.message, signature=transaction.signature)
        trusted = grpc.ssl_channel_credentials(home.tls_root.read_bytes())
        with grpc.secure_channel(home.institution.address("orderer"), trusted) as channel:
            call: Any = channel.unary_unary("/orderer.AtomicBroadcast/Broadcast")
            answer = ab_pb2.BroadcastResponse.FromString(call(envelope.SerializeToString(), timeout=20))
        return str(common_pb2.Status.Name(answer.status))

    return hand


def to_gateway(home: Home) -> Way:
    """Through the Gateway of a home's peer; what it answered."""

    def hand(transaction: Transaction) -> str:
        trusted = grpc.ssl_channel_credentials(home.tls_root.read_bytes())
        with grpc.secure_channel(home.institution.address("peer"), trusted) as channel:
            call: Any = channel.unary_unary("/gateway.Gateway/Submit")
            gateway_pb2.SubmitResponse.FromString(call(transaction.submit_request(), timeout=20))
        return "SUCCESS"

    return hand


def outcomes(client: Gateway, channel: str, transaction_id: str) -> list[str]:
    """The codes of a transaction id in all blocks of the client's peer, in their order."""
    return [
        one.code
        for block in client.channel(channel).blocks(0)
        for one in block.decoded()
        if one.transaction_id == transaction_id
    ]


@pytest.mark.parametrize("version", FABRIC_VERSIONS)
def test_a_transaction_takes_effect_once_however_often_it_is_handed_in(tmp_path: Path, version: str) -> None:
    with three(tmp_path / "net", version) as network, ExitStack() as stack:
        homes = list(network.homes.values())
        clients = [stack.enter_context(_client(network, home)) for home in homes]
        contract = clients[0].channel(network.spec.channel).contract(network.spec.chaincode.name)
        ways = [*map(to_orderer, homes[:2]), *map(to_gateway, homes)]

        def endorsed() -> Transaction:
            orgs = [home.name for home in homes]
            return contract.endorse("contract.version", "{}", endorsing_organizations=orgs).sign(clients[0].signer)

        def copies(transaction: Transaction) -> list[list[str]]:
            return [outcomes(client, network.spec.channel, transaction.transaction_id) for client in clients]

        def settled(transaction: Transaction, count: int) -> None:
            wait_for(lambda: [len(one) for one in copies(transaction)] == [count] * 3, f"{count} copies", 60)
            assert copies(transaction) == [["VALID"] + ["DUPLICATE_TXID"] * (count - 1)] * 3

        begun = time.monotonic()
        at_once, later, counted = endorsed(), endorsed(), {}
        with ThreadPoolExecutor(len(ways)) as pool:
            assert list(pool.map(lambda way: way(at_once), ways)) == ["SUCCESS"] * len(ways)
        settled(at_once, len(ways))
        assert to_orderer(homes[0])(later) == "SUCCESS"
        settled(later, 1)
        for number, way in enumerate(ways, 2):  # the first stands in a block
            assert way(later) == "SUCCESS"
            settled(later, number)
        counted = {at_once: len(ways), later: len(ways) + 1}

        for home in homes:
            network.stop(home.name, "peer", "orderer")
        for home in homes:
            network.start(home.name, "orderer", "peer")
        network.wait_ready()
        for transaction, count in counted.items():
            for number, way in enumerate((to_orderer(homes[1]), to_gateway(homes[2])), count + 1):
                assert way(transaction) == "SUCCESS"
                settled(transaction, number)
        time.sleep(max(0.0, begun + MINUTES - time.monotonic()))
        for transaction, count in counted.items():
            assert to_orderer(homes[0])(transaction) == "SUCCESS"
            settled(transaction, count + 3)
            status = clients[1].channel(network.spec.channel).transaction_status(transaction.transaction_id)
            assert status.valid, "asked for, it is the first that counts"
        assert len(set(tips(homes).values())) == 1


def _client(network: Consortium, home: Home) -> Gateway:
    identity, signer = load(network.enrol(home.name, "twice"), home.name)
    return Gateway(home.institution.address("peer"), identity, signer, tls_root=home.tls_root.read_bytes())
