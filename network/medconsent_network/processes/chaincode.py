"""The chaincode: a service beside the peer, which alone talks to it."""

import json
from pathlib import Path

from medconsent.fabric.errors import FabricError
from medconsent_network.administration import gateway
from medconsent_network.chaincode.package import package_id
from medconsent_network.home import Home
from medconsent_network.processes.probes import accepts
from medconsent_network.processes.process import Process


class Chaincode(Process):
    """The contract's program, with mutual TLS between it and the peer."""

    name = "chaincode"
    services = ("chaincode",)

    def command(self, home: Home) -> str:
        return '"%(here)s/../bin/chaincode"'

    def environment(self, home: Home) -> dict[str, str]:
        found = {
            "CHAINCODE_ID": package_id(home),
            "CHAINCODE_SERVER_ADDRESS": f"127.0.0.1:{home.institution.port('chaincode')}",
            "CHAINCODE_TLS_KEY": "tls/key.pem",
            "CHAINCODE_TLS_CERT": "tls/cert.pem",
            "CHAINCODE_CLIENT_CA_CERT": "tls/ca.pem",
            "MEDCONSENT_ALARM_FILE": "../watch/alarm.json",  # read whether a watcher runs or not
        }
        within = home.spec.watch.within
        return {**found, "MEDCONSENT_WATCH_WITHIN": str(within)} if within else found

    def serves(self, home: Home) -> bool:
        return accepts(home, "chaincode")

    def version(self, home: Home) -> str:
        """What the home's own chaincode says of its version, asked through the home's own peer."""
        try:
            with gateway(home) as client:
                contract = client.channel(home.spec.channel).contract(home.spec.chaincode.name)
                answer = contract.evaluate("contract.version", b"{}", target_organizations=[home.name])
            return str(json.loads(answer)["version"])
        except (FabricError, ValueError, KeyError, TypeError):
            return ""

    def certificates(self, home: Home) -> list[Path]:
        return [self.folder(home) / "tls" / "cert.pem"]
