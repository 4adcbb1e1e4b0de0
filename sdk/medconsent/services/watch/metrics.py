"""What the watcher tells Prometheus."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from prometheus_client.core import Metric

from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.services.runtime.metrics import counter, counters, gauge
from medconsent.services.watch.beats import Beats
from medconsent.watch.findings import Finding
from medconsent.watch.kinds import KINDS

_PREFIX = "medconsent_watch_"


@dataclass
class Metrics:
    """What was judged and found since the watcher started.

    Attributes:
        block: The number of the newest block that was judged; -1 for none.
        transactions: How many transactions were judged.
        reached: How many other institutions' peers answered last time.
        standing: How many findings keep decisions closed.
        findings: How many findings there were of each code.
        beats: Who sends the institution's beats; None: nobody.
    """

    block: int = -1
    transactions: int = 0
    reached: int = 0
    standing: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    beats: Beats | None = None

    def judged(self, block: LedgerBlock) -> None:
        """A block was judged."""
        self.block = block.number
        self.transactions += len(block.envelopes)

    def found(self, finding: Finding) -> None:
        """Something new was found."""
        self.findings[finding.code] += 1

    def families(self) -> Iterator[Metric]:
        """See `medconsent.services.runtime.metrics.Source`."""
        closed = int(self.standing > 0)
        yield gauge(f"{_PREFIX}alarm", "1 while findings keep the institution's decisions closed.", closed)
        yield gauge(f"{_PREFIX}open_findings", "Findings that keep decisions closed.", self.standing)
        yield gauge(f"{_PREFIX}block", "Number of the newest block that was judged; -1 for none.", self.block)
        yield counter(f"{_PREFIX}transactions_total", "Transactions judged since the start.", self.transactions)
        reached = "Other institutions' peers that answered last time."
        yield gauge(f"{_PREFIX}peers_reached", reached, self.reached)
        yield gauge(f"{_PREFIX}written_seconds", "When this was written (Unix time).", int(time.time()))
        if self.beats is not None:
            yield counter(f"{_PREFIX}beats_total", "Beats that came back in a block since the start.", self.beats.sent)
            yield counter(f"{_PREFIX}beats_failed_total", "Beats that did not since the start.", self.beats.failed)
        found = ((code, self.findings[code]) for code in KINDS)
        yield counters(f"{_PREFIX}findings_total", "Findings since the start, by code.", "code", found)
