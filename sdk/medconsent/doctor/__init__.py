"""What is wrong with a set-up, and how to mend it: `medconsent doctor`.

`examine` runs every check of `CHECKS`. A check never raises: what keeps it from looking is a finding too, so that
everything else is told when half is broken, or nothing is connected.
"""

from collections.abc import Callable, Iterable, Iterator

from medconsent.doctor import authority, clock, identity, ledger, peer, settings, versions
from medconsent.doctor.findings import Finding, State, finding
from medconsent.doctor.patient import Patient

__all__ = ["CHECKS", "Finding", "Patient", "State", "examine"]

CHECKS: tuple[tuple[str, Callable[[Patient], Iterable[Finding]]], ...] = (
    ("versions", versions.check),
    ("settings", settings.check),
    ("identity", identity.check),
    ("peer", peer.check),
    ("CA", authority.check),
    ("clock", clock.check),
    ("ledger", ledger.check),
)
"""What is looked at, in the order in which one thing rests on another."""


def examine(patient: Patient) -> Iterator[Finding]:
    """Every finding, as it is made.

    Args:
        patient: The set-up: the contexts of this machine, and the one that acts.
    """
    for about, check in CHECKS:
        try:
            yield from check(patient)
        except Exception as problem:  # whatever is broken, the rest is told
            yield finding(about, "unknown", f"could not be looked at: {type(problem).__name__}: {problem}")
