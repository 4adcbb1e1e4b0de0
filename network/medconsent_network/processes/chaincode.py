"""The chaincode: a service beside the peer, which alone talks to it."""

import json
from pathlib import Path

from medconsent.fabric.contract import Timeouts
from medconsent.fabric.errors import FabricError
from medconsent_network.administration import gateway, words_of
from medconsent_network.chaincode.package import following, package_id
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.processes.peer import height
from medconsent_network.processes.probes import answers
from medconsent_network.processes.process import Process

_PATIENCE = Timeouts(evaluate=5.0)


class Chaincode(Process):
    """The contract's program, with mutual TLS between it and the peer."""

    name = "chaincode"
    services = ("chaincode",)

    def wanted(self, home: Home) -> bool:
        """Where the version that serves is; and at the other place while the home changes to the next one."""
        return self._serves_here(home) or bool(home.spec.chaincode.next)

    def folder(self, home: Home) -> Path:
        """One for both places: they have the same keys."""
        return home.node("chaincode")

    def command(self, home: Home) -> str:
        return f'"%(here)s/../bin/{self.name}"'

    def environment(self, home: Home) -> dict[str, str]:
        found = {
            "CHAINCODE_ID": package_id(home if self._serves_here(home) else following(home)),
            "CHAINCODE_SERVER_ADDRESS": f"127.0.0.1:{home.institution.port(self.name)}",
            "CHAINCODE_TLS_KEY": "tls/key.pem",
            "CHAINCODE_TLS_CERT": "tls/cert.pem",
            "CHAINCODE_CLIENT_CA_CERT": "tls/ca.pem",
            "MEDCONSENT_ALARM_FILE": "../watch/alarm.json",  # read whether a watcher runs or not
        }
        watch = home.spec.watch
        if watch.within:
            found["MEDCONSENT_WATCH_WITHIN"] = str(watch.within)
        if watch.age:
            found |= {"MEDCONSENT_INSTITUTION": home.name, "MEDCONSENT_LEDGER_WITHIN": str(watch.age)}
        return found

    def serves(self, home: Home) -> bool:
        return answers(home, self.name)

    def version(self, home: Home) -> str:
        """What the home's own chaincode says of its version, asked through the home's own peer.

        The next one is not asked by the peer yet, and nobody else may: it is what it was put there as.
        """
        return _asked(home)[0] if self._serves_here(home) else home.spec.chaincode.next

    def trouble(self, home: Home) -> tuple[str, str]:
        """That its peer does not reach it, or may not run it."""
        if height(home) is None or not self._serves_here(home):  # then it is the peer that has a trouble, or nobody
            return "", ""
        said = _asked(home)[1]
        if not said:
            return "", ""
        by_itself = f"--institution {home.name}"
        if "not approved" in said or "not yet approved" in said:
            return (
                f"the peer does not run it, because the institution did not approve the committed definition ({said})",
                f"Look at that definition; then `medconsent-network approve {by_itself} --sequence N --version V`.",
            )
        return (
            f"the peer does not reach it ({said})",
            f"`medconsent-network down {by_itself}` and `up {by_itself}` let the peer find it anew; "
            f"`medconsent-network logs {home.name} peer` says more.",
        )

    def certificates(self, home: Home) -> list[Path]:
        return [self.folder(home) / "tls" / "cert.pem"]

    def _serves_here(self, home: Home) -> bool:
        return home.institution.chaincode_at == self.name


class SecondChaincode(Chaincode):
    """The chaincode's second place: a change of its version begins at the one where it does not serve."""

    name = "chaincode-2"
    services = ("chaincode-2",)


def _asked(home: Home) -> tuple[str, str]:
    """What the chaincode says of its version; and why it says nothing."""
    try:
        with gateway(home, timeouts=_PATIENCE) as client:
            contract = client.channel(home.spec.channel).contract(home.spec.chaincode.name)
            answer = contract.evaluate("contract.version", b"{}", target_organizations=[home.name])
        return str(json.loads(answer)["version"]), ""
    except FabricError as error:
        return "", words_of(error)
    except NetworkError as error:
        return "", error.message
    except (ValueError, KeyError, TypeError) as error:
        return "", f"its answer is none: {error}"
