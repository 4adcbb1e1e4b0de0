"""Crypt4GH (GA4GH, version 1.0): a header for each reader, and a body of segments that is the same for all.

A segment of the body is nonce (12 bytes) ‖ ChaCha20-Poly1305 of up to 65,536 bytes ‖ tag (16 bytes); all segments of a
file have one session key, which the header holds for one reader's X25519 key. Nothing in the format says how many
segments there are or which one comes first: `medconsent.release.leaves` has the root that does.

Headers are made and read by the library `crypt4gh`, segments by OpenSSL, which is faster and lets other threads run.
The library writes keys into its debug log, so its log is closed here.
"""

import hashlib
import io
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from medconsent._internal import extras
from medconsent.errors import DamagedCiphertext, ReleaseError

SEGMENT = 65_536
"""Bytes of plaintext in a segment; only the last one may have fewer."""
OVERHEAD = 28
"""Bytes by which a segment grows: nonce and tag."""
SEALED = SEGMENT + OVERHEAD
"""Bytes of a whole segment as ciphertext."""
MOST_HEADER_BYTES = 4096
"""A header of ours has 124 bytes; a longer one than this is none of ours."""

_NONCE = 12
_METHOD = 0  # X25519 with ChaCha20-Poly1305, the one that there is


@dataclass(frozen=True)
class SessionKey:
    """The key of one file's segments. It is never shown."""

    secret: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> "SessionKey":
        """A new one."""
        return cls(os.urandom(32))


def segments_of(size: int) -> int:
    """How many segments a plaintext of so many bytes has."""
    return -(-size // SEGMENT)


def ciphertext_size(size: int) -> int:
    """How many bytes the body of a plaintext of so many bytes has."""
    return size + OVERHEAD * segments_of(size)


def seal(key: SessionKey, plaintext: bytes | memoryview) -> bytes:
    """The segments of a plaintext that begins at a segment's boundary, one after the other.

    Args:
        key: The key of the file's segments.
        plaintext: At most the whole file, in bytes; each 64 KiB become a segment, with a nonce of its own.
    """
    cipher = ChaCha20Poly1305(key.secret)
    parts = []
    for start in range(0, len(plaintext), SEGMENT):
        nonce = os.urandom(_NONCE)
        parts += [nonce, cipher.encrypt(nonce, plaintext[start : start + SEGMENT], None)]
    return b"".join(parts)


def split(ciphertext: bytes) -> Iterator[bytes]:
    """The segments of a ciphertext that begins at a segment's boundary."""
    for start in range(0, len(ciphertext), SEALED):
        yield ciphertext[start : start + SEALED]


def unseal(key: SessionKey, segment: bytes) -> bytes:
    """The plaintext of one segment.

    Args:
        key: The key of the file's segments.
        segment: The segment: nonce, ciphertext and tag.

    Raises:
        DamagedCiphertext: It is not what the key made.
    """
    try:
        return ChaCha20Poly1305(key.secret).decrypt(segment[:_NONCE], segment[_NONCE:], None)
    except (InvalidTag, ValueError) as error:
        raise DamagedCiphertext("a segment cannot be decrypted: it was changed, or is of another file") from error


def make_header(key: SessionKey, reader: bytes) -> bytes:
    """A header that gives one reader the session key.

    Args:
        key: The key of the file's segments.
        reader: The reader's public X25519 key, 32 bytes.

    Raises:
        ReleaseError: The reader's key is none that can be used.
    """
    header = _library()
    packet = header.make_packet_data_enc(_METHOD, key.secret)
    # The sender's key is used once: Crypt4GH's headers are anonymous, and the receipt says who sent what.
    try:
        packets = list(header.encrypt(packet, [(_METHOD, os.urandom(32), _public(reader))]))
        return bytes(header.serialize(packets))
    except ValueError as error:
        raise ReleaseError(f"no header can be made for that key: {error}") from error


def open_header(header_bytes: bytes, secret: bytes) -> SessionKey:
    """The session key in a header.

    Args:
        header_bytes: The header, and nothing behind it.
        secret: The reader's secret X25519 key, 32 bytes.

    Raises:
        DamagedCiphertext: The header is for another key, cannot be read, or has more than one session key in it.
    """
    stream = io.BytesIO(header_bytes)
    try:
        keys, edits = _library().deconstruct(stream, [(_METHOD, secret, None)])
    except (ValueError, AssertionError, IndexError, OverflowError, MemoryError) as error:
        raise DamagedCiphertext("the header cannot be opened with this key: it is for another, or damaged") from error
    if len(keys) != 1 or len(keys[0]) != 32 or edits is not None or stream.read(1):
        raise DamagedCiphertext("the header has something else in it than one session key")
    return SessionKey(bytes(keys[0]))


def read_exactly(stream: BinaryIO, size: int) -> bytes:
    """So many bytes of a stream, fewer only at its end: a single `read` may give less than there is.

    Args:
        stream: Where it is read from.
        size: How many bytes.
    """
    first = stream.read(size)
    if not first or len(first) == size:
        return first or b""
    parts, have = [first], len(first)
    while have < size and (more := stream.read(size - have)):
        parts.append(more)
        have += len(more)
    return b"".join(parts)


def digests(ciphertext: bytes) -> list[bytes]:
    """The SHA-256 of each segment of a ciphertext that begins at a segment's boundary."""
    return [hashlib.sha256(segment).digest() for segment in split(ciphertext)]


def _public(key: bytes) -> bytes:
    if len(key) != 32:
        raise ValueError(f"an X25519 key has 32 bytes, and this one {len(key)}")
    return key


def _library() -> ModuleType:
    try:
        from crypt4gh import header  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ReleaseError("Crypt4GH is not installed", hint=extras.hint("release")) from error
    log = logging.getLogger("crypt4gh")
    log.disabled = True
    for name in ("crypt4gh.header", "crypt4gh.lib"):
        logging.getLogger(name).disabled = True
    module: ModuleType = header
    return module
