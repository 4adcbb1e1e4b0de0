"""Files that the user names: read to a limit, hashed at any length, never overwritten unasked.

`-` is stdin or stdout.
"""

import hashlib
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from medconsent._internal import streams

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader

    from medconsent.policies import Policy

MIB = 1024**2


def read_file(path: str | Path, most: int = MIB) -> bytes:
    """The bytes of a file that the user named.

    Args:
        path: The file (`-`: stdin).
        most: Bytes that are read at most.

    Raises:
        click.UsageError: it cannot be read, is no regular file, or has more than `most` bytes.
    """
    with _opened(path) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise click.UsageError(f"{path} is too long: at most {_in_words(most)} are read.")
    return data


def is_file(subject: str) -> bool:
    """Whether what may be a file or a name is a file (`-`: stdin); a pipe or a device is one too, to be refused so."""
    return subject == "-" or (Path(subject).exists() and not Path(subject).is_dir())


def sha256_of(path: str | Path) -> str:
    """The SHA-256 (lower-case hex) of a file that the user named, of any length.

    Args:
        path: The file (`-`: stdin).

    Raises:
        click.UsageError: it cannot be read, or is no regular file.
    """
    with _opened(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_policy(path: str | Path) -> "Policy":
    """The policy in a file that the user named (`-`: stdin).

    Raises:
        DocumentError: It cannot be read, or is no policy; with the line.
    """
    from medconsent.documents.policies import MAX_BYTES, load_yaml  # noqa: PLC0415
    from medconsent.errors import DocumentError  # noqa: PLC0415

    if str(path) != "-":
        return load_yaml(Path(path))
    try:
        return load_yaml(sys.stdin.buffer.read(MAX_BYTES + 1))
    except DocumentError as error:
        error.source = "stdin"
        raise


@contextmanager
def _opened(path: str | Path) -> "Iterator[BufferedReader]":
    """A file that the user named (`-`: stdin), open for reading.

    Raises:
        click.UsageError: it cannot be read, or is no regular file: a pipe could be waited for without end.
    """
    from medconsent._internal.files import open_regular  # noqa: PLC0415

    try:
        if str(path) == "-":
            yield cast("BufferedReader", sys.stdin.buffer)
            return
        with open_regular(path) as stream:
            yield stream
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}.") from None


def _in_words(size: int) -> str:
    return f"{size // MIB} MiB" if size >= MIB else f"{size // 1024} KiB"


def require_new(path: str, *, replace: bool) -> None:
    """See that `write_file` would not be refused because the file exists.

    Args:
        path: The file (`-`: stdout, which always can be written).
        replace: That it exists is no reason to refuse.

    Raises:
        click.UsageError: it exists and `replace` is not set.
    """
    if path != "-" and not replace and Path(path).exists():
        raise _exists(path)


def _exists(path: str) -> click.UsageError:
    return click.UsageError(f"{path} exists already: give --replace to overwrite it.")


def write_file(path: str, data: bytes, *, replace: bool) -> None:
    """Write to a file that the user named.

    Args:
        path: The file (`-`: stdout).
        data: What it is to hold.
        replace: Overwrite it when it exists.

    Raises:
        click.UsageError: it exists and `replace` is not set, or cannot be written. A stdout that nobody reads any
            more, as that of `| head`, is none of these.
    """
    if path == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        if told := streams.complaint():
            raise click.UsageError(f"{told}.")
        return
    try:
        with Path(path).open("wb" if replace else "xb") as stream:
            stream.write(data)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}.") from None
