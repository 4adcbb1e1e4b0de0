"""A line of somebody's inbox: what waits for them, what it is about, since when, and until when."""

from dataclasses import dataclass
from typing import Any

from medconsent.desk.facts import moment
from medconsent.desk.people import People
from medconsent.nouns.inbox import Waiting


@dataclass(frozen=True)
class InboxLine:
    """One thing that waits.

    Attributes:
        what: The deed: `confirm`, `justify`, `vote`, `amend`, `accept` or `answer`.
        where: In which committee, and for whom as a deputy: `in hanbit/dac for lee`; empty for the other deeds.
        emergency: Whether it is break-glass, which goes before everything else.
        id: The id of the break-glass, proposal, request, grant or invitation.
        dataset: The dataset, with its version where one is meant: `hanbit/bc@2`; of a proposal, what it is to do.
        by: Who asks, or gave it.
        about: The purpose, the reason or the question.
        since: Since when it waits, as the contract spells times.
        until: Until when it can be done; empty when no time is set.
        refused: Whether the contract would refuse it now (a break-glass that cannot be confirmed).
    """

    what: str
    where: str
    emergency: bool
    id: str
    dataset: str
    by: str
    about: str
    since: str
    until: str
    refused: bool = False


def line(waiting: Waiting, people: People) -> InboxLine:
    """What waits, as a person reads it.

    Args:
        waiting: One thing that waits, as the inbox gave it.
        people: Names for enrolment ids.
    """
    common: dict[str, Any] = {
        "what": waiting.what,
        "where": _where(waiting, people),
        "emergency": waiting.breakglass is not None,
        "since": moment(waiting.since),
    }
    if waiting.request is not None:
        asked = waiting.request.request
        return InboxLine(
            **common,
            id=asked.id,
            dataset=f"{asked.dataset}@{asked.version}",
            by=people.person(asked.requester),
            about=str(asked.purpose),
            until=moment(asked.review_until),
        )
    if waiting.grant is not None:
        given = waiting.grant.grant
        return InboxLine(
            **common,
            id=given.id,
            dataset=f"{given.dataset}@{given.version}",
            by=given.owner,
            about=str(given.purpose),
            until=moment(given.until),
        )
    if waiting.breakglass is not None:
        glass = waiting.breakglass.breakglass
        return InboxLine(
            **common,
            id=glass.id,
            dataset=f"{glass.dataset}@{glass.version}",
            by=people.person(glass.proposed_by),
            about=glass.reason,
            until=moment(waiting.breakglass.confirm_until),
            refused=waiting.what == "confirm" and bool(waiting.breakglass.why),
        )
    if waiting.invitation is not None:
        question = waiting.invitation.invitation
        return InboxLine(
            **common,
            id=question.id,
            dataset=question.dataset,
            by=people.person(question.inviter),
            about=question.question,
            until=moment(question.until),
        )
    if waiting.proposal is not None:
        proposal = waiting.proposal.proposal
        return InboxLine(
            **common,
            id=proposal.id,
            dataset=proposal.function,
            by=people.person(proposal.proposed_by),
            about="; ".join(proposal.widens),
            until=moment(waiting.proposal.confirm_until),
            refused=bool(waiting.proposal.why),
        )
    raise ValueError("what waits is about a break-glass, a proposal, a request, a grant or an invitation")


def _where(waiting: Waiting, people: People) -> str:
    if not waiting.committee:
        return ""
    institution = waiting.committee.partition("/")[0]
    deputy = f" for {people.members(institution, waiting.members)}" if waiting.members else ""
    return f"in {waiting.committee}{deputy}"
