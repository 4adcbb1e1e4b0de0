"""The plaintext of a released file, read without a copy on disk.

Each segment is compared with the archive's root before it is decrypted. Where a file is read from its beginning to its
end, the whole is compared with the SHA-256 of the version, too.
"""

import hashlib
import io
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from medconsent.errors import DamagedCiphertext
from medconsent.release.container import SEALED, SEGMENT, segments_of, unseal
from medconsent.release.leaves import ArchivedFile
from medconsent.release.opened import Opened
from medconsent.release.receiving import Checker

T = TypeVar("T")


class Reading:
    """The plaintext from one segment on, as it comes."""

    def __init__(self, opened: Opened, file: ArchivedFile, first: int = 0, last: int | None = None) -> None:
        """
        Args:
            opened: The release.
            file: The file.
            first: The number of the first segment.
            last: The number of the one after the last; None: to the end.
        """
        count = segments_of(file.size)
        last = count if last is None else min(last, count)
        end = file.ciphertext_size if last == count else last * SEALED
        self._opened, self._file, self._next, self._last = opened, file, first, last
        self._whole = hashlib.sha256() if first == 0 and last == count else None
        self._segments = self._checked(first * SEALED, end)
        self._stop = threading.Event()

    def next(self) -> bytes:
        """The plaintext of the next segment; empty at the end.

        Raises:
            DamagedCiphertext: It is not what the archive, or the version, has.
            ReleaseCut: It is permitted no longer.
            NotFound: The release is not open any more.
            Unreachable: The owner's server does not answer.
        """
        return next(self._segments, b"")

    def close(self) -> None:
        """Ask for nothing more."""
        self._stop.set()
        self._segments.close()  # type: ignore[attr-defined]

    def _checked(self, begin: int, end: int) -> Iterator[bytes]:
        opened, file = self._opened, self._file
        checker = Checker(file, opened.digests(file), self._next)
        key = opened.key(file)
        for piece in opened.body(file, begin, end, self._stop):
            for segment in checker.feed(piece):
                plaintext = unseal(key, segment)
                if self._whole is not None:
                    self._whole.update(plaintext)
                opened.mark(file, self._next)
                self._next += 1
                if self._next == self._last:
                    self._require_whole()
                yield plaintext

    def _require_whole(self) -> None:
        if self._whole is not None and self._whole.hexdigest() != self._file.sha256:
            raise DamagedCiphertext(
                f"{self._file.path!r} is not the file of the version, though every segment that arrived was right"
            )


class ReleasedFile(io.RawIOBase):
    """A released file as Python reads files: from anywhere in it, and without a buffer of its own."""

    def __init__(self, opened: Opened, file: ArchivedFile, do: Callable[[Callable[[], bytes]], bytes]) -> None:
        """
        Args:
            opened: The release.
            file: The file.
            do: Does work at the owner's server, and says what is wrong when it fails.
        """
        self._opened, self._file, self._do = opened, file, do
        self._at = 0
        self._reading: Reading | None = None
        self._rest = memoryview(b"")
        self.name = file.path

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a byte; what is asked for meanwhile begins there.

        Args:
            offset: Bytes from where `whence` says.
            whence: `io.SEEK_SET`, `io.SEEK_CUR` or `io.SEEK_END`.
        """
        self._require_open()
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._file.size}[whence]
        if begin + offset < 0:
            raise ValueError(f"there is no byte {begin + offset}")
        if begin + offset != self._at:
            self._leave()
            self._at = begin + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what comes next, and say how much it was; 0 at the end."""
        self._require_open()
        target = memoryview(buffer).cast("B")
        if not len(target) or self._at >= self._file.size:
            return 0
        if not len(self._rest):
            self._rest = self._more()
        size = min(len(target), len(self._rest))
        target[:size], self._rest = self._rest[:size], self._rest[size:]
        self._at += size
        return size

    def close(self) -> None:
        """Ask for nothing more."""
        if not self.closed:
            self._leave()
        super().close()

    def _more(self) -> memoryview:
        skip = 0
        if self._reading is None:
            first, skip = divmod(self._at, SEGMENT)
            self._reading = Reading(self._opened, self._file, first)
        return memoryview(self._do(self._reading.next))[skip:]

    def _leave(self) -> None:
        if self._reading is not None:
            self._reading.close()
        self._reading, self._rest = None, memoryview(b"")

    def _require_open(self) -> None:
        if self.closed:
            raise ValueError("the file is closed")
