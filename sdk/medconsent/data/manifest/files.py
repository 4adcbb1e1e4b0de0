"""The files of a dataset: their names, sizes and SHA-256.

A path is relative to the dataset's folder, with `/` between its parts, in Unicode NFC, without empty parts, `.` and
`..`. Symbolic links and anything else that is not a regular file are no part of a dataset: what they lead to may be
different elsewhere.
"""

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from medconsent._internal.codec import Value
from medconsent.errors import DocumentError

MAX_PATH_BYTES = 1024

_LITTER = {".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", ".localized", ".directory", "icon\r"}
_LITTER_FOLDERS = {"__macosx", ".spotlight-v100", ".trashes", ".fseventsd", ".temporaryitems", ".appledouble"}
_LOCKS = re.compile(r"\._.*|~\$.*|\.~lock\..*#", re.DOTALL)  # what a Mac, Office and LibreOffice put beside a file

_BLOCK = 1 << 20


@dataclass(frozen=True, order=True)
class FileEntry(Value):
    """One file: its path in the dataset, its size in bytes, the SHA-256 of its content (lower-case hex)."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, order=True)
class Irregular(Value):
    """Something in the folder that cannot be part of a dataset, and why."""

    path: str
    why: str


def check_path(path: str) -> str:
    """The path itself.

    Raises:
        ValueError: It is none that a dataset may have; the sentence says why.
    """
    if not path or path.startswith("/"):
        raise ValueError(f"the path {path!r} should be relative to the dataset's folder")
    if any(part in ("", ".", "..") for part in path.split("/")):
        raise ValueError(f"the path {path!r} has an empty part, '.' or '..'")
    if "\\" in path or any(unicodedata.category(char) in ("Cc", "Cs") for char in path):
        raise ValueError(f"the path {path!r} has a backslash or a control character")
    if not unicodedata.is_normalized("NFC", path):
        raise ValueError(
            f"the path {path!r} is not in Unicode NFC: rename the file to {unicodedata.normalize('NFC', path)!r}"
        )
    if len(path.encode()) > MAX_PATH_BYTES:
        raise ValueError(f"the path {path[:40]!r}… is longer than {MAX_PATH_BYTES} bytes")
    return path


def is_litter(path: str) -> bool:
    """Whether a desktop put a file into the folder by itself, and nobody means it (`.DS_Store`, `._scan`)."""
    *folders, name = path.lower().split("/")
    return name in _LITTER or bool(_LOCKS.fullmatch(name)) or not _LITTER_FOLDERS.isdisjoint(folders)


def scan(folder: Path, *, exclude: Collection[str] = ()) -> Iterator[FileEntry | Irregular]:
    """Every file under a folder, read and hashed, in the order of paths, and what is no regular file as `Irregular`.

    Paths are in Unicode NFC, as people see them: a Mac may keep them in another form.

    Args:
        folder: The folder.
        exclude: Paths to pass over, relative to the folder.

    Raises:
        DocumentError: The folder or a file cannot be read.
    """
    before = set()
    for found in _walk(folder, ""):
        path = unicodedata.normalize("NFC", found)
        if path in exclude:
            continue
        if path in before:
            yield Irregular(found, f"{found!r} is called as another file here: rename one of them")
            continue
        before.add(path)
        yield _entry(path, folder / found)


def locations(folder: Path) -> dict[str, Path]:
    """Where each path of a dataset is in a folder: a Mac may spell its name in another form than NFC.

    Raises:
        DocumentError: The folder cannot be read.
    """
    return {unicodedata.normalize("NFC", found): folder / found for found in _walk(folder, "")}


def hash_file(location: Path) -> tuple[int, str]:
    """Size and SHA-256 of a regular file, of the bytes that were read.

    Raises:
        OSError: It cannot be read, or is a symbolic link.
    """
    # O_NOFOLLOW: what was a file a moment ago may be a link now. O_NONBLOCK: opening a pipe must not wait for a writer.
    descriptor = os.open(location, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{location} is not a regular file")
        digest, size = hashlib.sha256(), 0
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()


def _walk(folder: Path, prefix: str) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder / prefix if prefix else folder), key=lambda entry: entry.name)
    except OSError as error:
        raise DocumentError(f"the folder {folder / prefix} cannot be read: {error.strerror}") from error
    for entry in entries:
        path = f"{prefix}/{entry.name}" if prefix else entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(folder, path)
        else:
            yield path


def _entry(path: str, location: Path) -> FileEntry | Irregular:
    try:
        check_path(path)
    except ValueError as error:
        return Irregular(path, str(error))
    mode = location.lstat().st_mode
    if stat.S_ISLNK(mode):
        return Irregular(path, f"{path!r} is a symbolic link; put the file itself there")
    if not stat.S_ISREG(mode):
        return Irregular(path, f"{path!r} is not a regular file")
    try:
        return FileEntry(path, *hash_file(location))
    except OSError as error:
        raise DocumentError(f"the file {location} cannot be read: {error.strerror or error}") from error
