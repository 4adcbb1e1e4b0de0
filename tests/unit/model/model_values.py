"""What the observer speaks of: uses and what permits them, policies, requests and what is said about them, grants."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Purpose = Mapping[str, Any]
Uses = Sequence[Mapping[str, Any]]

PERMIT, REVIEW, DENY = "permit", "review", "deny"
ANSWERS = (PERMIT, REVIEW, DENY)
DAY = 86_400
EXCLUSION_PERIOD = 14 * DAY
KINDS = ["general-research", "health-research", "disease"]


def worst(answers: Iterable[str]) -> str:
    return max(answers, key=ANSWERS.index, default=PERMIT)


def best(answers: Iterable[str]) -> str:
    return min(answers, key=ANSWERS.index, default=DENY)


def lies_under(code: str, allowed: str) -> str:
    """Whether a disease lies under another; of another system, that is for a person to judge."""
    if code.partition(":")[0] != allowed.partition(":")[0]:
        return REVIEW
    return PERMIT if code.replace(".", "").startswith(allowed.replace(".", "")) else DENY


def within(asked: Purpose, allowed: Purpose) -> str:
    """Whether a use is the allowed one or part of it."""
    if KINDS.index(asked["kind"]) < KINDS.index(allowed["kind"]):
        return DENY
    if allowed["kind"] != "disease":
        return PERMIT
    return worst(best(lies_under(code, other) for other in allowed["diseases"]) for code in asked["diseases"])


def covers(uses: Uses, purpose: Purpose) -> str:
    """What the alternatives that a policy or people permit say of a purpose."""
    means = {"GRU": {"kind": "general-research"}, "HMB": {"kind": "health-research"}}
    return best(
        within(purpose, means.get(use["permission"]) or {"kind": "disease", "diseases": use.get("diseases", [])})
        for use in uses
    )


@dataclass(frozen=True)
class Use:
    """What `check` is asked about: by whom, of which version, what for, how and when."""

    person: str
    version: int
    purpose: Purpose
    mode: str
    at: int


@dataclass
class Policy:
    number: int
    digest: str
    body: Mapping[str, Any]
    existing: bool

    def says(self, institution: str, purpose: Purpose, mode: str, seconds: int) -> str:
        body = self.body
        fits = (
            mode in body["modes"]
            and (not body["recipients"] or institution in body["recipients"])
            and seconds <= body["max_duration_seconds"]
        )
        return covers(body["use"], purpose) if fits else DENY

    @property
    def automatic(self) -> bool:
        return bool(self.body.get("automatic"))

    @property
    def k(self) -> int:
        """What it asks of every table; nothing is asked at 0."""
        return int(self.body.get("deidentification", {}).get("tables", {}).get("k", 0))

    @property
    def exclusion_period(self) -> int:
        return int(self.body.get("exclusion_period_seconds", EXCLUSION_PERIOD))

    def stages(self, requester: str) -> dict[str, Mapping[str, Any]]:
        """The stages by the committees that they ask."""
        return {f"{stage.get('institution', requester)}/{stage['role']}": stage for stage in self.body["stages"]}

    def vetoes(self) -> set[str]:
        return {f"{veto['institution']}/{veto['role']}" for veto in self.body.get("vetoes", [])}


@dataclass
class Text:
    """What a request asks for; an amendment makes another one."""

    digest: str
    purpose: Purpose
    mode: str
    seconds: int
    people: frozenset[str]
    fits: bool = True
    """Whether the grant that it renews or joins is one that it can renew or join, as of when it was stated."""


@dataclass
class Word:
    """A vote on a text. `person` is the member whose word it is, `deputy` who gave it for them, and `keys` are by whom
    of those who have keys both are.
    """

    person: str
    committee: str
    vote: str
    digest: str
    deputy: str = ""
    keys: frozenset[str] = frozenset()

    def by(self, person: str) -> bool:
        return person in {self.person, self.deputy}


@dataclass
class Delegation:
    committee: str
    member: str
    deputy: str
    since: int
    until: int
    ended: bool = False


@dataclass
class Request:
    id: str
    requester: str
    version: int
    policy: Policy
    text: Text
    until: int
    renews: "Grant | None" = None
    joins: "Grant | None" = None
    words: list[Word] = field(default_factory=list)
    state: str = "open"
    keys: set[str] = field(default_factory=set)
    """Whose keys it was asked for by."""

    @property
    def institution(self) -> str:
        return self.requester.partition("/")[0]

    @property
    def asking(self) -> set[str]:
        return {self.requester} | {f"{self.institution}/{id}" for id in self.text.people}


@dataclass
class Grant:
    """What an approval made, or two people who broke the glass (`request` is None then)."""

    id: str
    institution: str
    version: int
    text: Text
    since: int
    until: int
    request: Request | None = None
    judged: Mapping[str, Uses] | None = None
    """What the data rested on permitted, as it lay before those who approved; None where nobody was asked."""
    ended: int | None = None
    """When it was revoked or given up."""
    suspended: bool = False
    left: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)

    @property
    def holders(self) -> set[str]:
        return {f"{self.institution}/{id}" for id in self.text.people}

    @property
    def joins(self) -> "Grant | None":
        return self.request.joins if self.request else None
