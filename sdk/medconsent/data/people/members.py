"""Who is in a cohort, as the institution keeps it: a CSV that never leaves it.

    id,state
    P-000123,in
    P-000124,out

`id` is whatever the institution knows a person by; `state` is `in`, or `out` once consent was withdrawn. Whoever was
ever in stays in the file: that somebody is out is what the next epoch has to say.
"""

import csv
from collections.abc import Iterable, Mapping
from io import TextIOWrapper
from pathlib import Path

from medconsent._internal.files import open_regular
from medconsent.errors import DocumentError

IN, OUT = "in", "out"

BANDS = (
    (1_000_000, "1000000-or-more"),
    (100_000, "100000-999999"),
    (10_000, "10000-99999"),
    (1_000, "1000-9999"),
    (100, "100-999"),
    (20, "20-99"),
    (1, "under-20"),
)
"""From how many people on a count is called what: exact counts never reach the ledger (docs/contract.md, "epoch")."""


def band(count: int) -> str:
    """What a count is called on the ledger; `none` for nobody."""
    return next((name for least, name in BANDS if count >= least), "none")


def read_members(file: Path) -> dict[str, str]:
    """State by identifier.

    Raises:
        DocumentError: It cannot be read; with the line, and never with an identifier in it.
    """
    try:
        with TextIOWrapper(open_regular(file), encoding="utf-8-sig", newline="") as stream:
            return _members(csv.reader(stream, strict=True), str(file))
    except OSError as error:
        raise DocumentError(f"the members cannot be read: {error.strerror}", source=str(file)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DocumentError(f"the members are not a CSV in UTF-8: {error}", source=str(file)) from error


def _members(rows: Iterable[list[str]], source: str) -> dict[str, str]:
    members: dict[str, str] = {}
    for line, row in enumerate(rows, start=1):
        if line == 1:
            if row != ["id", "state"]:
                raise DocumentError("the first line is not id,state", source=source, line=1)
            continue
        if len(row) != 2 or not row[0] or row[0] != row[0].strip():
            raise DocumentError("a line has an id and a state, and nothing around the id", source=source, line=line)
        person, state = row
        if state not in (IN, OUT):
            raise DocumentError(f"a state is {IN} or {OUT}", source=source, line=line)
        if person in members:
            raise DocumentError("this id is there twice", source=source, line=line)
        members[person] = state
    if not members:
        raise DocumentError("there is nobody in it", source=source)
    return members


def counts(members: Mapping[str, str]) -> tuple[str, str]:
    """The bands of how many people are in and of how many have withdrawn."""
    out = sum(state == OUT for state in members.values())
    return band(len(members) - out), band(out)
