"""k-anonymity and l-diversity of a table (Sweeney 2002; distinct l-diversity of Machanavajjhala et al. 2007)."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from medconsent._internal.codec import Value
from medconsent._internal.text import seen
from medconsent._internal.words import counted
from medconsent.data.people.members import band
from medconsent.data.tables import Table, open_table
from medconsent.errors import DocumentError

_NOTHING = frozenset(
    [
        *(
            "",
            "na",
            "n/a",
            "n.a.",
            "#n/a",
            "nan",
            "null",
            "none",
            "nil",
            "nd",
            "n/d",
            "not available",
            "not applicable",
        ),
        *("not known", "not done", "not recorded", "unknown", "unk", "unspecified", "missing", "(blank)", "blank"),
        *(
            "unbekannt",
            "k.a.",
            "keine angabe",
            "inconnu",
            "desconocido",
            "없음",
            "미상",
            "모름",
            "해당없음",
            "해당 없음",
        ),
        *("결측", "不明", "未知", "無し", "なし"),
    ]
)
"""What people and programs write where there is nothing to say. Some of it may be an answer in earnest (`none`): then l
is only too small."""
_QUOTES = re.compile(r"^[\s\"'`]+|[\s\"'`.;:]+$")
_NUMBER = re.compile(r"[+-]?(?:\d{1,40}\.?\d{0,40}|\.\d{1,40})(?:e[+-]?\d{1,2})?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
#: Between a letter and the letter or digit beside it nothing is meant by a space, a dash or a line: `I 10`, `type-2`.
_JOINTS = re.compile(r"(?<=[^\W\d_])[\s_-]+(?=[^\W_])|(?<=[^\W_])[\s_-]+(?=[^\W\d_])|(?<=\w)\s+(?=\W)|(?<=\W)\s+(?=\w)")
_SHORT = 100  # characters of a cell that is remembered: columns repeat the same few
_TOLD_COLUMNS = 30  # of a table with many: more is no help on a screen


@dataclass(frozen=True)
class Measured(Value):
    """What was measured of one table.

    Attributes:
        name: The table's name.
        quasi_identifiers: The columns by which somebody might be recognised.
        sensitive: The columns that are to stay unknown.
        rows: How many rows there are: exact, and for its owner; a statement has a band of it.
        k: The size of the smallest class of rows that agree in all quasi-identifiers.
        classes: How many classes there are.
        below_five: How many of them have fewer than five rows.
        l: The smallest number of different values of a sensitive column within a class, the least over all such
            columns; None without any.
        notes: What somebody should know before they believe l: empty cells and words for them, and values spelled in
            several ways.
    """

    name: str
    quasi_identifiers: tuple[str, ...]
    sensitive: tuple[str, ...]
    rows: int
    k: int
    classes: int
    below_five: int
    l: int | None = None  # noqa: E741 - the name that the literature gives it
    notes: tuple[str, ...] = ()

    def statement(self, released_before: Sequence[str] = ()) -> dict[str, object]:
        """The table's entry in a statement (docs/contract.md, "deid")."""
        entry: dict[str, object] = {
            "name": self.name,
            "quasi_identifiers": [*self.quasi_identifiers],
            "sensitive": [*self.sensitive],
            "k": self.k,
            "records_band": band(self.rows),
            "released_before": [*released_before],
        }
        if self.l is not None:
            entry["l"] = self.l
        return entry


def measure(file: Path, quasi_identifiers: Sequence[str], sensitive: Sequence[str] = ()) -> Measured:
    """k and l of a table with a header line (`medconsent.data.tables`).

    Columns are named as people see them, without spaces around. For k, values are compared as they are written: two
    spellings make two classes, and k smaller. For l they are not: an empty cell is no value, nor is a word for one
    (`n/a`, `unknown`), and spellings that differ in spaces, capitals, dashes or in how a number is written are one, so
    that neither makes l larger.

    Args:
        file: The table: UTF-8, a row a record.
        quasi_identifiers: The columns that together might tell who somebody is.
        sensitive: The columns of which nothing should be told by knowing somebody's class; none: l is not measured.

    Raises:
        DocumentError: The file is no such table, or has no such columns.
    """
    if not quasi_identifiers:
        raise DocumentError("k means nothing without quasi-identifiers: name the columns", source=str(file))
    if twice := {name for names in (quasi_identifiers, sensitive) for name, of in Counter(names).items() if of > 1}:
        raise DocumentError(f"the column {min(twice)!r} is named twice", source=str(file), hint="name it once")
    quasi, of = [seen(name) for name in quasi_identifiers], [seen(name) for name in sensitive]
    with open_table(file) as table:
        by, columns = [_column(table, name) for name in quasi], [_column(table, name) for name in of]
        if both := set(quasi) & set(of):
            raise DocumentError(f"{min(both)!r} cannot be quasi-identifier and sensitive at once", source=table.source)
        sizes: dict[tuple[str, ...], int] = defaultdict(int)
        values: dict[tuple[str, ...], list[set[str]]] = defaultdict(lambda: [set() for _ in columns])
        looks = [_Spellings(name) for name in of]
        for row in table.rows():
            group = tuple(row.cells[column] for column in by)
            sizes[group] += 1
            for found, column, look in zip(values[group], columns, looks, strict=True):
                found.add(look.value(row.cells[column]))
    if not sizes:
        raise DocumentError("the table has no rows", source=str(file), hint="a line below the header is a row")
    return Measured(
        name=file.stem,
        quasi_identifiers=tuple(quasi),
        sensitive=tuple(of),
        rows=sum(sizes.values()),
        k=min(sizes.values()),
        classes=len(sizes),
        below_five=sum(size < 5 for size in sizes.values()),
        l=min(max(1, len(found - {""})) for group in values.values() for found in group) if columns else None,
        notes=tuple(note for look in looks for note in look.notes()),
    )


class _Spellings:
    """What a sensitive column's cells say, whatever way it is spelled."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._empty = 0
        self._first: dict[str, str] = {}
        self._several: set[str] = set()

    def value(self, cell: str) -> str:
        """The value that l counts; empty for a cell that says nothing."""
        said = _remembered(cell) if len(cell) <= _SHORT else _meant(cell)
        if not said:
            self._empty += 1
        elif self._first.setdefault(said, cell) != cell:
            self._several.add(said)
        return said

    def notes(self) -> Iterator[str]:
        """What somebody should know of l, without a value."""
        if self._empty:
            yield f"{self._column}: {counted(self._empty, 'cell')} empty or unknown; none counts as a value of its own"
        if self._several:
            count = counted(len(self._several), "value is", "values are")
            yield f"{self._column}: {count} spelled in several ways; each counts once"


def _meant(cell: str) -> str:
    """What a cell says, however it is spelled; empty when that is nothing."""
    text = " ".join((cell if cell.isascii() else _plain(cell)).casefold().split())
    text = unicodedata.normalize("NFKC", _QUOTES.sub("", text))
    if text in _NOTHING or not text.strip("-.?*_/ "):
        return ""
    number = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text.replace(",", ".")
    if _NUMBER.fullmatch(number):
        return format(Decimal(number).normalize() + 0, "f")
    return _JOINTS.sub("", text)


_remembered = lru_cache(maxsize=10_000)(_meant)


def _plain(text: str) -> str:
    """Text with one kind of dash, without characters that nobody sees."""
    found = unicodedata.normalize("NFKC", text)
    kinds = ((unicodedata.category(char), char) for char in found)
    return "".join("-" if kind == "Pd" or char == "\N{MINUS SIGN}" else char for kind, char in kinds if kind != "Cf")


def _column(table: Table, name: str) -> int:
    if table.names.count(name) == 1:
        return table.names.index(name)
    raise DocumentError(
        f"two columns are called {name!r}" if name in table.names else f"the table has no column {name!r}",
        source=table.source,
        line=table.line,
        hint=f"its columns: {_columns(table)}" if table.names else "it is empty",
    )


def _columns(table: Table) -> str:
    """The names of a table's columns for a hint, the first of many."""
    more = len(table.names) - _TOLD_COLUMNS
    first = ", ".join(_spelled(column) for column in table.names[:_TOLD_COLUMNS])
    return f"{first} and {more} more" if more > 0 else first


def _spelled(column: str) -> str:
    """A column's name as CSV has it, quoted where it would be taken for two."""
    return '"{}"'.format(column.replace('"', '""')) if "," in column or '"' in column else column
