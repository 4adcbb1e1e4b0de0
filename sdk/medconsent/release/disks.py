"""What a disk says when it takes nothing."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medconsent.errors import DiskFull, ReleaseError


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
