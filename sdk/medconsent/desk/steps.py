"""Who has to do what now, with the command: the line `next:` after a change."""

from dataclasses import dataclass

from medconsent._internal.words import counted
from medconsent.desk.people import People
from medconsent.values.requests import RequestView, StageProgress

_SHORT = 12  # characters of an id


@dataclass(frozen=True)
class Step:
    """One thing to do.

    Attributes:
        who: Who can: `a privacy officer of hanbit`.
        does: What: `says what the data rests on`.
        command: The command, without `medconsent`; empty where there is none.
    """

    who: str
    does: str
    command: str = ""

    def __str__(self) -> str:
        return f"{self.who} {self.does}" + (f": medconsent {self.command}" if self.command else "")


def of_request(view: RequestView, people: People) -> Step | None:
    """What a request waits for.

    Args:
        view: The request, as `requests.get` gave it.
        people: Names for enrolment ids.

    Returns:
        None when it is decided and has no grant.
    """
    short = view.id[:_SHORT]
    asked = view.request
    if view.grant is not None:
        held = people.people(view.grant.institution, view.grant.grantees)
        return Step(held, "may have the data now; where it is and whom to ask", f"grant show {view.grant.id[:_SHORT]}")
    if view.state == "returned":
        return Step(people.person(asked.requester), "amends it", f"request amend {short}")
    stages = view.open_stages()
    if not stages:
        return None
    for stage in view.waits_for:
        if not stage.can_be_met:
            return Step(
                f"a steward of {stage.institution}",
                f"seats others, for {stage.committee} can no longer meet it",
                f"committee add {stage.role} ID",
            )
    return Step(" and ".join(_of(stage, people) for stage in stages), "vote", f"request approve {short}")


def _of(stage: StageProgress, people: People) -> str:
    return f"{stage.missing} of {stage.committee} ({people.members(stage.institution, stage.waits_for)})"


def of_withdrawal(cohort: str, epoch: int, versions: tuple[str, ...], withdrawn: str) -> Step | None:
    """What an epoch asks of those whose versions rest on the cohort; None when nobody has withdrawn.

    Args:
        cohort: The cohort, as `hanbit/brain-mri`.
        epoch: The epoch's number.
        versions: The versions that rest on the cohort, as `hanbit/brain-mri@2`.
        withdrawn: How many withdrew, as a band; `none` asks nothing of anybody.
    """
    if withdrawn == "none" or not versions:
        return None
    first, *others = versions
    more = f" (and {counted(len(others), 'other version')})" if others else ""
    return Step(
        f"a steward or privacy officer of {cohort.partition('/')[0]}",
        f"attests that the withdrawn are left out{more}",
        f"consent exclude {cohort} {first} --epoch {epoch} --list FILE",
    )
