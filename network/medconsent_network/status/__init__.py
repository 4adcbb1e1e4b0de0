"""How a network is: each process, its health, ledger heights, versions, and how long certificates still hold."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from medconsent._internal import columns
from medconsent_network import processes
from medconsent_network.home import Home
from medconsent_network.processes import Process
from medconsent_network.renewal import SOON, ends
from medconsent_network.supervisor import Supervisor

_LEAST = 8  # columns that each column of the table keeps


@dataclass(frozen=True)
class ProcessStatus:
    """One process.

    Attributes:
        institution: whose home it is in.
        process: its name.
        state: what supervisord says; MISSING when there is no home.
        pid: 0 when it does not run.
        up_seconds: how long it has run.
        healthy: whether it serves.
        version: of the running program; empty when it does not say.
        height: how many blocks it has, where it has any.
        expires_in_days: of the certificate that ends first.
        alarm: what it says for which decisions are closed, and empty otherwise.
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


def status(homes: Iterable[Home]) -> list[ProcessStatus]:
    """The status of every process of the homes. Never raises for a process that is down: that is what it tells."""
    return [_process(home, process) for home in homes for process in processes.of(home.spec)]


def well(rows: Iterable[ProcessStatus]) -> bool:
    """Whether everything serves, and no watcher has closed its institution's decisions."""
    return all(row.healthy and not row.alarm for row in rows)


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
                "DOWN" if not row.healthy else "ALARM" if row.alarm else "ok",
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


def _process(home: Home, process: Process) -> ProcessStatus:
    supervised = Supervisor(home).states().get(process.name)
    healthy = supervised is not None and supervised.up and process.serves(home)
    return ProcessStatus(
        institution=home.name,
        process=process.name,
        state=supervised.state if supervised else "STOPPED" if home.path.is_dir() else "MISSING",
        pid=supervised.pid if supervised else 0,
        up_seconds=supervised.seconds if supervised else 0,
        healthy=healthy,
        version=process.version(home) if healthy else "",
        height=process.height(home) if healthy else None,
        expires_in_days=min((_days(path) for path in process.certificates(home) if path.is_file()), default=None),
        alarm=process.alarm(home),
    )


def _days(path: Path) -> int:
    return (ends(path) - datetime.now(UTC)).days


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
