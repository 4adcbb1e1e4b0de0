"""How a network is: each process, its health, ledger heights, versions, and how long certificates still hold."""

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from medconsent._internal import columns
from medconsent.fabric.errors import FabricError
from medconsent_network import processes
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.identities import certificates
from medconsent_network.membership import heard
from medconsent_network.processes import Process
from medconsent_network.processes.peer import Peer
from medconsent_network.renewal import SOON
from medconsent_network.status import troubles
from medconsent_network.status.keeping import Keeping

_ROOTS_SOON = timedelta(days=2 * 365)
_LEAST = 8  # columns that each column of the table keeps


@dataclass(frozen=True)
class ProcessStatus:
    """One process.

    Attributes:
        institution: Whose home it is in.
        process: Its name.
        state: What supervisord says; UNWATCHED when it runs and no supervisord answers for it, MISSING when there is
            no home.
        pid: 0 when it does not run.
        up_seconds: How long it has run.
        healthy: Whether it serves.
        version: Of the running program; empty when it does not say.
        height: How many blocks it has, where it has any.
        expires_in_days: Of the certificate that ends first.
        alarm: What it says for which decisions are closed, and empty otherwise.
        trouble: What is wrong with it, also where it serves; empty when nothing is.
        mend: What to do about that.
        ends: When the certificate that ends first does, as RFC 3339 has it; empty when there is none.
    """

    institution: str
    process: str
    state: str
    pid: int
    up_seconds: int
    healthy: bool
    version: str
    height: int | None
    expires_in_days: int | None
    alarm: str = ""
    trouble: str = ""
    mend: str = ""
    ends: str = ""


def status(homes: Iterable[Home]) -> list[ProcessStatus]:
    """The status of every process of the homes. Never raises for a process that is down: that is what it tells."""
    wanted = list(homes)
    if not wanted:
        return []
    with ThreadPoolExecutor(max_workers=32) as pool:  # what is frozen is waited for: side by side
        kept = list(pool.map(Keeping.of, wanted))
        asked = [(keeping, process) for keeping in kept for process in processes.of(keeping.home)]
        heights = pool.submit(_heights_of_others, wanted)
        rows = list(pool.map(lambda one: _process(*one), asked))
        return _compared(asked, rows, heights.result())


def well(rows: Iterable[ProcessStatus]) -> bool:
    """Whether everything serves and nothing is wrong, and no watcher has closed its institution's decisions."""
    return all(row.healthy and not row.alarm and not row.trouble for row in rows)


def sentences(rows: Iterable[ProcessStatus]) -> str:
    """What is wrong and what to do, for people: a paragraph each; what is the same for several is said once."""
    said: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for text, mend in ((row.trouble, row.mend), (row.alarm, "")):
            if text:
                said.setdefault((text, mend), []).append(f"{row.process} of {row.institution}")
    return "\n".join(
        f"{', '.join(whose)}: {text}." + (f"\n  {mend}" if mend else "") for (text, mend), whose in said.items()
    )


def endings(homes: Iterable[Home]) -> str:
    """When the roots of the CAs end, where that is near enough to begin with what follows them."""
    said = []
    for home in homes:
        for ca, end in certificates.roots(home).items():
            if end - datetime.now(UTC) < _ROOTS_SOON:
                said.append(
                    f"The root of the {ca} of {home.name} ends on {end:%Y-%m-%d}, and with it all that it issues. "
                    "A new root is a change of the channel that the institutions sign: begin now."
                )
    return "\n".join(said)


def table(rows: Iterable[ProcessStatus], room: int | None = None) -> str:
    """The status for people, in at most `room` columns; None where there is no terminal to be as wide as."""
    lines = [("INSTITUTION", "PROCESS", "STATE", "PID", "UP", "HEALTH", "VERSION", "HEIGHT", "CERTIFICATES")]
    for row in rows:
        lines.append(
            (
                row.institution,
                row.process,
                row.state.lower(),
                str(row.pid or "-"),
                _duration(row.up_seconds) if row.pid else "-",
                "DOWN" if not row.healthy else "ALARM" if row.alarm else "CHECK" if row.trouble else "ok",
                row.version or "-",
                "-" if row.height is None else str(row.height),
                _expiry(row.expires_in_days),
            )
        )
    widths = [max(columns.width(line[column]) for line in lines) for column in range(len(lines[0]))]
    fitting = widths if room is None else columns.fitting(widths, room, _LEAST)
    if fitting is None:
        return "\n\n".join(_card(lines[0], line, room or 0) for line in lines[1:])
    return "\n".join((" " * columns.BETWEEN).join(map(_cell, line, fitting)).rstrip() for line in lines)


def _cell(text: str, width: int) -> str:
    cut = columns.clip(text, width)
    return cut + " " * (width - columns.width(cut))


def _card(heads: Sequence[str], cells: Sequence[str], room: int) -> str:
    """A row where the terminal is too narrow for all columns beside each other."""
    width = max(map(len, heads))
    left = max(room - width - columns.BETWEEN, 1)
    return "\n".join(
        f"{head.ljust(width)}  {columns.clip(cell, left)}" for head, cell in zip(heads, cells, strict=True)
    )


def as_json(rows: Iterable[ProcessStatus]) -> str:
    """The status for programs: a list of objects with the members of `ProcessStatus`."""
    return json.dumps([asdict(row) for row in rows], indent=2)


def _process(keeping: Keeping, process: Process) -> ProcessStatus:
    home = keeping.home
    kept = keeping.states.get(process.name)
    healthy = kept is not None and kept.pid > 0 and process.serves(home)
    trouble, mend = troubles.of(keeping, process, healthy)
    end = min((certificates.ends(path) for path in process.certificates(home) if path.is_file()), default=None)
    return ProcessStatus(
        institution=home.name,
        process=process.name,
        state=kept.state if kept else "STOPPED" if home.path.is_dir() else "MISSING",
        pid=kept.pid if kept else 0,
        up_seconds=kept.seconds if kept else 0,
        healthy=healthy,
        version=process.version(home) if healthy else "",
        height=process.height(home) if healthy else None,
        expires_in_days=(end - datetime.now(UTC)).days if end else None,
        alarm=process.alarm(home),
        trouble=trouble,
        mend=mend,
        ends=f"{end:%Y-%m-%dT%H:%M:%SZ}" if end else "",
    )


def _heights_of_others(homes: Sequence[Home]) -> dict[str, dict[str, int]]:
    """What each home's peer hears of the other institutions' peers."""
    found = {}
    for home in homes:
        try:
            found[home.name] = heard.heights(home)
        except (NetworkError, FabricError, OSError):  # there is no such home, or nobody to ask as
            found[home.name] = {}
    return found


def _compared(
    asked: Sequence[tuple[Keeping, Process]], rows: Sequence[ProcessStatus], heard: dict[str, dict[str, int]]
) -> list[ProcessStatus]:
    """The rows, with who is far behind the other institutions' peers."""
    known = {
        row.institution: row.height
        for (_, process), row in zip(asked, rows, strict=True)
        if isinstance(process, Peer) and row.height is not None
    }
    found = []
    for (keeping, process), row in zip(asked, rows, strict=True):
        there = {**heard[row.institution], **{name: n for name, n in known.items() if name != row.institution}}
        if row.healthy and not row.trouble and row.height is not None:
            trouble, mend = troubles.behind(keeping.home, process, row.height, there)
            row = replace(row, trouble=trouble, mend=mend)  # noqa: PLW2901
        found.append(row)
    return found


def _expiry(days: int | None) -> str:
    if days is None:
        return "-"
    if days < 0:
        return "EXPIRED"
    return f"{days} days" + (" (renew soon)" if days < SOON.days else "")


def _duration(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    return f"{minutes} min" if hours == 0 else f"{hours} h" if days == 0 else f"{days} d"
