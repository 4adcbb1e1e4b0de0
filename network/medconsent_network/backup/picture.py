"""A picture of a home's files at one moment for each process, taken while the processes run.

A process is held (SIGSTOP) while its files are linked and its small ones read: its ledger then is as after `kill -9`,
which Fabric's nodes come back from. How long that takes does not depend on how large the ledger is: tables of its
databases are never changed once they are written, and blocks are only appended, so both are linked. What is read stays
in memory, because a disk may be slow. A CA's register is copied by SQLite itself.
"""

import io
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from medconsent_network import files
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.supervisor import Supervisor

FOLDER = ".backup"
"""Where the picture is, in the home, while it is read."""

_LEFT_OUT = ("logs", "supervisor", "bin", "place.json", ".lock", FOLDER)
"""What every start makes anew, or is of no use elsewhere."""
_LEFT_OUT_OF_PROCESSES = ("data/externalbuilder", "data/snapshots", "operations.sock")
_LEDGERS = ("peer/data", "orderer/data", "watch")
_REGISTER = "fabric-ca-server.db"
_RESERVED = ".tmp"  # of Raft's journal: room for its next file
_KEPT = (".ldb", ".sst")
_APPENDED = "blockfile_"


@dataclass(frozen=True)
class File:
    """A file as it was at one moment.

    Attributes:
        size: How many bytes it had.
        program: Whether its owner may run it.
        path: A link to it, which may have grown since; None when it was read.
        data: What was read, without the zeros at its end.
    """

    size: int
    program: bool
    path: Path | None = None
    data: bytes = b""

    @classmethod
    def linked(cls, path: Path) -> "File":
        """One of which what is there now stays."""
        now = path.stat()
        return cls(now.st_size, bool(now.st_mode & 0o100), path)

    @classmethod
    def read(cls, path: Path) -> "File":
        """One that may change."""
        program = bool(path.stat().st_mode & 0o100)
        with path.open("rb") as file:
            data = _without_holes(file)
            return cls(max(len(data), os.fstat(file.fileno()).st_size), program, data=data)

    def opened(self) -> BinaryIO:
        """Its content; close it."""
        return self.path.open("rb") if self.path else _Padded(self.data, self.size)


@dataclass
class Picture:
    """The files of a home.

    Attributes:
        files: Each by its place in the home.
        held: For how many seconds each process was held.
    """

    files: dict[str, File] = field(default_factory=dict)
    held: dict[str, float] = field(default_factory=dict)


@contextmanager
def taken(home: Home, *, ledger: bool = True) -> Iterator[Picture]:
    """A picture of the home, which is gone when the block ends.

    Args:
        home: Whose.
        ledger: Whether its ledgers belong to it: without them it has keys, CAs, settings and what the channel is.

    Raises:
        NetworkError: BACKUP_FAILED when a file cannot be read.
        OSError: There is no room for the small files, or the like.
    """
    folder = home / FOLDER
    files.remove_tree(folder)  # of one that was interrupted
    files.private_folder(folder)
    try:
        picture = Picture()
        supervisor = Supervisor(home)
        running = supervisor.states() or supervisor.unwatched()
        for process, place in (("watch", "watch"), ("peer", "peer/data"), ("orderer", "orderer/data")):
            # The peer before its orderer: what it has from there the orderer's picture has too.
            if (home / place).is_dir() and (ledger or process == "watch"):
                state = running.get(process)
                with _held(state.pid if state else 0) as clock:
                    _walk(home, place, folder, picture)
                if state and state.pid:
                    picture.held[process] = clock.seconds
        for ca in ("ca", "tlsca"):
            _register(home, ca, folder, picture)
        for path in sorted(home.path.iterdir()):
            if path.name not in _LEFT_OUT:
                _rest(home, path, picture)
        yield picture
    finally:
        files.remove_tree(folder)


class _Clock:
    seconds = 0.0


@contextmanager
def _held(pid: int) -> Iterator[_Clock]:
    """Hold a process. Should this program be killed meanwhile, a shell lets the process go on."""
    clock = _Clock()
    if not pid:
        yield clock
        return
    guard = subprocess.Popen(
        ["/bin/sh", "-c", 'read _; kill -CONT "$0"', str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    begun = time.monotonic()
    try:
        os.kill(pid, signal.SIGSTOP)
        yield clock
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
        clock.seconds = time.monotonic() - begun
        guard.communicate()


def _walk(home: Home, place: str, folder: Path, picture: Picture) -> None:
    """Link what stays and copy what changes, of everything below `place`."""
    for parent, names, inside in os.walk(home / place):
        here = Path(parent).relative_to(home.path)
        left = [name for name in names if any(str(here / name).endswith(one) for one in _LEFT_OUT_OF_PROCESSES)]
        names[:] = [name for name in names if name not in left]
        for name in inside:
            source, target = Path(parent, name), folder / here / name
            if source.is_symlink() or not source.is_file() or name.endswith(_RESERVED):
                continue
            if name.endswith(_KEPT) or name.startswith(_APPENDED):
                target.parent.mkdir(parents=True, exist_ok=True)
                os.link(source, target)
                picture.files[str(here / name)] = File.linked(target)
            else:
                picture.files[str(here / name)] = File.read(source)


def _register(home: Home, ca: str, folder: Path, picture: Picture) -> None:
    source, target = home.node(ca) / _REGISTER, folder / ca / _REGISTER
    if not source.is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as there, sqlite3.connect(target) as here:
            there.backup(here)
        here.close()
        there.close()
    except sqlite3.Error as error:
        raise NetworkError("BACKUP_FAILED", f"the register {source} cannot be read: {error}") from error
    picture.files[f"{ca}/{_REGISTER}"] = File.read(target)


def _rest(home: Home, path: Path, picture: Picture) -> None:
    """Everything else: settings, keys, certificates, which are replaced and never changed."""
    inside = [path] if path.is_file() else sorted(path.rglob("*"))
    for source in inside:
        place = str(source.relative_to(home.path))
        ledger = any(place == one or place.startswith(f"{one}/") for one in _LEDGERS)
        if source.is_symlink() or not source.is_file() or ledger or Path(place).name.startswith(_REGISTER):
            continue
        picture.files[place] = File.read(source)


def _without_holes(file: BinaryIO) -> bytes:
    """What is in a file up to its last byte that is not zero: Raft's journal reserves much more than it has."""
    found, at, size = bytearray(), 0, os.fstat(file.fileno()).st_size
    while at < size:
        try:
            begin = os.lseek(file.fileno(), at, os.SEEK_DATA)
        except OSError:  # only a hole is left; or a system that cannot tell, and then a file is read whole
            break
        at = os.lseek(file.fileno(), begin, os.SEEK_HOLE)
        found.extend(bytes(begin - len(found)))
        found.extend(os.pread(file.fileno(), at - begin, begin))
    return bytes(found).rstrip(b"\0")


class _Padded(io.BytesIO):
    """Some bytes, and zeros after them."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._size = size

    def read(self, size: int | None = -1) -> bytes:
        """See `io.BytesIO`."""
        at = self.tell()
        left = self._size - at
        wanted = left if size is None or size < 0 else min(size, left)
        data = super().read(wanted)
        if len(data) < wanted:
            padding = bytes(wanted - len(data))
            self.seek(at + wanted)
            return data + padding
        return data
