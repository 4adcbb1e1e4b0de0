"""Decisions: may this person use this data so (`check`), and would such a request be permitted (`explain`).

Both are the contract's own function, asked at one's own institution's peer; nothing is decided here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from medconsent import times
from medconsent._internal.codec import Value
from medconsent.fabric.flow import Flow, operation
from medconsent.nouns.base import Noun
from medconsent.values.policies import Policy
from medconsent.values.purposes import Purpose, json_of

M = TypeVar("M")


@dataclass(frozen=True)
class Reason(Value):
    """One reason of a decision; `clause` names the part of the policy or grant that it comes from.

    `claimed` is the member of the purpose that only the requester vouches for, where it rests on one.
    """

    code: str
    message: str
    clause: str | None = None
    claimed: str | None = None


@dataclass(frozen=True)
class Evidence(Value):
    """A record that the decision was made from, in the state with this digest."""

    type: str
    id: str
    digest: str


@dataclass(frozen=True)
class StageOutlook(Value):
    """An approval that a request would need: `threshold` votes of a committee with `seated` members who could vote.

    `threshold` is what the `rule` comes to now, where the policy has one; `attests`: with an ethics board's approval.
    """

    institution: str
    role: str
    threshold: int
    seated: int
    step: int = 1
    rule: str | None = None
    attests: bool = False


@dataclass(frozen=True)
class Choice(Value):
    """What one alternative of the policy (`clause`: `use[0]`) says by itself."""

    clause: str
    decision: str
    reasons: tuple[Reason, ...] = ()
    claimed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision(Value):
    """`decision` is `permit`, `deny` or `review` (a person has to decide), with every reason.

    `at` is the moment it is made for (UTC); `grant` is the id of the grant that decided a `check`.
    `claimed` are the members of the purpose that only the requester vouches for and that the answer rests on: it is
    then a review. `alternatives` says what each of the policy's says by itself, and `automatic` whether such a request
    would be approved without votes (`explain`).
    """

    decision: str
    at: datetime
    reasons: tuple[Reason, ...] = ()
    obligations: tuple[str, ...] = ()
    evaluated: tuple[Evidence, ...] = ()
    grant: str | None = None
    stages: tuple[StageOutlook, ...] = ()
    claimed: tuple[str, ...] = ()
    alternatives: tuple[Choice, ...] = ()
    automatic: bool = False

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
                    purpose=json_of(purpose),
                    mode=mode,
                    at=times.format_time(at) if at else None,
                )
            )
        )

    @operation
    def explain(
        self,
        dataset: str | Policy,
        *,
        purpose: Purpose,
        mode: str,
        duration: timedelta | int | str | None = None,
        institution: str | None = None,
        researchers: Sequence[str] | None = None,
        version: int | None = None,
    ) -> Flow[Decision]:
        """What a dataset's policy, or one that is not set yet, says to such a request, and who would have to agree.

        `duration` in seconds or as `90d`. `institution` and `researchers` (enrolment ids there) default to oneself.
        """
        return Decision.from_json(
            (
                yield from self._ask(
                    "explain",
                    dataset=None if isinstance(dataset, Policy) else dataset,
                    policy=dataset.to_json() if isinstance(dataset, Policy) else None,
                    version=version,
                    institution=institution,
                    researchers=None if researchers is None else [*researchers],
                    purpose=json_of(purpose),
                    mode=mode,
                    duration_seconds=None if duration is None else times.seconds_of(duration),
                )
            )
        )
