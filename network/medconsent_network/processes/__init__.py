"""The processes of a home: one class each, and the list of them.

Whoever works with processes goes through this list and asks each class; no name of a process is compared anywhere.
"""

from medconsent_network.home import Home
from medconsent_network.processes.authorities import TLSCA, EnrolmentCA
from medconsent_network.processes.chaincode import Chaincode, SecondChaincode
from medconsent_network.processes.metrics import Metrics
from medconsent_network.processes.orderer import Orderer
from medconsent_network.processes.peer import Peer
from medconsent_network.processes.process import Process, Stage
from medconsent_network.processes.watch import Watch

__all__ = ["ALL", "Process", "Stage", "named", "names", "of", "services"]

ALL: tuple[Process, ...] = (
    EnrolmentCA(),
    TLSCA(),
    Orderer(),
    Chaincode(),
    SecondChaincode(),
    Peer(),
    Watch(),
    Metrics(),
)
"""Every kind there is, in the order in which they are started and shown."""


def of(home: Home, *stages: Stage) -> list[Process]:
    """What a home runs: everything, or what is started in one of `stages`."""
    return [process for process in ALL if process.wanted(home) and (not stages or process.stage in stages)]


def names(home: Home, *stages: Stage) -> list[str]:
    """The names of `of(home, *stages)`."""
    return [process.name for process in of(home, *stages)]


def named(name: str) -> Process:
    """The process called `name`."""
    return next(process for process in ALL if process.name == name)


def services(home: Home) -> list[str]:
    """Every service that listens in a home."""
    return [service for process in of(home) for service in process.services]
