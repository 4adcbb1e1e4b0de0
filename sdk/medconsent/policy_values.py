"""A policy as a value: the same members as in docs/contract.md. What each term means: docs/use-conditions.md."""

from dataclasses import dataclass
from typing import Any

from medconsent._codec import Value, encode_members

_EMPTY: tuple[object, ...] = (None, "", 0, False, [], ())


def _given(value: Value) -> dict[str, Any]:
    """The members that say something: the contract takes what is left out as nothing."""
    return {name: member for name, member in encode_members(value).items() if member not in _EMPTY}


@dataclass(frozen=True)
class Modifier(Value):
    """A limit or a duty of GA4GH DUO: its `term` (`NCU`, `GS`, `PUB` ...) and the one parameter that it takes.

    `months` counts 30.5 days each; countries are ISO 3166-1 alpha-2, persons `nuri/kim`.
    """

    term: str
    countries: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    months: int = 0
    text: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the contract has it: with the parameter that is given."""
        return _given(self)


@dataclass(frozen=True)
class Alternative(Value):
    """One alternative of the use conditions: a GA4GH DUO permission (`NRES`, `GRU`, `HMB`, `DS`, `POA`) with its
    limits and duties; diseases with DS only. `clinical_care` adds clinical care (CC).
    """

    permission: str
    diseases: tuple[str, ...] = ()
    limits: tuple[Modifier, ...] = ()
    duties: tuple[Modifier, ...] = ()
    clinical_care: bool = False

    def to_json(self) -> dict[str, Any]:
        """As the contract has it: without what is empty."""
        return {"permission": self.permission} | _given(self)


@dataclass(frozen=True)
class Stage(Value):
    """An approval that is needed: `threshold` votes of `<institution>/<role>`."""

    institution: str
    role: str
    threshold: int = 1


@dataclass(frozen=True)
class Terms(Value):
    """What every requester has to accept: where it stands, and the SHA-256 (lower-case hex) of its bytes."""

    url: str
    sha256: str


@dataclass(frozen=True)
class Attachment(Value):
    """A document that goes with the policy, bound by the SHA-256 (lower-case hex) of its bytes."""

    title: str
    url: str
    sha256: str


@dataclass(frozen=True)
class Policy(Value):
    """What may be done with a dataset.

    `use` are alternatives, of which one must permit the purpose; all `stages` must be met; `recipients` are the
    institutions that may ask, and none means any. Durations are in seconds. `training_counts_as_methods`: whether the
    training of a model is methods development, which NMDS excludes.
    """

    use: tuple[Alternative, ...]
    stages: tuple[Stage, ...]
    modes: tuple[str, ...]
    max_duration_seconds: int
    review_period_seconds: int
    recipients: tuple[str, ...] = ()
    own_institution_votes: bool = False
    training_counts_as_methods: bool = True
    terms: Terms | None = None
    attachments: tuple[Attachment, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As the contract has it: without the optional members that say nothing."""
        members = encode_members(self)
        if self.training_counts_as_methods:
            del members["training_counts_as_methods"]
        if not self.attachments:
            del members["attachments"]
        return members
