"""When the last backup of a home was made, as the home itself remembers it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from medconsent_network import files
from medconsent_network.home import Home

_FILE = "last-backup.json"


@dataclass(frozen=True)
class Last:
    """The last backup: when it was made, the digest of its file, and whether the ledgers are in it."""

    made: datetime
    sha256: str
    ledger: bool


def keep(home: Home, sha256: str, *, ledger: bool) -> None:
    """Remember that a backup was made and read back now.

    Args:
        home: Of which.
        sha256: Of the file, in hexadecimal.
        ledger: Whether the ledgers are in it.
    """
    made = datetime.now(UTC).isoformat(timespec="seconds")
    files.write_private(home / "supervisor" / _FILE, json.dumps({"made": made, "sha256": sha256, "ledger": ledger}))


def last(home: Home) -> Last | None:
    """The last backup; None when there was none, or the home does not know it any more."""
    try:
        told = json.loads((home / "supervisor" / _FILE).read_text())
        return Last(datetime.fromisoformat(told["made"]), str(told["sha256"]), bool(told["ledger"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
