"""Committees: an institution's sealed roster for a role, and who may vote for a member for a while."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from medconsent import times
from medconsent._internal.codec import Value
from medconsent.errors import DocumentError
from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.nouns.base import Noun, OnForged
from medconsent.values.records import Page, Record, Written

M = TypeVar("M")


@dataclass(frozen=True)
class Seat(Value):
    """One seat on a committee that is or was.

    Attributes:
        id: The enrolment id of who sits there.
        key: The SHA-256 of the public key that the seat counts for.
        from_: From when (UTC).
        set_tx: The transaction that gave it.
        until: Until when (UTC); None: open.
        ended_tx: The transaction that cut it short.
        planned_until: The end that it had before it was cut short (UTC).
    """

    id: str
    from_: datetime
    set_tx: str
    until: datetime | None = None
    ended_tx: str | None = None
    planned_until: datetime | None = None
    key: str | None = None

    def seated(self, at: datetime) -> bool:
        """Whether the seat was held at that moment."""
        return self.from_ <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Member(Value):
    """A member to be seated.

    Attributes:
        id: The enrolment id.
        from_: From when (UTC); None: from now.
        until: Until when (UTC); None: without an end.
        key: The SHA-256 of the public key that it counts for; None: the one of theirs that stands on the ledger.
    """

    id: str
    from_: datetime | None = None
    until: datetime | None = None
    key: str | None = None


@dataclass(frozen=True, kw_only=True)
class Committee(Record):
    """The roster of an institution for a role, with every seat that ever was."""

    institution: str
    role: str
    seats: tuple[Seat, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Delegation(Record):
    """A member's word, given to a deputy of the same institution.

    Attributes:
        institution: Whose committee.
        role: The role that sits on it.
        member: The enrolment id of who gives it.
        deputy: The enrolment id of who has it.
        deputy_key: The SHA-256 of their public key that it counts for.
        from_: From when (UTC).
        until: Until when (UTC).
        reason: Why.
    """

    institution: str
    role: str
    member: str
    deputy: str
    from_: datetime
    until: datetime
    reason: str | None = None
    deputy_key: str | None = None


@dataclass(frozen=True)
class DelegationView(Value):
    """A delegation and where it stands: `planned`, `active`, `expired` or `ended` (taken back)."""

    delegation: Delegation
    state: str

    @property
    def id(self) -> str:
        """The id of the transaction that made the delegation."""
        return self.delegation.id


class Committees(Noun[M]):
    """The rosters that votes are counted by."""

    @operation
    def get(self, committee: str) -> Flow[Committee]:
        """One committee, named `<institution>/<role>` (`hanbit/dac`).

        Raises:
            NotFound: There is none.
        """
        institution, _, role = committee.partition("/")
        return Committee.from_json((yield from self._ask("committee.get", institution=institution, role=role)))

    @operation
    def set(self, role: str, members: Iterable[Member | str], *, shown: str | None = None) -> Flow[Written[Committee]]:
        """Set one's own institution's roster for `role`; those not named lose their seat now. Needs the role `steward`.

        Args:
            role: The role.
            members: Who sits there; one may be given by enrolment id alone: seated from now, without end.
            shown: The digest of the roster that was looked at.

        Raises:
            Conflict: The roster is another by now than the one that was shown.
        """
        argument: dict[str, Any] = {"role": role, "members": _seats(members), "committee_digest": shown}
        return (yield from self._change("committee.set", argument, Committee.from_json))

    @operation
    def seat(self, role: str, members: Iterable[Member | str]) -> Flow[Written[Committee]]:
        """Give seats on one's own institution's committee besides those that there are; needs the role `steward`.

        Args:
            role: The committee's role: `dac`, `ethics` or `privacy`.
            members: Who gets a seat; one may be given by enrolment id alone: seated from now, without end.

        Raises:
            Conflict: Somebody of them has a seat.
        """
        argument: dict[str, Any] = {"role": role, "members": _seats(members)}
        return (yield from self._change("committee.seat", argument, Committee.from_json))

    @operation
    def unseat(self, role: str, members: Iterable[str]) -> Flow[Written[Committee]]:
        """End the seats of members of one's own institution's committee; needs the role `steward`.

        Needs no other institution's consent.

        Args:
            role: The committee's role: `dac`, `ethics` or `privacy`.
            members: The enrolment ids of those who lose their seats, 1 to 200.

        Raises:
            Conflict: Somebody of them has no seat.
        """
        argument = {"role": role, "members": [*members]}
        return (yield from self._change("committee.unseat", argument, Committee.from_json))

    @operation
    def list(
        self, *, institution: str | None = None, page_size: int | None = None, bookmark: str | None = None
    ) -> Flow[Page[Committee]]:
        """One page of the committees, of one institution or of all.

        Args:
            institution: Of which institution; None: of all.
            page_size: How many at most, 1 to 100; None: 25.
            bookmark: The `bookmark` of the page before; None: the first page.
        """
        return (
            yield from self._page(
                "committee.list",
                Committee.from_json,
                institution=institution,
                page_size=page_size,
                bookmark=bookmark,
            )
        )

    @stream
    def iterate(self, *, institution: str | None = None, on_forged: OnForged | None = None) -> StreamFlow[Committee]:
        """Every committee, of one institution or of all.

        Args:
            institution: Of which institution; None: of all.
            on_forged: Called with each forged record that is passed over; None: these are passed over in silence.
        """
        return self._items("committee.list", Committee.from_json, on_forged, institution=institution)

    @operation
    def delegate(
        self, role: str, deputy: str, *, until: datetime, from_: datetime | None = None, reason: str | None = None
    ) -> Flow[Written[Delegation]]:
        """Let somebody vote in one's place; needs the role and a seat.

        Args:
            role: The role that the word is given in.
            deputy: The enrolment id; needs the role, and no seat.
            until: Until when (UTC).
            from_: From when (UTC); None: from now.
            reason: Why.
        """
        argument: dict[str, Any] = {
            "role": role,
            "deputy": deputy,
            "from": times.format_time(from_) if from_ else None,
            "until": times.format_time(until),
            "reason": reason,
        }
        return (yield from self._change("committee.delegate", argument, Delegation.from_json))

    @operation
    def undelegate(self, delegation: str, *, reason: str | None = None) -> Flow[Written[Delegation]]:
        """Take a delegation back, as the member or a steward. Needs no other institution's consent.

        Args:
            delegation: Its id, or a unique prefix of it.
            reason: Why, in up to 500 characters; public.
        """
        argument: dict[str, Any] = {"delegation": delegation, "reason": reason}
        return (yield from self._change("committee.undelegate", argument, Delegation.from_json))

    @stream
    def delegations(
        self,
        *,
        institution: str | None = None,
        role: str | None = None,
        member: str | None = None,
        deputy: str | None = None,
        state: str | None = None,
        on_forged: OnForged | None = None,
    ) -> StreamFlow[DelegationView]:
        """Every delegation of an institution that fits all that is given.

        Args:
            institution: Of which institution; None: of one's own.
            role: The role that the word is given in: `dac`, `ethics` or `privacy`.
            member: The enrolment id of the member whose word it is.
            deputy: The enrolment id of the deputy.
            state: `planned`, `active`, `expired` or `ended`.
            on_forged: Called with each forged record that is passed over; None: these are passed over in silence.
        """
        return self._items(
            "delegation.list",
            DelegationView.from_json,
            on_forged,
            institution=institution or self._session.institution,
            role=role,
            member=member,
            deputy=deputy,
            state=state,
        )


def _seats(members: Iterable[Member | str]) -> "list[dict[str, Any]]":
    return [(Member(member) if isinstance(member, str) else member).to_json() for member in members]


def delegation_to(noun: Noun[Any], role: str, member: str) -> Flow[str]:
    """The id of a delegation by which the caller may speak for `member` now.

    Args:
        noun: Any noun of the client whose user is the deputy.
        role: The role that the word is given in.
        member: The enrolment id of the member whose word it is, at the deputy's institution.

    Raises:
        DocumentError: There is none.
    """
    session = noun._session
    bookmark: str | None = None
    while True:
        page: Page[DelegationView] = yield from noun._page(
            "delegation.list",
            DelegationView.from_json,
            institution=session.institution,
            role=role,
            member=member,
            deputy=session.identity.common_name,
            state="active",
            bookmark=bookmark,
        )
        if page.items:
            return page.items[0].id
        if not page.bookmark:
            raise DocumentError(
                f"{member} has not named {session.identity.common_name} as deputy in {session.institution}/{role}",
                hint="medconsent committee delegations shows who has",
            )
        bookmark = page.bookmark
