"""What an institution has to see to: gathered from the ledger, and told once a day.

`gather` asks the ledger, `due` picks (purely) what is to be told now, `Digest` is what is sent
(`medconsent.services.remind.channels`) and `Sent` remembers what was (`medconsent.services.remind.sent`). A digest
has ids, names of datasets and committees, states and times: no free text of anybody's, and nobody's name or enrolment
id.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from medconsent import times
from medconsent._internal.codec import Value
from medconsent.client import Client
from medconsent.nouns.breakglass import BreakglassView
from medconsent.values.grants import GrantView
from medconsent.values.requests import VOTING_ROLES, RequestView

AGAIN_AFTER = timedelta(days=1)
"""Each thing is told at most once in so long."""

_KINDS = {
    "vote": "waits for a vote of {committee} since {since}, to be decided by {until}",
    "amend": "was returned for changes at {since}, to be decided by {until}",
    "ending": "ends at {until}",
    "confirm": "proposed at {since}, waits for a second person until {until}",
    "justify": "opened at {since}, is not justified",
}


@dataclass(frozen=True)
class Facts:
    """What the ledger says that an institution may have to be reminded of."""

    institution: str
    waiting: Mapping[str, Sequence[RequestView]]  # by role of the institution's committees
    returned: Sequence[RequestView]
    grants: Sequence[GrantView]  # active, on the institution's data or held by its people
    unjustified: Sequence[BreakglassView]
    proposed: Sequence[BreakglassView]


@dataclass(frozen=True, kw_only=True)
class Reminder(Value):
    """One thing to see to.

    Attributes:
        kind: `vote` (a request waits for a committee), `amend` (a request of the institution was returned), `ending` (a
            grant ends soon), `confirm` (a break-glass waits for a second person) or `justify` (one is not justified).
        id: The request's, grant's or break-glass's id.
        dataset: The dataset.
        committee: The committee that is waited for.
        since: Since when it waits (UTC).
        until: When it ends (UTC).
    """

    kind: str
    id: str
    dataset: str
    committee: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def key(self) -> str:
        """What makes it the same thing the next time."""
        return f"{self.kind}/{self.committee or ''}/{self.id}"

    def __str__(self) -> str:
        said = _KINDS[self.kind].format(
            committee=self.committee,
            since=times.format_time(self.since) if self.since else "",
            until=times.format_time(self.until) if self.until else "",
        )
        return f"{_OF.get(self.kind, 'request')} {self.id[:12]} for {self.dataset} {said}"


_OF = {"ending": "grant", "confirm": "break-glass", "justify": "break-glass"}


@dataclass(frozen=True)
class Digest(Value):
    """Everything that an institution is told of at one moment."""

    institution: str
    at: datetime
    reminders: tuple[Reminder, ...]

    @property
    def title(self) -> str:
        """One line: how many things."""
        count = len(self.reminders)
        return f"medconsent: {count} thing{'' if count == 1 else 's'} to see to at {self.institution}"

    def lines(self) -> list[str]:
        """A line for each."""
        return [str(reminder) for reminder in self.reminders]


def gather(client: Client) -> Facts:
    """Ask the ledger, at one's own institution's peer.

    Raises:
        Unreachable: One's own institution's peer does not answer.
        Refused: The contract refuses.
    """
    own = client.institution
    grants = {view.id: view for view in client.grants.iterate(state="active", owner=own)}
    grants |= {view.id: view for view in client.grants.iterate(state="active", holder=own)}
    return Facts(
        institution=own,
        waiting={role: tuple(client.requests.iterate(waiting_for=f"{own}/{role}")) for role in VOTING_ROLES},
        # A list has no votes, and so not when a request was returned.
        returned=tuple(
            client.requests.get(view.id) for view in client.requests.iterate(requester=own, state="returned")
        ),
        grants=tuple(grants.values()),
        unjustified=tuple(
            view for state in ("open", "unjustified") for view in client.breakglass.iterate(owner=own, state=state)
        ),
        proposed=tuple(client.breakglass.iterate(owner=own, state="proposed")),
    )


def due(facts: Facts, now: datetime, *, older_than: timedelta, ending_within: timedelta) -> tuple[Reminder, ...]:
    """What is to be seen to now, the most pressing first.

    Args:
        facts: What was gathered.
        now: The moment (UTC).
        older_than: Of votes and amendments, what is waited for longer.
        ending_within: Of grants, what ends by then. Every break-glass that waits for a second person or is not
            justified is told at once.
    """
    found = [
        *_confirmations(facts.proposed),
        *_justifications(facts.unjustified),
        *(it for role, views in facts.waiting.items() for it in _votes(f"{facts.institution}/{role}", views)),
        *map(_amendment, facts.returned),
    ]
    waited = [it for it in found if it.kind in _AT_ONCE or it.since is None or it.since + older_than <= now]
    ending = [
        Reminder(kind="ending", id=view.id, dataset=view.grant.dataset, until=view.grant.until)
        for view in facts.grants
        if view.grant.until <= now + ending_within and not view.grant.breakglass
    ]
    return (*waited, *sorted(ending, key=lambda it: it.until or now))


_AT_ONCE = {"confirm", "justify"}


def _confirmations(views: Iterable[BreakglassView]) -> list[Reminder]:
    """The one that lapses first before the others; the contract lists the newest first."""
    return [
        Reminder(
            kind="confirm",
            id=view.id,
            dataset=view.breakglass.dataset,
            since=view.breakglass.created_at,
            until=view.confirm_until,
        )
        for view in reversed([*views])
    ]


def _justifications(views: Iterable[BreakglassView]) -> list[Reminder]:
    return [
        Reminder(kind="justify", id=view.id, dataset=view.breakglass.dataset, since=view.breakglass.changes[-1].at)
        for view in views
    ]


def _votes(committee: str, views: Iterable[RequestView]) -> list[Reminder]:
    """The requests that a committee's stage is open for; the contract lists them by deadline."""
    found = []
    for view in views:
        for stage in view.open_stages():
            if stage.committee == committee:
                since = stage.since or view.request.updated_at
                found.append(_of(view, kind="vote", committee=committee, since=since))
    return found


def _amendment(view: RequestView) -> Reminder:
    return _of(view, kind="amend", since=view.returned_at or view.request.updated_at)


def _of(view: RequestView, *, kind: str, since: datetime | None, committee: str | None = None) -> Reminder:
    request = view.request
    return Reminder(
        kind=kind, id=view.id, dataset=request.dataset, committee=committee, since=since, until=request.review_until
    )
