"""Lines of logs that say why a process does not stay up: which they are, what they mean, and what to do."""

import re
from dataclasses import dataclass
from pathlib import Path

_LAST_BYTES = 200_000
_LAST_LINES = 300


@dataclass(frozen=True)
class Known:
    """A line that is known.

    Attributes:
        pattern: How it is recognised.
        means: What it means, as a sentence.
        mend: What to do.
    """

    pattern: re.Pattern[str]
    means: str
    mend: str


KNOWN = (
    Known(
        re.compile(r"tocommit\(\d+\) is out of range \[lastIndex\(\d+\)\]"),
        "its data is older than what it has acknowledged to the leading orderer: it was started from an old copy, "
        "or without its data",
        "First see that the other institutions' orderers are equally far (`status` there: HEIGHT). Then have the "
        "institution whose orderer leads stop it and start it again (`down` and `up` of its home): the next leader "
        "sends this one what it lacks.",
    ),
    Known(
        re.compile(r"signing identity expired|certificate has expired|x509: .*expired"),
        "a certificate has ended",
        "`medconsent-network renew` makes a new one of the home's own; another institution renews its own.",
    ),
    Known(re.compile(r"no space left on device"), "the disk is full", "Make room, then `medconsent-network up`."),
    Known(
        re.compile(r"too many open files"),
        "it may open too few files",
        "Raise the limit of open files of the user who runs the home (`ulimit -n`), then `down` and `up`.",
    ),
    Known(
        re.compile(r"address already in use"),
        "another program listens at its port",
        "Stop that program: `medconsent-network up` names it.",
    ),
    Known(
        re.compile(r"no non-loopback, IPv4 interface detected"),
        "this machine has no address but the loopback, and Fabric's peer does not start on one",
        "Give it one that leads nowhere, as root: `ip address add 192.0.2.1/32 dev lo`.",
    ),
    Known(
        re.compile(r"permission denied"),
        "a file in the home is not readable for the user who runs it",
        "Let everything in the home belong to that user (`chown -R`), then `medconsent-network up`.",
    ),
    Known(
        re.compile(r"(?i)corrupt|unexpected EOF|hash mismatch|crc mismatch"),
        "a file of its data is damaged",
        "Keep a copy of its folder `data`. A peer gets its ledger anew: `down`, remove `peer/data`, `up`. That of an "
        "orderer is put back from a backup.",
    ),
)
"""Where a line fits several, the first counts."""


def explain(log: Path) -> tuple[str, str]:
    """Why a process that writes this log does not stay up.

    Returns:
        A sentence with the line itself, and what to do; the last line that says `panic` when none is known, and two
        empty texts when there is none.
    """
    lines = _tail(log)[-_LAST_LINES:]
    for number, line in reversed(lines):
        for known in KNOWN:
            if known.pattern.search(line):
                return f"{known.means} ({log}, line {number}: {_short(line, known.pattern)})", known.mend
    for number, line in reversed(lines):
        if re.search(r"(?i)\bpanic\b|\bfatal\b", line):
            return f"it ended with: {line.strip()[:300]} ({log}, line {number})", ""
    return "", ""


def _short(line: str, pattern: re.Pattern[str]) -> str:
    found = pattern.search(line)
    begin = max(0, (found.start() if found else 0) - 80)
    return line[begin : begin + 240].strip()


def _tail(log: Path) -> list[tuple[int, str]]:
    """The last lines of a log, each with its number in the file."""
    try:
        text = log.read_bytes()
    except OSError:
        return []
    before, kept = text[:-_LAST_BYTES], text[-_LAST_BYTES:]
    first = before.count(b"\n") + 1
    return [(first + index, line) for index, line in enumerate(kept.decode(errors="replace").splitlines())]
