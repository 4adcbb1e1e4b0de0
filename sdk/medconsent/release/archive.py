"""Making an archive of a version: on all cores, in constant memory, and going on where an earlier run ended.

A file is read once: what was hashed is what was encrypted, so a file that changes meanwhile is found out. Its header
reaches the keyholder's store before the file counts as done, and the archive is there when its list of files is.
"""

import hashlib
import os
import stat
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import rfc8785

from medconsent.data import merkle_tree
from medconsent.data.manifest import files as listed
from medconsent.data.manifest import merkle
from medconsent.data.manifest.files import FileEntry
from medconsent.errors import ArchiveDiffers, DocumentError, ReleaseError
from medconsent.private_files import write_private
from medconsent.release import container, leaves, stored
from medconsent.release.container import SEGMENT, SessionKey
from medconsent.release.disks import disk, flush
from medconsent.release.headers import HeaderStore
from medconsent.release.keys import check_public, fingerprint
from medconsent.release.leaves import ArchivedFile
from medconsent.release.storage import Table
from medconsent.release.stored import Archive, Description

_BATCH = 16 * SEGMENT  # bytes that are read, encrypted and hashed at once
_AT_ONCE = 256  # files that are written down as done together
_BUILDING = "building.sqlite"
_DONE = """CREATE TABLE IF NOT EXISTS done
    (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, segments TEXT NOT NULL, key TEXT NOT NULL) WITHOUT ROWID"""


@dataclass(frozen=True)
class Progress:
    """How far an archive is.

    Attributes:
        files: Files that are done.
        of_files: How many there are.
        bytes: Bytes of plaintext that are done.
        of_bytes: How many there are.
    """

    files: int
    of_files: int
    bytes: int
    of_bytes: int


@dataclass(frozen=True)
class Subject:
    """What is archived.

    Attributes:
        dataset: The dataset's name.
        version: The version's number.
        content: The root of its content on the ledger, in hex.
        files: Its files, as the manifest names them.
        left_out: Paths that are not in the archive: those of people who withdrew.
    """

    dataset: str
    version: str
    content: str
    files: Sequence[FileEntry]
    left_out: Collection[str] = ()


class _Stopped(Exception):  # noqa: N818 - nothing failed
    """Somebody wants an end."""


class _Builder:
    """Encrypts files; in several threads."""

    def __init__(self, out: Path, reader: bytes, told: Callable[[int], None]) -> None:
        self._out = out
        self._sender = container.Sender(reader)
        self._told = told
        self.stop = threading.Event()

    def encrypt(self, entry: FileEntry, location: Path) -> tuple[ArchivedFile, bytes]:
        """Encrypt one file; it and its header, which is not kept yet."""
        key = SessionKey.generate()
        body, hashes = stored.body(self._out, entry.path), stored.segments(self._out, entry.path)
        with _open(location) as source, _placed(body) as sealed, _placed(hashes) as digests:
            found, size, tree = hashlib.sha256(), 0, merkle_tree.Growing()
            while block := _read(source, location):
                if self.stop.is_set():
                    raise _Stopped
                found.update(block)
                size += len(block)
                ciphertext = container.seal(key, block)
                sealed.write(ciphertext)
                for digest in container.digests(ciphertext):
                    digests.write(digest)
                    tree.add(merkle_tree.leaf(digest))
                self._told(len(block))
            if (size, found.hexdigest()) != (entry.size, entry.sha256):
                raise ArchiveDiffers(
                    f"the file {entry.path!r} is not the one of the version: it has {size} bytes and the SHA-256 "
                    f"{found.hexdigest()[:16]}, and should have {entry.size} and {entry.sha256[:16]}",
                    hint="put the version's files back, or publish what there is now as a new version",
                )
        archived = ArchivedFile(entry.path, size, entry.sha256, container.ciphertext_size(size), tree.root().hex())
        return archived, self._sender.header(key)


def build(
    subject: Subject,
    source: Path,
    out: Path,
    headers: HeaderStore,
    reader: bytes,
    *,
    progress: Callable[[Progress], None] = lambda _progress: None,
    workers: int | None = None,
) -> Archive:
    """Encrypt a version's files into an archive, or finish one that was begun.

    Args:
        subject: What is archived.
        source: The folder with the version's files.
        out: The archive's folder; made when it is not there.
        headers: Where the headers go.
        reader: The archive's public key, to which the headers are encrypted.
        progress: Told of each file that is done, and of large ones meanwhile; in the caller's thread.
        workers: How many files are encrypted at once; None: one a core.

    Raises:
        ArchiveDiffers: The files are not those of the version.
        DiskFull: There is no room left; run it again when there is.
        DocumentError: A file cannot be read.
        ReleaseError: The folder has an archive of something else.
    """
    check_public(reader)
    key = fingerprint(reader)
    entries = _entries(subject)
    where = _locations(source, entries)
    with disk(out):
        out.mkdir(mode=0o750, parents=True, exist_ok=True)
    if (out / stored.DESCRIPTION).exists():
        return _require_same(Archive(out), subject, key, entries)
    table = Table(out / _BUILDING, _DONE)
    try:
        done = _already_done(table, out, headers, key, entries)
        todo = [entry for entry in entries if entry.path not in done]
        _Run(out, headers, table, progress).run(todo, done, where, reader=reader, workers=workers)
        return _finish(subject, out, key, done, table)
    finally:
        table.close()


class _Run:
    """One run: what is told of it, and what is written down together."""

    def __init__(self, out: Path, headers: HeaderStore, table: Table, progress: Callable[[Progress], None]) -> None:
        self._out, self._headers, self._table, self._progress = out, headers, table, progress
        self._bytes = 0
        self._lock = threading.Lock()

    def run(
        self,
        todo: list[FileEntry],
        done: dict[str, ArchivedFile],
        where: Mapping[str, Path],
        *,
        reader: bytes,
        workers: int | None,
    ) -> None:
        """Encrypt what is to do, and put it into `done`."""
        total_files, total_bytes = len(todo) + len(done), sum(entry.size for entry in todo)
        total_bytes += sum(file.size for file in done.values())
        self._bytes = sum(file.size for file in done.values())
        key = fingerprint(reader)
        builder = _Builder(self._out, reader, self._count)
        workers = workers or os.cpu_count() or 1
        waiting: list[tuple[ArchivedFile, bytes]] = []
        queue = iter(todo)
        running: set[Future[tuple[ArchivedFile, bytes]]] = set()
        with ThreadPoolExecutor(workers) as pool:
            try:
                while True:
                    while len(running) < 2 * workers and (entry := next(queue, None)) is not None:
                        running.add(pool.submit(builder.encrypt, entry, where[entry.path]))
                    if not running:
                        break
                    ended, running = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                    waiting += [one.result() for one in ended]
                    if len(waiting) >= _AT_ONCE:
                        self._keep(waiting, done, key)
                    self._progress(Progress(len(done) + len(waiting), total_files, self._bytes, total_bytes))
                self._keep(waiting, done, key)
            except BaseException:
                builder.stop.set()
                pool.shutdown(cancel_futures=True)
                self._keep(waiting, done, key)
                raise

    def _count(self, size: int) -> None:
        with self._lock:
            self._bytes += size

    def _keep(self, waiting: list[tuple[ArchivedFile, bytes]], done: dict[str, ArchivedFile], key: str) -> None:
        """Write down what was encrypted: headers first, so that nothing counts as done that nobody can open."""
        self._headers.add((file.leaf, header) for file, header in waiting)
        with self._table.changing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO done VALUES (?, ?, ?, ?)",
                [(file.path, file.sha256, file.segments, key) for file, _header in waiting],
            )
        done.update((file.path, file) for file, _header in waiting)
        waiting.clear()


def _entries(subject: Subject) -> list[FileEntry]:
    """The files that go into the archive.

    Raises:
        ArchiveDiffers: They are not the version's.
    """
    if merkle.root(subject.files) != subject.content:
        raise ArchiveDiffers(
            f"the manifest does not name the files of {subject.dataset}, version {subject.version}: their root is "
            "another than the ledger's"
        )
    paths = {entry.path for entry in subject.files}
    if odd := sorted(set(subject.left_out) - paths):
        raise ArchiveDiffers(f"{odd[0]!r} cannot be left out: it is no file of the version")
    return [entry for entry in merkle.ordered(subject.files) if entry.path not in set(subject.left_out)]


def _locations(source: Path, entries: Sequence[FileEntry]) -> Mapping[str, Path]:
    where = listed.locations(source)
    if missing := [entry.path for entry in entries if entry.path not in where]:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ArchiveDiffers(f"the folder {source} lacks a file of the version: {missing[0]!r}{more}")
    return where


def _already_done(
    table: Table, out: Path, headers: HeaderStore, key: str, entries: Sequence[FileEntry]
) -> dict[str, ArchivedFile]:
    """What an earlier run finished, for this key and these files; what does not fit is made anew."""
    with table.reading() as connection:
        rows = {path: rest for path, *rest in connection.execute("SELECT path, sha256, segments, key FROM done")}
    found: dict[str, ArchivedFile] = {}
    for entry in entries:
        sha256, segments, for_key = rows.get(entry.path, (None, None, None))
        if sha256 != entry.sha256 or for_key != key:
            continue
        size = container.ciphertext_size(entry.size)
        file = ArchivedFile(entry.path, entry.size, sha256, size, segments)
        if headers.has(file.leaf) and _is_whole(out, file):
            found[entry.path] = file
    return found


def _finish(subject: Subject, out: Path, key: str, done: Mapping[str, ArchivedFile], table: Table) -> Archive:
    files = leaves.ordered(done.values())
    description = Description(subject.dataset, subject.version, subject.content, leaves.whole(files), key)
    lines = b"".join(rfc8785.dumps(file.to_json()) + b"\n" for file in files)
    with disk(out):
        flush(place(out, file.path) for file in files for place in (stored.body, stored.segments))
        write_private(out / stored.LIST, lines, mode=stored.SHARED)
        # Last, because it is what makes the folder an archive.
        write_private(out / stored.DESCRIPTION, rfc8785.dumps(description.to_json()) + b"\n", mode=stored.SHARED)
        table.close()
        (out / _BUILDING).unlink()
    return Archive(out)


def _require_same(archive: Archive, subject: Subject, key: str, entries: Sequence[FileEntry]) -> Archive:
    there = archive.description
    same = (there.dataset, there.version, there.content, there.key) == (
        subject.dataset,
        subject.version,
        subject.content,
        key,
    )
    if not same or [file.path for file in archive.files] != [entry.path for entry in entries]:
        raise ReleaseError(
            f"{archive.folder} has an archive of {there.dataset}, version {there.version}, already, with other files "
            "or for another key",
            hint="take another folder",
        )
    return archive


def _is_whole(out: Path, file: ArchivedFile) -> bool:
    """Whether a body and the SHA-256 of its segments are there as they were made."""
    tree = merkle_tree.Growing()
    try:
        with stored.body(out, file.path).open("rb") as sealed, stored.segments(out, file.path).open("rb") as digests:
            while block := sealed.read(16 * container.SEALED):
                for digest in container.digests(block):
                    if digests.read(len(digest)) != digest:
                        return False
                    tree.add(merkle_tree.leaf(digest))
            return not digests.read(1) and tree.root().hex() == file.segments
    except OSError:
        return False


def _read(source: BinaryIO, location: Path) -> bytes:
    try:
        return container.read_exactly(source, _BATCH)
    except OSError as error:
        raise DocumentError(f"the file {location} cannot be read: {error.strerror or error}") from error


@contextmanager
def _open(location: Path) -> Iterator[BinaryIO]:
    """A regular file, read without a buffer of Python's.

    Raises:
        DocumentError: It cannot be read.
    """
    try:
        descriptor = os.open(location, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise DocumentError(f"the file {location} cannot be read: {error.strerror or error}") from error
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise DocumentError(f"the file {location} is not a regular file")
        yield file


@contextmanager
def _placed(path: Path) -> Iterator[BinaryIO]:
    """A new file that is at its place when the body of the `with` statement ends well.

    It is not flushed to the disk: ten thousand small files would wait for it ten thousand times. A run that goes on
    looks at every segment again, and before the archive counts as finished all of its files are flushed side by side.
    """
    beside = path.with_name(path.name + ".part")
    with disk(path):
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        try:
            with beside.open("wb") as file:
                yield file
                file.flush()
                os.fchmod(file.fileno(), stored.SHARED)
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
