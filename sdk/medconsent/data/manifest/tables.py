"""What a simple table (CSV, TSV) holds: its columns with their types, and how many rows."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from medconsent.data.tables import open_table
from medconsent.errors import DocumentError

INTEGER, FLOAT, TEXT = "sc:Integer", "sc:Float", "sc:Text"
_LARGEST = 2**63 - 1
# Without leading zeros and without a plus: what has them is a name, such as a postal code or a telephone number.
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,18})", re.ASCII)
_FLOAT = re.compile(r"-?(?:(?:0|[1-9]\d{0,17})(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?|nan", re.ASCII | re.IGNORECASE)


@dataclass
class Column:
    """A column; `data_type` is Croissant's name for what every value in it is.

    `name` is as people see it, `header` as the file has it.
    """

    name: str
    header: str
    data_type: str = INTEGER
    empty: bool = field(default=True, repr=False)

    def take(self, value: str) -> None:
        """Widen the type until `value` fits; a gap fits any."""
        value = value.strip()
        if not value:
            return
        self.empty = False
        if self.data_type == INTEGER and not (_INTEGER.fullmatch(value) and abs(int(value)) <= _LARGEST):
            self.data_type = FLOAT
        if self.data_type == FLOAT and not _FLOAT.fullmatch(value):
            self.data_type = TEXT

    def settled(self) -> "Column":
        """The column when all was read: nothing at all is text."""
        if self.empty:
            self.data_type = TEXT
        return self


@dataclass(frozen=True)
class Table:
    """The columns in their order, the number of rows under the header, and what stands between two cells."""

    columns: tuple[Column, ...]
    rows: int
    delimiter: str


def read(location: Path, delimiter: str | None = None) -> Table:
    """The table in a file with a header line.

    Args:
        location: The file.
        delimiter: What stands between two cells; None: it is recognised by the first rows.

    Raises:
        DocumentError: It is not a simple one: text, each row as long as the header, each column with a name of its own.
    """
    with open_table(location, delimiter) as table:
        if not table.names or not all(table.names):
            raise DocumentError("a column has no name", source=table.source, line=table.line)
        if len(set(table.names)) < len(table.names):
            raise DocumentError("two columns have the same name", source=table.source, line=table.line)
        columns = [Column(name, header) for name, header in zip(table.names, table.header, strict=True)]
        rows = 0
        for row in table.rows():
            rows += 1
            for column, value in zip(columns, row.cells, strict=True):
                column.take(value)
    return Table(tuple(column.settled() for column in columns), rows, table.delimiter)
