"""The approval of an ethics board that goes with a vote, as people write it down: YAML -> `Ethics`.

board: "IRB of Hanbit Hospital"
number: "2026-114"
document: letter.pdf              # hashed here; beside the file. Or: sha256: 9f86d0...
valid_until: 2027-11-01T00:00:00Z
"""

import hashlib
import re
from pathlib import Path

from medconsent._internal.files import open_regular
from medconsent.documents.yaml import Reader, read_source
from medconsent.errors import DocumentError
from medconsent.values.purposes import Ethics

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_KEYS = ("board", "number", "document", "sha256", "valid_until")


def load_attestation(path: Path) -> Ethics:
    """The attestation in a YAML file.

    Raises:
        DocumentError: It cannot be read; with the line, also for a document that cannot be read.
    """
    source, name = read_source(path, "attestation")
    reader = Reader("attestation", name)
    node = reader.compose(source)
    members = reader.mapping(node, "the attestation", _KEYS, optional={"document", "sha256"})
    if ("document" in members) == ("sha256" in members):
        reader.refuse(node, "an attestation names its letter by `document` (a file) or by `sha256`: one of them")
    if "document" in members:
        digest = hash_of(path.parent / reader.text(members["document"], "document"))
    else:
        digest = reader.text(members["sha256"], "sha256")
        if not _SHA256.fullmatch(digest):
            reader.refuse(
                members["sha256"], "sha256 should be 64 digits and small letters from a to f, as sha256sum prints"
            )
    return Ethics(
        board=reader.text(members["board"], "board"),
        number=reader.text(members["number"], "number"),
        sha256=digest,
        valid_until=reader.moment(members["valid_until"], "valid_until"),
    )


def hash_of(document: Path) -> str:
    """The SHA-256 (lower-case hex) of a document's bytes.

    Raises:
        DocumentError: It cannot be read.
    """
    try:
        with open_regular(document) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DocumentError(f"the document cannot be read: {error.strerror}", source=str(document)) from error
