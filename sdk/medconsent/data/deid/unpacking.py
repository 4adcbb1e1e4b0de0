"""Compressed images, read from their beginning in bounded memory.

A few hundred KiB can unpack to gigabytes. So what comes out is counted and not kept, and refused when it is more than a
file of its size holds in earnest: 256 MiB, or a hundred times its size when that is more.
"""

import io
import os
import zlib
from pathlib import Path
from typing import IO, Any

from medconsent.errors import DocumentError

GZIP, DEFLATE = 31, -15
"""How zlib calls what is packed: a gzip file, or deflated bytes without a header."""
_BLOCK = 1024**2
_LEAST, _RATIO = 256 * 1024**2, 100


def unpack(stream: IO[bytes], how: int, file: Path) -> io.BufferedReader:
    """What the rest of a file unpacks to, as a stream that cannot seek.

    Reading raises `DocumentError`: it is no such data, is cut off, or unpacks to too much.

    Args:
        stream: The packed bytes, from where they begin.
        how: `GZIP` or `DEFLATE`.
        file: The file, for the message of the error.
    """
    return io.BufferedReader(_Unpacking(stream, how, file), _BLOCK)


def skip(stream: IO[bytes], count: int) -> bool:
    """Pass over bytes, without keeping them; whether there were so many.

    Args:
        stream: The stream; a packed one cannot seek and is read.
        count: How many bytes.
    """
    if stream.seekable():
        stream.seek(count, os.SEEK_CUR)
        return stream.tell() <= os.fstat(stream.fileno()).st_size
    while count > 0 and (passed := len(stream.read(min(count, _BLOCK)))):
        count -= passed
    return count <= 0


def drain(stream: IO[bytes]) -> None:
    """Read a compressed stream to its end, which tells whether it is whole and how much it is."""
    if not stream.seekable():
        while stream.read(_BLOCK):
            pass


class _Unpacking(io.RawIOBase):
    def __init__(self, stream: IO[bytes], how: int, file: Path) -> None:
        super().__init__()
        self._stream, self._how, self._file = stream, how, file
        self._unpacker = zlib.decompressobj(how)
        self._packed = b""
        self._left = max(_LEAST, _RATIO * os.fstat(stream.fileno()).st_size)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        found = self._next(len(buffer))
        buffer[: len(found)] = found
        self._left -= len(found)
        if self._left < 0:
            raise DocumentError(
                "it unpacks to far more than a file of its size holds in earnest",
                source=str(self._file),
                hint="unpack it, and look at what is in it",
            )
        return len(found)

    def _next(self, most: int) -> bytes:
        while True:
            if self._unpacker.eof and not self._again():
                return b""
            self._packed = self._packed or self._stream.read(_BLOCK)
            try:
                found = self._unpacker.decompress(self._packed, most)
            except zlib.error:
                raise DocumentError("what it is packed with cannot be read", source=str(self._file)) from None
            ended = not self._packed
            self._packed = self._unpacker.unconsumed_tail
            if found:
                return found
            if ended and not self._unpacker.eof:
                raise DocumentError("it is cut off", source=str(self._file))

    def _again(self) -> bool:
        """Whether another packed part follows, as a gzip file may have several."""
        self._packed = self._unpacker.unused_data or self._stream.read(_BLOCK)
        if self._how != GZIP or not self._packed.strip(b"\0"):
            self._packed = b""
            return False
        self._unpacker = zlib.decompressobj(self._how)
        return True
