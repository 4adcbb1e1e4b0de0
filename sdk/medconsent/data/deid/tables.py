"""k-anonymity and l-diversity of a table (Sweeney 2002; distinct l-diversity of Machanavajjhala et al. 2007)."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from medconsent._internal.codec import Value
from medconsent._internal.files import open_regular
from medconsent.data.people.members import band
from medconsent.errors import DocumentError


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
    """

    name: str
    quasi_identifiers: tuple[str, ...]
    sensitive: tuple[str, ...]
    rows: int
    k: int
    classes: int
    below_five: int
    l: int | None = None  # noqa: E741 - the name that the literature gives it

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
    """k and l of a CSV (`.tsv`: tab-separated) with a header line; values are compared as they are written.

    Raises:
        DocumentError: The file is no such table, or has no such columns.
    """
    if not quasi_identifiers:
        raise DocumentError("k means nothing without quasi-identifiers: name the columns", source=str(file))
    try:
        with TextIOWrapper(open_regular(file), encoding="utf-8-sig", newline="") as stream:
            delimiter = "\t" if file.suffix == ".tsv" else ","
            return _measure(csv.reader(stream, delimiter=delimiter, strict=True), file, quasi_identifiers, sensitive)
    except OSError as error:
        raise DocumentError(f"the table cannot be read: {error.strerror}", source=str(file)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DocumentError(f"this is no table in UTF-8: {error}", source=str(file)) from error


def _measure(lines: Iterable[list[str]], file: Path, quasi: Sequence[str], sensitive: Sequence[str]) -> Measured:
    rows = iter(lines)
    header = next(rows, [])
    for name in (*quasi, *sensitive):
        if header.count(name) != 1:
            raise DocumentError(
                f"the table has no column {name!r}" if name not in header else f"two columns are called {name!r}",
                source=str(file),
                line=1,
                hint=f"its columns: {', '.join(_spelled(column) for column in header)}",
            )
    if both := set(quasi) & set(sensitive):
        raise DocumentError(f"{min(both)!r} cannot be quasi-identifier and sensitive at once", source=str(file))
    by, of = [header.index(name) for name in quasi], [header.index(name) for name in sensitive]
    sizes: dict[tuple[str, ...], int] = defaultdict(int)
    values: dict[tuple[str, ...], list[set[str]]] = defaultdict(lambda: [set() for _ in of])
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise DocumentError("this line is not as long as the header", source=str(file), line=number)
        group = tuple(row[column] for column in by)
        sizes[group] += 1
        for seen, column in zip(values[group], of, strict=True):
            seen.add(row[column])
    if not sizes:
        raise DocumentError("the table has no rows", source=str(file))
    return Measured(
        name=file.stem,
        quasi_identifiers=tuple(quasi),
        sensitive=tuple(sensitive),
        rows=sum(sizes.values()),
        k=min(sizes.values()),
        classes=len(sizes),
        below_five=sum(size < 5 for size in sizes.values()),
        l=min(len(seen) for group in values.values() for seen in group) if of else None,
    )


def _spelled(column: str) -> str:
    """A column's name as CSV has it, quoted where it would be taken for two."""
    return '"{}"'.format(column.replace('"', '""')) if "," in column or '"' in column else column
