"""What clients see of a fault under load, and what the chains say of it afterwards."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import load
from chains import leads, tips

from medconsent_network.consortium import Consortium
from medconsent_network.home import Home
from medconsent_network.supervisor import Supervisor
from medconsent_network.waiting import wait_for

A_SECOND = 5
"""Transactions a second at each institution."""
BEFORE, DURING, AFTER = 3.0, 12.0, 6.0
"""Seconds of load before a fault, for as long as it lasts, and afterwards."""

Fault = Callable[[Home], Iterator[None]]


def pid_of(home: Home, process: str) -> int:
    """The process's number."""
    return Supervisor(home).states()[process].pid


@contextmanager
def killed(network: Consortium, home: Home, process: str) -> Iterator[None]:
    """`kill -9`; supervisord starts it again by itself."""
    os.kill(pid_of(home, process), signal.SIGKILL)
    yield
    wait_for(lambda: Supervisor(home).states()[process].settled, f"{process} of {home.name} is back", 60)


@contextmanager
def frozen(network: Consortium, home: Home, process: str) -> Iterator[None]:
    """SIGSTOP, and SIGCONT afterwards."""
    pid = pid_of(home, process)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def down(network: Consortium, home: Home, process: str) -> Iterator[None]:
    """Stopped, and started afterwards."""
    network.stop(home.name, process)
    yield
    network.start(home.name, process)


@dataclass
class Seen:
    """What came of the transactions of some institutions."""

    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    lost: int = 0
    doubled: int = 0
    longest: float = 0.0
    took: list[float] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def add(self, told: load.Told, chain: dict[str, int]) -> None:
        """Count in what one institution's clients were told."""
        self.acknowledged += len(told.acknowledged)
        self.unknown += sum(count for said, count in told.failed.items() if said.startswith("OUTCOME_UNKNOWN"))
        self.refused += sum(told.failed.values())
        self.lost += sum(chain.get(one, 0) == 0 for one in told.acknowledged)
        self.doubled += sum(chain.get(one, 0) > 1 for one in told.acknowledged)
        self.longest = max(self.longest, told.longest)
        self.took += told.took
        self.words += [f"{count} x {said}" for said, count in told.failed.items()]

    @property
    def p99(self) -> float:
        """Seconds within which 99 of 100 were acknowledged."""
        return sorted(self.took)[int(len(self.took) * 0.99)] if self.took else 0.0

    def cells(self) -> str:
        """As cells of a table of docs/faults.md."""
        numbers = f"{self.acknowledged} | {self.refused - self.unknown} | {self.unknown} | {self.lost} | {self.doubled}"
        return f"{self.p99:.1f} s | {self.longest:.1f} s | {numbers}"


def valid_of(network: Consortium) -> dict[str, int]:
    """How often each transaction stands in the chain as valid; all chains are the same."""
    home = next(iter(network.homes.values()))
    found: dict[str, int] = {}
    with load.client_of(network, home.name, "reader") as client:
        for block in client._session.channel.blocks(0):
            for one in block.decoded():
                found[one.transaction_id] = found.get(one.transaction_id, 0) + one.valid
    return found


def leader(network: Consortium) -> Home:
    """Whose orderer leads."""
    return wait_for(lambda: next((home for home in network.homes.values() if leads(home)), None), "somebody leads", 60)


def follower(network: Consortium) -> Home:
    """One whose orderer does not."""
    leading = leader(network)
    return next(home for home in network.homes.values() if home.name != leading.name)


def try_out(
    network: Consortium, home: Home, process: str, fault: Callable[..., object], by: load.Load = load.blocking
) -> tuple[Seen, Seen]:
    """What the institution's own clients and the others' saw of a fault of one of its processes."""
    own, others = Seen(), Seen()
    with ExitStack() as stack:
        told = {}
        for name in network.homes:
            call = stack.enter_context(by(network, name))
            call()
            told[name] = stack.enter_context(load.running(call, A_SECOND))
        time.sleep(BEFORE)
        with fault(network, home, process):  # type: ignore[attr-defined]
            time.sleep(DURING)
        time.sleep(AFTER)
    network.wait_ready()
    wait_for(lambda: len(set(tips(network.homes.values()).values())) == 1, "the chains are equal", 60)
    chain = valid_of(network)
    for name, one in told.items():
        (own if name == home.name else others).add(one, chain)
    return own, others
