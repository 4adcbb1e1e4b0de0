"""The record of processing that a regulator asks for, from the sealed records and from nothing else.

For Korea it has what the Enforcement Decree of the Personal Information Protection Act, article 29-5, lists for
pseudonymised data: purpose, items, use history, recipients and period; besides, what the data rests on and how it was
de-identified. A peer's key history is never read: it ends at a snapshot.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from medconsent._internal.codec import Value
from medconsent.nouns.bases import Basis
from medconsent.nouns.consents import ConsentView
from medconsent.nouns.datasets import DatasetView
from medconsent.nouns.grounds import Ground
from medconsent.nouns.statements import Deidentification
from medconsent.values.grants import GrantView
from medconsent.values.purposes import Mode
from medconsent.values.records import ForgedRecord
from medconsent.values.releases import ReceiptView


@dataclass(frozen=True)
class Released(Value):
    """What left under a grant, once.

    Attributes:
        receipt: The receipt's id.
        person: Who got it: `nuri/kim`.
        at: When its receipt was written, before anything left (UTC).
        files: How many files.
        bytes: Their size in bytes before they were encrypted.
        sent: How many bytes have left, as the owner says; None until it has said what came of it.
        state: The receipt's state; `unproven` where the contract cannot have opened it.
    """

    receipt: str
    person: str
    at: datetime
    files: int
    bytes: int
    sent: int | None
    state: str


@dataclass(frozen=True)
class Use(Value):
    """One use that was allowed.

    Attributes:
        grant: The id of the grant.
        version: The version of the dataset.
        recipient: Who received it.
        people: Enrolment ids there.
        purpose: What for.
        mode: How.
        from_: From when (UTC).
        until: Until when (UTC).
        state: The grant's state.
        ended: Why it ended before its time, with the day.
        breakglass: Whether it was opened in an emergency, by two people.
        released: What left under it, in the time of the report, newest first.
    """

    grant: str
    version: int
    recipient: str
    people: tuple[str, ...]
    purpose: str
    mode: Mode
    from_: datetime
    until: datetime
    state: str
    ended: str | None = None
    breakglass: bool = False
    released: tuple[Released, ...] = ()


@dataclass(frozen=True)
class Processing(Value):
    """What the records say about one dataset of an institution.

    Attributes:
        dataset: The dataset.
        title: Its title.
        version: The latest version.
        items: The kinds of data, and what the manifest calls them.
        legal_ground: What the latest version rests on, in one line each.
        deidentification: Its statement of de-identification in one line.
        uses: What it was given for.
    """

    dataset: str
    title: str
    version: int
    items: tuple[str, ...]
    legal_ground: tuple[str, ...]
    deidentification: str | None
    uses: tuple[Use, ...]


@dataclass(frozen=True)
class Report(Value):
    """The record of processing of an institution, between two moments (UTC; None: from the beginning, to now).

    What was found forged among what it is made from counts for nothing, and stands in `forged`.
    """

    institution: str
    law: str
    entries: tuple[Processing, ...]
    since: datetime | None = None
    until: datetime | None = None
    forged: tuple[ForgedRecord, ...] = ()


_ENDINGS = ("grant.revoked", "grant.relinquished")
"""What ends a grant; that it was suspended and lifted, or that somebody left it, does not."""


def released_of(view: ReceiptView) -> Released:
    """A receipt as what left by it."""
    found = view.receipt
    return Released(
        receipt=found.id,
        person=str(found.person),
        at=found.created_at,
        files=found.files.count,
        bytes=found.files.bytes,
        sent=found.sent,
        state="unproven" if view.unproven else view.state,
    )


def ending(view: GrantView) -> str | None:
    """Why a grant ended before its time, with the day; None for one that did not."""
    end = next((change for change in reversed(view.grant.changes[1:]) if change.action in _ENDINGS), None)
    told = view.why or (f"{end.action} {end.at:%Y-%m-%d}: {end.note}" if end else None)
    return told if view.ended else None


def use_of(view: GrantView, released: tuple[Released, ...] = ()) -> Use:
    """A grant as the use that it allowed.

    Args:
        view: The grant.
        released: What left under it.
    """
    grant = view.grant
    return Use(
        grant=grant.id,
        version=grant.version,
        recipient=grant.institution,
        people=grant.grantees,
        purpose=str(grant.purpose),
        mode=grant.mode,
        from_=grant.from_,
        until=grant.until,
        state=view.state,
        breakglass=bool(grant.breakglass),
        ended=ending(view),
        released=released,
    )


def within(use: Use, since: datetime | None, until: datetime | None) -> bool:
    """Whether a use falls into a time, at least in part.

    Args:
        use: The use.
        since: The time's beginning (UTC); None: it has none. A use that ended at this moment is outside.
        until: The time's end (UTC); None: it has none. A use that begins at this moment is outside.
    """
    return (until is None or use.from_ < until) and (since is None or use.until > since)


def ground_lines(
    ground: Ground | None, cohorts: Mapping[str, ConsentView | None], bases: Mapping[str, Basis | None]
) -> Iterator[str]:
    """What a version rests on, in words; nothing for a version without a ground.

    Args:
        ground: The ground; None: the version has none.
        cohorts: The record of each cohort that the ground names, by its name; None where no record counts.
        bases: The record of each basis that the ground names, by its name; None where no record counts.
    """
    if ground is None:
        return
    for name in ground.cohorts:
        view = cohorts[name]
        if view is None:
            yield f"consent {name}, of which no record counts"
            continue
        epoch = view.epoch
        yield f"consent {name}~{epoch.epoch} ({_law(epoch.law.code, epoch.law.article)}), {view.cohort.status}"
    for name in ground.bases:
        basis = bases[name]
        if basis is None:
            yield f"basis {name}, of which no record counts"
            continue
        notice = f"notice {basis.notice.published_at:%Y-%m-%d} {basis.notice.url}" if basis.notice else "no notice"
        yield f"basis {name} ({_law(basis.code, basis.article)}), {notice}, {basis.status}"


def deidentified(record: Deidentification | None) -> str | None:
    """A statement of de-identification in one line."""
    if record is None:
        return None
    statement: Any = record.statement
    methods = ", ".join(str(method.get("method")) for method in statement.get("methods", ()))
    return f"{statement.get('term')} ({statement.get('law')}): {methods}"


def entry_of(view: DatasetView, ground: tuple[str, ...], statement: str | None, uses: tuple[Use, ...]) -> Processing:
    """The entry of one dataset.

    Args:
        view: The dataset.
        ground: What `ground_lines` says.
        statement: What `deidentified` says; None without a statement.
        uses: Its uses in the time of the report.
    """
    version = view.version
    return Processing(
        dataset=view.id,
        title=version.title,
        version=version.version,
        items=(*version.kinds, *version.keywords),
        legal_ground=ground,
        deidentification=statement,
        uses=uses,
    )


def _law(code: str, article: str | None) -> str:
    return " ".join(filter(None, (code, article)))
