"""What is, or will be, in the way of a home, and what to do about it: `medconsent-network doctor`.

`status` tells how processes are; this tells about what is around them: the machine, the other institutions, the rules
of the channel, backups. It changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator

from medconsent_network.doctor import around, inside, machine
from medconsent_network.doctor.findings import Finding, State
from medconsent_network.home import Home

__all__ = ["CHECKS", "Finding", "State", "examine"]

CHECKS: tuple[tuple[str, Callable[[Home], Iterable[Finding]]], ...] = (
    ("disk", machine.disk),
    ("descriptors", machine.descriptors),
    ("names", machine.names),
    ("ports", machine.ports),
    ("versions", inside.versions),
    ("certificates", inside.certificates),
    ("processes", inside.processes_),
    ("backup", inside.backup),
    ("others", around.others),
    ("clock", around.clock),
    ("channel", around.channel),
)
"""What is looked at, in the order in which one thing rests on another."""


def examine(home: Home) -> Iterator[Finding]:
    """Every finding about a home, as it is made. A check never keeps the others from being told.

    Args:
        home: On this machine; it may be stopped.
    """
    for about, check in CHECKS:
        try:
            yield from check(home)
        except Exception as problem:  # whatever is broken, the rest is told
            yield Finding(about, "unknown", f"could not be looked at: {type(problem).__name__}: {problem}")
