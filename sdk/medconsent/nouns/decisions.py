"""Decisions: may this person use this data so (`check`), and would such a request be permitted (`explain`).

Both are the contract's own function, asked at one's own institution's peer; nothing is decided here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from medconsent import times
from medconsent._internal.codec import Value
from medconsent.fabric.flow import Flow, operation
from medconsent.nouns.base import Noun
from medconsent.values.purposes import Mode, Purpose, json_of

if TYPE_CHECKING:
    from medconsent.values.policies import Policy

M = TypeVar("M")


@dataclass(frozen=True)
class Reason(Value):
    """One reason of a decision.

    Attributes:
        code: Its stable code (docs/errors.md).
        message: The contract's sentence.
        clause: The part of the policy or grant that it comes from.
        claimed: The member of the purpose that only the requester vouches for, where it rests on one.
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
    """An approval that a request would need.

    Attributes:
        institution: Whose committee.
        role: The role that sits on it.
        threshold: How many approvals: what the `rule` comes to now, where the policy has one.
        seated: How many members could vote.
        step: The stage's step, from 1.
        rule: The policy's rule, where it has one.
        attests: Whether with an ethics board's approval.
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
    """What the contract answers, with every reason.

    Attributes:
        decision: `permit`, `deny` or `review` (a person has to decide).
        at: The moment that it is made for (UTC).
        reasons: All reasons.
        obligations: What a holder undertakes, as codes of the contract.
        evaluated: The records that it was made from.
        grant: The id of the grant that decided a `check`.
        stages: The approvals that a request would need (`explain`).
        claimed: Members of the purpose that only the requester vouches for and that the answer rests on: it is then a
            review.
        alternatives: What each of the policy's alternatives says by itself.
        automatic: Whether such a request would be approved without votes (`explain`).
        as_of: The moment of which the ledger that it rests on is known to be (UTC); None: not known.
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
    as_of: datetime | None = None

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
        mode: Mode,
        version: int | None = None,
        at: datetime | None = None,
    ) -> Flow[Decision]:
        """Whether a person holds a grant for that.

        Args:
            dataset: The dataset.
            for_: The person, as `nuri/kim`.
            purpose: What for.
            mode: How the data is used.
            version: The version of the dataset; None: the latest.
            at: Another moment than now (UTC).
        """
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
        dataset: "str | Policy",
        *,
        purpose: Purpose,
        mode: Mode,
        duration: timedelta | int | str | None = None,
        institution: str | None = None,
        researchers: Sequence[str] | None = None,
        version: int | None = None,
    ) -> Flow[Decision]:
        """What a dataset's policy, or one that is not set yet, says to such a request, and who would have to agree.

        Args:
            dataset: The dataset, or a policy that is not set yet.
            purpose: What for.
            mode: How the data is to be used.
            duration: For how long: seconds, a `timedelta` or as `90d`.
            institution: Who would ask; None: one's own institution.
            researchers: Enrolment ids there; None: oneself.
            version: The version of the dataset; None: the latest.
        """
        return Decision.from_json(
            (
                yield from self._ask(
                    "explain",
                    dataset=dataset if isinstance(dataset, str) else None,
                    policy=None if isinstance(dataset, str) else dataset.to_json(),
                    version=version,
                    institution=institution,
                    researchers=None if researchers is None else [*researchers],
                    purpose=json_of(purpose),
                    mode=mode,
                    duration_seconds=None if duration is None else times.seconds_of(duration),
                )
            )
        )
