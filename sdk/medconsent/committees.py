"""Committees: an institution's sealed roster for a role."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from medconsent._codec import Value
from medconsent._noun import Noun, OnForged
from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.records import Page, Record, Written

M = TypeVar("M")


@dataclass(frozen=True)
class Seat(Value):
    """One seat that is or was: `id` is the enrolment id; seated from `from_` until `until` (UTC; None: open).

    A seat that was cut short has `ended_tx`, the transaction that did it, and `planned_until` if it had an end before.
    """

    id: str
    from_: datetime
    set_tx: str
    until: datetime | None = None
    ended_tx: str | None = None
    planned_until: datetime | None = None

    def seated(self, at: datetime) -> bool:
        """Whether the seat was held at that moment."""
        return self.from_ <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Member(Value):
    """A member to be seated: from now when `from_` is None, without end when `until` is None."""

    id: str
    from_: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Committee(Record):
    """The roster of an institution for a role, with every seat that ever was."""

    institution: str
    role: str
    seats: tuple[Seat, ...] = ()


class Committees(Noun[M]):
    """The rosters that votes are counted by."""

    @operation
    def get(self, committee: str) -> Flow[Committee]:
        """One committee, named `<institution>/<role>` (`hanbit/dac`). Raises `NotFound`."""
        institution, _, role = committee.partition("/")
        return Committee.from_json((yield from self._ask("committee.get", institution=institution, role=role)))

    @operation
    def set(self, role: str, members: Iterable[Member | str]) -> Flow[Written[Committee]]:
        """Set one's own institution's roster for `role`; those not named lose their seat now. Needs the role `steward`.

        A member may be given by enrolment id alone: seated from now, without end.
        """
        seats = [(Member(member) if isinstance(member, str) else member).to_json() for member in members]
        argument: dict[str, Any] = {"role": role, "members": seats}
        return (yield from self._change("committee.set", argument, Committee.from_json))

    @operation
    def list(
        self, *, institution: str | None = None, page_size: int | None = None, bookmark: str | None = None
    ) -> Flow[Page[Committee]]:
        """One page of the committees, of one institution or of all."""
        return (
            yield from self._page(
                "committee.list",
                Committee.from_json,
                institution=institution,
                page_size=page_size,
                bookmark=bookmark or None,
            )
        )

    @stream
    def iterate(self, *, institution: str | None = None, on_forged: OnForged | None = None) -> StreamFlow[Committee]:
        """Every committee, of one institution or of all."""
        return self._items("committee.list", Committee.from_json, on_forged, institution=institution)
