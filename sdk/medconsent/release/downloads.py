"""The files of a release written into a folder, several side by side."""

import hashlib
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from medconsent.release.container import SEALED, SEGMENT
from medconsent.release.leaves import ArchivedFile
from medconsent.release.opened import Opened
from medconsent.release.receiving import PlainFile, RawFile, Sink, receive, within

_ROUND = 0.5  # seconds from one look to the next


@dataclass(frozen=True)
class Progress:
    """How far it is: files and bytes of plaintext, those that were there already among them."""

    files: int
    of_files: int
    bytes: int
    of_bytes: int


def is_there(folder: Path, file: ArchivedFile) -> bool:
    """Whether a folder has a file as the version has it.

    Args:
        folder: Where files were received to.
        file: The file with its size and its SHA-256.

    Raises:
        ReleaseError: Its path leads out of the folder.
    """
    location = within(folder, file.path)
    try:
        if location.is_symlink() or location.stat().st_size != file.size:
            return False
        with location.open("rb") as found:
            return hashlib.file_digest(found, "sha256").hexdigest() == file.sha256
    except OSError:
        return False


class Downloads:
    """Threads that write. Who waits for them learns how far they are, and of the first thing that went wrong."""

    def __init__(self, opened: Opened, folder: Path, begun: Progress, *, raw: bool = False, at_once: int = 4) -> None:
        """
        Args:
            opened: The release.
            folder: Where the files go.
            begun: How far it is.
            raw: Keep files encrypted, as Crypt4GH has them.
            at_once: How many files are written side by side.
        """
        self._opened, self._folder, self._raw = opened, folder, raw
        self._begun, self._done, self._bytes = begun, begun.files, begun.bytes
        self._stop = threading.Event()
        self._told: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(at_once, "medconsent-fetch")
        self._waiting: set[Future[None]] = set()

    def start(self, files: Sequence[ArchivedFile]) -> None:
        """Begin."""
        self._waiting = {self._pool.submit(self._one, file) for file in files}

    @property
    def running(self) -> bool:
        """Whether something is not done yet."""
        return bool(self._waiting)

    @property
    def progress(self) -> Progress:
        """How far it is."""
        total = self._begun.of_bytes
        return Progress(self._done, self._begun.of_files, min(self._bytes, total), total)

    def wait(self) -> None:
        """Wait until something is done, half a second at most.

        Raises:
            MedconsentError: What went wrong with a file.
        """
        ended, self._waiting = wait(self._waiting, _ROUND, FIRST_COMPLETED)
        while not self._told.empty():
            self._bytes += self._told.get()
        for one in ended:
            one.result()
            self._done += 1

    def stop(self) -> None:
        """End all threads; what was written stays."""
        self._stop.set()
        self._pool.shutdown(cancel_futures=True)

    def _one(self, file: ArchivedFile) -> None:
        opened = self._opened
        sink: Sink
        if self._raw:
            sink = RawFile(self._folder, file, opened.header(file))
        else:
            sink = PlainFile(self._folder, file, opened.key(file))
        with sink:
            self._told.put(min(sink.first * SEGMENT, file.size))
            pieces = opened.body(file, sink.first * SEALED, file.ciphertext_size, self._stop)
            for size in receive(file, opened.digests(file), sink, pieces):
                self._told.put(size)
