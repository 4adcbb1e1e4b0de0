"""A version's files without the people who have withdrawn: their own files left out, their rows in tables, too.

Nothing is guessed. Of each file it is said whose it is: one person's, nobody's, or a table with a column of ids. An id
that is nobody's of the cohort is refused: it may be a misspelt one of somebody who withdrew.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from medconsent.data import tables
from medconsent.data.manifest import files as listed
from medconsent.data.manifest.files import FileEntry
from medconsent.data.people.members import OUT, person
from medconsent.errors import DocumentError
from medconsent.private_files import private_folder

NOBODY = "-"
"""Whose a file is that is about nobody, as a description."""


@dataclass(frozen=True)
class Whose:
    """Whose the files of a version are.

    Attributes:
        files: By path the id of the person, or `NOBODY`.
        tables: By path the column that has the ids.
    """

    files: Mapping[str, str]
    tables: Mapping[str, str]


@dataclass(frozen=True)
class Left:
    """What was left out.

    Attributes:
        files: The paths of files.
        rows: By path of a table how many rows.
        kept: How many files stay.
    """

    files: tuple[str, ...]
    rows: Mapping[str, int]
    kept: int


def read_whose(file: Path) -> Mapping[str, str]:
    """Whose files are: a CSV `path,id`; `-` for a file that is nobody's.

    Raises:
        DocumentError: It cannot be read, or names a path twice.
    """
    found: dict[str, str] = {}
    with tables.open_table(file) as table:
        if table.names != ("path", "id"):
            raise DocumentError("the first line is not path,id", source=table.source, line=table.line)
        for row in table.rows():
            path, whose = person(row.cells[0]), person(row.cells[1].strip())
            if not path or not whose:
                raise DocumentError("a line has a path and an id", source=table.source, line=row.line)
            if path in found:
                raise DocumentError(f"the path {path!r} is there twice", source=table.source, line=row.line)
            found[path] = whose
    return found


def leave_out(entries: Sequence[FileEntry], source: Path, out: Path, whose: Whose, members: Mapping[str, str]) -> Left:
    """Make a folder of a version's files without the people who have withdrawn.

    What stays as it is, is a hard link where the disk allows it; nobody writes to either.

    Args:
        entries: The files of the version.
        source: The folder with them.
        out: The new folder; it is not there, or empty.
        whose: Whose they are.
        members: State by id (`read_members`).

    Raises:
        DocumentError: It is not said whose a file is, an id is nobody's of the cohort, a file is not the version's, or
            the folder has something in it.
        OSError: It cannot be written.
    """
    _require_said(entries, whose, members)
    where = listed.locations(source)
    for entry in entries:
        if entry.path not in where or listed.hash_file(where[entry.path]) != (entry.size, entry.sha256):
            raise DocumentError(f"the file {entry.path!r} of the version is missing in {source}, or was changed")
    private_folder(out)
    if any(out.iterdir()):
        raise DocumentError(f"there is something in {out} already", hint="take another folder")
    left, rows = [], {}
    for entry in entries:
        if members.get(whose.files.get(entry.path, NOBODY)) == OUT:
            left.append(entry.path)
            continue
        target = out.joinpath(*entry.path.split("/"))
        private_folder(target.parent)
        if column := whose.tables.get(entry.path):
            rows[entry.path] = _table(where[entry.path], target, column, members)
        else:
            _same(where[entry.path], target)
    return Left(tuple(left), rows, len(entries) - len(left))


def _require_said(entries: Sequence[FileEntry], whose: Whose, members: Mapping[str, str]) -> None:
    paths = {entry.path for entry in entries}
    if unsaid := sorted(paths - whose.files.keys() - whose.tables.keys()):
        raise DocumentError(
            f"it is not said whose {unsaid[0]!r} is" + (f", and {len(unsaid) - 1} more" if len(unsaid) > 1 else ""),
            hint=f"a person's file stands in the list (path,id), nobody's with {NOBODY}; a table's column is named",
        )
    if odd := sorted((whose.files.keys() | whose.tables.keys()) - paths):
        raise DocumentError(f"{odd[0]!r} is no file of the version")
    if twice := sorted(whose.files.keys() & whose.tables.keys()):
        raise DocumentError(f"{twice[0]!r} is a person's file or a table, and not both")
    if strangers := [path for path, one in whose.files.items() if one != NOBODY and one not in members]:
        raise DocumentError(f"whose {min(strangers)!r} is, is nobody of the cohort", hint="compare the spelling")


def _table(source: Path, target: Path, column: str, members: Mapping[str, str]) -> int:
    def withdrawn(row: tables.Row, table: tables.Table) -> bool:
        if column not in table.names:
            raise DocumentError(f"the table has no column {column!r}", source=table.source, line=table.line)
        state = members.get(person(row.cells[table.names.index(column)].strip()))
        if state is None:
            raise DocumentError(
                "whose row this is, is nobody of the cohort", source=table.source, line=row.line, hint="compare the id"
            )
        return state == OUT

    with target.open("xb") as stream:
        return tables.write_without(source, stream, withdrawn)


def _same(source: Path, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another disk, or one that has no links
        shutil.copyfile(source, target, follow_symlinks=False)
