"""Standard output and error as the program writes to them: what becomes of the output never ends the work.

A reader that has seen enough (`| head`), a full disk, a code page without some letter, a stream that was closed before
the program began: none of them says anything about the change that was sent. So what cannot be written is left out,
and the program ends with the code that its work deserves.
"""

import contextlib
import errno
import io
import os
import select
import sys
from typing import Any, TextIO, cast

_GONE = {errno.EPIPE, errno.EBADF, errno.ECONNRESET}
"""Why a stream cannot be written to when whoever would read it wants nothing more: nobody has to be told."""


class _Enduring(io.RawIOBase):
    """A file descriptor that takes whatever is written, and remembers why it could not pass it on."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self.lost: OSError | None = None

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        take_away()
        left = memoryview(data).cast("B")
        size = len(left)
        while left and self.lost is None:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [])  # a pipe that somebody made non-blocking, and full
            except OSError as error:
                self.lost = error
        return size


_passing: list[int] = []
"""The terminal on which a line stands that whatever comes next takes the place of."""


def passing(text: str) -> None:
    """Write a line to stderr, a terminal, that is taken away before anything else is written, there or to stdout."""
    print(text, end="", file=sys.stderr, flush=True)
    _passing[:] = [2]


def take_away() -> None:
    """Take a line of `passing` away, when one stands there."""
    while _passing:
        with contextlib.suppress(OSError):
            os.write(_passing.pop(), b"\r\033[K")


def prepare() -> None:
    """Make stdout and stderr endure: to be called once, before anything is printed.

    A descriptor below 3 that is closed is opened on the null device first. Otherwise the next file that the program
    opens, such as a private key, would have its number, and whatever a library prints would be written into it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number: this one
    sys.stdout = _enduring(sys.stdout, 1)
    sys.stderr = _enduring(sys.stderr, 2)


def _enduring(stream: TextIO | None, descriptor: int) -> TextIO:
    if sys.platform == "win32" and isinstance(stream, io.TextIOWrapper) and stream.isatty():
        stream.reconfigure(errors="replace")  # a console has calls of its own there, and no reader that goes away
        return stream
    encoding = "utf-8" if stream is None else stream.encoding
    terminal = os.isatty(descriptor)
    raw = _Enduring(descriptor)
    # Letters that the encoding lacks become `?`.
    text = io.TextIOWrapper(
        io.BufferedWriter(raw), encoding, errors="replace", line_buffering=terminal or descriptor == 2
    )
    return cast("TextIO", text)


def lost(stream: TextIO) -> OSError | None:
    """Why some of what was written to a stream of `prepare` is lost; None when nothing is, or for another stream."""
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return raw.lost if isinstance(raw, _Enduring) else None


def gone(stream: TextIO) -> bool:
    """Whether nobody reads any more what goes to this stream: a command that goes on for ever may end."""
    why = lost(stream)
    return why is not None and why.errno in _GONE


class _Insisting:
    """Writes to another stream, and says what that one swallowed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(text)

    def flush(self) -> None:
        self._stream.flush()
        if (why := lost(self._stream)) is not None:
            raise why


def insisting(stream: TextIO) -> TextIO:
    """The stream for what must not be thought delivered when it is lost: `flush` raises `OSError` then."""
    return cast("TextIO", _Insisting(stream))


def complaint() -> str:
    """What somebody has to be told about output that is lost; empty when none is, or when nobody wanted it."""
    why = lost(sys.stdout)
    return "" if why is None or gone(sys.stdout) else f"not all of the output was written: {why.strerror}"


def encodable(text: str, stream: TextIO) -> bool:
    """Whether the stream's encoding has every letter of `text`."""
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
