"""Who is in a cohort, as the institution keeps it: a CSV that never leaves it.

    id,state
    P-000123,in
    P-000124,out

`id` is whatever the institution knows a person by; `state` is `in`, or `out` once consent was withdrawn. Whoever was
ever in stays in the file: that somebody is out is what the next epoch has to say.
"""

import unicodedata
from collections.abc import Mapping
from pathlib import Path

from medconsent.data.tables import Table, open_table
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
    """State by identifier; identifiers are in Unicode NFC, as `person` makes one.

    Raises:
        DocumentError: It cannot be read; with the line, and never with an identifier in it.
    """
    with open_table(file) as table:
        if table.names != ("id", "state"):
            raise DocumentError(
                "the first line is not id,state",
                source=table.source,
                line=table.line,
                hint="write it above the first person, and leave out other columns",
            )
        members = _members(table)
    if not members:
        raise DocumentError("there is nobody in it", source=table.source, hint="a line has a person: P-1,in")
    return members


def lines_of(file: Path) -> dict[str, int]:
    """On which line of a members' file each identifier stands.

    Raises:
        DocumentError: As `read_members`.
    """
    with open_table(file) as table:
        return {person(row.cells[0]): row.line for row in table.rows()}


def person(identifier: str) -> str:
    """An identifier as it is compared: a letter with its accent is the same from a Mac as from elsewhere."""
    return unicodedata.normalize("NFC", identifier)


def _members(table: Table) -> dict[str, str]:
    members: dict[str, str] = {}
    alike: dict[str, int] = {}
    for row in table.rows():
        identifier, state = person(row.cells[0]), row.cells[1].strip()
        wrong = hint = ""
        if not identifier or identifier != identifier.strip():
            wrong, hint = "a line has an id and a state, and nothing around the id", "as in P-1,in"
        elif state not in (IN, OUT):
            wrong, hint = (
                f"a state is {IN} or {OUT}",
                f"{OUT} is who has withdrawn; who was never asked has no line",
            )
        elif identifier in members:
            wrong, hint = "this id is there twice", "keep one of the two lines: the one with the state of today"
        elif any(unicodedata.category(letter) in {"Cc", "Cf"} for letter in identifier):
            wrong, hint = "this id has a character that nobody sees", "write the id anew"
        elif (other := alike.setdefault(_looks(identifier), row.line)) != row.line:
            wrong = f"this id looks like that of line {other}: one of the two may be a person's second line"
            hint = "write each person once, in one spelling"
        if wrong:
            raise DocumentError(wrong, source=table.source, line=row.line, hint=hint)
        members[identifier] = state
    return members


def _looks(identifier: str) -> str:
    """What an id looks like: keyboards of East Asia mix letters of full width with those of usual width."""
    return unicodedata.normalize("NFKC", identifier)


def counts(members: Mapping[str, str]) -> tuple[str, str]:
    """The bands of how many people are in and of how many have withdrawn."""
    out = sum(state == OUT for state in members.values())
    return band(len(members) - out), band(out)
