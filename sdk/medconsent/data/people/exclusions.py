"""The list of those who withdrew, as an owner commits to it: a salted hash on the ledger, list and salt at home."""

import hashlib
import secrets
from pathlib import Path

from medconsent._internal.files import open_regular, read_at_most
from medconsent._internal.text import decode
from medconsent.errors import DocumentError
from medconsent.private_files import create_private

_SALT = 32  # bytes
_MAX_SALT = 256  # bytes of its file: more than an editor makes of it
_DOMAIN = b"medconsent/exclusion-list/1\x00"


def list_commitment(file: Path, salt_file: Path) -> str:
    """SHA-256 (hex) of `"medconsent/exclusion-list/1" ‖ 0x00 ‖ salt (32 bytes) ‖ the list's bytes`.

    The salt is made when there is none yet, in a file that only its owner can read.

    Args:
        file: The list; whatever bytes it has are committed to.
        salt_file: The file with the salt, 64 hex digits.

    Raises:
        DocumentError: It cannot be read or written.
    """
    try:
        with open_regular(file) as listed:
            content = listed.read()
        if not salt_file.exists():
            with create_private(salt_file) as stream:
                stream.write(f"{secrets.token_hex(_SALT)}\n".encode("ascii"))
        salt = bytes.fromhex(decode(read_at_most(salt_file, _MAX_SALT)).strip())
        if len(salt) != _SALT:
            raise ValueError("another length")
    except OSError as error:
        raise DocumentError(f"the list cannot be committed to: {error.strerror}", source=str(error.filename)) from error
    except (ValueError, DocumentError):
        raise DocumentError("this is no salt", source=str(salt_file)) from None
    return hashlib.sha256(_DOMAIN + salt + content).hexdigest()
