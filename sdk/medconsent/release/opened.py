"""A release that was opened at the owner's server: its receipt, its headers, its bytes, and what came of it.

What came of it is said once, whatever happens: at the end, after an exception, when nobody holds it any more, and when
the program ends. Where even that is not reached (a program that was killed), the server says it by itself.
"""

import base64
import json
import os
import random
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from medconsent.errors import (
    ArchiveDiffers,
    Conflict,
    HeaderRefused,
    MedconsentError,
    ReleaseCut,
    ReleaseError,
    UnexpectedAnswer,
    Unreachable,
)
from medconsent.release import leaves
from medconsent.release.container import HEADER, SessionKey, open_header, segments_of
from medconsent.release.door import Door
from medconsent.release.judging import MOST_FILES
from medconsent.release.keys import SecretKey
from medconsent.release.leaves import ArchivedFile
from medconsent.values.releases import Archive, Ask

BEAT = 60.0
"""Seconds from one word to the server that the receipt is still used to the next."""
_SMALL = 1 << 20  # bytes of digests that are asked for at once
_ASKS = 4
_TRIES = 5
_PAUSE = 0.5  # seconds before a body is gone on with; doubled each time


def files_of(door: Door, archive: Archive, grant: str) -> list[ArchivedFile]:
    """The files of an archive as the server lists them, seen to be those of the ledger.

    Args:
        door: The owner's server.
        archive: The archive, as one's own peer has it.
        grant: The id of the grant under which it is asked.

    Raises:
        ArchiveDiffers: They are others.
        UnexpectedAnswer: The list cannot be read.
    """
    lines = door.read(f"/release/v1/archives/{archive.dataset}/{archive.version}/files?grant={grant}").splitlines()
    try:
        every = [ArchivedFile.from_json(json.loads(line)) for line in lines]
    except (ValueError, AttributeError, RecursionError) as error:
        raise UnexpectedAnswer("the server's list of files cannot be read") from error
    if leaves.ordered(every) != every:
        raise ArchiveDiffers("the server's list of files is not in order")
    leaves.require_files(every, archive.files)
    if leaves.content_root(every) != archive.content.root:
        raise ArchiveDiffers("the archive on the ledger does not have the files of the version's content")
    return every


class _Ending:
    """What came of a receipt, said once. It outlives who opened it."""

    def __init__(self, door: Door) -> None:
        self.receipt = ""
        self.over = threading.Event()
        self.process = os.getpid()
        self._door = door
        self._lock = threading.Lock()

    def opened(self, receipt: str) -> None:
        """There is a receipt now; nobody may want it any more."""
        with self._lock:
            self.receipt = receipt
            late = self.over.is_set()
        if late:
            self._say(complete=False)

    def end(self, *, complete: bool) -> None:
        """Say what came of it, unless that was said."""
        with self._lock:
            if self.over.is_set():
                return
            self.over.set()
            opened = bool(self.receipt)
        if opened:
            self._say(complete=complete)
        self._door.close()

    def abandon(self) -> None:
        """The same, for who does not wait for it."""
        if self.over.is_set() or self.process != os.getpid():
            return
        if threading.main_thread().is_alive():
            threading.Thread(target=self.end, kwargs={"complete": False}).start()
        else:  # the program ends, and waits for no thread any more
            self.end(complete=False)

    def _say(self, *, complete: bool) -> None:
        # Should this fail, the server says by itself that it was aborted.
        with suppress(MedconsentError):
            self._door.ask("POST", f"/release/v1/receipts/{self.receipt}/close", {"complete": complete})


class Opened:
    """A release; may be used from several threads of the process that opened it."""

    def __init__(
        self, door: Door, key: SecretKey, ask: Ask, files: Sequence[ArchivedFile], *, whole: bool, beats: bool = False
    ) -> None:
        """
        Args:
            door: The owner's server.
            key: The secret delivery key.
            ask: What is asked for; it is signed here.
            files: The files that are asked for, in the order of the tree.
            whole: Whether they are all of the archive.
            beats: Whether the server is told now and then that it is still used, also when nothing is read.
        """
        self.files = {file.path: file for file in files}
        self._door, self._key, self._ask, self._whole, self._beats = door, key, ask, whole, beats
        self._headers: dict[str, bytes] = {}
        self._digests: dict[str, bytes] = {}
        self._read: dict[str, bytearray] = {}
        self._order = [*files]
        self._place = {file.id: number for number, file in enumerate(files)}
        self._asking = threading.Lock()
        self._ending = _Ending(door)
        weakref.finalize(self, self._ending.abandon)

    @property
    def receipt(self) -> str:
        """The receipt's id; empty before `begin`."""
        return self._ending.receipt

    def begin(self) -> None:
        """Ask, and take the headers.

        Raises:
            Refused: The contract says no, with its reasons.
            HeaderRefused: The keyholder says no, with its reasons.
            Unreachable: The server does not answer.
        """
        self._ending.opened(self._asked())
        with ThreadPoolExecutor(1, "medconsent-release") as beside:
            # What is read first needs digests as well; should this fail, they are asked for when they are needed.
            for file in self._order[:1]:
                beside.submit(self.digests, file)
            self._take_headers(self._order)
        if self._beats:
            arguments = (weakref.ref(self), self._ending.over)
            threading.Thread(target=_beat, args=arguments, name="medconsent-release", daemon=True).start()

    def end(self, *, complete: bool) -> None:
        """Say what came of it, unless that was said; does not fail."""
        self._ending.end(complete=complete)

    def abandon(self) -> None:
        """Say that it was aborted, without waiting for it."""
        self._ending.abandon()

    def header(self, file: ArchivedFile) -> bytes:
        """The header of a file, for the delivery key."""
        return self._headers[file.id]

    def key(self, file: ArchivedFile) -> SessionKey:
        """The key of a file's segments.

        Raises:
            DamagedCiphertext: The header does not open with the delivery key.
        """
        return open_header(self._headers[file.id], self._key.secret)

    def digests(self, file: ArchivedFile) -> bytes:
        """What the server says are the SHA-256 of a file's segments; asked once, for many small files together.

        Raises:
            ReleaseError: The release is over, or was opened by another process.
        """
        self._require_here()
        with self._asking:
            if file.id not in self._digests:
                self._take_digests(file)
        return self._digests[file.id]

    def body(self, file: ArchivedFile, begin: int, end: int, stop: threading.Event) -> Iterator[bytes]:
        """The bytes of a file's body from `begin` to `end`; after a connection that ended it goes on by itself.

        Args:
            file: The file, of this release.
            begin: The first byte of the ciphertext, from 0.
            end: The byte after the last one.
            stop: Set by somebody else, it ends the reading after the next piece.

        Raises:
            ReleaseCut: The owner's server ended it, as it is permitted no longer.
            NotFound: The release is not open at the server any more.
            Unreachable: The server does not answer, or `stop` was set.
        """
        at, failed = begin, 0
        while at < end:
            try:
                for piece in self._door.stream(f"{self._target(file)}/body", at, end, file.ciphertext_size):
                    at, failed = at + len(piece), 0
                    yield piece
                    if stop.is_set():
                        raise ReleaseError("it was stopped")
            except Unreachable:
                failed += 1
                self.refuse_if_cut()
                if failed == _TRIES or stop.wait(_PAUSE * 2 ** (failed - 1)):
                    raise
            except HeaderRefused as error:
                raise cut(error.details) from error

    def refuse_if_cut(self) -> None:
        """See whether the owner's server ended it.

        Raises:
            ReleaseCut: It did.
            NotFound: It is not open there any more.
        """
        try:
            reasons = self._door.ask("GET", f"/release/v1/receipts/{self.receipt}").get("cut")
        except Unreachable:
            return
        if reasons:
            raise cut(reasons)

    def mark(self, file: ArchivedFile, segment: int) -> None:
        """A segment was read.

        Args:
            file: The file, of this release.
            segment: The segment's number, from 0.
        """
        read = self._read.setdefault(file.id, bytearray(segments_of(file.size)))
        read[segment] = 1

    @property
    def everything_read(self) -> bool:
        """Whether each segment of each file was read, by `mark`."""
        return all(
            not file.size or (file.id in self._read and all(self._read[file.id])) for file in self.files.values()
        )

    def _asked(self) -> str:
        """The receipt that was written for what is asked for.

        An ask counts in whole seconds, and once: who asks for the same twice in one second asks again in another.
        """
        caller = self._door.caller
        for left in reversed(range(_ASKS)):
            signed = self._ask.signed(caller.kid, caller.signer.sign, datetime.now(UTC))
            body = {**signed.to_json(), "paths": None if self._whole else [*self.files]}
            try:
                return str(self._door.ask("POST", "/release/v1/receipts", body)["receipt"])
            except Conflict:
                if not left or self._ending.over.wait(1 + random.random()):  # noqa: S311 - no secret
                    raise
        raise AssertionError("the last one raises or returns")

    def _take_headers(self, files: Sequence[ArchivedFile]) -> None:
        for start in range(0, len(files), MOST_FILES):
            some = files[start : start + MOST_FILES]
            body = {"delivery": base64.b64encode(self._key.public).decode(), "files": [file.id for file in some]}
            answer = self._door.ask("POST", f"/release/v1/receipts/{self.receipt}/headers", body)
            for file, header in zip(some, answer["headers"], strict=True):
                self._headers[file.id] = base64.b64decode(header)
                if len(self._headers[file.id]) != HEADER:
                    raise UnexpectedAnswer(f"the header of {file.path!r} is none of one session key")

    def _take_digests(self, file: ArchivedFile) -> None:
        """Ask for those of a file, and of the small ones that come after it."""
        if _digests_of(file) > _SMALL:
            self._digests[file.id] = self._door.read(f"{self._target(file)}/segments")
            return
        some: list[ArchivedFile] = []
        total = 0
        for one in self._order[self._place[file.id] :]:
            size = _digests_of(one)
            if len(some) == MOST_FILES or total + size > _SMALL:
                break
            if one.id not in self._digests:
                some.append(one)
                total += size
        answer = self._door.read(f"/release/v1/receipts/{self.receipt}/segments", {"files": [one.id for one in some]})
        if len(answer) != total:
            raise UnexpectedAnswer("the server answers with another number of segments than the files have")
        at = 0
        for one in some:
            self._digests[one.id] = answer[at : at + _digests_of(one)]
            at += _digests_of(one)

    def _target(self, file: ArchivedFile) -> str:
        return f"/release/v1/receipts/{self.receipt}/files/{quote(file.id)}"

    def _require_here(self) -> None:
        if self._ending.process != os.getpid():
            raise ReleaseError(
                "the release was opened by another process", hint="each process opens its own; threads share one"
            )
        if self._ending.over.is_set():
            raise ReleaseError("the release is over: open another one")


def _digests_of(file: ArchivedFile) -> int:
    """How many bytes the SHA-256 of a file's segments are."""
    return 32 * segments_of(file.size)


def _beat(reference: "weakref.ref[Opened]", over: threading.Event) -> None:
    while not over.wait(BEAT):
        opened = reference()
        if opened is None:
            return
        with suppress(MedconsentError):  # who reads hears of it
            opened.refuse_if_cut()
        del opened


def cut(reasons: Sequence[Any]) -> ReleaseCut:
    """The error for a release that was ended while it ran."""
    told = "; ".join(str(one.get("message", one)) if isinstance(one, Mapping) else str(one) for one in reasons)
    return ReleaseCut(
        f"the release was ended while it ran: {told}",
        hint="what has arrived stays; it goes on when a grant permits it again",
    )
