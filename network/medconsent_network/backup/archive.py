"""What is in a backup: a tar archive whose first member says what it is, and whose last one has every file's digest."""

import hashlib
import io
import json
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from medconsent.private_files import PRIVATE, create_private, private_folder
from medconsent_network.backup import blocks, sealed
from medconsent_network.backup.blocks import Chain, NotAChainError
from medconsent_network.backup.picture import Picture

FORMAT = 1
_ABOUT, _DIGESTS, _HOME = "about.json", "digests.json", "home"
_MOST_JSON = 64 << 20
_PLACE = re.compile(r"[A-Za-z0-9._@+ %-]+(/[A-Za-z0-9._@+ %-]+)*")


@dataclass(frozen=True)
class About:
    """What a backup says of itself.

    Attributes:
        institution: Whose home it is of.
        channel: Of which channel.
        fabric_version: Which Fabric the home ran.
        made: When it was made (RFC 3339, UTC).
        ledger: Whether the ledgers are in it.
    """

    institution: str
    channel: str
    fabric_version: str
    made: str
    ledger: bool


@dataclass
class Seen:
    """What was found in a backup that was read to its end.

    Attributes:
        about: What it says of itself.
        files: How many files of the home it has.
        size: How many bytes these have together.
        chains: The blocks of `peer` and `orderer`; empty without ledgers.
    """

    about: About
    files: int = 0
    size: int = 0
    chains: dict[str, Chain] = field(default_factory=dict)


def write(picture: Picture, about: About, to: BinaryIO) -> None:
    """Write the archive of a picture into a stream.

    Args:
        picture: The home's files, as they are read.
        about: What the archive says of itself.
        to: Where it goes; it is written from the beginning to the end and never sought in.

    Raises:
        OSError: Reading or writing failed.
    """
    digests: dict[str, str] = {}
    with tarfile.open(fileobj=to, mode="w|gz", format=tarfile.PAX_FORMAT) as tar:
        _add_json(tar, _ABOUT, {"medconsent": "backup", "format": FORMAT, **asdict(about)})
        for place in sorted(picture.files):
            one = picture.files[place]
            entry = tarfile.TarInfo(f"{_HOME}/{place}")
            entry.size, entry.mode = one.size, 0o700 if one.program else 0o600
            with one.opened() as file:
                reader = _Digesting(file, one.size)
                tar.addfile(entry, reader)
            digests[place] = reader.digest
        _add_json(tar, _DIGESTS, digests)


def read(source: BinaryIO, into: Path | None = None) -> Seen:
    """Read an archive to its end: look at every file and every block; write the files into a folder if one is given.

    Args:
        source: A stream of the archive.
        into: An empty folder.

    Raises:
        NetworkError: BACKUP_DAMAGED when something is missing, too much or another; what was written is to be thrown
            away then.
        OSError: A file cannot be written.
    """
    try:
        with tarfile.open(fileobj=source, mode="r|gz") as tar:
            return _read(tar, into)
    except (tarfile.TarError, EOFError, zlib.error, ValueError, TypeError, KeyError, NotAChainError) as error:
        raise sealed.damaged(str(error)) from error


def _read(tar: tarfile.TarFile, into: Path | None) -> Seen:
    seen: Seen | None = None
    found: dict[str, str] = {}
    for member in tar:
        if seen is None:
            seen = Seen(_about(_json(tar, member, _ABOUT)))
        elif member.name == _DIGESTS:
            if _json(tar, member, _DIGESTS) != found:
                raise sealed.damaged("its files are not those that it lists")
            if tar.next() is not None:
                raise sealed.damaged("there is more in it than it lists")
            return seen
        else:
            place = _place(member)
            if place in found:
                raise sealed.damaged(f"{place} is there twice")
            found[place] = _one(tar, member, place, seen, into)
            seen.files, seen.size = seen.files + 1, seen.size + member.size
    raise sealed.damaged("its end is missing")


def _one(tar: tarfile.TarFile, member: tarfile.TarInfo, place: str, seen: Seen, into: Path | None) -> str:
    content = tar.extractfile(member)
    if content is None:
        raise sealed.damaged(f"{place} is no file")
    with _copied_to(into / place if into else None, member.mode) as target:
        reader = _Digesting(content, member.size, target)
        matched = blocks.FILE.fullmatch(place)
        if matched and matched["channel"] == seen.about.channel:
            seen.chains.setdefault(matched["node"], Chain()).add(io.BufferedReader(reader, 1 << 16))
        while reader.read(1 << 20):
            pass
    return reader.digest


@contextmanager
def _copied_to(path: Path | None, mode: int) -> Iterator[BinaryIO | None]:
    if path is None:
        yield None
        return
    private_folder(path.parent)
    with create_private(path, mode=0o700 if mode & 0o100 else PRIVATE) as file:
        yield file


class _Digesting(io.RawIOBase):
    """Reads so many bytes of a file; what was read is counted into a digest, and copied into another file."""

    def __init__(self, source: Any, size: int, copy: BinaryIO | None = None) -> None:
        super().__init__()
        self._source, self._left, self._copy = source, size, copy
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def readinto(self, buffer: Any) -> int:
        """See `io.RawIOBase`."""
        data = self._source.read(min(len(buffer), self._left))
        if len(data) == 0 and self._left:
            raise EOFError("a file is shorter than it should be")
        self._left -= len(data)
        self._hash.update(data)
        if self._copy:
            self._copy.write(data)
        buffer[: len(data)] = data
        return len(data)

    @property
    def digest(self) -> str:
        """SHA-256 of what was read, in hexadecimal."""
        return self._hash.hexdigest()


def _place(member: tarfile.TarInfo) -> str:
    """Where in the home a member belongs; nothing leads out of it."""
    top, _, place = member.name.partition("/")
    parts = PurePosixPath(place).parts
    if top != _HOME or not member.isreg() or not _PLACE.fullmatch(place) or {".", ".."} & set(parts):
        raise sealed.damaged(f"{member.name[:80]!r} is no file of a home")
    return place


def _about(document: Any) -> About:
    if not isinstance(document, dict) or document.pop("medconsent", "") != "backup":
        raise sealed.damaged("it is no backup of medconsent-network")
    version = document.pop("format", None)
    if version != FORMAT:
        raise sealed.damaged(f"it has the format {version!r}; this version reads {FORMAT}")
    return About(**document)


def _add_json(tar: tarfile.TarFile, name: str, document: Any) -> None:
    data = json.dumps(document, indent=1).encode()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    tar.addfile(entry, io.BytesIO(data))


def _json(tar: tarfile.TarFile, member: tarfile.TarInfo, name: str) -> Any:
    content = tar.extractfile(member) if member.isreg() and member.name == name else None
    if content is None or member.size > _MOST_JSON:
        raise sealed.damaged(f"it has no {name} where one has to be")
    return json.loads(content.read())
