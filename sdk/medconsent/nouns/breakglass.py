"""Break-glass: two people of a dataset's owner open it for a few hours without an approval, and a third justifies it.

It makes a grant like any other, in every list and trail, marked by its `breakglass`. While one that has ended
is not justified, the institution opens no other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from medconsent import times
from medconsent._internal.codec import Value
from medconsent.contract import states
from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.nouns.base import Noun, OnForged
from medconsent.values.grants import Grant
from medconsent.values.purposes import Mode, Purpose, json_of
from medconsent.values.records import Page, Person, Record, Written
from medconsent.values.requests import Roster

M = TypeVar("M")

BREAKGLASS_STATES = states("breakglass")
"""Where a break-glass can stand: `lapsed` was not confirmed in time, `unjustified` has ended and was not justified."""


@dataclass(frozen=True, kw_only=True)
class Breakglass(Record):
    """What was opened, or is to be: for the `people` (enrolment ids) of an institution, for at most 72 hours."""

    dataset: str
    version: int
    version_digest: str
    institution: str
    people: tuple[str, ...]
    purpose: Purpose
    mode: Mode
    duration_seconds: int
    reason: str
    proposed_by: Person
    roster: Roster | None = None
    confirmed_by: Person | None = None
    grant: str | None = None
    justification: str | None = None


@dataclass(frozen=True)
class BreakglassView(Value):
    """A break-glass and where it stands.

    Attributes:
        breakglass: The break-glass.
        state: One of `BREAKGLASS_STATES`.
        why: More about the state: of a proposal, what stands in the way of confirming it now.
        confirm_until: The moment (UTC) from which a proposal can no longer be confirmed.
    """

    breakglass: Breakglass
    state: str
    why: str | None = None
    confirm_until: datetime | None = None

    @property
    def id(self) -> str:
        """The id of the transaction that proposed it."""
        return self.breakglass.id


@dataclass(frozen=True)
class Opened(Value):
    """A confirmed break-glass and the grant that it made."""

    breakglass: Breakglass
    grant: Grant


class Emergencies(Noun[M]):
    """Open one's own institution's data in an emergency."""

    @operation
    def get(self, breakglass: str) -> Flow[BreakglassView]:
        """One break-glass, by its id or a unique prefix of it.

        Raises:
            NotFound: There is none.
            Ambiguous: The prefix fits several.
        """
        return BreakglassView.from_json((yield from self._ask("breakglass.get", breakglass=breakglass)))

    @operation
    def propose(
        self,
        dataset: str,
        *,
        institution: str,
        people: Sequence[str],
        purpose: Purpose,
        mode: Mode,
        duration: timedelta | int | str,
        reason: str,
        version: int | None = None,
    ) -> Flow[Written[Breakglass]]:
        """Propose to open one's own dataset to people of an institution; needs the role `privacy` and a seat.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`.
            institution: The institution of those who get it (MSP id).
            people: Their enrolment ids there, 1 to 50.
            purpose: What for.
            mode: How the data is to be used.
            duration: For how long, at most 72 hours: seconds, a `timedelta` or as `12h`.
            reason: Why, in up to 500 characters; public.
            version: The version of the dataset; None: the latest.

        Raises:
            Unjustified: Another is not justified yet.
            LimitExceeded: Somebody would have the data for more than 72 hours within thirty days.
        """
        argument: dict[str, Any] = {
            "dataset": dataset,
            "version": version,
            "institution": institution,
            "people": [*people],
            "purpose": json_of(purpose),
            "mode": mode,
            "duration_seconds": times.seconds_of(duration),
            "reason": reason,
        }
        return (yield from self._change("breakglass.propose", argument, Breakglass.from_json))

    @operation
    def confirm(self, breakglass: str, *, shown: BreakglassView | None = None) -> Flow[Written[Opened]]:
        """Open what somebody else of one's institution proposed; needs the role `steward`, `dac` or `privacy`.

        Args:
            breakglass: Its id, or a unique prefix of it.
            shown: The proposal as it was read before; None: it is read now.

        Raises:
            Expired: The proposal is a day old.
        """
        view = shown or (yield from Emergencies.get.flow(self, breakglass))
        argument: dict[str, Any] = {"breakglass": view.id, "digest": view.breakglass.digest}
        return (yield from self._change("breakglass.confirm", argument, Opened.from_json))

    @operation
    def justify(self, breakglass: str, justification: str) -> Flow[Written[Breakglass]]:
        """Say publicly why it had to be; needs the role `privacy`.

        Args:
            breakglass: Its id, or a unique prefix of it.
            justification: One line of up to 2,000 characters.

        Raises:
            Conflict: It has not ended.
            OwnRequest: One proposed or confirmed it, or got the data.
        """
        argument: dict[str, Any] = {"breakglass": breakglass, "justification": justification}
        return (yield from self._change("breakglass.justify", argument, Breakglass.from_json))

    @operation
    def list(
        self,
        *,
        owner: str | None = None,
        state: str | None = None,
        waiting: bool = False,
        page_size: int | None = None,
        bookmark: str | None = None,
    ) -> Flow[Page[BreakglassView]]:
        """One page of the emergencies, newest first.

        Args:
            owner: Of whose datasets (MSP id); None: of all.
            state: One state: `proposed`, `lapsed`, `open`, `unjustified` or `justified`; None: all.
            waiting: Only what waits for oneself, by the roles of one's certificate: proposals that one could confirm,
                and what was opened and is one's to justify.
            page_size: How many at most, 1 to 100; None: 25.
            bookmark: The `bookmark` of the page before; None: the first page.
        """
        return (
            yield from self._page(
                "breakglass.list",
                BreakglassView.from_json,
                owner=owner,
                state=state,
                waiting=waiting or None,
                page_size=page_size,
                bookmark=bookmark,
            )
        )

    @stream
    def iterate(
        self,
        *,
        owner: str | None = None,
        state: str | None = None,
        waiting: bool = False,
        on_forged: OnForged | None = None,
    ) -> StreamFlow[BreakglassView]:
        """Every emergency, newest first.

        Args:
            owner: Of whose datasets (MSP id); None: of all.
            state: One state, as in `list`; None: all.
            waiting: Only what waits for oneself, as in `list`.
            on_forged: Called with each forged record that is passed over; None: these are passed over in silence.
        """
        return self._items(
            "breakglass.list",
            BreakglassView.from_json,
            on_forged,
            owner=owner,
            state=state,
            waiting=waiting or None,
        )
