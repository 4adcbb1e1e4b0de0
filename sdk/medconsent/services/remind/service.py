"""Reminders, told: one round looks at the ledger and tells each channel what it was not told lately."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client.core import Metric

from medconsent.client import Client
from medconsent.desk.reminders import Digest, Reminder, due, gather
from medconsent.errors import MedconsentError
from medconsent.services.remind.channels import Channel, NotDelivered
from medconsent.services.remind.sent import Sent
from medconsent.services.runtime.loop import Runtime
from medconsent.services.runtime.metrics import counters, gauge

_PREFIX = "medconsent_remind_"


@dataclass(frozen=True)
class Round:
    """What one round found and did.

    Attributes:
        digest: Everything that is to be seen to now.
        told: What was new to a channel, and told.
        failed: Why a channel did not take it, one for each that did not.
    """

    digest: Digest
    told: tuple[Reminder, ...]
    failed: tuple[NotDelivered, ...]


@dataclass(frozen=True, kw_only=True)
class Listener:
    """Who is told while the service runs.

    Attributes:
        looked: Is given each round.
        not_looked: Is given why the ledger could not be read; it is tried again.
    """

    looked: Callable[[Round], None]
    not_looked: Callable[[MedconsentError], None]


class Reminding:
    """Tells an institution what it has to see to, each thing at most once a day on each channel."""

    def __init__(
        self,
        connect: Callable[[], AbstractContextManager[Client]],
        channels: Sequence[Channel],
        state: Path,
        *,
        older_than: timedelta,
        ending_within: timedelta,
    ) -> None:
        """
        Args:
            connect: Gives a connected client for the length of one look.
            channels: Where to tell it; with none it is only looked.
            state: The file that remembers what was told; made when there is none.
            older_than: Of what waits, what waits longer is told.
            ending_within: Of grants, what ends by then is told.
        """
        self._connect = connect
        self._channels = channels
        self._state = state
        self._terms = {"older_than": older_than, "ending_within": ending_within}
        self._due = 0
        self._looked = 0
        self._told: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()

    def once(self) -> Round:
        """Look once, and tell each channel what is new to it.

        Raises:
            MedconsentError: The ledger cannot be read, or the file that remembers is none; then nothing was told.
        """
        sent = Sent(self._state)
        now = datetime.now(UTC).replace(microsecond=0)
        with self._connect() as client:
            facts = gather(client)
        found = due(facts, now, **self._terms)
        self._due, self._looked = len(found), int(time.time())
        told: dict[str, Reminder] = {}
        failed: list[NotDelivered] = []
        for channel in self._channels:
            fresh = sent.fresh(channel.name, found, now)
            if not fresh:
                continue
            try:
                channel.send(Digest(facts.institution, now, fresh))
            except NotDelivered as error:
                self._failed[_kind(channel)] += 1
                failed.append(error)
                continue
            sent.record(channel.name, fresh, now)
            self._told[_kind(channel)] += len(fresh)
            told |= {it.key: it for it in fresh}
        return Round(Digest(facts.institution, now, found), tuple(told.values()), tuple(failed))

    def run(self, runtime: Runtime, listener: Listener) -> None:
        """Go on until an end is wanted; what fails is told of, and tried again in the next round.

        Args:
            runtime: The loop that says when the next round is, and when to end.
            listener: Who is told of each round.
        """

        def one() -> str:
            try:
                done = self.once()
            except MedconsentError as error:
                listener.not_looked(error)
                return error.message
            listener.looked(done)
            return "; ".join(error.message for error in done.failed)

        runtime.run(one)

    def families(self) -> Iterator[Metric]:
        """The service's metrics, for the runtime around it."""
        kinds = list(dict.fromkeys(_kind(channel) for channel in self._channels))
        yield gauge(f"{_PREFIX}due", "What is to be seen to, as it was looked last.", self._due)
        yield gauge(f"{_PREFIX}looked_seconds", "When the ledger was read last (Unix time); 0: not yet.", self._looked)
        told = ((kind, self._told[kind]) for kind in kinds)
        yield counters(f"{_PREFIX}told_total", "Reminders told since the start, by kind of channel.", "channel", told)
        failed = ((kind, self._failed[kind]) for kind in kinds)
        text = "Digests that were not taken since the start, by kind of channel."
        yield counters(f"{_PREFIX}failures_total", text, "channel", failed)


def _kind(channel: Channel) -> str:
    """`log`, `webhook` or `mail`: what comes after it in a channel's name may be an address."""
    return channel.name.partition(" ")[0]
