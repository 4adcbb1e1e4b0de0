"""Which headers were given under which receipt. It is written before a header goes out: a crash between the two loses a
header, which another receipt gives, and never gives one twice.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from medconsent import times
from medconsent.release.storage import Table

FILE = "given.sqlite"
_SCHEMA = """CREATE TABLE IF NOT EXISTS given
    (receipt TEXT NOT NULL, leaf BLOB NOT NULL, at TEXT NOT NULL, PRIMARY KEY (receipt, leaf)) WITHOUT ROWID"""


class Journal:
    """The keyholder's memory of what it gave."""

    def __init__(self, folder: Path) -> None:
        """
        Args:
            folder: The keyholder's folder.

        Raises:
            ReleaseError: It cannot be used.
        """
        self._table = Table(folder / FILE, _SCHEMA)

    def given(self, receipt: str, leaves: Iterable[bytes]) -> set[bytes]:
        """Those of the files whose header was given under the receipt.

        Args:
            receipt: The receipt's id.
            leaves: The leaves of the files that are asked for.
        """
        with self._table.reading() as connection:
            found = "SELECT 1 FROM given WHERE receipt = ? AND leaf = ?"
            return {leaf for leaf in leaves if connection.execute(found, (receipt, leaf)).fetchone()}

    def take(self, receipt: str, leaves: Sequence[bytes]) -> bool:
        """Write down that the headers of these files are given; on the disk when it returns.

        Args:
            receipt: The receipt's id.
            leaves: The leaves of the files whose headers are about to be given.

        Returns:
            False, and nothing is written, when one of them was given before.
        """
        at = times.format_time(datetime.now(UTC))
        try:
            with self._table.changing() as connection:
                connection.executemany("INSERT INTO given VALUES (?, ?, ?)", [(receipt, leaf, at) for leaf in leaves])
        except sqlite3.IntegrityError:
            return False
        return True

    def count(self, receipt: str) -> int:
        """How many headers were given under a receipt."""
        with self._table.reading() as connection:
            row = connection.execute("SELECT count(*) FROM given WHERE receipt = ?", (receipt,)).fetchone()
        return int(row[0])

    def close(self) -> None:
        """Close the file."""
        self._table.close()
