"""The secret of a cohort: without it no pseudonym can be computed from an identifier, and none traced back."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from medconsent._internal.files import read_at_most
from medconsent._internal.text import decode
from medconsent.errors import DocumentError
from medconsent.private_files import create_private

_SIZE = 32  # bytes: as much as HMAC-SHA-256 uses
_MAX_FILE = 256  # bytes: more than an editor makes of it
_PSEUDONYM = b"medconsent/pseudonym/1"
_PADDING = b"medconsent/padding/1"
_CHECK = b"medconsent/key-check/1"
_OPEN_TO_OTHERS = 0o077


@dataclass(frozen=True)
class CohortKey:
    """32 random bytes that never leave the institution; not shown by `repr`."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """
        Raises:
            ValueError: The secret has another length.
        """
        if len(self.secret) != _SIZE:
            raise ValueError(f"the key of a cohort has {_SIZE} bytes, not {len(self.secret)}")

    @classmethod
    def new(cls) -> "CohortKey":
        """A fresh one from the system's randomness."""
        return cls(secrets.token_bytes(_SIZE))

    @classmethod
    def load(cls, file: Path) -> "CohortKey":
        """The key in a file.

        Raises:
            DocumentError: Others can read it, or it is no key.
        """
        try:
            if file.stat().st_mode & _OPEN_TO_OTHERS:
                raise DocumentError(f"others can read it: chmod 600 {file}", source=str(file))
            text = decode(read_at_most(file, _MAX_FILE), "the key", str(file))
            return cls(bytes.fromhex(text.strip()))
        except OSError as error:
            raise DocumentError(f"the key cannot be read: {error.strerror}", source=str(file)) from error
        except ValueError:
            raise DocumentError("this is no key of a cohort", source=str(file)) from None

    def save(self, file: Path) -> None:
        """Write it to a new file that only its owner can read.

        Raises:
            DocumentError: There is one already.
        """
        try:
            with create_private(file) as stream:
                stream.write(f"{self.secret.hex()}\n".encode("ascii"))
        except FileExistsError:
            raise DocumentError(
                "there is a file already, and a key that is written over cannot be had again", source=str(file)
            ) from None
        except OSError as error:
            raise DocumentError(f"the key cannot be written: {error.strerror}", source=str(file)) from error

    def check(self, cohort: str) -> str:
        """What tells on the ledger whether an epoch was made with this key, lower-case hex.

        It is bound to the cohort, and has a domain of its own: neither the key nor any pseudonym can be had from it.
        """
        text = b"\x00".join((_CHECK, cohort.encode()))
        return hmac.new(self.secret, text, hashlib.sha256).hexdigest()

    def pseudonym(self, cohort: str, epoch: int, person: str) -> bytes:
        """A person's pseudonym (32 bytes) in one epoch: another one in each, so that epochs cannot be linked.

        Args:
            cohort: The cohort, as `hanbit/breast-2024`.
            epoch: The number of the epoch.
            person: The identifier that the institution has for the person.
        """
        return self._derive(_PSEUDONYM, cohort, epoch, person)

    def padding(self, cohort: str, epoch: int, number: int) -> bytes:
        """A leaf of nobody, which only the key's holder can tell from a person's.

        Args:
            cohort: The cohort, as `hanbit/breast-2024`.
            epoch: The number of the epoch.
            number: Which one, from 0 on.
        """
        return self._derive(_PADDING, cohort, epoch, str(number))

    def _derive(self, domain: bytes, cohort: str, epoch: int, what: str) -> bytes:
        text = b"\x00".join((domain, cohort.encode(), str(epoch).encode(), what.encode()))
        return hmac.new(self.secret, text, hashlib.sha256).digest()
