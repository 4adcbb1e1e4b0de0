"""X25519 keys: a person's delivery key, and an archive's. On disk they are in Crypt4GH's own form, so that its command
line reads them; the file of a secret one is readable by its owner alone.
"""

import base64
import binascii
import hashlib
import io
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from medconsent._internal import extras
from medconsent.errors import DocumentError, ReleaseError
from medconsent.private_files import create_private, write_private

DELIVERY = "delivery.sec"
"""The delivery key's file in the folder of a context."""

_SIZE = 32
_MOST = 4096
_RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
_BEGIN, _END = b"-----BEGIN CRYPT4GH %s KEY-----\n", b"\n-----END CRYPT4GH %s KEY-----\n"


@dataclass(frozen=True)
class SecretKey:
    """A secret X25519 key. It is never shown."""

    secret: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> "SecretKey":
        """A new one."""
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    @cached_property
    def public(self) -> bytes:
        """The public key: 32 bytes."""
        return X25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes(*_RAW)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key, in hex: how the ledger names it."""
        return fingerprint(self.public)


def fingerprint(public: bytes) -> str:
    """SHA-256 of a public key's 32 bytes, in hex."""
    return hashlib.sha256(public).hexdigest()


def check_public(public: bytes) -> bytes:
    """The public key itself.

    Raises:
        ReleaseError: It is none that anything can be encrypted to.
    """
    if len(public) != _SIZE:
        raise ReleaseError(f"an X25519 key has {_SIZE} bytes, and this one {len(public)}")
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError as error:  # a point of small order: everybody knows what comes of it
        raise ReleaseError("the X25519 key is one of those with which nothing stays secret") from error
    return public


def create(path: Path) -> SecretKey:
    """A new key in a new file, and its public half beside it (`.pub`).

    Raises:
        FileExistsError: There is a file already.
        OSError: It cannot be written.
    """
    key = SecretKey.generate()
    content = _armored(b"PRIVATE", _private_form(key.secret))
    with create_private(path) as file:
        file.write(content)
    write_private(path.with_suffix(".pub"), _armored(b"PUBLIC", key.public), mode=0o644)
    return key


def load(path: Path) -> SecretKey:
    """The secret key in a file.

    Raises:
        DocumentError: It cannot be read, or has a passphrase.
    """
    try:
        data = _content(path)
    except OSError as error:
        raise DocumentError(f"the key {path} cannot be read: {error.strerror or error}") from error
    try:
        secret = _parse(data)
    except ValueError as error:
        raise DocumentError(f"{path} is no secret key of Crypt4GH without a passphrase") from error
    if len(secret) != _SIZE:
        raise DocumentError(f"{path} is no X25519 key")
    return SecretKey(secret)


def load_public(path: Path) -> bytes:
    """The public key in a file.

    Raises:
        DocumentError: It cannot be read, or is none.
    """
    try:
        public = _content(path)
    except (OSError, ValueError) as error:
        raise DocumentError(f"the key {path} cannot be read: {error}") from error
    try:
        return check_public(public)
    except ReleaseError as error:
        raise DocumentError(f"{path} is no public key of Crypt4GH: {error}") from error


def delivery(folder: Path) -> SecretKey:
    """The delivery key of a context, made when there is none.

    Args:
        folder: The context's folder.

    Raises:
        DocumentError: There is one that cannot be read.
        OSError: None can be made.
    """
    path = folder / DELIVERY
    return load(path) if path.exists() else create(path)


def _content(path: Path) -> bytes:
    from medconsent._internal.files import read_at_most  # noqa: PLC0415

    lines = [line for line in read_at_most(path, _MOST)[:_MOST].splitlines() if line.strip()]
    if len(lines) < 3 or not lines[0].startswith(b"-----BEGIN CRYPT4GH "):
        raise DocumentError(f"{path} is no key of Crypt4GH")
    try:
        return base64.b64decode(b"".join(lines[1:-1]), validate=True)
    except binascii.Error as error:
        raise DocumentError(f"{path} is no key of Crypt4GH: {error}") from error


def _armored(kind: bytes, content: bytes) -> bytes:
    return _BEGIN % kind + base64.b64encode(content) + _END % kind


def _private_form(secret: bytes) -> bytes:
    try:
        from crypt4gh.keys import c4gh  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ReleaseError("Crypt4GH is not installed", hint=extras.hint("release")) from error
    with redirect_stderr(io.StringIO()):  # it warns that there is no passphrase: a process has nobody to ask for it
        return bytes(c4gh.encode_private_key(secret, None, None))


def _parse(data: bytes) -> bytes:
    try:
        from crypt4gh.keys import c4gh  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ReleaseError("Crypt4GH is not installed", hint=extras.hint("release")) from error
    stream = io.BytesIO(data)
    if stream.read(len(c4gh.MAGIC_WORD)) != c4gh.MAGIC_WORD:
        raise ValueError("no such key")
    # Read by hand up to the cipher: the library ends the program where a passphrase is wrong.
    if c4gh.decode_string(stream) != b"none" or c4gh.decode_string(stream) != b"none":
        raise ValueError("it has a passphrase")
    return bytes(c4gh.decode_string(stream))
