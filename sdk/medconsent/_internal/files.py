"""Files that a person names, opened so that none of them can make the program wait or read for ever.

A pipe with nobody at its other end hangs whoever opens it, and a device such as /dev/zero has no end.
"""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

_HANDED_OVER = ("/dev/stdin", "/dev/fd/")
"""What the caller's shell has opened already, as for `<(command)`: it may be a pipe, and ends with the command."""


def open_regular(path: str | Path) -> BufferedReader:
    """A file opened for reading bytes.

    Raises:
        OSError: It cannot be read, or is no regular file.
    """
    if str(path).startswith(_HANDED_OVER):
        return Path(path).open("rb")
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    return os.fdopen(descriptor, "rb")


def read_at_most(path: str | Path, most: int) -> bytes:
    """The bytes of a regular file, of a longer one the first `most` + 1: enough to see that it is too long.

    Raises:
        OSError: It cannot be read, or is no regular file.
    """
    with open_regular(path) as stream:
        return stream.read(most + 1)
