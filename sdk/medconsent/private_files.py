"""Files that only their owner reads, and their folders: the one place that makes any.

What is written in one step is there whole or not at all. Permissions are those of POSIX: 0600 for a file unless the
caller says otherwise, 0700 for a folder, whatever the umask.
"""

import os
import tempfile
from io import BufferedRandom, BufferedWriter
from pathlib import Path

PRIVATE = 0o600
"""The permissions of a file that only its owner reads and writes."""


def private_folder(path: Path) -> list[Path]:
    """Make a folder that only its owner enters, and what leads to it where that is not there either.

    Folders that are there stay as they are. `Path.mkdir(parents=True)` would let others enter those that it makes on
    the way; the XDG Base Directory Specification asks for 0700 there too.

    Args:
        path: The folder.

    Returns:
        What was made, the outermost first.

    Raises:
        OSError: It cannot be made.
    """
    if path.is_dir():
        return []
    made = private_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)  # another program may have made it just now
    return [*made, path]


def write_private(path: Path, content: bytes, *, mode: int = PRIVATE) -> None:
    """Write a file in one step: what reads it meanwhile finds what was there before, or everything.

    It is written beside its place, flushed to the disk and renamed.

    Args:
        path: The file; one that is there is replaced. Its folder exists.
        content: Everything that the file is to hold.
        mode: The permissions of the file, for one that others may read.

    Raises:
        OSError: The file cannot be written; then nothing is changed.
    """
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # created with mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def create_private(path: Path, *, mode: int = PRIVATE) -> BufferedWriter:
    """A new file to write to, for what must never be written over, such as a key.

    Args:
        path: Where it is to stand.
        mode: The permissions of the file, for one that its owner may run.

    Returns:
        The file, opened for writing bytes.

    Raises:
        FileExistsError: There is a file already.
        OSError: It cannot be made.
    """
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")


def open_private(path: Path, *, follow: bool = True) -> BufferedRandom:
    """A file to read and write in place, made when it is not there: a journal, or what is locked.

    Args:
        path: Where it stands, or is to stand.
        follow: Whether a symbolic link may stand there; not in a folder that somebody else writes to.

    Returns:
        The file, opened for reading and writing bytes, at its beginning.

    Raises:
        OSError: It cannot be opened.
    """
    flags = os.O_RDWR | os.O_CREAT | (0 if follow else os.O_NOFOLLOW)
    return os.fdopen(os.open(path, flags, PRIVATE), "r+b")
