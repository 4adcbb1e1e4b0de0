"""Reading a file strictly: each function gives the value, or refuses with a sentence that names the key at fault."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from medconsent._internal.words import odd_letter
from medconsent_network.errors import NetworkError


def mapping(value: Any, where: str, known: Collection[str]) -> Mapping[str, Any]:
    """A mapping with keys out of `known`.

    Args:
        value: What YAML made of it.
        where: The key that it stands under, for a refusal.
        known: The keys that there may be.

    Raises:
        NetworkError: CONSORTIUM_INVALID for something else, or another key.
    """
    if not isinstance(value, dict):
        raise invalid(where, "must be a mapping of keys to values")
    unknown = sorted(str(key) for key in value if key not in known)
    if unknown:
        raise invalid(where, f"has unknown keys: {', '.join(unknown)} (known are: {', '.join(sorted(known))})")
    return value


def text(value: Any, where: str, grammar: re.Pattern[str], longest: int) -> str:
    """A string of at most `longest` characters that `grammar` matches as a whole.

    Args:
        value: What YAML made of it.
        where: The key that it stands under, for a refusal.
        grammar: What the whole text has to match.
        longest: In characters.

    Raises:
        NetworkError: CONSORTIUM_INVALID for something else; a letter of another alphabet is named.
    """
    if not isinstance(value, str) or not grammar.fullmatch(value) or len(value) > longest:
        if isinstance(value, int | float) and not isinstance(value, bool) and grammar.fullmatch(str(value)):
            raise invalid(where, f'is a number to YAML ({value}) and has to be text: put it in quotes, as "{value}"')
        odd = odd_letter(value) if isinstance(value, str) else ""
        said = f"must match {grammar.pattern} and have at most {longest} characters, not {value!r}"
        raise invalid(where, f"{said}; {odd}" if odd else said)
    return value


def title(value: Any, where: str) -> str:
    """A string of 1 to 100 printable characters.

    Args:
        value: What YAML made of it.
        where: The key that it stands under, for a refusal.

    Raises:
        NetworkError: CONSORTIUM_INVALID for something else.
    """
    if not isinstance(value, str) or not 1 <= len(value) <= 100 or not value.isprintable():
        raise invalid(where, "must be 1 to 100 printable characters")
    return value


def integer(value: Any, where: str, least: int, most: int) -> int:
    """A whole number from `least` to `most`.

    Args:
        value: What YAML made of it; `true` is no number.
        where: The key that it stands under, for a refusal.
        least: The smallest that may be.
        most: The largest.

    Raises:
        NetworkError: CONSORTIUM_INVALID for something else.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise invalid(where, f"must be a whole number from {least} to {most}, not {value!r}")
    return value


def invalid(where: str, what: str) -> NetworkError:
    """The refusal CONSORTIUM_INVALID: the key `where`, and what is wrong with it.

    Args:
        where: The key at fault.
        what: What is wrong with it; follows the key in the sentence.
    """
    return NetworkError("CONSORTIUM_INVALID", f"{where} {what}")
