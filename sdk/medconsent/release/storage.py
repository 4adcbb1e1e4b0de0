"""Small tables on disk that must outlive a crash: SQLite, each change flushed before it counts as done."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medconsent.errors import DiskFull, ReleaseError
from medconsent.private_files import open_private

_PATIENCE = 30.0  # seconds to wait for another process that writes


class Table:
    """One file with one table; may be used from several threads."""

    def __init__(self, path: Path, schema: str) -> None:
        """
        Args:
            path: The file; made when it is not there, readable by its owner alone.
            schema: The SQL that makes the table where it is missing.

        Raises:
            ReleaseError: The file cannot be used.
        """
        self._path = path
        self._lock = threading.Lock()
        with self._told():
            open_private(path).close()
            self._connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
            # EXTRA also flushes the folder, so that a change that was told of is not undone by a crash.
            self._connection.execute("PRAGMA synchronous = EXTRA")
            self._connection.execute(schema)

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """A change that is flushed to the disk when the body of the `with` statement ends, or did not happen."""
        with self._lock, self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.rollback()
                raise
            try:
                self._connection.execute("COMMIT")
            except sqlite3.Error:
                if self._connection.in_transaction:
                    self._connection.rollback()
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The table as it is now."""
        with self._lock, self._told():
            yield self._connection

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError:
            raise
        except (sqlite3.Error, OSError) as error:
            code = getattr(error, "sqlite_errorcode", None)
            if code == sqlite3.SQLITE_FULL:
                raise DiskFull(f"there is no room left for {self._path}") from error
            raise ReleaseError(f"{self._path} cannot be used: {error}") from error
