"""The peer, with the Gateway that the institution's people use, and the external builder for its chaincode."""

import json
import shutil

from medconsent_network import operations
from medconsent_network.home import Home
from medconsent_network.processes.nodes import FabricNode
from medconsent_network.processes.process import SettingsFile, data

_BUILDER = ("detect", "build", "release")


class Peer(FabricNode):
    """Fabric's peer."""

    name = "peer"
    services = ("peer", "peer-operations")

    def command(self, home: Home) -> str:
        return '"%(here)s/../bin/peer" node start'

    def settings(self, home: Home) -> list[SettingsFile]:
        one = home.institution
        core = SettingsFile.of_template(
            self.folder(home) / "core.yaml",
            name=one.name,
            listen=one.listen,
            channel=home.spec.channel,
            peer_address=one.address("peer"),
            peer_port=one.port("peer"),
            peer_operations_port=one.port("peer-operations"),
            operations_clients=json.dumps([f"../{path}" for path in operations.client_certificates(home)]),
            snapshots=json.dumps(str(self.folder(home) / "data" / "snapshots")),
            address_overrides=json.dumps(_address_overrides(home)),
            # 3.x refuses a proposal whose time is far off; 2.5 has no such filter and would not start with its name.
            time_window_check="" if home.spec.fabric_version.startswith("2.") else ", {name: TimeWindowCheck}",
        )
        programs = self.folder(home) / "builder" / "bin"
        return [core, *(SettingsFile(programs / name, data(f"ccaas-{name}"), 0o700) for name in _BUILDER)]

    def discard_copies(self, home: Home) -> None:
        """Remove the built chaincode package, in which the external builder put the client certificate of then.

        Fabric builds a package once, so the peer would go on with that certificate until it ends, and then never reach
        its chaincode again. It builds what it does not find.
        """
        shutil.rmtree(self.folder(home) / "data" / "externalbuilder", ignore_errors=True)

    def behind(self, home: Home, blocks: int, whose: str) -> tuple[str, str]:
        return (
            f"it is {blocks} blocks behind the peer of {whose}, so what it answers is old",
            "Look again. When that does not become less, look at the orderer from which it takes its blocks, and at "
            f"`medconsent-network logs {home.name} {self.name}`.",
        )

    def height(self, home: Home) -> int | None:
        return height(home)


def height(home: Home) -> int | None:
    """The number of blocks that the home's peer has of the channel; None when it has not joined it, or does not run."""
    blocks = operations.metric(home, "peer", f'ledger_blockchain_height{{channel="{home.spec.channel}"}}')
    return None if blocks is None else int(blocks)


def _address_overrides(home: Home) -> list[dict[str, str]]:
    """Fabric's peers choose an orderer at random; here every address leads to one's own orderer, if so wished."""
    if home.spec.ordering.peers_use == "any":
        return []
    own = home.institution.address("orderer")
    others = (one.address("orderer") for one in home.spec.institutions if one.name != home.name)
    return [{"from": address, "to": own, "caCertsFile": "tls/ca.pem"} for address in others]
