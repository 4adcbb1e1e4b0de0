"""Whether the keyholder gives headers: a function of facts, which gives every reason against.

Whoever asks may be anybody: what faces the network is not trusted. What counts is the receipt as the keyholder's own
peer holds it, its seal verified there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from medconsent._internal.codec import Value
from medconsent.release.leaves import ArchivedFile, Place
from medconsent.values.releases import Files

LONGEST = timedelta(minutes=10)
"""So long after it was written a receipt gives headers."""
AHEAD = timedelta(minutes=1)
"""So far may the clock of who wrote the receipt be before ours: it is of the same institution."""
MOST_FILES = 1000
"""So many headers are given at once."""

REASONS: Mapping[str, str] = {
    "RECEIPT_FORGED": "the receipt is not sealed by the data's owner",
    "RECEIPT_OF_ANOTHER": "the receipt is about another institution's data",
    "RECEIPT_NOT_OPEN": "the receipt is not open any more",
    "RECEIPT_TOO_OLD": "the receipt was written more than ten minutes ago",
    "RECEIPT_AHEAD": "the receipt's time has not come yet: the clocks differ",
    "GRANT_NOT_IN_FORCE": "what the receipt was written for is not permitted now",
    "KEY_NOT_IN_RECEIPT": "the receipt is for another delivery key",
    "FILE_NOT_IN_RECEIPT": "the file is not among those of the receipt",
    "HEADER_GIVEN": "the header was given under this receipt before",
    "TOO_MANY_FILES": "more headers are asked for at once than are given, or none",
}
"""Why no header is given: code -> sentence."""


@dataclass(frozen=True)
class Reason(Value):
    """One reason against, and what it is about."""

    code: str
    message: str


@dataclass(frozen=True)
class Receipt:
    """What one's own peer holds of a receipt.

    Attributes:
        id: Its id.
        owner: The institution whose record it is.
        sealed: Whether the owner's seal was verified.
        status: `open`, `completed` or `aborted`.
        written_at: When it was written, by the transaction.
        files: What it is about.
        delivery: SHA-256 of the delivery key, in hex.
        permitted: Whether its grant permits the release now. None: not known, which is no.
    """

    id: str
    owner: str
    sealed: bool
    status: str
    written_at: datetime
    files: Files
    delivery: str
    permitted: bool | None


@dataclass(frozen=True)
class Wanted:
    """What is asked for.

    Attributes:
        delivery: SHA-256 of the key that the headers are to be for, in hex.
        files: The files, each with its place under the receipt's root.
    """

    delivery: str
    files: Sequence[tuple[ArchivedFile, Place]]


def judge(receipt: Receipt, wanted: Wanted, *, own: str, now: datetime, given: set[bytes]) -> list[Reason]:
    """Every reason against giving the headers; none: they are given.

    Args:
        receipt: What one's own peer holds.
        wanted: What is asked for.
        own: The keyholder's institution.
        now: The time.
        given: Leaves of files whose headers were given under this receipt.
    """
    against = [
        ("RECEIPT_FORGED", not receipt.sealed),
        ("RECEIPT_OF_ANOTHER", receipt.owner != own),
        ("RECEIPT_NOT_OPEN", receipt.status != "open"),
        ("RECEIPT_TOO_OLD", now - receipt.written_at >= LONGEST),
        ("RECEIPT_AHEAD", receipt.written_at - now > AHEAD),
        ("GRANT_NOT_IN_FORCE", receipt.permitted is not True),
        ("KEY_NOT_IN_RECEIPT", wanted.delivery != receipt.delivery),
        ("TOO_MANY_FILES", not 0 < len(wanted.files) <= MOST_FILES),
    ]
    found = [Reason(code, REASONS[code]) for code, holds in against if holds]
    seen: set[bytes] = set()
    for file, place in wanted.files[:MOST_FILES]:
        if not place.shows(file, receipt.files):
            found.append(_about("FILE_NOT_IN_RECEIPT", file))
        if file.leaf in given or file.leaf in seen:
            found.append(_about("HEADER_GIVEN", file))
        seen.add(file.leaf)
    return found


def _about(code: str, file: ArchivedFile) -> Reason:
    return Reason(code, f"{REASONS[code]}: {file.path!r}")
