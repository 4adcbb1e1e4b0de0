"""What a simple table (CSV, TSV) holds: its columns with their types, and how many rows."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

INTEGER, FLOAT, TEXT = "sc:Integer", "sc:Float", "sc:Text"


@dataclass
class Column:
    """A column; `data_type` is Croissant's name for what every value in it is."""

    name: str
    data_type: str = INTEGER
    empty: bool = field(default=True, repr=False)
    gaps: bool = field(default=False, repr=False)

    def take(self, value: str) -> None:
        """Widen the type until `value` fits."""
        if not value.strip():
            self.gaps = True
            return
        self.empty = False
        if self.data_type == INTEGER and not _is(int, value):
            self.data_type = FLOAT
        if self.data_type == FLOAT and not _is(float, value):
            self.data_type = TEXT

    def settled(self) -> "Column":
        """The column when all was read: no integer stands for a gap, and nothing at all is text."""
        if self.empty:
            self.data_type = TEXT
        elif self.gaps and self.data_type == INTEGER:
            self.data_type = FLOAT
        return self


@dataclass(frozen=True)
class Table:
    """The columns in their order, and the number of rows under the header."""

    columns: tuple[Column, ...]
    rows: int


def read(location: Path, delimiter: str = ",") -> Table | None:
    """The table in a file with a header line; None when it is not a simple one (UTF-8, each row as long as the
    header, names once).
    """
    try:
        with location.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, delimiter=delimiter, strict=True)
            names = next(lines, [])
            if not names or len(set(names)) < len(names) or not all(name.strip() for name in names):
                return None
            columns, rows = [Column(name) for name in names], 0
            for line in lines:
                if len(line) != len(columns):
                    return None
                rows += 1
                for column, value in zip(columns, line, strict=True):
                    column.take(value)
    except (UnicodeDecodeError, csv.Error):
        return None
    return Table(tuple(column.settled() for column in columns), rows)


def _is(kind: type[int] | type[float], value: str) -> bool:
    if "_" in value or not value.isascii():
        return False  # Python's numbers, but nobody else's
    try:
        kind(value)
    except ValueError:
        return False
    return True
