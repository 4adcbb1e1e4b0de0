"""JSON that means one thing to every reader: RFC 8259 without duplicate members, hashed in the canonical form of RFC
8785.

`json.loads` keeps the last of duplicate members and takes NaN; another reader may keep the first. Both are refused
here.
"""

import hashlib
import json
from collections import Counter
from typing import Any

from medconsent._internal.text import decode
from medconsent.errors import DocumentError


def load(data: bytes, what: str = "the document") -> Any:
    """The value of a JSON text in UTF-8, or in UTF-16 with its mark.

    Raises:
        DocumentError: It cannot be read; with line and column where they are known.
    """
    return loads(decode(data, what), what)


def loads(text: str, what: str = "the document") -> Any:
    """The value of a JSON text.

    Raises:
        DocumentError: It cannot be read; with line and column where they are known.
    """
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise DocumentError(f"{what} is not JSON: {error.msg}", line=error.lineno, column=error.colno) from error
    except ValueError as error:
        raise DocumentError(f"{what} is not JSON that can be hashed: {error}") from error
    except RecursionError as error:
        raise DocumentError(f"{what} is nested too deeply") from error


def canonical_sha256(value: Any, what: str = "the document") -> str:
    """SHA-256 (lower-case hex) of the value's RFC 8785 form.

    Raises:
        DocumentError: A number or a text in it has no such form.
    """
    return hashlib.sha256(canonical(value, what)).hexdigest()


def canonical(value: Any, what: str = "the document") -> bytes:
    """The value's RFC 8785 form.

    Raises:
        DocumentError: A number or a text in it has no such form.
    """
    import rfc8785  # noqa: PLC0415 - only large manifests need it

    try:
        return rfc8785.dumps(value)
    except (ValueError, RecursionError) as error:  # rfc8785.CanonicalizationError is a ValueError
        raise DocumentError(f"{what} has no canonical form (RFC 8785): {error}") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ValueError(f"the member {twice!r} is there twice in one object")
    return members


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")
