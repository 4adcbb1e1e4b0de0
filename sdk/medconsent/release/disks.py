"""What a disk says when it takes nothing, and when it has taken everything."""

import errno
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from medconsent.errors import DiskFull, ReleaseError

_AT_ONCE = 16  # files that are flushed side by side: a disk writes many of them together


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """What the disk says, as an error that helps.

    Raises:
        DiskFull: There is no room left.
        ReleaseError: Something else is wrong with it.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                f"there is no room left for {path}", hint="make room and run it again: what is there stays"
            ) from error
        raise ReleaseError(f"{path} cannot be written: {error.strerror or error}") from error


def flush(files: Iterable[Path]) -> None:
    """Wait until files, and their names in their folders, are on the disk. Nothing else is waited for.

    Raises:
        OSError: One of them cannot be flushed.
    """
    found = list(files)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for paths in (found, {path.parent for path in found}, {path.parent.parent for path in found}):
            list(pool.map(_flush, paths))


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
