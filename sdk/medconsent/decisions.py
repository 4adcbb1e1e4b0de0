"""Decisions: may this person use this data so (`check`), and would such a request be permitted (`explain`).

Both are the contract's own function, asked at one's own institution's peer; nothing is decided here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from medconsent import times
from medconsent._codec import Value
from medconsent._noun import Noun
from medconsent.fabric.flow import Flow, operation
from medconsent.purposes import Purpose

M = TypeVar("M")


@dataclass(frozen=True)
class Reason(Value):
    """One reason of a decision; `clause` names the part of the policy or grant that it comes from."""

    code: str
    message: str
    clause: str | None = None


@dataclass(frozen=True)
class Evidence(Value):
    """A record that the decision was made from, in the state with this digest."""

    type: str
    id: str
    digest: str


@dataclass(frozen=True)
class StageOutlook(Value):
    """An approval that a request would need: `threshold` votes of a committee with `seated` members who could vote."""

    institution: str
    role: str
    threshold: int
    seated: int


@dataclass(frozen=True)
class Decision(Value):
    """`decision` is `permit`, `deny` or `review` (a person has to decide), with every reason.

    `at` is the moment it is made for (UTC); `grant` is the id of the grant that decided a `check`.
    """

    decision: str
    at: datetime
    reasons: tuple[Reason, ...] = ()
    obligations: tuple[str, ...] = ()
    evaluated: tuple[Evidence, ...] = ()
    grant: str | None = None
    stages: tuple[StageOutlook, ...] = ()

    @property
    def permitted(self) -> bool:
        """Whether it is a permit: neither a deny nor something that a person still has to decide."""
        return self.decision == "permit"


class Decisions(Noun[M]):
    """Ask the contract for a decision; nothing is written."""

    @operation
    def check(
        self,
        dataset: str,
        *,
        for_: str,
        purpose: Purpose,
        mode: str,
        version: int | None = None,
        at: datetime | None = None,
    ) -> Flow[Decision]:
        """Whether the person `for_` (`nuri/kim`) holds a grant for that; `at` asks about another moment than now."""
        return Decision.from_json(
            (
                yield from self._ask(
                    "check",
                    dataset=dataset,
                    version=version,
                    for_=for_,
                    purpose=purpose.to_json(),
                    mode=mode,
                    at=times.format_time(at) if at else None,
                )
            )
        )

    @operation
    def explain(
        self,
        dataset: str,
        *,
        purpose: Purpose,
        mode: str,
        duration: timedelta | int | str | None = None,
        institution: str | None = None,
        version: int | None = None,
    ) -> Flow[Decision]:
        """What the policy says to such a request, and who would have to agree; `duration` in seconds or as `90d`."""
        return Decision.from_json(
            (
                yield from self._ask(
                    "explain",
                    dataset=dataset,
                    version=version,
                    institution=institution,
                    purpose=purpose.to_json(),
                    mode=mode,
                    duration_seconds=None if duration is None else times.seconds_of(duration),
                )
            )
        )
