"""What arrives is believed when it fits: each segment by its SHA-256 under the archive's root, before it is decrypted;
the whole by the SHA-256 that the version's root has.

A file is written beside its place and put there when it is whole. What is there of it stays after an interruption: the
next run goes on behind the last whole segment.
"""

import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from medconsent.errors import DamagedCiphertext, ReleaseError
from medconsent.private_files import open_private
from medconsent.release import container, leaves
from medconsent.release.container import SEALED, SEGMENT, SessionKey
from medconsent.release.disks import disk
from medconsent.release.leaves import ArchivedFile

_DIGEST = 32
_SHOWN = 16


class Checker:
    """The segments of one file as they arrive, in pieces of any size."""

    def __init__(self, file: ArchivedFile, digests: bytes, first: int = 0) -> None:
        """
        Args:
            file: The file, shown to be of the archive.
            digests: The SHA-256 of its segments, 32 bytes each.
            first: The number of the segment with which the bytes begin.

        Raises:
            DamagedCiphertext: The digests are not those of the file.
        """
        self._file = file
        self._count = container.segments_of(file.size)
        if len(digests) != self._count * _DIGEST or leaves.segments_root(digests) != file.segments:
            raise DamagedCiphertext(f"the segments of {file.path!r} are not those of the archive on the ledger")
        self._digests = digests
        self._next = first
        self._kept = bytearray()

    @property
    def next(self) -> int:
        """The number of the segment that is waited for."""
        return self._next

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The segments that are whole with these bytes, each checked.

        Raises:
            DamagedCiphertext: A segment is not the one that stands at this place, or there are more than the file has.
        """
        self._kept += data
        while self._next < self._count and len(self._kept) >= (size := self._size(self._next)):
            segment = bytes(self._kept[:size])
            del self._kept[:size]
            start = self._next * _DIGEST
            if hashlib.sha256(segment).digest() != self._digests[start : start + _DIGEST]:
                raise DamagedCiphertext(
                    f"segment {self._next} of {self._file.path!r} is not the one of the archive on the ledger"
                )
            self._next += 1
            yield segment
        if self._next == self._count and self._kept:
            raise DamagedCiphertext(f"{self._file.path!r} has more bytes than the archive on the ledger says")

    def finish(self) -> None:
        """See that nothing is missing.

        Raises:
            DamagedCiphertext: Segments are missing at the end.
        """
        if self._next < self._count:
            raise DamagedCiphertext(
                f"{self._file.path!r} ended after {self._next} of its {self._count} segments",
                hint="run it again: it goes on there",
            )

    def _size(self, number: int) -> int:
        last = number == self._count - 1
        return self._file.ciphertext_size - number * SEALED if last else SEALED


class Sink(Protocol):
    """Where a file's segments go."""

    @property
    def first(self) -> int:
        """The number of the first segment that is wanted."""

    def take(self, segment: bytes) -> None:
        """The next segment, checked."""

    def finish(self) -> None:
        """That was the last one."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class _Beside:
    """A file that is written beside its place. What is at the place meanwhile stays as it is."""

    def __init__(self, path: Path, mark: str) -> None:
        self.path = path
        # By its content, so that what an earlier run left is gone on with only where it is of the same file.
        self.part = path.with_name(f".{mark[:_SHOWN]}.part")
        with disk(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self.file = open_private(self.part, follow=False)
            descriptor = self.file.fileno()
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ReleaseError(f"{self.part} is in the way")
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.file.close()
                raise ReleaseError(
                    f"another program is fetching {path} just now", hint="wait for it, or take another folder"
                ) from None

    def place(self) -> None:
        """Put the file at its place."""
        with disk(self.path):
            self.file.flush()
            os.fsync(self.file.fileno())
            self.part.replace(self.path)

    def discard(self) -> None:
        """Leave nothing of it."""
        self.part.unlink(missing_ok=True)


class PlainFile:
    """Decrypts a file into a folder."""

    def __init__(self, folder: Path, file: ArchivedFile, key: SessionKey) -> None:
        """
        Args:
            folder: Where the dataset's files go.
            file: The file.
            key: Its key.

        Raises:
            DiskFull: There is no room left.
            ReleaseError: It cannot be written.
        """
        self._wanted, self._key = file, key
        self._beside = _Beside(within(folder, file.path), _mark(file.path, file.sha256))
        self._digest = hashlib.sha256()
        self._first = self._read_back()

    @property
    def first(self) -> int:
        """The number of the first segment that is not there yet."""
        return self._first

    def take(self, segment: bytes) -> None:
        """Decrypt and write the next segment.

        Raises:
            DamagedCiphertext: It is not what the file's key made.
        """
        plaintext = container.unseal(self._key, segment)
        with disk(self._beside.path):
            self._beside.file.write(plaintext)
        self._digest.update(plaintext)

    def finish(self) -> None:
        """Put the file at its place when it is what the version has.

        Raises:
            DamagedCiphertext: It is not; then nothing of it stays.
        """
        if self._digest.hexdigest() != self._wanted.sha256:
            self._beside.discard()
            raise DamagedCiphertext(
                f"{self._wanted.path!r} is not the file of the version, though every segment that arrived was right",
                hint="what an earlier run had left was damaged and is removed: run it again",
            )
        self._beside.place()

    def _read_back(self) -> int:
        """How many whole segments an earlier run left; what is behind them is cut off."""
        file, size = self._beside.file, os.fstat(self._beside.file.fileno()).st_size
        whole = min(size, self._wanted.size) // SEGMENT
        if size == self._wanted.size and size % SEGMENT:
            whole += 1
        keep = min(whole * SEGMENT, self._wanted.size)
        file.truncate(keep)
        while block := file.read(1 << 20):
            self._digest.update(block)
        return whole

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with disk(self._beside.path):
            self._beside.file.close()


class RawFile:
    """Keeps a file as it came: its header and its body, as Crypt4GH has them one after the other (`.c4gh`)."""

    def __init__(self, folder: Path, file: ArchivedFile, header: bytes) -> None:
        """
        Args:
            folder: Where the dataset's files go.
            file: The file.
            header: Its header, for the delivery key.
        """
        self._beside = _Beside(within(folder, file.path + ".c4gh"), _mark(file.path, header.hex()))
        with disk(self._beside.path):
            self._beside.file.truncate(0)
            self._beside.file.write(header)

    @property
    def first(self) -> int:
        """It begins anew: a header is another each time."""
        return 0

    def take(self, segment: bytes) -> None:
        """Write the next segment."""
        with disk(self._beside.path):
            self._beside.file.write(segment)

    def finish(self) -> None:
        """Put the file at its place."""
        self._beside.place()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with disk(self._beside.path):
            self._beside.file.close()
        self._beside.discard()


def _mark(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def receive(file: ArchivedFile, digests: bytes, sink: Sink, pieces: Iterator[bytes]) -> Iterator[int]:
    """Take a file's body as it arrives, and yield how many bytes of ciphertext each piece had.

    Args:
        file: The file.
        digests: The SHA-256 of its segments.
        sink: Where it goes; it is entered and left by the caller.
        pieces: The bytes of the body from the segment `sink.first` on.

    Raises:
        DamagedCiphertext: They are not the file's.
    """
    checker = Checker(file, digests, sink.first)
    for piece in pieces:
        for segment in checker.feed(piece):
            sink.take(segment)
        yield len(piece)
    checker.finish()
    sink.finish()


def within(folder: Path, path: str) -> Path:
    """Where a path of a dataset is in a folder; a folder on the way that is a link leads out of it.

    Args:
        folder: Where files are received to.
        path: The file's path in the dataset, with `/` between its parts.

    Raises:
        ReleaseError: It leads out.
    """
    location = folder.joinpath(*path.split("/"))
    if not location.parent.resolve().is_relative_to(folder.resolve()):
        raise ReleaseError(f"{path!r} leads out of {folder}: a folder on the way is a symbolic link")
    return location
