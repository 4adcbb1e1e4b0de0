"""What peer and orderer, both of them Fabric's, have in common."""

from pathlib import Path

from medconsent_network import operations
from medconsent_network.home import Home
from medconsent_network.processes.probes import handshakes
from medconsent_network.processes.process import Process

# Quieter where Fabric writes lines for every transaction.
_LOGGING = "info:grpc=error:gossip=warn:gossip.privdata=error:comm.grpc.server=warn:endorser=warn:gateway=warn"

# Fabric's default, without colours.
_LOG_FORMAT = "%{time:2006-01-02 15:04:05.000 MST} [%{module}] %{shortfunc} -> %{level:.4s} %{message}"


class FabricNode(Process):
    """A peer or an orderer."""

    def environment(self, home: Home) -> dict[str, str]:
        return {"FABRIC_CFG_PATH": ".", "FABRIC_LOGGING_SPEC": _LOGGING, "FABRIC_LOGGING_FORMAT": _LOG_FORMAT}

    def serves(self, home: Home) -> bool:
        """Whether it says that it is well and shakes hands at each of its listeners.

        A node answers for its health, and has its port open, before it has loaded its ledgers and serves others.
        """
        listeners = [service for service in self.services if not service.endswith("-operations")]
        return operations.healthy(home, self.name) and all(handshakes(home, listener) for listener in listeners)

    def trouble(self, home: Home) -> tuple[str, str]:
        """That it is in no channel."""
        if self.height(home) is not None:
            return "", ""
        return "it is in no channel", f"`medconsent-network up --institution {home.name}` lets it join."

    def version(self, home: Home) -> str:
        return operations.version(home, self.name)

    def alarm(self, home: Home) -> str:
        """That it was told to log what goes through it, private texts too.

        Fabric lets whoever may read its metrics tell it so (`PUT /logspec`).
        """
        level = operations.log_level(home, self.name)
        if not any(_tells_all(part.rpartition("=")[2]) for part in level.split(":")):
            return ""
        return (
            f"the {self.name} was told to log what goes through it ({level}), private texts too: "
            "stop and start it, delete its logs, and replace users/scraper/tls"
        )

    def certificates(self, home: Home) -> list[Path]:
        return [self.folder(home) / "msp" / "signcerts" / "cert.pem", self.folder(home) / "tls" / "cert.pem"]


def _tells_all(level: str) -> bool:
    """Whether Fabric logs contents at this level: `debug`, or `payload` below it, which it has no word for."""
    return level == "debug" or level.startswith("Level(")
