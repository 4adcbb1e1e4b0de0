"""Tables as people keep them: CSV and TSV with a header line, read row by row in bounded memory.

What other programs write is read: byte order marks, UTF-16, semicolons or tabs between cells, empty lines, spaces
before a name. Lines are counted as an editor counts them. Whatever cannot be read is a `DocumentError` with its line,
and never with what a cell holds.
"""

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from medconsent._internal.files import open_regular
from medconsent._internal.text import lines_in, not_text, null_in, refuse_other, seen
from medconsent._internal.words import counted
from medconsent.encodings import encoding_of
from medconsent.errors import DocumentError

MAX_CELL = 16 * 1024**2
"""Characters of one cell."""
_MAX_LINE = 2 * MAX_CELL
_BLOCK = 1024**2
_SAMPLE = 20  # lines by which the delimiter is recognised
_DELIMITERS = (",", ";", "\t", "|")
_NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
_END = re.compile(r"\r\n|\r|\n")
_SAYS = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)  # a first line that Excel reads and writes

# Python's limit is 131,072 characters, for the whole process: it is raised, and never lowered.
csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL))


@dataclass(frozen=True)
class Row:
    """The cells of a row, and the line of the file on which it begins."""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True)
class Table:
    """An open table.

    Attributes:
        source: The file.
        delimiter: What stands between two cells.
        header: The columns' names as the file has them; empty when the file is.
        line: The header's line.
    """

    source: str
    delimiter: str
    header: tuple[str, ...]
    line: int
    _under: Iterator[Row]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names as people see them: in Unicode NFC, without spaces around."""
        return tuple(seen(name) for name in self.header)

    def rows(self) -> Iterator[Row]:
        """The rows under the header, once; empty lines are none.

        Raises:
            DocumentError: A row is not as long as the header, or cannot be read.
        """
        for row in self._under:
            if len(row.cells) != len(self.header):
                raise DocumentError(
                    f"this line is not as long as the header: it has {counted(len(row.cells), 'cell')}, and the header "
                    f"{len(self.header)}",
                    source=self.source,
                    line=row.line,
                    hint=f"{_NAMES[self.delimiter]} stands between two cells; a cell that holds one is quoted",
                )
            yield row


@contextmanager
def open_table(file: Path, delimiter: str | None = None) -> Iterator[Table]:
    """A table, open for reading.

    Args:
        file: The file; in one whose name ends in `.tsv` a tab stands between two cells.
        delimiter: What stands between two cells; None: it is recognised by the first rows.

    Raises:
        DocumentError: It cannot be read; what is wrong with its rows is found while they are read.
    """
    source = str(file)
    try:
        with open_regular(file) as stream:
            lines = _lines(stream, source)
            first = [*islice(lines, _SAMPLE)]
            said = _SAYS.fullmatch(first[0]) if first else None
            skipped = 1 if said and said[1] in _DELIMITERS else 0
            if skipped and said:
                delimiter = said[1]
            elif delimiter is None:
                delimiter = "\t" if file.suffix.lower() == ".tsv" else _recognised(first)
            rows = _rows(chain(first[skipped:], lines), delimiter, source, skipped)
            head = next(rows, Row(1, ()))
            yield Table(source, delimiter, tuple(head.cells), head.line, rows)
    except OSError as error:
        raise DocumentError(f"the table cannot be read: {error.strerror}", source=source) from error


def write_without(file: Path, out: BinaryIO, left_out: Callable[[Row, Table], bool]) -> int:
    """Write a table anew without some of its rows. What stays is byte for byte as it was, in the file's encoding.

    Args:
        file: The table; its names and its rows as `open_table` has them.
        out: Where it is written.
        left_out: Whether a row is left out.

    Returns:
        How many rows were left out.

    Raises:
        DocumentError: It cannot be read.
    """
    spans: list[list[float]] = []
    with open_table(file) as table:
        going = False
        for row in table.rows():
            if going:
                spans[-1][1] = row.line
            if going := left_out(row, table):
                spans.append([row.line, float("inf")])
    waiting = iter(spans)
    span = next(waiting, None)
    try:
        with open_regular(file) as stream:
            beginning = stream.read(4)
            encoding, mark = encoding_of(beginning)
            out.write(beginning[:mark])
            stream.seek(0)
            for number, line in enumerate(_lines(stream, str(file)), 1):
                while span is not None and number >= span[1]:
                    span = next(waiting, None)
                if span is None or number < span[0]:
                    out.write(line.encode(encoding))
    except OSError as error:
        raise DocumentError(f"the table cannot be read: {error.strerror}", source=str(file)) from error
    return len(spans)


def _lines(stream: BinaryIO, source: str) -> Iterator[str]:
    """The lines of a text with their ends, whatever these are."""
    block = stream.read(_BLOCK)
    refuse_other(block, "the table", source)
    encoding, mark = encoding_of(block)
    block = block[mark:]
    decoder = codecs.getincrementaldecoder(encoding)()
    waiting, number = "", 0
    while True:
        try:
            waiting += decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            read = waiting + error.object[: error.start].decode(encoding)
            raise not_text(error.object, encoding, "the table", source, number + lines_in(read) + 1) from None
        # A return at the end of what was read may be half of a line's end.
        end = len(waiting) - (waiting.endswith("\r") and bool(block))
        begun = 0
        for found in _END.finditer(waiting, 0, end):
            line, number, begun = waiting[begun : found.end()], number + 1, found.end()
            if "\0" in line:
                raise null_in("the table", source, number)
            yield line
        waiting = waiting[begun:]
        if len(waiting) > _MAX_LINE:
            raise _too_long(source, number + 1)
        if not block:
            break
        block = stream.read(_BLOCK)
    if "\0" in waiting:
        raise null_in("the table", source, number + 1)
    if waiting:
        yield waiting


def _recognised(lines: Sequence[str]) -> str:
    """What stands between two cells: what makes rows equally long, with the most columns."""

    def fit(delimiter: str) -> tuple[bool, bool, int]:
        try:
            rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            return False, False, 0
        several = bool(rows) and len(rows[0]) > 1
        return (
            several,
            several and all(len(row) == len(rows[0]) for row in rows[:-1] or rows),
            len(rows[0]) if rows else 0,
        )

    return max(_DELIMITERS, key=fit)  # the first of those that fit equally well


def _rows(lines: Iterator[str], delimiter: str, source: str, before: int) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        begun = before + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _refused(str(error), source, begun, before + reader.line_num, delimiter) from None
        if any(cell.strip() for cell in cells) or len(cells) > 1:
            yield Row(begun, cells)


def _refused(said: str, source: str, begun: int, at: int, delimiter: str) -> DocumentError:
    """What Python's reader says of a row, in words that name no cell."""
    if "field limit" in said:
        return _too_long(source, begun)
    if "unexpected end" in said:
        return DocumentError(
            "a quote that is opened in this line is never closed",
            source=source,
            line=begun,
            hint='close it, or write "" for a quote that is part of a cell',
        )
    if "expected after" in said:
        return DocumentError(
            f"after a closing quote stands neither {_NAMES[delimiter]} nor the end of the line", source=source, line=at
        )
    return DocumentError("this line is no row of a table", source=source, line=at)


def _too_long(source: str, line: int) -> DocumentError:
    return DocumentError(f"a cell is longer than {MAX_CELL // 1024**2} Mi characters", source=source, line=line)
