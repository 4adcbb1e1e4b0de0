"""How a watcher stands, from its folder: it need not run."""

import getpass
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from medconsent.services.watch.checkpoint import CHECKPOINT
from medconsent.services.watch.journal import Entry, Journal
from medconsent.services.watch.ledger import HEARTBEAT


@dataclass(frozen=True)
class Status:
    """`heartbeat` is when the watcher last said that it had judged everything (RFC 3339; empty: never)."""

    folder: str
    institution: str
    next: int
    heartbeat: str
    standing: int
    entries: tuple[Entry, ...]

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {**asdict(self), "entries": [entry.to_json() for entry in self.entries]}


def read(folder: Path) -> Status:
    """The status of the watcher in a folder.

    Raises:
        DocumentError: Its journal is damaged.
    """
    entries = tuple(Journal(folder).entries()) if folder.is_dir() else ()
    checkpoint = _checkpoint(folder / CHECKPOINT)
    return Status(
        str(folder),
        str(checkpoint.get("institution", "")),
        _whole(checkpoint.get("next")),
        _modified(folder / HEARTBEAT),
        sum(entry.open for entry in entries),
        entries,
    )


def who() -> str:
    """Who accepts: the user of this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _checkpoint(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _whole(value: Any) -> int:
    """The number of the next block; 0 where a damaged checkpoint has none, of which the watcher itself tells."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _modified(path: Path) -> str:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OSError:
        return ""
