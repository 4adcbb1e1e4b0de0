"""The watcher's metrics, in the text format of Prometheus (exposition format 0.0.4)."""

import time
from collections import Counter
from dataclasses import dataclass, field

from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.watch.findings import KINDS, Finding


@dataclass
class Metrics:
    """What was judged and found since the watcher started; ``standing`` is how many findings keep decisions closed."""

    block: int = -1
    transactions: int = 0
    reached: int = 0
    standing: int = 0
    findings: Counter[str] = field(default_factory=Counter)

    def judged(self, block: LedgerBlock) -> None:
        """A block was judged."""
        self.block = block.number
        self.transactions += len(block.envelopes)

    def found(self, finding: Finding) -> None:
        """Something new was found."""
        self.findings[finding.code] += 1

    def text(self) -> str:
        """The exposition; every code is there from the start, so that an alert can be written on it."""
        lines = [
            *_metric(
                "alarm", "gauge", "1 while findings keep the institution's decisions closed.", int(self.standing > 0)
            ),
            *_metric("open_findings", "gauge", "Findings that keep decisions closed.", self.standing),
            *_metric("block", "gauge", "Number of the newest block that was judged; -1 for none.", self.block),
            *_metric("transactions_total", "counter", "Transactions judged since the start.", self.transactions),
            *_metric("peers_reached", "gauge", "Other institutions' peers that answered last time.", self.reached),
            *_metric("written_seconds", "gauge", "When this was written (Unix time).", int(time.time())),
            "# HELP medconsent_watch_findings_total Findings since the start, by code.",
            "# TYPE medconsent_watch_findings_total counter",
        ]
        lines += [f'medconsent_watch_findings_total{{code="{code}"}} {self.findings[code]}' for code in KINDS]
        return "\n".join(lines) + "\n"


def _metric(name: str, kind: str, text: str, value: int) -> list[str]:
    full = f"medconsent_watch_{name}"
    return [f"# HELP {full} {text}", f"# TYPE {full} {kind}", f"{full} {value}"]
