"""The report that a statement names by its hash: what was measured, for its owner and whoever is shown it."""

import json
import secrets
from collections.abc import Sequence
from hashlib import file_digest
from pathlib import Path

from medconsent._internal.files import open_regular
from medconsent._version import __version__
from medconsent.data.deid.images import Headers
from medconsent.data.deid.tables import Measured
from medconsent.errors import DocumentError

FORMAT = "medconsent/deid-report/1"
_SALT_BYTES = 16


def report(table: Path | None, measured: Measured | None, headers: Sequence[Headers]) -> bytes:
    """The report as JSON (UTF-8); its SHA-256 goes into the statement (`report.sha256`).

    It has exact numbers, of which a statement has bands, and the hash of the table's file, by which it is known what
    was measured; no value of a column or header that names anybody. Nearly all of it could be guessed, and the hash is
    on the ledger: so a salt is in it, and each report has a hash of its own.

    Args:
        table: The table's file; None: there is no table.
        measured: What was measured of it.
        headers: What the headers of images show.

    Raises:
        DocumentError: The table cannot be read.
    """
    document = {
        "format": FORMAT,
        "tool": "medconsent",
        "tool_version": __version__,
        "salt": secrets.token_hex(_SALT_BYTES),
        "table": {**measured.to_json(), "sha256": _sha256(table)} if measured and table else None,
        "images": [found.to_json() for found in headers],
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _sha256(file: Path) -> str:
    try:
        with open_regular(file) as stream:
            return file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DocumentError(f"the table cannot be read: {error.strerror}", source=str(file)) from error
