"""How wide text is on a terminal, and how wide the columns of a table may be there."""

import shutil
import sys
import unicodedata
from collections.abc import Sequence

BETWEEN = 2
"""Spaces between two columns."""

_NARROW_JAMO = ((0x1160, 0x11FF), (0xD7B0, 0xD7FF))
"""Vowels and final consonants of Hangul: a Mac writes a syllable as letters, and all stand in the first one's place."""


def width(text: str) -> int:
    """Columns that `text` takes on a terminal: wide East Asian characters take two, marks on other letters none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me"} or any(first <= ord(char) <= last for first, last in _NARROW_JAMO):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def clip(text: str, room: int) -> str:
    """`text`, or its beginning and an ellipsis where it takes more than `room` columns."""
    if width(text) <= room:
        return text
    kept, taken = [], 0
    for char in text:
        taken += _columns(char)
        if taken > room - 1:
            break
        kept.append(char)
    return "".join(kept) + "…"


def of_terminal() -> int | None:
    """How many columns the terminal has; None where the output goes elsewhere, which has no width."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def fitting(widths: Sequence[int], room: int, least: int) -> list[int] | None:
    """Widths of columns that together take `room` at most: the widest are cut first.

    Args:
        widths: What the columns would take.
        room: How many columns the terminal has.
        least: No column is cut to less.

    Returns:
        None when a column would be narrower than `least`.
    """
    found = list(widths)
    left = room - BETWEEN * (len(found) - 1)
    while sum(found) > left:
        widest = max(found)
        if widest <= least:
            return None
        next_widest = max((width for width in found if width < widest), default=0)
        many = found.count(widest)
        cut = max(next_widest, least, widest - -(-(sum(found) - left) // many))
        found = [cut if width == widest else width for width in found]
    return found
