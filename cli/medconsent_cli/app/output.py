"""What is printed: JSON for programs, tables and lines for people.

People get ids cut to twelve characters (`--json` has them whole), colours only on a terminal and never under NO_COLOR
(https://no-color.org). Text from the ledger was written by others, so control characters, with which a terminal could
be driven, are shown as their code instead of being sent.
"""

import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

import click

from medconsent._internal import columns, streams

ID_WIDTH = 12
_HEX = re.compile(r"\b[0-9a-f]{64}\b")
_CELL_WIDTH = 64  # a whole fingerprint: it is there to be compared
_COLOURS = {
    "permit": "green",
    "active": "green",
    "approved": "green",
    "valid": "green",
    "deny": "red",
    "rejected": "red",
    "revoked": "red",
    "forged": "red",
    "break-glass": "red",
    "confirm break-glass": "red",
    "justify break-glass": "red",
    "suspended": "red",
    "unjustified": "red",
    "closed": "yellow",
    "returned": "yellow",
    "relinquished": "yellow",
    "ended": "yellow",
    "open": "red",
    "same": "green",
    "unreachable": "yellow",
    "changed": "red",
    "review": "yellow",
    "lapsed": "yellow",
    "expired": "yellow",
    "withdrawn": "yellow",
    "ok": "green",
    "warning": "yellow",
    "wrong": "red",
    "unknown": "yellow",
}


def coloured(stream: TextIO) -> bool:
    """Whether `stream` takes colours: a terminal that is not dumb, without NO_COLOR in the environment."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def safe(text: object) -> str:
    """`text` with control, format and surrogate characters shown as `\\u....` rather than sent to the terminal."""
    return "".join(
        f"\\u{ord(char):04x}" if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else char
        for char in str(text)
    )


def short(identifier: str) -> str:
    """A transaction id or digest as people are shown it."""
    return identifier[:ID_WIDTH]


def brief(text: str) -> str:
    """`text` with each transaction id and digest in it cut short."""
    return _HEX.sub(lambda found: short(found[0]), text)


def word(state: str, stream: TextIO | None = None) -> str:
    """A state or decision in its colour.

    Args:
        state: A word of the contract, as `deny`.
        stream: Where it is printed; None for stdout.
    """
    stream = stream or sys.stdout
    colour = _COLOURS.get(state.lower())
    return click.style(safe(state), fg=colour) if colour and coloured(stream) else safe(state)


def strong(text: str, stream: TextIO | None = None) -> str:
    """A heading, bold on a terminal.

    Args:
        text: The heading; it is not escaped here.
        stream: Where it is printed; None for stdout.
    """
    return click.style(text, bold=True) if coloured(stream or sys.stdout) else text


def tinted(text: str, colour: str, stream: TextIO | None = None) -> str:
    """A line in a colour on a terminal.

    Args:
        text: The line; it is not escaped here.
        colour: As Click names it.
        stream: Where it is printed; None for stdout.
    """
    return click.style(text, fg=colour) if coloured(stream or sys.stdout) else text


def as_json(value: Any) -> str:
    """`value` as indented JSON; characters that could drive a terminal are escaped by JSON itself or here."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return "".join(
        f"\\u{ord(char):04x}"
        if ord(char) > 0x7E and unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        else char
        for char in text
    )


def json_document(value: Any, stream: TextIO | None = None) -> None:
    """Print `value` as JSON.

    Args:
        value: What `json` can write.
        stream: Where to. Default: stdout. Letters that its encoding lacks are escaped, so that it stays what it says.
    """
    stream = stream or sys.stdout
    text = as_json(value)
    click.echo(text if streams.encodable(text, stream) else json.dumps(value, indent=2), file=stream)


def line(text: str = "") -> None:
    """One line on stdout."""
    click.echo(text, color=True)


def fields(pairs: Iterable[tuple[str, object]]) -> None:
    """Label and value, one pair a line, aligned.

    Args:
        pairs: Those whose value is None or empty are left out; a list has a line for each item.
    """
    shown = [(label, value) for label, value in pairs if value not in (None, "", [], ())]
    width = max((len(label) for label, _ in shown), default=0)
    for label, value in shown:
        values = list(value) if isinstance(value, list | tuple) else [value]
        for number, item in enumerate(values):
            head = label if number == 0 else ""
            line(f"{head:<{width}}  {item if isinstance(item, Styled) else safe(item)}")


class Styled(str):
    """Text that was made safe and styled already."""

    __slots__ = ()


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str = "nothing found") -> None:
    """Columns aligned with two spaces between them; words that are states get their colour; numbers stand right.

    Args:
        headers: The columns.
        rows: A cell for each column; None is an empty one, and a long one is cut.
        empty: What is said on stderr when there are no rows: it is no result, which others may read.
    """
    rows = list(rows)
    cells = [[columns.clip(safe("" if cell is None else cell), _CELL_WIDTH) for cell in row] for row in rows]
    if not cells:
        click.echo(f"({empty})", err=True)
        return
    right = [all(isinstance(row[index], int) for row in rows) for index in range(len(headers))]
    widths = [max(columns.width(headers[i]), *(columns.width(row[i]) for row in cells)) for i in range(len(headers))]
    room = columns.of_terminal()
    fitting = widths if room is None else columns.fitting(widths, room, ID_WIDTH)
    if fitting is None:
        _cards(headers, cells, room or 0)
        return

    def aligned(texts: Sequence[str], show: Any) -> str:
        parts = []
        for text, width, to_right in zip(texts, fitting, right, strict=True):
            cut = columns.clip(text, width)
            gap = " " * (width - columns.width(cut))
            parts.append(gap + show(cut) if to_right else show(cut) + gap)
        return "  ".join(parts).rstrip()

    line(aligned([header.upper() for header in headers], strong))
    for row in cells:
        line(aligned(row, word))


def _cards(headers: Sequence[str], cells: Sequence[Sequence[str]], room: int) -> None:
    """A table for which the terminal is too narrow: a row is a few lines, each with its column's name."""
    left = room - columns.BETWEEN - max(map(columns.width, headers))
    for number, row in enumerate(cells):
        if number:
            line()
        fields((head, Styled(word(columns.clip(cell, left)))) for head, cell in zip(headers, row, strict=True) if cell)
