"""Crypt4GH (GA4GH, version 1.0): a header for each reader, and a body of segments that is the same for all.

A segment of the body is nonce (12 bytes) ‖ ChaCha20-Poly1305 of up to 65,536 bytes ‖ tag (16 bytes); all segments of a
file have one session key, which the header holds for one reader's X25519 key. Nothing in the format says how many
segments there are or which one comes first: `medconsent.release.leaves` has the root that does.

All of it is done by OpenSSL (`cryptography`), which lets other threads run. The library `crypt4gh` agrees on a key for
each header anew, and writes keys into its debug log. In the tests its program reads what is made here, and the other
way round.
"""

import hashlib
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from medconsent.errors import DamagedCiphertext, ReleaseError

SEGMENT = 65_536
"""Bytes of plaintext in a segment; only the last one may have fewer."""
OVERHEAD = 28
"""Bytes by which a segment grows: nonce and tag."""
SEALED = SEGMENT + OVERHEAD
"""Bytes of a whole segment as ciphertext."""
HEADER = 124
"""Bytes of a header with one session key for one reader."""

_NONCE = 12
# The magic word, version 1, one packet; the packet's length and method (0: X25519 with ChaCha20-Poly1305).
_BEGINNING = b"crypt4gh" + struct.pack("<4I", 1, 1, HEADER - 16, 0)
# What is in the packet (0: a session key), and of which method (0: ChaCha20-Poly1305, the one that there is).
_DATA_KEY = struct.pack("<2I", 0, 0)


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


class Sender:
    """Makes headers for one reader.

    They come from a key that is made here and never kept: Crypt4GH's headers are anonymous, and the receipt says who
    sent what. What is agreed on with the reader is agreed on once, for however many files; threads may share it.
    """

    def __init__(self, reader: bytes) -> None:
        """
        Args:
            reader: The reader's public X25519 key, 32 bytes.

        Raises:
            ReleaseError: It is none that can be used.
        """
        secret = X25519PrivateKey.generate()
        self._public = secret.public_key().public_bytes_raw()
        try:
            agreed = secret.exchange(X25519PublicKey.from_public_bytes(reader))
        except ValueError as error:
            raise ReleaseError(f"no header can be made for that key: {error}") from error
        self._secret = _derived(agreed, reader, self._public)

    def header(self, key: SessionKey) -> bytes:
        """A header that gives the reader the session key of a file."""
        nonce = os.urandom(_NONCE)
        sealed = ChaCha20Poly1305(self._secret).encrypt(nonce, _DATA_KEY + key.secret, None)
        return _BEGINNING + self._public + nonce + sealed


def make_header(key: SessionKey, reader: bytes) -> bytes:
    """A header that gives one reader the session key.

    Args:
        key: The key of the file's segments.
        reader: The reader's public X25519 key, 32 bytes.

    Raises:
        ReleaseError: The reader's key is none that can be used.
    """
    return Sender(reader).header(key)


def open_header(header: bytes, secret: bytes) -> SessionKey:
    """The session key in a header.

    Args:
        header: The header, and nothing behind it.
        secret: The reader's secret X25519 key, 32 bytes.

    Raises:
        DamagedCiphertext: The header is for another key, cannot be read, or has something else in it than one session
            key.
    """
    if len(header) != HEADER or not header.startswith(_BEGINNING):
        raise DamagedCiphertext("the header has something else in it than one session key")
    at = len(_BEGINNING)
    sender, nonce, sealed = header[at : at + 32], header[at + 32 : at + 32 + _NONCE], header[at + 32 + _NONCE :]
    try:
        opened = ChaCha20Poly1305(_agreed(secret, sender)).decrypt(nonce, sealed, None)
    except (InvalidTag, ValueError) as error:
        raise DamagedCiphertext("the header cannot be opened with this key: it is for another, or damaged") from error
    if not opened.startswith(_DATA_KEY):
        raise DamagedCiphertext("the header has something else in it than one session key")
    return SessionKey(opened[len(_DATA_KEY) :])


@lru_cache(maxsize=32)
def _agreed(secret: bytes, sender: bytes) -> bytes:
    """What a reader agrees on with a sender: once for all headers that the sender made."""
    own = X25519PrivateKey.from_private_bytes(secret)
    agreed = own.exchange(X25519PublicKey.from_public_bytes(sender))
    return _derived(agreed, own.public_key().public_bytes_raw(), sender)


def _derived(agreed: bytes, reader: bytes, sender: bytes) -> bytes:
    """The key of a header (Crypt4GH 1.0, 3.2.1; as libsodium's `crypto_kx` has it)."""
    return hashlib.blake2b(agreed + reader + sender).digest()[:32]


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
