"""What was granted, opened to be read by a program without a copy on disk; in threads and in tasks, written once."""

import io
from collections.abc import Callable
from types import TracebackType
from typing import BinaryIO, Self, TypeVar, cast

from medconsent.errors import NotFound
from medconsent.fabric.flow import (
    Asyncio,
    Blocking,
    Driver,
    Emit,
    Flow,
    Operations,
    StreamFlow,
    aside,
    operation,
    stream,
)
from medconsent.release.container import SEGMENT
from medconsent.release.leaves import ArchivedFile
from medconsent.release.opened import Opened
from medconsent.release.reading import Reading, ReleasedFile

M = TypeVar("M")
T = TypeVar("T")

_BUFFER = 1 << 20


class Delivery(Operations[M]):
    """An open release. Use it in a `with` statement (`async with` where it is awaited).

    Its receipt is `completed` when the statement ends well after each byte of each file was read, and `aborted`
    otherwise: when it ends early or by an exception, and when nobody holds the object any more. While it is open the
    owner's server hears once a minute that it is used. It is of the process that opened it, and of all its threads.

    Attributes:
        grant: The id of the grant.
        dataset: The dataset.
        version: The version of the dataset.
    """

    def __init__(
        self,
        driver: Driver[M],
        opened: Opened,
        gone: Callable[[str], Flow[Exception]],
        *,
        grant: str,
        dataset: str,
        version: int,
    ) -> None:
        """
        Args:
            driver: Runs flows.
            opened: The release.
            gone: The error for a receipt that is not open at the owner's server any more.
            grant: The id of the grant.
            dataset: The dataset.
            version: The version of the dataset.
        """
        super().__init__(driver)
        self._opened, self._gone = opened, gone
        self.grant, self.dataset, self.version = grant, dataset, version

    @property
    def receipt(self) -> str:
        """The receipt's id."""
        return self._opened.receipt

    @property
    def files(self) -> tuple[ArchivedFile, ...]:
        """The files, in the order of their paths: each with `path`, `size` and `sha256`."""
        return tuple(self._opened.files.values())

    @stream
    def pieces(self, path: str) -> StreamFlow[bytes]:
        """A file from its beginning to its end, in pieces of at most 64 KiB.

        Raises:
            NotFound: There is no such file in it.
            DamagedCiphertext: What came is not what the ledger has.
            ReleaseCut: It is permitted no longer.
            Unreachable: The owner's server does not answer.
        """
        reading = Reading(self._opened, self._file(path))
        try:
            while piece := (yield from self._asked(reading.next)):
                yield Emit(piece)
        finally:
            reading.close()

    @operation
    def read(self, path: str, start: int = 0, size: int | None = None) -> Flow[bytes]:
        """Some bytes of a file; fewer at its end.

        Args:
            path: The file.
            start: The first byte.
            size: How many; None: all of them to the end, in memory.

        Raises:
            ValueError: There are no such bytes.
            NotFound: There is no such file in it; and as `pieces`.
        """
        file = self._file(path)
        if start < 0 or (size is not None and size < 0):
            raise ValueError(f"there are no bytes {start} to {size}")
        end = file.size if size is None else min(file.size, start + size)
        if start >= end:
            return b""
        first = start // SEGMENT
        reading = Reading(self._opened, file, first, -(-end // SEGMENT))

        def every() -> bytes:
            return b"".join(iter(reading.next, b""))

        try:
            found = yield from self._asked(every)
        finally:
            reading.close()
        return found[start - first * SEGMENT : end - first * SEGMENT]

    def open(self: "Delivery[Blocking]", path: str) -> BinaryIO:
        """A file to read, as `open(path, "rb")` gives one: what reads files reads it, from anywhere in it.

        Raises:
            NotFound: There is no such file in it. What goes wrong later is raised by its `read`.
        """
        raw = ReleasedFile(self._opened, self._file(path), lambda work: self._driver.run(self._asked(work)))
        return cast("BinaryIO", io.BufferedReader(raw, _BUFFER))

    @operation
    def close(self) -> Flow[None]:
        """Say what came of it, unless that was said."""
        complete = self._opened.everything_read
        return aside(lambda: self._opened.end(complete=complete))

    @operation
    def _abort(self) -> Flow[None]:
        return aside(lambda: self._opened.end(complete=False))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            cast("Delivery[Blocking]", self).close()
        else:
            cast("Delivery[Blocking]", self)._abort()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            await cast("Delivery[Asyncio]", self).close()
        else:
            await cast("Delivery[Asyncio]", self)._abort()

    def _file(self, path: str) -> ArchivedFile:
        if path not in self._opened.files:
            raise NotFound(f"the release of {self.dataset} has no file {path!r}")
        return self._opened.files[path]

    def _asked(self, work: Callable[[], T]) -> Flow[T]:
        """What comes of work at the owner's server."""
        try:
            return (yield from aside(work))
        except NotFound as missing:
            raise (yield from self._gone(self.receipt)) from missing
