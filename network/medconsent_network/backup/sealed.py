"""Encryption of backups: the format of age, by the library pyrage (the Rust implementation of age).

A backup is encrypted to an X25519 recipient, in a stream. The identity that decrypts it is a small file, itself
encrypted with a passphrase (age's scrypt).
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from medconsent import private_files
from medconsent._internal import extras
from medconsent_network.errors import NetworkError

SECRET = "AGE-SECRET-KEY-"  # noqa: S105 - how such a key begins
_ENCRYPTED = b"age-encryption.org/"
_PIECE = 1 << 20


def require() -> None:
    """Refuse to begin where the library is missing.

    Raises:
        NetworkError: TOOL_MISSING with how it is installed.
    """
    if find_spec("pyrage") is None:
        raise NetworkError("TOOL_MISSING", "there is no package `pyrage` here, which encrypts backups", _hint())


def new_key(path: Path, passphrase: str) -> str:
    """Make an identity and write it to a new file, encrypted with a passphrase.

    Args:
        path: The new file, mode 0600.
        passphrase: What it is asked for whenever it is used.

    Returns:
        The recipient to encrypt to: public.

    Raises:
        NetworkError: BACKUP_FAILED when there is such a file already, or it cannot be written.
    """
    require()
    from pyrage import passphrase as scrypt  # noqa: PLC0415 - an extra
    from pyrage import x25519  # noqa: PLC0415

    identity = x25519.Identity.generate()
    recipient = str(identity.to_public())
    text = f"# medconsent-network backup-key\n# public key: {recipient}\n{identity}\n"
    try:
        with private_files.create_private(path) as file:
            file.write(scrypt.encrypt(text.encode(), passphrase))
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise NetworkError(
            "BACKUP_FAILED", f"{path} is there already, and a key is never written over", "Name another file."
        ) from error
    except OSError as error:
        raise NetworkError("BACKUP_FAILED", f"cannot write {path}: {error.strerror or error}") from error
    return recipient


def read_key(path: Path, passphrase: Callable[[], str]) -> Any:
    """The identity in a file: encrypted with a passphrase, or plain as `age-keygen` writes it.

    Args:
        path: The file.
        passphrase: Is asked only when it is encrypted.

    Raises:
        NetworkError: BACKUP_LOCKED when the passphrase is another, or the file holds no identity.
    """
    require()
    from pyrage import DecryptError, IdentityError, x25519  # noqa: PLC0415
    from pyrage import passphrase as scrypt  # noqa: PLC0415

    try:
        data = path.read_bytes()
    except OSError as error:
        raise _locked(f"cannot read the key {path}: {error.strerror or error}") from error
    if data.startswith(_ENCRYPTED):
        try:
            data = scrypt.decrypt(data, passphrase())
        except (DecryptError, ValueError) as error:
            raise _locked(f"the passphrase is not that of {path}, or the file is damaged") from error
    lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines()]
    for line in lines:
        if line.startswith(SECRET):
            try:
                return x25519.Identity.from_str(line)
            except IdentityError as error:
                raise _locked(f"the key in {path} is damaged") from error
    raise _locked(f"there is no key in {path}")


def recipients(texts: Sequence[str]) -> list[Any]:
    """Whom a backup is encrypted to.

    Raises:
        NetworkError: BACKUP_FAILED when one is no such public key.
    """
    require()
    from pyrage import RecipientError, x25519  # noqa: PLC0415

    found = []
    for text in texts:
        try:
            found.append(x25519.Recipient.from_str(text.strip()))
        except RecipientError as error:
            raise NetworkError(
                "BACKUP_FAILED",
                f"{text[:80]!r} is no public key of age (age1...)",
                "`medconsent-network backup-key FILE` makes a key and says its public one.",
            ) from error
    return found


def once() -> Any:
    """An identity that is only in memory: with it a backup is read back right after it was written."""
    from pyrage import x25519  # noqa: PLC0415

    return x25519.Identity.generate()


@contextmanager
def encrypted(to: BinaryIO, to_whom: Sequence[Any]) -> Iterator[BinaryIO]:
    """A stream; what is written into it stands encrypted in `to` once the block has ended.

    Args:
        to: Where the ciphertext goes.
        to_whom: Recipients; each can open all of it.

    Raises:
        OSError: What writing to `to` raised.
    """
    from pyrage import encrypt_io  # noqa: PLC0415

    reading, writing = os.pipe()
    target, failed = _Target(to), list[Exception]()

    def work() -> None:
        try:
            with os.fdopen(reading, "rb") as source:
                encrypt_io(source, target, list(to_whom))
        except Exception as error:
            failed.append(target.error or error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        with os.fdopen(writing, "wb") as plain:
            yield plain
    except BrokenPipeError:  # the other end has failed: that is the error
        thread.join()
        if not failed:
            raise
    finally:
        thread.join()
    if failed:
        raise failed[0]


@contextmanager
def decrypted(source: BinaryIO, identity: Any) -> Iterator[BinaryIO]:
    """A stream of what was encrypted. That it is whole is known only once the block has ended without an error.

    Args:
        source: The ciphertext, from its beginning.
        identity: The key that it was made for.

    Raises:
        NetworkError: BACKUP_LOCKED for another key; BACKUP_DAMAGED when it is damaged or cut, before any error that the
            block raised because of that.
    """
    from pyrage import decrypt_io  # noqa: PLC0415

    reading, writing = os.pipe()
    failed = list[Exception]()

    def work() -> None:
        try:
            with os.fdopen(writing, "wb") as target:
                decrypt_io(source, target, [identity])
        except BrokenPipeError:  # nobody reads on
            pass
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        with os.fdopen(reading, "rb") as plain:
            yield plain
            while plain.read(_PIECE):  # to the end, where the last piece says that nothing is missing
                pass
    except Exception as error:
        thread.join()
        if failed and not _ours(failed[0]):
            raise _refusal(failed[0]) from error
        raise
    finally:
        thread.join()
    if failed:
        raise _refusal(failed[0])


def damaged(what: str) -> NetworkError:
    """The refusal BACKUP_DAMAGED."""
    return NetworkError(
        "BACKUP_DAMAGED", f"the backup is damaged, cut, or none: {what}", "Take another copy of it, or an earlier one."
    )


class _Target:
    """Where pyrage writes to; it keeps the system's error, of which pyrage only tells the words."""

    def __init__(self, to: BinaryIO) -> None:
        self._to = to
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._to.write(data)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        self._to.flush()


def _ours(error: Exception) -> bool:
    """Whether decryption only ended because nobody read on."""
    return "Broken pipe" in str(error) or "BrokenPipe" in str(error)


def _refusal(error: Exception) -> NetworkError:
    if "No matching keys" in str(error):
        return _locked("the backup is encrypted to another key")
    return damaged(str(error))


def _locked(what: str) -> NetworkError:
    return NetworkError("BACKUP_LOCKED", what, "Nothing was changed. Take the key that the backup was made for.")


def _hint() -> str:
    return extras.hint("network")
