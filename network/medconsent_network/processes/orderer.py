"""The institution's orderer."""

import json

from medconsent_network import operations, ordering
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.ordering import participation
from medconsent_network.processes.nodes import FabricNode
from medconsent_network.processes.process import SettingsFile


class Orderer(FabricNode):
    """Fabric's orderer."""

    name = "orderer"
    services = ("orderer", "orderer-admin", "orderer-operations")

    def command(self, home: Home) -> str:
        return '"%(here)s/../bin/orderer"'

    def settings(self, home: Home) -> list[SettingsFile]:
        one = home.institution
        file = SettingsFile.of_template(
            self.folder(home) / "orderer.yaml",
            name=one.name,
            listen=one.listen,
            orderer_port=one.port("orderer"),
            orderer_admin_port=one.port("orderer-admin"),
            orderer_operations_port=one.port("orderer-operations"),
            operations_clients=json.dumps([f"../{path}" for path in operations.client_certificates(home)]),
            consensus=json.dumps(ordering.of(home.spec).node_settings()),
        )
        return [file]

    def behind(self, home: Home, blocks: int, whose: str) -> tuple[str, str]:
        return (
            f"it is {blocks} blocks behind the peer of {whose}",
            "Look again. When that does not become less, its log says whom it does not reach: "
            f"`medconsent-network logs {home.name} {self.name}`.",
        )

    def height(self, home: Home) -> int | None:
        try:
            known = participation.channel(home)
        except NetworkError:
            return None
        return int(known["height"]) if known else None
