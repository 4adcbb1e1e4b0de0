"""The keyholder's half of archives: for each file the header that the archive's key opens."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from medconsent.errors import ReleaseError
from medconsent.release.storage import Table

FILE = "headers.sqlite"
_SCHEMA = "CREATE TABLE IF NOT EXISTS header (leaf BLOB PRIMARY KEY, header BLOB NOT NULL) WITHOUT ROWID"


class HeaderStore:
    """Headers by the leaf of their file, so that no header can be had in the place of another file's."""

    def __init__(self, folder: Path) -> None:
        """
        Args:
            folder: The keyholder's folder.

        Raises:
            ReleaseError: It cannot be used.
        """
        self._table = Table(folder / FILE, _SCHEMA)

    def add(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep headers, each with its file's leaf; they are on the disk afterwards. The newest of a file counts."""
        with self._table.changing() as connection:
            connection.executemany("INSERT OR REPLACE INTO header VALUES (?, ?)", headers)

    def get(self, leaves: Sequence[bytes]) -> list[bytes]:
        """The headers of these files.

        Raises:
            ReleaseError: One of them is not here.
        """
        found = []
        with self._table.reading() as connection:
            for leaf in leaves:
                row = connection.execute("SELECT header FROM header WHERE leaf = ?", (leaf,)).fetchone()
                if row is None:
                    raise ReleaseError(
                        f"the keyholder has no header for the file {leaf.hex()[:16]}",
                        hint="archive the version again where its headers are kept (medconsent release archive)",
                    )
                found.append(bytes(row[0]))
        return found

    def has(self, leaf: bytes) -> bool:
        """Whether there is a header for this file."""
        with self._table.reading() as connection:
            return connection.execute("SELECT 1 FROM header WHERE leaf = ?", (leaf,)).fetchone() is not None

    def close(self) -> None:
        """Close the file."""
        self._table.close()
