"""Whether a service still does its work: not whether its process is there, but whether a round went well lately."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from medconsent import times

_ROUNDS = 3
"""So many rounds may fail or be slow before a service is called unwell."""
_LEAST = 60.0
"""Seconds that are always granted, however short a round is."""


@dataclass(frozen=True)
class Report:
    """How a service is.

    Attributes:
        well: Whether a round went well lately.
        since: When the last round went well (UTC); None before the first.
        trouble: What the last round that failed said; empty when the last one went well.
    """

    well: bool
    since: datetime | None
    trouble: str

    def to_json(self) -> dict[str, str]:
        """The members `status` (`well` or `unwell`), `since` (RFC 3339) and `trouble`; the latter two when known."""
        told = {"status": "well" if self.well else "unwell"}
        if self.since is not None:
            told["since"] = times.format_time(self.since)
        if self.trouble:
            told["trouble"] = self.trouble
        return told


class Health:
    """The health of one service. Rounds are told by the service's thread, reports are read by any."""

    def __init__(self, every: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        """
        Args:
            every: Seconds from one round to the next.
            clock: Seconds that only grow.
        """
        self._patience = max(_LEAST, _ROUNDS * every)
        self._clock = clock
        self._lock = threading.Lock()
        self._last = clock()
        self._since: datetime | None = None
        self._trouble = ""

    def went_well(self) -> None:
        """A round went well."""
        with self._lock:
            self._last, self._since, self._trouble = self._clock(), datetime.now(UTC), ""

    def failed(self, why: str) -> None:
        """A round failed, with the sentence that says why."""
        with self._lock:
            self._trouble = why

    def report(self) -> Report:
        """How the service is now. One that has just started is well."""
        with self._lock:
            return Report(self._clock() - self._last <= self._patience, self._since, self._trouble)
